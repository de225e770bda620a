"""From an audience to frozen Messages in Batches: chunk by chunk, each one transaction that also moves the cursor.

Killed anywhere, it goes on from the last committed chunk; run twice, it adds nothing. Batches of a committed chunk
may leave while the next one is being prepared.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q

from accounts.models import Tenant
from members.phone import is_mobile
from messaging import ads
from messaging import exceptions as no
from messaging.drafting import Audience
from messaging.enums import DispatchState, HoldReason
from messaging.merging import Kept, Left, Row, Sieve
from messaging.models import Batch, Dispatch, Excluded, Joined
from messaging.points import reached
from messaging.rules import MASS_MAX, SAME_MAX, ad_title
from messaging.selectors import audience as people
from messaging.services import families, optouts, policies, snapshots, turns
from messaging.text import Template, parse
from ui import times

REMEMBERED = 700_000  # phones: about 75 MiB
LEASE = timedelta(seconds=15)  # a chunk takes well under a second
NAME_LONGEST = 40  # joined names may be longer
COLUMNS = (
    "tenant_id",
    "dispatch_id",
    "batch_id",
    "member_id",
    "name",
    "phone",
    "text",
    "state",
    "reason",
    "provider_state",
)

NULL = "\\N"  # as COPY writes it


def prepare(*, tenant: Tenant, dispatch_id: int) -> bool:
    """Prepare all that is left of a dispatch; False if another worker has it or nothing is to be done."""
    held = _take(tenant, dispatch_id)
    if held is None:
        return False
    try:
        return _prepare(tenant, dispatch_id, held)
    except no.SegmentGone:
        _hold_for(dispatch_id, HoldReason.SEGMENT_GONE)
        return False


def _prepare(tenant: Tenant, dispatch_id: int, held: datetime) -> bool:
    dispatch = Dispatch.objects.get(tenant=tenant, pk=dispatch_id)
    audience, template = snapshots.thawed(dispatch, Audience.from_json(dispatch.audience)), template_of(dispatch)
    if reason := _gone(tenant, audience):
        _hold_for(dispatch.pk, reason)
        return False
    sieve = people.sieve(tenant, audience, template, titled=bool(dispatch.title), own=dispatch.is_test)
    done = dispatch.cursor or {"next": people.start(audience), "batches": 0, "messages": 0, "excluded": 0}
    # Phones that have the text: remembered by who began, asked for by who goes on after somebody else, and where they
    # would be more than a worker should hold.
    taken: set[str] = set()
    remembers = not done["messages"]
    asked = replace(audience, segments=[])  # whom those mean is gathered; the rest is asked of each chunk
    asks = audience.groups or audience.except_.groups or audience.except_.segments or audience.except_.tags
    for rows, after in people.chunks(tenant, audience, template, done["next"], whole=True):
        people.bar(tenant, audience, sieve, rows, own=dispatch.pk)
        # After they were asked: what is deleted while it is prepared must not let the rest through.
        if asks and (reason := _gone(tenant, asked)):
            if Dispatch.objects.get(pk=dispatch_id).audience != dispatch.audience:  # a merged tag is another's by now
                Dispatch.objects.filter(pk=dispatch_id, lease_until=held).update(lease_until=None)
            else:
                _hold_for(dispatch.pk, reason)
            return False
        if not remembers or len(taken) > REMEMBERED:
            remembers = False
            taken = people.already_has(tenant, dispatch_id, [row[2] for row in rows])
        _give_codes(tenant, sieve, rows)
        kept, left = sieve.sort(rows, taken, render=True)
        packs = list(_packs(kept, SAME_MAX if not template.fields else MASS_MAX))
        done = {
            "next": after,
            "batches": done["batches"] + len(packs),
            "messages": done["messages"] + len(kept),
            "excluded": done["excluded"] + len(left),
        }
        stored = _store(dispatch, template, held, done, packs, left)
        if stored is None:
            return False
        held = stored
        reached("prepare.chunk_stored")
        if packs:
            turns.start(tenant, turns.NOW if dispatch.is_small else turns.SEND, len(packs))
    return True


def template_of(dispatch: Dispatch) -> Template:
    """The text of a dispatch as it leaves: an ad's stands between the blocks of the day it is prepared."""
    template = parse(dispatch.text)
    if not dispatch.ad:
        return template
    return ads.wrapped(template, ads.blocks(policies.of(dispatch.tenant), dispatch.tenant.name))


def _give_codes(tenant: Tenant, sieve: Sieve, rows: list[Row]) -> None:
    """Each phone its own address of the one-tap page, where the text ends in one."""
    if ads.CODE in sieve.template.fields:
        phones = [row[2] for row in rows if is_mobile(row[2]) and (row[5] or not sieve.ad)]
        sieve.codes.clear()
        sieve.codes.update(optouts.codes_for(tenant=tenant, phones=phones))


def _gone(tenant: Tenant, audience: Audience) -> str:
    """Why a person must say what is meant: a part of the audience, or what was to be left out, is gone, and with it who
    was in it; or a segment can't be asked, which must not mean nobody."""
    left = audience.except_
    if people.gone_groups(tenant, [*audience.groups, *left.groups]):
        return HoldReason.GROUP_GONE
    gone = people.gone_segments(tenant, [*audience.segments, *left.segments]) or people.gone_tags(tenant, left.tags)
    return HoldReason.SEGMENT_GONE if gone else ""


def _hold_for(dispatch_id: int, reason: str) -> None:
    waiting = Dispatch.objects.filter(pk=dispatch_id, state=DispatchState.PREPARING)
    waiting.update(state=DispatchState.HELD, held_reason=reason, lease_until=None)


def receivers_hash(phones: Iterable[str]) -> str:
    """What a set of receivers is known by, whatever their order."""
    return hashlib.sha256("\n".join(sorted(phones)).encode()).hexdigest()


def _take(tenant: Tenant, dispatch_id: int) -> datetime | None:
    """Lease the dispatch; None if it isn't to be prepared or somebody else is at it."""
    now = times.now()
    free = Dispatch.objects.filter(Q(lease_until=None) | Q(lease_until__lte=now), tenant=tenant, pk=dispatch_id)
    taken = free.filter(state=DispatchState.PREPARING).update(lease_until=now + LEASE)
    return now + LEASE if taken == 1 else None


def _packs(kept: list[Kept], size: int) -> Iterator[list[Kept]]:
    """Batches of one type, in the order of the audience; ads for those who agreed to them at night go apart."""
    for kind, night in dict.fromkeys((one.type, one.night) for one in kept):
        same = [one for one in kept if one.type == kind and one.night == night]
        for at in range(0, len(same), size):
            yield same[at : at + size]


def _store(
    dispatch: Dispatch,
    template: Template,
    held: datetime,
    done: dict[str, Any],
    packs: list[list[Kept]],
    left: list[Left],
) -> datetime | None:
    """One chunk with the cursor after it; the new lease, or None if the lease is lost or a person stopped it."""
    lease = times.now() + LEASE
    changes: dict[str, Any] = {"lease_until": lease, "cursor": done}
    with transaction.atomic(durable=True):
        mine = Dispatch.objects.filter(pk=dispatch.pk, state=DispatchState.PREPARING, lease_until=held)
        if mine.update(**changes) != 1:
            return None
        reached("prepare.cursor_moved")
        batches = _batches(dispatch, template, packs, done["batches"] - len(packs))
        _write(dispatch, template, batches, packs)
        Joined.objects.bulk_create(_joined(dispatch, packs), batch_size=people.CHUNK)
        reached("prepare.messages_written")
        Excluded.objects.bulk_create(
            [
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
        )
        if done["next"] is None:
            _finish(dispatch.pk, done)
            families.follow(dispatch, template)
    return lease


def _joined(dispatch: Dispatch, packs: list[list[Kept]]) -> list[Joined]:
    """The further children of each text to a guardian of several."""
    return [
        Joined(tenant_id=dispatch.tenant_id, dispatch_id=dispatch.pk, phone=one.phone, member_id=member)
        for pack in packs
        for one in pack
        for member in one.others
    ]


def _finish(dispatch_id: int, done: dict[str, Any]) -> None:
    now = times.now()
    rows = Dispatch.objects.filter(pk=dispatch_id)
    # Added to those who were left out when it was written: a resend knows them beforehand.
    left = F("excluded_count") + done["excluded"]
    rows.update(total=done["messages"], excluded_count=left, prepared_at=now, lease_until=None)
    if not done["messages"]:
        rows.update(state=DispatchState.FINISHED, held_reason="", finished_at=now)
    elif not rows.exclude(held_reason="").update(state=DispatchState.HELD):  # Aligo refused while we prepared
        rows.update(state=DispatchState.SENDING)


def _batches(dispatch: Dispatch, template: Template, packs: list[list[Kept]], number: int) -> list[Batch]:
    return Batch.objects.bulk_create(
        [
            Batch(
                tenant_id=dispatch.tenant_id,
                dispatch_id=dispatch.pk,
                number=number + n,
                type=pack[0].type,
                title=ad_title(dispatch.title) if dispatch.ad else dispatch.title,
                text="" if template.fields else pack[0].text,
                night_ok=pack[0].night,
                sender=dispatch.sender,
                size=len(pack),
                is_small=dispatch.is_small,
                receivers_hash=receivers_hash(one.phone for one in pack),
            )
            for n, pack in enumerate(packs, 1)
        ]
    )


def _write(dispatch: Dispatch, template: Template, batches: list[Batch], packs: list[list[Kept]]) -> None:
    """The one writer of messages: COPY on PostgreSQL, one statement elsewhere; all of the dispatch's tenant."""
    own, filled = bool(template.fields), list(zip(batches, packs, strict=True))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            text = "".join([line for batch, pack in filled for line in _copy_lines(batch, pack, own)])
            cursor.copy_expert(f"COPY messaging_message ({', '.join(COLUMNS)}) FROM STDIN", StringIO(text))
        else:
            marks = ", ".join(["%s"] * len(COLUMNS))
            sql = f"INSERT INTO messaging_message ({', '.join(COLUMNS)}) VALUES ({marks})"
            cursor.executemany(sql, [row for batch, pack in filled for row in _rows(batch, pack, own)])


def _rows(batch: Batch, pack: list[Kept], own: bool) -> list[tuple[Any, ...]]:
    head = (batch.tenant_id, batch.dispatch_id, batch.pk)
    return [
        (*head, one.member, one.name[:NAME_LONGEST], one.phone, one.text if own else "", "", "", "") for one in pack
    ]


def _name(one: Kept) -> str:
    return one.name[:NAME_LONGEST] if one.others else one.name


def _copy_lines(batch: Batch, pack: list[Kept], own: bool) -> list[str]:
    head = f"{batch.tenant_id}\t{batch.dispatch_id}\t{batch.pk}"
    return [
        f"{head}\t{one.member or NULL}\t{_escaped(_name(one))}\t{one.phone}\t"
        f"{_escaped(one.text) if own else ''}\t\t\t\n"
        for one in pack
    ]


def _escaped(value: str) -> str:
    """As COPY reads it; nearly every name and most short texts need nothing."""
    if value.isprintable() and "\\" not in value:
        return value
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
