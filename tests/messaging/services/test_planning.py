"""The forecast: what scheduled and waiting texts will take of the balance."""

from datetime import timedelta
from typing import Any

import pytest
from django_scopes import scope

from accounts.models import Tenant
from messaging.drafting import Audience, Draft
from messaging.models import AligoAccount, Dispatch
from messaging.selectors import forecasts
from messaging.services import accounts, compose, planning, prepare, upkeep
from tests import factories
from tests.messaging.driving import bells, run_pipeline
from ui import times

SHORT, LONG = "#{이름}님, 내일 쉬어요.", "가" * 60
TWO = Audience(phones=[("01011112223", "가"), ("01011112224", "나")])


def scheduled(tenant: Tenant, later: Any, text: str = SHORT, to: Audience = TWO) -> Dispatch:
    dispatch = compose.submit(tenant=tenant, by=None, draft=Draft(to=to, text=text, send_at=later))
    assert planning.plan(tenant=tenant, dispatch_id=dispatch.pk)
    return dispatch


def planned(tenant: Tenant) -> dict[str, int]:
    return forecasts.planned(accounts.of(tenant))


def account(**counts: int) -> AligoAccount:
    AligoAccount.objects.update(balance_at=times.now(), checked_at=times.now(), **counts)
    return AligoAccount.objects.get()


def test_plan_counts_by_type(shop: Tenant, later: Any) -> None:
    scheduled(shop, later)
    scheduled(shop, later, LONG)

    assert planned(shop) == {"SMS": 2, "LMS": 2, "MMS": 0}


def test_what_waits_to_leave_is_planned_too_and_what_left_is_not(shop: Tenant) -> None:
    dispatch = compose.submit(tenant=shop, by=None, draft=Draft(to=TWO, text=SHORT))
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    assert planned(shop)["SMS"] == 2

    run_pipeline(shop)
    assert planned(shop)["SMS"] == 0


def test_plan_is_none_of_a_sent_cancelled_or_foreign_dispatch(shop: Tenant, neighbour: Tenant, later: Any) -> None:
    now = compose.submit(tenant=shop, by=None, draft=Draft(to=TWO, text=SHORT))
    assert not planning.plan(tenant=shop, dispatch_id=now.pk)
    gone = scheduled(shop, later)
    with scope(tenant=neighbour):
        assert not planning.plan(tenant=neighbour, dispatch_id=gone.pk)
        assert planned(neighbour) == {"SMS": 0, "LMS": 0, "MMS": 0}
    compose.cancel(tenant=shop, by=None, dispatch=gone)
    compose.cancel(tenant=shop, by=None, dispatch=now)
    assert not planning.plan(tenant=shop, dispatch_id=gone.pk)
    assert planned(shop)["SMS"] == 0


def test_plan_of_what_was_changed_meanwhile_is_thrown_away(
    shop: Tenant, later: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatch = scheduled(shop, later)
    count = planning.tally

    def while_it_is_changed(**fields: Any) -> dict[str, int]:
        found = count(**fields)
        compose.change(tenant=shop, by=None, dispatch=dispatch, text=LONG)
        return found

    monkeypatch.setattr(planning, "tally", while_it_is_changed)
    assert not planning.plan(tenant=shop, dispatch_id=dispatch.pk)
    monkeypatch.setattr(planning, "tally", count)
    assert planning.plan(tenant=shop, dispatch_id=dispatch.pk)
    assert planned(shop) == {"SMS": 0, "LMS": 2, "MMS": 0}


def test_the_watch_counts_again_when_groups_have_grown(shop: Tenant, later: Any) -> None:
    group = factories.make_group(shop, "오전반")
    factories.make_member(shop, "가", "01011112223", group)
    dispatch = scheduled(shop, later, to=Audience(groups=[group.pk]))
    factories.make_member(shop, "나", "01011112224", group)
    upkeep.ring_planning()
    assert Dispatch.objects.get().plan_at > times.now() + timedelta(hours=5)  # not before its time

    Dispatch.objects.update(plan_at=times.now())
    upkeep.ring_planning()
    assert planning.plan(tenant=shop, dispatch_id=dispatch.pk)
    assert planned(shop)["SMS"] == 2


def test_a_lost_bell_is_rung_again_once_a_minute(
    shop: Tenant, later: Any, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    compose.submit(tenant=shop, by=None, draft=Draft(to=TWO, text=SHORT, send_at=later))
    Dispatch.objects.update(plan_at=times.now())
    with bells(monkeypatch) as kept, django_capture_on_commit_callbacks(execute=True):
        upkeep.ring_planning()
        upkeep.ring_planning()

    assert kept.names() == ["messaging.plan"]


@pytest.mark.parametrize(
    ("left", "types", "rest"),
    [
        ((100, 30, 10), {"SMS": 20}, (80, 24, 8)),
        ((100, 30, 10), {"SMS": 220}, (-120, -36, -12)),
        ((100, 25, 10), {"SMS": 50, "LMS": 10}, (10, 2, 1)),
        ((100, 25, 10), {"SMS": 50, "LMS": 13}, (-2, -1, -1)),
        ((0, 0, 0), {"SMS": 3}, (-3, 0, 0)),
        ((None, 25, None), {"SMS": 50, "LMS": 5}, (None, 20, None)),
        ((100, 30, 10), {}, (100, 30, 10)),
    ],
)
def test_after(left: tuple[Any, ...], types: dict[str, int], rest: tuple[Any, ...]) -> None:
    kinds = ("SMS", "LMS", "MMS")
    found = forecasts.after(dict(zip(kinds, left, strict=True)), types)

    assert tuple(found[kind] for kind in kinds) == rest
    assert forecasts.is_short(found) == any(n is not None and n < 0 for n in rest)


def test_quote_warns_of_what_others_need(shop: Tenant, aligo: Any, later: Any) -> None:
    scheduled(shop, later)
    account(sms_count=3, lms_count=1, mms_count=0)
    quote = compose.quote(tenant=shop, draft=Draft(to=TWO, text=SHORT))

    assert (quote.enough, quote.planned["SMS"], quote.forecast["SMS"]) == (True, 2, -1)
    assert "forecast" in [code for code, _said in quote.notices]


def test_quote_of_a_change_does_not_count_it_twice(shop: Tenant, aligo: Any, later: Any) -> None:
    dispatch = scheduled(shop, later)
    account(sms_count=3, lms_count=1, mms_count=0)
    quote = compose.quote(tenant=shop, draft=Draft(to=TWO, text=SHORT, send_at=later), instead_of=dispatch.pk)

    assert (quote.planned["SMS"], quote.forecast["SMS"]) == (0, 1)


def test_ahead_speaks_of_the_type_most_is_planned_of(shop: Tenant, later: Any) -> None:
    assert forecasts.ahead(account(sms_count=100, lms_count=30, mms_count=10)) is None
    scheduled(shop, later, LONG)
    found = forecasts.ahead(account(sms_count=100, lms_count=30, mms_count=10))
    assert found and (found.type, found.count, found.planned, found.short) == ("LMS", 28, 2, False)

    short = forecasts.ahead(account(sms_count=3, lms_count=1, mms_count=0))
    assert short and (short.count, short.short) == (-1, True)


def test_planned_is_one_query(shop: Tenant, later: Any, django_assert_num_queries: Any) -> None:
    for _n in range(3):
        scheduled(shop, later)

    mine = accounts.of(shop)
    with django_assert_num_queries(1):
        assert forecasts.planned(mine)["SMS"] == 6
