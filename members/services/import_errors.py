"""The rows an import could not take, as a file to fix and upload again: the original columns and what is wrong."""

import io
import logging
from collections.abc import Sequence
from typing import IO

import xlsxwriter
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.exports import defused
from members import cells, columns, contact_columns, import_words, importing
from members.models import Import

log = logging.getLogger(__name__)


def path_of(row: Import) -> str:
    return f"imports/{row.tenant_id}/{row.pk}-errors.xlsx"


def keep(row: Import, rows: Sequence[Sequence], guess: columns.Guess, errors: list[importing.RowError]) -> None:
    """Store the file beside the import, in place of an earlier one; no mistakes, no file.

    A full disk costs the file, not the import: the first mistakes are on the page too.
    """
    try:
        default_storage.delete(path_of(row))
        if errors:
            default_storage.save(path_of(row), ContentFile(_workbook(rows, guess, errors)))
    except OSError as error:
        log.warning("error file not kept", extra={"import": row.pk, "error": type(error).__name__})


def drop(row: Import) -> None:
    """Remove the file with the transaction; nothing where there is none."""
    path = path_of(row)
    transaction.on_commit(lambda: default_storage.delete(path), robust=True)


def open_file(row: Import) -> IO[bytes]:
    """The stored file; FileNotFoundError where there is none."""
    return default_storage.open(path_of(row), "rb")


def label(target: str) -> str:
    """What a target is called on pages and in files."""
    if target.startswith(columns.FIELD):
        return target.removeprefix(columns.FIELD)
    return (
        _contact_labels().get(target)
        or {
            columns.NAME: _("이름"),
            columns.PHONE: _("휴대폰"),
            columns.PHONE2: _("다른 전화번호"),
            columns.BIRTH: _("생년월일"),
            columns.CALENDAR: _("음력/양력"),
            columns.GROUP: _("그룹"),
            columns.TAGS: _("태그"),
            columns.STAGE: _("단계"),
            columns.SOURCE: _("알게 된 경로"),
            columns.MEMO: _("메모"),
            columns.AD: _("광고 수신동의"),
            columns.NIGHT: _("야간 광고 수신동의"),
            columns.REFUSAL: _("광고 수신거부"),
            columns.SKIP: _("넣지 않음"),
        }[target]
    )


def _contact_labels() -> dict[str, str]:
    return {
        contact_columns.MOTHER: _("어머니 연락처"),
        contact_columns.FATHER: _("아버지 연락처"),
        contact_columns.GUARDIAN: _("보호자 연락처"),
        contact_columns.PAYER: _("결제자 연락처"),
        contact_columns.NAME_OF[contact_columns.MOTHER]: _("어머니 이름"),
        contact_columns.NAME_OF[contact_columns.FATHER]: _("아버지 이름"),
        contact_columns.NAME_OF[contact_columns.GUARDIAN]: _("보호자 이름"),
        contact_columns.NAME_OF[contact_columns.PAYER]: _("결제자 이름"),
    }


def _workbook(rows: Sequence[Sequence], guess: columns.Guess, errors: list[importing.RowError]) -> bytes:
    problems: dict[int, list[str]] = {}
    for error in errors:
        sentence = import_words.problem(error.code)
        problems.setdefault(error.row, []).append(f"{error.column}: {sentence}" if error.column else sentence)
    titles = [title or _untitled(guess, index) for index, title in enumerate(guess.titles)]
    file = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        sheet.set_column(0, len(titles) - 1, 16)
        sheet.set_column(len(titles), len(titles), 60)
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, [*titles, _("문제")], bold)
        for line, (number, said) in enumerate(sorted(problems.items()), 1):
            for index, cell in enumerate(rows[number - 1]):
                sheet.write_string(line, index, defused(cells.cell_text(cell))[:32767])
            sheet.write_string(line, len(titles), "\n".join(said))
    return file.getvalue()


def _untitled(guess: columns.Guess, index: int) -> str:
    target = guess.mapping.get(index, columns.SKIP)
    return "" if target == columns.SKIP else label(target)
