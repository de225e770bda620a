"""Texts to the numbers of mothers, fathers, guardians and payers: whom an audience means then, phone by phone.

Two ways lead to a phone: a contact of that role, or the member's own number where there is no such contact. Both are
walked in the order of the phones and merged, so that all children of a phone stand in one stretch; the last phone of a
stretch is the cursor. Among the children of a phone those listed come first, as in every audience. Members with
neither kind of number come after all others (`numberless`).
"""

import heapq
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Tenant
from members.enums import ContactRole
from members.models import Contact, Member
from members.selectors.merged import kept_of
from members.selectors.planning import wide
from messaging.drafting import Audience
from messaging.enums import Via
from messaging.merging import GONE, Row
from messaging.selectors.leaving import conditions, refused, texted_since
from messaging.selectors.roster_rows import folded, in_any, living, meant, of_roster, owing, rows_of
from messaging.text import Template

PORTION = 5_000  # listed members looked up at once
Step = tuple[str, int, int, int, bool]  # phone, 0 listed or 1 of the roster, place or id, member, is it the own number


def contacts_via(tenant: Tenant, via: str) -> QuerySet[Contact]:
    """The contacts that texts go to, mobiles only: a landline is as good as no contact."""
    rows = Contact.objects.filter(tenant=tenant, phone__gte="01", phone__lt="02")
    if via == Via.GUARDIANS:
        return rows.filter(gets_notices=True).exclude(role=ContactRole.SELF)
    if via == Via.BOTH:
        return rows.filter(role__in=[ContactRole.MOTHER, ContactRole.FATHER])
    if via == Via.PAYER:
        payers = rows.filter(role=ContactRole.PAYER, member=OuterRef("member"))
        others = Q(gets_dues=True) & ~Q(role=ContactRole.SELF) & ~Exists(payers)
        return rows.filter(Q(role=ContactRole.PAYER) | others)
    return rows.filter(role=via)


def stretches(
    tenant: Tenant, audience: Audience, template: Template, after: str, size: int, today: date | None = None
) -> Iterator[tuple[list[Row], str]]:
    """Rows of about `size` children, never cutting a phone in two, and the last phone; "" where it was the last.

    `today`: the day on which segments are asked."""
    held: list[Step] = []
    last = ""
    for phone, same in groupby(_steps(tenant, audience, after, size, today), key=lambda step: step[0]):
        if len(held) >= size:
            yield _rows(tenant, template, held), last
            held = []
        children = {step[3]: step for step in sorted(same, key=lambda step: step[:3], reverse=True)}
        held += sorted(children.values(), key=lambda step: step[:3])
        last = phone
    yield _rows(tenant, template, held), ""


def numberless(
    tenant: Tenant, audience: Audience, after: int, size: int, today: date | None = None
) -> tuple[list[Row], int]:
    """Members with no number at all, and those named who are in no roster any more; the last id, 0 at the end."""
    rows: list[Row] = []
    if not after and audience.members:
        rows = _listed_numberless(tenant, audience)
    if not audience.has_roster:
        return rows, 0
    found = _without_contact(tenant, audience, of_roster(tenant, audience, after, today)).filter(phone="", pk__gt=after)
    some = list(found.order_by("pk").values_list("pk", "name")[:size])
    listed = set(audience.members)
    rows += [(pk, name, "", *[None] * 4, True) for pk, name in some if pk not in listed]
    return rows, some[-1][0] if len(some) == size else 0


def reached(tenant: Tenant, audience: Audience, *, ad: bool) -> set[str]:
    """The phones that the roster of the audience reaches, those left out by number still among them."""
    left = audience.except_
    members = living(tenant).exclude(pk__in=left.members)
    if not audience.all:
        members = members.filter(meant(tenant, audience))
    if audience.unpaid:
        members = owing(members)
    if left.groups:
        members = members.exclude(in_any(tenant, left.groups))
    for _reason, which in conditions(tenant, left):
        members = members.exclude(which)
    if ad:
        members = members.exclude(ad_consent_at=None)
    ids = members.values("pk")
    theirs = contacts_via(tenant, audience.via).filter(member__in=ids).values_list("phone", flat=True)
    own = members.filter(phone__gte="01", phone__lt="02").filter(~Exists(_mine(tenant, audience)))
    phones = set(theirs) | set(own.values_list("phone", flat=True))
    if left.recent_days:
        phones -= texted_since(tenant, left.recent_days)
    return phones - refused(tenant, ad=ad, via=audience.via)


def phones_of(tenant: Tenant, via: str, members: Iterable[Member]) -> dict[int, set[str]]:
    """The numbers to which texts for these members go."""
    own = {member.pk: member.phone for member in members}
    found: dict[int, set[str]] = {}
    for pk, phone in contacts_via(tenant, via).filter(member__in=list(own)).values_list("member_id", "phone"):
        found.setdefault(pk, set()).add(phone)
    return {pk: found.get(pk) or {phone} for pk, phone in own.items()}


def as_merged(tenant: Tenant, audience: Audience) -> Audience:
    """Who is part of another member now is named as that one, once."""
    kept = kept_of(tenant, audience.members)
    if not kept:
        return audience
    return replace(audience, members=list(dict.fromkeys(kept.get(pk, pk) for pk in audience.members)))


# --- the ways to a phone --------------------------------------------------------------------------------------------


def _steps(tenant: Tenant, audience: Audience, after: str, size: int, today: date | None) -> Iterator[Step]:
    ways = [_listed(tenant, audience, after)] if audience.members else []
    if audience.has_roster:
        members = of_roster(tenant, audience, today=today)
        ways += [_by_contacts(tenant, audience, members, after, size), _by_own(tenant, audience, members, after, size)]
    return heapq.merge(*ways, key=lambda step: step[:3])


def _by_contacts(
    tenant: Tenant, audience: Audience, members: QuerySet[Member], after: str, size: int
) -> Iterator[Step]:
    rows = contacts_via(tenant, audience.via)
    if not _is_whole(audience):
        rows = rows.filter(member__in=members.values("pk"))
    return _found(rows, "member_id", audience, False, after, size)


def _by_own(tenant: Tenant, audience: Audience, members: QuerySet[Member], after: str, size: int) -> Iterator[Step]:
    """Members without such a contact, by their own numbers."""
    return _found(_without_contact(tenant, audience, members), "pk", audience, True, after, size)


def _is_whole(audience: Audience) -> bool:
    return audience.all and not audience.unpaid


def _found(rows: QuerySet[Any], member: str, audience: Audience, is_own: bool, after: str, size: int) -> Iterator[Step]:
    listed = set(audience.members)
    if _is_whole(audience):
        return _walk(rows, member, listed, is_own, after, size)
    return _gathered(rows, member, listed, is_own, after)


def _walk(rows: QuerySet[Any], member: str, listed: set[int], is_own: bool, after: str, size: int) -> Iterator[Step]:
    """Along the index of phones, a portion at a time: of a whole roster nearly every row that is met belongs to it."""
    place = (after, 2**62)
    while True:
        # The plain first condition is what the index is entered by.
        beyond = Q(phone__gt=place[0]) | Q(**{"phone": place[0], f"{member}__gt": place[1]})
        found = rows.filter(beyond, phone__gte=place[0]).order_by("phone", member)
        some = list(found.values_list("phone", member)[:size])
        yield from ((phone, 1, pk, pk, is_own) for phone, pk in some if pk not in listed)
        if len(some) < size:
            return
        place = some[-1]


def _gathered(rows: QuerySet[Any], member: str, listed: set[int], is_own: bool, after: str) -> Iterator[Step]:
    """At once, and kept in sixteen bytes a step: a portion of a group's would be looked for among all of the roster."""
    phones, ids = array("q"), array("q")
    with wide():
        found = rows.filter(phone__gt=after).order_by("phone", member).values_list("phone", member)
        for phone, pk in found.iterator(chunk_size=PORTION):
            phones.append(int(f"1{phone}"))  # the 1 keeps the 0 in front
            ids.append(pk)
    for number, pk in zip(phones, ids, strict=True):
        if pk not in listed:
            yield str(number)[1:], 1, pk, pk, is_own


def _listed(tenant: Tenant, audience: Audience, after: str) -> Iterator[Step]:
    """Members named one by one: there are at most 100,000 of them, so their numbers are sorted here."""
    steps: list[Step] = []
    for at in range(0, len(audience.members), PORTION):
        ids = audience.members[at : at + PORTION]
        own = dict(living(tenant).filter(pk__in=ids).values_list("pk", "phone"))
        numbers: dict[int, list[str]] = {}
        rows = contacts_via(tenant, audience.via).filter(member_id__in=ids)
        for member, phone in rows.values_list("member_id", "phone"):
            numbers.setdefault(member, []).append(phone)
        for place, pk in enumerate(ids, at):
            if pk in own:
                phones = numbers.get(pk) or [own[pk]]
                steps += [(phone, 0, place, pk, pk not in numbers) for phone in phones if phone > after]
    return iter(sorted(steps, key=lambda step: step[:3]))


def _rows(tenant: Tenant, template: Template, steps: list[Step]) -> list[Row]:
    """The steps as rows of the sieve; who is in the trash is in none."""
    ids = list(dict.fromkeys(step[3] for step in steps))
    known: dict[int, Row] = {}
    for at in range(0, len(ids), PORTION):
        found = rows_of(living(tenant).filter(pk__any_of=ids[at : at + PORTION]), template)
        known |= {row[0]: row for row in folded(found, template)}
    nothing = () if template.ad else (None, None)
    return [
        (member, known[member][1], phone, *known[member][3:], *nothing, is_own)
        for phone, _listed, _place, member, is_own in steps
        if member in known
    ]


def _listed_numberless(tenant: Tenant, audience: Audience) -> list[Row]:
    rows: list[Row] = []
    for at in range(0, len(audience.members), PORTION):
        ids = audience.members[at : at + PORTION]
        there = dict(living(tenant).filter(pk__in=ids).values_list("pk", "phone"))
        found = _without_contact(tenant, audience, living(tenant).filter(pk__in=ids, phone=""))
        none = dict(found.values_list("pk", "name"))
        missing = [pk for pk in ids if pk not in there]
        gone = dict(Member.objects.filter(tenant=tenant, pk__in=missing).values_list("pk", "name"))
        for pk in ids:
            if pk in none:
                rows.append((pk, none[pk], "", *[None] * 4, True))
            elif pk in gone:
                rows.append((pk, gone[pk], GONE, *[None] * 4, True))
    return rows


def _without_contact(tenant: Tenant, audience: Audience, rows: QuerySet[Member]) -> QuerySet[Member]:
    return rows.filter(~Exists(_mine(tenant, audience)))


def _mine(tenant: Tenant, audience: Audience) -> QuerySet[Contact]:
    return contacts_via(tenant, audience.via).filter(member=OuterRef("pk"))
