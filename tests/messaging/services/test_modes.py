"""Practice never reaches a phone, and what is meant for phones is never called delivered by the sandbox."""

from datetime import datetime
from typing import Any

import pytest
from django_scopes import scope

from accounts.exceptions import Refusal
from accounts.models import AuditEvent, Tenant
from messaging.drafting import Audience, Draft
from messaging.enums import AccountMode, DispatchState, HoldReason
from messaging.models import AligoAccount, Batch, Dispatch
from messaging.services import accounts, compose, prepare
from tests import factories
from tests.messaging.driving import calm, results_due, run_pipeline
from ui import times

TWO = Audience(phones=[("01011112223", "가"), ("01011112224", "나")])


@pytest.fixture
def practice(shop: Tenant) -> Tenant:
    """The shop before it has connected its own account."""
    accounts.disconnect(tenant=shop, by=None)
    return shop


def submit(tenant: Tenant, **fields: Any) -> Dispatch:
    return compose.submit(tenant=tenant, by=None, draft=Draft(to=TWO, text="#{이름}님, 내일 쉬어요.", **fields))


def connect(tenant: Tenant) -> AligoAccount:
    return accounts.connect(tenant=tenant, by=None, user_id="shop", api_key="k" * 32)


def due(tenant: Tenant) -> None:
    Dispatch.objects.filter(tenant=tenant).update(send_at=times.now())
    calm(tenant)
    run_pipeline(tenant)


def gone_out(aligo: Any, tenant: Tenant) -> tuple[int, int]:
    """Receivers that the live account and the sandbox account of the tenant took."""
    live, practised = aligo.summary("shop"), aligo.summary(f"sandbox-{tenant.pk}")
    return live["receivers"], practised["receivers"]


def test_what_was_scheduled_to_practise_never_leaves_for_real(practice: Tenant, aligo: Any, later: datetime) -> None:
    dispatch = submit(practice, send_at=later)
    assert dispatch.mode == AccountMode.SANDBOX
    assert accounts.open_dispatches(practice, AccountMode.SANDBOX) == 1

    connect(practice)
    due(practice)

    dispatch.refresh_from_db()
    assert dispatch.state == DispatchState.CANCELLED
    assert gone_out(aligo, practice) == (0, 0)
    assert AuditEvent.objects.get(kind="aligo.connected").data == {"practice_stopped": 1}


def test_practice_written_while_the_account_was_connected_ends_too(practice: Tenant, aligo: Any) -> None:
    dispatch = submit(practice)
    connect(practice)
    Dispatch.objects.update(state=DispatchState.PREPARING, finished_at=None, total=None)  # stored a moment later
    run_pipeline(practice)

    dispatch.refresh_from_db()
    assert dispatch.state == DispatchState.CANCELLED
    assert gone_out(aligo, practice) == (0, 0)


def test_practice_in_the_queue_is_stopped_and_its_results_still_come(practice: Tenant, aligo: Any) -> None:
    left = submit(practice)
    run_pipeline(practice, collect=False)
    queued = submit(practice)
    prepare.prepare(tenant=practice, dispatch_id=queued.pk)

    connect(practice)
    results_due(practice)
    run_pipeline(practice)

    states = {one.pk: one.state for one in Dispatch.objects.all()}
    assert states == {left.pk: DispatchState.FINISHED, queued.pk: DispatchState.CANCELLED}
    assert gone_out(aligo, practice) == (0, 2)


def test_what_is_meant_for_phones_waits_while_disconnected(shop: Tenant, aligo: Any, later: datetime) -> None:
    dispatch = submit(shop, send_at=later)
    accounts.disconnect(tenant=shop, by=None)
    due(shop)
    dispatch.refresh_from_db()
    assert (dispatch.mode, dispatch.state, dispatch.held_reason) == ("live", "held", HoldReason.DISCONNECTED)
    assert gone_out(aligo, shop) == (0, 0)

    compose.resume(tenant=shop, by=None, dispatch=dispatch)  # a person in a hurry
    run_pipeline(shop)
    dispatch.refresh_from_db()
    assert dispatch.state == DispatchState.HELD and gone_out(aligo, shop) == (0, 0)

    connect(shop)
    run_pipeline(shop)
    dispatch.refresh_from_db()
    assert dispatch.state == DispatchState.FINISHED
    assert gone_out(aligo, shop) == (2, 0)


def test_practice_goes_on_beside_what_waits(shop: Tenant, aligo: Any) -> None:
    live = submit(shop)
    prepare.prepare(tenant=shop, dispatch_id=live.pk)
    accounts.disconnect(tenant=shop, by=None)
    submit(shop)
    run_pipeline(shop)

    assert gone_out(aligo, shop) == (0, 2)
    assert Batch.objects.get(dispatch=live).state == "queued"


def test_resend_does_not_turn_practice_into_truth(practice: Tenant, aligo: Any) -> None:
    to = Audience(phones=[("01011110000", "없는 번호")])
    dispatch = compose.submit(tenant=practice, by=None, draft=Draft(to=to, text="글"))
    run_pipeline(practice)
    connect(practice)
    with pytest.raises(Refusal) as caught:
        compose.resend(tenant=practice, by=None, dispatch=dispatch)

    assert caught.value.code == "was_practice" and Dispatch.objects.count() == 1


def test_resend_does_not_turn_truth_into_practice(shop: Tenant, aligo: Any) -> None:
    to = Audience(phones=[("01011110000", "없는 번호")])
    dispatch = compose.submit(tenant=shop, by=None, draft=Draft(to=to, text="글"))
    run_pipeline(shop)
    accounts.disconnect(tenant=shop, by=None)
    with pytest.raises(Refusal) as caught:
        compose.resend(tenant=shop, by=None, dispatch=dispatch)

    assert caught.value.code == "not_connected" and Dispatch.objects.count() == 1


def test_connecting_stops_nothing_of_the_neighbour_or_of_ones_own(
    practice: Tenant, neighbour: Tenant, aligo: Any, later: datetime
) -> None:
    connect(practice)
    mine = submit(practice, send_at=later)
    with scope(tenant=neighbour):
        factories.make_sender(neighbour)
        theirs = submit(neighbour, send_at=later)
    connect(practice)  # again, with a fresh key

    mine.refresh_from_db()
    with scope(tenant=neighbour):
        theirs.refresh_from_db()
    assert (mine.state, theirs.state) == (DispatchState.SCHEDULED, DispatchState.SCHEDULED)
