"""Sign-ins and changes of how one signs in, written down: the law asks who came in, when and from where."""

from typing import Any

from allauth.account import signals
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver

from accounts import audit
from accounts.models import User


def _record(kind: str, user: Any) -> None:
    if isinstance(user, User):
        audit.record(tenant=None, by=user, kind=kind, subject=user)


@receiver(signals.user_logged_in)
def signed_in(user: User, **kwargs: Any) -> None:
    _record("user.signed_in", user)


@receiver(user_logged_out)
def signed_out(user: User | None, **kwargs: Any) -> None:
    _record("user.signed_out", user)


@receiver([signals.password_changed, signals.password_reset, signals.password_set])
def password_changed(user: User, **kwargs: Any) -> None:
    _record("user.password_changed", user)


@receiver([mfa.authenticator_added, mfa.authenticator_removed, mfa.authenticator_reset])
def second_factor_changed(user: User, **kwargs: Any) -> None:
    _record("user.second_factor_changed", user)
