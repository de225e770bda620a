"""The request as our middleware leaves it, for the type checker."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

from accounts.models import Staff, Tenant, User

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


class TenantRequest(HttpRequest):
    """What a view of a tenant gets: TenantMiddleware has seen to all of these."""

    id: str
    user: User
    tenant: Tenant
    staff: Staff
    facing: bool  # the screen is turned to a customer: no memos, no whole numbers
    htmx: "HtmxDetails"


class PersonRequest(HttpRequest):
    """What a view of a signed-in person gets; the tenant may be anybody's guess."""

    id: str
    user: User
    htmx: "HtmxDetails"
