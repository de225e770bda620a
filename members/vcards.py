"""Contacts of a phone (.vcf: vCard 2.1, 3.0, 4.0) as rows of a sheet, so that they go the way of every roster.

Read by hand and not by vobject, which gives up on a whole file for one broken card and knows no CP949: old Korean
phones write quoted-printable in CP949 without saying so. A card without a name or a number is a row with a mistake.
"""

import quopri
import re
from typing import NamedTuple

TITLES = ["이름", "휴대폰", "다른 전화번호", "생년월일", "그룹", "메모", "이메일", "회사"]
_BEGIN = re.compile(rb"^\s*BEGIN:VCARD\s*$", re.I | re.M)
_DAY = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})")
_CELL = re.compile(r"\b(CELL|MOBILE|IPHONE)\b")


class Line(NamedTuple):
    """One property: TEL;CELL:010… is ("TEL", "CELL", "010…")."""

    name: str
    kinds: str
    value: str


def is_vcard(data: bytes) -> bool:
    return data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").upper().startswith(b"BEGIN:VCARD")


def rows_of(data: bytes) -> list[list[str]]:
    """The titles, then a row for each card; columns that no card has are left out."""
    cards = [_row(_lines(card)) for card in _BEGIN.split(data)[1:]]
    used = [index for index in range(len(TITLES)) if index < 2 or any(row[index] for row in cards)]
    return [[row[index] for index in used] for row in [TITLES, *cards]]


def _lines(card: bytes) -> list[Line]:
    """The properties of a card, lines that were folded put together again."""
    found: list[Line] = []
    lines = card.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    while lines:
        line = lines.pop(0)
        head, colon, value = line.partition(b":")
        if not colon or head[:1] in b" \t":
            continue
        params = _text(head).upper()
        if "QUOTED-PRINTABLE" in params:
            while value.endswith(b"=") and lines:
                value = value[:-1] + lines.pop(0)
            value = quopri.decodestring(value)
        while lines and lines[0][:1] in (b" ", b"\t"):
            value += lines.pop(0)[1:]
        name, _semicolon, kinds = params.partition(";")
        found.append(Line(name.rpartition(".")[2].strip(), kinds, _text(value).strip()))
        if found[-1].name == "END":
            break
    return found


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp949", "replace")


def _row(lines: list[Line]) -> list[str]:
    numbers = [line for line in lines if line.name == "TEL" and line.value]
    numbers.sort(key=lambda line: not _CELL.search(line.kinds))  # stable: the order of the card within each sort
    phones = list(dict.fromkeys(line.value.removeprefix("tel:") for line in numbers))
    return [
        _name(lines),
        phones[0] if phones else "",
        phones[1] if len(phones) > 1 else "",
        _day(_first(lines, "BDAY")),
        ", ".join(part.strip() for part in _plain(_first(lines, "CATEGORIES")).split(",") if part.strip()),
        _plain(_first(lines, "NOTE")),
        _first(lines, "EMAIL"),
        " ".join(part for part in _plain(_first(lines, "ORG")).split(";") if part),
    ]


def _name(lines: list[Line]) -> str:
    """FN as it is; else N, whose parts a Korean reads family first and without a space."""
    if whole := _plain(_first(lines, "FN")):
        return whole
    parts = [part.strip() for part in _plain(_first(lines, "N")).split(";")]
    family, given, middle = [*parts, "", "", ""][:3]
    joined = f"{family}{given}{middle}"
    return joined if not joined.isascii() else " ".join(filter(None, (given, middle, family)))


def _first(lines: list[Line], name: str) -> str:
    return next((line.value for line in lines if line.name == name and line.value), "")


def _plain(value: str) -> str:
    return re.sub(r"\\([,;\\])", r"\1", value.replace("\\n", "\n").replace("\\N", "\n")).strip()


def _day(value: str) -> str:
    found = _DAY.match(value)
    return "-".join(found.groups()) if found else value
