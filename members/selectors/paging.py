"""Keyset pages of any list: as fast on the thousandth page as on the first."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import DateField, QuerySet

from ui.numbers import whole


@dataclass
class Keyset:
    """One page. Cursors hold days and ids only, so they may stand in an address; empty at the ends."""

    rows: list[Any]
    next: str = ""
    previous: str = ""


def keyset(rows: QuerySet[Any], columns: tuple[str, ...], cursor: str, size: int) -> Keyset:
    """The page of `rows` at the cursor, in the order of one or two `columns`: upward, or all with a minus downward.

    A cursor that is none of this list begins it anew.
    """
    names = [column.lstrip("-") for column in columns]
    place, back = _read(cursor, [rows.model._meta.get_field(name) for name in names])
    down = columns[0].startswith("-") != back
    if place:
        rows = _beyond(rows, names, place, "lt" if down else "gt")
    found = list(rows.order_by(*[f"{'-' if down else ''}{name}" for name in names])[: size + 1])
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    before, after = (more, True) if back else (bool(place), more)
    return Keyset(
        found,
        next=_write(names, found[-1], False) if found and after else "",
        previous=_write(names, found[0], True) if found and before else "",
    )


def _beyond(rows: QuerySet[Any], names: list[str], place: list[Any], side: str) -> QuerySet[Any]:
    """What lies ahead, said as one range less those passed already: an OR made PostgreSQL gather and sort them all."""
    if len(names) == 1:
        return rows.filter(**{f"{names[0]}__{side}": place[0]})
    passed = {names[0]: place[0], f"{names[1]}__{'gte' if side == 'lt' else 'lte'}": place[1]}
    return rows.filter(**{f"{names[0]}__{side}e": place[0]}).exclude(**passed)


def _write(names: list[str], row: Any, back: bool) -> str:
    return ".".join(["b" if back else "n", *(str(getattr(row, name)) for name in names)])


def _read(cursor: str, columns: list[Any]) -> tuple[list[Any], bool]:
    way, *parts = cursor.split(".")
    if way not in ("b", "n") or len(parts) != len(columns):
        return [], False
    try:
        return [_value(column, part) for column, part in zip(columns, parts, strict=True)], way == "b"
    except ValueError:
        return [], False


def _value(column: Any, part: str) -> Any:
    """As the column holds it; ValueError for what it cannot hold."""
    if isinstance(column, DateField):
        return date.fromisoformat(part)
    found = whole(part)
    if found is None:
        raise ValueError(part)
    return found
