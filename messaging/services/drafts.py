"""A text being written, kept as it is typed: a closed tab loses nothing."""

from typing import Any
from uuid import uuid4

from accounts.models import Tenant, User
from messaging.models import Draft


def save(*, tenant: Tenant, by: User, data: dict[str, Any]) -> Draft:
    """Keep what stands in the form now, in the one draft this person has here."""
    draft = current(tenant, by)
    if draft is None:
        return Draft.objects.create(tenant=tenant, user=by, data=data, key=uuid4().hex)
    draft.data = data
    draft.save(update_fields=["data", "updated_at"])
    return draft


def current(tenant: Tenant, user: User) -> Draft | None:
    """What this person was writing last."""
    return Draft.objects.filter(tenant=tenant, user=user).order_by("-updated_at").first()


def discard(*, tenant: Tenant, by: User) -> None:
    """Throw it away: it was sent, or the person wants an empty page."""
    Draft.objects.filter(tenant=tenant, user=by).delete()
