"""Reads of deeds on many members that can be taken back: bulk edits and merges."""

from django.db.models import QuerySet

from accounts.models import Tenant
from members.exceptions import BulkEditNotFound
from members.models import BulkEdit, Merge


def bulk_edits(tenant: Tenant) -> QuerySet[BulkEdit]:
    """Newest first."""
    return BulkEdit.objects.filter(tenant=tenant).select_related("by").order_by("-id")


def bulk_edit(tenant: Tenant, pk: int) -> BulkEdit:
    found = bulk_edits(tenant).filter(pk=pk).first()
    if found is None:
        raise BulkEditNotFound
    return found


def merges(tenant: Tenant) -> QuerySet[Merge]:
    """Newest first, with both members."""
    return Merge.objects.filter(tenant=tenant).select_related("kept", "gone", "by").order_by("-id")
