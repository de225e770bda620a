"""Unknown batches: found, absent, ambiguous, somebody else's."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Tenant
from messaging import exceptions as no
from messaging.enums import BatchState
from messaging.models import Batch
from messaging.providers.aligo import Aligo
from messaging.providers.base import Outgoing
from messaging.selectors import leaving
from messaging.services import accounts, compose, policies, reconcile
from tests.messaging import driving
from tests.messaging.services.test_deliver import adds_up, one_batch, send, submit
from ui import times


@pytest.fixture(autouse=True)
def _quiet_is_over(settings: Any) -> None:
    settings.RECONCILE_AFTER = 0


def by_hand(tenant: Tenant, phones: list[str], text: str = "다른 프로그램의 문자") -> str:
    """Somebody's own program sends through the same account; Aligo's id."""
    outgoing = Outgoing(sender="0237890123", type="SMS", items=[(phone, text) for phone in phones])
    return Aligo().send(accounts.for_provider(accounts.of(tenant)), outgoing).msg_id


def lost(tenant: Tenant, aligo: Any, *, sent: bool, **fields: Any) -> Any:
    """A dispatch whose answer was lost after (or before) Aligo took it."""
    aligo.fault("drop", accept=sent)
    dispatch = submit(tenant, **fields)
    send(tenant)
    driving.calm(tenant)
    return dispatch


def test_reconcile_adopts_what_was_sent(shop: Tenant, aligo: Any) -> None:
    dispatch = lost(shop, aligo, sent=True)

    assert driving.settle(shop) == 1

    assert adds_up(dispatch) == {"accepted": 3}
    assert one_batch(dispatch).provider_id == aligo.sent("shop")[0]["mid"]
    send(shop)
    assert aligo.summary("shop")["repeated"] == []


def test_what_was_found_counts_as_sent_since_it_was(shop: Tenant, aligo: Any) -> None:
    dispatch = lost(shop, aligo, sent=True)
    began = one_batch(dispatch).attempt_started_at

    driving.settle(shop)

    dispatch.refresh_from_db()
    assert dispatch.first_sent_at == began
    assert leaving.texted_since(shop, 7) == set(dispatch.messages.values_list("phone", flat=True))
    with pytest.raises(no.AllSent):
        compose.cancel(tenant=shop, by=None, dispatch=dispatch)


def test_what_a_person_says_was_sent_counts_as_sent(shop: Tenant, aligo: Any) -> None:
    dispatch = lost(shop, aligo, sent=False)
    batch = one_batch(dispatch)
    Batch.objects.filter(pk=batch.pk).update(undecided_at=times.now())

    reconcile.decide(tenant=shop, by=None, batch=batch, attempt=1, sent=True)

    dispatch.refresh_from_db()
    assert dispatch.first_sent_at == batch.attempt_started_at
    assert leaving.reaching(shop).count() == 3


def test_reconcile_knows_its_text_with_other_spaces(shop: Tenant, aligo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dispatch = lost(shop, aligo, sent=True, count=1, text="첫 줄\n둘째 줄")
    recent = Aligo.recent
    monkeypatch.setattr(
        Aligo, "recent", lambda *args: [replace(row, text="첫  줄\r\n둘째 줄 ") for row in recent(*args)]
    )

    assert driving.settle(shop) == 1

    assert adds_up(dispatch) == {"accepted": 1}


def test_reconcile_sends_again_only_after_three_looks(shop: Tenant, aligo: Any) -> None:
    dispatch = lost(shop, aligo, sent=False)

    assert [driving.settle(shop) for _look in range(3)] == [0, 0, 1]

    assert adds_up(dispatch) == {"queued": 3}
    send(shop)
    assert aligo.summary("shop")["messages"] == 3


def test_reconcile_does_not_count_looks_before_the_quiet_time(shop: Tenant, aligo: Any, settings: Any) -> None:
    settings.RECONCILE_AFTER = 600
    dispatch = lost(shop, aligo, sent=False)

    for _look in range(5):
        driving.settle(shop)

    assert adds_up(dispatch) == {"unknown": 3}
    assert one_batch(dispatch).looks == 0


def test_reconcile_of_a_lagging_list_finds_it_later(shop: Tenant, aligo: Any, settings: Any) -> None:
    settings.RECONCILE_AFTER = 600
    aligo.switch(list_lag_seconds=30)
    dispatch = lost(shop, aligo, sent=True)
    assert driving.settle(shop) == 0
    aligo.switch(clock_offset=60)

    assert driving.settle(shop) == 1

    assert adds_up(dispatch) == {"accepted": 3}


def test_reconcile_is_not_fooled_by_other_receivers(shop: Tenant, aligo: Any) -> None:
    dispatch = lost(shop, aligo, sent=False)
    by_hand(shop, ["01099990001", "01099990002", "01099990003"])

    assert [driving.settle(shop) for _look in range(3)] == [0, 0, 1]

    assert adds_up(dispatch) == {"queued": 3}


def test_reconcile_is_not_fooled_by_another_text_to_the_same_person(shop: Tenant, aligo: Any) -> None:
    dispatch = lost(shop, aligo, sent=False, count=1)
    by_hand(shop, ["01022220100"])

    assert [driving.settle(shop) for _look in range(3)] == [0, 0, 1]

    assert adds_up(dispatch) == {"queued": 1}


def test_reconcile_of_two_candidates_waits_for_a_person(shop: Tenant, aligo: Any) -> None:
    dispatch = lost(shop, aligo, sent=True, text="같은 글")
    twin = by_hand(shop, ["01022220102", "01022220101", "01022220100"], "같은 글")

    for _look in range(5):
        assert driving.settle(shop) == 0

    assert adds_up(dispatch) == {"unknown": 3}
    reconcile.decide(tenant=shop, by=None, batch=one_batch(dispatch), attempt=1, sent=True, provider_id=twin)
    assert adds_up(dispatch) == {"accepted": 3}


def test_reconcile_does_not_adopt_an_id_that_another_batch_has(shop: Tenant, aligo: Any) -> None:
    first = submit(shop)
    send(shop)
    second = lost(shop, aligo, sent=False)

    driving.settle(shop)

    assert (adds_up(first), adds_up(second)) == ({"accepted": 3}, {"unknown": 3})


def test_reconcile_while_aligo_is_down_concludes_nothing(shop: Tenant, aligo: Any, settings: Any) -> None:
    dispatch = lost(shop, aligo, sent=False)
    settings.ALIGO_BASE_URL = "http://127.0.0.1:9"

    for _look in range(5):
        driving.settle(shop)

    assert one_batch(dispatch).looks == 0


def test_reconcile_of_a_batch_that_got_too_late_expires_it(shop: Tenant, aligo: Any) -> None:
    dispatch = lost(shop, aligo, sent=False, expires_at=times.now() + timedelta(hours=1))
    dispatch.expires_at = times.now()
    dispatch.save()

    for _look in range(3):
        driving.settle(shop)
    send(shop)

    assert adds_up(dispatch) == {"expired": 3}


@pytest.mark.parametrize("point", ["reconcile.listed", "reconcile.adopting"])
def test_reconcile_killed_anywhere_can_be_repeated(
    shop: Tenant, aligo: Any, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    dispatch = lost(shop, aligo, sent=True)
    driving.killed_at(monkeypatch, point)
    with pytest.raises(driving.Killed):
        driving.settle(shop)

    driving.settle(shop)

    assert adds_up(dispatch) == {"accepted": 3}


def test_decide_not_sent_queues_again_and_twice_is_refused(shop: Tenant, aligo: Any) -> None:
    dispatch = lost(shop, aligo, sent=False)
    batch = Batch.objects.get(state=BatchState.UNKNOWN)
    with pytest.raises(reconcile.no.StillLooking):  # Aligo's list may still show it
        reconcile.decide(tenant=shop, by=None, batch=batch, attempt=1, sent=False)
    assert adds_up(dispatch) == {"unknown": 3}
    Batch.objects.filter(pk=batch.pk).update(undecided_at=times.now())

    reconcile.decide(tenant=shop, by=None, batch=batch, attempt=1, sent=False)

    assert adds_up(dispatch) == {"queued": 3}
    with pytest.raises(reconcile.no.NotDecidable):
        reconcile.decide(tenant=shop, by=None, batch=batch, attempt=1, sent=False)


def test_reconcile_keeps_what_aligo_listed_for_the_person_who_decides(shop: Tenant, aligo: Any) -> None:
    dispatch = lost(shop, aligo, sent=True, text="모두에게 같은 글")
    phones = list(dispatch.messages.values_list("phone", flat=True))
    other = by_hand(shop, phones, "모두에게 같은 글")

    driving.settle(shop)
    driving.settle(shop)

    batch = one_batch(dispatch)
    assert (batch.state, batch.undecided_at is not None) == (BatchState.UNKNOWN, True)
    assert other in {row["id"] for row in batch.listed} and len(batch.listed) == 2
    assert {(row["type"], row["count"], row["text"]) for row in batch.listed} == {("SMS", 3, "모두에게 같은 글")}

    reconcile.decide(tenant=shop, by=None, batch=batch, attempt=1, sent=True, provider_id=batch.listed[0]["id"])
    batch.refresh_from_db()
    assert (batch.state, batch.undecided_at, batch.listed) == (BatchState.ACCEPTED, None, [])


def test_reconcile_asks_a_person_about_the_absent_where_the_tenant_wants_it_so(shop: Tenant, aligo: Any) -> None:
    policies.change(tenant=shop, by=None, asks_person=True)
    dispatch = lost(shop, aligo, sent=False)

    for _look in range(5):
        driving.settle(shop)

    batch = one_batch(dispatch)
    assert (batch.state, batch.undecided_at is not None, batch.listed) == (BatchState.UNKNOWN, True, [])
    assert send(shop) == 0


def test_reconcile_concludes_nothing_from_a_list_whose_receivers_are_not_all_there(
    shop: Tenant, aligo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch = lost(shop, aligo, sent=True)
    results = Aligo.results
    with monkeypatch.context() as lagging:
        lagging.setattr(Aligo, "results", lambda *args: {fate: phones[:1] for fate, phones in results(*args).items()})
        for _look in range(5):
            driving.settle(shop)
    assert adds_up(dispatch) == {"unknown": 3}

    driving.settle(shop)
    assert adds_up(dispatch) == {"accepted": 3}


def test_reconcile_asks_for_the_receivers_of_an_id_once(
    shop: Tenant, aligo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch = lost(shop, aligo, sent=False)
    by_hand(shop, ["01099990001", "01099990002", "01099990003"])
    asked: list[str] = []
    results = Aligo.results
    monkeypatch.setattr(Aligo, "results", lambda self, account, mid: asked.append(mid) or results(self, account, mid))

    driving.settle(shop)
    driving.settle(shop)

    assert (len(asked), adds_up(dispatch)) == (1, {"unknown": 3})


def test_reconcile_of_an_account_whose_key_is_forgotten_asks_a_person(shop: Tenant, aligo: Any) -> None:
    dispatch = lost(shop, aligo, sent=True)
    accounts.disconnect(tenant=shop, by=None)

    driving.settle(shop)

    batch = one_batch(dispatch)
    assert (batch.state, batch.undecided_at is not None) == (BatchState.UNKNOWN, True)
