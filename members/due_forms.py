"""What people type about dues: a plan, a due, a payment, and what else may happen to it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.enums import DueMethod, MidMonth
from members.models import Group
from members.pass_forms import day, whole


def _method() -> forms.ChoiceField:
    return forms.ChoiceField(
        label=_("받은 방법"), choices=DueMethod.choices, initial=DueMethod.TRANSFER, widget=forms.RadioSelect
    )


class PlanForm(forms.Form):
    group: Any = forms.ModelChoiceField(
        label=_("그룹"), queryset=Group.objects.none(), empty_label=_("골라 주세요"),
        error_messages={"required": _("누가 내는지 그룹을 골라 주세요.")},
    )  # fmt: skip
    name = forms.CharField(label=_("이름"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    amount_won = whole(_("금액(원)"), least=1, required=True)
    due_day = whole(
        _("내는 날"),
        least=1,
        most=31,
        required=True,
        initial=1,
        help_text=_("31일이 없는 달은 그달의 마지막 날이에요."),
    )
    starts_on = forms.DateField(
        label=_("첫 달"), input_formats=["%Y-%m", "%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
    )  # fmt: skip
    mid_month = forms.ChoiceField(label=_("달 중간에 들어온 회원"), choices=MidMonth.choices, initial=MidMonth.WHOLE)

    def __init__(self, *args: Any, groups: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = groups  # type: ignore[attr-defined]


class DueForm(forms.Form):
    name = forms.CharField(label=_("무엇"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    amount_won = whole(_("금액(원)"), least=1, required=True)
    due_on = day(_("내는 날"))
    note = forms.CharField(label=_("메모"), max_length=200, required=False)


class PayForm(forms.Form):
    won = whole(_("받은 금액(원)"), least=1, required=True)
    method = _method()
    on = day(_("받은 날"))


class ReturnForm(forms.Form):
    won = whole(_("돌려준 금액(원)"), least=1, required=True)
    note = forms.CharField(label=_("메모"), max_length=200, required=False)


class WaiveForm(forms.Form):
    won = whole(_("감면할 금액(원)"), least=1, required=True)
    note = forms.CharField(label=_("까닭"), max_length=200)


class UnwaiveForm(forms.Form):
    won = whole(_("되돌릴 금액(원)"), least=1, required=True)
    note = forms.CharField(label=_("까닭"), max_length=200, required=False)


class CorrectForm(forms.Form):
    amount_won = whole(_("고친 금액(원)"), required=True)
    note = forms.CharField(label=_("까닭"), max_length=200)
