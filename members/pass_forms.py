"""What people type about passes: to open one, to hold it, to change it, to give it away, to pay it back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.enums import RefundRule
from members.models import Member, PassType
from members.passes import WON_MOST


def day(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def whole(
    label: Any, *, least: int = 0, most: int = WON_MOST, required: bool = False, **kwargs: Any
) -> forms.IntegerField:
    attrs = {"inputmode": "numeric", "autocomplete": "off", "class": "input num"}
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, required=required, widget=forms.NumberInput(attrs=attrs), **kwargs
    )


class TypeForm(forms.Form):
    name = forms.CharField(label=_("이름"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    months = whole(_("기간(개월)"), most=600)
    days = whole(_("기간(일)"), most=36_500, help_text=_("개월과 함께 적으면 더해요."))
    sessions = whole(_("횟수"), most=10_000, help_text=_("비워 두면 횟수를 세지 않아요."))
    price_won = whole(_("값(원)"))
    penalty_percent = whole(
        _("환불 위약금(%)"), most=100, required=True, initial=10, help_text=_("보통 낸 금액의 10%예요.")
    )
    refund_rule = forms.ChoiceField(
        label=_("환불 계산"), choices=RefundRule.choices, initial=RefundRule.SPORTS,
        help_text=_("학원 방법에는 위약금이 없어요."),
    )  # fmt: skip


class PassForm(forms.Form):
    """A new pass: of a kind that is sold, or written freely."""

    type: Any = forms.ModelChoiceField(
        label=_("이용권"), queryset=PassType.objects.none(), required=False, empty_label=_("직접 적기")
    )
    starts_on = day(_("시작일"))
    price_won = whole(_("받은 금액(원)"), help_text=_("비워 두면 정해 둔 값으로 적어요."))
    name = forms.CharField(label=_("이름"), max_length=40, required=False)
    months = whole(_("기간(개월)"), most=600)
    days = whole(_("기간(일)"), most=36_500)
    sessions = whole(_("횟수"), most=10_000)
    note = forms.CharField(label=_("메모"), max_length=200, required=False)

    def __init__(self, *args: Any, types: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["type"].queryset = types  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """Keyword arguments of members.services.passes.open_pass; a blank number is left to the type."""
        data = dict(self.cleaned_data)
        if data["type"] is None:
            data["name"] = data["name"] or str(_("이용권"))
        return {name: None if value in ("", 0) and name in _NUMBERS else value for name, value in data.items()}


_NUMBERS = {"months", "days", "sessions"}


class HoldForm(forms.Form):
    from_on = day(_("홀딩 시작"))
    until = day(_("마지막 날"), required=False, help_text=_("비워 두면 다시 나올 때까지 멈춰요."))
    note = forms.CharField(label=_("까닭"), max_length=200, required=False)


class ResumeForm(forms.Form):
    on = day(_("다시 나오는 날"), help_text=_("이날부터 다시 써요. 남은 홀딩 날수는 되돌려요."))


class AdjustForm(forms.Form):
    days = whole(_("늘리거나 줄일 날수"), least=-36_500, most=36_500, help_text=_("줄일 때는 -를 붙여요."))
    sessions = whole(_("늘리거나 줄일 횟수"), least=-10_000, most=10_000)
    note = forms.CharField(label=_("까닭"), max_length=200)

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"days": data["days"] or 0, "sessions": data["sessions"] or 0, "note": data["note"]}


class GiveForm(forms.Form):
    to: Any = forms.ModelChoiceField(
        label=_("받을 회원"),
        queryset=Member.objects.none(),
        error_messages={"required": _("받을 회원을 찾아 골라 주세요.")},
    )
    note = forms.CharField(label=_("메모"), max_length=200, required=False)

    def __init__(self, *args: Any, members: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = members  # type: ignore[attr-defined]


class RefundForm(forms.Form):
    rule = forms.ChoiceField(label=_("환불 계산"), choices=RefundRule.choices, required=False)
    by = forms.ChoiceField(
        label=_("사용한 몫을 세는 방법"), choices=[("days", _("날수로")), ("sessions", _("횟수로"))], required=False
    )
    percent = whole(_("위약금(%)"), most=100)
    won = whole(_("돌려줄 금액(원)"), required=True)
    note = forms.CharField(label=_("메모"), max_length=200, required=False)
