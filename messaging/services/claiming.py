"""Claiming a batch: the one conditional change that makes it ours, with the attempt on disk beside it.

Whom it may no longer reach is decided here, in the claim's own transaction: who refused, who left, who took back the
consent to ads. So is when it may leave: not at night, not past its validity, not while the tenant has stopped all.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from accounts.models import Tenant
from members.models import Member
from members.selectors.merged import kept_of
from messaging.enums import BatchState, DispatchState, MessageState
from messaging.merging import NAME
from messaging.models import AligoAccount, Batch, Dispatch, Message
from messaging.rules import LATE, next_allowed
from messaging.selectors import guardians, leaving
from messaging.services.prepare import NAME_LONGEST, receivers_hash
from messaging.text import normalise, parse
from ui import times

GOING = (DispatchState.PREPARING, DispatchState.SENDING)  # states of dispatches whose batches may leave


@dataclass(frozen=True)
class Claim:
    """A batch that is ours until `until`; no items: there was nobody to send to, or not now."""

    batch: Any  # a Batch, with what _FIRST_READY adds to it
    number: int
    until: datetime
    items: list[tuple[str, str]]

    @property
    def asks_first(self) -> bool:
        """A day behind its time and still valid: only a person knows whether it still holds."""
        return bool(self.batch.is_stale and not self.batch.is_late)


class Child(NamedTuple):
    """One whom a text to a guardian is for: why not any more, and whether ads may come at night."""

    member: int | None
    why: str
    night: bool


# The questions asked for every batch, written out: the ORM took longer to build them than PostgreSQL to answer.
# No column of the dispatch but these: an audience may hold 100,000 pasted numbers. The look-alike is a scalar question,
# for as a NOT EXISTS it became a join over all that waits.
_FIRST_READY = """
    SELECT b.*, d.expires_at <= %s AS is_late, d.due_at <= %s AS is_stale, d.first_sent_at IS NULL AS is_first,
        d.ad AND NOT d.is_test AS is_ad, d.via AS via, d.unpaid AS unpaid
    FROM messaging_batch b JOIN messaging_dispatch d ON d.id = b.dispatch_id
    WHERE b.tenant_id = %s AND b.is_small = %s AND b.state = 'queued' AND (b.not_before IS NULL OR b.not_before <= %s)
      AND d.state IN ('preparing', 'sending') AND d.held_reason = '' AND d.mode = %s
      AND (%s OR b.night_ok OR d.is_test OR NOT d.ad)
      AND (SELECT s.id FROM messaging_sendingpolicy s WHERE s.tenant_id = %s AND s.stopped_at IS NOT NULL) IS NULL
      AND (SELECT o.id FROM messaging_batch o WHERE o.account = %s AND o.sender = b.sender AND o.type = b.type
          AND o.receivers_hash = b.receivers_hash AND o.state IN ('sending', 'unknown') LIMIT 1) IS NULL
    ORDER BY b.id LIMIT 1
"""
_ITS_MESSAGES = """
    SELECT m.id, m.phone, m.text,
        CASE WHEN EXISTS (SELECT 1 FROM messaging_optout o WHERE o.tenant_id = %s AND o.phone = m.phone
                          AND (o.scope = 'all' OR %s)) THEN 'opted_out'
             WHEN m.member_id IS NOT NULL AND p.id IS NULL THEN 'gone'
             WHEN %s AND p.ad_consent_at IS NULL THEN 'no_consent'
             WHEN %s AND p.unpaid_won = 0 THEN 'paid' ELSE '' END,
        p.night_consent_at IS NOT NULL, m.member_id
    FROM messaging_message m
    LEFT JOIN members_member p ON p.id = m.member_id AND p.tenant_id = m.tenant_id AND p.deleted_at IS NULL
    WHERE m.batch_id = %s AND m.state = '' ORDER BY m.id
"""

# The further children of texts to guardians, in the order in which they are named, with what `_ITS_MESSAGES` asks.
_THEIR_CHILDREN = """
    SELECT j.phone, j.member_id,
        CASE WHEN p.id IS NULL THEN 'gone' WHEN %s AND p.ad_consent_at IS NULL THEN 'no_consent'
             WHEN %s AND p.unpaid_won = 0 THEN 'paid' ELSE '' END,
        p.night_consent_at IS NOT NULL
    FROM messaging_message m
    JOIN messaging_joined j ON j.dispatch_id = m.dispatch_id AND j.phone = m.phone
    LEFT JOIN members_member p ON p.id = j.member_id AND p.tenant_id = m.tenant_id AND p.deleted_at IS NULL
    WHERE m.batch_id = %s AND m.state = '' ORDER BY j.id
"""
_OUT = ("gone", "paid")  # why a child is none of a text's any more

_TAKE = """
    UPDATE messaging_batch SET state = 'sending', attempts = attempts + 1, attempt_started_at = %s, lease_until = %s,
        account = %s, receivers_hash = %s
    WHERE id = %s AND state = 'queued'
"""
_ATTEMPT = """
    INSERT INTO messaging_attempt (tenant_id, batch_id, number, started_at, outcome, code)
    VALUES (%s, %s, %s, %s, '', '')
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
        late = batch.is_late or batch.is_stale
        items = [] if late else _still_wanted(tenant, batch, is_night(now))
        if not items:
            return Claim(batch, 0, until, [])
        if not _take(batch, account, items, now, until):
            return None
    return Claim(batch, batch.attempts + 1, until, items)


def _take(batch: Any, account: AligoAccount, items: list[tuple[str, str]], now: datetime, until: datetime) -> bool:
    """From queued to sending, with the attempt on disk; False if another worker was faster."""
    adapt, receivers = connection.ops.adapt_datetimefield_value, receivers_hash(phone for phone, _text in items)
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [adapt(now), adapt(until), account.user_id, receivers, batch.pk])
        if cursor.rowcount != 1:
            return False
        cursor.execute(_ATTEMPT, [batch.tenant_id, batch.pk, batch.attempts + 1, adapt(now)])
    return True


def first_ready(tenant: Tenant, account: AligoAccount, small: bool, *, lock: bool = False) -> Any:
    """The batch that is next. Locked where the database can: others who look meanwhile see the one behind it.

    Only of dispatches written under an account of this mode: practice never reaches a phone. Look-alikes are those of
    any tenant: two shops of one owner may share an Aligo account.
    """
    now, adapt = times.now(), connection.ops.adapt_datetimefield_value
    tail = "FOR UPDATE OF b SKIP LOCKED" if lock and connection.features.has_select_for_update_skip_locked else ""
    given = [adapt(now), adapt(now - LATE), tenant.pk, small, adapt(now)]
    given += [account.mode, not is_night(now), tenant.pk, account.user_id]
    return next(iter(Batch.objects.raw(_FIRST_READY + tail, given)), None)


def is_night(now: datetime) -> bool:
    """Whether an ad needs a night consent to leave now, with the margin before 21:00 (AD4)."""
    return next_allowed(now) != now


def _still_wanted(tenant: Tenant, batch: Any, night: bool) -> list[tuple[str, str]]:
    """(phone, text) to send; whom it may no longer reach is dropped. None at all where an ad must wait for the day."""
    rows = _messages(tenant, batch)
    if night and batch.is_ad and not all(by_night for *_row, reason, by_night in rows if not reason):
        Batch.objects.filter(pk=batch.pk).update(night_ok=False)  # one of them took it back: all wait for 08:00
        return []
    gone: dict[str, list[int]] = defaultdict(list)
    for pk, _phone, _text, reason, _night in rows:
        if reason:
            gone[reason].append(pk)
    for reason, ids in gone.items():
        _drop(batch, ids, reason)
    if batch.open_count == 0:
        Batch.objects.filter(pk=batch.pk).update(state=BatchState.CANCELLED, refusal=next(iter(gone), ""))
    return [(phone, text or batch.text) for _pk, phone, text, reason, _night in rows if not reason]


def _messages(tenant: Tenant, batch: Any) -> list[tuple[int, str, str, str, bool]]:
    """(id, phone, text, why it may not go, agreed to nights) of what is left of the batch."""
    with connection.cursor() as cursor:
        cursor.execute(_ITS_MESSAGES, [tenant.pk, batch.is_ad, batch.is_ad, batch.unpaid, batch.pk])
        found = cursor.fetchall()
    if batch.via:
        rows = _with_children(tenant, batch, found)
    else:
        gone = {member for *_row, why, _night, member in found if why == "gone"}
        moved = _merged_since(tenant, batch, kept_of(tenant, gone) if gone else {})
        rows = [
            (pk, phone, text, *(moved.get((member, phone), (why, night)) if why == "gone" else (why, night)))
            for pk, phone, text, why, night, member in found
        ]
    if not batch.is_ad:
        return rows
    phones = [row[1] for row in rows]
    asked = leaving.refusing(tenant).filter(phone__in=phones)
    refused = set(asked.values_list("phone", flat=True))  # by somebody else who shares the phone
    if batch.via:
        refused.update(leaving.contacts_refusing(tenant).filter(phone__in=phones).values_list("phone", flat=True))
    return [(pk, phone, text, why or ("opted_out" if phone in refused else ""), n) for pk, phone, text, why, n in rows]


def _with_children(tenant: Tenant, batch: Any, found: list[Any]) -> list[tuple[int, str, str, str, bool]]:
    """As `_messages` has them, of texts to guardians: one goes as long as one of its children is still there, an ad
    only if all who are still agree; who is not there is not named either."""
    with connection.cursor() as cursor:
        cursor.execute(_THEIR_CHILDREN, [batch.is_ad, bool(batch.unpaid), batch.pk])
        others: dict[str, list[Child]] = defaultdict(list)
        for phone, *child in cursor.fetchall():
            others[phone].append(Child(*child))
    whole = {phone: [Child(member, why, night), *others[phone]] for _pk, phone, _text, why, night, member in found}
    gone = {child.member for children in whole.values() for child in children if child.member and child.why == "gone"}
    kept = kept_of(tenant, gone) if gone else {}
    moved = _merged_since(tenant, batch, kept)
    rows, shorter = [], {}
    for pk, phone, text, *_rest in found:
        named = {child.member for child in whole[phone]}
        children = [
            Child(one.member, *moved.get((one.member or 0, phone), (one.why, one.night)))
            if one.why == "gone" and kept.get(one.member or 0) not in named
            else one
            for one in whole[phone]
        ]
        there = [child for child in children if child.why not in _OUT]
        if text and there and len(there) < len(children):
            out = next(child.why for child in children if child.why in _OUT)
            shorter[pk] = ([child.member for child in children], [child.member for child in there], out)
        why = next((child.why for child in there if child.why), "") if there else children[0].why
        rows.append((pk, phone, text, why, all(child.night for child in there)))
    return _named_anew(tenant, batch, rows, shorter) if shorter else rows


def _named_anew(
    tenant: Tenant, batch: Any, rows: list[Any], shorter: dict[int, tuple[list[Any], list[Any], str]]
) -> list[tuple[int, str, str, str, bool]]:
    """The texts that named a child who is out, naming the others; one in which the names are not found does not go."""
    if NAME not in parse(Dispatch.objects.values_list("text", flat=True).get(pk=batch.dispatch_id)).fields:
        return rows
    asked = {member for whole, *_rest in shorter.values() for member in whole}
    names = dict(Member.objects.filter(tenant=tenant, pk__in=asked).values_list("pk", "name"))
    known = dict(Message.objects.filter(pk__in=list(shorter)).values_list("pk", "name"))
    found, renamed = [], list[Message]()
    for pk, phone, text, why, night in rows:
        if pk not in shorter or why:
            found.append((pk, phone, text, why, night))
            continue
        *both, out = shorter[pk]
        before, after = (", ".join(filter(None, [names.get(one) for one in some])) for some in both)
        said = known[pk] if known[pk] != after and len(known[pk]) < NAME_LONGEST else ""  # or it may be cut short
        # As they are spelled now, or as the text had them: after an earlier try, or before a name was mended. Only
        # joined names, for a single one may also be a part of other words.
        was = next((one for one in map(normalise, (before, said)) if ", " in one and one in text), "")
        now = normalise(after)
        if now and was:
            text = text.replace(was, now)
            renamed.append(Message(pk=pk, text=text, name=after[:NAME_LONGEST]))
        elif not now or known[pk] != after[:NAME_LONGEST] or now not in text:  # else it was done by an earlier try
            why = out
        found.append((pk, phone, text, why, night))
    Message.objects.bulk_update(renamed, ["text", "name"])
    return found


def _why_not(batch: Any, member: Member) -> str:
    """What `_ITS_MESSAGES` asks, of one who took another's place."""
    if batch.is_ad and member.ad_consent_at is None:
        return "no_consent"
    return "paid" if batch.unpaid and not member.unpaid_won else ""


def _merged_since(tenant: Tenant, batch: Any, kept: Mapping[int, int]) -> dict[tuple[int, str], tuple[str, bool]]:
    """Of members who are part of another now (`kept`: of whom): that one gets the text instead, once.

    (member, phone) → (why not, agreed to nights). Only where the phone is still one for the other and this dispatch
    has no text to them (to guardians: one a phone); all others stay `gone`, and the list of the dispatch says so.
    """
    if not kept:
        return {}
    living = Member.objects.filter(tenant=tenant, pk__in=kept.values(), deleted_at=None).in_bulk()
    if batch.via:
        had, phones = set(), guardians.phones_of(tenant, batch.via, living.values())
    else:
        told = Message.objects.filter(tenant=tenant, dispatch_id=batch.dispatch_id, member_id__in=living)
        had = set(told.values_list("member_id", flat=True))
        phones = {pk: {other.phone} for pk, other in living.items()}
    return {
        (pk, phone): (_why_not(batch, other), other.night_consent_at is not None)
        for pk, goal in kept.items()
        if (other := living.get(goal)) and goal not in had
        for phone in phones[goal]
    }


def _drop(batch: Batch, gone: list[int], reason: str) -> None:
    Message.objects.filter(pk__in=gone).update(state=MessageState.CANCELLED, reason=reason, result_at=times.now())
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
