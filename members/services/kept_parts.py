"""What deeds on many keep so that they can be taken back: for thirty days, and of nobody who was erased."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from accounts.models import Tenant
from members.models import BulkEditPart, ImportPart, Merge
from ui import times

KEPT = timedelta(days=30)


def forget(*, tenant: Tenant, ids: set[int]) -> None:
    """Take these members' values out of all that is kept."""
    for part in ImportPart.objects.filter(tenant=tenant).exclude(number=0).iterator(50):
        if _without(part.changes, "updated", ids):
            part.save(update_fields=["changes"])
    for edit in BulkEditPart.objects.filter(tenant=tenant).iterator(50):
        kept = [row for row in edit.before if row[0] not in ids]
        if len(kept) < len(edit.before):
            edit.before = kept
            edit.save(update_fields=["before"])
    theirs = Q(kept_id__in=ids) | Q(gone_id__in=ids)
    Merge.objects.filter(theirs, tenant=tenant).exclude(before={}).update(before={}, moved={})


def prune(*, tenant: Tenant, today: date) -> None:
    """The day's job: what can no longer be taken back is no longer kept."""
    before = times.now() - KEPT
    ImportPart.objects.filter(tenant=tenant, of__finished_at__lt=before).delete()
    BulkEditPart.objects.filter(tenant=tenant, edit__created_at__lt=before).delete()
    Merge.objects.filter(tenant=tenant, created_at__lt=before).exclude(before={}).update(before={}, moved={})


def _without(changes: dict[str, Any], name: str, ids: set[int]) -> bool:
    rows = changes.get(name)
    kept = [row for row in rows or () if row[0] not in ids]
    if not rows or len(kept) == len(rows):
        return False
    changes[name] = kept
    return True
