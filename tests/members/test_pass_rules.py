"""The arithmetic of passes."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members import passes as rules

DAYS = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2026, 1, 15), 1, date(2026, 2, 14)),
        (date(2026, 1, 1), 1, date(2026, 1, 31)),
        (date(2026, 2, 1), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 30), 1, date(2026, 2, 28)),
        (date(2026, 1, 29), 1, date(2026, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 11, 28), 3, date(2027, 2, 27)),
        (date(2026, 12, 1), 12, date(2027, 11, 30)),
        (date(2028, 2, 29), 12, date(2029, 2, 28)),
    ],
)
def test_last_day_of_months(start: date, months: int, end: date) -> None:
    assert rules.last_day(start, months=months) == end


def test_last_day_of_days_and_of_nothing() -> None:
    assert rules.last_day(date(2026, 1, 1), days=30) == date(2026, 1, 30)
    assert rules.last_day(date(2026, 1, 1), months=1, days=5) == date(2026, 2, 5)
    assert rules.last_day(date(2026, 1, 1)) is None


@given(DAYS, st.integers(1, 60))
def test_months_follow_each_other_without_a_gap_of_a_month(start: date, months: int) -> None:
    end = rules.last_day(start, months=months)
    later = rules.last_day(start, months=months + 1)

    assert end and later and start <= end < later
    assert 28 <= (later - end).days <= 31


@given(DAYS, st.integers(0, 400), st.integers(0, 400))
def test_a_hold_that_ends_moves_the_last_day_by_the_days_held(start: date, planned: int, held: int) -> None:
    until = date.fromordinal(start.toordinal() + planned)
    back = date.fromordinal(start.toordinal() + min(held, planned + 1))

    moved = rules.hold_days(start, until) + rules.resume_days(start, until, back)

    assert moved == (back - start).days
    assert rules.resume_days(start, None, back) == (back - start).days


def test_held_spans_are_the_days_that_were_held() -> None:
    def line(kind: str, day: int, until: int | None = None) -> rules.Line:
        return rules.Line(kind, 0, 0, 0, date(2026, 11, day), date(2026, 11, until) if until else None)

    early = [line("opened", 1), line("held", 2, 9), line("used", 1), line("resumed", 6)]
    taken_back = [line("held", 20, 29), line("resumed", 20)]
    running = [line("held", 12)]

    assert rules.held_spans(early + taken_back + running) == [
        (date(2026, 11, 2), date(2026, 11, 5)),
        (date(2026, 11, 12), None),
    ]


@given(st.integers(0, 10**9), st.integers(0, 500), st.integers(0, 500), st.integers(0, 100))
def test_a_refund_lies_between_nothing_and_what_was_paid(paid: int, used: int, total: int, percent: int) -> None:
    quote = rules.refund(paid_won=paid, by="days", used=used, total=total, percent=percent)

    assert 0 <= quote.refund_won <= paid
    assert quote.refund_won == max(0, paid - quote.used_won - quote.penalty_won)
    if used >= total > 0:
        assert quote.refund_won == 0


def test_refund_line_by_line() -> None:
    quote = rules.refund(paid_won=300_000, by="days", used=30, total=90)

    assert (quote.used_won, quote.penalty_won, quote.refund_won) == (100_000, 30_000, 170_000)


WON, COURSE = st.integers(0, 10**9), st.integers(1, 400)


@given(WON, DAYS, COURSE, st.integers(0, 400), st.booleans())
def test_steps_pay_no_less_than_nothing_no_more_than_paid_and_never_more_later(
    paid: int, start: date, total: int, used: int, begun: bool
) -> None:
    def back(days: int, begun: bool = True) -> int:
        months = rules.months_in(start, total)
        return rules.refund_by_steps(
            paid_won=paid, by="days", used=days, total=total, months=months, begun=begun,
            passed=rules.months_in(start, days),
        ).refund_won  # fmt: skip

    assert 0 <= back(used + 1) <= back(used, begun) <= paid
    assert back(0, False) == paid and back(total) == 0


@pytest.mark.parametrize(
    ("used", "won"),
    [(0, 300_000), (1, 200_000), (9, 200_000), (10, 150_000), (14, 150_000), (15, 0), (30, 0)],
)  # fmt: skip
def test_steps_of_one_month(used: int, won: int) -> None:
    months = rules.months_in(date(2026, 11, 1), 30)

    assert months == 1
    quote = rules.refund_by_steps(paid_won=300_000, by="days", used=used, total=30, months=months, begun=used > 0)
    assert (quote.refund_won, quote.used_won, quote.penalty_won) == (won, 300_000 - won, 0)


@pytest.mark.parametrize(
    ("used", "won"),
    [(1, 266_666), (30, 200_000), (31, 166_666), (40, 166_666), (41, 150_000), (50, 100_000), (61, 100_000),
     (62, 66_666), (92, 0)],
)  # fmt: skip
def test_steps_of_three_months_count_the_month_it_is_stopped_in_and_the_rest(used: int, won: int) -> None:
    start = date(2026, 11, 1)  # 30, 31 and 31 days
    quote = rules.refund_by_steps(
        paid_won=300_000, by="days", used=used, total=92, months=rules.months_in(start, 92), begun=True,
        passed=rules.months_in(start, used),
    )  # fmt: skip

    assert abs(quote.refund_won - won) <= 1


def test_used_days_count_the_day_of_stopping_but_nothing_before_the_start() -> None:
    start, end = date(2026, 11, 1), date(2026, 11, 30)

    assert rules.used_days(start, end, 30, date(2026, 10, 31)) == 0
    assert rules.used_days(start, end, 30, date(2026, 11, 1)) == 1
    assert rules.used_days(start, end, 30, date(2026, 11, 30)) == 30
    assert rules.used_days(start, end, 30, date(2027, 1, 1)) == 30
    # Ten days of hold moved the end; the same day has fewer days used.
    assert rules.used_days(start, date(2026, 12, 10), 30, date(2026, 11, 30)) == 20
