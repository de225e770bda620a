"""What is done about dues: a dialog for each deed, on the card and in the lists."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from members import due_forms as forms
from members import selectors
from members.models import Due, Member
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
    words = (_("회비 받기"), _("받았어요"), _("회비를 받았다고 기록했어요."))
    return _on_due(
        request, pk, forms.PayForm, lambda due: {"won": due.open_won, "on": times.today()}, words, services.pay
    )


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def due_return(request: TenantRequest, pk: int) -> HttpResponse:
    words = (_("받은 회비 돌려주기"), _("돌려주었어요"), _("돌려준 금액을 기록했어요."))
    return _on_due(request, pk, forms.ReturnForm, lambda due: {"won": due.paid_won}, words, services.give_back)


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def due_waive(request: TenantRequest, pk: int) -> HttpResponse:
    words = (_("회비 감면"), _("감면하기"), _("감면한 금액을 기록했어요."))
    return _on_due(request, pk, forms.WaiveForm, lambda due: {"won": due.open_won}, words, services.waive)


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def due_unwaive(request: TenantRequest, pk: int) -> HttpResponse:
    words = (_("감면 되돌리기"), _("되돌리기"), _("감면을 되돌렸어요."))
    return _on_due(request, pk, forms.UnwaiveForm, lambda due: {"won": due.waived_won}, words, services.unwaive)


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def due_correct(request: TenantRequest, pk: int) -> HttpResponse:
    words = (_("회비 금액 고치기"), _("고치기"), _("회비 금액을 고쳤어요."))
    return _on_due(request, pk, forms.CorrectForm, lambda due: {"amount_won": due.amount_won}, words, services.correct)


def _on_due(
    request: TenantRequest,
    pk: int,
    form_class: type[Form],
    initial: Callable[[Due], dict[str, Any]],
    words: tuple[str, str, str],
    do: Callable[..., Due],
) -> HttpResponse:
    due = reads.due(request.tenant, pk)
    form = form_class(request.POST or None, initial=initial(due))
    return _deed(
        request, owner(request, due), form, words,
        lambda reference: do(**who(request), due=due, reference=reference, **form.cleaned_data), due=due,
    )  # fmt: skip


def panel(request: TenantRequest, member: Member) -> HttpResponse:
    dues = reads.member_dues(request.tenant, member)
    return page(request, "members/card_dues.html", {"member": member, "dues": dues})


_deed = partial(ask_or_do, template="members/due_form.html", panel=panel, target="#dues")
