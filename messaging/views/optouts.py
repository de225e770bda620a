"""수신거부: who may not be texted, found, added one by one, by a pasted list or a file, and taken off again."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.exceptions import Refusal
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from members.models import Member
from messaging.enums import OptOutScope, OptOutSource
from messaging.models import OptOut
from messaging.optout_forms import OptInForm, OptOutFileForm, OptOutForm, OptOutPasteForm
from messaging.services import optouts
from messaging.views import paging
from messaging.views.answers import blame, go, page, wants_part

UNREAD_SHOWN = 50


# POST too: a number that is looked for must not stand in an address.
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.MESSAGE_VIEW)
def optout_list(request: TenantRequest) -> HttpResponse:
    return _show(request, OptOutForm(), OptOutPasteForm())


@require_POST
@requires(Permission.SETTINGS_EDIT)
def optout_add(request: TenantRequest) -> HttpResponse:
    if "phones" in request.POST:
        return _add_many(request)
    form = OptOutForm(request.POST)
    if form.is_valid():
        try:
            optouts.opt_out(tenant=request.tenant, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _said(form.cleaned_data["scope"]))
            return go(request, "messaging:optout-list")
    return _show(request, form, OptOutPasteForm(), status=422)


def _said(scope: str) -> str:
    if scope == OptOutScope.ADS:
        return _("이제 이 번호로는 광고 문자를 보내지 않아요.")
    return _("이제 이 번호로는 문자를 보내지 않아요.")


def _add_many(request: TenantRequest) -> HttpResponse:
    form = OptOutPasteForm(request.POST)
    if form.is_valid():
        try:
            count, _bad = optouts.opt_out_many(tenant=request.tenant, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("{count:,}개 번호를 넣었어요.").format(count=count))
            return go(request, "messaging:optout-list")
    return _show(request, OptOutForm(), form, status=422)


@require_POST
@requires(Permission.SETTINGS_EDIT)
def optout_file(request: TenantRequest) -> HttpResponse:
    """A list from the 080 service: what could be read is refused at once, and every line that couldn't is named."""
    form = OptOutFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, OptOutForm(), OptOutPasteForm(), file=form, status=422)
    listed, scope, source = (form.cleaned_data[name] for name in ("file", "scope", "source"))
    who: dict[str, Any] = {"tenant": request.tenant, "by": request.user}
    fresh, _bad = optouts.opt_out_many(**who, phones=listed.phones, scope=scope, source=source)
    done = {
        "fresh": fresh,
        "known": len(listed.phones) - fresh,
        "unread": listed.unread[:UNREAD_SHOWN],
        "unread_count": len(listed.unread),
        "sheet": listed.sheet,
        "others": ", ".join(listed.others),
        "scope_words": OptOutScope(scope).label,
    }
    return _show(request, OptOutForm(), OptOutPasteForm(), done=done)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.SETTINGS_EDIT)
def optout_remove(request: TenantRequest, pk: int) -> HttpResponse:
    """Asks why, as somebody's refusal is theirs to take back: a dialog for htmx, a page of its own without it."""
    row = get_object_or_404(OptOut, pk=pk)
    form = OptInForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        optouts.opt_in(tenant=request.tenant, by=request.user, optout=row, **form.cleaned_data)
        messages.success(request, _("이제 이 번호로 다시 보낼 수 있어요."))
        return go(request, "messaging:optout-list")
    part = "#form" if wants_part(request, "dialogs") else ""
    status = 422 if form.errors else 200
    return page(request, f"messaging/optout_remove.html{part}", {"row": row, "form": form}, status=status)


def _show(
    request: TenantRequest,
    form: OptOutForm,
    paste: OptOutPasteForm,
    *,
    file: OptOutFileForm | None = None,
    done: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    digits = "".join(c for c in request.POST.get("search", "") if c.isascii() and c.isdigit())[:12]
    rows = OptOut.objects.select_related("by")
    if digits:
        rows = rows.filter(phone__contains=digits)
    found = paging.by_id(rows, request.POST.get("cursor", ""))
    _dress(found.rows)
    context = {
        "found": found,
        "search": digits,
        "total": OptOut.objects.count(),
        "form": form,
        "paste": paste,
        "file": file or OptOutFileForm(),
        "done": done,
    }
    part = "#results" if wants_part(request, "results") else ""
    return page(request, f"messaging/optouts.html{part}", context, status=status)


def _dress(rows: list[Any]) -> None:
    """Add to each row whose number it is (of a family the one who came first) and the words of its source."""
    members = Member.objects.filter(phone__in=[row.phone for row in rows], deleted_at=None).order_by("-id")
    owners = dict(members.values_list("phone", "name"))
    for row in rows:
        row.owner = owners.get(row.phone, "")
        row.source_words = OptOutSource(row.source).label if row.source in OptOutSource.values else row.source
