"""What joins the apps when somebody comes in: a person agrees, a tenant opens with a sandbox to practise in."""

from django.db import transaction
from django_scopes import scope

from accounts.models import Staff, User
from accounts.services import profiles, staff, tenants
from messaging.services import accounts as aligo


def welcome(*, user: User, name: str, language: str, ip: str | None) -> User:
    """What a new person said about themselves, and the versions of the terms they agreed to."""
    user.name, user.language = name, language
    user.save(update_fields=["name", "language"])
    profiles.agree(by=user, ip=ip)
    return user


def open_for(*, user: User, business: str) -> Staff:
    """A tenant that can be used at once: its owner, a trial, a sandbox account. Twice is refused (AlreadyOwner)."""
    with transaction.atomic():
        row = tenants.open_tenant(owner=user, name=business.strip())
        with scope(tenant=row.tenant):
            aligo.open_sandbox(tenant=row.tenant, by=user)
    return row


def join(*, user: User, token: str) -> Staff:
    """Take an invitation while signing up."""
    return staff.accept(by=user, token=token)
