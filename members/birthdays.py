"""Birthdays as Korea has them: solar or lunar, in a leap month, without a year, without a day. Pure functions.

`Member.birth_date` is the solar day of birth where that is known; `Member.birthday` says how the birthday is kept where
that day alone does not (`spell`); `Member.next_birthday` is the next solar day on which it falls (`next_birthday`).

The rules, so that nobody's birthday is ever skipped: a leap month's birthday is in the ordinary month of years that
lack it; the 30th of a month of 29 days is its 29th; 29 February is the 28th where there is none; a birthday of which
only the month is known counts from the first of that (lunar) month.
"""

import calendar as solar
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from members import lunar
from ui.times import ymd

SOLAR, LUNAR = "solar", "lunar"
_SIGNS = {"S": (SOLAR, False), "L": (LUNAR, False), "M": (LUNAR, True)}
OLDEST = 1900
_A_LEAP_YEAR = 2000
_MOST = {SOLAR: 31, LUNAR: 30}


class Birthday(NamedTuple):
    calendar: str
    year: int | None
    month: int
    day: int | None
    leap: bool = False


class BadBirthday(ValueError):
    """`code` is one of import_words.PROBLEMS: no_such_date, date_in_future, date_too_old, no_leap_month."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def of(birth_date: date | str | None, spelled: str) -> Birthday | None:
    """A member's birthday out of the two columns."""
    if spelled:
        return _read(spelled)
    if not birth_date:
        return None
    day = date.fromisoformat(birth_date) if isinstance(birth_date, str) else birth_date
    return Birthday(SOLAR, day.year, day.month, day.day)


def columns(birthday: Birthday | None) -> tuple[date | None, str]:
    """(birth_date, birthday) as a member stores them."""
    if birthday is None:
        return None, ""
    return birth_date(birthday), spell(birthday)


def spell(birthday: Birthday) -> str:
    """L19850415, S----0305, M1985----: how it stands in `Member.birthday`; "" where `birth_date` says it all."""
    kind, year, month, day, leap = birthday
    if kind == SOLAR and year and day:
        return ""
    sign = "S" if kind == SOLAR else "M" if leap else "L"
    return f"{sign}{year or '----'}{month:02d}{f'{day:02d}' if day else '--'}"


def _read(spelled: str) -> Birthday:
    kind, leap = _SIGNS[spelled[0]]
    year, month, day = (None if "-" in part else int(part) for part in (spelled[1:5], spelled[5:7], spelled[7:9]))
    return Birthday(kind, year, month or 1, day, leap)


def birth_date(birthday: Birthday) -> date | None:
    """The solar day of birth; None where the year or the day is not known."""
    kind, year, month, day, leap = birthday
    if not (year and day):
        return None
    return date(year, month, day) if kind == SOLAR else lunar.to_solar(year, month, day, leap)


def checked(birthday: Birthday, today: date) -> Birthday:
    """The birthday, if there can be such a one by that day; raises BadBirthday."""
    kind, year, month, day, leap = birthday
    if not 1 <= month <= 12 or not 1 <= (day or 1) <= _MOST[kind] or (leap and kind == SOLAR):
        raise BadBirthday("no_such_date")
    if year is not None and year > today.year:
        raise BadBirthday("date_in_future")
    if year is not None and year < OLDEST:
        raise BadBirthday("date_too_old")
    if leap and not _has_leap(year, month):
        raise BadBirthday("no_leap_month")
    if (day or 1) > _longest(birthday):
        raise BadBirthday("no_such_date")
    if _first_day(birthday) > today:
        raise BadBirthday("date_in_future")
    return birthday


def next_birthday(birthday: Birthday | None, on: date) -> date | None:
    """The next solar day, that day or later, on which it is to be kept; None without one, and beyond 2100."""
    if birthday is None:
        return None
    years = (on.year, on.year + 1) if birthday.calendar == SOLAR else range(on.year - 1, on.year + 3)
    for year in years:
        day = _in_year(birthday, year)
        if day is not None and day >= on:
            return day
    return None


def agrees(less: Birthday, more: Birthday) -> bool:
    """Whether one says nothing that the other does not know already: 3월 5일 beside 1985-03-05."""
    same = (less.calendar, less.month, less.leap) == (more.calendar, more.month, more.leap)
    return same and less.year in (None, more.year) and less.day in (None, more.day)


# --- words ------------------------------------------------------------------------------------------------------------


def words(birthday: Birthday, *, year: bool = True) -> str:
    """음력 1985년 윤4월 15일; without its year where nobody needs it; 5월 중 where only the month is known."""
    values: dict[str, Any] = {"year": birthday.year, "month": birthday.month, "day": birthday.day}
    month = _("윤%(month)s월") % values if birthday.leap else _("%(month)s월") % values
    day = _("%(day)s일") % values if birthday.day else _("중")
    parts = [_("음력")] if birthday.calendar == LUNAR else []
    parts += [_("%(year)s년") % values] if birthday.year and year else []
    return " ".join([*parts, month, day])


def next_words(day: date, today: date) -> str:
    """올해 6월 2일, 내년 5월 22일; another year by its number."""
    values = {"month": day.month, "day": day.day}
    if day.year == today.year:
        return _("올해 %(month)s월 %(day)s일") % values
    if day.year == today.year + 1:
        return _("내년 %(month)s월 %(day)s일") % values
    return ymd(day)


@lru_cache(maxsize=100_000)
def merged(said: date | str) -> str:
    """What #{생일} is in a text, in Korean whoever writes it: 3월 5일, 음력 윤4월 15일, 5월; of a birth date, its ISO
    text or a spelling."""
    text = str(said)
    birthday = of(text, "") if text[:1].isdigit() else _read(text)
    assert birthday is not None
    lunar_ = "음력 " if birthday.calendar == LUNAR else ""
    day = f" {birthday.day}일" if birthday.day else ""
    return f"{lunar_}{'윤' if birthday.leap else ''}{birthday.month}월{day}"


# --- calendars --------------------------------------------------------------------------------------------------------


def _has_leap(year: int | None, month: int) -> bool:
    if year is not None:
        return lunar.leap_month(year) == month
    return any(lunar.leap_month(any_year) == month for any_year in range(OLDEST, lunar.LAST + 1))


def _longest(birthday: Birthday) -> int:
    kind, year, month, _day, leap = birthday
    if kind == SOLAR:
        return solar.monthrange(year or _A_LEAP_YEAR, month)[1]
    return lunar.month_length(year, month, leap) if year else _MOST[LUNAR]


def _first_day(birthday: Birthday) -> date:
    """The earliest day that the person can have been born."""
    kind, year, month, day, leap = birthday
    if year is None:
        return date.min
    return date(year, month, day or 1) if kind == SOLAR else lunar.to_solar(year, month, day or 1, leap)


def _in_year(birthday: Birthday, year: int) -> date | None:
    kind, _year, month, day, leap = birthday
    if kind == SOLAR:
        return date(year, month, min(day or 1, solar.monthrange(year, month)[1])) if year <= date.max.year else None
    if not lunar.FIRST <= year <= lunar.LAST:
        return None
    leap = leap and lunar.leap_month(year) == month
    return lunar.to_solar(year, month, min(day or 1, lunar.month_length(year, month, leap)), leap)
