"""The first page of a tenant: what to do first, then what is going on today."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import Tenant
from accounts.permissions import Permission, customer_safe, requires, staff_only
from accounts.requests import TenantRequest
from accounts.scoping import tenant_url
from accounts.services import profiles
from home import selectors, services
from members import phone as phones
from members.models import Member
from messaging.enums import AccountMode, BatchState, MessageState
from messaging.models import AligoAccount
from messaging.selectors import history
from messaging.selectors.refusals import refusal
from ui import times

YEAR = 365 * 86400
TEXTS = 20
STATES = {**dict(BatchState.choices), **dict(MessageState.choices)}


@staff_only
@customer_safe
def today(request: TenantRequest) -> HttpResponse:
    tenant = request.tenant
    account = AligoAccount.objects.filter(tenant=tenant).first()
    steps = selectors.first_steps(request.staff, account, lambda name: _address(request, name))
    open_steps = [step for step in steps if not step.done]
    days = selectors.sending_by_day(tenant, account.mode if account else AccountMode.SANDBOX)
    count, more = selectors.member_count(tenant)
    context = {
        "steps": steps,
        "current": next((step for step in open_steps if step.url), None),
        "done_count": len(steps) - len(open_steps),
        **_recent(tenant),
        "today": days[-1],
        "yesterday": days[-2],
        "week": sum(d["delivered"] + d["failed"] + d["waiting"] for d in days[-7:]),
        "chart": selectors.chart(days) if any(d["delivered"] + d["failed"] + d["waiting"] for d in days) else None,
        "member_count": count,
        "member_more": more,
        "scheduled": selectors.scheduled(tenant),
        "account": account,
        "date": times.today(),
        "verified": request.user.is_verified,
    }
    response = render(request, "home/today.html", context)
    response.set_cookie("tenant", tenant.slug, max_age=YEAR, secure=settings.SECURE_SITE, samesite="Lax", httponly=True)
    return response


@requires(Permission.MESSAGE_VIEW)
@customer_safe
def recent(request: TenantRequest) -> HttpResponse:
    """The last dispatches alone; asked for every few seconds while one is on its way."""
    return render(request, "home/today.html#recent", _recent(request.tenant))


@requires(Permission.MESSAGE_VIEW)
def member_texts(request: TenantRequest, pk: int) -> HttpResponse:
    """A member's text history, as a fragment of the member's page."""
    member = Member.objects.filter(tenant=request.tenant, pk=pk).first()
    if member is None:
        raise Http404
    rows = list(history(request.tenant, member)[:TEXTS])
    for row in rows:
        row.state_words = STATES.get(row.effective_state, row.effective_state)  # type: ignore[attr-defined]
    refused = refusal(request.tenant, member.phone) if member.phone else None
    return render(request, "home/member_texts.html", {"rows": rows, "refused": refused})


@staff_only
@require_POST
@customer_safe
def help_hide(request: TenantRequest) -> HttpResponse:
    key = request.POST.get("key", "")[:60]
    if key:
        profiles.hide_help(staff=request.staff, key=key)
    return HttpResponse() if request.htmx else redirect(tenant_url(request.tenant, "home:today"))


@staff_only
@require_POST
@customer_safe
def help_toggle(request: TenantRequest) -> HttpResponse:
    """The switch in the top bar: help on or off for oneself, and back to the page it was pressed on."""
    on = request.POST.get("on") == "1"
    profiles.set_help(staff=request.staff, on=on)
    if on:
        profiles.restore_help(staff=request.staff)
    messages.success(request, _("도움말을 켰어요.") if on else _("도움말을 껐어요. 설정에서 다시 켤 수 있어요."))
    wanted = request.POST.get("next", "")
    inside = wanted.startswith(f"/t/{request.tenant.slug}/") and "\\" not in wanted
    return redirect(wanted if inside else tenant_url(request.tenant, "home:today"))


@staff_only
@require_POST
def my_phone(request: TenantRequest) -> HttpResponse:
    """One's own number, by which staff are left out of texts. (accounts, whose page asks for it, knows no phones.)"""
    typed = request.POST.get("phone", "").strip()
    try:
        profiles.set_phone(staff=request.staff, phone=phones.parse(typed) if typed else "")
    except phones.BadPhone as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("내 휴대폰을 저장했어요."))
    return redirect(tenant_url(request.tenant, "accounts:me"))


def _recent(tenant: Tenant) -> dict[str, Any]:
    rows = selectors.recent(tenant)
    return {"rows": rows, "live": any(row["live"] for row in rows)}


def _address(request: TenantRequest, name: str) -> str:
    try:
        return tenant_url(request.tenant, name) if ":" in name else reverse(name)
    except NoReverseMatch:
        return ""


@requires(Permission.MEMBER_EDIT)
@require_POST
def sample_roster(request: TenantRequest) -> HttpResponse:
    """People to practise on, for a roster that is still empty."""
    added = services.add_sample_roster(tenant=request.tenant, by=request.user)
    if added:
        messages.success(request, _("연습 명단 {n}명을 넣었어요.").format(n=added))
    else:
        messages.info(request, _("연습 명단은 연습 모드에서 한 번만 넣을 수 있어요."))
    target = tenant_url(request.tenant, "members:member-list")
    return HttpResponseClientRedirect(target) if request.htmx else redirect(target)
