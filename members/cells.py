"""One cell of a roster, read: texts, groups and consents in the many ways people write them (days: `dates`).

A cell nobody can read raises Unreadable with the code of its sentence (`import_words.PROBLEMS`).
"""

import datetime
import re
import unicodedata

from members import phone
from members.columns import words
from members.stage_words import stage_of

GROUP_MAX, MEMO_MAX, FIELD_MAX, PERSON_MAX, SOURCE_MAX, TAG_MAX = 40, 2000, 500, 40, 40, 20
_DAY = re.compile(r"20\d{2}\s*(?:[.\-/년]\s*\d{1,2}\s*[.\-/월]\s*\d{1,2}|\d{4}(?!\d))")


class Unreadable(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def cell_text(cell: object) -> str:
    """A cell as a person would type it: no ".0" behind whole numbers, dates as 2026-03-05."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.replace("\x00", "").strip()  # PostgreSQL keeps no NUL, not even among the mistakes
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


def groups(cell: object) -> tuple[str, ...]:
    """Names of groups in one cell, in order, each once: 오전반, 주말반 / VIP."""
    names = (" ".join(tidy(part).split()) for part in re.split(r"[,/;|\n、，]", cell_text(cell)))
    found = tuple(dict.fromkeys(name for name in names if name))
    if any(len(name) > GROUP_MAX for name in found):
        raise Unreadable("group_too_long")
    return found


def tags(cell: object) -> tuple[str, ...]:
    """Names of tags in one cell, in order, each once: #단골, VIP."""
    names = (
        " ".join(tidy(part).split()).removeprefix("#").strip() for part in re.split(r"[,;|\n、，]", cell_text(cell))
    )
    found = tuple(dict.fromkeys(name for name in names if name))
    if any(len(name) > TAG_MAX for name in found):
        raise Unreadable("tag_too_long")
    return found


def stage(cell: object) -> str:
    text = tidy(cell_text(cell))
    if text in ("", "-"):
        return ""
    if found := stage_of(text):
        return found
    raise Unreadable("stage_unclear")


def source(cell: object) -> str:
    return " ".join(_long_text(cell, SOURCE_MAX, "source_too_long").split())


def person(cell: object) -> str:
    """The name of somebody beside the member."""
    return " ".join(_long_text(cell, PERSON_MAX, "name_too_long").split())


def number(cell: object) -> str:
    """The digits of a phone of somebody beside the member; the codes are those of `phone.BadPhone`."""
    try:
        return phone.parse(cell) if cell_text(cell) else ""
    except phone.BadPhone as mistake:
        raise Unreadable(mistake.code) from mistake


_YES = words("""
    y yes 예 네 응 동의 동의함 동의합니다 o ○ ◯ ● ㅇ 1 true t v ✓ ✔ √ 수신 수신함 수신동의 허용 승낙 ok on 함 agree
""")
_NO = words("""
    n no 아니오 아니요 아뇨 거부 미동의 비동의 동의안함 동의하지않음 x × ✕ ✗ 0 false f 수신거부
    수신안함 거절 off 안함 미수신
""")


# What a column of refusals means by them: in it 동의 and 수신 say that there is none.
_REFUSED = _YES - words("동의 동의함 동의합니다 수신 수신함 수신동의 허용 승낙 agree") | words("""
    거부 거부함 수신거부 수신거부함 광고거부 080거부 080수신거부 거절 거절함 차단 수신차단 미동의 비동의 동의안함
    동의하지않음 수신안함 미수신 철회 동의철회 해지 optout unsubscribed
""")
_NOT_REFUSED = _NO - _REFUSED | words("""
    동의 동의함 동의합니다 수신 수신함 수신동의 허용 승낙 agree 없음 정상 미거부 거부안함
""")


def refusal(cell: object) -> bool | None:
    """False: wants no ads, as `consent` would say it. None: this column says nothing, which is no consent."""
    if isinstance(cell, datetime.date) or _DAY.match(cell_text(cell)):
        return False  # since when
    word = _word(cell)
    if word in _REFUSED:
        return False
    if word in _NOT_REFUSED or word in ("", "-"):
        return None
    raise Unreadable("refusal_unclear")


def consent(cell: object) -> bool | None:
    word = _word(cell)
    if word in _YES:
        return True
    if word in _NO:
        return False
    if word in ("", "-"):
        return None
    raise Unreadable("consent_unclear")


def _word(cell: object) -> str:
    return re.sub(r"[\s.]+", "", unicodedata.normalize("NFC", cell_text(cell))).lower()
