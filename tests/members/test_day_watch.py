"""What a new day does to passes, visits and dues; doing it twice does nothing more."""

from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Fact, Tenant
from members.models import Attendance, Due, Member, Pass
from members.services import attendance, daily, day_watch, due_plans, dues, passes
from tests import factories
from ui import times

TODAY = date(2026, 11, 28)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> Any:
    def be(day: date) -> None:
        monkeypatch.setattr(times, "today", lambda: day)

    be(TODAY)
    return be


def told(kind: str) -> list[tuple[str, int]]:
    rows = Fact.objects.filter(kind=kind).order_by("pk")
    return [(fact.subject, fact.data.get("days", 0)) for fact in rows]


def fresh(one: Any) -> Any:
    return type(one).objects.get(pk=one.pk)


def days_pass(tenant: Tenant, be: Any, count: int) -> None:
    """Each day of so many, worked through twice."""
    for n in range(count + 1):
        be(TODAY + timedelta(days=n))
        for job in (day_watch.end_holds, day_watch.end_passes, day_watch.absent, day_watch.dues):
            for _twice in range(2):
                job(tenant=tenant, today=times.today())


def test_a_pass_that_ends_is_told_on_its_days_once(in_tenant: Tenant, _today: Any) -> None:
    member = factories.make_member(in_tenant)
    factories.make_pass(in_tenant, member, days=15, sessions=5)
    days_pass(in_tenant, _today, 17)

    who = f"member:{member.pk}"
    assert told("pass.expiring") == [(who, 14), (who, 7), (who, 3), (who, 1), (who, 0)]
    assert told("pass.expired") == [(who, 0)]
    assert fresh(member).sessions_left == 0  # what was left is lost


def test_who_has_renewed_or_used_up_is_not_told(in_tenant: Tenant, _today: Any) -> None:
    renewed, used_up = factories.make_member(in_tenant, "김민준"), factories.make_member(in_tenant, "박서연")
    factories.make_pass(in_tenant, renewed, days=8)
    factories.make_pass(in_tenant, renewed, days=90)
    one = factories.make_pass(in_tenant, used_up, days=8, sessions=1)
    passes.use(tenant=in_tenant, by=None, one=one, reference="v")
    days_pass(in_tenant, _today, 7)

    assert told("pass.expiring") == []


def test_a_pass_used_up_before_another_ends_is_not_told_once_more(in_tenant: Tenant, _today: Any) -> None:
    member = factories.make_member(in_tenant)
    last = factories.make_pass(in_tenant, member, days=4, sessions=None)
    used_up = factories.make_pass(in_tenant, member, days=23, sessions=1)
    passes.use(tenant=in_tenant, by=None, one=used_up, reference="v")
    for day in (date(2026, 12, 2), date(2026, 12, 3), date(2026, 12, 21)):
        _today(day)
        day_watch.end_passes(tenant=in_tenant, today=day)

    assert told("pass.expired") == [(f"member:{member.pk}", 0)]
    assert fresh(member).expires_on == last.ends_on == date(2026, 12, 1)


def test_a_hold_ends_by_itself_and_an_open_one_does_not(in_tenant: Tenant, _today: Any) -> None:
    member = factories.make_member(in_tenant)
    dated, until_told = (factories.make_pass(in_tenant, member, days=30) for _ in range(2))
    passes.hold(tenant=in_tenant, by=None, one=dated, reference="a", until=TODAY + timedelta(days=2))
    passes.hold(tenant=in_tenant, by=None, one=until_told, reference="b")
    days_pass(in_tenant, _today, 40)

    assert (fresh(dated).held_from, fresh(dated).ends_on) == (None, TODAY + timedelta(days=32))
    assert fresh(until_told).held_from == TODAY
    assert told("pass.expired") == []  # the other may still come back
    assert Pass.objects.count() == 2


def test_absence_is_told_from_the_last_visit(in_tenant: Tenant, _today: Any) -> None:
    member = factories.make_member(in_tenant)
    attendance.check_in(tenant=in_tenant, by=None, member=member, way="staff", key="k")
    Member.objects.update(last_visit_on=TODAY)
    Attendance.objects.update(on=TODAY)
    days_pass(in_tenant, _today, 31)

    who = f"member:{member.pk}"
    assert told("member.absent") == [(who, 7), (who, 14), (who, 30)]


def test_what_ends_on_one_day_is_told_once(in_tenant: Tenant, _today: Any) -> None:
    member = factories.make_member(in_tenant)
    ids = [factories.make_pass(in_tenant, member, days=8).pk for _ in range(2)]
    due_ids = [factories.make_due(in_tenant, member, due_on=TODAY).pk for _ in range(2)]
    days_pass(in_tenant, _today, 1)

    assert told("pass.expiring") == [(f"member:{member.pk}", 7)]
    assert Fact.objects.get(kind="pass.expiring").data["rows"] == ids
    assert Fact.objects.get(kind="due.unpaid").data["rows"] == due_ids


def test_a_pause_is_made_up_for(in_tenant: Tenant, _today: Any) -> None:
    group = factories.make_group(in_tenant)
    member = factories.make_member(in_tenant, "김민준", "", group, last_visit_on=TODAY - timedelta(days=5))
    factories.make_pass(in_tenant, member, days=16)
    other = factories.make_member(in_tenant, "박서연")
    factories.make_pass(in_tenant, other, days=3)
    due_plans.create(tenant=in_tenant, by=None, group=group, name="수강료", amount_won=50_000, due_day=1)
    daily.work(tenant=in_tenant)
    _today(TODAY + timedelta(days=13))  # seven and three days before, and the second week of absence, have passed
    daily.work(tenant=in_tenant)

    who = f"member:{member.pk}"
    assert told("pass.expiring") == [(who, 3)]
    assert told("pass.expired") == [(f"member:{other.pk}", 0)]
    assert told("member.absent") == [(who, 14)]
    assert told("due.unpaid") == [(who, 7)]  # the first of them; the other is of today
    assert (fresh(member).sessions_left, fresh(other).sessions_left) == (10, 0)
    assert fresh(member).unpaid_won == 50_000


def test_a_month_that_began_and_ended_in_a_pause_is_charged(in_tenant: Tenant, _today: Any) -> None:
    group = factories.make_group(in_tenant)
    factories.make_member(in_tenant, "김민준", "", group)
    due_plans.create(tenant=in_tenant, by=None, group=group, name="수강료", amount_won=50_000, due_day=1)
    daily.work(tenant=in_tenant)
    _today(date(2027, 1, 2))
    daily.work(tenant=in_tenant)

    months = [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
    assert sorted(Due.objects.values_list("month", flat=True)) == months


@pytest.mark.parametrize("stage", ["left", "paused"])
def test_who_left_is_not_absent(in_tenant: Tenant, _today: Any, stage: str) -> None:
    factories.make_member(in_tenant, stage=stage, last_visit_on=TODAY)
    days_pass(in_tenant, _today, 8)

    assert told("member.absent") == []


def test_dues_are_charged_become_late_and_are_told(in_tenant: Tenant, _today: Any) -> None:
    group = factories.make_group(in_tenant)
    member = factories.make_member(in_tenant, "김민준", "", group)
    due_plans.create(tenant=in_tenant, by=None, group=group, name="수강료", amount_won=50_000, due_day=1,
                     starts_on=date(2026, 12, 1))  # fmt: skip
    days_pass(in_tenant, _today, 2)
    assert Due.objects.count() == 0
    days_pass(in_tenant, _today, 3)
    assert (Due.objects.count(), fresh(member).unpaid_won) == (1, 0)
    days_pass(in_tenant, _today, 11)

    who = f"member:{member.pk}"
    assert (fresh(member).unpaid_won, fresh(member).unpaid_since) == (50_000, date(2026, 12, 1))
    assert told("due.unpaid") == [(who, 1), (who, 3), (who, 7)]
    due = Due.objects.get()
    dues.pay(tenant=in_tenant, by=None, due=due, won=50_000, method="cash", reference="p")
    days_pass(in_tenant, _today, 20)
    assert told("due.unpaid") == [(who, 1), (who, 3), (who, 7)]


def test_neighbour_is_left_alone(in_tenant: Tenant, neighbour: Tenant, _today: Any) -> None:
    member = factories.make_member(neighbour)
    factories.make_pass(neighbour, member, days=8)
    days_pass(in_tenant, _today, 9)

    assert Fact.objects.filter(kind__startswith="pass.").count() == 0
