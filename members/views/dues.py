"""Dues on the card, a month's dues, and who is behind. What is done about one due is in `due_deeds`."""

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import Refusal
from accounts.permissions import Permission, customer_safe, requires
from accounts.requests import TenantRequest
from accounts.scoping import tenant_url
from members import due_forms as forms
from members import selectors
from members.dates import read_month
from members.selectors import dues as reads
from members.selectors.merged import with_cards
from members.selectors.paging import keyset
from members.services import due_plans
from members.views.answers import blame, go, page, wants_part
from members.views.due_deeds import panel
from ui import times
from ui.numbers import whole, wholes

PAGE = 30


@requires(Permission.MEMBER_VIEW)
@require_GET
@customer_safe
def member_dues(request: TenantRequest, pk: int) -> HttpResponse:
    """The panel alone."""
    return panel(request, selectors.member(request.tenant, pk))


@requires(Permission.MEMBER_VIEW)
@require_GET
def due_list(request: TenantRequest) -> HttpResponse:
    """A month's dues, by plan and state."""
    month, plan, state = _month(request), whole(request.GET.get("plan", "")), request.GET.get("state", "")
    rows = reads.due_list(request.tenant, month=month, plan=plan, state=state)
    found = keyset(rows, ("-id",), request.GET.get("cursor", ""), PAGE)
    with_cards(request.tenant, reads.with_entries(request.tenant, found.rows))
    plans = list(reads.plans(request.tenant))
    context = {
        "page": found, "month": month, "before": _shift(month, -1), "after": _shift(month, 1), "state": state,
        "plan": plan, "plans": plans, "is_now": month == times.today().replace(day=1),
        "waiting": [p for p in plans if p.starts_on <= month and (p.charged_month or date.min) < month],
    }  # fmt: skip
    return page(request, "members/dues.html#results" if wants_part(request) else "members/dues.html", context)


@requires(Permission.MEMBER_VIEW)
@require_GET
def due_totals(request: TenantRequest) -> HttpResponse:
    """The sums of a month: asked for by the page once it stands, for a large month takes a moment to add up."""
    rows = reads.due_list(request.tenant, month=_month(request), plan=whole(request.GET.get("plan", "")))
    return page(request, "members/dues.html#totals", {"totals": reads.totals(rows)})


@requires(Permission.MEMBER_VIEW)
@require_GET
def unpaid_list(request: TenantRequest) -> HttpResponse:
    """Who is behind, longest first."""
    search = request.GET.get("search", "").strip()
    found = reads.unpaid_page(request.tenant, search, request.GET.get("cursor", ""), PAGE)
    people, won = reads.unpaid_total(request.tenant, search)
    context = {
        "page": found, "search": search, "people": min(people, reads.EXACT_TO), "won": won,
        "is_minimum": people > reads.EXACT_TO,
    }  # fmt: skip
    return page(request, "members/unpaid.html#results" if wants_part(request) else "members/unpaid.html", context)


@requires(Permission.MESSAGE_SEND)
@require_POST
def unpaid_remind(request: TenantRequest) -> HttpResponse:
    """On to the compose page with a polite text: for those who were ticked, or for everybody who is behind."""
    ids = wholes(request.POST.getlist("id"))
    everybody = request.POST.get("scope") == "all"
    if not ids and not everybody:
        messages.info(request, _("알릴 회원을 먼저 골라 주세요."))
        return go(request, "members:unpaid-list")
    whom = "" if everybody else "&members=" + ",".join(map(str, ids[:2_000]))
    return redirect(f"{tenant_url(request.tenant, 'messaging:compose')}?about=unpaid{whom}")


# --- Plans -----------------------------------------------------------------------------------------------------------


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def dueplan_list(request: TenantRequest) -> HttpResponse:
    """What is charged each month; a POST adds one."""
    first = times.today().replace(day=1)
    groups = selectors.group_list(request.tenant)
    form = forms.PlanForm(request.POST or None, groups=groups, initial={"starts_on": first})
    if request.method == "POST" and form.is_valid():
        try:
            due_plans.create(tenant=request.tenant, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("매달 회비를 정했어요. 매달 1일에 저절로 청구해요."))
            return go(request, "members:due-list")
    context = {"form": form, "plans": reads.plans(request.tenant), "has_groups": groups.exists()}
    return page(request, "members/due_plans.html", context, status=422 if form.errors else 200)


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def dueplan_edit(request: TenantRequest, pk: int) -> HttpResponse:
    plan = reads.plan(request.tenant, pk)
    initial = {name: getattr(plan, name) for name in due_plans.KNOWN} | {"group": plan.group_id}
    groups = selectors.group_list(request.tenant).filter(pk=plan.group_id or 0)
    form = forms.PlanForm(request.POST or None, groups=groups, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = {name: value for name, value in form.cleaned_data.items() if name != "group"}
        try:
            due_plans.update(tenant=request.tenant, by=request.user, plan=plan, **values)
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("고친 내용은 다음에 청구할 달부터 적용돼요."))
            return go(request, "members:dueplan-list")
    context = {"form": form, "plan": plan}
    return page(request, "members/due_plan_form.html", context, status=422 if form.errors else 200)


@requires(Permission.MEMBER_EDIT)
@require_POST
def dueplan_end(request: TenantRequest, pk: int) -> HttpResponse:
    due_plans.end(tenant=request.tenant, by=request.user, plan=reads.plan(request.tenant, pk))
    messages.success(request, _("이제 이 회비는 청구하지 않아요. 이미 청구한 회비는 그대로 있어요."))
    return go(request, "members:dueplan-list")


@requires(Permission.MEMBER_EDIT)
@require_POST
def dueplan_charge(request: TenantRequest, pk: int) -> HttpResponse:
    """This month's dues now, for who is in the group; those who have theirs get none twice."""
    plan = reads.plan(request.tenant, pk)
    made = due_plans.charge_now(tenant=request.tenant, by=request.user, plan=plan)
    if made is None:
        messages.info(request, _("회원이 많아 뒤에서 만들고 있어요. 잠시 뒤에 새로 고쳐 주세요."))
    elif made:
        messages.success(request, _("{n}명의 회비를 만들었어요.").format(n=f"{made:,}"))
    else:
        messages.info(request, _("새로 만들 회비가 없어요. 그룹의 등록 회원이 모두 이번 달 회비가 있어요."))
    return go(request, "members:due-list")


def _month(request: TenantRequest) -> date:
    """The first of the month asked for; this month where it is none."""
    return read_month(request.GET.get("month", "")) or times.today().replace(day=1)


def _shift(month: date, by: int) -> date:
    year, at = divmod(month.year * 12 + month.month - 1 + by, 12)
    return date(year, at + 1, 1)
