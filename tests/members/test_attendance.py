"""Visits: a tap is one visit, however often it is sent; what it used comes back with it."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Fact, Tenant
from members import codes
from members import exceptions as no
from members.models import Attendance, Member
from members.services import attendance, passes
from tests import factories
from ui import times


@pytest.fixture
def member(in_tenant: Tenant) -> Member:
    return factories.make_member(in_tenant, "김민준", "01012345678")


def came(member: Member, key: str = "k1", **more: Any) -> attendance.CheckIn:
    return attendance.check_in(
        tenant=member.tenant, by=None, member=member, **{"way": "digits", "key": key} | more
    )  # fmt: skip


def fresh(one: Any) -> Any:
    return type(one).objects.get(pk=one.pk)


def test_check_in_uses_the_pass_that_ends_first(member: Member) -> None:
    later = factories.make_pass(member.tenant, member, days=60)
    sooner = factories.make_pass(member.tenant, member, days=30)
    done = came(member)

    assert (done.used, done.again, done.without) == (sooner, False, "")
    assert (fresh(sooner).sessions_left, fresh(later).sessions_left) == (9, 10)
    assert fresh(member).last_visit_on == times.today()
    assert Fact.objects.filter(kind="member.visited").count() == 1


def test_check_in_with_the_pass_that_was_chosen(member: Member) -> None:
    later = factories.make_pass(member.tenant, member, days=60)
    factories.make_pass(member.tenant, member, days=30)

    assert came(member, one=later).used == later


def test_the_same_tap_and_one_soon_after_are_one_visit(member: Member) -> None:
    one = factories.make_pass(member.tenant, member, starts_on=times.today() - timedelta(days=1))
    now = times.now() - timedelta(hours=3)  # yesterday, soon after midnight
    first = came(member, at=now)
    same = came(member, at=now)
    soon = came(member, "k2", at=now + timedelta(minutes=9))
    later = came(member, "k3", at=now + timedelta(minutes=11))

    assert first.visit.pk == same.visit.pk == soon.visit.pk != later.visit.pk
    assert (same.again, soon.again, later.again) == (True, True, False)
    assert fresh(one).sessions_left == 8


@pytest.mark.parametrize(
    ("what", "why"), [("none", "no_pass"), ("expired", "expired"), ("used", "used_up"), ("held", "held")]
)
def test_a_visit_without_a_pass_is_written_and_says_why(member: Member, what: str, why: str) -> None:
    if what == "expired":
        factories.make_pass(member.tenant, member, days=1, starts_on=times.today() - timedelta(days=5))
    if what == "used":
        one = factories.make_pass(member.tenant, member, sessions=1)
        passes.use(tenant=member.tenant, by=None, one=one, reference="x")
    if what == "held":
        one = factories.make_pass(member.tenant, member, days=30)
        passes.hold(tenant=member.tenant, by=None, one=one, reference="x")
    done = came(member)

    assert (done.used, done.without) == (None, why)
    assert Attendance.objects.count() == 1


def test_undo_gives_back_and_forgets_the_day_once(member: Member) -> None:
    one = factories.make_pass(member.tenant, member, starts_on=times.today() - timedelta(days=9))
    came(member, at=times.now() - timedelta(days=2))
    last = came(member, "k2")
    for _twice in range(2):
        attendance.undo(tenant=member.tenant, by=None, visit=last.visit)

    assert fresh(one).sessions_left == 9
    assert fresh(member).last_visit_on == times.today() - timedelta(days=2)
    assert came(member, "k3").again is False  # what was undone does not stand in the way


def test_refuses_the_future_the_trash_and_the_neighbour(member: Member, neighbour: Tenant) -> None:
    with pytest.raises(no.DayToCome):
        came(member, at=times.now() + timedelta(hours=1))
    with pytest.raises(no.VisitTooOld):
        came(member, at=times.now() - timedelta(days=367))
    with pytest.raises(no.MemberNotFound):
        attendance.check_in(tenant=neighbour, by=None, member=member, way="staff", key="n")
    with pytest.raises(no.PassNotFound):
        came(member, one=factories.make_pass(member.tenant, factories.make_member(member.tenant)))
    visit = came(member).visit
    with pytest.raises(no.MemberNotFound):
        attendance.undo(tenant=neighbour, by=None, visit=visit)
    Member.objects.filter(pk=member.pk).update(deleted_at=times.now())
    with pytest.raises(no.MemberNotFound):
        came(member, "k9")


def test_codes_name_their_member_and_nobody_else(tenant: Tenant, neighbour: Tenant) -> None:
    code = codes.code_of(tenant.pk, 42)

    assert len(code) == codes.LENGTH and code.isdigit() and not code.endswith("000042")
    assert codes.member_of(tenant.pk, code) == 42
    assert codes.member_of(neighbour.pk, code) is None
    for at in range(codes.LENGTH):
        other = code[:at] + str((int(code[at]) + 1) % 10) + code[at + 1 :]
        assert codes.member_of(tenant.pk, other) is None
    assert codes.member_of(tenant.pk, "") is codes.member_of(tenant.pk, "가" * codes.LENGTH) is None
