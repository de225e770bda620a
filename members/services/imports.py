"""What a person asks of an import: start it, correct how it was read, apply it. A worker does the rest
(`import_run`); the row's state says how far it is."""

from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction

from accounts import audit, uploads
from accounts.audit import Actor, user_of
from accounts.models import Tenant
from accounts.ringing import ring
from config.queues import BULK
from members import cells, columns, dates, repairs, sheets
from members.enums import ImportMode, ImportState, UploadPurpose
from members.exceptions import ImportNotFound, ImportNotReady, ImportNotRevertible, InvalidImport, TooManyRepairs
from members.models import Import
from members.repairs import Repairs
from members.services import groups as grouping
from members.services.kept_parts import KEPT
from members.sheet_problems import EmptyFile, FileTooLarge, NoNameColumn, NoPhoneColumn
from ui import times

KINDS = {"xlsx", "xls", "ods", "csv", "txt"}


def start_import(
    *,
    tenant: Tenant,
    by: Actor,
    file: Any = None,
    text: str = "",
    mode: str = ImportMode.UPSERT,
    group: str = "",
    apply: bool = False,
) -> Import:
    """Keep the file (or the pasted text) and have it read. All join `group`, made where it is missing.

    `apply` goes on to write without stopping at the preview. What is plainly no roster raises its SheetProblem here.
    """
    if mode not in ImportMode.values:
        raise InvalidImport(fields={"mode": [InvalidImport.message]})
    file = file or _pasted(text)
    if file.size > sheets.MAX_BYTES:
        raise FileTooLarge(limit_mb=sheets.MAX_BYTES // (1024 * 1024))
    file.seek(0)
    sheets.check(file.read())
    with transaction.atomic():
        found, made = grouping.found_or_made(tenant=tenant, by=by, names=[group] if group.strip() else [])
        # After the group, which may be refused: a file is on the disk, whatever becomes of the transaction.
        upload = uploads.store(
            tenant=tenant, by=by, file=file, kinds=KINDS, purpose=UploadPurpose.IMPORT, max_bytes=sheets.MAX_BYTES
        )
        row = Import.objects.create(
            tenant=tenant, upload=upload, mode=mode, group=next(iter(found), None), apply=apply, by=user_of(by),
            sample={}, group_is_new=bool(made),
        )  # fmt: skip
        audit.record(tenant=tenant, by=by, kind="import.created", subject=row, mode=mode, upload=upload.pk)
        ring("members.import_read", tenant.pk, row.pk, queue=BULK)
    return row


def _pasted(text: str) -> ContentFile:
    if not text.strip():
        raise EmptyFile
    return ContentFile(text.encode("utf-8", "replace"), name="pasted.txt")


@transaction.atomic
def correct_import(
    *,
    tenant: Tenant,
    by: Actor,
    pk: int,
    mapping: dict[str, str] | None = None,
    sheet: int | None = None,
    header_row: int | None = None,
    mode: str = "",
) -> Import:
    """Read again with another sheet, line of titles (0: none), meaning of the columns, or mode. Only before it is
    applied; a larger choice undoes the smaller ones that hang on it, and only those."""
    row = _held(tenant, pk)
    if row.state not in (ImportState.PREVIEW, ImportState.FAILED):
        raise ImportNotReady
    changes: dict[str, Any] = {}
    if sheet is not None and sheet != row.sheet:
        # Another sheet has other columns: what was said about the old ones says nothing about it.
        changes |= {"sheet": _sheet(row, sheet), "header_row": None, "mapping": None, "repairs": {}}
    elif header_row is not None and header_row != row.sample.get("header_row"):
        # Other titles, other guesses: a column taken for "김민수" has to be asked anew.
        changes |= {"header_row": _header_row(row, header_row), "mapping": None}
    elif mapping is not None:
        changes["mapping"] = _mapping(row, mapping)
    if mode:
        changes["mode"] = _mode(mode)
    audit.record(tenant=tenant, by=by, kind="import.corrected", subject=row, fields=sorted(changes))
    return _read_again(row, changes)


@transaction.atomic
def repair_import(*, tenant: Tenant, by: Actor, pk: int, sheet: int, answers: Repairs | None) -> Import:
    """Read again with what a person answered about cells nobody could read, on top of earlier answers; None forgets
    them all. Only cells that are among the mistakes, or were answered before, can be answered."""
    row = _held(tenant, pk)
    if row.state != ImportState.PREVIEW or sheet != row.sheet:
        raise ImportNotReady
    kept = {} if answers is None else repairs.dump(_joined(row, answers))
    if kept == row.repairs:
        return row
    if kept:
        audit.record(tenant=tenant, by=by, kind="import.repaired", subject=row)
    else:
        audit.record(tenant=tenant, by=by, kind="import.unrepaired", subject=row)
    return _read_again(row, {"repairs": kept})


def _read_again(row: Import, changes: dict[str, Any]) -> Import:
    for name, value in changes.items():
        setattr(row, name, value)
    row.state, row.problem, row.apply, row.lease_until = ImportState.READING, "", False, None
    row.asked_at = times.now()
    row.save(update_fields=[*changes, "state", "problem", "apply", "lease_until", "asked_at"])
    ring("members.import_read", row.tenant_id, row.pk, queue=BULK)
    return row


def _joined(row: Import, answers: Repairs) -> Repairs:
    before = repairs.load(row.repairs)
    wrong = {(error["row"], error["place"]): error["value"] for error in row.errors}
    said = {
        place: cells.tidy(text)
        for place, text in answers.cells.items()
        if place in before.cells or (place in wrong and _differs(text, wrong[place]))
    }
    no_births = before.no_births if answers.no_births is None else answers.no_births
    joined = Repairs({**before.cells, **said}, {**before.orders, **answers.orders}, no_births)
    if len(joined.cells) > repairs.CELLS_MOST:
        raise TooManyRepairs(most=repairs.CELLS_MOST)
    if any(len(text) > repairs.VALUE_MOST for text in said.values()):
        raise InvalidImport
    if not set(joined.orders.values()) <= set(dates.ORDERS) or not all(i < len(row.header) for i in joined.orders):
        raise InvalidImport
    return joined


@transaction.atomic
def apply_import(*, tenant: Tenant, by: Actor, pk: int) -> Import:
    """Let the preview come true; a second press finds it under way and changes nothing."""
    row = _held(tenant, pk)
    if row.state in (ImportState.APPLYING, ImportState.FINISHED):
        return row
    if row.state != ImportState.PREVIEW:
        raise ImportNotReady
    targets = set((row.mapping or {}).values())
    if not targets & columns.NUMBERS:
        raise NoPhoneColumn
    if columns.NAME not in targets:
        raise NoNameColumn
    row.state, row.lease_until, row.asked_at = ImportState.APPLYING, None, times.now()
    row.save(update_fields=["state", "lease_until", "asked_at"])
    audit.record(tenant=tenant, by=by, kind="import.confirmed", subject=row)
    ring("members.import_apply", tenant.pk, row.pk, queue=BULK)
    return row


@transaction.atomic
def revert_import(*, tenant: Tenant, by: Actor, pk: int) -> Import:
    """Have an import taken back, within thirty days; a second press finds it under way and changes nothing."""
    row = _held(tenant, pk)
    if row.state in (ImportState.REVERTING, ImportState.REVERTED):
        return row
    if not revertible(row):
        raise ImportNotRevertible
    row.state, row.reverted_at, row.lease_until, row.problem = ImportState.REVERTING, times.now(), None, ""
    row.reverted_by = user_of(by)
    row.save(update_fields=["state", "reverted_at", "reverted_by", "lease_until", "problem"])
    audit.record(tenant=tenant, by=by, kind="import.revert_asked", subject=row)
    ring("members.import_revert", tenant.pk, row.pk, queue=BULK)
    return row


def revertible(row: Import) -> bool:
    """Whether it can still be taken back: it was written, and not longer ago than its notes are kept."""
    if row.state != ImportState.FINISHED or not row.finished_at or row.finished_at < times.now() - KEPT:
        return False
    return row.parts.filter(number=0).exists()


def _differs(text: str, other: str) -> bool:
    """A field of one line drops line breaks by itself: that is no answer."""
    return "".join(cells.tidy(text).split()) != "".join(cells.tidy(other).split())


def _held(tenant: Tenant, pk: int) -> Import:
    row = Import.objects.select_for_update(of=("self",)).filter(tenant=tenant, pk=pk).first()
    if row is None:
        raise ImportNotFound
    return row


def _sheet(row: Import, sheet: int) -> int:
    if not 0 <= sheet < len(row.sheets):
        raise InvalidImport(fields={"sheet": [InvalidImport.message]})
    return sheet


def _header_row(row: Import, line: int) -> int:
    if not 0 <= line <= len(row.sample.get("head", [])):
        raise InvalidImport(fields={"header_row": [InvalidImport.message]})
    return line


def _mode(mode: str) -> str:
    if mode not in ImportMode.values:
        raise InvalidImport(fields={"mode": [InvalidImport.message]})
    return mode


def _mapping(row: Import, mapping: dict[str, str]) -> dict[str, str]:
    """Column index → target for each column of the sheet; a target that may stand once stands once."""
    clean: dict[str, str] = {}
    seen: set[str] = set()
    for index in range(len(row.header)):
        target = " ".join(str(mapping.get(str(index), columns.SKIP)).split())
        if target not in columns.TARGETS and not _is_field(target):
            raise InvalidImport(fields={str(index): [InvalidImport.message]})
        if target not in (columns.SKIP, columns.REFUSAL) and target in seen:
            raise InvalidImport(InvalidImport.twice)
        seen.add(target)
        clean[str(index)] = target
    return clean


def _is_field(target: str) -> bool:
    name = target.removeprefix(columns.FIELD)
    return target.startswith(columns.FIELD) and 0 < len(name) <= columns.TITLE_MAX and name.isprintable()
