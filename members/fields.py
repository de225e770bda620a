"""A tenant's own columns: what each kind can hold, how a value is read and shown, and by which names it is known.

Values lie in `Member.fields` under `Field.key`, as text; outside (pages, API, files, texts) a field goes by its name.
No database: `Spec` is what this needs to know of a Field.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple

from members import cells, dates
from members.enums import FieldKind
from ui.numbers import whole
from ui.times import ymd

NAME_MAX, VALUE_MAX, FIELDS_MOST = 30, 500, 50
CHOICES_MOST, CHOICE_MAX = 100, 60
NUMBER_MAX = 18
YES, NO = "예", "아니오"
FILE_KINDS = ("png", "jpg", "gif", "pdf", "xlsx", "xls", "ods", "csv", "txt")
# What texts and sheets already mean by these; a field of that name would never be seen.
RESERVED = ("이름", "휴대폰", "생일", "업체")
NEVER = frozenset("{}|#")  # what marks a field in a text
_NOISE = re.compile(r"[,\s₩원]")
_PLAIN_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,9})?")


class Spec(NamedTuple):
    """What reading and showing need of a Field."""

    key: str
    name: str
    kind: str = FieldKind.TEXT.value
    choices: tuple[str, ...] = ()


def spec(field: Any) -> Spec:
    return Spec(field.key, field.name, field.kind, tuple(field.choices or ()))


# --- names ------------------------------------------------------------------------------------------------------------


def known_names(fields: Iterable[Any]) -> dict[str, Any]:
    """Every name a field is found by → the field: present names first, then former ones, then keys."""
    rows = list(fields)
    found = {row.name: row for row in rows}
    for row in rows:
        for name in row.former:
            found.setdefault(name, row)
    for row in rows:
        found.setdefault(row.key, row)
    return found


def plain_name(value: object) -> str:
    """A name as it is stored: NFC, on one line, without what nobody sees."""
    plain = unicodedata.normalize("NFC", str(value))
    return " ".join("".join(c for c in plain if c.isprintable() or c.isspace()).split())


def usable_name(title: str, taken: Iterable[str] = ()) -> str:
    """What a field is called whose name nobody chose, a sheet's title or a program's word: 업체 is "업체 2"."""
    name = plain_name("".join(c for c in title if c not in NEVER))[:NAME_MAX].strip()
    return free_key(name or "항목", (*RESERVED, *taken))


def free_key(name: str, taken: Iterable[str]) -> str:
    """The name itself, or with a number behind it where another field's values lie under it already."""
    used, number, key = set(taken), 2, name
    while key in used:
        tail = f" {number}"
        key = name[: NAME_MAX - len(tail)] + tail
        number += 1
    return key


def by_name(values: Mapping[str, Any], fields: Iterable[Any]) -> dict[str, str]:
    """A member's stored values as the outside knows them: name → text, in the tenant's order, without the empty."""
    return {row.name: str(values[row.key]) for row in fields if values.get(row.key) not in (None, "")}


# --- values -----------------------------------------------------------------------------------------------------------


def read(spec: Spec, value: object) -> str:
    """The text to store for what somebody typed or a sheet holds; "" for nothing. Raises cells.Unreadable."""
    if value is None or value == "":
        return ""
    return _READERS[spec.kind](spec, value)


def reader(spec: Spec) -> Callable[[object], str]:
    """`read` for a whole column."""
    return lambda cell: read(spec, cell)


def shown(spec: Spec, value: str) -> str:
    """A stored value for people: numbers with commas, days as everywhere; what does not fit its kind as it is."""
    if spec.kind == FieldKind.NUMBER and _PLAIN_NUMBER.fullmatch(value):
        whole, dot, rest = value.partition(".")
        return f"{int(whole):,}{dot}{rest}" if not whole.startswith("-0") else value
    if spec.kind == FieldKind.DATE:
        day = as_date(value)
        return ymd(day) if day else value
    return value


@lru_cache(maxsize=100_000)
def merged(spec: Spec, value: str) -> str:
    """A stored value in a text to a person, in Korean whoever writes it: 12,000; 2026년 11월 28일."""
    if spec.kind == FieldKind.DATE:
        day = as_date(value)
        return f"{day.year}년 {day.month}월 {day.day}일" if day else value
    return shown(spec, value)


def fits(spec: Spec, value: str) -> str | None:
    """What a stored value becomes under this kind; None where it fits it not. A word for nothing (미상, 원) is not
    dropped unasked, whatever the kind thinks of it."""
    try:
        return read(spec, value) or None
    except cells.Unreadable:
        return None


def as_date(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def as_number(value: str) -> float | int | None:
    if not _PLAIN_NUMBER.fullmatch(value):
        return None
    return float(value) if "." in value else int(value)


def _text(spec: Spec, value: object) -> str:
    return cells.field(value)


def _number(spec: Spec, value: object) -> str:
    text = _NOISE.sub("", unicodedata.normalize("NFKC", cells.cell_text(value)))
    if not text:
        return ""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise cells.Unreadable("field_number") from error
    plain = format(number, "f") if number.is_finite() and abs(number.adjusted()) < NUMBER_MAX else ""
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    if not _PLAIN_NUMBER.fullmatch(plain):
        raise cells.Unreadable("field_number")
    return "0" if plain == "-0" else plain


def _date(spec: Spec, value: object) -> str:
    day = dates.read_day(value)
    return day.isoformat() if day else ""


def _choice(spec: Spec, value: object) -> str:
    text = " ".join(cells.field(value).split())
    if not text:
        return ""
    found = next((choice for choice in spec.choices if _folded(choice) == _folded(text)), None)
    if found is None:
        raise cells.Unreadable("field_choice")
    return found


def _yes_no(spec: Spec, value: object) -> str:
    try:
        said = cells.consent(value)
    except cells.Unreadable as error:
        raise cells.Unreadable("field_yes_no") from error
    return "" if said is None else YES if said else NO


def _file(spec: Spec, value: object) -> str:
    """The id of an Upload; whose it is, the service looks up."""
    pk = whole(cells.cell_text(value))
    if pk is None:
        raise cells.Unreadable("field_file")
    return str(pk)


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split()).casefold()


_READERS: dict[str, Callable[[Spec, object], str]] = {
    FieldKind.TEXT: _text,
    FieldKind.NUMBER: _number,
    FieldKind.DATE: _date,
    FieldKind.CHOICE: _choice,
    FieldKind.YES_NO: _yes_no,
    FieldKind.FILE: _file,
}
