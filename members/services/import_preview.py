"""What is kept of a file that was read, so that a person can look at it before anything is written: how its columns
were understood, its mistakes, and some people of each kind. Reads no database and writes none."""

from typing import Any, NamedTuple

from members import birthdays, cells, columns, dates, import_plan, importing, repairs, sheets
from members.models import Import

ERRORS_KEPT = 1000
SAMPLE_PEOPLE = 8
SAMPLE_CELLS = 3
HEAD_LINES, HEAD_CELLS = 20, 10


class Reading(NamedTuple):
    book: sheets.Book
    guess: columns.Guess
    cleaned: importing.Cleaned

    @property
    def bad_rows(self) -> int:
        return len({error.row for error in self.cleaned.errors})

    @property
    def rows(self) -> int:
        return len(self.cleaned.records) + self.bad_rows


def of_file(row: Import, reading: Reading) -> dict[str, Any]:
    """The columns of the import that say how its file was read."""
    errors = reading.cleaned.errors
    return {
        "sheets": [{"name": sheet.name, "rows": sheet.rows} for sheet in reading.book.sheets],
        "sheet": reading.book.sheet,
        "header": reading.guess.titles,
        "mapping": {str(index): target for index, target in reading.guess.mapping.items()},
        "errors": [error._asdict() | {"who": _who(reading, error.row)} for error in errors[:ERRORS_KEPT]],
        "error_count": reading.bad_rows,
        "rows": reading.rows,
        "sample": {
            "doubts": reading.guess.doubts,
            "cells": [_examples(reading, index) for index in range(len(reading.guess.titles))],
            "people": [],
            "header_row": reading.guess.first_row,
            "head": _head(reading),
            "asks": _asks(row, reading),
        },
    }


def people(plan: import_plan.Plan) -> list[dict[str, Any]]:
    """A few of each kind, as the preview shows them."""
    new = [_person("create", record, record.groups, []) for record in plan.create[:SAMPLE_PEOPLE]]
    changed = [
        _person("update", change.record, change.groups, _changed(change)) for change in plan.update[:SAMPLE_PEOPLE]
    ]
    left = [{"kind": "skip", "row": line, "reason": reason} for line, reason in plan.skip[:SAMPLE_PEOPLE]]
    return new + changed + left


def _changed(change: import_plan.Change) -> list[str]:
    """What of a known member the file changes, groups apart."""
    added = [name for name, news in (("contacts", change.contacts), ("tags", change.tags)) if news]
    return sorted([*change.values, *added])


def _person(kind: str, record: importing.Record, groups: tuple[str, ...], fields: list[str]) -> dict[str, Any]:
    return {
        "kind": kind,
        "row": record.row,
        "name": record.name,
        "phone": record.phone,
        "birth_date": _born(record),
        "memo": record.memo[:60],
        "groups": list(groups),
        "fields": fields,
        "contacts": [list(contact) for contact in record.more.contacts],
        "stage": record.more.stage,
        "source": record.more.source,
        "tags": list(record.more.tags),
    }


def _born(record: importing.Record) -> str:
    """A birthday as the preview shows it: 1985-04-15, 음력 1985년 4월 15일."""
    if not record.birthday:
        return record.birth_date.isoformat() if record.birth_date else ""
    birthday = birthdays.of(record.birth_date, record.birthday)
    return birthdays.words(birthday) if birthday else ""


def _examples(reading: Reading, index: int) -> list[str]:
    """The first cells of a column; days as they were read, since 45000 would look as if it came in like that."""
    first = reading.guess.first_row
    target = reading.guess.mapping.get(index, columns.SKIP)
    read: dict[int, str] = {}
    for record in reading.cleaned.records[:SAMPLE_CELLS]:
        if target == columns.BIRTH:
            read[record.row] = _born(record)
        elif target.startswith(columns.FIELD) and dates.names_a_day(target):
            read[record.row] = (record.fields or {}).get(reading.cleaned.keys[index], "")
    lines = enumerate(reading.book.rows[first : first + SAMPLE_CELLS], first + 1)
    return [(read.get(number) or cells.cell_text(line[index]))[:60] for number, line in lines]


def _who(reading: Reading, line: int) -> str:
    """The name in a line with a mistake, by which a person finds the right value."""
    index = next((index for index, target in reading.guess.mapping.items() if target == columns.NAME), None)
    return "" if index is None else cells.cell_text(reading.book.rows[line - 1][index])[: importing.NAME_MAX]


def _asks(row: Import, reading: Reading) -> list[dict[str, Any]]:
    unclear = ((error.place, error.value) for error in reading.cleaned.errors if error.code == "date_order")
    body = reading.book.rows[reading.guess.first_row :]
    return repairs.questions(body, reading.guess.titles, unclear, repairs.load(row.repairs))


def _head(reading: Reading) -> list[list[str]]:
    """The first lines of the sheet, from which a person picks the one with the titles; the one in use is among them."""
    lines = reading.book.rows[: max(HEAD_LINES, reading.guess.first_row)]
    return [[cells.cell_text(cell)[:24] for cell in line if cell not in ("", None)][:HEAD_CELLS] for line in lines]
