"""Every outcome of a call, twice, by the neighbour, and killed between any two steps."""

from datetime import timedelta
from typing import Any

import pytest
from django_scopes import scope

from accounts.models import Tenant
from messaging import selectors
from messaging.drafting import Audience, Draft
from messaging.enums import BatchState, DispatchState
from messaging.models import AligoAccount, Attempt, Batch, Dispatch, Message, Sender
from messaging.services import claiming, compose, deliver, optouts, prepare, upkeep
from tests import factories
from tests.messaging import driving
from ui import times

TEXT = "#{이름}님, 내일 쉬어요."


def submit(tenant: Tenant, count: int = 3, **fields: Any) -> Dispatch:
    """A prepared dispatch to `count` pasted numbers."""
    phones = [(f"0102222{n:04d}", f"회원{n}") for n in range(100, 100 + count)]
    draft = Draft(to=Audience(phones=phones), **{"text": TEXT} | fields)
    dispatch = compose.submit(tenant=tenant, by=None, draft=draft)
    prepare.prepare(tenant=tenant, dispatch_id=dispatch.pk)
    dispatch.refresh_from_db()
    return dispatch


def send(tenant: Tenant) -> int:
    """Send while there is something to send; how many batches were handled."""
    handled = 0
    while deliver.send_next(tenant=tenant, small=True) or deliver.send_next(tenant=tenant, small=False):
        handled += 1
    return handled


def one_batch(dispatch: Dispatch) -> Batch:
    return Batch.objects.get(dispatch=dispatch)


def adds_up(dispatch: Dispatch) -> dict[str, int]:
    dispatch.refresh_from_db()
    counts = selectors.counts(dispatch)
    assert sum(v for k, v in counts.items() if k not in ("total", "excluded")) == counts["total"]
    return {name: count for name, count in counts.items() if count and name not in ("total", "excluded")}


def test_send_next_accepted(shop: Tenant, aligo: Any) -> None:
    dispatch = submit(shop)

    send(shop)

    batch = one_batch(dispatch)
    assert (batch.state, batch.account, bool(batch.provider_id)) == (BatchState.ACCEPTED, "shop", True)
    assert Attempt.objects.get(batch=batch).outcome == "accepted"
    assert adds_up(dispatch) == {"accepted": 3}
    assert Message.objects.filter(dispatch=dispatch, state="").count() == 3


def test_send_next_confirms_the_sender(shop: Tenant, aligo: Any) -> None:
    submit(shop)
    number = Sender.objects.get(tenant=shop, is_default=True)
    Sender.objects.filter(pk=number.pk).update(refused_at=times.now())

    send(shop)

    number.refresh_from_db()
    assert number.confirmed_at is not None and number.refused_at is None


def test_send_next_twice_sends_once(shop: Tenant, aligo: Any) -> None:
    submit(shop)

    assert send(shop) == 1
    assert send(shop) == 0

    assert aligo.summary("shop")["messages"] == 3


def test_send_next_of_the_neighbour_sends_nothing_of_ours(shop: Tenant, neighbour: Tenant, aligo: Any) -> None:
    dispatch = submit(shop)

    with scope(tenant=neighbour):
        factories.make_account(neighbour, "shop2")
        assert send(neighbour) == 0

    assert one_batch(dispatch).state == BatchState.QUEUED
    assert aligo.summary()["messages"] == 0


def test_send_next_refused_connection_queues_again(shop: Tenant, aligo: Any, settings: Any) -> None:
    settings.ALIGO_BASE_URL = "http://127.0.0.1:9"
    dispatch = submit(shop)

    deliver.send_next(tenant=shop, small=True)

    batch = one_batch(dispatch)
    assert (batch.state, batch.attempts, adds_up(dispatch)) == (BatchState.QUEUED, 1, {"queued": 3})
    settings.ALIGO_BASE_URL = aligo.url
    send(shop)
    assert adds_up(dispatch) == {"accepted": 3}


def test_send_next_gives_a_stalled_aligo_no_more_batches_to_lose(shop: Tenant, aligo: Any) -> None:
    first, second, third = submit(shop, 1), submit(shop, 2), submit(shop, 3)
    aligo.fault("slow", seconds=1.5, times=2)
    aligo.fault("slow", seconds=1.5, endpoint="remain")

    send(shop)
    driving.calm(shop)
    send(shop)

    assert (adds_up(first), adds_up(second), adds_up(third)) == ({"unknown": 1}, {"unknown": 2}, {"queued": 3})
    driving.calm(shop)
    send(shop)
    assert adds_up(third) == {"accepted": 3}


def test_send_next_leaves_a_dead_aligo_alone_for_a_while(shop: Tenant, aligo: Any, settings: Any) -> None:
    settings.ALIGO_BASE_URL = "http://127.0.0.1:9"
    submit(shop)
    assert send(shop) == 2

    account = AligoAccount.objects.get()

    assert account.quiet_until > times.now()
    assert not deliver.is_waiting(shop, small=True)
    settings.ALIGO_BASE_URL = aligo.url
    driving.calm(shop)
    send(shop)
    account.refresh_from_db()
    assert account.troubles == 0


@pytest.mark.parametrize(
    "fault", ["drop", "reset", "html", "empty", "truncated", "bad_gateway", "no_msg_id", "zero_success"]
)
def test_send_next_lost_answer_is_unknown_and_not_sent_again(shop: Tenant, aligo: Any, fault: str) -> None:
    aligo.fault(fault)
    dispatch = submit(shop)

    send(shop)
    upkeep.upkeep()
    driving.calm(shop)
    send(shop)

    assert adds_up(dispatch) == {"unknown": 3}
    assert aligo.summary("shop")["messages"] == 3


def test_send_next_slow_answer_is_unknown(shop: Tenant, aligo: Any) -> None:
    aligo.fault("slow", seconds=1.5)
    dispatch = submit(shop)

    send(shop)

    assert adds_up(dispatch) == {"unknown": 3}


def test_send_next_content_refused_is_final(shop: Tenant, aligo: Any) -> None:
    aligo.fault("code", code=-999, word="내용 오류")
    dispatch = submit(shop)

    send(shop)

    dispatch.refresh_from_db()
    assert (dispatch.state, adds_up(dispatch)) == (DispatchState.FINISHED, {"rejected": 3})
    shown = {(m.effective_state, m.effective_reason) for m in selectors.messages(dispatch, "rejected")}
    assert shown == {("rejected", "rejected")}


@pytest.mark.parametrize(
    ("fault", "reason"), [("balance_out", "balance"), ("ip_removed", "ip"), ("unusable", "unusable")]
)
def test_send_next_account_refused_holds_all_and_goes_on_after_a_probe(
    shop: Tenant, aligo: Any, fault: str, reason: str
) -> None:
    first, second = submit(shop), submit(shop, count=2)
    aligo.fault(fault)

    assert send(shop) == 1

    for dispatch in (first, second):
        dispatch.refresh_from_db()
        assert (dispatch.state, dispatch.held_reason) == (DispatchState.HELD, reason)
    assert adds_up(first) == {"queued": 3}
    assert driving.look_again(shop) is True
    driving.run_pipeline(shop)
    assert aligo.summary("shop")["messages"] == 5


def test_probe_keeps_an_empty_account_held(shop: Tenant, aligo: Any) -> None:
    aligo.account("shop", "k" * 32, balance_won=10)
    dispatch = submit(shop)
    send(shop)

    assert driving.look_again(shop) is False
    dispatch.refresh_from_db()
    assert dispatch.held_reason == "balance"
    aligo.account("shop", "k" * 32, balance_won=1000)
    assert driving.look_again(shop) is True


def test_probe_keeps_a_refused_account_held(shop: Tenant, aligo: Any) -> None:
    dispatch = submit(shop)
    aligo.account("shop", "k" * 32, ips=["203.0.113.9"])
    send(shop)

    assert driving.look_again(shop) is False

    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.held_reason) == (DispatchState.HELD, "ip")


def test_send_next_unregistered_sender_holds_only_that_dispatch(shop: Tenant, aligo: Any) -> None:
    factories.make_sender(shop, "0221234567", is_default=False)
    wrong, right = submit(shop, sender="0221234567"), submit(shop)

    send(shop)

    wrong.refresh_from_db()
    assert (wrong.state, wrong.held_reason) == (DispatchState.HELD, "sender")
    assert adds_up(right) == {"accepted": 3}
    aligo.account("shop", "k" * 32, senders=["0237890123", "0221234567"])
    compose.resume(tenant=shop, by=None, dispatch=wrong)
    send(shop)
    assert adds_up(wrong) == {"accepted": 3}


def test_send_next_after_access_ended_holds_until_paid(shop: Tenant, aligo: Any) -> None:
    dispatch = submit(shop)
    shop.paid_until = times.now() - timedelta(days=1)
    shop.save()

    assert send(shop) == 0

    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.held_reason) == (DispatchState.HELD, "expired_access")
    shop.paid_until = times.now() + timedelta(days=1)
    shop.save()
    driving.run_pipeline(shop)
    assert aligo.summary("shop")["messages"] == 3


def test_send_next_drops_who_opted_out_since(shop: Tenant, aligo: Any) -> None:
    dispatch = submit(shop)
    optouts.opt_out(tenant=shop, by=None, phone="010-2222-0101")

    send(shop)

    assert adds_up(dispatch) == {"accepted": 2, "cancelled": 1}
    assert [m.effective_reason for m in selectors.messages(dispatch, "cancelled")] == ["opted_out"]
    assert aligo.summary("shop")["messages"] == 2


def test_send_next_all_opted_out_finishes(shop: Tenant, aligo: Any) -> None:
    dispatch = submit(shop, count=1)
    optouts.opt_out(tenant=shop, by=None, phone="01022220100")

    send(shop)

    dispatch.refresh_from_db()
    assert (dispatch.state, adds_up(dispatch)) == (DispatchState.FINISHED, {"cancelled": 1})


def test_send_next_too_late_is_expired(shop: Tenant, aligo: Any) -> None:
    dispatch = submit(shop, expires_at=times.now() + timedelta(hours=1))
    Dispatch.objects.update(expires_at=times.now() - timedelta(seconds=1))

    send(shop)

    dispatch.refresh_from_db()
    assert (dispatch.state, adds_up(dispatch)) == (DispatchState.FINISHED, {"expired": 3})
    assert aligo.summary("shop")["messages"] == 0


def test_send_next_cancelled_between_claim_and_call_does_not_call(
    shop: Tenant, aligo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch = submit(shop)

    def cancel(name: str) -> None:
        if name == "deliver.claimed":
            compose.cancel(tenant=shop, by=None, dispatch=dispatch)

    monkeypatch.setattr(deliver, "reached", cancel)
    send(shop)

    dispatch.refresh_from_db()
    assert (dispatch.state, adds_up(dispatch)) == (DispatchState.CANCELLED, {"cancelled": 3})
    assert aligo.summary("shop")["messages"] == 0


def test_send_next_lookalikes_are_never_under_way_together(shop: Tenant, aligo: Any) -> None:
    aligo.fault("drop")
    first, second = submit(shop, text="첫 번째"), submit(shop, text="두 번째")

    send(shop)
    driving.calm(shop)
    assert send(shop) == 0

    assert (adds_up(first), adds_up(second)) == ({"unknown": 3}, {"queued": 3})
    assert driving.settle(shop) == 1
    assert send(shop) == 1
    assert (adds_up(first), adds_up(second)) == ({"accepted": 3}, {"accepted": 3})
    assert aligo.summary("shop")["repeated"] == []


def test_send_next_lookalike_of_another_tenant_on_the_same_account_waits(
    shop: Tenant, neighbour: Tenant, aligo: Any
) -> None:
    aligo.fault("drop")
    submit(shop)
    send(shop)

    with scope(tenant=neighbour):
        factories.make_account(neighbour)
        factories.make_sender(neighbour)
        theirs = submit(neighbour)
        assert deliver.send_next(tenant=neighbour, small=True) is False
        assert not deliver.is_waiting(neighbour, small=True)
        assert adds_up(theirs) == {"queued": 3}
    assert driving.settle(shop) == 1
    with scope(tenant=neighbour):
        send(neighbour)
        assert adds_up(theirs) == {"accepted": 3}


def test_claim_of_a_lookalike_in_the_same_moment_is_put_off(
    shop: Tenant, aligo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    aligo.fault("drop")
    submit(shop)
    send(shop)
    driving.calm(shop)
    second = submit(shop)
    blind = claiming._FIRST_READY.replace("o.state IN ('sending', 'unknown')", "o.state = 'nothing'")
    monkeypatch.setattr(claiming, "_FIRST_READY", blind)

    assert deliver.send_next(tenant=shop, small=True) is True

    assert adds_up(second) == {"queued": 3}
    assert one_batch(second).not_before > times.now()


POINTS = ["deliver.claimed", "deliver.calling", "deliver.answered", "deliver.recording", "deliver.recorded"]


@pytest.mark.parametrize("point", POINTS)
def test_send_next_killed_anywhere_loses_nothing_and_repeats_nothing(
    shop: Tenant, aligo: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    settings.RECONCILE_AFTER = 0
    dispatch = submit(shop)
    driving.killed_at(monkeypatch, point)
    with pytest.raises(driving.Killed):
        send(shop)
    adds_up(dispatch)

    Batch.objects.filter(state=BatchState.SENDING).update(lease_until=times.now())
    for _look in range(4):
        upkeep.upkeep()
        driving.settle(shop)
        driving.calm(shop)
        send(shop)

    assert adds_up(dispatch) == {"accepted": 3}
    summary = aligo.summary("shop")
    assert (summary["messages"], summary["repeated"]) == (3, [])


def test_send_next_paused_past_its_lease_does_not_call(
    shop: Tenant, aligo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch = submit(shop)

    def pause(name: str) -> None:
        if name == "deliver.claimed":
            Batch.objects.update(lease_until=times.now())
            upkeep.upkeep()

    monkeypatch.setattr(deliver, "reached", pause)
    deliver.send_next(tenant=shop, small=True)

    assert adds_up(dispatch) == {"unknown": 3}
    assert aligo.summary("shop")["messages"] == 0


def test_send_next_answer_after_the_lease_is_still_believed(
    shop: Tenant, aligo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch = submit(shop)

    def pause(name: str) -> None:
        if name == "deliver.answered":
            Batch.objects.update(lease_until=times.now())
            upkeep.upkeep()

    monkeypatch.setattr(deliver, "reached", pause)
    deliver.send_next(tenant=shop, small=True)

    assert adds_up(dispatch) == {"accepted": 3}
