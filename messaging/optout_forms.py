"""What people type about refusals: one number, a list of them, and why one is taken off."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members import phone as phones
from messaging.enums import OptOutScope
from messaging.forms import people_in


class OptOutForm(forms.Form):
    phone = forms.CharField(label=_("번호"), max_length=30)
    scope = forms.ChoiceField(label=_("어떤 문자를 막을까요"), choices=OptOutScope, widget=forms.RadioSelect)

    phone.widget.attrs |= {"inputmode": "tel", "autocomplete": "off"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"scope": OptOutScope.ALL}} | kwargs)

    def clean_phone(self) -> str:
        try:
            return phones.parse(self.cleaned_data["phone"])
        except phones.BadPhone as problem:
            raise forms.ValidationError(str(problem)) from problem


class OptOutPasteForm(forms.Form):
    phones = forms.CharField(
        label=_("번호 목록"),
        widget=forms.Textarea(attrs={"rows": 5, "placeholder": "010-1234-5678\n010-2345-6789"}),
        help_text=_("한 줄에 하나씩 붙여 넣으세요. 이름이 같이 있어도 괜찮아요."),
    )

    def clean_phones(self) -> list[str]:
        good, bad = [], []
        for number, _name in people_in(self.cleaned_data["phones"]):
            try:
                good.append(phones.parse(number))
            except phones.BadPhone:
                bad.append(number[:20])
        if bad:
            shown = ", ".join(bad[:5])
            raise forms.ValidationError(
                _("번호로 읽을 수 없는 줄이 {count}개 있어요: {shown}").format(count=len(bad), shown=shown)
            )
        return list(dict.fromkeys(good))


class OptInForm(forms.Form):
    reason = forms.CharField(
        label=_("푸는 이유"),
        max_length=200,
        error_messages={"required": _("푸는 이유를 적어 주세요. 기록으로 남겨요.")},
        help_text=_("예: 7월 3일에 전화로 다시 받겠다고 하셨어요. 누가 왜 풀었는지 기록으로 남겨요."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
