"""모든 발송 멈추기: the switch that stops all of a tenant's texts, and what waits meanwhile."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, customer_safe, requires
from accounts.requests import TenantRequest
from messaging.selectors import stops
from messaging.services import policies
from messaging.views import words
from messaging.views.answers import attempt, go, page

SHOWN = 30


@require_safe
@requires(Permission.MESSAGE_VIEW)
def sending(request: TenantRequest) -> HttpResponse:
    """Whether all is stopped, by whom, and what would leave if it went on."""
    waiting = stops.waiting(request.tenant)
    rows = [{"held": one, "title": words.title(one.dispatch)} for one in waiting.held[:SHOWN]]
    context = {
        "policy": policies.of(request.tenant),
        "waiting": waiting,
        "rows": rows,
        "more": max(len(waiting.held) - SHOWN, 0),
        "go_on_question": words.go_on_question(waiting),
    }
    return page(request, "messaging/sending.html", context)


@require_POST
@requires(Permission.MESSAGE_SEND)
@customer_safe
def sending_stop(request: TenantRequest) -> HttpResponse:
    attempt(
        request,
        lambda: policies.stop_all(tenant=request.tenant, by=request.user),
        _("모든 발송을 멈췄어요. 기다리는 문자는 그대로 있어요."),
    )
    return go(request, "messaging:sending")


@require_POST
@requires(Permission.MESSAGE_SEND)
def sending_go_on(request: TenantRequest) -> HttpResponse:
    attempt(
        request,
        lambda: policies.go_on(tenant=request.tenant, by=request.user),
        _("다시 보내기 시작했어요."),
    )
    return go(request, "messaging:dispatch-list")
