"""Days in a roster, as people and Excel write them: 1990-03-05, 90.3.5, 900305, 32937, 03/04/05. Pure functions.

What has two readings is never guessed: it raises Unreadable("date_order"), and a person says in which order the
column is written (ORDERS).
"""

import datetime
import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress

from members.cells import Unreadable, cell_text

ORDERS = ("ymd", "dmy", "mdy")
OLDEST = datetime.date(1900, 1, 1)
EXCEL_EPOCH = datetime.date(1899, 12, 30)
_LIKELY_DAYS = (20_000, 60_000)  # 1954 to 2064: amounts and counts under such a title are rarely that
_TITLE_NOISE = re.compile(r"\(.*?\)|\[.*?\]|[*＊※:：\s]+")
_NO_DAYS = ("요일", "메일", "파일", "과일", "매일", "평일")

# --- custom columns -----------------------------------------------------------------------------------------------


def names_a_day(title: str) -> bool:
    """Whether a column's title promises days: 가입일, 만료 일자, 등록일(년월일), join date; 요일 and 이메일 do not."""
    plain = _TITLE_NOISE.sub(" ", title).strip().lower()
    if "date" in re.split(r"[\s_-]+", plain):
        return True
    return plain.endswith(("일", "일자", "일시", "날짜", "date")) and not plain.endswith(_NO_DAYS)


def day_of_number(cell: object) -> str:
    """2023-03-15 from 45000, Excel's number of that day in a cell that lost its format; "" if it is none."""
    number = _number(cell)
    if number is None or not _LIKELY_DAYS[0] <= number < _LIKELY_DAYS[1]:
        return ""
    return (EXCEL_EPOCH + datetime.timedelta(days=int(number))).isoformat()


def holds_day_numbers(column: Iterable[object]) -> bool:
    """Whether all bare numbers of a column could be days; with a 230315 or 1200 among them they are something else."""
    numbers = filter(None, map(_number, column))
    return all(_LIKELY_DAYS[0] <= number < _LIKELY_DAYS[1] or 19_000_101 <= number < 21_010_101 for number in numbers)


def _number(cell: object) -> float | None:
    if isinstance(cell, int | float):
        return None if isinstance(cell, bool) else cell
    text = cell.strip() if isinstance(cell, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def read_day(cell: object) -> datetime.date | None:
    """A day of a column that holds days, of any year from 1900 to 2199; None for nothing. Raises Unreadable."""
    text = unicodedata.normalize("NFKC", cell_text(cell)).lower()
    if text in _NO_DATE:
        return None
    if day := day_of_number(cell):
        return datetime.date.fromisoformat(day)
    parts = (cell.year, cell.month, cell.day) if isinstance(cell, datetime.date) else three_parts(text)
    if parts is None or not OLDEST.year <= parts[0] < 2200:
        raise Unreadable("field_date")
    try:
        return datetime.date(*parts)
    except ValueError as error:
        raise Unreadable("field_date") from error


def three_parts(text: str, turn: int = 70) -> tuple[int, int, int] | None:
    """(year, month, day) of 2026-11-28, 26.11.28, 2026년 11월 28일, 20261128 or 261128, whatever calendar they are of.

    Years of two digits below `turn` are of this century. None for anything else, and for 03/04/05, which has three
    readings.
    """
    if text.isascii() and text.isdigit() and len(text) in (6, 8):
        found = [text[:-4], text[-4:-2], text[-2:]]
    elif (match := _YMD.fullmatch(text)) and not (_PARTS.fullmatch(text) and "/" in text and int(match[1]) <= 31):
        found = [match[1], match[2], match[3]]
    else:
        return None
    year, month, day = map(int, found)
    return (year if len(found[0]) == 4 else year + (2000 if year < turn else 1900)), month, day


# --- birthdays ----------------------------------------------------------------------------------------------------

_NO_DATE = {
    "",
    "-",
    "--",
    "없음",
    "미상",
    "모름",
    "n/a",
    "na",
    "null",
    "none",
    "0000-00-00",
    "0000.00.00",
    "00000000",
    ".",
}
_YMD = re.compile(
    r"(\d{4}|\d{2})\s*(?:[./\-년\s]|년\s*)\s*(\d{1,2})\s*[./\-월\s]\s*(\d{1,2})\s*[일.]?"
    r"(?:\s*\(?[월화수목금토일](?:요일)?\)?)?(?:[t\s]\s*\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?z?)?\s*(?:생|일생)?"
)
_PARTS = re.compile(r"(\d{1,2})\s*([./-])\s*(\d{1,2})\s*[./-]\s*(\d{2}|\d{4})\.?")
_RESIDENT = re.compile(r"(\d{6})\s*-?\s*([1-8])[\d*x]{0,6}", re.IGNORECASE)
_SOLAR = re.compile(r"\(?(?:양력|양)\)?|[\"'’]")


def read_date(cell: object, today: datetime.date, *, six_digits: bool = False, order: str = "") -> datetime.date | None:
    """A birthday from a date cell, an Excel day number or any usual Korean spelling; raises Unreadable with a code.

    `six_digits`: short numbers are YYMMDD; `order`: one of ORDERS, for dates of which the order is not plain.
    """
    if isinstance(cell, datetime.datetime):
        return _plausible(cell.date(), today)
    if isinstance(cell, datetime.date):
        return _plausible(cell, today)
    text = unicodedata.normalize("NFKC", cell_text(cell)).lower()
    if text in _NO_DATE:
        return None
    text = _SOLAR.sub("", text).strip()
    if text.isascii() and text.isdigit():
        return _plausible(_from_digits(text, today, is_text=isinstance(cell, str), six_digits=six_digits), today)
    if found := _PARTS.fullmatch(text):
        return _plausible(_in_order(found, today, order), today)
    if found := _YMD.fullmatch(text):
        return _plausible(_date(_year(found[1], today), int(found[2]), int(found[3])), today)
    if found := _RESIDENT.fullmatch(text):
        century = 1900 if found[2] in "1256" else 2000
        return _plausible(_date(century + int(text[:2]), int(text[2:4]), int(text[4:6])), today)
    raise Unreadable("date_unclear")


def says_nothing(text: str) -> bool:
    """없음, -, 0000-00-00: people write that they do not know."""
    return text in _NO_DATE


def is_short(cell: object) -> bool:
    """Whether a cell is a date whose order a person may have to say: 03/04/05, 25.3.1990."""
    return isinstance(cell, str) and _PARTS.fullmatch(cell.strip()) is not None


def readings(text: str, today: datetime.date) -> dict[str, datetime.date]:
    """Order → the day a short date is in that order, for the orders in which it is one."""
    found = _PARTS.fullmatch(text.strip())
    return _readings(found, today) if found else {}


def year_comes_first(column: Iterable[object], today: datetime.date) -> bool:
    """Whether a short date of the column begins with what can only be a year (90/03/05), and none ends with one."""
    sure = False
    for cell in column:
        found = _PARTS.fullmatch(cell.strip()) if isinstance(cell, str) else None
        if found is None:
            continue
        if not 0 < int(found[1]) <= 31:
            sure = True
        elif "ymd" not in _readings(found, today):
            return False
    return sure


def _in_order(found: re.Match[str], today: datetime.date, order: str) -> datetime.date:
    """Korea writes the year first, 3/5/1990 is Excel's American spelling; a slash between short parts can be both."""
    days = _readings(found, today)
    wanted = _order_of(found, days, order)
    if wanted in days:
        return days[wanted]
    raise Unreadable("date_order" if days and not order else "no_such_date")


def _order_of(found: re.Match[str], days: dict[str, datetime.date], said: str) -> str:
    """The order in which to read; "" where only a person knows."""
    year_last = len(found[4]) == 4
    if not 0 < int(found[1]) <= 31 and not year_last:
        return "ymd"  # 90/03/05 is nothing else, whatever was said of its column
    if said and not (said == "ymd" and year_last):
        return said
    if len(days) > 1 and len(set(days.values())) == 1:
        return next(iter(days))  # 05/05/05
    if found[2] == "/":
        return "mdy" if year_last else ""
    return "" if year_last else "ymd"


def _readings(found: re.Match[str], today: datetime.date) -> dict[str, datetime.date]:
    """Order → the day that three numbers are in that order; orders in which they are no day are not in it."""
    first, second, last = found[1], found[3], found[4]
    readings = {"ymd": (first, second, last), "dmy": (last, second, first), "mdy": (last, first, second)}
    days = {}
    for order, (year, month, day) in readings.items():
        if len(day) <= 2:
            with suppress(ValueError):
                days[order] = datetime.date(_year(year, today), int(month), int(day))
    return days


def _from_digits(text: str, today: datetime.date, *, is_text: bool, six_digits: bool) -> datetime.date:
    if len(text) == 8:
        return _date(int(text[:4]), int(text[4:6]), int(text[6:]))
    if len(text) == 5 and not six_digits:
        day = EXCEL_EPOCH + datetime.timedelta(days=int(text))
        if day <= today:
            return day
    if len(text) in (3, 4, 5) and not is_text and six_digits:
        text = text.zfill(6)  # 050301 typed into a number cell lost its zero
    elif len(text) == 5:
        text = "0" + text
    if len(text) == 6:
        return _date(_year(text[:2], today), int(text[2:4]), int(text[4:]))
    raise Unreadable("date_unclear")


def full_year(year: int, today: datetime.date) -> int:
    """85 is 1985, and 05 is 2005: of two digits, the last year of them that has begun."""
    if year >= 100:
        return year
    return year + (2000 if year <= today.year % 100 else 1900)


def _year(text: str, today: datetime.date) -> int:
    return int(text) if len(text) == 4 else full_year(int(text), today)


def _date(year: int, month: int, day: int) -> datetime.date:
    try:
        return datetime.date(year, month, day)
    except ValueError as error:
        raise Unreadable("no_such_date") from error


def _plausible(day: datetime.date, today: datetime.date) -> datetime.date:
    if day > today:
        raise Unreadable("date_in_future")
    if day < OLDEST:
        raise Unreadable("date_too_old")
    return day


def read_month(text: str) -> datetime.date | None:
    """The first of the month that 2026-11 names, of the years 2000 to 2100; None for anything else."""
    year, _dash, month = text.partition("-")
    if not (re.fullmatch("[0-9]{4}", year) and re.fullmatch("[0-9]{1,2}", month)):
        return None
    return datetime.date(int(year), int(month), 1) if 2000 <= int(year) <= 2100 and 1 <= int(month) <= 12 else None
