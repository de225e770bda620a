"""What people say when they take a refusal off."""

from django import forms
from django.utils.translation import gettext_lazy as _


class OptInForm(forms.Form):
    reason = forms.CharField(
        label=_("푸는 이유"),
        max_length=200,
        error_messages={"required": _("푸는 이유를 적어 주세요. 기록으로 남겨요.")},
        help_text=_("예: 7월 3일에 전화로 다시 받겠다고 하셨어요. 누가 왜 풀었는지 기록으로 남겨요."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
