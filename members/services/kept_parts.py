"""What deeds on many keep so that they can be taken back: for thirty days, and of nobody who was erased."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from accounts.models import Tenant
from members.enums import BulkEditState, ImportState
from members.models import BulkEdit, BulkEditPart, ImportPart, Merge
from ui import times

KEPT = timedelta(days=30)
# Of what a bulk edit did; what it wrote into a memo, a field or the source may be about somebody.
NAMES_NOBODY = {"groups_add", "groups_remove", "tags_add", "tags_remove", "stage"}


def forget(*, tenant: Tenant, ids: set[int]) -> None:
    """Take these members' values out of all that is kept."""
    # Of new members only ids are kept.
    parts = ImportPart.objects.filter(Q(changes__has_key="updated") | Q(changes__has_key="added"), tenant=tenant)
    for part in parts.iterator(50):
        changed = _without(part.changes, "updated", ids)
        if _without(part.changes.get("added", {}), "contact", ids, at=1) or changed:
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
    # What is being taken back in this moment still needs them.
    over = ImportPart.objects.filter(tenant=tenant, of__finished_at__lt=before)
    over.exclude(of__state=ImportState.REVERTING).delete()
    edits = BulkEdit.objects.filter(tenant=tenant, created_at__lt=before).exclude(state=BulkEditState.UNDOING)
    BulkEditPart.objects.filter(tenant=tenant, edit__in=edits.values("pk")).delete()
    for edit in edits.filter(
        Q(change__has_key="memo_append") | Q(change__has_key="fields") | Q(change__has_key="source")
    ):
        edit.change = {name: value for name, value in edit.change.items() if name in NAMES_NOBODY}
        edit.save(update_fields=["change"])
    Merge.objects.filter(tenant=tenant, created_at__lt=before).exclude(before={}).update(before={}, moved={})


def _without(changes: dict[str, Any], name: str, ids: set[int], *, at: int = 0) -> bool:
    """Take the rows of these members out; each row says whose it is at a place of its own."""
    rows = changes.get(name)
    kept = [row for row in rows or () if row[at] not in ids]
    if not rows or len(kept) == len(rows):
        return False
    changes[name] = kept
    return True
