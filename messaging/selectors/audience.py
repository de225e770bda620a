"""Whom an audience means, chunk by chunk, in its own order: members as listed, the roster by id, pasted numbers."""

from array import array
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Tenant
from accounts.selectors import staff_phones
from members import fields
from members.enums import FieldKind
from members.models import DeadPhone, Field, Member, Membership
from members.phone import BadPhone, parse
from members.selectors.merged import kept_of
from members.selectors.planning import wide
from messaging import exceptions as no
from messaging.ads import CODE
from messaging.drafting import Audience, Except
from messaging.enums import OptOutScope
from messaging.merging import BUILT_IN, GONE, PLAIN, Own, Row, Sieve
from messaging.models import Message, OptOut
from messaging.selectors import guardians
from messaging.selectors.leaving import (
    bar,
    conditions,
    gone_groups,
    gone_segments,
    gone_tags,
    in_segments,
    refused,
    refusing,
    texted_lately,
)
from messaging.selectors.roster_rows import folded, in_any, living, meant, of_roster, owing, rows_of
from messaging.text import Template
from ui import times

__all__ = [
    "CHUNK",
    "Cursor",
    "already_has",
    "bar",
    "chunks",
    "gone_groups",
    "gone_segments",
    "gone_tags",
    "in_segments",
    "known_fields",
    "merge_fields",
    "own_fields",
    "reach",
    "roster_ids",
    "roster_size",
    "sieve",
    "start",
]

CHUNK = 5_000
GUARDIANS, NUMBERLESS = "guardians", "numberless"
Cursor = dict[str, Any]


def merge_fields(tenant: Tenant) -> list[str]:
    """Names that may stand in `#{…}`: the built-in ones, then the tenant's own columns, as they are called today."""
    own = Field.objects.filter(tenant=tenant).exclude(kind=FieldKind.FILE).values_list("name", flat=True)
    return [*BUILT_IN, *(name for name in own if name not in BUILT_IN)]


def own_fields(tenant: Tenant) -> dict[str, Own]:
    """Each name of a custom field, former ones too, so that a text written before a field was renamed stays right."""
    rows = Field.objects.filter(tenant=tenant).exclude(kind=FieldKind.FILE)
    return {word: _own_field(row) for word, row in fields.known_names(rows).items()}


def known_fields(tenant: Tenant) -> list[str]:
    """All that a text may say in `#{…}`: what is offered, and former names that older texts still say."""
    return list(dict.fromkeys([*merge_fields(tenant), *own_fields(tenant)]))


def _own_field(row: Field) -> Own:
    if row.kind not in (FieldKind.NUMBER, FieldKind.DATE):
        return row.key, None
    return row.key, partial(fields.merged, fields.spec(row))


def sieve(
    tenant: Tenant,
    audience: Audience,
    template: Template,
    *,
    titled: bool,
    own: bool = False,
    telling: frozenset[str] | None = None,
) -> Sieve:
    """What sorts the audience's rows: exceptions and opt-outs are read once, not for each chunk.

    `own`: a test to the writer's own phones, which needs no consent to an ad. `telling` as in Sieve.
    """
    left = audience.except_
    excepted = set(left.members)
    if excepted:  # whoever became part of another is left out as that one
        excepted |= set(kept_of(tenant, excepted).values())
    if left.groups:
        in_groups = Membership.objects.filter(tenant=tenant, group_id__in=left.groups)
        excepted |= set(in_groups.values_list("member_id", flat=True))
    return Sieve(
        template,
        titled=titled,
        shop=tenant.name,
        excepted=excepted,
        excepted_phones=excepted_phones(tenant, left),
        opted_out=refused(tenant, ad=template.ad, via=audience.via),
        ad=template.ad and not own,
        own=own_fields(tenant) if template.fields - set(PLAIN) - {CODE} else {},
        joins=bool(audience.via) and not audience.apart,
        telling=telling,
    )


def excepted_phones(tenant: Tenant, left: Except) -> set[str]:
    """The numbers that are left out: those pasted, and on demand those that nobody has and those of staff."""
    phones = {plain_number(phone) for phone, _name in left.phones}
    phones |= dead_phones(tenant) if left.dead else set()
    return phones | (staff_phones(tenant) if left.staff else set())


def dead_phones(tenant: Tenant) -> set[str]:
    """Numbers that came back three times as nobody's."""
    rows = DeadPhone.objects.filter(tenant=tenant, flagged_at__isnull=False)
    return set(rows.values_list("phone", flat=True))


def chunks(
    tenant: Tenant,
    audience: Audience,
    template: Template,
    after: Cursor | None = None,
    size: int = CHUNK,
    *,
    whole: bool = False,
) -> Iterator[tuple[list[Row], Cursor | None]]:
    """Rows, and the cursor to go on after them; the last cursor is None. The same cursor gives the same rows again.

    `whole`: SegmentGone where a segment was deleted, or can't be asked any more, before all it means were found. Who
    only looks is shown who is left.
    """
    cursor: Cursor | None = after or start(audience)
    if audience.via:
        audience = guardians.as_merged(tenant, audience)
    asked = audience.segments if whole else []
    walked, gathered, at = False, None, 0
    while cursor is not None:
        place, day = cursor, _day_of(cursor)
        if place["stage"] == GUARDIANS:
            for rows, last in guardians.stretches(tenant, audience, template, place["after"], size, day):
                if cursor is place:
                    _must_be_there(tenant, asked)  # they are all gathered by now
                cursor = place | ({"after": last} if last else {"stage": NUMBERLESS, "after": 0})
                yield rows, cursor
            continue
        if place["stage"] == "roster" and audience.segments and walked:
            if gathered is None:
                gathered = _beyond(tenant, audience, place)
                _must_be_there(tenant, asked)
            rows, cursor = _of_gathered(tenant, audience, template, place, gathered, at, size)
            at += size
        else:
            rows, cursor = _chunk(tenant, audience, template, place, size)
            walked = place["stage"] == "roster"
            if walked:
                _must_be_there(tenant, asked)
        yield rows, cursor


def start(audience: Audience) -> Cursor:
    """Where the audience begins."""
    if audience.via and (audience.members or audience.has_roster):
        return {"stage": GUARDIANS, "after": ""} | _asked_on(audience)
    if audience.members:
        return {"stage": "members", "after": 0}
    return _next("roster", audience) or {"stage": "phones", "after": 0}


def already_has(tenant: Tenant, dispatch_id: int, phones: list[str]) -> set[str]:
    """Those of the phones that have a message of this dispatch."""
    if connection.vendor != "postgresql":
        rows = Message.objects.filter(tenant=tenant, dispatch_id=dispatch_id, phone__in=phones)
        return set(rows.values_list("phone", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_HAS, [phones, dispatch_id])
        return {row[0] for row in cursor.fetchall()}


# A scalar question, one look at the unique index for each phone: as an IN of 5,000 it became a walk over all that the
# dispatch has, which grew with every chunk.
_HAS = """
    SELECT p FROM unnest(%s::varchar[]) p
    WHERE (SELECT m.id FROM messaging_message m WHERE m.dispatch_id = %s AND m.phone = p LIMIT 1) IS NOT NULL
"""


def roster_size(tenant: Tenant, audience: Audience, limit: int) -> int:
    """How many rows the audience has before sorting, counted no further than `limit`."""
    count = len(audience.members) + len(audience.phones)
    if count < limit and audience.has_roster:
        count += len(of_roster(tenant, audience).values_list("pk", flat=True)[: limit - count])
    return min(count, limit)


def roster_ids(tenant: Tenant, audience: Audience) -> list[int]:
    """Ids of the members whom its groups and segments mean now, in order."""
    if not audience.has_roster:
        return []
    return list(of_roster(tenant, audience).order_by("pk").values_list("pk", flat=True))


def reach(tenant: Tenant, audience: Audience, *, ad: bool) -> int:
    """How many phones it reaches, within a tenth of a second for 100,000: shown while people are picked.

    The sieve's rules said in SQL for the roster, which may be long; who is listed goes through the sieve itself. What
    the text decides (too long, blank for somebody) is the quote's to say.
    """
    listed = replace(audience, all=False, groups=[], segments=[])
    reached: set[str] = set()
    if not listed.is_empty:
        anything = Template(("-",), ad=ad)
        sorter = sieve(tenant, listed, anything, titled=False)
        for rows, _after in chunks(tenant, listed, anything):
            bar(tenant, listed, sorter, rows)
            sorter.sort(rows, reached, render=False)
    if not audience.has_roster:
        return len(reached)
    left = audience.except_
    phones = excepted_phones(tenant, left)
    if audience.via:
        return len(reached | (guardians.reached(tenant, audience, ad=ad) - phones))
    found = _reachable(tenant, audience, ad)
    if not (reached or left.members or phones):
        return found.values("phone").distinct().count()
    members = set(left.members)
    pairs = found.values_list("pk", "phone")
    return len(reached.union(phone for pk, phone in pairs if pk not in members and phone not in phones))


def _reachable(tenant: Tenant, audience: Audience, ad: bool) -> QuerySet[Member]:
    """Members by groups, or all, with a mobile that refused nothing; those left out by name are still among them."""
    refusals = OptOut.objects.filter(tenant=tenant, phone=OuterRef("phone"))
    # Kept phones are numbers that `parse` has read or nothing, and of these only mobiles begin so.
    found = living(tenant).filter(phone__gte="01", phone__lt="02")
    if not audience.all:
        found = found.filter(meant(tenant, audience))
    if audience.unpaid:
        found = owing(found)
    if ad:
        found = found.exclude(ad_consent_at=None).exclude(phone__in=refusing(tenant).values("phone"))
    # Beside the OR as in `_in_any`: where it guesses few to be left, PostgreSQL asked the index for each of 100,000.
    found = found.exclude(Exists(refusals if ad else refusals.filter(scope=OptOutScope.ALL)) | Q(pk__lt=0))
    if groups := audience.except_.groups:
        found = found.exclude(in_any(tenant, groups))
    for _reason, which in conditions(tenant, audience.except_):
        found = found.exclude(which | Q(pk__lt=0))
    if days := audience.except_.recent_days:
        found = found.exclude(texted_lately(tenant, days) | Q(pk__lt=0))
    return found


def _chunk(
    tenant: Tenant, audience: Audience, template: Template, cursor: Cursor, size: int
) -> tuple[list[Row], Cursor | None]:
    stage, after = cursor["stage"], cursor["after"]
    if stage == NUMBERLESS:
        rows, last = guardians.numberless(tenant, audience, after, size, _day_of(cursor))
        return rows, cursor | {"after": last} if last else _pasted_next(audience)
    if stage == "members":
        ids = audience.members[after : after + size]
        rows = _in_order(tenant, template, ids)
        more = after + size < len(audience.members)
        return rows, {"stage": "members", "after": after + size} if more else _next("roster", audience)
    if stage == "roster":
        found = of_roster(tenant, audience, after, _day_of(cursor)).filter(pk__gt=after).order_by("pk")
        rows = folded(rows_of(found, template)[:size], template)
        then = cursor | {"after": rows[-1][0]} if len(rows) == size else _next("phones", audience)
        listed = set(audience.members)  # they came before
        return [row for row in rows if row[0] not in listed] if listed else rows, then
    rows = _pasted(tenant, template, audience.phones[after : after + size])
    more = after + size < len(audience.phones)
    return rows, {"stage": "phones", "after": after + size} if more else None


def _beyond(tenant: Tenant, audience: Audience, cursor: Cursor) -> "array[int]":
    """Ids of who fits beyond the cursor, in order. A rule may look at a million rows: after the first chunk, beyond
    which many do not ask, it is asked once."""
    found = of_roster(tenant, audience, cursor["after"], _day_of(cursor)).filter(pk__gt=cursor["after"])
    with wide(many=True):
        return array("q", found.order_by("pk").values_list("pk", flat=True))


def _of_gathered(
    tenant: Tenant, audience: Audience, template: Template, cursor: Cursor, ids: "array[int]", at: int, size: int
) -> tuple[list[Row], Cursor | None]:
    """The next of the gathered, as they are now: who is in the trash meanwhile is in none."""
    some = ids[at : at + size].tolist()
    then = cursor | {"after": some[-1]} if len(some) == size else _next("phones", audience)
    listed = set(audience.members)  # they came before
    wanted = [pk for pk in some if pk not in listed]
    rows = rows_of(living(tenant).filter(pk__any_of=wanted).order_by("pk"), template)
    return folded(rows, template), then


def _next(stage: str, audience: Audience) -> Cursor | None:
    """The next stage that has somebody in it."""
    if stage == "roster" and audience.has_roster:
        return {"stage": "roster", "after": 0} | _asked_on(audience)
    return _pasted_next(audience)


def _asked_on(audience: Audience) -> Cursor:
    """The day goes with the cursor: "in seven days" means the same to whoever goes on after it, past midnight too."""
    return {"on": times.today().isoformat()} if audience.segments else {}


def _must_be_there(tenant: Tenant, segments: list[int]) -> None:
    """Asked after the rows: a segment that is gone means nobody, and its people would be lost without a word."""
    if gone_segments(tenant, segments):
        raise no.SegmentGone(fields={"to": [no.SegmentGone.message]})


def _pasted_next(audience: Audience) -> Cursor | None:
    return {"stage": "phones", "after": 0} if audience.phones else None


def _day_of(cursor: Cursor) -> date | None:
    """The day on which the segments of this walk are asked."""
    return date.fromisoformat(cursor["on"]) if cursor.get("on") else None


def _in_order(tenant: Tenant, template: Template, ids: list[int]) -> list[Row]:
    if not ids:
        return []
    found = {row[0]: row for row in folded(rows_of(living(tenant).filter(pk__any_of=ids), template), template)}
    if len(found) < len(ids):
        # Named, and left the roster since: the list of the excluded says so by name, as long as there is one.
        missing = [n for n in ids if n not in found]
        ids = _with_merged(tenant, template, ids, missing, found)
        gone = Member.objects.filter(tenant=tenant, pk__in=[n for n in missing if n in ids])
        found |= {pk: (pk, name, GONE, None, None, None, None) for pk, name in gone.values_list("pk", "name")}
    return [found[n] for n in ids if n in found]


def _with_merged(
    tenant: Tenant, template: Template, ids: list[int], missing: list[int], found: dict[int, Row]
) -> list[int]:
    """The ids with those who are part of another member now put in their place, once; their rows join `found`."""
    kept = kept_of(tenant, missing)
    if not kept:
        return ids
    theirs = living(tenant).filter(pk__any_of=list(set(kept.values()) - set(found)))
    found |= {row[0]: row for row in folded(rows_of(theirs, template), template)}
    return list(dict.fromkeys(kept[n] if kept.get(n) in found else n for n in ids))


def _pasted(tenant: Tenant, template: Template, phones: list[tuple[str, str]]) -> list[Row]:
    """Pasted numbers; one that belongs to a member gets that member's fields."""
    digits = [plain_number(phone) for phone, _name in phones]
    known: dict[str, Row] = {}
    theirs = living(tenant).filter(Q(phone__in=set(digits)) & ~Q(phone="")).order_by("-pk")
    for row in folded(rows_of(theirs, template), template):
        known[row[2]] = row
    rows = []
    for phone, (_raw, name) in zip(digits, phones, strict=True):
        member = known.get(phone)
        rows.append((member[0], name or member[1], *member[2:]) if member else (None, name, phone, *[None] * 4))
    return rows


def plain_number(raw: str) -> str:
    """The number, or what was pasted where it is none: the list of the excluded shows it as it was."""
    try:
        return parse(raw)
    except BadPhone:
        return raw
