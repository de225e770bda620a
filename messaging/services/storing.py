"""A checked draft as a stored Dispatch: its columns, who is left out from the start, and its bell."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.models import Tenant
from accounts.ringing import ring
from config.queues import BULK, NOW
from messaging.drafting import Draft
from messaging.enums import DispatchState
from messaging.merging import Left
from messaging.models import Dispatch, Excluded
from messaging.selectors import audience as people
from messaging.services import accounts, nights, planning, policies, snapshots, turns
from messaging.services.checking import Checked
from messaging.text import normalise
from ui import times


def undo_seconds(tenant: Tenant, draft: Draft) -> int:
    """How long a page's send waits for second thoughts: no schedule does, nor what goes to a few, nor what would be
    past its validity by then."""
    now, seconds = times.now(), policies.of(tenant).undo_seconds
    is_later = draft.send_at is not None and draft.send_at > now
    too_late = draft.expires_at is not None and draft.expires_at <= now + timedelta(seconds=seconds)
    return 0 if is_later or too_late or _is_small(tenant, draft) else seconds


def _is_small(tenant: Tenant, draft: Draft) -> bool:
    return people.roster_size(tenant, draft.to, turns.SMALL + 1) <= turns.SMALL


def columns(
    tenant: Tenant, draft: Draft, checked: Checked, *, undo: int = 0, night: nights.Night | None = None
) -> dict[str, Any]:
    """The columns of a draft as it is to be sent: at once, later, in the morning, or after `undo` seconds."""
    now = times.now()
    later: datetime | None = draft.send_at if draft.send_at and draft.send_at > now else None
    moved = night if night and night.moves else None
    if moved:
        later = moved.morning
    fields = {
        "name": draft.name.strip()[:60],
        "text": normalise(draft.text),
        "title": checked.title,
        "sender": checked.sender,
        "ad": draft.ad,
        "via": draft.to.via,
        "unpaid": draft.to.unpaid,
        "each_reason": draft.each_reason.strip()[:100] if draft.each else "",
        "audience": draft.to.to_json(),
        "send_at": later,
        "asked_at": moved.asked_at if moved else None,
        "undo_until": None,
        "expires_at": draft.expires_at,
        "due_at": later or now,
        "state": DispatchState.SCHEDULED if later else DispatchState.PREPARING,
        "is_small": _is_small(tenant, draft),
        "rung_at": None if later else now,
        "plan_at": now + planning.PATIENCE if later else None,
    }
    if undo and not later:
        # As a schedule of some seconds: whatever can be done to one can be done to it.
        until = now + timedelta(seconds=undo)
        fields |= {"state": DispatchState.SCHEDULED, "send_at": until, "undo_until": until, "rung_at": None}
    return fields


def store(
    tenant: Tenant,
    by: audit.Actor,
    draft: Draft,
    checked: Checked,
    key: str | None,
    *,
    undo: int = 0,
    night: nights.Night | None = None,
    left: Iterable[Left] = (),
    **extra: Any,
) -> Dispatch:
    """A new Dispatch with its audit row and its bell; `left` are those who are known not to get it. One a key."""
    fields = columns(tenant, draft, checked, undo=undo, night=night) | {"mode": accounts.of(tenant).mode} | extra
    label = "" if by is None else str(by)[:80]
    try:
        with transaction.atomic():
            dispatch = Dispatch.objects.create(
                tenant=tenant, key=key or None, by=audit.user_of(by), by_label=label, **fields
            )
            _leave_out(dispatch, left)
            if dispatch.is_for_later:
                snapshots.take(tenant=tenant, dispatch=dispatch, audience=draft.to)
            kind = "dispatch.scheduled" if dispatch.is_for_later else "dispatch.submitted"
            audit.record(tenant=tenant, by=by, kind=kind, subject=dispatch)
            ring_for(dispatch)
    except IntegrityError:
        if not key:
            raise
        return Dispatch.objects.get(tenant=tenant, key=key)  # the second click was a moment later
    dispatch.notices = [*policies.notices(tenant), *(night.notices if night else [])]  # type: ignore[attr-defined]
    return dispatch


def _leave_out(dispatch: Dispatch, left: Iterable[Left]) -> None:
    """Rows for those who are known not to get it before it is prepared; preparing adds its own and counts them all."""
    rows = [
        Excluded(
            tenant_id=dispatch.tenant_id,
            dispatch_id=dispatch.pk,
            member_id=one.member,
            name=one.name[:40],
            phone=one.phone[:40],
            reason=one.reason,
        )
        for one in left
    ]
    if rows:
        Excluded.objects.bulk_create(rows, batch_size=people.CHUNK)
        dispatch.excluded_count = len(rows)
        dispatch.save(update_fields=["excluded_count"])


def ring_for(dispatch: Dispatch) -> None:
    """Its next bell, when this transaction is committed."""
    if dispatch.state == DispatchState.PREPARING:
        ring("messaging.prepare", dispatch.tenant_id, dispatch.pk, queue=NOW if dispatch.is_small else BULK)
    elif not dispatch.undo_until:
        ring("messaging.plan", dispatch.tenant_id, dispatch.pk, queue=BULK)
