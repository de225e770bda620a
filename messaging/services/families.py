"""People who share a phone: the first gets the text; here the others get theirs, where somebody asked for it.

A dispatch has one message a phone. Where its `each_reason` says why they should, those it left out as duplicates get a
dispatch of their own, those whom that one leaves out another, until nobody is left. Never the same words twice to a
phone, never two texts to a member.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from django.db.models import F, Q

from accounts import audit
from accounts.ringing import ring
from config.queues import BULK, NOW
from messaging import ads
from messaging.drafting import Audience, Except
from messaging.enums import ENDED, OF_PHONES, DispatchState, ExcludedReason
from messaging.merging import OWN_NUMBER, Kept, Row, Sieve
from messaging.models import Dispatch, Excluded, Message
from messaging.selectors import audience as people
from messaging.services import optouts, turns
from messaging.text import Template
from ui import times

Whom = tuple[int, str]


def follow(dispatch: Dispatch, template: Template) -> Dispatch | None:
    """The dispatch to those whom this one left out for their phone; None if nobody asked or nobody is left.

    Called in the transaction that ends preparing, so that it is there exactly if this one is prepared.
    """
    if not dispatch.each_reason:
        return None
    audience = _left_out(dispatch, template)
    members = audience.members
    if not members:
        return None
    small = len(members) <= turns.SMALL
    other = Dispatch.objects.create(
        tenant_id=dispatch.tenant_id,
        key=f"each:{dispatch.pk}",
        first_id=dispatch.first_id or dispatch.pk,
        audience=audience.to_json(),
        state=DispatchState.PREPARING,
        is_small=small,
        rung_at=times.now(),
        **{name: getattr(dispatch, name) for name in _SAME},
    )
    _no_longer_left_out(dispatch, members)
    audit.record(tenant=dispatch.tenant, by=dispatch.by, kind="dispatch.shared", subject=other, people=len(members))
    ring("messaging.prepare", dispatch.tenant_id, other.pk, queue=NOW if small else BULK)
    return other


_SAME = (
    "mode", "name", "text", "title", "sender", "ad", "source", "due_at", "expires_at", "each_reason", "via", "unpaid",
    "by", "by_label",
)  # fmt: skip


def open_others(dispatch: Dispatch) -> list[Dispatch]:
    """Those of its followers that may still send something."""
    others = Dispatch.objects.filter(tenant=dispatch.tenant_id, first=dispatch.pk)
    return list(others.exclude(state__in=ENDED))


def further(sieve: Sieve, rows: list[Row], had: dict[str, set[str]], members: set[Whom]) -> Iterator[Kept]:
    """Of rows whose phone has a text already, those members that get another: other words, and not to the same person.

    `had`, the texts of each phone, and `members`, who has one, grow with what is given out. Pure.
    """
    for row in rows:
        if row[0] is None or (one := whom(row[0], row[2], guardians=len(row) > OWN_NUMBER)) in members:
            continue
        for kept in sieve.sort([row], set(), render=True)[0]:
            if kept.text not in had[kept.phone]:
                had[kept.phone].add(kept.text)
                members.add(one)
                yield kept


def whom(member: int, phone: str, *, guardians: bool) -> Whom:
    """Who has had a text: the member, or of a child's two guardians the one whose phone it is."""
    return member, phone if guardians else ""


def _left_out(dispatch: Dispatch, template: Template) -> Audience:
    """Members left out as duplicates whose text says something else than their phone was told, in their order."""
    asked = _duplicates(dispatch)
    if not asked.members:
        return asked
    root = dispatch.first_id or dispatch.pk
    chain = list(Dispatch.objects.filter(Q(pk=root) | Q(first=root)).values_list("pk", flat=True))
    sieve = people.sieve(dispatch.tenant, asked, template, titled=bool(dispatch.title))
    found: list[int] = []
    for rows, _after in people.chunks(dispatch.tenant, asked, template):
        people.bar(dispatch.tenant, asked, sieve, rows)
        had, members = _told(chain, rows, guardians=bool(dispatch.via))
        if ads.CODE in template.fields:  # compared with what was sent, so with the addresses that were sent
            sieve.codes.update(optouts.codes_for(tenant=dispatch.tenant, phones=[row[2] for row in rows]))
        found += [kept.member for kept in further(sieve, rows, had, members) if kept.member]
    return replace(asked, members=found)


def _duplicates(dispatch: Dispatch) -> Audience:
    """Members left out for a phone that had a text; a further number of theirs that was left out stays so."""
    left = Excluded.objects.filter(dispatch=dispatch.pk, member_id__isnull=False)
    doubles = left.filter(reason=ExcludedReason.DUPLICATE)
    ids: list[int] = list(dict.fromkeys(doubles.order_by("pk").values_list("member_id", flat=True)))  # type: ignore[arg-type]
    barred = left.filter(reason__in=OF_PHONES, member_id__in=doubles.values("member_id")).exclude(phone="")
    phones = sorted(set(barred.values_list("phone", flat=True)))
    return Audience(
        members=ids,
        via=dispatch.via,
        apart=bool(dispatch.via),
        unpaid=dispatch.unpaid,
        except_=Except(phones=[(phone, "") for phone in phones]),
    )


def _no_longer_left_out(dispatch: Dispatch, members: list[int]) -> None:
    """They are the other dispatch's now; what it leaves out stands there."""
    moved = 0
    for at in range(0, len(members), people.CHUNK):
        rows = Excluded.objects.filter(dispatch=dispatch.pk, reason=ExcludedReason.DUPLICATE)
        moved += rows.filter(member_id__in=members[at : at + people.CHUNK]).delete()[0]
    Dispatch.objects.filter(pk=dispatch.pk).update(excluded_count=F("excluded_count") - moved)


def _told(chain: list[int], rows: list[Row], *, guardians: bool) -> tuple[dict[str, set[str]], set[Whom]]:
    """What the phones of the rows were told by these dispatches, and which of the members."""
    had: dict[str, set[str]] = defaultdict(set)
    sent = Message.objects.filter(dispatch__in=chain)
    for phone, text in sent.filter(phone__in=[row[2] for row in rows]).values_list("phone", "text"):
        had[phone].add(text)
    found = sent.filter(member_id__in=[row[0] for row in rows if row[0]]).values_list("member_id", "phone")
    return had, {whom(member, phone, guardians=guardians) for member, phone in found if member}
