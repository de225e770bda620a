"""Entering and leaving a tenant's scope, and addresses inside a tenant."""

from typing import Any

from django.urls import reverse
from django_scopes import scope, scopes_disabled

from accounts.models import Tenant

__all__ = ["enter", "outside", "tenant_url"]


def enter(tenant: Tenant) -> Any:
    """Context: tenant-owned rows of this tenant can be read."""
    return scope(tenant=tenant)


def outside(reason: str) -> Any:
    """Context: rows of all tenants can be read. `reason` says why, for the reader; there is no silent way out."""
    assert reason, "say why the scope is left"
    return scopes_disabled()


def tenant_url(tenant: Tenant | str, name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a tenant's page: `tenant_url(tenant, "members:member-detail", member.pk)`."""
    slug = tenant if isinstance(tenant, str) else tenant.slug
    if args:
        return reverse(name, args=[slug, *args])
    return reverse(name, kwargs={"tenant": slug, **kwargs})
