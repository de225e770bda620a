"""What a worker does for an import: read the file, show what would happen, write it in one transaction.

Killed at any point it has written nothing; rung again it begins anew. Two workers can't hold the same import.
"""

import datetime
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q

from accounts import audit, uploads
from accounts.exceptions import Refusal
from accounts.models import Tenant
from accounts.ringing import ring
from accounts.scoping import outside
from config.queues import BULK
from members import columns, fields, import_plan, importing, repairs, sheets
from members.enums import FieldKind, ImportState
from members.exceptions import ImportStuck, UploadGone
from members.models import Field, Import
from members.services import import_errors, import_known, import_preview, import_rows
from members.services.consents import import_source
from members.services.fields import taken_keys
from members.services.import_parts import Parts
from members.services.import_preview import Reading
from members.services.import_revert import rescued
from members.sheet_problems import NobodyInFile, NoNameColumn, NoPhoneColumn
from ui import times

LEASE = datetime.timedelta(minutes=10)
GIVEN_UP_AFTER = datetime.timedelta(hours=2)
UNHEARD_AFTER = datetime.timedelta(seconds=20)
LARGE = 5000


class LostLease(Exception):
    """Another worker has taken this import over; what this one was about to commit is rolled back."""


def read_import(*, tenant: Tenant, pk: int) -> bool:
    """Read the file of an import and go on to its preview, or to writing where nobody asked to stop; False if not due.

    A file that is no roster ends as `failed` with the sentence that says why.
    """
    row = _claim(tenant, pk, ImportState.READING)
    if row is None:
        return False
    with _told(row), _quiet_gc():
        reading = _read(row)
        _keep_reading(row, reading)
        problem = _missing(reading)
        if row.apply:
            if problem:
                raise problem
            _hold(row, state=ImportState.APPLYING)
            _write(row, reading)
        else:
            _preview(row, reading, problem)
    return True


def apply_import(*, tenant: Tenant, pk: int) -> bool:
    """Write an import that was looked at before; False if it is not due or another worker is at it."""
    row = _claim(tenant, pk, ImportState.APPLYING)
    if row is None:
        return False
    with _told(row), _quiet_gc():
        reading = _read(row)
        problem = _missing(reading)
        if problem:
            raise problem
        _keep_reading(row, reading)
        _write(row, reading)
    return True


def rescue_imports() -> int:
    """Ring again for imports nobody heard of or whose worker is gone; give up what has failed for two hours."""
    now = times.now()
    with outside("the watch looks at the imports of all tenants"):
        waiting = Q(lease_until=None, asked_at__lt=now - UNHEARD_AFTER) | Q(lease_until__lt=now)
        due = Import.objects.filter(waiting, state__in=[ImportState.READING, ImportState.APPLYING])
        rows = list(due.order_by("id").values_list("tenant_id", "pk", "state", "asked_at")[:200])
        for tenant, pk, state, asked_at in rows:
            if asked_at < now - GIVEN_UP_AFTER:
                Import.objects.filter(waiting, pk=pk, state=state).update(
                    state=ImportState.FAILED, problem=str(ImportStuck.message), finished_at=now, lease_until=None
                )
                continue
            name = "members.import_read" if state == ImportState.READING else "members.import_apply"
            ring(name, tenant, pk, queue=BULK)
    reverts = rescued()
    for tenant, pk in reverts:
        ring("members.import_revert", tenant, pk, queue=BULK)
    return len(rows) + len(reverts)


def done_rows(row: Import) -> int:
    """Rows written so far; 0 where the machine has no shared memory to tell (nothing is committed before the end)."""
    return int(cache.get(_progress_key(row.pk)) or 0) if settings.REDIS_URL else 0


# --- holding the row ------------------------------------------------------------------------------------------------


def _claim(tenant: Tenant, pk: int, state: str) -> Import | None:
    now = times.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    until = now + LEASE
    if not Import.objects.filter(free, tenant=tenant, pk=pk, state=state).update(lease_until=until):
        return None
    return Import.objects.select_related("tenant", "upload", "group", "by").get(pk=pk)


def _hold(row: Import, **values: Any) -> None:
    """Save values, if this worker still holds the import; LostLease if not."""
    mine = Import.objects.filter(pk=row.pk, state=row.state, lease_until=row.lease_until)
    if not mine.update(**values):
        raise LostLease
    for name, value in values.items():
        setattr(row, name, value)


@contextmanager
def _told(row: Import) -> Iterator[None]:
    """A refusal on the way ends the import with its sentence, a bug with ours; a lost lease is somebody else's import.

    A database that is away ends nothing: when the lease is over, the watch has it done again.
    """
    try:
        yield
    except Refusal as refusal:
        _fail(row, refusal)
    except LostLease:
        pass
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        _fail(row, ImportStuck())
        raise


def _fail(row: Import, refusal: Refusal) -> None:
    mine = Import.objects.filter(pk=row.pk, state__in=[ImportState.READING, ImportState.APPLYING])
    mine.filter(lease_until=row.lease_until).update(
        state=ImportState.FAILED,
        problem=str(refusal)[:300],
        created=0,
        updated=0,
        skipped=0,
        finished_at=times.now(),
        lease_until=None,
    )


@contextmanager
def _quiet_gc() -> Iterator[None]:
    """A hundred thousand rows are no rubbish: looking through them again and again costs half a second an import."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


# --- reading --------------------------------------------------------------------------------------------------------


def _read(row: Import) -> Reading:
    if row.upload.deleted_at:
        raise UploadGone
    try:
        with uploads.open_(row.upload) as file:
            data = file.read()
    except OSError as error:
        raise UploadGone from error
    kind = "text" if row.upload.kind in ("csv", "txt") else row.upload.kind
    book = sheets.read(data, kind, sheet=row.sheet if row.sheets else None)
    own = fields.known_names(Field.objects.filter(tenant=row.tenant))
    specs = {word: fields.spec(field) for word, field in own.items()}
    titles = {word: field.name if field.kind != FieldKind.FILE else "" for word, field in own.items()}
    guess = columns.guess(book.rows, titles, row.header_row)
    if row.mapping is not None:
        guess = guess._replace(mapping={int(index): target for index, target in row.mapping.items()}, doubts=[])
    answers = repairs.load(row.repairs)
    repairs.mend(book.rows, answers)
    cleaned = importing.clean(
        book.rows,
        first_row=guess.first_row,
        titles=guess.titles,
        mapping=guess.mapping,
        today=times.today(),
        answers=answers,
        own=specs,
        taken=taken_keys(row.tenant),
    )
    return Reading(book, guess, cleaned)


def _missing(reading: Reading) -> Refusal | None:
    """What stands in the way of writing anything at all."""
    targets = set(reading.guess.mapping.values())
    if not targets & columns.NUMBERS:
        return NoPhoneColumn()
    if columns.NAME not in targets:
        return NoNameColumn()
    return None if reading.rows else NobodyInFile()


def _keep_reading(row: Import, reading: Reading) -> None:
    import_errors.keep(row, reading.book.rows, reading.guess, reading.cleaned.errors)
    _hold(row, **import_preview.of_file(row, reading))


def _preview(row: Import, reading: Reading, problem: Refusal | None) -> None:
    plan = _plan(row, reading) if problem is None else import_plan.Plan([], [], [])
    _hold(
        row,
        created=len(plan.create),
        updated=len(plan.update),
        skipped=len(plan.skip),
        sample=row.sample | {"people": import_preview.people(plan)},
        problem=str(problem)[:300] if problem else "",
        state=ImportState.PREVIEW,
        lease_until=None,
    )


def _plan(row: Import, reading: Reading) -> import_plan.Plan:
    records = reading.cleaned.records
    everyone = _everyone(row)
    grouped = bool(everyone) or columns.GROUP in reading.guess.mapping.values()
    more = any(record.more is not importing.NOTHING_MORE for record in records)
    known = import_known.known_people(row.tenant, records, with_groups=grouped, with_more=more)
    return import_plan.plan(records, known, row.mode, everyone)


def _everyone(row: Import) -> tuple[str, ...]:
    return (row.group.name,) if row.group else ()


# --- writing --------------------------------------------------------------------------------------------------------


def _write(row: Import, reading: Reading) -> None:
    """All of it or nothing: members, groups, consents, the counts and the end of the import are one commit."""
    with transaction.atomic():
        import_rows.lock_roster(row.tenant)
        plan = _plan(row, reading)
        written = import_rows.write(
            tenant=row.tenant,
            by=row.by,
            plan=plan,
            everyone=_everyone(row),
            source=import_source(row.pk),
            now=times.now(),
            parts=Parts(row.tenant, row),
            fresh=reading.cleaned.fresh,
            report=_reporter(row.pk),
        )
        audit.record(
            tenant=row.tenant, by=row.by, kind="import.applied", subject=row, created=written.created,
            updated=written.updated, skipped=len(plan.skip), problems=row.error_count,
        )  # fmt: skip
        _hold(
            row,
            state=ImportState.FINISHED,
            created=written.created,
            updated=written.updated,
            skipped=len(plan.skip),
            done_rows=row.rows,
            sample=row.sample | {"people": [], "cells": [], "head": [], "asks": []},
            repairs={},
            problem="",
            finished_at=times.now(),
            lease_until=None,
        )
    if written.created > LARGE:
        import_rows.settle_search()


def _progress_key(pk: int) -> str:
    return f"import:{pk}:done"


def _reporter(pk: int) -> Callable[[int], None]:
    """Tells how many rows are written; only Redis can: a database shows nothing before the commit."""
    if not settings.REDIS_URL:
        return lambda done: None
    return lambda done: cache.set(_progress_key(pk), done, 600)
