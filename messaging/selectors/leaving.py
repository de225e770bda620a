"""Who is left out of an audience: phones that refused, and by what is true of people, asked of each chunk as it comes;
and what an audience names that is no more there."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Tag, Tenant
from members import segments
from members.enums import ConsentKind
from members.models import Consent, Contact, Group, Member, MemberTag
from messaging.drafting import Audience, Except
from messaging.enums import AccountMode, BatchState, DispatchState, ExcludedReason, MessageState, OptOutScope
from messaging.merging import Row, Sieve
from messaging.models import Dispatch, Joined, Message, OptOut
from ui import times

# What surely did not arrive, and what never left.
LOST = Q(state__in=[MessageState.FAILED, MessageState.REJECTED, MessageState.EXPIRED]) | Q(
    state="", batch__state__in=[BatchState.REJECTED, BatchState.EXPIRED]
)
STOPPED = Q(state=MessageState.CANCELLED) | Q(state="", batch__state=BatchState.CANCELLED)


def living(tenant: Tenant) -> QuerySet[Member]:
    return Member.objects.filter(tenant=tenant, deleted_at=None)


def owing(rows: QuerySet[Member]) -> QuerySet[Member]:
    """Those who are behind with dues; the second condition is what the index of `unpaid_since` is entered by."""
    return rows.filter(unpaid_won__gt=0, unpaid_since__isnull=False)


def refusing(tenant: Tenant) -> QuerySet[Member]:
    """Members whose last word on ads was no: whoever shares their phone gets none there either."""
    return without_ads(tenant).exclude(phone="")


def contacts_refusing(tenant: Tenant) -> QuerySet[Contact]:
    """Contacts of members whose last word on ads was no: nobody on such a phone gets an ad."""
    return Contact.objects.filter(tenant=tenant, member__in=without_ads(tenant).values("pk"))


def refused(tenant: Tenant, *, ad: bool, via: str) -> set[str]:
    """Phones that want no text; for an ad also those that want no ads, and those of members who refused them."""
    rows = OptOut.objects.filter(tenant=tenant)
    if not ad:
        return set(rows.filter(scope=OptOutScope.ALL).values_list("phone", flat=True))
    phones = set(rows.values_list("phone", flat=True)) | set(refusing(tenant).values_list("phone", flat=True))
    return phones | set(contacts_refusing(tenant).values_list("phone", flat=True)) if via else phones


def without_ads(tenant: Tenant) -> QuerySet[Member]:
    """Members whose last word on ads was no. Who only has no consent any more, because a deed that brought one was
    taken back, has refused nothing."""
    words = Consent.objects.filter(tenant=tenant, kind=ConsentKind.AD)
    undone = words.filter(member=OuterRef("member"), undoes=True, pk__gt=OuterRef("pk"))
    said = words.filter(given=False, undoes=False).exclude(Exists(undone))
    return living(tenant).filter(ad_consent_at=None, pk__in=said.values("member_id"))


def gone_groups(tenant: Tenant, ids: list[int]) -> list[int]:
    """Those of the groups that the tenant does not have (any more)."""
    if not ids:
        return []
    known = set(Group.objects.filter(tenant=tenant, pk__in=ids).values_list("pk", flat=True))
    return [pk for pk in ids if pk not in known]


def gone_segments(tenant: Tenant, ids: list[int]) -> list[int]:
    """Those of the segments that are gone, or whose rule can't be asked any more."""
    if not ids:
        return []
    catalog = segments.Catalog(tenant)
    return [pk for pk in ids if pk not in catalog.segments or catalog.read_segment(pk).rule is None]


def gone_tags(tenant: Tenant, ids: list[int]) -> list[int]:
    """Those of the tags that the tenant does not have (any more)."""
    if not ids:
        return []
    known = set(Tag.objects.filter(tenant=tenant, pk__in=ids).values_list("pk", flat=True))
    return [pk for pk in ids if pk not in known]


def in_segments(tenant: Tenant, ids: list[int], today: date | None = None) -> Q:
    """Members in one of the segments, on this day; one that can't be asked holds nobody."""
    catalog = segments.Catalog(tenant)
    read = [catalog.read_segment(pk).rule for pk in ids if pk in catalog.segments]
    rules = [segments.to_q(tenant, rule, today) for rule in read if rule is not None]
    # No "or nobody" beside a rule: an OR keeps PostgreSQL from joining what the rule asks of groups and tags.
    return reduce(or_, rules) if rules else Q(pk__lt=0)


def conditions(tenant: Tenant, left: Except) -> Iterator[tuple[str, Q]]:
    """(reason, which members) of what leaves out by a condition; texts of late days are asked by phone beside it."""
    if left.segments:
        yield ExcludedReason.SEGMENT.value, in_segments(tenant, left.segments)
    if left.tags:
        tagged = MemberTag.objects.filter(tenant=tenant, member_id=OuterRef("pk"), tag_id__in=left.tags)
        yield ExcludedReason.TAG.value, Q(Exists(tagged))
    if left.stages:
        yield ExcludedReason.STAGE.value, Q(stage__in=left.stages)
    if left.unpaid:
        yield ExcludedReason.UNPAID.value, Q(unpaid_since__isnull=False, unpaid_won__gt=0)


def recently_texted(tenant: Tenant, days: int) -> QuerySet[Message]:
    """Texts that reached somebody in the last days, or may have or will any moment; tests and practice count for
    nothing. Asked of each batch, for a dispatch may go on for days."""
    since = times.now() - timedelta(days=days)
    late = _live(tenant).filter(Q(finished_at=None) | Q(finished_at__gte=since))
    going = Q(batch__state=BatchState.QUEUED, dispatch__state__in=[DispatchState.PREPARING, DispatchState.SENDING])
    texts = _reaching(tenant, late)
    return texts.filter(Q(batch__attempt_started_at__gte=since) & ~Q(batch__state=BatchState.QUEUED) | going)


def reaching(tenant: Tenant) -> QuerySet[Message]:
    """Texts that reached somebody, or may have, ever; tests and practice count for nothing."""
    return _reaching(tenant, _live(tenant)).exclude(state="", batch__state=BatchState.QUEUED)


def sent(tenant: Tenant) -> QuerySet[Message]:
    """Texts that left or are about to, whatever becomes of them; tests and practice count for nothing."""
    return _of(tenant, _live(tenant)).exclude(STOPPED)


def _reaching(tenant: Tenant, dispatches: QuerySet[Dispatch]) -> QuerySet[Message]:
    return _of(tenant, dispatches).exclude(LOST | STOPPED)


def _of(tenant: Tenant, dispatches: QuerySet[Dispatch]) -> QuerySet[Message]:
    return Message.objects.filter(tenant=tenant, dispatch_id__in=dispatches.values("pk"))


def _live(tenant: Tenant) -> QuerySet[Dispatch]:
    return Dispatch.objects.filter(tenant=tenant, is_test=False, mode=AccountMode.LIVE)


def texted_since(tenant: Tenant, days: int) -> set[str]:
    """The phones that had a text in the last days."""
    return set(recently_texted(tenant, days).values_list("phone", flat=True))


def texted_lately(tenant: Tenant, days: int) -> Q:
    """Members whose phone had a text in the last days."""
    texts = recently_texted(tenant, days).filter(phone=OuterRef("phone"))
    return Q(Exists(texts)) & ~Q(phone="")


def bar(tenant: Tenant, audience: Audience, sieve: Sieve, rows: list[Row], *, own: int = 0) -> None:
    """Teach the sieve who of these rows is left out: sent to before (`not_in`), or by what is true of them.

    `own`: the dispatch that is being prepared, whose texts of earlier chunks may have left already.
    """
    if not rows:
        return
    if audience.unpaid:
        _bar_paid(tenant, sieve, rows)
    if audience.not_in:
        _bar_earlier(tenant, audience, sieve, rows)
    if audience.except_.asks:
        _bar_by_condition(tenant, audience.except_, sieve, rows, own)


def _bar_earlier(tenant: Tenant, audience: Audience, sieve: Sieve, rows: list[Row]) -> None:
    """Who has a message of a dispatch that this one follows, by phone or as the member."""
    earlier = Message.objects.filter(tenant=tenant, dispatch_id__in=audience.not_in)
    had = set(earlier.filter(phone__in=[row[2] for row in rows]).values_list("phone", flat=True))
    # A number corrected in the meantime makes nobody a newcomer.
    members = [row[0] for row in rows if row[0]]
    who: set[int] = set(earlier.filter(member_id__in=members).values_list("member_id", flat=True))  # type: ignore[arg-type]
    if audience.via:
        joined = Joined.objects.filter(tenant=tenant, dispatch_id__in=audience.not_in, member_id__in=members)
        who.update(joined.values_list("member_id", flat=True))
    sieve.excepted_phones |= had
    sieve.excepted |= who
    sieve.earlier |= had | who


def _bar_paid(tenant: Tenant, sieve: Sieve, rows: list[Row]) -> None:
    """Of a reminder, who owes nothing (any more)."""
    members = {row[0] for row in rows if row[0]}
    owe = set(owing(living(tenant).filter(pk__in=members)).values_list("pk", flat=True))
    sieve.paid |= members - owe
    sieve.excepted |= members - owe


def _bar_by_condition(tenant: Tenant, left: Except, sieve: Sieve, rows: list[Row], own: int) -> None:
    ids = [row[0] for row in rows if row[0]]
    asked = Member.objects.filter(tenant=tenant, pk__in=ids)
    for reason, which in conditions(tenant, left):
        for pk in asked.filter(which).values_list("pk", flat=True):
            sieve.excepted.add(pk)
            sieve.because.setdefault(pk, reason)
    if left.recent_days:
        phones = [row[2] for row in rows]
        texts = recently_texted(tenant, left.recent_days).exclude(dispatch_id=own).filter(phone__in=phones)
        for phone in set(texts.values_list("phone", flat=True)):
            sieve.excepted_phones.add(phone)
            sieve.because.setdefault(phone, ExcludedReason.RECENT.value)
