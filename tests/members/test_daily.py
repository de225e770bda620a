"""The day's work: each tenant once a day, each job once, whatever fails in between."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django_scopes import scope, scopes_disabled

from accounts.models import Lease, Tenant
from members.models import Daily
from members.services import daily
from ui import times

pytestmark = pytest.mark.django_db
MORNING = datetime(2026, 11, 28, 0, 5, tzinfo=times.SEOUL)


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, date]]:
    """What was done: (job, tenant, day). `second` fails as long as "broken" stands in the list."""
    done: list[Any] = []

    def first(*, tenant: Tenant, today: date) -> None:
        done.append(("first", tenant.pk, today))

    def second(*, tenant: Tenant, today: date) -> None:
        if "broken" in done:
            raise RuntimeError
        done.append(("second", tenant.pk, today))

    monkeypatch.setattr(daily, "JOBS", {"first": first, "second": second})
    return done


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    bells: list[int] = []
    monkeypatch.setattr(daily, "ring", lambda name, pk, queue: bells.append(pk))
    return bells


def test_a_day_is_worked_through_once(in_tenant: Tenant, jobs: list[Any]) -> None:
    assert daily.work(tenant=in_tenant) == ["first", "second"]
    assert daily.work(tenant=in_tenant) == []
    assert len(jobs) == 2


def test_the_next_day_begins_at_midnight_in_seoul(in_tenant: Tenant, jobs: list[Any]) -> None:
    with time_machine.travel(MORNING - timedelta(minutes=10), tick=False):
        daily.work(tenant=in_tenant)
    with time_machine.travel(MORNING, tick=False):
        daily.work(tenant=in_tenant)
    assert [day for name, _pk, day in jobs if name == "first"] == [date(2026, 11, 27), date(2026, 11, 28)]


def test_a_job_that_fails_keeps_no_other_and_is_tried_again(in_tenant: Tenant, jobs: list[Any]) -> None:
    jobs.append("broken")
    assert daily.work(tenant=in_tenant) == ["first"]
    jobs.remove("broken")
    assert daily.work(tenant=in_tenant) == ["second"]
    assert Daily.objects.get().finished_at


def test_two_workers_do_it_once(in_tenant: Tenant, jobs: list[Any]) -> None:
    Lease.objects.create(name=f"members.daily.{in_tenant.pk}", until=times.now() + timedelta(minutes=5))
    assert daily.work(tenant=in_tenant) == []
    assert jobs == []


def test_the_watch_rings_for_every_tenant_that_waits(
    tenant: Tenant, neighbour: Tenant, jobs: list[Any], rung: list[int]
) -> None:
    with scope(tenant=neighbour):
        daily.work(tenant=neighbour)

    assert daily.watch() == 1
    assert rung == [tenant.pk]


def test_the_watch_gives_a_failed_day_ten_minutes(tenant: Tenant, jobs: list[Any], rung: list[int]) -> None:
    jobs.append("broken")
    with time_machine.travel(MORNING, tick=False), scope(tenant=tenant):
        daily.work(tenant=tenant)
        assert daily.watch() == 0
    with time_machine.travel(MORNING + timedelta(minutes=11), tick=False):
        assert daily.watch() == 1
    assert rung == [tenant.pk]


def test_old_days_are_forgotten(tenant: Tenant, rung: list[int]) -> None:
    with scopes_disabled():
        Daily.objects.create(tenant=tenant, on=times.today() - daily.KEPT - timedelta(days=1))
        daily.watch()
        assert not Daily.objects.exists()
