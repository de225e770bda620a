"""Keyset pages of rows by id: page 25,000 costs what page 1 does."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

SIZE = 30


@dataclass(frozen=True)
class Slice:
    """One page; an empty cursor is the end of the list on that side."""

    rows: list[Any]
    previous: str = ""
    following: str = ""


def by_id(rows: QuerySet, cursor: str = "", *, size: int = SIZE, newest: bool = True, column: str = "id") -> Slice:
    """A page newest (or oldest) first. A cursor is "n42" (what comes next after row 42) or "p42" (what came before).

    With another `column`, unique in these rows and ascending, the cursor is still an id: what a person's number is
    must not stand in an address. A cursor that cannot be read is the first page: somebody typed it.
    """
    back, at = _read(cursor)
    down = (newest and column == "id") != back
    edge = at if column == "id" or not at else rows.model.objects.filter(pk=at).values_list(column, flat=True).first()
    if edge:
        rows = rows.filter(**{f"{column}__{'lt' if down else 'gt'}": edge})
    found = list(rows.order_by(f"-{column}" if down else column)[: size + 1])
    more, found = len(found) > size, found[:size]
    if back:
        found.reverse()
    if not found:
        return Slice([])
    has_previous = more if back else bool(edge)
    has_following = True if back else more
    return Slice(found, f"p{found[0].pk}" if has_previous else "", f"n{found[-1].pk}" if has_following else "")


def _read(cursor: str) -> tuple[bool, int]:
    kind, digits = cursor[:1], cursor[1:]
    if kind not in ("n", "p") or not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        return False, 0
    return kind == "p", int(digits)
