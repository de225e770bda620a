"""Second thoughts: a page's send to many waits some seconds, and whoever starts, stops or changes it first has it."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Tenant
from messaging.drafting import Audience
from messaging.enums import DispatchState, Source
from messaging.exceptions import NotOpen, NotScheduled, SendingStopped, TooLateToUndo
from messaging.models import Dispatch, Draft, Message
from messaging.services import compose, drafts, policies, second_thoughts, upkeep
from tests import factories
from tests.messaging import driving
from tests.messaging.driving import run_pipeline
from tests.messaging.services.test_compose import draft
from ui import times

MANY = 12
TEXT = "내일은 쉬어요."


@pytest.fixture
def crowd(shop: Tenant) -> Audience:
    return Audience(members=[factories.make_member(shop).pk for _n in range(MANY)])


@pytest.fixture
def person() -> Any:
    return factories.make_user()


def submit(shop: Tenant, to: Audience, **fields: Any) -> Dispatch:
    options = {name: fields.pop(name) for name in ("key", "source") if name in fields}
    return compose.submit(tenant=shop, by=None, draft=draft(to=to, text=TEXT, **fields), undo=True, **options)


def ripe(dispatch: Dispatch) -> None:
    """The seconds are over."""
    Dispatch.objects.filter(pk=dispatch.pk).update(send_at=times.now(), undo_until=times.now())
    dispatch.refresh_from_db()


# --- When it waits --------------------------------------------------------------------------------------------------


def test_submit_to_many_waits_for_second_thoughts(shop: Tenant, crowd: Audience) -> None:
    dispatch = submit(shop, crowd)

    assert dispatch.state == DispatchState.SCHEDULED
    assert dispatch.send_at == dispatch.undo_until
    assert 9 < (dispatch.undo_until - dispatch.created_at).total_seconds() <= 10
    run_pipeline(shop)
    assert Message.objects.count() == 0


def test_submit_to_ten_leaves_at_once(shop: Tenant, crowd: Audience) -> None:
    assert submit(shop, Audience(members=crowd.members[:10])).state == DispatchState.PREPARING


def test_submit_of_a_program_leaves_at_once(shop: Tenant, crowd: Audience) -> None:
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(to=crowd), source=Source.API)

    assert (dispatch.state, dispatch.undo_until) == (DispatchState.PREPARING, None)


def test_schedule_is_a_schedule(shop: Tenant, crowd: Audience, later: Any) -> None:
    dispatch = submit(shop, crowd, send_at=later)

    assert (dispatch.send_at, dispatch.undo_until) == (later, None)


@pytest.mark.parametrize(("seconds", "waits"), [(0, False), (60, True)])
def test_tenant_says_how_long(shop: Tenant, crowd: Audience, seconds: int, waits: bool) -> None:
    policies.change(tenant=shop, by=None, undo_seconds=seconds)

    dispatch = submit(shop, crowd)

    assert bool(dispatch.undo_until) is waits
    if dispatch.undo_until:
        assert 59 < (dispatch.undo_until - dispatch.created_at).total_seconds() <= seconds


def test_what_would_expire_meanwhile_does_not_wait(shop: Tenant, crowd: Audience) -> None:
    assert submit(shop, crowd, expires_at=times.now() + timedelta(seconds=5)).undo_until is None


def test_change_of_a_schedule_to_now_waits_too(shop: Tenant, crowd: Audience, later: Any) -> None:
    dispatch = submit(shop, crowd, send_at=later)

    compose.change(tenant=shop, by=None, dispatch=dispatch, undo=True, send_at=None)

    assert dispatch.state == DispatchState.SCHEDULED and dispatch.undo_until == dispatch.send_at != later


# --- How it ends ----------------------------------------------------------------------------------------------------


def test_undo_sends_nothing_and_gives_the_text_back(shop: Tenant, crowd: Audience, person: Any, aligo: Any) -> None:
    dispatch = submit(shop, crowd)

    first, second = (
        second_thoughts.undo(tenant=shop, by=person, dispatch=dispatch, data={"text": TEXT}) for _twice in range(2)
    )
    ripe(dispatch)
    run_pipeline(shop)

    assert first == second == Draft.objects.get() and first.data == {"text": TEXT}
    assert (dispatch.state, dispatch.total) == (DispatchState.CANCELLED, 0)
    assert aligo.summary("shop")["messages"] == 0


def test_undo_after_it_began_is_refused_and_keeps_no_draft(shop: Tenant, crowd: Audience, person: Any) -> None:
    dispatch = submit(shop, crowd)
    assert second_thoughts.start_now(tenant=shop, by=None, dispatch=dispatch, skip=True)

    with pytest.raises(TooLateToUndo):
        second_thoughts.undo(tenant=shop, by=person, dispatch=dispatch, data={})

    assert Draft.objects.count() == 0


def test_undo_of_a_schedule_is_refused(shop: Tenant, crowd: Audience, person: Any, later: Any) -> None:
    with pytest.raises(TooLateToUndo):
        second_thoughts.undo(tenant=shop, by=person, dispatch=submit(shop, crowd, send_at=later), data={})


def test_text_that_was_taken_back_may_be_sent_from_the_same_page(shop: Tenant, crowd: Audience, person: Any) -> None:
    dispatch = submit(shop, crowd, key="k" * 32)
    second_thoughts.undo(tenant=shop, by=person, dispatch=dispatch, data={})

    left, fresh = drafts.sent_with(shop, "k" * 32)

    assert left == [] and fresh != "k" * 32


def test_text_that_waits_says_the_same_as_what_was_typed(shop: Tenant, crowd: Audience) -> None:
    dispatch = submit(shop, crowd)

    assert drafts.says_the_same(dispatch, draft(to=crowd, text=TEXT))
    assert not drafts.says_the_same(dispatch, draft(to=crowd, text=TEXT, expires_at=times.now() + timedelta(days=1)))


def test_start_now_before_its_time_does_nothing(shop: Tenant, crowd: Audience) -> None:
    dispatch = submit(shop, crowd)

    assert not second_thoughts.start_now(tenant=shop, by=None, dispatch=dispatch)
    assert dispatch.state == DispatchState.SCHEDULED


def test_start_now_does_not_skip_a_schedule(shop: Tenant, crowd: Audience, later: Any) -> None:
    dispatch = submit(shop, crowd, send_at=later)

    assert not second_thoughts.start_now(tenant=shop, by=None, dispatch=dispatch, skip=True)


def test_start_now_obeys_the_stop(shop: Tenant, crowd: Audience) -> None:
    dispatch = submit(shop, crowd)
    policies.stop_all(tenant=shop, by=None)

    assert not second_thoughts.start_now(tenant=shop, by=None, dispatch=dispatch)
    with pytest.raises(SendingStopped):
        second_thoughts.start_now(tenant=shop, by=None, dispatch=dispatch, skip=True)
    assert dispatch.state == DispatchState.SCHEDULED


def test_start_now_rings_once_however_often_it_is_asked(
    shop: Tenant, crowd: Audience, monkeypatch: Any, django_capture_on_commit_callbacks: Any
) -> None:
    dispatch = submit(shop, crowd)
    ripe(dispatch)

    with driving.bells(monkeypatch) as kept, django_capture_on_commit_callbacks(execute=True):
        started = [second_thoughts.start_now(tenant=shop, by=None, dispatch=dispatch) for _twice in range(2)]

    assert started == [True, False]
    assert kept.names() == ["messaging.prepare"]


def test_without_a_page_the_watch_starts_it(shop: Tenant, crowd: Audience, aligo: Any) -> None:
    dispatch = submit(shop, crowd)
    ripe(dispatch)

    run_pipeline(shop)

    assert aligo.summary("shop")["messages"] == MANY


# --- Races ----------------------------------------------------------------------------------------------------------


def go(shop: Tenant, dispatch: Dispatch, person: Any) -> None:
    second_thoughts.start_now(tenant=shop, by=None, dispatch=dispatch)


def skip(shop: Tenant, dispatch: Dispatch, person: Any) -> None:
    second_thoughts.start_now(tenant=shop, by=None, dispatch=dispatch, skip=True)


def watch(shop: Tenant, dispatch: Dispatch, person: Any) -> None:
    upkeep.start_due()


def undo(shop: Tenant, dispatch: Dispatch, person: Any) -> None:
    second_thoughts.undo(tenant=shop, by=person, dispatch=dispatch, data={"text": TEXT})


def cancel(shop: Tenant, dispatch: Dispatch, person: Any) -> None:
    compose.cancel(tenant=shop, by=None, dispatch=dispatch)


def change(shop: Tenant, dispatch: Dispatch, person: Any) -> None:
    compose.change(tenant=shop, by=None, dispatch=dispatch, text="모레는 쉬어요.")


@pytest.mark.parametrize(
    "deeds", list(permutations([go, watch, undo, change])), ids=lambda deeds: "-".join(d.__name__ for d in deeds)
)
def test_whoever_comes_first_it_is_sent_once_or_not_at_all(
    shop: Tenant, crowd: Audience, person: Any, aligo: Any, deeds: tuple[Callable[..., None], ...]
) -> None:
    dispatch = submit(shop, crowd)
    ripe(dispatch)
    done = []
    for deed in deeds:
        seen = Dispatch.objects.get(pk=dispatch.pk) if deed is not change else dispatch  # a page that is a little old
        try:
            with transaction.atomic():
                deed(shop, seen, person)
            done.append(deed)
        except (TooLateToUndo, NotScheduled, NotOpen):
            pass
    run_pipeline(shop)

    taken = undo in done
    assert aligo.summary("shop")["messages"] == (0 if taken else MANY)
    assert aligo.summary("shop")["repeated"] == []
    assert Draft.objects.count() == taken
    texts = set(Message.objects.values_list("batch__text", flat=True))
    assert texts == (set() if taken else {"모레는 쉬어요." if change in done else TEXT})


@pytest.mark.parametrize("first", [go, skip, watch, cancel])
def test_stopping_after_it_began_leaves_nothing_on_its_way(
    shop: Tenant, crowd: Audience, person: Any, aligo: Any, first: Callable[..., None]
) -> None:
    dispatch = submit(shop, crowd)
    ripe(dispatch)
    first(shop, dispatch, person)
    dispatch.refresh_from_db()

    cancel(shop, dispatch, person)
    watch(shop, dispatch, person)
    go(shop, dispatch, person)
    run_pipeline(shop)

    dispatch.refresh_from_db()
    assert dispatch.state == DispatchState.CANCELLED
    assert aligo.summary("shop")["messages"] == 0
