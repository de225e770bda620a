"""What the pages of messaging have in common: deeds told by a toast, and who may press what."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from accounts.exceptions import Refusal
from accounts.models import Tenant
from accounts.permissions import Permission, allows
from accounts.requests import TenantRequest
from accounts.scoping import tenant_url


def wants_part(request: TenantRequest, part: str) -> bool:
    """Whether htmx asks for this fragment alone; going back in history asks for the whole page."""
    return bool(request.htmx) and not request.htmx.history_restore_request and request.htmx.target == part


def page(request: TenantRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page or a fragment (`page.html#part`), told apart by caches."""
    rights = {
        "may_send": allows(request.staff, Permission.MESSAGE_SEND),
        "may_edit": allows(request.staff, Permission.SETTINGS_EDIT),
    }
    response = render(request, template, rights | context, status=status)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def go(request: TenantRequest, name: str, *args: Any) -> HttpResponse:
    """On to a page of this tenant, whether htmx asked or a plain form."""
    url = tenant_url(request.tenant, name, *args)
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


def practice_url(tenant: Tenant) -> str:
    """Where a tenant sees its practice texts. The sandbox's own page shows everybody's: no page of ours links there."""
    return tenant_url(tenant, "messaging:practice")


def attempt(request: TenantRequest, deed: Callable[[], Any], done: str = "") -> Any:
    """Do a deed; tell how it went by a toast. What it returned, or None where it was refused."""
    try:
        result = deed()
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return None
    if done:
        messages.success(request, done)
    return True if result is None else result


def blame(form: Any, refusal: Refusal) -> None:
    """Put a refusal's sentences where the person can mend them: at their fields, else above the form."""
    placed = False
    for field, sentences in refusal.fields.items():
        if field in form.fields:
            placed = True
            for sentence in sentences:
                form.add_error(field, str(sentence))
    if not placed:
        form.add_error(None, str(refusal))
