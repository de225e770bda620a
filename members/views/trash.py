"""The trash: who can be taken back and until when, one or many; emptied before its time."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.exceptions import Refusal
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from members import selectors
from members.models import Member
from members.selectors.trash import KEPT
from members.services import trash as services
from members.services.members import restore
from members.views.answers import go, page
from ui import times
from ui.numbers import comma, wholes

SHOWN = 1000


@requires(Permission.MEMBER_EDIT)
@require_GET
def trash_list(request: TenantRequest) -> HttpResponse:
    rows = Paginator(selectors.trashed(request.tenant)[:SHOWN], 50)
    shown = rows.get_page(request.GET.get("page"))
    for member in shown.object_list:
        _date(member)
    context = {"page": shown, "most": SHOWN, "full": rows.count >= SHOWN, "total": rows.count}
    return page(request, "members/trash.html", context)


def _date(member: Any) -> None:
    """Until when it can be taken back."""
    member.goes_on = times.seoul(member.deleted_at + KEPT).date()
    member.days_left = max((member.goes_on - times.today()).days, 0)


@requires(Permission.MEMBER_EDIT)
@require_POST
def member_restore(request: TenantRequest, pk: int) -> HttpResponse:
    """Take one back, and on to the card; pressed twice, on to the card."""
    member = selectors.trashed(request.tenant).filter(pk=pk).first()
    if member is None:
        return go(request, "members:member-detail", selectors.member(request.tenant, pk).pk)
    restore(tenant=request.tenant, by=request.user, member=member)
    messages.success(request, _("%(name)s 회원을 되살렸어요.") % {"name": member.name})
    return go(request, "members:member-detail", pk)


@requires(Permission.MEMBER_EDIT)
@require_POST
def trash_bulk(request: TenantRequest) -> HttpResponse:
    """Take back or erase the people ticked, or all of the trash."""
    try:
        messages.success(request, _do(request, request.POST.get("action", "")))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return go(request, "members:trash-list")


def _do(request: TenantRequest, action: str) -> str:
    who: dict[str, Any] = {"tenant": request.tenant, "by": request.user, "members": _picked(request)}
    if action == "restore":
        return _("%(n)s명을 되살렸어요.") % {"n": comma(services.restore_all(**who))}
    if action == "erase":
        return _("%(n)s명의 정보를 완전히 지웠어요.") % {"n": comma(services.empty(**who))}
    raise Refusal(_("무엇을 할지 골라 주세요."))


def _picked(request: TenantRequest) -> QuerySet[Member]:
    rows = selectors.trashed(request.tenant)
    if request.POST.get("scope") == "all":
        return rows
    ids = wholes(request.POST.getlist("id"))
    return rows.filter(pk__in=ids)
