"""The lunar calendar: there and back for every day of 1900 to 2100, and the table against the library and the sky."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from korean_lunar_calendar import KoreanLunarCalendar

from members import lunar
from members.lunar import NoSuchLunarDay, leap_month, month_length, to_lunar, to_solar
from members.lunar_table import YEARS

LONG_AGO, LATE = date(1900, 1, 1), date(2100, 12, 31)
days = st.dates(LONG_AGO, LATE)


@given(days)
def test_to_lunar_and_back_is_the_same_day(day: date) -> None:
    assert to_solar(*to_lunar(day)) == day


@given(st.integers(1900, 2100), st.integers(1, 12), st.integers(1, 30), st.booleans())
def test_to_solar_and_back_is_the_same_lunar_day(year: int, month: int, day: int, leap: bool) -> None:
    if day > month_length(year, month, leap):
        with pytest.raises(NoSuchLunarDay):
            to_solar(year, month, day, leap)
    else:
        assert to_lunar(to_solar(year, month, day, leap)) == (year, month, day, leap)


@given(days.filter(lambda day: day < LATE))
def test_days_that_follow_each_other_do_so_in_both_calendars(day: date) -> None:
    today, tomorrow = to_lunar(day), to_lunar(day + timedelta(days=1))
    assert tomorrow.day == today.day + 1 or (
        tomorrow.day == 1 and today.day == month_length(today.year, today.month, today.leap)
    )


def test_every_day_the_library_knows_is_the_same_here() -> None:
    calendar, day = KoreanLunarCalendar(), LONG_AGO
    wrong = []
    while day <= date(2050, 12, 31):
        calendar.setSolarDate(day.year, day.month, day.day)
        theirs = (calendar.lunarYear, calendar.lunarMonth, calendar.lunarDay, calendar.isIntercalation)
        if to_lunar(day) != theirs:
            wrong.append(day)
        day += timedelta(days=1)
    assert wrong == []


def test_table_is_what_the_tool_computes_and_the_tool_agrees_with_the_library() -> None:
    pytest.importorskip("ephem")
    from tools import lunar_table

    rows, _close = lunar_table.table(lunar_table.FIRST, lunar_table.LAST)
    assert rows == YEARS
    assert lunar_table.differences() == []


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ((1985, 4, 15), date(1985, 6, 3)),
        ((2026, 1, 1), date(2026, 2, 17)),  # 설날
        ((2026, 8, 15), date(2026, 9, 25)),  # 추석
        ((2025, 6, 15, True), date(2025, 8, 8)),
        ((2023, 2, 1, True), date(2023, 3, 22)),
    ],
)
def test_to_solar_of_known_days(said: tuple[int, ...], day: date) -> None:
    assert to_solar(*said) == day  # type: ignore[arg-type]


def test_leap_months_of_known_years() -> None:
    assert [leap_month(year) for year in (2020, 2023, 2024, 2025, 2028)] == [4, 2, 0, 6, 5]


@pytest.mark.parametrize("year", [lunar.FIRST - 1, lunar.LAST + 1])
def test_years_we_do_not_know_are_refused(year: int) -> None:
    with pytest.raises(NoSuchLunarDay):
        to_solar(year, 1, 1)
