"""What each role may do, in code, so that a change of policy is a diff somebody reviews.

Every view carries exactly one of the decorators below; `tests/house` walks all URLs for it.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from accounts.enums import Role
from accounts.exceptions import NotAllowed
from accounts.models import Staff

View = Callable[..., HttpResponse]


class Permission(StrEnum):
    MEMBER_VIEW = "member.view"
    MEMBER_EDIT = "member.edit"
    MEMBER_EXPORT = "member.export"
    MESSAGE_VIEW = "message.view"
    MESSAGE_SEND = "message.send"
    SETTINGS_EDIT = "settings.edit"  # Aligo account, senders, help, opt-outs
    STAFF_EDIT = "staff.edit"
    AUDIT_VIEW = "audit.view"
    KEYS_EDIT = "keys.edit"


# Edit, send and export are apart on purpose: the person who keeps the list is not always one who may text it, and an
# export is the easiest way for a roster to leave the shop.
ROLES: dict[str, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.MANAGER: frozenset(
        {
            Permission.MEMBER_VIEW,
            Permission.MEMBER_EDIT,
            Permission.MESSAGE_VIEW,
            Permission.MESSAGE_SEND,
            Permission.SETTINGS_EDIT,
            Permission.AUDIT_VIEW,
        }
    ),
    Role.SENDER: frozenset({Permission.MEMBER_VIEW, Permission.MESSAGE_VIEW, Permission.MESSAGE_SEND}),
    Role.VIEWER: frozenset({Permission.MEMBER_VIEW, Permission.MESSAGE_VIEW}),
}
# What an owner may grant to one person on top of the role.
GRANTABLE = frozenset({Permission.MEMBER_EDIT, Permission.MEMBER_EXPORT, Permission.MESSAGE_SEND})


def permissions_of(staff: Staff) -> frozenset[Permission]:
    extra = {Permission(p) for p in staff.extra_permissions if p in GRANTABLE}
    return ROLES[staff.role] | extra


def allows(staff: Staff | None, permission: Permission) -> bool:
    return staff is not None and staff.removed_at is None and permission in permissions_of(staff)


def requires(permission: Permission) -> Callable[[View], View]:
    """A tenant page: signed in, staff of the tenant in the URL (the middleware saw to that), and allowed."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not allows(getattr(request, "staff", None), permission):
                raise NotAllowed
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def staff_only(view: View) -> View:
    """A tenant page that every role may open (home, own settings)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if getattr(request, "staff", None) is None:
            raise NotAllowed
        return view(request, *args, **kwargs)

    guarded.permission = "staff"  # type: ignore[attr-defined]
    return guarded


def signed_in(view: View) -> View:
    """A page of the person, not of a tenant."""
    guarded = login_required(view)
    guarded.permission = "signed_in"  # type: ignore[attr-defined]
    return guarded


def public(view: View) -> View:
    """A page for anybody, said aloud."""
    view.permission = "public"  # type: ignore[attr-defined]
    return view


def customer_safe(view: View) -> View:
    """A page fit for a customer's eyes: in 손님 앞 화면 it opens, and shows no memo, no note and no whole number."""
    view.customer_safe = True  # type: ignore[attr-defined]
    return view
