"""Kept texts of a tenant."""

from django.db.models import Q, QuerySet

from accounts.models import Tenant
from messaging.exceptions import TemplateNotFound
from messaging.models import Template


def templates(tenant: Tenant, search: str = "") -> QuerySet[Template]:
    """All kept texts in the tenant's order, or those whose name, title or words hold every word of the search."""
    rows = Template.objects.filter(tenant=tenant)
    for word in search.replace("\x00", "").split()[:5]:
        rows = rows.filter(Q(name__icontains=word) | Q(text__icontains=word) | Q(title__icontains=word))
    return rows.select_related("by").order_by("position", "id")


def template(tenant: Tenant, pk: int) -> Template:
    """One kept text of the tenant, or TemplateNotFound."""
    found = Template.objects.filter(tenant=tenant, pk=pk).first() if 0 < pk < 2**63 else None
    if found is None:
        raise TemplateNotFound
    return found
