"""One batch at a time: claim it, drop whom it may no longer reach, commit, call the provider, record the outcome.

An attempt is on disk before the call. What surely did not leave is queued again; what may have left is unknown and
stays so until `reconcile` knows; what Aligo refuses for the account's sake is held for a person.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet

from accounts.models import Tenant
from messaging.enums import AccountState, BatchState, DispatchState, HoldReason
from messaging.models import AligoAccount, Attempt, Batch, Dispatch
from messaging.points import reached
from messaging.providers import provider
from messaging.providers.base import Accepted, AccountRefused, Outgoing, ProviderError, Rejected, Unavailable
from messaging.services import accounts, claiming, closing, holds, reminding, senders, turns
from messaging.services.claiming import Claim
from ui import times

log = logging.getLogger(__name__)
# Seconds of quiet after sends in a row that found Aligo dead or dumb; the first may be chance and costs nothing.
WAITS = (0, 1, 2, 5)
DOUBTFUL = 2  # from so many on, Aligo is asked something harmless before it is given another batch to lose
SLICE = 0.1  # seconds a turn may go on with further batches: going to the back of the line costs as much as sending one
ANSWER_SECONDS = 5  # for that question: whoever needs longer will not take a batch either
DEAD_WAIT = 15  # seconds, if it doesn't answer even that


def take_turn(*, tenant: Tenant, lane: str, slot: int, token: str) -> None:
    """Send one batch, or several while Aligo is quick, and go to the back of the line; leave it if nothing is left."""
    mine = turns.begin(tenant, lane, slot, token)
    if mine is None:
        return
    small = lane == turns.NOW
    ends, sent = monotonic() + SLICE, False
    while goes_on := send_next(tenant=tenant, small=small):
        sent = True
        if monotonic() > ends:
            break
    if sent:
        accounts.note_spent(tenant)
    if goes_on:
        turns.again(tenant, lane, slot, mine)
        return
    turns.leave(tenant, lane, slot, mine)
    if is_waiting(tenant, small):
        turns.start(tenant, lane, 1)


def send_next(*, tenant: Tenant, small: bool) -> bool:
    """Send the first batch that may leave; False if there is none."""
    account = accounts.of(tenant)
    if not _may_leave(tenant, account):
        return False
    try:
        claim = claiming.claim(tenant, account, small)
    except IntegrityError:
        return claiming.put_off(tenant, account, small)
    if claim is None:
        holds.hold_what_waits(account)
        return False
    reached("deliver.claimed")
    if claim.items:
        _send(tenant, account, claim)
    elif claim.asks_first:
        holds.hold(tenant, HoldReason.LATE, claim.batch.dispatch_id)
    else:
        closing.close_one(claim.batch.dispatch_id)
    return True


def is_waiting(tenant: Tenant, small: bool) -> bool:
    """Whether a batch could leave now."""
    account = accounts.of(tenant)
    quiet = account.quiet_until is not None and account.quiet_until > times.now()
    return not account.held_reason and not quiet and claiming.first_ready(tenant, account, small) is not None


# --- Whether anything may leave ---------------------------------------------------------------------------------------
def _may_leave(tenant: Tenant, account: AligoAccount) -> bool:
    if not tenant.may_send:
        holds.hold(tenant, HoldReason.EXPIRED_ACCESS)
        return False
    if account.held_reason:
        holds.hold(tenant, account.held_reason)
        return False
    if account.quiet_until is not None and account.quiet_until > times.now():
        return False
    return account.troubles < DOUBTFUL or _answers(account)


def _answers(account: AligoAccount) -> bool:
    """Whether Aligo is there at all. A batch sent into a stalled Aligo would be unknown for ten minutes."""
    try:
        provider.balance(accounts.for_provider(account, timeout=min(settings.ALIGO_TIMEOUT, ANSWER_SECONDS)))
    except (Rejected, AccountRefused):
        return True  # it is; the send will hear the refusal itself and hold what must be held
    except ProviderError:
        until = times.now() + timedelta(seconds=DEAD_WAIT)
        AligoAccount.objects.filter(pk=account.pk).update(quiet_until=until, state=AccountState.DOWN)
        return False
    return True


# --- Calling --------------------------------------------------------------------------------------------------------
def _send(tenant: Tenant, account: AligoAccount, claim: Claim) -> None:
    """The call, with no transaction open, and what came of it."""
    batch = claim.batch
    outgoing = Outgoing(sender=batch.sender, type=batch.type, items=claim.items, title=batch.title)
    reached("deliver.calling")
    if not _still_ours(claim):
        return
    reached("deliver.looked")
    try:
        accepted = provider.send(accounts.for_provider(account), outgoing)
    except Unavailable:
        _not_sent(account, claim)
    except AccountRefused as refused:
        _refused(account, claim, refused)
    except (Rejected, ValueError) as error:  # ValueError: packed wrongly, nothing was called
        _rejected(claim, str(getattr(error, "code", "")))
    except Exception as error:  # a lost or unreadable answer, or a fault of ours after the call: it may have been sent
        if not isinstance(error, ProviderError):
            log.exception("sending broke", extra={"batch": batch.pk})
        _unclear(account, claim, str(getattr(error, "code", "") or ""))
    else:
        reached("deliver.answered")
        _accepted(account, claim, accepted)
    reached("deliver.recorded")


_ITS_DISPATCH = """
    SELECT d.state FROM messaging_batch b JOIN messaging_dispatch d ON d.id = b.dispatch_id
    WHERE b.id = %s AND b.state = 'sending' AND b.attempts = %s AND b.lease_until > %s
"""


def _still_ours(claim: Claim) -> bool:
    """The lease, looked at right before the call; and whether a person has stopped the dispatch in the meantime."""
    now = connection.ops.adapt_datetimefield_value(times.now())
    with connection.cursor() as cursor:
        cursor.execute(_ITS_DISPATCH, [claim.batch.pk, claim.number, now])
        row = cursor.fetchone()
    if row is None:
        log.warning("lease lost before the call", extra={"batch": claim.batch.pk})
        return False
    if row[0] == DispatchState.CANCELLED:
        _record(claim, "stopped", "", lambda batch: back_to_queue(batch))
        return False
    return True


# --- Recording ------------------------------------------------------------------------------------------------------
def _record(claim: Claim, outcome: str, code: str, change: Callable[[QuerySet[Batch]], int]) -> bool:
    """The outcome on batch and attempt in one transaction; only while no other attempt has begun."""
    ours = [BatchState.SENDING, BatchState.UNKNOWN, BatchState.QUEUED]
    with transaction.atomic(durable=True):
        batch = Batch.objects.filter(pk=claim.batch.pk, attempts=claim.number, state__in=ours)
        done = change(batch)
        Attempt.objects.filter(batch=claim.batch, number=claim.number).update(
            outcome=outcome, code=code[:20], ended_at=times.now()
        )
        reached("deliver.recording")
    if done != 1:
        log.error("outcome came too late", extra={"batch": claim.batch.pk, "outcome": outcome})
    return done == 1


def _accepted(account: AligoAccount, claim: Claim, accepted: Accepted) -> None:
    batch = claim.batch
    try:
        _record(claim, "accepted", "", lambda rows: adopt(rows, batch, times.now(), account.user_id, accepted.msg_id))
    except IntegrityError:  # an id that another batch has: we can't know what this answer means
        log.exception("id given twice", extra={"batch": batch.pk})
        _unclear(account, claim, "id")
        return
    if batch.is_first:  # type: ignore[attr-defined]
        senders.confirm(account, batch.sender)
    if account.troubles:
        AligoAccount.objects.filter(pk=account.pk).update(troubles=0, quiet_until=None, state=AccountState.OK)


def adopt(rows: QuerySet[Batch], batch: Batch, at: datetime, user_id: str, provider_id: str) -> int:
    """The provider has taken the batch, sent at `at`, under this id; results are asked for from now on."""
    now = times.now()
    return has_left(
        rows,
        batch,
        at,
        state=BatchState.ACCEPTED,
        account=user_id,
        provider_id=provider_id,
        accepted_at=now,
        poll_at=now + timedelta(seconds=settings.RESULT_POLL_SECONDS),
        polls=0,
        lease_until=None,
        unknown_at=None,
        not_before=None,
        undecided_at=None,
        listed=[],
    )


def has_left(rows: QuerySet[Batch], batch: Batch, at: datetime, **changes: Any) -> int:
    """The batch was sent. Inside a transaction: the dispatch says since when something of it has, a reminder to whom it
    went, for good. A claimed batch knows whether it is the first, and of a reminder; any other asks."""
    # Before the batch, as everybody locks them who locks both.
    if getattr(batch, "is_first", True):
        first = Dispatch.objects.filter(pk=batch.dispatch_id, first_sent_at=None)
        first.update(first_sent_at=at)
    done = rows.update(**changes)
    if done and getattr(batch, "unpaid", True):
        reminding.note(tenant=batch.tenant, batch=batch)
    return done


def back_to_queue(batch: QuerySet[Batch], not_before: datetime | None = None) -> int:
    """Surely not sent: queued again, or cancelled if a person has stopped the dispatch. Inside a transaction."""
    # Locked, as a person who stops it locks it: looked at a moment too early, the batch would be queued for ever.
    parents = Dispatch.objects.select_for_update(no_key=True).filter(pk__in=batch.values("dispatch_id"))
    row = batch.first()
    if row is not None and DispatchState.CANCELLED in list(parents.values_list("state", flat=True)):
        return batch.update(
            state=BatchState.CANCELLED,
            refusal="cancelled",
            cancelled_count=F("cancelled_count") + row.open_count,
            lease_until=None,
            unknown_at=None,
            undecided_at=None,
        )
    return batch.update(
        state=BatchState.QUEUED,
        not_before=not_before,
        lease_until=None,
        unknown_at=None,
        undecided_at=None,
        listed=[],
        looks=0,
        looked_at=None,
    )


def _not_sent(account: AligoAccount, claim: Claim) -> None:
    until = _trouble(account)
    _record(claim, "unavailable", "", lambda batch: back_to_queue(batch, until))


def _unclear(account: AligoAccount, claim: Claim, code: str) -> None:
    now = times.now()
    _record(
        claim,
        "unclear",
        code,
        lambda batch: batch.update(state=BatchState.UNKNOWN, unknown_at=now, looks=0, looked_at=now, lease_until=None),
    )
    _trouble(account)


def _rejected(claim: Claim, code: str) -> None:
    open_ = claim.batch.open_count
    _record(
        claim,
        "rejected",
        code,
        lambda batch: batch.update(
            state=BatchState.REJECTED, refusal="rejected", rejected_count=F("rejected_count") + open_, lease_until=None
        ),
    )
    closing.close_one(claim.batch.dispatch_id)


def _refused(account: AligoAccount, claim: Claim, refused: AccountRefused) -> None:
    _record(claim, "refused", str(refused.code or ""), back_to_queue)
    reached("deliver.refused")
    holds.refused(account, claim.batch.dispatch_id, refused.reason.value, claim.batch.sender)


def _trouble(account: AligoAccount) -> datetime | None:
    """Count it; from the second in a row on this tenant's turns leave Aligo alone for a while."""
    rows = AligoAccount.objects.filter(pk=account.pk)
    rows.update(troubles=F("troubles") + 1)
    count = rows.values_list("troubles", flat=True).get()
    wait = WAITS[min(count, len(WAITS)) - 1]
    until = times.now() + timedelta(seconds=wait) if wait else None
    if until:
        rows.update(quiet_until=until)
    return until
