"""What an import leaves behind of the people in its file: the file itself, the lines it could not take, what was asked
about them. It goes after thirty days, and a person's part of it when that person is erased."""

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.db.models import Q

from accounts import uploads
from accounts.models import Tenant
from members.enums import ImportState
from members.exceptions import UploadGone
from members.models import Import
from members.services import import_errors
from members.services.kept_parts import KEPT
from ui import times

AT_WORK = (ImportState.READING, ImportState.APPLYING, ImportState.REVERTING)


def prune(*, tenant: Tenant, today: date) -> int:
    """The day's job; returns of how many imports. The counts and the group stay, and what the file was called."""
    before = times.now() - KEPT
    over = Q(finished_at__lt=before) | Q(finished_at=None, created_at__lt=before)
    rows = Import.objects.filter(over, tenant=tenant).exclude(state__in=AT_WORK)
    due = rows.filter(Q(upload__deleted_at=None) | ~Q(errors=[]) | ~Q(sample={}) | ~Q(repairs={}))
    count = 0
    for row in due.select_related("upload").order_by("pk").iterator(50):
        with transaction.atomic():
            uploads.delete(tenant=tenant, by=None, upload=row.upload)
            import_errors.drop(row)
            row.errors, row.sample, row.repairs = [], {}, {}
            if row.state == ImportState.PREVIEW:  # nobody can save it any more
                row.state, row.problem = ImportState.FAILED, str(UploadGone.message)
            row.save(update_fields=["errors", "sample", "repairs", "state", "problem"])
        count += 1
    return count


def forget(*, tenant: Tenant, people: Collection[tuple[str, str]]) -> None:
    """Take people, (name, phone), out of the lines that could not be taken and out of what a preview shows, and the
    file of those lines away. The file that was uploaded stays, whole, until `prune`."""
    names, phones = {name for name, _phone in people}, {phone for _name, phone in people if phone}

    def is_theirs(*cells: object) -> bool:
        return any(cell in names or _digits(cell) in phones for cell in cells)

    rows = Import.objects.filter(tenant=tenant).exclude(errors=[], sample={})
    for row in rows.only("tenant_id", "errors", "sample").iterator(50):
        errors = [one for one in row.errors if not is_theirs(one.get("who"), one.get("value"))]
        sample = dict(row.sample)
        if sample:
            sample["people"] = [one for one in sample["people"] if not is_theirs(one["name"], one["phone"])]
            sample["cells"] = [[cell for cell in column if not is_theirs(cell)] for column in sample["cells"]]
            sample["head"] = [[] if is_theirs(*line) else line for line in sample["head"]]
        if len(errors) < len(row.errors):
            import_errors.drop(row)
        if (errors, sample) != (row.errors, row.sample):
            row.errors, row.sample = errors, sample
            row.save(update_fields=["errors", "sample"])


def _digits(value: object) -> str:
    return "".join(c for c in str(value or "") if c.isdigit())
