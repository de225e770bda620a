"""A birthday in a cell of a roster: 1985-04-15, 음력 1985.4.15, 85년 윤4월 15일, 3월 5일, 1985년 4월. Pure functions.

Plain solar days are read by `dates`, which knows Excel's numbers and orders; here is what they do not know.
"""

import datetime
import re
import unicodedata
from typing import Any, NamedTuple

from members import birthdays, dates
from members.birthdays import LUNAR, SOLAR, BadBirthday, Birthday
from members.cells import Unreadable, cell_text
from members.columns import words

_LEAP = re.compile(r"\(?\s*윤(?:달|월)?\s*\)?")
_LUNAR = re.compile(r"[(\[]?\s*(?:음력|음|lunar)\s*[)\]]?")
_SOLAR = re.compile(r"[(\[]?\s*(?:양력|양|solar)\s*[)\]]?")
_MONTH_DAY = re.compile(r"(\d{1,2})\s*(?:월|[./-])\s*(\d{1,2})\s*일?\.?\s*(?:생|일생)?")
_YEAR_MONTH = re.compile(r"(\d{4})\s*(?:년|[./-])\s*(\d{1,2})\s*월?\.?\s*(?:중|생)?")
_MONTH = re.compile(r"(\d{1,2})\s*월\s*(?:중|생)?")
_SAYS_LUNAR = words("음 음력 음력생일 lunar l y yes o ○ ◯ 예 네 1 true t")
_SAYS_LEAP = words("윤 윤달 윤달생 음력윤달 음(윤) 음윤 윤음 leap")
_SAYS_SOLAR = words("양 양력 양력생일 solar s n no x 아니오 0 false f - 평달")

Columns = tuple[datetime.date | None, str]
NOTHING: Columns = (None, "")


class Said(NamedTuple):
    """What the column's title or a cell beside says of the calendar."""

    lunar: bool = False
    leap: bool = False


SAYS_SOLAR, SAYS_LUNAR, SAYS_LEAP = Said(), Said(True), Said(True, True)


# What nearly every cell is: 1985-04-15, 1985.04.15, 850415, 19850415; a hundred thousand of them are looked at.
_is_plain = re.compile(r"\d{4}[-./]\d\d[-./]\d\d|\d{8}|\d{6}", re.ASCII).fullmatch


def of_title(title: str) -> Said:
    """생일(음력) holds lunar days; 생일(음력/양력) says nothing of them."""
    return SAYS_LUNAR if "음력" in title and "양력" not in title else SAYS_SOLAR


def of_cell(cell: object) -> Said | None:
    """What a cell of the column 음력/양력 says; None for nothing. Raises Unreadable."""
    word = re.sub(r"[\s.]+", "", unicodedata.normalize("NFKC", cell_text(cell))).lower()
    if not word:
        return None
    if word in _SAYS_LEAP:
        return SAYS_LEAP
    if word in _SAYS_LUNAR:
        return SAYS_LUNAR
    if word in _SAYS_SOLAR:
        return SAYS_SOLAR
    raise Unreadable("calendar_unclear")


def read(cell: object, today: datetime.date, said: Said = SAYS_SOLAR, **how: Any) -> Columns:
    """(birth_date, birthday) as a member stores them; `how` is for dates.read_date. Raises Unreadable with a code."""
    if not said.lunar and (not isinstance(cell, str) or _is_plain(cell)):
        return dates.read_date(cell, today, **how), ""
    text = unicodedata.normalize("NFKC", cell_text(cell)).lower()
    if dates.says_nothing(text):
        return NOTHING
    marked = _LEAP.search(text) or _LUNAR.search(text)
    if (marked or said.lunar) and not _SOLAR.search(text):
        leap = bool(_LEAP.search(text)) or said.leap
        return _checked(_lunar(cell, _LUNAR.sub("", _LEAP.sub(" ", text)).strip(), today, leap), today)
    part = _part(_SOLAR.sub("", text).strip(), cell, SOLAR, False)
    return _checked(part, today) if part else (dates.read_date(cell, today, **how), "")


def _lunar(cell: object, text: str, today: datetime.date, leap: bool) -> Birthday | None:
    if part := _part(text, cell, LUNAR, leap):
        return part
    if parts := dates.three_parts(text, today.year % 100 + 1):
        return Birthday(LUNAR, *parts, leap)
    # What is left are dates that Excel took for solar ones, and words for no date at all.
    day = dates.read_date(cell if cell_text(cell).lower() == text else text, today)
    return Birthday(LUNAR, day.year, day.month, day.day, leap) if day else None


def _part(text: str, cell: object, calendar: str, leap: bool) -> Birthday | None:
    """A birthday without its year or its day. The number 3.1 may have been 3.10, so only texts are read so."""
    if not isinstance(cell, str):
        return None
    if found := _MONTH_DAY.fullmatch(text):
        return Birthday(calendar, None, int(found[1]), int(found[2]), leap)
    if found := _YEAR_MONTH.fullmatch(text):
        return Birthday(calendar, int(found[1]), int(found[2]), None, leap)
    if found := _MONTH.fullmatch(text):
        return Birthday(calendar, None, int(found[1]), None, leap)
    return None


def _checked(birthday: Birthday | None, today: datetime.date) -> Columns:
    if birthday is None:
        return NOTHING
    try:
        return birthdays.columns(birthdays.checked(birthday, today))
    except BadBirthday as error:
        raise Unreadable(error.code) from error
