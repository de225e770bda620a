"""알리고 연결: the steps, the live check with its exact fix, and what the balance is."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.exceptions import Refusal
from accounts.permissions import Permission, customer_safe, requires
from accounts.requests import TenantRequest
from messaging import selectors
from messaging.enums import AccountMode
from messaging.forms import ConnectForm
from messaging.models import Sender
from messaging.services import accounts
from messaging.views import words
from messaging.views.answers import attempt, blame, go, page, wants_part

# Aligo's front door: only the address of the key page is documented, its other pages are told by their menu names.
HOME_URL = "https://smartsms.aligo.in/"
KEY_URL = "https://smartsms.aligo.in/admin/api/auth.html"


@require_safe
@requires(Permission.MESSAGE_VIEW)
def aligo(request: TenantRequest) -> HttpResponse:
    return _show(request, ConnectForm())


@require_POST
@requires(Permission.SETTINGS_EDIT)
def aligo_connect(request: TenantRequest) -> HttpResponse:
    form = ConnectForm(request.POST)
    refusal = None
    if form.is_valid():
        try:
            practice = accounts.open_dispatches(request.tenant, AccountMode.SANDBOX)
            accounts.connect(tenant=request.tenant, by=request.user, **form.cleaned_data)
        except Refusal as error:
            refusal = error
            if error.fields:
                blame(form, error)
        else:
            messages.success(request, _connected(practice))
            return go(request, "messaging:aligo")
    return _show(request, form, refusal=refusal, status=422)


def _connected(practice: int) -> str:
    if not practice:
        return _("알리고를 연결했어요. 이제 보내는 문자는 진짜 휴대폰으로 가요.")
    sentence = ngettext(
        "알리고를 연결했어요. 연습으로 써 둔 발송 {count:,}건은 취소했어요. 진짜로 보내려면 새로 써 주세요.",
        "알리고를 연결했어요. 연습으로 써 둔 발송 {count:,}건은 취소했어요. 진짜로 보내려면 새로 써 주세요.",
        practice,
    )
    return sentence.format(count=practice)


@require_POST
@requires(Permission.SETTINGS_EDIT)
def aligo_disconnect(request: TenantRequest) -> HttpResponse:
    attempt(
        request,
        lambda: accounts.disconnect(tenant=request.tenant, by=request.user),
        _("알리고 연결을 끊었어요. 지금부터는 연습 모드예요."),
    )
    return go(request, "messaging:aligo")


@require_POST
@requires(Permission.MESSAGE_VIEW)
@customer_safe
def balance_refresh(request: TenantRequest) -> HttpResponse:
    """Ask Aligo now; answers with the balance itself, which the shell swaps in place."""
    account = accounts.refresh_balance(tenant=request.tenant, fresh=True)
    if not request.htmx:
        return go(request, "messaging:aligo")
    return render(request, "components/balance.html", {"balance": words.balance(account)})


def _show(
    request: TenantRequest, form: ConnectForm, *, refusal: Refusal | None = None, status: int = 200
) -> HttpResponse:
    account = selectors.balance(request.tenant)
    context: dict[str, Any] = {
        "account": account,
        "balance": words.balance(account),
        "fix": words.account_fix(refusal.code if refusal else words.trouble(account)),
        "refusal": refusal,
        "form": form,
        "egress_ips": settings.EGRESS_IPS,
        "practice_open": accounts.open_dispatches(request.tenant, AccountMode.SANDBOX),
        "live_open": accounts.open_dispatches(request.tenant, AccountMode.LIVE),
        "senders_count": Sender.objects.filter(deleted_at=None).count(),
        "links": {"home": HOME_URL, "key": KEY_URL},
    }
    part = "#check" if wants_part(request, "check") else ""
    return page(request, f"messaging/aligo.html{part}", context, status=status)
