"""Sending again: first who gets it and who does not and why, then the new dispatch."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.exceptions import Refusal
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from messaging.enums import ExcludedReason, Type
from messaging.models import Dispatch
from messaging.services import compose as composing
from messaging.services import drafts, resending
from messaging.views.answers import attempt, go, page
from ui.numbers import wholes

MAX_SELECTED = 1_000


@require_safe
@requires(Permission.MESSAGE_SEND)
def resend_preview(request: TenantRequest, pk: int) -> HttpResponse:
    """The question before a resend, as a dialog: how many, of which type, and who is left out."""
    dispatch = get_object_or_404(Dispatch, pk=pk)
    asked = _asked(request.GET)
    context: dict[str, Any] = {"dispatch": dispatch, **asked}
    try:
        shown = resending.preview(tenant=request.tenant, dispatch=dispatch, **asked)
    except Refusal as refusal:
        context["refusal"] = refusal
    else:
        context |= {
            "shown": shown,
            "types": " + ".join(f"{Type(kind).label} {count:,}" for kind, count in shown.types.items()),
            "blocked": [(ExcludedReason(r).label, n, _some(names, n)) for r, n, names in shown.blocked],
        }
    return page(request, "messaging/resend.html", context)


@require_POST
@requires(Permission.MESSAGE_SEND)
def dispatch_resend(request: TenantRequest, pk: int) -> HttpResponse:
    """To all it failed for, to the selected ones or to newcomers; on to the new dispatch."""
    dispatch = get_object_or_404(Dispatch, pk=pk)
    key: str | None = request.POST.get("key", "")[:64] or None
    if key:
        earlier, key = drafts.sent_with(request.tenant, key)
        if earlier:  # the second click
            return go(request, "messaging:dispatch-detail", earlier[0].pk)
    again = attempt(
        request,
        lambda: composing.resend(
            tenant=request.tenant, by=request.user, dispatch=dispatch, key=key, undo=True, **_asked(request.POST)
        ),
    )
    if again and not again.undo_until:  # its own page says that it waits, and for how long
        messages.success(request, _("다시 보내기 시작했어요."))
    return go(request, "messaging:dispatch-detail", again.pk if again else pk)


def _asked(given: Any) -> dict[str, Any]:
    return {"only": given.get("only", "failed"), "messages": wholes(given.getlist("messages")[:MAX_SELECTED])}


def _some(names: list[str], count: int) -> str:
    """김하늘, 이서준 외 3명"""
    known = [name for name in names if name]
    rest = count - len(known)
    told = ", ".join(known)
    return told if rest <= 0 or not known else _("{names} 외 {count:,}명").format(names=told, count=rest)
