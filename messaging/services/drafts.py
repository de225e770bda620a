"""A text being written, kept as it is typed: a closed tab loses nothing. The page's key tells two tabs apart."""

from typing import Any
from uuid import uuid4

from accounts.models import Tenant, User
from messaging.models import Dispatch, Draft

KEEP = 5  # older ones of the same person are forgotten


def save(*, tenant: Tenant, by: User, data: dict[str, Any], key: str = "") -> Draft | None:
    """Keep what stands in the page with this key; None if that page's text has been sent already."""
    if key and Dispatch.objects.filter(tenant=tenant, key=key).exists():
        return None  # the browser saves once more while the page is left
    mine = Draft.objects.filter(tenant=tenant, user=by)
    draft = mine.filter(key=key).first() if key else current(tenant, by)
    if draft is not None:
        draft.data = data
        draft.save(update_fields=["data", "updated_at"])
        return draft
    draft = Draft.objects.create(tenant=tenant, user=by, data=data, key=key or uuid4().hex)
    mine.exclude(pk__in=list(mine.order_by("-updated_at").values_list("pk", flat=True)[:KEEP])).delete()
    return draft


def current(tenant: Tenant, by: User) -> Draft | None:
    """What this person was writing last."""
    return Draft.objects.filter(tenant=tenant, user=by).order_by("-updated_at", "-pk").first()


def discard(*, tenant: Tenant, by: User, key: str = "") -> None:
    """Throw away the one with this key (or all): it was sent, or the person wants an empty page."""
    mine = Draft.objects.filter(tenant=tenant, user=by)
    (mine.filter(key=key) if key else mine).delete()
