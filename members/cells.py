"""One cell of a roster, read: texts, groups, consents and dates in the many ways people write them. Pure functions.

A cell nobody can read raises Unreadable with the code of its sentence (`importing.PROBLEMS`).
"""

import datetime
import re
import unicodedata

from members.columns import words

GROUP_MAX, MEMO_MAX, FIELD_MAX = 40, 2000, 500
OLDEST = datetime.date(1900, 1, 1)
EXCEL_EPOCH = datetime.date(1899, 12, 30)
_LIKELY_DAYS = range(20_000, 60_000)  # 1954 to 2064: amounts and counts under such a title are rarely that


class Unreadable(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def cell_text(cell: object) -> str:
    """A cell as a person would type it: no ".0" behind whole numbers, dates as 2026-03-05."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ", "minutes") if cell.time() != datetime.time() else cell.date().isoformat()
    if isinstance(cell, bool):
        return "Y" if cell else "N"
    return str(cell)


def tidy(text: str) -> str:
    """NFC, without control and invisible characters; line breaks and tabs become one kind each."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", "")
    kept = (
        c if c == "\n" or unicodedata.category(c)[0] not in "CZ" else " " if c in "\t" or c.isspace() else ""
        for c in text
    )
    return "".join(kept).strip()


def undefused(text: str) -> str:
    """Our own files put an apostrophe before = + - @, so that Excel runs nothing; read back, it goes."""
    return text[1:] if text[1:2] in ("=", "+", "-", "@") else text


def _long_text(cell: object, limit: int, code: str) -> str:
    text = cell_text(cell)
    if not (text.isprintable() and unicodedata.is_normalized("NFC", text)):
        text = tidy(text)
    if text.startswith("'"):
        text = undefused(text)
    if len(text) > limit:
        raise Unreadable(code)
    return text


def memo(cell: object) -> str:
    return _long_text(cell, MEMO_MAX, "memo_too_long")


def field(cell: object) -> str:
    return _long_text(cell, FIELD_MAX, "field_too_long")


def names_a_day(title: str) -> bool:
    """Whether a column's title promises dates: 가입일, 만료 일자, join date."""
    return title.strip().lower().endswith(("일", "일자", "날짜", "date"))


def dated_field(cell: object) -> str:
    """A custom value under such a title: Excel's bare day number becomes the day, all else stays as it is."""
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell in _LIKELY_DAYS:
        return (EXCEL_EPOCH + datetime.timedelta(days=int(cell))).isoformat()
    return field(cell)


def groups(cell: object) -> tuple[str, ...]:
    """Names of groups in one cell, in order, each once: 오전반, 주말반 / VIP."""
    names = (" ".join(tidy(part).split()) for part in re.split(r"[,/;|\n、，]", cell_text(cell)))
    found = tuple(dict.fromkeys(name for name in names if name))
    if any(len(name) > GROUP_MAX for name in found):
        raise Unreadable("group_too_long")
    return found


_YES = words("""
    y yes 예 네 응 동의 동의함 동의합니다 o ○ ◯ ● ㅇ 1 true t v ✓ ✔ √ 수신 수신함 수신동의 허용 승낙 ok on 함 agree
""")
_NO = words("""
    n no 아니오 아니요 아뇨 거부 미동의 비동의 동의안함 동의하지않음 x × ✕ ✗ 0 false f 수신거부
    수신안함 거절 off 안함 미수신
""")


def consent(cell: object) -> bool | None:
    word = re.sub(r"[\s.]+", "", unicodedata.normalize("NFC", cell_text(cell))).lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    if word in ("", "-"):
        return None
    raise Unreadable("consent_unclear")


# --- dates ------------------------------------------------------------------------------------------------------------

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
_MDY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_RESIDENT = re.compile(r"(\d{6})\s*-?\s*([1-8])[\d*x]{0,6}", re.IGNORECASE)
_SOLAR = re.compile(r"\(?(?:양력|양)\)?|[\"'’]")


def read_date(cell: object, today: datetime.date, *, six_digits: bool = False) -> datetime.date | None:
    """A birthday from a date cell, an Excel day number or any usual Korean spelling; raises Unreadable with a code."""
    if isinstance(cell, datetime.datetime):
        return _plausible(cell.date(), today)
    if isinstance(cell, datetime.date):
        return _plausible(cell, today)
    text = unicodedata.normalize("NFKC", cell_text(cell)).lower()
    if text in _NO_DATE:
        return None
    if "음력" in text or "음" in text:
        raise Unreadable("lunar_date")
    text = _SOLAR.sub("", text).strip()
    if text.isascii() and text.isdigit():
        return _plausible(_from_digits(text, today, is_text=isinstance(cell, str), six_digits=six_digits), today)
    if found := _YMD.fullmatch(text):
        return _plausible(_date(_year(found[1], today), int(found[2]), int(found[3])), today)
    if found := _MDY.fullmatch(text):
        return _plausible(_date(int(found[3]), int(found[1]), int(found[2])), today)
    if found := _RESIDENT.fullmatch(text):
        century = 1900 if found[2] in "1256" else 2000
        return _plausible(_date(century + int(text[:2]), int(text[2:4]), int(text[4:6])), today)
    raise Unreadable("date_unclear")


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


def _year(text: str, today: datetime.date) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year <= today.year % 100 else 1900)


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
