"""Reads of the trash."""

from datetime import timedelta

from django.db.models import QuerySet

from accounts.models import Tenant
from members.models import Member
from ui import times

KEPT = timedelta(days=30)


def trashed(tenant: Tenant) -> QuerySet[Member]:
    """Members that can be taken back, the last deleted first. Who was merged or erased is not among them."""
    rows = _in_trash(tenant).filter(deleted_at__gt=times.now() - KEPT)
    return rows.order_by("-deleted_at", "-id").prefetch_related("groups")


def overdue(tenant: Tenant) -> QuerySet[Member]:
    """Members whose thirty days are over and who are not erased yet."""
    return _in_trash(tenant).filter(deleted_at__lte=times.now() - KEPT)


def _in_trash(tenant: Tenant) -> QuerySet[Member]:
    return Member.objects.filter(tenant=tenant, deleted_at__isnull=False, merged_into=None, erased_at=None)
