"""allauth's forms, where their sentences stand in their code and not in the adapter."""

from typing import Any

from allauth.account import forms as allauth
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class TwoAlike:
    """A form with a password to type twice."""

    def add_error(self, field: str | None, error: Any) -> None:
        # allauth adds a plain sentence, its one word on the second password; what Django adds is a ValidationError.
        if field == "password2" and not isinstance(error, ValidationError):
            error = _("두 비밀번호가 서로 달라요. 다시 적어 주세요.")
        super().add_error(field, error)  # type: ignore[misc]


class ChangePasswordForm(TwoAlike, allauth.ChangePasswordForm):
    pass


class SetPasswordForm(TwoAlike, allauth.SetPasswordForm):
    pass


class ResetPasswordKeyForm(TwoAlike, allauth.ResetPasswordKeyForm):
    pass
