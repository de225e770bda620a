"""How many were in the demo's segments on each of the last days, so that their charts have something to show."""

from datetime import timedelta
from random import Random

from accounts.models import Tenant
from members.models import Segment, SegmentCount
from ui import times

DAYS = 60


def make(tenant: Tenant, die: Random) -> None:
    """A slow walk back from today's count."""
    rows = []
    for segment in Segment.objects.filter(tenant=tenant).order_by("pk"):
        count = segment.member_count or 0
        for days in range(1, DAYS):
            count = max(count + die.randint(-3, 2), 0)
            day = times.today() - timedelta(days=days)
            rows.append(SegmentCount(tenant=tenant, segment=segment, on=day, count=count))
    SegmentCount.objects.bulk_create(rows)
