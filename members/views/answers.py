"""What the pages of members have in common."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from accounts.exceptions import Refusal
from accounts.permissions import Permission, allows
from accounts.requests import TenantRequest
from accounts.scoping import tenant_url


def wants_part(request: TenantRequest) -> bool:
    """Whether htmx asks for a fragment; going back in history asks for the whole page."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def page(request: TenantRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """A page or a fragment (`page.html#part`), told apart by caches."""
    staff = request.staff
    rights = {
        # Before a customer nothing is edited or taken out: those pages show memos and numbers.
        "may_edit": allows(staff, Permission.MEMBER_EDIT) and not request.facing,
        "may_export": allows(staff, Permission.MEMBER_EXPORT) and not request.facing,
        "may_visit": allows(staff, Permission.MEMBER_EDIT),
        "may_send": allows(staff, Permission.MESSAGE_SEND),
    }
    response = render(request, template, rights | context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def done(request: TenantRequest, said: str, undo: str, pk: int) -> None:
    """Say what was done, with a button that takes it back; `undo` is the name of its address."""
    messages.success(request, said, extra_tags=tenant_url(request.tenant, undo, pk))


def go(request: TenantRequest, name: str, *args: Any, query: str = "") -> HttpResponse:
    """On to a page of this tenant, whether htmx asked or a plain form."""
    url = tenant_url(request.tenant, name, *args) + (f"?{query}" if query else "")
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)


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
