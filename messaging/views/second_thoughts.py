"""The seconds in which a text to many can be taken back: undo, go now, and what the countdown calls at its end."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.permissions import Permission, customer_safe, requires
from accounts.requests import TenantRequest
from accounts.scoping import tenant_url
from messaging.models import Dispatch
from messaging.services import second_thoughts
from messaging.views.answers import attempt, go, wants_part
from messaging.views.compose_page import taken_back
from messaging.views.dispatches import progress_part


@require_POST
@requires(Permission.MESSAGE_SEND)
@customer_safe
def dispatch_undo(request: TenantRequest, pk: int) -> HttpResponse:
    """Nothing leaves, and the text stands in the compose page as it was typed; a resend, where it was asked for."""
    dispatch = get_object_or_404(Dispatch, pk=pk)
    first = dispatch.resend_of_id
    draft = attempt(
        request,
        lambda: second_thoughts.undo(
            tenant=request.tenant, by=request.user, dispatch=dispatch, data=taken_back(dispatch)
        ),
        _("다시 보내지 않았어요.") if first else _("보내지 않았어요. 쓰던 글을 그대로 불러왔어요."),
    )
    if draft is None or first:
        return go(request, "messaging:dispatch-detail", pk if draft is None else first)
    return redirect(f"{tenant_url(request.tenant, 'messaging:compose')}?draft={draft.pk}")


@require_POST
@requires(Permission.MESSAGE_SEND)
@customer_safe
def dispatch_go(request: TenantRequest, pk: int) -> HttpResponse:
    """The countdown is over, or (`now`) somebody won't wait for its end. However often, it starts once."""
    dispatch = get_object_or_404(Dispatch, pk=pk)
    skip = request.POST.get("now") == "1"
    attempt(
        request, lambda: second_thoughts.start_now(tenant=request.tenant, by=request.user, dispatch=dispatch, skip=skip)
    )
    if wants_part(request, "progress"):
        return progress_part(request, dispatch)
    return go(request, "messaging:dispatch-detail", pk)
