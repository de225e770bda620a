"""What people choose about an import."""

import datetime
import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members import columns, dates, import_words, repairs
from members.enums import ImportMode, ImportState
from members.models import Import
from members.services.import_errors import label
from members.sheet_guards import column_letters

COLUMN, CELL, EMPTY, ORDER, WAS = "column-", "cell-", "empty-", "order-", "was-"
_CELL_FIELD = re.compile(rf"({CELL}|{EMPTY})(\d{{1,6}})-(\d{{1,3}})")
_ORDER_FIELD = re.compile(rf"{ORDER}(\d{{1,3}})")
_BREAK = re.compile(r"[\r\n]")
ERRORS_SHOWN = 50
ORDERS = {"ymd": _("년/월/일"), "dmy": _("일/월/년"), "mdy": _("월/일/년")}


class ImportForm(forms.Form):
    """A file, or lines pasted; the pasted text stays in the form when something is wrong."""

    file = forms.FileField(
        label=_("파일"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv,.tsv,.txt,.vcf"}),
    )
    text = forms.CharField(
        label=_("붙여 넣기"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": _("김민수 010-1234-5678")}),
    )
    mode = forms.ChoiceField(label=_("이미 있는 회원은"), choices=ImportMode.choices, initial=ImportMode.UPSERT)
    group = forms.CharField(
        label=_("모두 넣을 그룹"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"list": "groups", "autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("file") and not (data.get("text") or "").strip() and not self.errors:
            raise forms.ValidationError(_("파일을 고르거나 명단을 붙여 넣어 주세요."))
        return data


def column_rows(row: Import) -> list[dict[str, Any]]:
    """The columns of a sheet as the page shows them: title, some cells, what it is taken for, what it could be."""
    cells = (row.sample or {}).get("cells") or []
    rows = []
    for index, title in enumerate(row.header):
        chosen = (row.mapping or {}).get(str(index), columns.SKIP)
        rows.append(
            {
                "name": f"{COLUMN}{index}",
                "title": _column(row, index),
                "cells": [cell for cell in (cells[index] if index < len(cells) else []) if cell],
                "chosen": chosen,
                "options": _options(title, chosen),
            }
        )
    return rows


def _column(row: Import, index: int) -> Any:
    """The title of a column; by its letter where the sheet has none for it."""
    title = row.header[index] if index < len(row.header) else ""
    return title or _("%(letters)s열") % {"letters": column_letters(index + 1)}


def _options(title: str, chosen: str) -> list[tuple[str, Any]]:
    """Every target once, and the title itself as a field of its own."""
    own = dict.fromkeys(
        target for target in (columns.FIELD + title if title else "", chosen) if target.startswith(columns.FIELD)
    )
    named = [(target, _("추가 항목 ‘%(name)s’") % {"name": label(target)}) for target in own]
    return [(target, label(target)) for target in columns.TARGETS if target != columns.SKIP] + [
        *named,
        (columns.SKIP, label(columns.SKIP)),
    ]


def head_rows(row: Import) -> list[dict[str, Any]]:
    """The first lines of the sheet, of which one holds the titles; line 0 stands for none."""
    head = (row.sample or {}).get("head") or []
    chosen = row.sample.get("header_row") if head else None
    lines = [{"line": line, "text": " · ".join(cells), "chosen": line == chosen} for line, cells in enumerate(head, 1)]
    return [{"line": 0, "text": "", "chosen": chosen == 0}, *lines] if head else []


def error_rows(row: Import) -> list[dict[str, Any]]:
    """The first mistakes, each with the name of the field in which it can be put right; birthdays may be left out.

    While the preview asks for the order of a column's dates (`question_rows`), it does not ask for each of them too.
    """
    birth = _place_of(row, columns.BIRTH)
    return [
        {
            **error,
            "column": _column(row, error["place"]),
            "problem": import_words.problem(error["code"]),
            "field": f"{CELL}{error['row']}-{error['place']}" if len(error["value"]) < repairs.VALUE_MOST else "",
            "leave_out": f"{EMPTY}{error['row']}-{error['place']}" if error["place"] == birth else "",
        }
        for error in _listed(row)[:ERRORS_SHOWN]
    ]


def rows_unlisted(row: Import) -> int:
    """How many rows have mistakes that `error_rows` has no room for."""
    listed = [error["row"] for error in _listed(row)]
    unread = row.error_count - len({error["row"] for error in row.errors})
    return len(set(listed[ERRORS_SHOWN:]) - set(listed[:ERRORS_SHOWN])) + unread


def _listed(row: Import) -> list[dict[str, Any]]:
    asked = row.state == ImportState.PREVIEW
    return [error for error in row.errors if not (asked and error["code"] == "date_order")]


def question_rows(row: Import, today: datetime.date) -> list[dict[str, Any]]:
    """What is asked once for a column of short dates: an example, and the day it would be in each order."""
    orders = repairs.load(row.repairs).orders
    asked = []
    for ask in (row.sample or {}).get("asks") or []:
        days = [dates.readings(value, today) for value in ask["values"]]
        options = [
            {
                "value": order,
                "name": name,
                "day": next((found[order] for found in days if order in found), None),
                "chosen": orders.get(ask["index"]) == order,
            }
            for order, name in ORDERS.items()
        ]
        asked.append(
            {
                **ask,
                "column": _column(row, ask["index"]),
                "field": f"{ORDER}{ask['index']}",
                "chosen": orders.get(ask["index"], ""),
                "options": [o for o in options if o["day"]],
            }
        )
    return asked


def repaired_rows(row: Import) -> list[dict[str, Any]]:
    """The answers that are in force and have no mistake any more, the last ones first on the page."""
    wrong = {(error["row"], error["place"]) for error in row.errors}
    kept = [place for place in repairs.load(row.repairs).cells.items() if place[0] not in wrong]
    return [
        {"row": line, "column": _column(row, place), "value": text, "field": f"{CELL}{line}-{place}"}
        for (line, place), text in kept[-ERRORS_SHOWN:]
        if place < len(row.header)
    ]


def asks_for_births(row: Import) -> bool:
    """Whether any birthday is wrong, or all wrong ones are left out already."""
    birth = _place_of(row, columns.BIRTH)
    return row.repairs.get("no_births", False) or any(error["place"] == birth for error in row.errors)


def _place_of(row: Import, wanted: str) -> int | None:
    return next((int(index) for index, target in (row.mapping or {}).items() if target == wanted), None)


def chosen_repairs(data: Any) -> repairs.Repairs:
    """The answers a posted form holds: values of cells, cells to leave empty, orders of dates.

    An input that still says what the page showed is no answer: another tab may have said something else since.
    """
    cells, orders = {}, {}
    for name in data:
        if found := _CELL_FIELD.fullmatch(name):
            place = (int(found[2]), int(found[3]))
            if found[1] == EMPTY:
                cells[place] = ""
            elif _changed(data, name):
                cells.setdefault(place, data[name])
        elif (found := _ORDER_FIELD.fullmatch(name)) and _changed(data, name):
            orders[int(found[1])] = data[name]
    no_births = bool(data.get("no_births")) if _changed(data, "no_births") else None
    return repairs.Repairs(cells, orders, no_births)


def _changed(data: Any, name: str) -> bool:
    """Whether an input differs from what the page showed in it; a field of one line has no line breaks."""
    was = data.get(f"{WAS}{name}")
    return was is None or data.get(name, "") != _BREAK.sub("", was)


def whole_number(text: str) -> int | None:
    """A small number as a form posts it; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None


def chosen_mapping(data: Any, row: Import) -> dict[str, str] | None:
    """The mapping a posted form holds; None where it holds none."""
    if not any(name.startswith(COLUMN) for name in data):
        return None
    return {str(index): data.get(f"{COLUMN}{index}", columns.SKIP) for index in range(len(row.header))}
