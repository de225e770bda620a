"""Files that go out: asked for with a reason, made by a job, masked unless said otherwise, behind a link that ends.

An app registers what it can export when it starts (apps.ready or its tasks module):

    exports.register("members", title=_("회원 명단"), columns=[Column(_("이름")), Column(_("휴대폰"), "phone")],
                     rows=selectors.export_rows)      # rows(tenant, params) -> iterable of tuples as the columns

`columns` may be a function of (tenant, params) where they depend on the tenant.
"""

import csv
import tempfile
import uuid
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

from django.core import signing
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.translation import gettext_lazy as _

from accounts import audit, notify
from accounts.enums import ExportState
from accounts.exceptions import EmailNotVerified, ExportExpired, NotAllowed, ReasonMissing, Refusal
from accounts.models import Export, Staff, Tenant, User
from accounts.permissions import Permission, allows
from accounts.ringing import ring
from accounts.scoping import tenant_url
from config.queues import BULK
from ui import times
from ui.phones import format_phone, mask_phone

ROWS_A_FILE = 1_000_000
LASTS = timedelta(days=3)
LEASE = timedelta(minutes=10)
SAME_WISH = timedelta(seconds=10)
BEAT_ROWS = 20_000  # how often a long job says that it lives
SALT = "accounts.exports"
FORMATS = ("xlsx", "csv")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Rows = Callable[[Tenant, dict[str, Any]], Iterable[Sequence[Any]]]


class UnknownExport(Refusal):
    code = "unknown_export"
    message = _("내보낼 수 없는 항목이에요.")


@dataclass(frozen=True)
class Column:
    """A column's title and its kind: text, phone (hyphens, masked on request), name (masked on request), number, date
    or datetime."""

    title: Any
    kind: str = "text"
    width: int = 16


@dataclass(frozen=True)
class Kind:
    name: str
    title: Any
    columns: Sequence[Column] | Callable[[Tenant, dict[str, Any]], Sequence[Column]]
    rows: Rows

    def columns_for(self, tenant: Tenant, params: dict[str, Any]) -> list[Column]:
        return list(self.columns(tenant, params) if callable(self.columns) else self.columns)


_kinds: dict[str, Kind] = {}


def register(name: str, *, title: Any, columns: Any, rows: Rows) -> None:
    """Offer an export; registering a name again replaces it."""
    _kinds[name] = Kind(name, title, columns, rows)


def title_of(name: str) -> str:
    return str(_kinds[name].title) if name in _kinds else name


def request_export(
    *,
    tenant: Tenant,
    by: User,
    kind: str,
    params: dict[str, Any],
    reason: str,
    format: str = "xlsx",
    masked: bool = True,
) -> Export:
    """Queue a file. Needs the right to export, a verified e-mail and a reason (kept: the law asks for it). The same
    wish of the same person a moment later is a second click: it gets the first one's file."""
    if kind not in _kinds or format not in FORMATS:
        raise UnknownExport
    if not allows(Staff.objects.filter(tenant=tenant, user=by).first(), Permission.MEMBER_EXPORT):
        raise NotAllowed
    if not by.is_verified:
        raise EmailNotVerified
    if len(reason.strip()) < 2:
        raise ReasonMissing(fields={"reason": [ReasonMissing.message]})
    asked: dict[str, Any] = {"kind": kind, "params": params, "format": format, "masked": masked}
    asked["reason"] = reason.strip()[:200]
    with transaction.atomic():
        if twin := _asked_just_now(tenant, by, asked):
            return twin
        row = Export.objects.create(tenant=tenant, by=by, **asked)
        audit.record(
            tenant=tenant,
            by=by,
            kind="export.requested",
            subject=row,
            export=kind,
            masked=masked,
            reason=row.reason,
            fields=[str(c.title) for c in _kinds[kind].columns_for(tenant, params)],
        )
        ring("accounts.export", tenant.pk, row.pk, queue=BULK)
    return row


def _asked_just_now(tenant: Tenant, by: User, asked: dict[str, Any]) -> Export | None:
    User.objects.select_for_update().get(pk=by.pk)  # two clicks at once queue up here
    fresh = Export.objects.filter(tenant=tenant, by=by, kind=asked["kind"], created_at__gt=timezone.now() - SAME_WISH)
    same = (row for row in fresh.exclude(state=ExportState.FAILED) if all(getattr(row, k) == asked[k] for k in asked))
    return next(same, None)


def make(*, tenant: Tenant, export: int) -> bool:
    """Write the file of a waiting (or abandoned) export; False if another worker is at it or it is done."""
    now = timezone.now()
    waiting = Q(state=ExportState.WAITING) | Q(state=ExportState.WORKING, lease_until__lt=now)
    if not Export.objects.filter(waiting, tenant=tenant, pk=export).update(
        state=ExportState.WORKING, lease_until=now + LEASE
    ):
        return False
    row = Export.objects.select_related("by").get(pk=export)
    try:
        with tempfile.TemporaryDirectory() as folder:
            files, count = _write(row, Path(folder))
            path = _keep(row, files)
    except OSError:
        return _fail(row, _("파일을 저장할 자리가 없어요. 잠시 뒤 다시 만들어 주세요."))
    except UnknownExport:
        return _fail(row, UnknownExport.message)
    return _finish(row, path, count)


def link(export: Export) -> str:
    """An address that gives the file until it expires, to staff of its tenant with the right to export."""
    return tenant_url(export.tenant, "accounts:export-download", signing.dumps({"export": export.pk}, salt=SALT))


def download(*, tenant: Tenant, by: User, token: str) -> tuple[Export, Any]:
    """The export a link names and its file, open; each download is recorded. Raises ExportExpired."""
    try:
        pk = signing.loads(token, salt=SALT, max_age=LASTS)["export"]
    except (signing.BadSignature, KeyError, TypeError):
        raise ExportExpired from None
    row = Export.objects.filter(tenant=tenant, pk=pk).first()
    if row is None or not row.is_downloadable:
        raise ExportExpired
    try:
        file = default_storage.open(row.parts[0], "rb")
    except OSError:
        raise ExportExpired from None
    with transaction.atomic():
        Export.objects.filter(pk=row.pk).update(downloaded_count=F("downloaded_count") + 1)
        audit.record(
            tenant=tenant, by=by, kind="export.downloaded", subject=row, export=row.kind, rows=row.row_count,
            masked=row.masked, reason=row.reason,
        )  # fmt: skip
    return row, file


def file_name(export: Export) -> str:
    """회원 명단_20261122_1430.xlsx"""
    made = times.seoul(export.created_at).strftime("%Y%m%d_%H%M")
    return f"{title_of(export.kind)}_{made}.{export.parts[0].rsplit('.', 1)[-1]}"


def expire(*, before: datetime) -> int:
    """Delete the files of exports whose time is over; the rows stay as a record. Runs outside scopes (upkeep)."""
    old = [row for row in Export.objects.filter(state=ExportState.READY, expires_at__lt=before) if row.parts]
    for row in old[:200]:
        for path in row.parts:
            default_storage.delete(path)
        Export.objects.filter(pk=row.pk).update(parts=[])
    return len(old[:200])


# --- writing ---------------------------------------------------------------------------------------------------------


def _write(row: Export, folder: Path) -> tuple[list[Path], int]:
    kind = _kinds.get(row.kind)
    if kind is None:
        raise UnknownExport
    columns = kind.columns_for(row.tenant, row.params)
    rows = iter(kind.rows(row.tenant, row.params))
    files: list[Path] = []
    total = 0
    first = next(rows, None)
    while first is not None or not files:
        path = folder / f"{len(files) + 1}.{row.format}"
        chunk = _beating(row, islice(chain([first] if first is not None else [], rows), ROWS_A_FILE), total)
        writer = _write_xlsx if row.format == "xlsx" else _write_csv
        total += writer(path, columns, (_shown(columns, cells, row.masked) for cells in chunk))
        files.append(path)
        first = next(rows, None)
    return files, total


def _beating(row: Export, rows: Iterable[Any], before: int) -> Iterator[Any]:
    """The rows, with the lease drawn out and the count shown every so often."""
    for number, cells in enumerate(rows, 1):
        if number % BEAT_ROWS == 0:
            held = Export.objects.filter(pk=row.pk, state=ExportState.WORKING)
            held.update(lease_until=timezone.now() + LEASE, row_count=before + number)
        yield cells


def _shown(columns: list[Column], cells: Sequence[Any], masked: bool) -> list[Any]:
    return [_cell(c.kind, value, masked) for c, value in zip(columns, cells, strict=True)]


def _cell(kind: str, value: Any, masked: bool) -> Any:
    if value is None or value == "":
        return ""
    if kind == "phone":  # of the excluded it may be anything that was pasted
        return defused(mask_phone(value) if masked else format_phone(value))
    if kind == "name" and masked:
        return defused(mask_name(str(value)))
    if kind == "number" and isinstance(value, (int, float)):
        return value
    if isinstance(value, datetime):
        return times.seoul(value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    return defused(force_str(value))


def mask_name(name: str) -> str:
    """김민준 → 김•준, 이산 → 이•."""
    if len(name) < 2:
        return name
    return name[0] + "•" * max(len(name) - 2, 1) + (name[-1] if len(name) > 2 else "")


def defused(text: str) -> str:
    """A cell that Excel would run as a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _write_csv(path: Path, columns: list[Column], rows: Iterable[list[Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        out = csv.writer(file)
        out.writerow([defused(str(c.title)) for c in columns])  # a tenant names columns of its own
        for cells in rows:
            out.writerow(cells)
            count += 1
    return count


def _write_xlsx(path: Path, columns: list[Column], rows: Iterable[list[Any]]) -> int:
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    count = 0
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
        sheet.freeze_panes(1, 0)
        for index, column in enumerate(columns):
            sheet.write_string(0, index, str(column.title), bold)
        for count, cells in enumerate(rows, 1):
            for index, value in enumerate(cells):
                if isinstance(value, (int, float)):
                    sheet.write_number(count, index, value)
                elif value:
                    sheet.write_string(count, index, value[:32767])
    return count


def _keep(row: Export, files: list[Path]) -> str:
    source, suffix = files[0], row.format
    if len(files) > 1:
        source, suffix = files[0].with_name("all.zip"), "zip"
        with zipfile.ZipFile(source, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, path in enumerate(files, 1):
                archive.write(path, f"{row.kind}-{number}.{row.format}")
    with source.open("rb") as file:
        return default_storage.save(f"exports/{row.tenant_id}/{uuid.uuid4().hex}.{suffix}", File(file))


def _finish(row: Export, path: str, count: int) -> bool:
    now = timezone.now()
    with transaction.atomic():
        mine = Export.objects.filter(pk=row.pk, state=ExportState.WORKING)
        done = mine.update(
            state=ExportState.READY, parts=[path], row_count=count, ready_at=now, expires_at=now + LASTS,
            lease_until=None,
        )  # fmt: skip
        if done and row.by is not None:
            notify.tell(
                tenant=row.tenant,
                to=row.by.email,
                kind="export_ready",
                key=f"export:{row.pk}",
                language=row.by.language,
                context={
                    "title": title_of(row.kind),
                    "rows": count,
                    "path": tenant_url(row.tenant, "accounts:exports"),
                },
            )
    if not done:  # a slower twin: its file is the one nobody will fetch
        default_storage.delete(path)
    return bool(done)


def _fail(row: Export, problem: Any) -> bool:
    Export.objects.filter(pk=row.pk).update(state=ExportState.FAILED, problem=str(problem)[:200], lease_until=None)
    return False
