"""Human input of home: signing up and opening a tenant."""

from typing import Any

from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.core import context
from django import forms
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts import selectors
from accounts.models import User
from home import services

INVITATION = "invitation"  # the session key that accounts' invitation page leaves


class SignupForm(AllauthSignupForm):
    """One page: the business, the person, the terms. With an invitation, the business is there already."""

    business = forms.CharField(
        label=_("업체 이름"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    name = forms.CharField(
        label=_("이름"), max_length=40, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    agree = forms.BooleanField(
        label="", error_messages={"required": _("이용약관과 개인정보 처리방침에 동의해야 시작할 수 있어요.")}
    )
    field_order = ["business", "email", "password1", "name", "agree"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.token = context.request.session.get(INVITATION, "") if context.request else ""
        self.invitation = selectors.invitation(self.token) if self.token else None
        if self.invitation and not self.invitation.is_open:
            self.invitation = None
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name == "agree":
                field.label = _agreement()
        self.fields["password1"].help_text = _("8자 이상, 숫자만으로는 안 돼요.")
        if self.invitation:
            del self.fields["business"]
            self.fields["email"].initial = self.invitation.email

    def clean_email(self) -> str:
        value = super().clean_email()
        if self.invitation and value.lower() != self.invitation.email.lower():
            raise forms.ValidationError(_("초대받은 이메일로 가입해 주세요."))
        return value

    def save(self, request: HttpRequest) -> User:
        """The person, the tenant and the agreement exist together or not at all."""
        with transaction.atomic():
            user = super().save(request)
            if self.invitation:  # after allauth has stored the address, which accepting marks as verified
                services.join(user=user, token=self.token)
                request.session.pop(INVITATION, None)
        return user

    def custom_signup(self, request: HttpRequest, user: User) -> None:
        data = self.cleaned_data
        ip = request.META.get("REMOTE_ADDR")
        language = request.LANGUAGE_CODE  # type: ignore[attr-defined]
        services.welcome(user=user, name=data.get("name", ""), language=language, ip=ip)
        if not self.invitation:
            services.open_for(user=user, business=data["business"])


def _agreement() -> Any:
    terms, privacy = reverse_lazy("home:terms"), reverse_lazy("home:privacy")
    words = _("{terms}과 {privacy}에 동의해요")
    link = '<a class="link" href="{}" target="_blank" rel="noopener">{}</a>'
    return format_html(
        f"<span>{words}</span>",  # one piece, so that the label's own layout doesn't tear the sentence apart
        terms=format_html(link, terms, _("이용약관")),
        privacy=format_html(link, privacy, _("개인정보 처리방침")),
    )


class BusinessForm(forms.Form):
    business = forms.CharField(label=_("업체 이름"), max_length=60)
