"""The arithmetic of passes: last days, holds, what remains, what is paid back. Pure functions over plain values.

A pass is the sum of its entries, taken in the order they were written; `state` is the only place that adds them up.
"""

import calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from math import ceil
from typing import Any, NamedTuple

from members.enums import PassEntryKind as Kind
from members.enums import RefundRule

DAYS_MOST = 36_500
SESSIONS_MOST = 10_000
WON_MOST = 1_000_000_000  # of a price, and of a due
PENALTY = 10  # percent: 체육시설법 시행령 별표 3의2, where it is the member who wants to stop
# 학원법 시행령 별표 4, for who stops of their own will: before this part of the lessons has passed, that part of the
# fee is paid back; all of it before they begin, nothing after the last. Of a course longer than a month so much of the
# month it is stopped in, and all of the months after it.
STEPS = ((Fraction(1, 3), Fraction(2, 3)), (Fraction(1, 2), Fraction(1, 2)))


class Line(NamedTuple):
    """One entry as far as sums go."""

    kind: str
    sessions: int
    days: int
    won: int
    on: date
    until: date | None = None


@dataclass
class State:
    """What a pass is after its entries. `ends_on` None: it has no end; `sessions_left` None: nothing is counted."""

    starts_on: date
    counts: bool
    sessions_left: int | None = None
    days: int = 0
    won: int = 0
    held_from: date | None = None
    held_until: date | None = None
    closed_on: date | None = None
    closed_as: str = ""
    _endless: bool = field(default=False, repr=False)

    @property
    def ends_on(self) -> date | None:
        return None if self._endless else self.starts_on + timedelta(days=self.days - 1)


def state(starts_on: date, counts: bool, lines: Iterable[Line]) -> State:
    """The sum of a ledger."""
    now = State(starts_on, counts, 0 if counts else None)
    for line in lines:
        if line.kind in (Kind.OPENED, Kind.RECEIVED):
            now._endless = line.days == 0
        now.days += line.days
        now.won += line.won
        if now.sessions_left is not None:
            now.sessions_left += line.sessions
        if line.kind == Kind.HELD:
            now.held_from, now.held_until = line.on, line.until
        elif line.kind == Kind.RESUMED:
            now.held_from = now.held_until = None
        elif line.kind in (Kind.GIVEN, Kind.REFUNDED):
            now.closed_on, now.closed_as = line.on, line.kind
    return now


def last_day(start: date, *, months: int | None = None, days: int | None = None) -> date | None:
    """The last day of a pass that begins on `start`; None where it has no end.

    A month goes to the day before the same day of the next: 1월 15일 → 2월 14일. A day that a month lacks is its last:
    1월 31일 for a month ends 2월 28일 (or 29일), and from 2월 1일 it ends 2월 28일 too.
    """
    if months:
        year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
        longest = calendar.monthrange(year, month + 1)[1]
        end = date(year, month + 1, min(start.day, longest))
        # The same day exists: the one before it is the last. It does not: the month's end is.
        end = end - timedelta(days=1) if start.day <= longest else end
        return end + timedelta(days=days or 0)
    return start + timedelta(days=days - 1) if days else None


def length(start: date, end: date | None) -> int:
    """How many days that is, both ends counted; 0 stands for no end."""
    return (end - start).days + 1 if end else 0


def holds(held_from: date | None, held_until: date | None, on: date) -> bool:
    """Whether a pass is on hold that day."""
    return held_from is not None and held_from <= on and (held_until is None or on <= held_until)


def held_spans(lines: Iterable[Line]) -> list[tuple[date, date | None]]:
    """The days a pass was or is on hold, both ends counted; None: until told. One that never began has none."""
    spans: list[tuple[date, date | None]] = []
    begun: Line | None = None
    for line in lines:
        if line.kind == Kind.HELD:
            begun = line
        elif line.kind == Kind.RESUMED and begun is not None:
            if line.on > begun.on:
                spans.append((begun.on, line.on - timedelta(days=1)))
            begun = None
    return [*spans, (begun.on, begun.until)] if begun else spans


def meet(one: tuple[date, date | None], other: tuple[date, date | None]) -> bool:
    """Whether two spans share a day."""
    return holds(*one, other[0]) or holds(*other, one[0])


def hold_days(start: date, until: date | None) -> int:
    """How far a hold moves the last day when it is written: an open one moves nothing until it ends."""
    return (until - start).days + 1 if until else 0


def resume_days(held_from: date, held_until: date | None, on: date) -> int:
    """What the end of a hold on that day (the first day of coming again) adds to the days already moved."""
    held = max(0, (on - held_from).days)
    return held - hold_days(held_from, held_until) if held_until is None or on <= held_until else 0


def days_remaining(starts_on: date, ends_on: date | None, on: date) -> int:
    """Days of use from `on`, that day counted; all of them before the start."""
    return 0 if ends_on is None else max(0, (ends_on - max(on, starts_on)).days + 1)


# --- Refunds ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RefundQuote:
    """What is paid back, line by line. `by` is "days", "sessions" or "" where nothing measures the use.

    By the steps of academies `used_won` is what is kept, and there is no penalty.
    """

    paid_won: int
    by: str
    used: int
    total: int
    used_won: int
    percent: int
    penalty_won: int
    refund_won: int
    rule: str = RefundRule.SPORTS


def refund(*, paid_won: int, by: str, used: int, total: int, percent: int = PENALTY) -> RefundQuote:
    """Paid, less the share that was used, less the penalty on what was paid; never below nothing.

    The used share is rounded down and so is the penalty: a won of doubt is the member's.
    """
    used = min(max(used, 0), total)
    used_won = paid_won * used // total if total else 0
    penalty_won = paid_won * percent // 100
    back = max(0, paid_won - used_won - penalty_won)
    return RefundQuote(paid_won, by if total else "", used, total, used_won, percent, penalty_won, back)


def refund_by_steps(
    *, paid_won: int, by: str, used: int, total: int, months: Fraction, begun: bool, passed: Fraction | None = None
) -> RefundQuote:
    """What academies pay back of a course that lasts so many months, of which `used` of `total` have passed.

    `passed` says how many months that is where the calendar knows; without it they count as equally long.
    """
    used = min(max(used, 0), total)
    whole = max(months, Fraction(1, 1_000))
    if passed is None or used == total:
        passed = whole * Fraction(used, total) if total else Fraction(0)
    back = whole if not begun and not used else _back(whole, passed)
    kept = int(paid_won * (whole - back) / whole)  # rounded down, as ever: a won of doubt is the member's
    return RefundQuote(paid_won, by if total else "", used, total, kept, 0, 0, paid_won - kept, RefundRule.ACADEMY)


def _back(whole: Fraction, passed: Fraction) -> Fraction:
    """How many months' fee is paid back of a course that has begun."""
    month = max(0, ceil(passed) - 1) if whole > 1 else 0  # the one it is stopped in, from 0
    size = min(Fraction(1), whole - month) if whole > 1 else whole
    part = (passed - month) / size
    share = next((share for before, share in STEPS if part < before), Fraction(0))
    return share * size + (whole - month - size)


def months_in(start: date, days: int) -> Fraction:
    """How many months so many days from `start` are; what is over is a part of the month it lies in."""
    count, passed = 0, 0
    while (end := length(start, last_day(start, months=count + 1))) <= days:
        count, passed = count + 1, end
    return count + Fraction(days - passed, end - passed)


def used_days(starts_on: date, ends_on: date | None, total: int, on: date) -> int:
    """Days used of `total` contracted when it is stopped on `on`, that day counted; days on hold never were used."""
    if ends_on is None or on < starts_on:
        return 0
    return min(total, max(0, total - max(0, (ends_on - on).days)))


def soonest_first(passes: Iterable[Any]) -> list[Any]:
    """Passes in the order visits use them: what ends first is used first, what never ends comes last."""
    return sorted(passes, key=lambda one: (one.ends_on is None, one.ends_on or date.max, one.pk))
