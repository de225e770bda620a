"""What people choose about an import."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members import columns
from members.enums import ImportMode
from members.models import Import
from members.services.import_errors import label

COLUMN = "column-"


class ImportForm(forms.Form):
    """A file, or lines pasted; the pasted text stays in the form when something is wrong."""

    file = forms.FileField(
        label=_("파일"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv,.tsv,.txt"}),
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
                "title": title,
                "cells": [cell for cell in (cells[index] if index < len(cells) else []) if cell],
                "chosen": chosen,
                "options": _options(title, chosen),
            }
        )
    return rows


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


def whole_number(text: str) -> int | None:
    """A small number as a form posts it; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else None


def chosen_mapping(data: Any, row: Import) -> dict[str, str] | None:
    """The mapping a posted form holds; None where it holds none."""
    if not any(name.startswith(COLUMN) for name in data):
        return None
    return {str(index): data.get(f"{COLUMN}{index}", columns.SKIP) for index in range(len(row.header))}
