"""The panel of passes on a member's card, and a dialog for each deed. Without script each dialog is a page."""

from datetime import timedelta
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.permissions import Permission, customer_safe, requires
from accounts.requests import TenantRequest
from members import pass_forms as forms
from members import selectors
from members.models import Member, Pass
from members.selectors import passes as reads
from members.selectors.merged import ids_with
from members.services import pass_ends
from members.services import passes as services
from members.views.answers import page
from members.views.deeds import ask_or_do, owner, who
from ui import times
from ui.numbers import whole

FOUND_MOST = 8


@requires(Permission.MEMBER_VIEW)
@require_GET
@customer_safe
def member_passes(request: TenantRequest, pk: int) -> HttpResponse:
    """The panel alone: what it asks for when it has changed."""
    return panel(request, selectors.member(request.tenant, pk))


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def member_pass_add(request: TenantRequest, pk: int) -> HttpResponse:
    """Open a pass, or the next one after ?after=<pass>: of the same kind, from the day after its last."""
    member = selectors.member(request.tenant, pk)
    form = forms.PassForm(
        request.POST or None, types=reads.types(request.tenant), initial=_first_values(request, member)
    )
    return _deed(
        request, member, form, (_("이용권 등록"), _("등록하기"), _("이용권을 등록했어요.")),
        lambda reference: services.open_pass(**who(request), member=member, reference=reference, **form.values()),
        free=True,
    )  # fmt: skip


def _first_values(request: TenantRequest, member: Member) -> dict[str, Any]:
    after = whole(request.GET.get("after", ""))
    start, kind = times.today(), None
    if after is not None:
        one = Pass.objects.filter(tenant=request.tenant, member__in=ids_with(request.tenant, member), pk=after).first()
        if one is not None:
            kind = one.type_id
            start = max(start, one.ends_on + timedelta(days=1)) if one.ends_on else start
    kind = kind or reads.types(request.tenant).values_list("pk", flat=True).first()
    return {"starts_on": start, "type": kind}


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def pass_hold(request: TenantRequest, pk: int) -> HttpResponse:
    one = reads.pass_(request.tenant, pk)
    form = forms.HoldForm(request.POST or None, initial={"from_on": max(times.today(), one.starts_on)})
    return _deed(
        request, owner(request, one), form, (_("홀딩하기"), _("홀딩하기"), _("홀딩했어요. 만료일이 그만큼 밀려요.")),
        lambda reference: services.hold(**who(request), one=one, reference=reference, **form.cleaned_data), one=one,
    )  # fmt: skip


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def pass_resume(request: TenantRequest, pk: int) -> HttpResponse:
    one = reads.pass_(request.tenant, pk)
    form = forms.ResumeForm(request.POST or None, initial={"on": times.today()})
    return _deed(
        request, owner(request, one), form, (_("홀딩 끝내기"), _("홀딩 끝내기"), _("홀딩을 끝냈어요.")),
        lambda reference: services.resume(**who(request), one=one, reference=reference, **form.cleaned_data), one=one,
    )  # fmt: skip


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def pass_adjust(request: TenantRequest, pk: int) -> HttpResponse:
    one = reads.pass_(request.tenant, pk)
    form = forms.AdjustForm(request.POST or None)
    return _deed(
        request, owner(request, one), form, (_("기간·횟수 고치기"), _("고치기"), _("고친 내용을 기록했어요.")),
        lambda reference: services.adjust(**who(request), one=one, reference=reference, **form.values()), one=one,
    )  # fmt: skip


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def pass_give(request: TenantRequest, pk: int) -> HttpResponse:
    one = reads.pass_(request.tenant, pk)
    living = Member.objects.filter(tenant=request.tenant, deleted_at=None)
    form = forms.GiveForm(request.POST or None, members=living)
    return _deed(
        request, owner(request, one), form,
        (_("다른 회원에게 양도"), _("양도하기"), _("남은 기간과 횟수를 양도했어요.")),
        lambda reference: pass_ends.give(**who(request), one=one, reference=reference, **form.cleaned_data),
        one=one, pick=True,
    )  # fmt: skip


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def pass_refund(request: TenantRequest, pk: int) -> HttpResponse:
    """The calculation line by line; the amount may be corrected before it is done."""
    one = reads.pass_(request.tenant, pk)
    asked = forms.RefundForm(request.POST or request.GET or None)
    asked.is_valid()
    given = getattr(asked, "cleaned_data", {})
    # Calculated where it is shown only: pressed twice, the pass is closed by the first and has no quote any more.
    quote: Any = SimpleLazyObject(
        lambda: pass_ends.quote(
            request.tenant, one, by_what=given.get("by", ""), percent=given.get("percent"), rule=given.get("rule", "")
        )
    )
    asks = request.method == "GET"
    initial: dict[str, Any] = {}
    if asks:
        initial = {"won": quote.refund_won, "percent": quote.percent, "by": quote.by, "rule": quote.rule}
    form = forms.RefundForm(request.POST or None, initial=initial)
    extra: dict[str, Any] = {
        "one": one,
        "quote": quote,
        "countable": one.sessions is not None and one.ends_on is not None,
    }
    if request.method == "GET" and "quote" in request.GET:
        return page(request, "members/pass_form.html#quote", {"form": form, **extra})
    return _deed(
        request, owner(request, one), form,
        (_("환불하기"), _("환불 기록하기"), _("환불을 기록하고 이용권을 끝냈어요.")),
        lambda reference: pass_ends.refund(
            **who(request), one=one, reference=reference, won=form.cleaned_data["won"], note=form.cleaned_data["note"]
        ),
        **extra,
    )  # fmt: skip


@requires(Permission.MEMBER_VIEW)
@require_GET
def member_pick(request: TenantRequest) -> HttpResponse:
    """A few members to choose from while a name or a number is typed."""
    typed = request.GET.get("q", "").strip()
    found = selectors.roster(request.tenant, search=typed).page(size=FOUND_MOST).rows if typed else []
    return page(request, "members/pick.html", {"found": found, "typed": typed, "name": "to"})


def panel(request: TenantRequest, member: Member) -> HttpResponse:
    passes = reads.member_passes(request.tenant, member)
    return page(request, "members/card_passes.html", {"member": member, "passes": passes})


_deed = partial(ask_or_do, template="members/pass_form.html", panel=panel, target="#passes")
