"""Reads of segments: the list, one of them, how many were in it each day, and what a rule would find."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Tenant
from members import segments
from members.exceptions import SegmentNotFound
from members.models import Segment, SegmentCount
from members.selectors.rosters import Roster
from ui import times
from ui.numbers import whole

DAYS_SHOWN = 90
SAMPLES = 5


@dataclass
class Trend:
    """A segment with its counts of the last days, the oldest first."""

    segment: Segment
    days: list[tuple[date, int]] = field(default_factory=list)

    @property
    def values(self) -> list[int]:
        return [count for _day, count in self.days]

    @property
    def change(self) -> int | None:
        """Against a month ago, or against the first day that was counted; None before the second day."""
        if len(self.days) < 2 or self.segment.member_count is None:
            return None
        month_ago = self.days[-1][0] - timedelta(days=30)
        before = [count for day, count in self.days if day <= month_ago]
        return self.segment.member_count - (before[-1] if before else self.days[0][1])

    @property
    def since_month(self) -> bool:
        """Whether a month of counts is there to compare with."""
        return bool(self.days) and self.days[0][0] <= self.days[-1][0] - timedelta(days=30)


@dataclass
class Found:
    """What a rule finds now: how many (to 10,000), some names, the rule in words; or what is wrong with it."""

    count: int = 0
    is_minimum: bool = False
    names: list[str] = field(default_factory=list)
    words: str = ""
    problems: dict[str, str] = field(default_factory=dict)


def segment_list(tenant: Tenant) -> QuerySet[Segment]:
    """All segments in the tenant's order, with the counts of their last counting."""
    return Segment.objects.filter(tenant=tenant).order_by("position", "id")


def segment(tenant: Tenant, pk: int) -> Segment:
    """A segment of the tenant, or SegmentNotFound."""
    found = Segment.objects.filter(tenant=tenant, pk=pk).first()
    if found is None:
        raise SegmentNotFound
    return found


def segment_named(tenant: Tenant, word: str) -> Segment:
    """A segment by its name or, for programs, by its id; SegmentNotFound for neither."""
    named = Q(name=word.strip())
    if (pk := whole(word)) is not None:
        named |= Q(pk=pk)
    found = Segment.objects.filter(named, tenant=tenant).order_by("id").first()
    if found is None:
        raise SegmentNotFound
    return found


def trends(tenant: Tenant, rows: list[Segment], days: int = DAYS_SHOWN) -> list[Trend]:
    """The segments with their counts, in two queries however many they are."""
    found = {row.pk: Trend(row) for row in rows}
    since = times.today() - timedelta(days=days)
    counts = SegmentCount.objects.filter(tenant=tenant, segment__in=list(found), on__gt=since).order_by("on")
    for pk, on, count in counts.values_list("segment_id", "on", "count"):
        found[pk].days.append((on, count))
    return list(found.values())


def counts(tenant: Tenant, row: Segment) -> QuerySet[SegmentCount]:
    """Its counts, the latest day first."""
    return SegmentCount.objects.filter(tenant=tenant, segment=row).order_by("-on", "-id")


def find(tenant: Tenant, data: Any, *, own: int | None = None) -> Found:
    """What a rule, as it stands in a form, would find; nothing is stored."""
    read = segments.read(tenant, data, own=own)
    if read.rule is None:
        return Found(problems=read.problems)
    roster = Roster(tenant, segment=Segment(tenant=tenant, rule=read.rule.to_json()))
    page = roster.page(size=SAMPLES)
    return Found(roster.total, roster.is_minimum, [row.name for row in page.rows], segments.words(read.rule))


def said(tenant: Tenant, row: Segment, catalog: segments.Catalog | None = None) -> str:
    """Its rule in words, or what is wrong with it; a list lends one catalog to all its rows."""
    read = (catalog or segments.Catalog(tenant)).read_segment(row.pk)
    return segments.words(read.rule) if read.rule else next(iter(read.problems.values()))
