"""The members an audience names by groups, or all of them, and their rows as the sieve takes them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Sum, TextField, Value
from django.db.models.functions import Cast, Coalesce, NullIf

from accounts.models import Tenant
from members.models import Group, Member, Membership
from messaging.ads import CODE
from messaging.drafting import Audience
from messaging.merging import BIRTHDAY, LAST_DAY, LEDGERS, PLAIN, SESSIONS, UNPAID, Row, ledger_key
from messaging.selectors.leaving import in_segments, living, owing
from messaging.text import Template
from ui import times

MANY = 10_000  # members of groups from which on walking the whole roster counts them faster than a join


def of_roster(tenant: Tenant, audience: Audience, after: int = 0, today: date | None = None) -> QuerySet[Member]:
    """Members by groups and segments, or all; only those beyond `after` are looked for in the groups.

    Groups are asked anew for each chunk, of those beyond the cursor: nobody comes twice. Who enters one behind it is
    not reached any more; who enters or leaves ahead of it counts as they are then. Segments: see `audience.chunks`.
    """
    if audience.unpaid:
        return owing(of_roster(tenant, replace(audience, unpaid=False), after, today))
    if audience.all:
        return living(tenant)
    members = inside(tenant, audience.groups)
    # Said of the memberships too, or PostgreSQL begins with the first of them for every chunk.
    by_groups = Q(Exists(members.filter(member_id__gt=after) if after else members))
    if not audience.segments:
        return living(tenant).filter(by_groups)
    by_segments = in_segments(tenant, audience.segments, today)
    return living(tenant).filter(by_groups | by_segments if audience.groups else by_segments)


def meant(tenant: Tenant, audience: Audience) -> Q:
    """Members by the groups and the segments of an audience, for counting."""
    if not audience.segments:
        return in_any(tenant, audience.groups)
    by_segments = in_segments(tenant, audience.segments)
    return in_any(tenant, audience.groups) | by_segments if audience.groups else by_segments


def inside(tenant: Tenant, groups: list[int]) -> QuerySet[Membership]:
    return Membership.objects.filter(tenant=tenant, member_id=OuterRef("pk"), group_id__in=groups)


def in_any(tenant: Tenant, groups: list[int]) -> Q:
    """Whether a member is in one of the groups, in the words that PostgreSQL counts fastest.

    Few in the groups: a join. Many: beside an OR their ids stand in a hash, and the roster is walked as its index has
    it, by phone, so that nobody's phone is told apart once more. A join took up to five times as long.
    """
    found = Q(Exists(inside(tenant, groups)))
    held = Group.objects.filter(tenant=tenant, pk__in=groups).aggregate(n=Sum("member_count"))["n"] or 0
    return found if held < MANY else found | Q(pk__lt=0)


# Lunar and partial birthdays say themselves; others are a date.
_BORN = Coalesce(NullIf("birthday", Value("")), Cast("birth_date", CharField()))


def rows_of(found: QuerySet[Member], template: Template) -> QuerySet[Member, Row]:
    """Only the columns that the text needs: a JSON column for each of a million people is not free."""
    nothing = Value(None, output_field=TextField())  # other fields would convert a million Nones
    birth = _BORN if BIRTHDAY in template.fields else nothing
    own = "fields" if template.fields - set(PLAIN) - {CODE} else nothing
    consents = ("ad_consent_at", "night_consent_at") if template.ad else ()
    ledgers = [_COLUMNS[name] for name in LEDGERS if name in template.fields]
    return found.values_list("pk", "name", "phone", birth, own, *consents, *ledgers)  # type: ignore[return-value]


_COLUMNS = {UNPAID: "unpaid_won", LAST_DAY: "expires_on", SESSIONS: "sessions_left"}


def folded(rows: Iterable[Row], template: Template) -> list[Row]:
    """Rows of `rows_of` in the one shape that the sieve knows: what ledgers say lies among the own fields then."""
    names = [name for name in LEDGERS if name in template.fields]
    if not names:
        return list(rows)
    keys = [ledger_key(name) for name in names]
    found = []
    for row in rows:
        said = dict(zip(keys, map(_word, row[-len(names) :]), strict=True))
        found.append((*row[:4], {**(row[4] or {}), **said}, *row[5 : -len(names)]))
    return found


def _word(value: Any) -> str | None:
    """30,000 / 12월 27일 / 12; nothing owed and no pass are no word."""
    if isinstance(value, date):
        return times.kday(value)
    return f"{value:,}" if value else None
