"""The watch: what is stuck, lost or due is found; idle is cheap."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Tenant
from messaging.drafting import Audience, Draft
from messaging.enums import BatchState, DispatchState, HoldReason
from messaging.models import Batch, Dispatch
from messaging.services import compose, holds, prepare, probe, upkeep
from tests import factories
from tests.messaging.driving import Killed
from tests.messaging.services.test_deliver import adds_up, one_batch, send, submit
from ui import times


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Bells the watch rings, as (task, tenant, …)."""
    found: list[tuple[Any, ...]] = []
    monkeypatch.setattr(upkeep, "ring", lambda *args, queue: found.append(args))
    return found


def dies(*_args: Any) -> None:
    raise Killed


def scheduled(tenant: Tenant) -> Dispatch:
    draft = Draft(to=Audience(phones=[("01011112223", "")]), text="글", send_at=times.now() + timedelta(hours=1))
    return compose.submit(tenant=tenant, by=None, draft=draft)


def test_upkeep_starts_what_is_due_once(shop: Tenant, rung: list[Any]) -> None:
    due, later = scheduled(shop), scheduled(shop)
    Dispatch.objects.filter(pk=due.pk).update(send_at=times.now())

    upkeep.upkeep()
    upkeep.upkeep()

    due.refresh_from_db()
    later.refresh_from_db()
    assert (due.state, later.state) == (DispatchState.PREPARING, DispatchState.SCHEDULED)
    assert rung == [("messaging.prepare", shop.pk, due.pk)]


def test_upkeep_rings_again_for_what_nobody_prepares(shop: Tenant, rung: list[Any]) -> None:
    dispatch = compose.submit(tenant=shop, by=None, draft=Draft(to=Audience(phones=[("01011112223", "")]), text="글"))
    upkeep.upkeep()
    assert rung == []
    Dispatch.objects.update(rung_at=times.now() - timedelta(minutes=1))

    upkeep.upkeep()
    upkeep.upkeep()

    assert rung == [("messaging.prepare", shop.pk, dispatch.pk)]


def test_upkeep_leaves_a_living_preparer_alone(shop: Tenant, rung: list[Any]) -> None:
    dispatch = compose.submit(tenant=shop, by=None, draft=Draft(to=Audience(phones=[("01011112223", "")]), text="글"))
    prepare._take(shop, dispatch.pk)
    Dispatch.objects.update(rung_at=None)

    upkeep.upkeep()

    assert rung == []


def test_upkeep_makes_a_dead_senders_batch_unknown(shop: Tenant, rung: list[Any]) -> None:
    dispatch = submit(shop)
    Batch.objects.update(state=BatchState.SENDING, attempts=1, account="shop", lease_until=times.now())

    upkeep.upkeep()

    assert adds_up(dispatch) == {"unknown": 3}
    assert ("messaging.reconcile", shop.pk) in rung


def test_upkeep_looks_at_the_unknown_no_more_often_than_it_should(
    shop: Tenant, rung: list[Any], aligo: Any, settings: Any
) -> None:
    settings.RECONCILE_AFTER = 600
    aligo.fault("drop")
    submit(shop)
    send(shop)
    Batch.objects.update(looked_at=None)

    for _ in range(3):
        upkeep.upkeep()

    assert rung.count(("messaging.reconcile", shop.pk)) == 1


def test_upkeep_finishes_what_its_last_worker_did_not(shop: Tenant) -> None:
    dispatch = submit(shop)
    Batch.objects.update(state=BatchState.DONE, delivered_count=3)

    upkeep.upkeep()

    dispatch.refresh_from_db()
    assert dispatch.state == DispatchState.FINISHED
    assert one_batch(dispatch).open_count == 0


@pytest.mark.parametrize("reason", [HoldReason.BALANCE, HoldReason.IP, HoldReason.STOPPED])
def test_upkeep_lets_go_what_is_held_for_a_cause_that_is_over(shop: Tenant, aligo: Any, reason: str) -> None:
    dispatch = submit(shop)
    holds.hold(shop, reason)  # by a turn that saw the account held, and it was released a moment before

    upkeep.upkeep()

    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.held_reason) == (DispatchState.SENDING, "")


def test_upkeep_ends_a_release_whose_worker_died(shop: Tenant, aligo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    aligo.fault("balance_out")
    dispatch = submit(shop)
    send(shop)
    with monkeypatch.context() as patched:
        patched.setattr(holds, "_let_go", dies)
        with pytest.raises(Killed):
            probe.probe(tenant=shop)

    upkeep.upkeep()

    dispatch.refresh_from_db()
    assert dispatch.state == DispatchState.SENDING


def test_upkeep_leaves_what_is_rightly_held(shop: Tenant, aligo: Any) -> None:
    aligo.fault("balance_out")
    held = submit(shop)
    send(shop)

    upkeep.upkeep()

    held.refresh_from_db()
    assert (held.state, held.held_reason) == (DispatchState.HELD, HoldReason.BALANCE)


def test_upkeep_idle_costs_the_same_for_many_future_dispatches(
    shop: Tenant, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        scheduled(shop)

    with django_assert_max_num_queries(14):
        upkeep.upkeep()


def test_upkeep_serves_every_tenant(shop: Tenant, neighbour: Tenant, rung: list[Any]) -> None:
    from django_scopes import scope

    factories.make_sender(neighbour)
    scheduled(shop)
    with scope(tenant=neighbour):
        scheduled(neighbour)
        Dispatch.objects.update(send_at=times.now())
    Dispatch.objects.update(send_at=times.now())

    upkeep.upkeep()

    assert {args[1] for args in rung} == {shop.pk, neighbour.pk}


def test_upkeep_starts_all_that_is_due_on_the_hour(
    shop: Tenant, rung: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upkeep, "MANY", 3)
    due = [scheduled(shop).pk for _n in range(7)]
    Dispatch.objects.update(send_at=times.now())

    upkeep.start_due()

    assert sorted(pk for _name, _tenant, pk in rung) == due
    assert set(Dispatch.objects.values_list("state", flat=True)) == {DispatchState.PREPARING}
