"""The Korean lunar calendar (음력) from 1890 to 2100: day to day, and which months a year has. Pure functions.

To 2049 by korean-lunar-calendar, which holds the institute's own tables; from 2050 by `lunar_table` (decision 13).
"""

from bisect import bisect_right
from datetime import date
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from korean_lunar_calendar import KoreanLunarCalendar

from members.lunar_table import YEARS

FIRST, LAST = 1890, 2100  # lunar years
_BASE = KoreanLunarCalendar.KOREAN_LUNAR_BASE_YEAR


class LunarDay(NamedTuple):
    year: int
    month: int
    day: int
    leap: bool = False


class _Year(NamedTuple):
    """`months`: (number, leap) in order; `starts`: the day of the era (date.toordinal) on which each begins, and the
    first of the year after."""

    months: tuple[tuple[int, bool], ...]
    starts: tuple[int, ...]


class NoSuchLunarDay(ValueError):
    """Not a day of that calendar, or outside of the years that we know."""


def leap_month(year: int) -> int:
    """The number of the month that comes twice in a lunar year; 0 where none does."""
    return next((number for number, leap in _year(year).months if leap), 0)


def month_length(year: int, month: int, leap: bool = False) -> int:
    """29 or 30; 0 where the year has no such month."""
    found = _year(year)
    if (month, leap) not in found.months:
        return 0
    at = found.months.index((month, leap))
    return found.starts[at + 1] - found.starts[at]


def to_solar(year: int, month: int, day: int, leap: bool = False) -> date:
    """The day in the solar calendar; raises NoSuchLunarDay."""
    if not 1 <= day <= month_length(year, month, leap):
        raise NoSuchLunarDay(f"{year}-{month}-{day}")
    found = _year(year)
    return date.fromordinal(found.starts[found.months.index((month, leap))] + day - 1)


def to_lunar(day: date) -> LunarDay:
    """The day in the lunar calendar; raises NoSuchLunarDay outside of the years that we know."""
    number = day.toordinal()
    year = day.year if day.year <= LAST and number >= _year(day.year).starts[0] else day.year - 1
    found = _year(year)
    at = bisect_right(found.starts, number) - 1
    if at >= len(found.months):
        raise NoSuchLunarDay(day.isoformat())
    month, leap = found.months[at]
    return LunarDay(year, month, number - found.starts[at] + 1, leap)


@cache
def _year(year: int) -> _Year:
    if not FIRST <= year <= LAST:
        raise NoSuchLunarDay(str(year))
    first, leap, lengths = _of_table(year) if year in YEARS else _of_library(year)
    numbers = [(month, False) for month in range(1, 13)]
    if leap:
        numbers.insert(leap, (leap, True))
    return _Year(tuple(numbers), tuple(accumulate(lengths, initial=first)))


def _of_table(year: int) -> tuple[int, int, list[int]]:
    first, leap, lengths = YEARS[year]
    return date.fromisoformat(first).toordinal(), leap, [29 + int(bit) for bit in lengths]


def _of_library(year: int) -> tuple[int, int, list[int]]:
    """The library's packed year, read by ourselves: its own conversions are objects with state."""
    data = KoreanLunarCalendar.KOREAN_LUNAR_DATA[year - _BASE]
    leap = data >> 12 & 15
    lengths = [29 + (data >> (12 - month) & 1) for month in range(1, 13)]
    if leap:
        lengths.insert(leap, 29 + (data >> 16 & 1))
    calendar = KoreanLunarCalendar()
    calendar.setLunarDate(year, 1, 1, False)
    return date(calendar.solarYear, calendar.solarMonth, calendar.solarDay).toordinal(), leap, lengths
