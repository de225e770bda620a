"""Reads of imports."""

from django.db.models import QuerySet

from accounts.models import Tenant
from members.models import Import


def import_list(tenant: Tenant) -> QuerySet[Import]:
    """Newest first, with the names of their files."""
    return Import.objects.filter(tenant=tenant).select_related("upload", "group", "by").order_by("-id")


def import_row(tenant: Tenant, pk: int) -> Import | None:
    return import_list(tenant).filter(pk=pk).first()
