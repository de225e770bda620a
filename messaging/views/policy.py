"""발송 설정: the seconds of second thoughts, who decides what Aligo never answered, and what stands in an ad."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from messaging import ads
from messaging.models import SendingPolicy
from messaging.policy_forms import PolicyForm, hotline_in
from messaging.services import policies
from messaging.text import unsendable
from messaging.views.answers import go, page

FIELDS = ("undo_seconds", "asks_person", "ad_name", "ad_hotline")


@require_safe
@requires(Permission.SETTINGS_EDIT)
def policy(request: TenantRequest) -> HttpResponse:
    row = policies.of(request.tenant)
    return _show(request, PolicyForm(initial={name: getattr(row, name) for name in FIELDS}), row)


@require_POST
@requires(Permission.SETTINGS_EDIT)
def policy_save(request: TenantRequest) -> HttpResponse:
    form = PolicyForm(request.POST)
    if not form.is_valid():
        return _show(request, form, _typed(request), status=422)
    policies.change(tenant=request.tenant, by=request.user, **form.cleaned_data)
    messages.success(request, _("저장했어요."))
    return go(request, "messaging:policy")


@require_POST
@requires(Permission.SETTINGS_EDIT)
def policy_preview(request: TenantRequest) -> HttpResponse:
    """An ad as it would leave with what is typed, while it is typed."""
    return page(request, "messaging/policy.html#preview", _preview(request, _typed(request)))


def _typed(request: TenantRequest) -> SendingPolicy:
    """What is typed as a policy, right or wrong; nothing is stored."""
    name, hotline = request.POST.get("ad_name", "")[:30], hotline_in(request.POST.get("ad_hotline", ""))[:12]
    return SendingPolicy(tenant=request.tenant, ad_name=name.strip(), ad_hotline=hotline)


def _preview(request: TenantRequest, row: SendingPolicy) -> dict[str, Any]:
    around = ads.blocks(row, request.tenant.name)
    tail = around.tail + (ads.SAMPLE_CODE if around.coded else "")
    bad = [] if row.ad_name else unsendable(request.tenant.name)
    return {"head": around.head, "tail": tail, "coded": around.coded, "bad_name": " ".join(bad)}


def _show(request: TenantRequest, form: PolicyForm, row: SendingPolicy, status: int = 200) -> HttpResponse:
    return page(request, "messaging/policy.html", {"form": form} | _preview(request, row), status=status)
