"""Who came on a day; staff add a visit by search, take one back, and print a member's own code."""

import uuid
from datetime import date, timedelta
from typing import Any

import segno
from django.contrib import messages
from django.http import HttpResponse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import Refusal
from accounts.permissions import Permission, customer_safe, requires
from accounts.requests import TenantRequest
from members import codes, selectors
from members.enums import AttendanceWay
from members.models import Member, Pass
from members.selectors import passes as pass_reads
from members.selectors import visits as reads
from members.selectors.merged import ids_with, with_cards
from members.selectors.paging import keyset
from members.services import attendance
from members.services.pass_ledger import usable
from members.views.answers import go, page, wants_part
from members.views.deeds import done, reference_of
from members.views.passes import panel
from ui import times
from ui.numbers import whole

PAGE = 50
FOUND_MOST = 8
NOON = timedelta(hours=12)  # of a day that has passed nobody says the hour


@requires(Permission.MEMBER_VIEW)
@require_GET
@customer_safe
def visit_list(request: TenantRequest) -> HttpResponse:
    """The visits of a day, newest first, and how many by the hour."""
    on = _day(request)
    found = keyset(reads.visits(request.tenant, on), ("-id",), request.GET.get("cursor", ""), PAGE)
    with_cards(request.tenant, found.rows)
    context = {
        "page": found, "on": on, "before": on - timedelta(days=1), "after": on + timedelta(days=1),
        "is_today": on == times.today(), "day": reads.day(request.tenant, on),
        "is_open": times.today() - attendance.BACK < on <= times.today(),
    }  # fmt: skip
    return page(request, "members/visits.html#results" if wants_part(request) else "members/visits.html", context)


@requires(Permission.MEMBER_VIEW)
@require_GET
@customer_safe
def visit_pick(request: TenantRequest) -> HttpResponse:
    """A few members to write a visit for, while a name or a number is typed."""
    typed = request.GET.get("q", "").strip()
    found = selectors.roster(request.tenant, search=typed).page(size=FOUND_MOST).rows if typed else []
    on = _day(request)
    context = {"found": found, "typed": typed, "on": on if on < times.today() else None}
    return page(request, "members/visit_pick.html", context)


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
@customer_safe
def member_visit(request: TenantRequest, pk: int) -> HttpResponse:
    """Ask which pass the visit uses, the one that ends first being ticked; then write it, today or for ?on=<day>."""
    member = selectors.member(request.tenant, pk)
    on = _day(request)
    is_past = on < times.today()
    problem = ""
    if request.method == "POST":
        try:
            came = attendance.check_in(
                tenant=request.tenant, by=request.user, member=member, way=AttendanceWay.STAFF,
                key=reference_of(request), one=_chosen(request, member),
                at=times.day_start(on) + NOON if is_past else None,
            )  # fmt: skip
        except Refusal as refusal:
            problem = str(refusal)
        else:
            return done(request, member, _said(came, is_past), panel, "#passes")
    context = {
        "member": member, "passes": usable(request.tenant, member.pk, on), "problem": problem,
        "summary": pass_reads.member_passes(request.tenant, member).summary,
        "key": request.POST.get("key") or uuid.uuid4().hex, "on": on if is_past else None,
    }  # fmt: skip
    template = "members/visit_form.html#dialog" if request.htmx else "members/visit_form.html"
    return page(request, template, context, status=422 if problem else 200)


def _chosen(request: TenantRequest, member: Member) -> Pass | None:
    asked = whole(request.POST.get("pass", ""))
    if asked is None:
        return None
    one = pass_reads.pass_(request.tenant, asked)
    return one if one.member_id in ids_with(request.tenant, member) else None


def _said(came: attendance.CheckIn, is_past: bool) -> str:
    if came.again and is_past:
        return _("그날 출석은 이미 적혀 있어요. 한 번만 적어 두었어요.")
    if came.again:
        return _("조금 전에 이미 출석했어요. 한 번만 적어 두었어요.")
    if came.used is None:
        return _("출석을 적었어요. 쓸 수 있는 이용권은 없었어요.")
    if came.used.sessions_left is None:
        return _("출석을 적었어요.")
    return _("출석을 적었어요. {n}회 남았어요.").format(n=f"{came.used.sessions_left:,}")


@requires(Permission.MEMBER_EDIT)
@require_POST
def visit_undo(request: TenantRequest, pk: int) -> HttpResponse:
    visit = reads.visit(request.tenant, pk)
    attendance.undo(tenant=request.tenant, by=request.user, visit=visit)
    messages.success(request, _("출석을 취소했어요. 쓴 횟수는 돌려놓았어요."))
    return go(request, "members:visit-list", query=f"on={visit.on:%Y-%m-%d}")


@requires(Permission.MEMBER_VIEW)
@require_GET
@customer_safe
def member_qr(request: TenantRequest, pk: int) -> HttpResponse:
    """A member's own code, to be shown on a phone or printed on a card."""
    member = selectors.member(request.tenant, pk)
    made = segno.make_qr(codes.code_of(request.tenant.pk, member.pk), error="m")
    # segno writes paths and numbers; nothing in it was typed by anybody.
    svg = mark_safe(made.svg_inline(scale=8, border=3, svgclass="qr-code", lineclass=None, omitsize=True))
    context: dict[str, Any] = {"member": member, "svg": svg}
    return page(request, "members/qr.html#dialog" if request.htmx else "members/qr.html", context)


def _day(request: TenantRequest) -> date:
    try:
        asked = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return times.today()
    return asked if 2000 <= asked.year <= 2100 else times.today()
