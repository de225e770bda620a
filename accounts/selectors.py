"""Reads of accounts, tenant first."""

import time
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.crypto import fingerprint
from accounts.exceptions import TagNotFound
from accounts.models import ApiKey, AuditEvent, Export, HelpText, Invitation, Staff, Tag, Tenant, TermsVersion, User
from accounts.scoping import outside


def tenants_of(user: User) -> QuerySet[Staff]:
    """The person's places of work, oldest first."""
    return Staff.objects.filter(user=user, removed_at=None).select_related("tenant").order_by("joined_at", "id")


def staff(tenant: Tenant) -> QuerySet[Staff]:
    return Staff.objects.filter(tenant=tenant, removed_at=None).select_related("user").order_by("joined_at", "id")


def staff_phones(tenant: Tenant) -> set[str]:
    """The numbers that the tenant's staff gave, as digits."""
    return set(staff(tenant).exclude(phone="").order_by().values_list("phone", flat=True))


def open_invitations(tenant: Tenant) -> QuerySet[Invitation]:
    open_ = Invitation.objects.filter(tenant=tenant, accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    return open_.select_related("invited_by").order_by("-id")


def invitation(token: str) -> Invitation | None:
    """The invitation a link names, usable or not; rows of all tenants are searched because the link is the key."""
    with outside("the token is what names the tenant"):
        rows = Invitation.objects.select_related("tenant", "invited_by")
        return rows.filter(token_hash=fingerprint(token)).first()


def keys(tenant: Tenant) -> QuerySet[ApiKey]:
    return ApiKey.objects.filter(tenant=tenant, revoked_at=None).select_related("created_by").order_by("-id")


def events(tenant: Tenant, *, kind: str = "", by: int | None = None, before: int | None = None) -> QuerySet[AuditEvent]:
    """The audit trail, newest first; `kind` is a whole kind or its first word; `before` is an event's id."""
    rows = AuditEvent.objects.filter(tenant=tenant)
    if kind:
        rows = rows.filter(kind=kind) if "." in kind else rows.filter(kind__startswith=f"{kind}.")
    if by is not None:
        rows = rows.filter(by_id=by)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return rows.order_by("-id")


def exports(tenant: Tenant) -> QuerySet[Export]:
    return Export.objects.filter(tenant=tenant).select_related("by").order_by("-id")


def current_terms(at: datetime | None = None) -> dict[str, TermsVersion]:
    """The version in force of each kind of terms: {"terms": …, "privacy": …}."""
    rows = TermsVersion.objects.filter(effective_at__lte=at or timezone.now()).order_by("effective_at", "id")
    return {row.kind: row for row in rows}


_HELP_SECONDS = 30
_help: dict[str, tuple[float, dict[str, tuple[str, str]]]] = {}


def help_texts(language: str) -> dict[str, tuple[str, str]]:
    """Help that operators rewrote: key → (title, body). Kept in the process for half a minute: it is on every page."""
    made, texts = _help.get(language, (-1e9, {}))
    if time.monotonic() - made > _HELP_SECONDS:
        rows = HelpText.objects.filter(language=language).values_list("key", "title", "body")
        texts = {key: (title, body) for key, title, body in rows}
        _help[language] = (time.monotonic(), texts)
    return texts


def forget_help() -> None:
    """Read the help texts again at the next page."""
    _help.clear()


def tags(tenant: Tenant) -> QuerySet[Tag]:
    """The tenant's tags by name."""
    return Tag.objects.filter(tenant=tenant).order_by("name", "id")


def tag(tenant: Tenant, pk: int) -> Tag:
    """A tag of the tenant, or TagNotFound."""
    found = Tag.objects.filter(tenant=tenant, pk=pk).first()
    if found is None:
        raise TagNotFound
    return found
