"""Claiming a batch: the one conditional change that makes it ours, with the attempt on disk beside it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from accounts.models import Tenant
from messaging.enums import BatchState, DispatchState, MessageState
from messaging.models import AligoAccount, Attempt, Batch, Message
from messaging.services.prepare import receivers_hash
from ui import times

GOING = (DispatchState.PREPARING, DispatchState.SENDING)  # states of dispatches whose batches may leave


@dataclass(frozen=True)
class Claim:
    """A batch that is ours until `until`; no items: nobody was left to send to."""

    batch: Batch
    number: int
    until: datetime
    items: list[tuple[str, str]]


# The two questions asked for every batch, written out: the ORM took longer to build them than PostgreSQL to answer.
# No column of the dispatch but these: an audience may hold 100,000 pasted numbers.
_FIRST_READY = """
    SELECT b.*, d.expires_at <= %s AS is_late, d.first_sent_at IS NULL AS is_first
    FROM messaging_batch b JOIN messaging_dispatch d ON d.id = b.dispatch_id
    WHERE b.tenant_id = %s AND b.is_small = %s AND b.state = 'queued' AND (b.not_before IS NULL OR b.not_before <= %s)
      AND d.state IN ('preparing', 'sending') AND d.held_reason = '' AND d.mode = %s
      AND NOT EXISTS (
          SELECT 1 FROM messaging_batch o WHERE o.account = %s AND o.sender = b.sender AND o.type = b.type
          AND o.receivers_hash = b.receivers_hash AND o.state IN ('sending', 'unknown'))
    ORDER BY b.id LIMIT 1
"""
_ITS_MESSAGES = """
    SELECT m.id, m.phone, m.text, EXISTS (
        SELECT 1 FROM messaging_optout o WHERE o.tenant_id = %s AND o.phone = m.phone AND o.scope = 'all')
    FROM messaging_message m WHERE m.batch_id = %s AND m.state = '' ORDER BY m.id
"""


def claim(tenant: Tenant, account: AligoAccount, small: bool) -> Claim | None:
    """The change from queued to sending that exactly one worker can make, with the attempt beside it."""
    now = times.now()
    until = now + timedelta(seconds=settings.ALIGO_TIMEOUT + 15)
    with transaction.atomic(durable=True):
        batch = first_ready(tenant, account, small, lock=True)
        if batch is None:
            return None
        if batch.is_late:
            expire(batch)
            return Claim(batch, 0, until, [])
        items = _still_wanted(batch)
        if not items:
            return Claim(batch, 0, until, [])
        claimed = Batch.objects.filter(pk=batch.pk, state=BatchState.QUEUED).update(
            state=BatchState.SENDING,
            attempts=F("attempts") + 1,
            attempt_started_at=now,
            lease_until=until,
            account=account.user_id,
            receivers_hash=receivers_hash(phone for phone, _text in items),
        )
        if claimed != 1:
            return None
        number = batch.attempts + 1
        Attempt.objects.create(tenant_id=batch.tenant_id, batch_id=batch.pk, number=number, started_at=now)
    return Claim(batch, number, until, items)


def first_ready(tenant: Tenant, account: AligoAccount, small: bool, *, lock: bool = False) -> Any:
    """The batch that is next. Locked where the database can: others who look meanwhile see the one behind it.

    Only of dispatches written under an account of this mode: practice never reaches a phone. Look-alikes are those of
    any tenant: two shops of one owner may share an Aligo account.
    """
    now = connection.ops.adapt_datetimefield_value(times.now())
    tail = "FOR UPDATE OF b SKIP LOCKED" if lock and connection.features.has_select_for_update_skip_locked else ""
    given = [now, tenant.pk, small, now, account.mode, account.user_id]
    return next(iter(Batch.objects.raw(_FIRST_READY + tail, given)), None)


def _still_wanted(batch: Batch) -> list[tuple[str, str]]:
    """(phone, text) to send; those who opted out since they were prepared are dropped in the claim's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_ITS_MESSAGES, [batch.tenant_id, batch.pk])
        rows = cursor.fetchall()
    if gone := [pk for pk, _phone, _text, refused in rows if refused]:
        _drop(batch, gone)
    if len(gone) == len(rows):
        Batch.objects.filter(pk=batch.pk).update(state=BatchState.CANCELLED, refusal="opted_out")
    return [(phone, text or batch.text) for _pk, phone, text, refused in rows if not refused]


def _drop(batch: Batch, gone: list[int]) -> None:
    Message.objects.filter(pk__in=gone).update(state=MessageState.CANCELLED, reason="opted_out", result_at=times.now())
    batch.cancelled_count += len(gone)
    batch.save(update_fields=["cancelled_count"])


def expire(batch: Batch) -> None:
    """Too late for all that is left of a queued batch."""
    Batch.objects.filter(pk=batch.pk, state=BatchState.QUEUED).update(
        state=BatchState.EXPIRED, refusal="expired", expired_count=F("expired_count") + batch.open_count
    )


def put_off(tenant: Tenant, account: AligoAccount, small: bool) -> bool:
    """A look-alike was claimed in the very same moment: the first in line waits for it a little."""
    first = first_ready(tenant, account, small)
    if first is None:
        return False
    later = times.now() + timedelta(seconds=5)
    return bool(Batch.objects.filter(pk=first.pk, state=BatchState.QUEUED).update(not_before=later))
