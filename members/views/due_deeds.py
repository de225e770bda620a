"""What is done about dues: a dialog for each deed, on the card and in the lists."""

from functools import partial

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from members import due_forms as forms
from members import selectors
from members.models import Member
from members.selectors import dues as reads
from members.services import dues as services
from members.views.answers import page
from members.views.deeds import ask_or_do, owner, who
from ui import times


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def member_due_add(request: TenantRequest, pk: int) -> HttpResponse:
    member = selectors.member(request.tenant, pk)
    form = forms.DueForm(request.POST or None, initial={"due_on": times.today()})
    return _deed(
        request, member, form, (_("회비 청구"), _("청구하기"), _("회비를 청구했어요.")),
        lambda reference: services.add(**who(request), member=member, reference=reference, **form.cleaned_data),
    )  # fmt: skip


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def member_pay(request: TenantRequest, pk: int) -> HttpResponse:
    """All that a member is behind with, in one payment: the amount stands there, so two taps are enough."""
    member = selectors.member(request.tenant, pk)
    initial = {"won": member.unpaid_won or None, "on": times.today()}
    form = forms.PayForm(request.POST or None, initial=initial)
    return _deed(
        request, member, form, (_("회비 받기"), _("받았어요"), _("회비를 받았다고 기록했어요.")),
        lambda reference: services.pay_all(**who(request), member=member, reference=reference, **form.cleaned_data),
    )  # fmt: skip


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def due_pay(request: TenantRequest, pk: int) -> HttpResponse:
    due = reads.due(request.tenant, pk)
    form = forms.PayForm(request.POST or None, initial={"won": due.open_won, "on": times.today()})
    return _deed(
        request, owner(request, due), form, (_("회비 받기"), _("받았어요"), _("회비를 받았다고 기록했어요.")),
        lambda reference: services.pay(**who(request), due=due, reference=reference, **form.cleaned_data), due=due,
    )  # fmt: skip


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def due_return(request: TenantRequest, pk: int) -> HttpResponse:
    due = reads.due(request.tenant, pk)
    form = forms.ReturnForm(request.POST or None, initial={"won": due.paid_won})
    return _deed(
        request, owner(request, due), form,
        (_("받은 회비 돌려주기"), _("돌려주었어요"), _("돌려준 금액을 기록했어요.")),
        lambda reference: services.give_back(**who(request), due=due, reference=reference, **form.cleaned_data),
        due=due,
    )  # fmt: skip


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def due_waive(request: TenantRequest, pk: int) -> HttpResponse:
    due = reads.due(request.tenant, pk)
    form = forms.WaiveForm(request.POST or None, initial={"won": due.open_won})
    return _deed(
        request, owner(request, due), form, (_("회비 감면"), _("감면하기"), _("감면한 금액을 기록했어요.")),
        lambda reference: services.waive(**who(request), due=due, reference=reference, **form.cleaned_data), due=due,
    )  # fmt: skip


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def due_unwaive(request: TenantRequest, pk: int) -> HttpResponse:
    due = reads.due(request.tenant, pk)
    form = forms.UnwaiveForm(request.POST or None, initial={"won": due.waived_won})
    return _deed(
        request, owner(request, due), form, (_("감면 되돌리기"), _("되돌리기"), _("감면을 되돌렸어요.")),
        lambda reference: services.unwaive(**who(request), due=due, reference=reference, **form.cleaned_data), due=due,
    )  # fmt: skip


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def due_correct(request: TenantRequest, pk: int) -> HttpResponse:
    due = reads.due(request.tenant, pk)
    form = forms.CorrectForm(request.POST or None, initial={"amount_won": due.amount_won})
    return _deed(
        request, owner(request, due), form, (_("회비 금액 고치기"), _("고치기"), _("회비 금액을 고쳤어요.")),
        lambda reference: services.correct(**who(request), due=due, reference=reference, **form.cleaned_data), due=due,
    )  # fmt: skip


def panel(request: TenantRequest, member: Member) -> HttpResponse:
    dues = reads.member_dues(request.tenant, member)
    return page(request, "members/card_dues.html", {"member": member, "dues": dues})


_deed = partial(ask_or_do, template="members/due_form.html", panel=panel, target="#dues")
