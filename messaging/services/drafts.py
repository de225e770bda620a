"""A text being written, kept as it is typed: a closed tab loses nothing. The page's key tells two tabs apart."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db.models import Q

from accounts.models import Tenant, User
from messaging.drafting import Draft as Text
from messaging.enums import DispatchState
from messaging.models import Dispatch, Draft
from messaging.text import normalise

KEEP = 5  # older ones of the same person are forgotten


def save(*, tenant: Tenant, by: User, data: dict[str, Any], key: str = "", text: Text | None = None) -> Draft | None:
    """Keep what stands in the page with this key, under the key it is to go on with.

    None if it says what was sent with that key (`text`): the browser saves once more while the page is left.
    """
    earlier, key = sent_with(tenant, key) if key else ([], key)
    if text is not None and any(says_the_same(dispatch, text) for dispatch in earlier):
        return None
    mine = Draft.objects.filter(tenant=tenant, user=by)
    draft = mine.filter(key=key).first() if key else current(tenant, by)
    if draft is not None:
        draft.data = data
        draft.save(update_fields=["data", "updated_at"])
        return draft
    draft = Draft.objects.create(tenant=tenant, user=by, data=data, key=key or uuid4().hex)
    mine.exclude(pk__in=list(mine.order_by("-updated_at").values_list("pk", flat=True)[:KEEP])).delete()
    return draft


def sent_with(tenant: Tenant, key: str) -> tuple[list[Dispatch], str]:
    """What left a page with this key, and the key that its next text goes under. What was taken back has not left.

    One who goes back after sending has a page with a spent key. The key after it follows from it, so that all that is
    typed there, by however many savings, is one draft.
    """
    found = []
    while (dispatch := Dispatch.objects.filter(tenant=tenant, key=key).first()) is not None:
        if not is_undone(dispatch):
            found.append(dispatch)
        key = hashlib.sha256(f"after {key}".encode()).hexdigest()[:32]
    return found, key


def is_undone(dispatch: Dispatch) -> bool:
    """Whether it was taken back in the seconds for second thoughts."""
    return bool(dispatch.undo_until) and dispatch.state == DispatchState.CANCELLED and not dispatch.total


def says_the_same(dispatch: Dispatch, text: Text) -> bool:
    """Whether this is what was sent: the same words, for the same people, at and until the same time."""
    later = text.send_at if text.send_at and text.send_at > dispatch.created_at else None
    asked = (
        normalise(text.text).strip(),
        normalise(text.title).strip(),
        "".join(filter(str.isdigit, text.sender)) or dispatch.sender,
        text.each_reason.strip()[:100] if text.each else "",
        text.to.to_json(),
        later,
        text.expires_at,
        text.ad,
    )
    return asked == (
        dispatch.text.strip(),
        dispatch.title,
        dispatch.sender,
        dispatch.each_reason,
        dispatch.audience,
        _asked_for(dispatch),
        dispatch.expires_at,
        dispatch.ad,
    )


def _asked_for(dispatch: Dispatch) -> datetime | None:
    """The time it was scheduled for by a person; None where it was to leave at once, whatever it waits for."""
    if dispatch.asked_at:  # an ad that the night moved
        return dispatch.asked_at if dispatch.asked_at > dispatch.created_at else None
    return None if dispatch.undo_until else dispatch.send_at


def current(tenant: Tenant, by: User) -> Draft | None:
    """What this person was writing last."""
    return Draft.objects.filter(tenant=tenant, user=by).order_by("-updated_at", "-pk").first()


def discard(*, tenant: Tenant, by: User, key: str = "", edit: int = 0) -> None:
    """Throw away the one with this key (or all): it was sent, or the person wants an empty page.

    With `edit`, also what else this person had typed for that scheduled dispatch.
    """
    mine = Draft.objects.filter(tenant=tenant, user=by)
    of_edit = Q(data__edit=str(edit)) if edit else Q(pk=None)
    (mine.filter(Q(key=key) | of_edit) if key else mine).delete()
