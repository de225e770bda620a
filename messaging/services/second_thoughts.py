"""The seconds in which a page's send to many can still be taken back: it leaves at their end, at once, or not at all.

Until then it is a schedule like any other (see storing): change, cancel and the watch need to know nothing of it.
"""

import hashlib
from typing import Any

from django.db import transaction
from django.db.models import Exists, Q

from accounts import audit
from accounts.models import Tenant, User
from messaging import exceptions as no
from messaging.enums import DispatchState
from messaging.models import Dispatch, Draft, SendingPolicy
from messaging.services import drafts, policies
from messaging.services.storing import ring_for
from ui import times


def start_now(*, tenant: Tenant, by: audit.Actor, dispatch: Dispatch, skip: bool = False) -> bool:
    """Start what is due at this moment, not at the next tick; with `skip` also what still waits for second thoughts.

    False if it isn't due, has begun or all is stopped: whoever asks, however often, it starts once.
    """
    if dispatch.tenant_id != tenant.pk:
        raise Dispatch.DoesNotExist
    now = times.now()
    due = Q(send_at__lte=now) | Q(undo_until__isnull=False) if skip else Q(send_at__lte=now)
    stopped = SendingPolicy.objects.filter(tenant=tenant).exclude(stopped_at=None)
    with transaction.atomic():
        rows = Dispatch.objects.filter(due, ~Exists(stopped), tenant=tenant, pk=dispatch.pk)
        started = rows.filter(state=DispatchState.SCHEDULED).update(state=DispatchState.PREPARING, rung_at=now)
        dispatch.refresh_from_db()
        if started:
            if skip:
                audit.record(tenant=tenant, by=by, kind="dispatch.hurried", subject=dispatch)
            ring_for(dispatch)
    if skip and not started and policies.is_stopped(tenant):
        raise no.SendingStopped
    return bool(started)


def undo(*, tenant: Tenant, by: User, dispatch: Dispatch, data: dict[str, Any]) -> Draft | None:
    """Take back what waits for second thoughts: nothing leaves, and `data`, the page as it was typed, is a draft again.

    None for a resend: nobody typed it, and it can be asked for once more where its first text stands. Twice is once.
    """
    if dispatch.tenant_id != tenant.pk:
        raise Dispatch.DoesNotExist
    waiting = Dispatch.objects.filter(tenant=tenant, pk=dispatch.pk, state=DispatchState.SCHEDULED)
    ended = {"state": DispatchState.CANCELLED, "total": 0, "finished_at": times.now()}
    key = hashlib.sha256(f"undone {dispatch.pk}".encode()).hexdigest()[:32]
    with transaction.atomic():
        if waiting.exclude(undo_until=None).update(**ended):
            audit.record(tenant=tenant, by=by, kind="dispatch.undone", subject=dispatch)
            if not dispatch.resend_of_id:
                drafts.save(tenant=tenant, by=by, data=data, key=key)
    dispatch.refresh_from_db()
    if dispatch.resend_of_id and drafts.is_undone(dispatch):
        return None
    draft = Draft.objects.filter(tenant=tenant, user=by, key=key).first()
    if draft is None:
        raise no.TooLateToUndo
    return draft
