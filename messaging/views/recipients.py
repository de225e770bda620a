"""Fragments of the compose page about people: finding one, naming who is left out, taking numbers out of a file."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.permissions import Permission, customer_safe, requires
from accounts.requests import TenantRequest
from members import phone, sheets
from members.selectors import roster
from messaging.drafting import Audience
from messaging.enums import ExcludedReason
from messaging.forms import ComposeForm, people_of
from messaging.merging import Left
from messaging.selectors.compose_page import as_typed, left_out
from messaging.services.checking import check

FOUND, NAMES, LINES = 8, 50, 20_000
WRONG = (ExcludedReason.BAD_NUMBER, ExcludedReason.NO_PHONE)


# POST: what is looked for is a name or a number, which must not stand in an address.
@require_POST
@requires(Permission.MESSAGE_SEND)
@customer_safe
def people_search(request: TenantRequest) -> HttpResponse:
    asked = request.POST.get("q", "").strip()[:40]
    rows = roster(request.tenant, search=asked).page(size=FOUND).rows if asked else []
    return render(request, "messaging/people.html#found", {"people": rows, "asked": asked})


@require_POST
@requires(Permission.MESSAGE_SEND)
def people_excluded(request: TenantRequest) -> HttpResponse:
    """The names behind one reason of the quote, with what can be mended right there."""
    form, reason = ComposeForm(request.POST), request.POST.get("reason", "")
    rows: list[Left] = []
    form.is_valid()  # half a date is no reason not to name the people
    draft = form.draft()
    if reason in ExcludedReason.values:
        template = check(tenant=request.tenant, draft=draft).template  # an ad's with its blocks: they count too
        rows = left_out(request.tenant, draft.to, template, titled=bool(draft.title), reason=reason, most=NAMES + 1)
    label = ExcludedReason(reason).label if reason in ExcludedReason.values else ""
    shown = _with_typed(draft.to, rows[:NAMES]) if reason in WRONG else [(row, "") for row in rows[:NAMES]]
    context = {
        "rows": shown,
        "more": len(rows) > NAMES,
        "label": label,
        "wrong": reason in WRONG,
        "unasked": reason == ExcludedReason.NO_CONSENT,
    }
    return render(request, "messaging/people.html#excluded", context)


@require_POST
@requires(Permission.MESSAGE_SEND)
def people_file(request: TenantRequest) -> HttpResponse:
    """Names and numbers of a sheet as lines to paste; nothing is stored."""
    try:
        lines, cut = _lines(request)
    except sheets.SheetProblem as trouble:
        return render(request, "messaging/people.html#file", {"problem": str(trouble)})
    problem = "" if lines else _("이 파일에서 휴대폰 번호를 찾지 못했어요. 번호가 있는 열을 복사해서 붙여 넣어 주세요.")
    context = {"count": len(lines), "pasted": "\n".join(lines), "cut": cut and LINES, "problem": problem}
    return render(request, "messaging/people.html#file", context)


def _with_typed(to: Audience, rows: list[Left]) -> list[tuple[Left, str]]:
    """Each with the number as it was pasted, where it was: who has just typed it has to see it to mend it."""
    typed = as_typed(to.phones, {row.phone for row in rows if row.member is None})
    return [(row, typed.get(row.phone, "") if row.member is None else "") for row in rows]


def _lines(request: TenantRequest) -> tuple[list[str], bool]:
    file = request.FILES.get("file")
    if file is None:
        raise sheets.EmptyFile
    found = people_of(sheets.read(file.read(sheets.MAX_BYTES + 1)).rows)
    lines = [f"{name} {phone.format(number)}".strip() for number, name in found[:LINES]]
    return lines, len(found) > LINES
