"""What the deeds on passes and dues have in common: a dialog, a key that makes it one deed, the panel afterwards."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django_htmx.http import HttpResponseClientRefresh, reswap, retarget, trigger_client_event

from accounts.exceptions import Refusal
from accounts.requests import TenantRequest
from members import selectors
from members.models import Due, Member, Pass
from members.selectors.merged import kept_id
from members.views.answers import blame, go, page

Panel = Callable[[TenantRequest, Member], HttpResponse]


def who(request: TenantRequest) -> dict[str, Any]:
    return {"tenant": request.tenant, "by": request.user}


def owner(request: TenantRequest, one: Pass | Due) -> Member:
    """On whose card a pass or a due stands: its member, or whom that one was merged into."""
    return selectors.member(request.tenant, kept_id(request.tenant, one.member_id))


def reference_of(request: TenantRequest) -> str:
    """What makes a form that is sent twice one deed: the key that was drawn when it was shown."""
    key = request.POST.get("key", "")
    return f"form:{key}" if key.isalnum() and key.isascii() and 16 <= len(key) <= 40 else f"form:{uuid.uuid4().hex}"


def ask_or_do(
    request: TenantRequest,
    member: Member,
    form: Any,
    words: tuple[str, str, str],
    do: Callable[[str], object],
    *,
    template: str,
    panel: Panel,
    target: str,
    **extra: Any,
) -> HttpResponse:
    """Show the dialog; or do it, say so, and show the panel, or the list it was opened from, as it is now.

    `words` are the dialog's title, its button and what is said when it is done.
    """
    title, press, said = words
    if request.method == "POST" and form.is_valid():
        try:
            do(reference_of(request))
        except Refusal as refusal:
            blame(form, refusal)
        else:
            return done(request, member, said, panel, target)
    key = request.POST.get("key") or uuid.uuid4().hex
    context = {"form": form, "member": member, "title": title, "press": press, "key": key, **extra}
    shown = f"{template}#dialog" if request.htmx else template
    return page(request, shown, context, status=422 if form.errors else 200)


def done(request: TenantRequest, member: Member, said: str, panel: Panel, target: str) -> HttpResponse:
    """Say what was done, and show the panel, or the list it was opened from, as it is now."""
    if not request.htmx or "list" in request.GET:
        messages.success(request, said)
        return HttpResponseClientRefresh() if request.htmx else go(request, "members:member-detail", member.pk)
    fresh = selectors.member(request.tenant, member.pk)
    answer = retarget(reswap(panel(request, fresh), "outerHTML"), target)
    return trigger_client_event(answer, "toast", {"text": said, "level": "success"})
