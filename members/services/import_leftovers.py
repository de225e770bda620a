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
    """Take people, (name, phone), out of the lines that could not be taken, and the file of those lines away."""
    names, phones = {name for name, _phone in people}, {phone for _name, phone in people if phone}
    for row in Import.objects.filter(tenant=tenant).exclude(errors=[]).only("tenant_id", "errors").iterator(50):
        kept = [one for one in row.errors if not (one.get("who") in names or _digits(one.get("value")) in phones)]
        if len(kept) < len(row.errors):
            row.errors = kept
            row.save(update_fields=["errors"])
            import_errors.drop(row)


def _digits(value: object) -> str:
    return "".join(c for c in str(value or "") if c.isdigit())
