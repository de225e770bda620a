"""Contacts of a phone (.vcf: vCard 2.1, 3.0, 4.0) as rows of a sheet, so that they go the way of every roster.

vobject reads the lines; here is only what it leaves open. It gives up on a file for one broken card, so each card is
read by itself; old Korean phones write quoted-printable in CP949 without saying so; pictures are half of a file and
nobody asks for them. A card that cannot be read is a row with a mistake.
"""

import codecs
import io
import re
from collections.abc import Iterator

from vobject.base import ContentLine, VObjectError, getLogicalLines, textLineToContentLine
from vobject.icalendar import stringToTextValues
from vobject.vcard import splitFields, toList

TITLES = ["이름", "휴대폰", "다른 전화번호", "생년월일", "그룹", "메모", "이메일", "회사"]
CARD_MOST = 64 * 1024  # without its pictures
# vobject tries every way to part the signs of a head: twelve are four thousand ways, forty-five an hour.
HEAD_MOST, SIGNS_MOST = 300, 12
_CARD = re.compile(rb"^[ \t]*BEGIN:VCARD[ \t]*$(.*?)(?=^[ \t]*(?:END|BEGIN):VCARD[ \t]*$|\Z)", re.I | re.M | re.S)
_PICTURE = re.compile(rb"^(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:][^\n]*(?:\n[ \t][^\n]*)*\n?", re.I | re.M)
_DAY = re.compile(r"(\d{4}|-)-?(\d{2})-?(\d{2})")
_MOBILE = {"CELL", "MOBILE", "IPHONE"}
_WANTED = {"FN", "N", "TEL", "BDAY", "CATEGORIES", "NOTE", "EMAIL", "ORG"}


def is_vcard(data: bytes) -> bool:
    return _unmarked(data[:200]).lstrip(b" \t\r\n").upper().startswith(b"BEGIN:VCARD")


def rows_of(data: bytes, most: int) -> list[list[str]]:
    """The titles, then a row for each of the first `most` cards; columns that no card has are left out."""
    data = _PICTURE.sub(b"", _unmarked(data).replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    cards = [_row(found[1]) for found, _number in zip(_CARD.finditer(data), range(most), strict=False)]
    used = [index for index in range(len(TITLES)) if index < 2 or any(row[index] for row in cards)]
    return [[row[index] for index in used] for row in [TITLES, *cards]]


def _unmarked(data: bytes) -> bytes:
    """UTF-8, where the file begins with the mark of any Unicode."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace").encode()
    return data.removeprefix(codecs.BOM_UTF8)


def _row(card: bytes) -> list[str]:
    lines: dict[str, list[ContentLine]] = {}
    for line in _lines(card) if len(card) <= CARD_MOST else ():
        lines.setdefault(line.name, []).append(line)
    first = {name: found[0].value for name, found in lines.items()}
    numbers = sorted(lines.get("TEL", ()), key=lambda line: not _is_mobile(line))  # stable: the card's order in each
    phones = list(dict.fromkeys(re.sub(r"^tel:", "", line.value.strip(), flags=re.I) for line in numbers))
    firm = " ".join(filter(None, _parts(first.get("ORG", ""))))
    name = _text(first.get("FN", "")) or _joined(first.get("N", "")) or firm
    if not name and not phones:
        phones = [_decoded(card).strip().partition("\n")[0][:60] or "?"]  # not blank: a mistake, by which it is found
    return [
        name,
        phones[0] if phones else "",
        phones[1] if len(phones) > 1 else "",
        _day(lines["BDAY"][0]) if "BDAY" in lines else "",
        ", ".join(filter(None, map(str.strip, _values(first.get("CATEGORIES", ""))))),
        _text(first.get("NOTE", "")),
        first.get("EMAIL", "").strip(),
        firm,
    ]


def _lines(card: bytes) -> Iterator[ContentLine]:
    """What is asked for and says something; a line that nobody can read takes none of the others with it."""
    for text, _number in getLogicalLines(io.StringIO(_decoded(card))):
        head, colon, value = text.partition(":")
        name = re.split(r"[;.]", head.upper().rpartition(".")[2])[0].strip()
        line = _read(head.upper(), value) if colon and name in _WANTED and _is_plain(head) else None
        if line is not None and line.value.strip(" ;"):
            yield line


def _is_plain(head: str) -> bool:
    """Whether vobject is through with the head in no time. One that a quote leaves open goes on into the value."""
    signs = head.count("=") + head.count(",")
    return len(head) <= HEAD_MOST and signs <= SIGNS_MOST and head.count('"') % 2 == 0


def _read(head: str, value: str) -> ContentLine | None:
    """The line in the encoding that it names; where that is none or is wrong, in what Korean machines write."""
    bare = re.sub(r";CHARSET=[^;:]*", "", head)
    for tried in (head, f"{bare};CHARSET=UTF-8", f"{bare};CHARSET=CP949"):
        try:
            return textLineToContentLine(f"{tried}:{value}")
        except VObjectError:
            return None
        except (ValueError, LookupError, TypeError):
            continue
    return None


def _decoded(card: bytes) -> str:
    try:
        return card.decode("utf-8")
    except UnicodeDecodeError:
        return card.decode("cp949", "replace")


def _is_mobile(line: ContentLine) -> bool:
    return not _MOBILE.isdisjoint([*line.params.get("TYPE", ()), *line.singletonparams])


def _joined(value: str) -> str:
    """The parts of N, which a Korean reads family first and without a space."""
    family, given, middle = [*_parts(value), "", "", ""][:3]
    whole = f"{family}{given}{middle}"
    return whole if not whole.isascii() else " ".join(filter(None, (given, middle, family)))


def _parts(value: str) -> list[str]:
    return [" ".join(toList(part)).strip() for part in splitFields(_whole(value))]


def _values(value: str) -> list[str]:
    return stringToTextValues(_whole(value))


def _text(value: str) -> str:
    return ",".join(_values(value)).strip()


def _whole(value: str) -> str:
    """Without a backslash at the end, which vobject takes for the end itself and writes as "eof"."""
    return value.rstrip("\\")


def _day(line: ContentLine) -> str:
    """1990-03-05; without a year (--0305, or Apple's year that stands for none) 3월 5일."""
    found = _DAY.match(line.value.strip())
    if not found:
        return line.value.strip()
    year, month, day = found.groups()
    if year == "-" or year in line.params.get("X-APPLE-OMIT-YEAR", ()):
        return f"{int(month)}월 {int(day)}일"
    return f"{year}-{month}-{day}"
