"""What people type about a kept text, before the service checks it."""

from django import forms
from django.utils.translation import gettext_lazy as _


class TemplateForm(forms.Form):
    name = forms.CharField(
        label=_("문구 이름"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": 40})
    )
    title = forms.CharField(label=_("제목"), max_length=60, required=False)
    text = forms.CharField(label=_("내용"), max_length=20_000, strip=False)
    ad = forms.BooleanField(label=_("광고 문자예요"), required=False)
