"""Many rows of ready values into a table at once: COPY on PostgreSQL, executemany on SQLite."""

import io
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from django.db import connection
from django.db.models import Model

# Small enough that the database works on one part while the next is made.
STREAM_ROWS, STREAM_BYTES = 300, 1 << 20


def fill(model: type[Model], columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows of ready values: texts, whole numbers, booleans, None, and dates and times as text."""
    table, names = model._meta.db_table, ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", _Stream(rows), STREAM_BYTES)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # type: ignore[arg-type]


class _Stream(io.RawIOBase):
    """Rows as COPY reads them, made while the database is still busy with those before."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._rows, self._rest = iter(rows), b""

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes: the driver refuses more."""
        if not self._rest:
            lines = ["\t".join(map(_copied, row)) for row in islice(self._rows, STREAM_ROWS)]
            self._rest = ("\n".join(lines) + "\n").encode() if lines else b""
        part, self._rest = self._rest[:size], self._rest[size:]
        return part


def _copied(value: Any) -> str:
    """A value as COPY's text format writes it."""
    if type(value) is str:
        if value.isprintable() and "\\" not in value:
            return value
        return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    if value is None:
        return "\\N"
    if value is True or value is False:
        return "t" if value else "f"
    return str(value)
