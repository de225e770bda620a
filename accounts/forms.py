"""Human input of accounts."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role, Scope


class TenantForm(forms.Form):
    name = forms.CharField(label=_("업체 이름"), max_length=60)
    phone = forms.CharField(
        label=_("대표 번호"), max_length=20, required=False, help_text=_("회원이 전화할 번호예요. 예: 02-3789-0123")
    )

    def clean_phone(self) -> str:
        digits = re.sub(r"[\s\-().]", "", self.cleaned_data["phone"])
        if digits and not re.fullmatch(r"[0-9]{8,12}", digits):
            raise forms.ValidationError(_("전화번호를 알아볼 수 없어요. 02-3789-0123처럼 적어 주세요."))
        return digits


class InviteForm(forms.Form):
    email = forms.EmailField(label=_("이메일"), max_length=254)
    role = forms.ChoiceField(label=_("역할"), choices=Role.choices, initial=Role.SENDER)


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class KeyForm(forms.Form):
    name = forms.CharField(
        label=_("이름"), max_length=40, help_text=_("어디에 쓰는 키인지 적어 주세요. 예: 예약 프로그램")
    )
    scopes = forms.MultipleChoiceField(
        label=_("할 수 있는 일"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("하나 이상 골라 주세요.")},
    )


class ProfileForm(forms.Form):
    name = forms.CharField(label=_("이름"), max_length=40, required=False)
    language = forms.ChoiceField(label=_("언어"), choices=settings.LANGUAGES)


class HelpForm(forms.Form):
    """`on` of a switch: absent means off."""

    on = forms.BooleanField(required=False)


OWN_HELP: dict[str, Any] = {"follow": None, "on": True, "off": False}


class OwnHelpForm(forms.Form):
    choice = forms.ChoiceField(choices=[(k, k) for k in OWN_HELP])
