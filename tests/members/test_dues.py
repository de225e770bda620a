"""The ledger of dues: each deed works, refuses, is done once, and is nobody else's; months are charged once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scopes_disabled
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as DjangoCase

from accounts.exceptions import Refusal
from accounts.models import AuditEvent, Fact, Tenant
from members import exceptions as no
from members.models import Due, DueEntry, Group, Member, Membership
from members.services import day_watch, due_plans, dues, groups
from tests import factories
from ui import times

TODAY = date(2026, 11, 28)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> Any:
    def be(day: date) -> None:
        monkeypatch.setattr(times, "today", lambda: day)

    be(TODAY)
    return be


@pytest.fixture
def member(in_tenant: Tenant) -> Member:
    return factories.make_member(in_tenant, "김민준", "01012345678")


def charged(member: Member, won: int = 50_000, reference: str = "c", **more: Any) -> Due:
    values = {"name": "수강료", "amount_won": won, "due_on": TODAY - timedelta(days=1)} | more
    return dues.add(tenant=member.tenant, by=None, member=member, reference=reference, **values)


def paid(due: Due, won: int, reference: str = "p", **more: Any) -> Due:
    return dues.pay(tenant=due.tenant, by=None, due=due, won=won, method="cash", reference=reference, **more)


def fresh(one: Any) -> Any:
    return type(one).objects.get(pk=one.pk)


def test_add_is_owed_once(member: Member) -> None:
    due = charged(member, due_on=TODAY - timedelta(days=3))
    charged(member, 7_000, "today", due_on=TODAY)  # not late before tomorrow

    assert charged(member).pk == due.pk
    assert (fresh(member).unpaid_won, fresh(member).unpaid_since) == (50_000, TODAY - timedelta(days=3))
    assert Fact.objects.filter(kind="due.charged").count() == 2


def test_pay_in_parts_and_never_too_much(member: Member) -> None:
    due = paid(charged(member), 20_000)
    assert (due.open_won, fresh(member).unpaid_won) == (30_000, 30_000)
    assert paid(due, 20_000).open_won == 30_000  # the same tap
    with pytest.raises(no.Overpaid) as refusal:
        paid(due, 30_001, "q")
    assert "30,000원" in str(refusal.value)
    assert paid(due, 30_000, "q").open_won == 0
    assert (fresh(member).unpaid_won, fresh(member).unpaid_since) == (0, None)
    assert Fact.objects.filter(kind="due.paid").count() == 2


@pytest.mark.parametrize(
    "wrong",
    [{"won": 0}, {"won": -5}, {"method": "bitcoin"}, {"on": TODAY + timedelta(days=1)}, {"on": date(1926, 11, 28)}],
)
def test_pay_refuses(member: Member, wrong: dict[str, Any]) -> None:
    due = charged(member)
    with pytest.raises((no.InvalidDue, no.DayToCome)):
        dues.pay(tenant=due.tenant, by=None, due=due, reference="p", **{"won": 1000, "method": "cash"} | wrong)
    assert fresh(due).open_won == 50_000


def test_pay_all_goes_to_the_oldest_first(member: Member) -> None:
    new = charged(member, 30_000, "a", due_on=TODAY)
    old = charged(member, 50_000, "b", due_on=TODAY - timedelta(days=30))
    who: dict[str, Any] = {"tenant": member.tenant, "by": None, "member": member, "method": "transfer"}
    dues.pay_all(**who, won=60_000, reference="p")
    dues.pay_all(**who, won=60_000, reference="p")

    assert (fresh(old).open_won, fresh(new).open_won) == (0, 20_000)
    with pytest.raises(no.Overpaid):
        dues.pay_all(**who, won=20_001, reference="q")


def test_return_waive_and_correct(member: Member) -> None:
    due = paid(charged(member), 20_000)
    who: dict[str, Any] = {"tenant": member.tenant, "by": None, "due": due}
    with pytest.raises(no.ReturnedTooMuch):
        dues.give_back(**who, won=20_001, reference="r")
    assert dues.give_back(**who, won=5_000, reference="r").open_won == 35_000
    with pytest.raises(no.InvalidDue):
        dues.waive(**who, won=5_000, reference="w", note=" ")
    assert dues.waive(**who, won=5_000, reference="w", note="형제 할인").open_won == 30_000
    with pytest.raises(no.CorrectedTooLow):
        dues.correct(**who, amount_won=19_999, reference="k", note="잘못 적음")
    with pytest.raises(no.UnwaivedTooMuch):
        dues.unwaive(**who, won=5_001, reference="u")
    for _twice in range(2):
        assert dues.unwaive(**who, won=3_000, reference="u").open_won == 33_000
    assert dues.waive(**who, won=3_000, reference="v", note="형제 할인").waived_won == 5_000
    fixed = dues.correct(**who, amount_won=40_000, reference="k", note="잘못 적음")
    assert (fixed.amount_won, fixed.paid_won, fixed.waived_won, fixed.open_won) == (40_000, 15_000, 5_000, 20_000)
    assert fresh(member).unpaid_won == 20_000


def test_neighbour_has_no_part_in_it(member: Member, neighbour: Tenant) -> None:
    due = charged(member)
    with pytest.raises((no.MemberNotFound, no.DueNotFound)):
        dues.pay(tenant=neighbour, by=None, due=due, won=1, method="cash", reference="n")
    assert DueEntry.objects.count() == 1


# --- Monthly ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def group(in_tenant: Tenant) -> Group:
    return factories.make_group(in_tenant, "초등부")


def planned(group: Group, **more: Any) -> Any:
    values = {"name": "초등부 수강료", "amount_won": 120_000, "due_day": 31, "starts_on": date(2026, 11, 1)} | more
    return due_plans.create(tenant=group.tenant, by=None, group=group, **values)


def charge(plan: Any, month: date = TODAY) -> int:
    return due_plans.charge(tenant=plan.tenant, by=None, plan=fresh(plan), month=month)


def test_charge_makes_one_due_each_once(group: Group, _today: Any) -> None:
    people = [factories.make_member(group.tenant, "김민준", "", group) for _ in range(3)]
    factories.make_member(group.tenant, "휴지통", "", group, deleted_at=times.now())
    plan = planned(group)

    assert (charge(plan), charge(plan)) == (3, 0)
    due = Due.objects.get(member=people[0])
    assert (due.month, due.due_on, due.open_won) == (date(2026, 11, 1), date(2026, 11, 30), 120_000)
    assert DueEntry.objects.filter(kind="charged").count() == Fact.objects.filter(kind="due.charged").count() == 3
    assert fresh(people[0]).unpaid_won == 0
    _today(date(2026, 12, 1))
    assert charge(plan, date(2026, 12, 5)) == 3
    day_watch.dues(tenant=group.tenant, today=date(2026, 12, 1))
    assert (fresh(people[0]).unpaid_won, fresh(people[0]).unpaid_since) == (120_000, date(2026, 11, 30))
    assert Due.objects.count() == 6


@pytest.mark.parametrize("stage", ["inquiry", "consult", "trial", "paused", "left"])
def test_only_who_is_enrolled_is_charged(group: Group, stage: str) -> None:
    member = factories.make_member(group.tenant, "김민준", "", group, stage=stage)
    plan = planned(group)
    assert charge(plan) == 0
    Member.objects.filter(pk=member.pk).update(stage="active")  # back again

    assert charge(plan) == 1


def test_a_due_is_not_late_on_the_day_it_is_charged(group: Group) -> None:
    member = factories.make_member(group.tenant, "김민준", "", group)
    charge(planned(group, due_day=5))

    assert Due.objects.get().due_on == TODAY
    assert fresh(member).unpaid_won == 0


def test_a_group_goes_only_after_its_plan_and_dues_stay(group: Group) -> None:
    factories.make_member(group.tenant, "김민준", "", group)
    plan = planned(group)
    charge(plan)
    with pytest.raises(no.GroupHasDuePlan):
        groups.delete(tenant=group.tenant, by=None, group=group)
    due_plans.end(tenant=group.tenant, by=None, plan=plan)
    groups.delete(tenant=group.tenant, by=None, group=group)

    assert fresh(plan).group is None
    assert Due.objects.get().open_won == 120_000


def test_who_joins_later_in_the_month_owes_it_or_not(group: Group) -> None:
    factories.make_member(group.tenant, "김민준", "", group)
    whole, none = planned(group), planned(group, name="교재비", mid_month="none")
    assert (charge(whole), charge(none)) == (1, 1)
    factories.make_member(group.tenant, "박서연", "", group)

    assert (charge(whole), charge(none)) == (1, 0)
    assert (charge(whole, date(2026, 12, 1)), charge(none, date(2026, 12, 1))) == (2, 2)


def test_nothing_is_charged_before_the_first_month_or_after_the_end(group: Group) -> None:
    factories.make_member(group.tenant, "김민준", "", group)
    plan = planned(group, starts_on=date(2026, 12, 1))
    assert charge(plan) == 0
    due_plans.end(tenant=group.tenant, by=None, plan=plan)
    assert charge(plan, date(2026, 12, 1)) == 0


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"amount_won": 0}, {"due_day": 0}, {"due_day": 32}, {"mid_month": "x"}]
)
def test_plans_refuse(group: Group, wrong: dict[str, Any]) -> None:
    with pytest.raises(no.InvalidDue):
        planned(group, **wrong)


def test_a_large_group_costs_few_statements(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = group.tenant
    people = Member.objects.bulk_create(Member(tenant=tenant, name="김민준") for _ in range(1_200))
    Membership.objects.bulk_create(Membership(tenant=tenant, member=m, group=group) for m in people)
    plan = planned(group)
    with CaptureQueriesContext(connection) as seen:
        assert charge(plan) == 1_200
    assert len(seen) < 25


def test_a_large_group_is_left_to_a_worker(group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    for _n in range(2):
        factories.make_member(group.tenant, "김민준", "", group)
    plan = planned(group)
    monkeypatch.setattr(due_plans, "CHUNK", 1)
    assert due_plans.charge_now(tenant=group.tenant, by=None, plan=plan) is None
    assert Due.objects.count() == 0
    asker = factories.make_user()
    due_plans.charge_row(tenant=group.tenant, pk=plan.pk, user=asker.pk)
    assert Due.objects.count() == 2
    assert AuditEvent.objects.get(kind="dueplan.charged").by_id == asker.pk
    monkeypatch.setattr(due_plans, "CHUNK", 2)

    assert due_plans.charge_now(tenant=group.tenant, by=None, plan=plan) == 0


def test_the_first_month_may_not_have_passed_but_an_older_plan_can_be_changed(group: Group, _today: Any) -> None:
    with pytest.raises(no.InvalidDue):
        planned(group, starts_on=date(2026, 10, 1))
    plan = planned(group)
    _today(date(2026, 12, 5))
    due_plans.update(tenant=group.tenant, by=None, plan=plan, amount_won=1_000, starts_on=date(2026, 11, 1))

    assert fresh(plan).amount_won == 1_000


# --- Any order --------------------------------------------------------------------------------------------------------

EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["add", "pay", "pay", "pay_all", "return", "waive", "unwaive", "correct"]),
        st.integers(0, 3),
        st.sampled_from([0, 1, 500, 1_000, 2_500, 5_000]),
    ),
    min_size=3,
    max_size=16,
)


def _do(member: Member, what: str, which: int, won: int, reference: str) -> None:
    who: dict[str, Any] = {"tenant": member.tenant, "by": None, "reference": reference}
    rows = list(Due.objects.order_by("pk"))
    if what == "add":
        dues.add(**who, member=member, name="회비", amount_won=won, due_on=TODAY - timedelta(days=which))
    elif what == "pay_all":
        dues.pay_all(**who, member=member, won=won, method="card")
    elif rows:
        due = rows[which % len(rows)]
        if what == "pay":
            dues.pay(**who, due=due, won=won, method="cash")
        elif what == "return":
            dues.give_back(**who, due=due, won=won)
        elif what == "unwaive":
            dues.unwaive(**who, due=due, won=won)
        elif what == "waive":
            dues.waive(**who, due=due, won=won, note="x")
        else:
            dues.correct(**who, due=due, amount_won=won, note="x")


def _seen() -> Any:
    return (
        list(DueEntry.objects.order_by("pk").values_list("kind", "won", "reference")),
        list(Due.objects.order_by("pk").values()),
        list(Member.objects.order_by("pk").values()),
    )


def _check(member: Member) -> None:
    total = 0
    for due in Due.objects.all():
        lines = DueEntry.objects.filter(due=due)
        assert due.open_won == sum(lines.values_list("won", flat=True)) >= 0
        assert due.open_won == due.amount_won - due.paid_won - due.waived_won
        assert due.paid_won >= 0 and due.waived_won >= 0
        total += due.open_won * (due.due_on < TODAY)
    first = Due.objects.filter(open_won__gt=0, due_on__lt=TODAY).order_by("due_on").first()
    assert (fresh(member).unpaid_won, fresh(member).unpaid_since) == (total, first.due_on if first else None)


class LedgerTest(DjangoCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(EVENTS)
    def test_any_order_adds_up_and_twice_is_once(self, events: list[tuple[str, int, int]]) -> None:
        with pytest.MonkeyPatch.context() as patch, scopes_disabled():
            patch.setattr(times, "today", lambda: TODAY)
            member = factories.make_member(factories.make_tenant())
            for serial, (what, which, won) in enumerate(events):
                for twice in (False, True):
                    before = _seen()
                    try:
                        _do(member, what, which, won, f"e{serial}")
                    except Refusal:
                        assert _seen() == before
                    if twice:
                        assert _seen() == before
                _check(member)
