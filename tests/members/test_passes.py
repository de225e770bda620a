"""Deeds on passes: each works, refuses, is done once, and is nobody else's."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import AuditEvent, Fact, Tenant
from members import exceptions as no
from members.models import Member, Pass, PassEntry
from members.selectors import passes as reads
from members.selectors.card import answer
from members.services import day_watch, pass_ends, pass_ledger, pass_types, uniting
from members.services import passes as services
from tests import factories
from ui import times

TODAY = date(2026, 11, 28)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    def be(day: date) -> None:
        monkeypatch.setattr(times, "today", lambda: day)

    be(TODAY)
    return be


@pytest.fixture
def member(in_tenant: Tenant) -> Member:
    return factories.make_member(in_tenant, "김민준", "01012345678")


def opened(member: Member, reference: str = "form:1", **more: Any) -> Pass:
    return services.open_pass(
        tenant=member.tenant, by=None, member=member, reference=reference, **{"name": "10회권", "sessions": 10} | more
    )


def did(deed: Callable[..., Any], one: Pass, reference: str = "r", **more: Any) -> Any:
    return deed(tenant=one.tenant, by=None, one=one, reference=reference, **more)


def fresh(one: Any) -> Any:
    return type(one).objects.get(pk=one.pk)


def test_open_fills_the_member(member: Member) -> None:
    one = opened(member, name="3개월권", sessions=None, months=3, price_won=300_000)

    assert (one.ends_on, one.sessions_left, one.kind) == (date(2027, 2, 27), None, "period")
    assert (fresh(member).expires_on, fresh(member).sessions_left) == (one.ends_on, None)
    assert AuditEvent.objects.filter(kind="pass.opened").count() == 1


def test_open_as_the_type_says_and_otherwise(member: Member) -> None:
    kind = pass_types.create(tenant=member.tenant, by=None, name="3개월 24회", months=3, sessions=24, price_won=240_000)
    one = opened(member, name="", sessions=None, type=kind)
    other = opened(member, "form:2", name="", sessions=5, type=kind, price_won=0)
    longer = opened(member, "form:3", name="", sessions=None, days=10, type=kind)

    assert (one.name, one.sessions_left, one.price_won, one.ends_on) == ("3개월 24회", 24, 240_000, date(2027, 2, 27))
    assert (other.sessions_left, other.ends_on, other.price_won) == (5, date(2027, 2, 27), 0)
    assert (longer.sessions_left, longer.ends_on) == (24, TODAY + timedelta(days=9))


def test_open_twice_opens_once(member: Member) -> None:
    assert opened(member).pk == opened(member).pk
    assert PassEntry.objects.count() == Pass.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "가" * 41}, {"sessions": 0}, {"sessions": 10_001}, {"sessions": None},
     {"price_won": -1}, {"starts_on": date(1990, 1, 1)}, {"days": 40_000}, {"months": -3}],
)  # fmt: skip
def test_open_refuses(member: Member, wrong: dict[str, Any]) -> None:
    with pytest.raises(no.InvalidPass):
        opened(member, **wrong)
    assert Pass.objects.count() == 0


def test_use_counts_down_and_says_when_it_is_used_up(member: Member) -> None:
    one = opened(member, sessions=2)
    did(services.use, one, "visit:1")
    did(services.use, one, "visit:1")

    assert fresh(member).sessions_left == 1
    assert did(services.use, one, "visit:2").sessions_left == 0
    assert Fact.objects.filter(kind="pass.used_up").count() == 1
    with pytest.raises(no.PassUsedUp):
        did(services.use, one, "visit:3")


def test_a_used_up_pass_says_nothing_while_another_lets_in_uncounted(member: Member, _today: Any) -> None:
    count = opened(member, sessions=1)
    did(services.use, count, "visit:1")
    assert fresh(member).sessions_left == 0
    period = opened(member, "form:2", name="1개월권", sessions=None, days=30)
    assert (fresh(member).sessions_left, fresh(member).expires_on) == (None, period.ends_on)
    assert [part.tone for part in answer(fresh(member), TODAY)] == ["green"]

    _today(TODAY + timedelta(days=30))
    day_watch.end_passes(tenant=member.tenant, today=times.today())
    assert (fresh(member).sessions_left, fresh(member).expires_on) == (0, period.ends_on)
    did(services.adjust, count, "more", sessions=1, note="x")
    assert (fresh(member).sessions_left, fresh(member).expires_on) == (1, None)


@pytest.mark.parametrize("by_watch", [True, False])
@pytest.mark.parametrize("begins", [0, 10])
def test_the_last_day_where_nothing_is_left(member: Member, _today: Any, by_watch: bool, begins: int) -> None:
    old = opened(member, sessions=3, days=10)
    late = opened(member, "form:2", sessions=1, days=60, starts_on=TODAY + timedelta(days=begins))
    _today(TODAY + timedelta(days=begins))
    did(services.use, late, "visit:1")
    Member.objects.update(expires_on=old.ends_on)
    _today(TODAY + timedelta(days=10))
    if by_watch:
        day_watch.end_passes(tenant=member.tenant, today=times.today())
        assert Fact.objects.filter(kind="pass.expired", subject=f"member:{member.pk}").count() == 1
    else:
        pass_ledger.bring_up_member(member.tenant, member.pk, times.today())

    last = late if begins else old  # one that began when the old one was over is not hidden by it
    assert (fresh(member).expires_on, fresh(member).sessions_left) == (last.ends_on, 0)


def test_use_refuses_days_that_cannot_be(member: Member, _today: Any) -> None:
    one = opened(member, days=10, starts_on=TODAY)
    with pytest.raises(no.DayToCome):
        did(services.use, one, on=TODAY + timedelta(days=1))
    with pytest.raises(no.PassNotStarted):
        did(services.use, one, on=TODAY - timedelta(days=1))
    _today(TODAY + timedelta(days=10))
    with pytest.raises(no.PassExpired):
        did(services.use, one)


def test_return_undoes_the_use_once(member: Member) -> None:
    one = opened(member)
    did(services.use, one, "visit:1")
    did(services.give_back, one, "visit:1")
    did(services.give_back, one, "visit:1")

    assert fresh(one).sessions_left == 10
    with pytest.raises(no.NothingToReturn):
        did(services.give_back, one, "visit:2")


def test_hold_moves_the_last_day_and_bars_visits(member: Member, _today: Any) -> None:
    one = opened(member, days=30)
    held = did(services.hold, one, until=TODAY + timedelta(days=6))

    assert held.ends_on == TODAY + timedelta(days=36)
    with pytest.raises(no.PassOnHold):
        did(services.use, one)
    with pytest.raises(no.PassOnHold):
        did(services.hold, one, "other")
    _today(TODAY + timedelta(days=7))  # the hold is over, though nobody has written it yet
    assert did(services.use, one, "visit:1").sessions_left == 9
    assert fresh(one).held_from is None and fresh(one).ends_on == TODAY + timedelta(days=36)


def test_resume_early_takes_back_what_was_not_held(member: Member, _today: Any) -> None:
    one = opened(member, days=30)
    did(services.hold, one, until=TODAY + timedelta(days=19))
    _today(TODAY + timedelta(days=5))

    assert did(services.resume, one).ends_on == TODAY + timedelta(days=34)
    assert did(services.resume, one).ends_on == TODAY + timedelta(days=34)
    with pytest.raises(no.PassNotOnHold):
        did(services.resume, one, "again")


def test_an_open_hold_moves_the_last_day_when_it_ends(member: Member, _today: Any) -> None:
    one = opened(member, days=30)
    assert did(services.hold, one).ends_on == TODAY + timedelta(days=29)
    assert fresh(member).expires_on is None  # nobody knows it now
    _today(TODAY + timedelta(days=45))

    assert did(services.resume, one).ends_on == TODAY + timedelta(days=74)
    assert fresh(member).expires_on == TODAY + timedelta(days=74)


def test_a_hold_to_come_can_be_taken_back(member: Member) -> None:
    one = opened(member, days=30)
    did(services.hold, one, from_on=TODAY + timedelta(days=3), until=TODAY + timedelta(days=12))

    assert did(services.use, one, "visit:1").sessions_left == 9
    assert did(services.resume, one).ends_on == TODAY + timedelta(days=29)


def test_hold_refuses_days_with_visits_and_days_held_before(member: Member, _today: Any) -> None:
    one = opened(member, days=60, starts_on=TODAY - timedelta(days=20))
    did(services.use, one, "visit:1", on=TODAY - timedelta(days=5))
    with pytest.raises(no.HoldOverVisit):
        did(services.hold, one, from_on=TODAY - timedelta(days=6))
    did(services.give_back, one, "visit:1")
    did(services.hold, one, from_on=TODAY - timedelta(days=6))
    did(services.resume, one)
    with pytest.raises(no.HoldOverHold):
        did(services.hold, one, "two", from_on=TODAY - timedelta(days=2))
    with pytest.raises(no.HoldOverHold):
        did(services.hold, one, "two", from_on=TODAY - timedelta(days=9), until=TODAY - timedelta(days=6))
    with pytest.raises(no.InvalidPass):
        did(services.hold, one, "three", until=TODAY - timedelta(days=1))


def test_a_hold_taken_back_or_of_other_days_does_not_bar_one(member: Member) -> None:
    one = opened(member, days=60, starts_on=TODAY - timedelta(days=30))
    did(services.hold, one, "a", from_on=TODAY + timedelta(days=20), until=TODAY + timedelta(days=29))
    did(services.resume, one, "b")  # before it began: no day of it was held
    did(services.hold, one, "c", from_on=TODAY - timedelta(days=5))
    did(services.resume, one, "d")
    did(services.hold, one, "e", from_on=TODAY - timedelta(days=20), until=TODAY - timedelta(days=16))

    assert fresh(one).ends_on == TODAY + timedelta(days=29 + 5 + 5)


def test_a_hold_that_runs_is_not_ended_by_a_later_day(member: Member) -> None:
    one = opened(member, days=60)
    did(services.hold, one, "a", until=TODAY + timedelta(days=6))
    with pytest.raises(no.PassOnHold):
        did(services.hold, one, "b", from_on=TODAY + timedelta(days=10))
    with pytest.raises(no.DayToCome):
        did(services.resume, one, "c", on=TODAY + timedelta(days=10))

    assert fresh(one).held_until == TODAY + timedelta(days=6)


def test_a_visit_written_later_cannot_use_a_day_on_hold(member: Member) -> None:
    one = opened(member, days=60, starts_on=TODAY - timedelta(days=30))
    did(services.hold, one, "a", from_on=TODAY - timedelta(days=5))
    did(services.resume, one, "b")
    held = TODAY - timedelta(days=3)

    assert pass_ledger.usable(member.tenant, member.pk, held) == []
    with pytest.raises(no.PassOnHold):
        did(services.use, one, "visit:1", on=held)
    assert did(services.use, one, "visit:2", on=TODAY - timedelta(days=6)).sessions_left == 9


def test_adjust_keeps_the_reason(member: Member) -> None:
    one = opened(member, days=30)
    done = did(services.adjust, one, days=7, sessions=2, note="이벤트로 더 드림")

    assert (done.ends_on, done.sessions_left) == (TODAY + timedelta(days=36), 12)
    assert PassEntry.objects.get(kind="adjusted").note == "이벤트로 더 드림"


@pytest.mark.parametrize(
    "wrong",
    [{"note": " ", "days": 1}, {"note": "x"}, {"note": "x", "sessions": -11}, {"note": "x", "days": -30},
     {"note": "x", "days": 40_000}],
)  # fmt: skip
def test_adjust_refuses(member: Member, wrong: dict[str, Any]) -> None:
    one = opened(member, days=30)
    with pytest.raises(no.InvalidPass):
        did(services.adjust, one, **wrong)
    assert fresh(one).sessions_left == 10


def test_adjust_refuses_what_the_pass_does_not_have(member: Member) -> None:
    period, count = opened(member, sessions=None, days=30), opened(member, "form:2")
    with pytest.raises(no.InvalidPass):
        did(services.adjust, period, sessions=1, note="x")
    with pytest.raises(no.InvalidPass):
        did(services.adjust, count, days=1, note="x")


def test_give_closes_here_and_opens_there(member: Member) -> None:
    other = factories.make_member(member.tenant, "박서연", "01011112222")
    one = opened(member, days=30, starts_on=TODAY - timedelta(days=10), price_won=100_000)
    did(services.use, one, "visit:1")
    new = did(pass_ends.give, one, to=other)
    again = did(pass_ends.give, fresh(one), to=other)

    assert new.pk == again.pk and new.received_from_id == one.pk
    assert (new.starts_on, new.ends_on, new.sessions_left) == (TODAY, TODAY + timedelta(days=19), 9)
    assert new.price_won == 90_000
    assert (fresh(one).closed_as, fresh(one).sessions_left) == ("given", 0)
    assert (fresh(member).sessions_left, fresh(member).expires_on) == (None, None)
    assert (fresh(other).sessions_left, fresh(other).expires_on) == (9, TODAY + timedelta(days=19))
    with pytest.raises(no.PassClosed):
        did(services.use, one, "visit:2")


def test_give_ends_a_hold_first(member: Member, _today: Any) -> None:
    other = factories.make_member(member.tenant, "박서연", "01011112222")
    one = opened(member, days=30)
    did(services.hold, one)
    _today(TODAY + timedelta(days=100))

    assert did(pass_ends.give, one, to=other).ends_on == TODAY + timedelta(days=129)


def test_give_of_a_merged_members_pass_goes_to_another_only(member: Member) -> None:
    kept = factories.make_member(member.tenant, "김민준")
    one = opened(member)
    uniting.unite(tenant=member.tenant, by=None, kept=kept.pk, gone=member.pk)
    with pytest.raises(no.GivenToSelf):
        did(pass_ends.give, one, to=kept)

    assert did(pass_ends.give, one, to=factories.make_member(member.tenant, "박서연")).sessions_left == 10


def test_give_refuses(member: Member, neighbour: Tenant) -> None:
    one = opened(member, sessions=1)
    stranger = factories.make_member(neighbour, "이웃")
    with pytest.raises(no.GivenToSelf):
        did(pass_ends.give, one, to=member)
    with pytest.raises(no.MemberNotFound):
        did(pass_ends.give, one, to=stranger)
    did(services.use, one, "visit:1")
    with pytest.raises(no.PassUsedUp):
        did(pass_ends.give, one, to=factories.make_member(member.tenant, "박서연"))


def test_refund_by_sessions_and_by_days(member: Member) -> None:
    one = opened(member, days=100, starts_on=TODAY - timedelta(days=49), price_won=100_000)
    for n in range(2):
        did(services.use, one, f"visit:{n}")

    by_sessions = pass_ends.quote(member.tenant, one)
    by_days = pass_ends.quote(member.tenant, one, by_what="days", percent=0)

    assert (by_sessions.used, by_sessions.total, by_sessions.refund_won) == (2, 10, 70_000)
    assert (by_days.used, by_days.total, by_days.refund_won) == (50, 100, 50_000)


def test_refund_does_not_count_days_on_hold(member: Member, _today: Any) -> None:
    one = opened(member, sessions=None, days=100, price_won=100_000)
    _today(TODAY + timedelta(days=10))
    did(services.hold, one, until=TODAY + timedelta(days=59))
    _today(TODAY + timedelta(days=30))

    assert pass_ends.quote(member.tenant, fresh(one), percent=0).used == 10


@pytest.mark.parametrize(("asked", "more"), [("days", {}), ("sessions", {"sessions": None, "days": 10})])
def test_refund_is_not_measured_by_what_the_pass_has_not(member: Member, asked: str, more: dict[str, Any]) -> None:
    one = opened(member, price_won=100_000, **more)
    if one.sessions:
        did(services.use, one, "visit:1")

    found = pass_ends.quote(member.tenant, one, by_what=asked, percent=0)
    assert (found.by != asked, found.used, found.refund_won) == (True, 1, 90_000)


def test_refund_of_a_pass_with_nothing_left_proposes_nothing(member: Member, _today: Any) -> None:
    emptied = opened(member, price_won=100_000)
    did(services.adjust, emptied, sessions=-10, note="모두 취소")
    over = opened(member, "form:2", price_won=100_000, days=5)
    _today(TODAY + timedelta(days=5))

    for one in (emptied, over):
        assert pass_ends.quote(member.tenant, one, percent=0).refund_won == 0


def test_refund_of_an_academy_goes_by_the_days_that_have_passed(member: Member, _today: Any) -> None:
    kind = pass_types.create(
        tenant=member.tenant, by=None, name="특강 8회", months=2, sessions=8, price_won=200_000, refund_rule="academy"
    )
    one = opened(member, name="", sessions=None, type=kind, starts_on=TODAY + timedelta(days=1))
    assert pass_ends.quote(member.tenant, one).refund_won == 200_000
    _today(TODAY + timedelta(days=1))
    found = pass_ends.quote(member.tenant, one)
    by_sessions = pass_ends.quote(member.tenant, one, by_what="sessions")
    other = pass_ends.quote(member.tenant, one, rule="sports")

    assert (found.by, found.used, found.refund_won, found.penalty_won) == ("days", 1, 166_667, 0)
    assert (by_sessions.used, by_sessions.refund_won) == (0, 166_667)  # none taken, but it has begun
    assert (other.rule, other.refund_won) == ("sports", 180_000)


@pytest.mark.parametrize(
    ("start", "stop", "won"),
    [(date(2027, 1, 1), date(2027, 1, 31), 200_000), (date(2027, 2, 1), date(2027, 3, 1), 166_667),
     (date(2027, 1, 1), date(2027, 2, 10), 150_000)],
)  # fmt: skip
def test_refund_of_an_academy_goes_by_the_month_it_is_stopped_in(
    member: Member, start: date, stop: date, won: int
) -> None:
    one = opened(member, sessions=None, months=3, price_won=300_000, starts_on=start)

    assert pass_ends.quote(member.tenant, one, on=stop, rule="academy").refund_won == won


def test_refund_closes_once(member: Member) -> None:
    one = opened(member, days=30, price_won=100_000)
    did(pass_ends.refund, one, won=60_000, note="이사")
    done = did(pass_ends.refund, one, won=60_000)

    assert (done.closed_as, done.sessions_left, done.ends_on) == ("refunded", 0, TODAY)
    assert sum(PassEntry.objects.values_list("won", flat=True)) == 40_000
    with pytest.raises(no.PassClosed):
        did(pass_ends.refund, one, "other", won=1)


def test_refund_refuses_more_than_was_paid(member: Member) -> None:
    one = opened(member, price_won=100_000)
    with pytest.raises(no.RefundedTooMuch):
        did(pass_ends.refund, one, won=100_001)


def test_neighbour_has_no_part_in_it(member: Member, neighbour: Tenant) -> None:
    one = opened(member)
    for deed, more in ((services.use, {}), (services.hold, {}), (services.adjust, {"days": 1, "note": "x"}),
                       (pass_ends.refund, {"won": 0})):  # fmt: skip
        with pytest.raises((no.MemberNotFound, no.PassNotFound)):
            deed(tenant=neighbour, by=None, one=one, reference="n", **more)
    assert PassEntry.objects.count() == 1


def test_summary_in_one_line(member: Member, _today: Any) -> None:
    def said() -> str:
        return reads.member_passes(member.tenant, member).summary

    assert said() == "쓰고 있는 이용권이 없어요"
    one = opened(member, sessions=12, days=30)
    assert said() == "12회 남음 · 12월 27일까지"
    did(services.hold, one, until=TODAY + timedelta(days=6))
    assert said() == "홀딩 중 · 12월 4일까지"
    did(services.resume, one)
    _today(TODAY + timedelta(days=29))
    assert said() == "12회 남음 · 오늘까지"
    _today(TODAY + timedelta(days=30))
    assert said() == "12월 27일에 끝났어요"


def test_soonest_to_expire_is_used_first(member: Member) -> None:
    never = opened(member, "a")
    later = opened(member, "b", days=60)
    sooner = opened(member, "c", days=30)
    shown = reads.member_passes(member.tenant, member)

    assert [one.row.pk for one in shown.rows] == [sooner.pk, later.pk, never.pk]
    assert shown.next == sooner


def test_what_is_used_up_is_not_going_on(member: Member) -> None:
    kind = pass_types.create(tenant=member.tenant, by=None, name="1회권", sessions=1)
    first, _second = (opened(member, reference, type=kind, sessions=None) for reference in ("a", "b"))
    did(services.use, first, "visit:1")

    assert reads.types_with_use(member.tenant).get().going_count == 1


def test_the_card_shows_the_last_lines_of_each_pass(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "LEDGER_SHOWN", 2)
    both = [opened(member, reference) for reference in ("a", "b")]
    for n in range(3):
        for one in both:
            did(services.use, one, f"visit:{one.pk}:{n}")

    for shown in reads.member_passes(member.tenant, member).rows:
        assert [entry.reference for entry in shown.entries] == [f"visit:{shown.row.pk}:{n}" for n in (2, 1)]


def test_types_are_made_changed_and_retired(in_tenant: Tenant) -> None:
    kind = pass_types.create(tenant=in_tenant, by=None, name="1개월권", months=1, price_won=80_000)
    with pytest.raises(no.InvalidPass):
        pass_types.create(tenant=in_tenant, by=None, name="1개월권", months=2)
    with pytest.raises(no.InvalidPass):
        pass_types.update(tenant=in_tenant, by=None, type=kind, penalty_percent=101)
    pass_types.update(tenant=in_tenant, by=None, type=kind, sessions=8)
    pass_types.retire(tenant=in_tenant, by=None, type=kind)
    pass_types.retire(tenant=in_tenant, by=None, type=kind)

    assert list(reads.types(in_tenant)) == []
    assert pass_types.create(tenant=in_tenant, by=None, name="1개월권", months=1).kind == "period"
