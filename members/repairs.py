"""What a person answered about cells that nobody else could read: other values, the order of short dates, birthdays
left out. Kept with the import as JSON, put into the rows each time the file is read. No database."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from members import dates

CELLS_MOST, VALUE_MOST = 1000, 200
EXAMPLES = 3


class Repairs(NamedTuple):
    """`cells`: (line, column) → what stands there instead; `orders`: column → one of dates.ORDERS; `no_births`: a
    birthday nobody can read is left out, and the person comes in without it; None: nothing was said about it."""

    cells: Mapping[tuple[int, int], str] = {}
    orders: Mapping[int, str] = {}
    no_births: bool | None = False


def load(kept: Mapping[str, Any]) -> Repairs:
    return Repairs(
        {(line, index): text for line, index, text in kept.get("cells", [])},
        {int(index): order for index, order in kept.get("orders", {}).items()},
        kept.get("no_births", False),
    )


def dump(repairs: Repairs) -> dict[str, Any]:
    """The JSON of it; {} where nobody answered anything."""
    kept = {
        "cells": [[line, index, text] for (line, index), text in sorted(repairs.cells.items())],
        "orders": {str(index): order for index, order in repairs.orders.items()},
        "no_births": repairs.no_births,
    }
    return {name: value for name, value in kept.items() if value}


def mend(rows: Sequence[list], repairs: Repairs) -> None:
    """Put the answers where the wrong values stand."""
    for (line, index), text in repairs.cells.items():
        if line <= len(rows) and index < len(rows[line - 1]):
            rows[line - 1][index] = text


def questions(
    rows: Sequence[Sequence], titles: Sequence[str], unclear: Iterable[tuple[int, str]], repairs: Repairs
) -> list[dict[str, Any]]:
    """What to ask once for a whole column: `unclear` are (column, date) whose order nobody knows.

    What was answered stays among the questions, so that an answer can be taken back.
    """
    examples: dict[int, dict[str, None]] = {index: {} for index in repairs.orders if index < len(titles)}
    waiting: Counter[int] = Counter()
    for index, value in unclear:
        waiting[index] += 1
        found = examples.setdefault(index, {})
        if len(found) < EXAMPLES:
            found[value] = None
    for index, found in examples.items():
        short = (row[index] for row in rows if dates.is_short(row[index]))
        found.update(dict.fromkeys(islice(short, EXAMPLES - len(found))))
    return [
        {"index": index, "column": titles[index], "values": list(found), "rows": waiting[index]}
        for index, found in sorted(examples.items())
        if found
    ]
