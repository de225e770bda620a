"""발신번호: the numbers that texts may come from."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.exceptions import Refusal
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from messaging.forms import SenderForm
from messaging.models import Sender
from messaging.services import senders
from messaging.views.answers import attempt, blame, go, page

# What people type, whether it can be a sender number, and why (the rules are in messaging.rules).
EXAMPLES = [
    ("02-789-0123", True, gettext_lazy("지역번호부터 모두")),
    ("010-1234-5678", True, gettext_lazy("본인 이름의 휴대폰")),
    ("1588-0000", True, gettext_lazy("대표번호 8자리만")),
    ("070-1234-5678", True, gettext_lazy("인터넷 전화")),
    ("789-0123", False, gettext_lazy("지역번호가 빠졌어요")),
    ("02-1588-0000", False, gettext_lazy("대표번호 앞에 지역번호")),
    ("1588-0000-12", False, gettext_lazy("내선번호는 빼요")),
    ("112, 114", False, gettext_lazy("특수번호")),
]


@require_safe
@requires(Permission.MESSAGE_VIEW)
def sender_list(request: TenantRequest) -> HttpResponse:
    return _show(request, SenderForm())


@require_POST
@requires(Permission.SETTINGS_EDIT)
def sender_add(request: TenantRequest) -> HttpResponse:
    form = SenderForm(request.POST)
    if form.is_valid():
        try:
            senders.add(tenant=request.tenant, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            blame(form, refusal)
        else:
            return go(request, "messaging:sender-list")
    return _show(request, form, status=422)


@require_POST
@requires(Permission.SETTINGS_EDIT)
def sender_remove(request: TenantRequest, pk: int) -> HttpResponse:
    sender = _sender(pk)
    attempt(
        request,
        lambda: senders.remove(tenant=request.tenant, by=request.user, sender=sender),
        _("발신번호를 지웠어요."),
    )
    return go(request, "messaging:sender-list")


@require_POST
@requires(Permission.SETTINGS_EDIT)
def sender_default(request: TenantRequest, pk: int) -> HttpResponse:
    sender = _sender(pk)
    attempt(
        request,
        lambda: senders.set_default(tenant=request.tenant, by=request.user, sender=sender),
        _("기본 발신번호를 바꿨어요."),
    )
    return go(request, "messaging:sender-list")


def _sender(pk: int) -> Sender:
    return get_object_or_404(Sender, pk=pk, deleted_at=None)


def _show(request: TenantRequest, form: SenderForm, status: int = 200) -> HttpResponse:
    rows = Sender.objects.filter(deleted_at=None).order_by("-is_default", "id")
    context = {"senders": rows, "form": form, "examples": EXAMPLES}
    return page(request, "messaging/senders.html", context, status=status)
