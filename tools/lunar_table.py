"""Writes members/lunar_table.py: the lunar years that korean-lunar-calendar does not hold, computed from the sky.

    .venv/bin/python tools/lunar_table.py          # writes the table
    .venv/bin/python tools/lunar_table.py --check  # compares with the library, and with the table as committed

The rule is that of the Korean calendar since 1912: a month begins on the day (Korean time, UTC+9) of the new moon; the
month with the winter solstice is the eleventh; where thirteen months lie between two such months, the first of them
without a principal term (the sun at a multiple of 30°) is the leap month. Sun and moon come from `ephem` (VSOP87 and a
full lunar theory, good to seconds), so only a new moon or a term within seconds of midnight could be put on the wrong
day; the script names those within two minutes.

The same computation gives the library's (that is, the institute's) months and leap months of every lunar year from
1920 to 2050. Earlier years are left to the library: before 1912 the calendar was another.
"""

import math
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import ephem
from korean_lunar_calendar import KoreanLunarCalendar

FIRST, LAST = 2050, 2100  # of the table; 2050 is whole in the library, and stands in both to be compared
CHECKED = range(1920, 2051)
PATH = Path(__file__).resolve().parents[1] / "members" / "lunar_table.py"
KST = timedelta(hours=9)
CLOSE = timedelta(minutes=2)

Month = tuple[int, bool, date]


def _moment(at: ephem.Date) -> datetime:
    return at.datetime().replace(tzinfo=UTC)


def _day(at: ephem.Date, what: str, close: list[str]) -> date:
    korean = (_moment(at) + KST).replace(tzinfo=None)
    midnight = datetime.combine(korean.date(), datetime.min.time())
    off = min(korean - midnight, midnight + timedelta(days=1) - korean)
    if off < CLOSE:
        close.append(f"{what} {korean:%Y-%m-%d %H:%M:%S}")
    return korean.date()


def _longitude(at: float) -> float:
    sun = ephem.Sun(ephem.Date(at), epoch=ephem.Date(at))
    return math.degrees(ephem.Ecliptic(sun, epoch=ephem.Date(at)).lon) % 360


def _term(degrees: int, near: ephem.Date) -> ephem.Date:
    """When the sun stands at so many degrees, next to a date some days off."""
    at = float(near)
    for _ in range(12):
        off = (degrees - _longitude(at) + 180) % 360 - 180
        at += off * 365.2422 / 360
        if abs(off) < 1e-9:
            break
    return ephem.Date(at)


def months(first: int, last: int) -> tuple[dict[int, list[Month]], list[str]]:
    """Lunar year → its months (number, is it a leap month, first day) and what lies close to midnight."""
    close: list[str] = []
    moons: list[date] = []
    at = ephem.Date(f"{first - 2}/11/1")
    while moons == [] or moons[-1].year <= last + 1:
        at = ephem.next_new_moon(at)
        moons.append(_day(at, "new moon", close))
        at = ephem.Date(at + 1)
    terms = [
        (degrees, _day(_term(degrees, ephem.Date(f"{year}/{month}/21")), f"{degrees}°", close))
        for year in range(first - 2, last + 2)
        for month in range(1, 13)
        for degrees in [(270 + month * 30) % 360]
    ]
    solstices = [day for degrees, day in terms if degrees == 270]
    days = {day for _degrees, day in terms}
    years: dict[int, list[Month]] = {}
    for before, after in pairwise(solstices):
        begin = max(n for n, moon in enumerate(moons) if moon <= before)
        end = max(n for n, moon in enumerate(moons) if moon <= after) if after < moons[-1] else 0
        leap_is_due = end - begin == 13
        number, year = 11, before.year
        for n in range(begin, end):
            lacks = not any(moons[n] + timedelta(days=d) in days for d in range((moons[n + 1] - moons[n]).days))
            is_leap = leap_is_due and lacks and n > begin
            if is_leap:
                leap_is_due = False
            elif n > begin:
                number = number % 12 + 1
                year += number == 1
            years.setdefault(year, []).append((number, is_leap, moons[n]))
    return {year: found for year, found in years.items() if first <= year <= last}, close


def spelled(found: list[Month], following: date) -> tuple[str, int, str]:
    """(new year's day, number of the leap month or 0, the lengths of all months in their order: 1 is thirty days)."""
    starts = [start for _number, _leap, start in found] + [following]
    lengths = "".join("1" if (b - a).days == 30 else "0" for a, b in pairwise(starts))
    return found[0][2].isoformat(), next((number for number, leap, _s in found if leap), 0), lengths


def table(first: int, last: int) -> tuple[dict[int, tuple[str, int, str]], list[str]]:
    years, close = months(first, last + 1)
    return {year: spelled(years[year], years[year + 1][0][2]) for year in range(first, last + 1)}, close


def library(year: int) -> tuple[str, int, str]:
    """The same of the library's own table."""
    data = KoreanLunarCalendar.KOREAN_LUNAR_DATA[year - KoreanLunarCalendar.KOREAN_LUNAR_BASE_YEAR]
    leap = data >> 12 & 15
    bits = [str(data >> (12 - month) & 1) for month in range(1, 13)]
    if leap:
        bits.insert(leap, str(data >> 16 & 1))
    calendar = KoreanLunarCalendar()
    calendar.setLunarDate(year, 1, 1, False)
    return calendar.SolarIsoFormat(), leap, "".join(bits)


def differences() -> list[str]:
    """Where the computation and the library disagree."""
    ours, _close = table(CHECKED[0], CHECKED[-1])
    wrong = [year for year in CHECKED if ours[year] != library(year)]
    return [f"{year}: {ours[year]}, the library {library(year)}" for year in wrong]


def source(rows: dict[int, tuple[str, int, str]]) -> str:
    lines = "\n".join(f'    {year}: ("{new}", {leap}, "{lengths}"),' for year, (new, leap, lengths) in rows.items())
    return (
        f'"""Lunar years {FIRST} to {LAST}, written by tools/lunar_table.py, which says how."""\n'
        "\n"
        "# year: (its new year's day, the number of its leap month or 0, all its months in order: 1 has thirty days)\n"
        f"YEARS: dict[int, tuple[str, int, str]] = {{\n{lines}\n}}\n"
    )


def main() -> int:
    rows, close = table(FIRST, LAST)
    print("\n".join(["within two minutes of midnight:", *close]))
    wrong = differences()
    print("\n".join(wrong) or f"the same as the library for {CHECKED[0]} to {CHECKED[-1]}")
    if "--check" in sys.argv:
        return int(bool(wrong) or PATH.read_text("utf-8") != source(rows))
    PATH.write_text(source(rows), "utf-8")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
