"""딱 한 번: how the promise to send each text once was kept lately, from what is on record and nothing else."""

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Sum

from accounts.models import Tenant
from messaging.enums import BatchState
from messaging.models import Attempt, Batch
from ui import times

WEEK = timedelta(days=7)
TAKEN = (BatchState.ACCEPTED, BatchState.DONE)


@dataclass(frozen=True)
class Promise:
    """Texts of the last seven days: handed over, handed over twice as far as Aligo's list tells, and still in doubt."""

    sent: int
    doubled: int
    unknown: int


def kept(tenant: Tenant) -> Promise:
    """By the hour of handing over, practice and real texts alike."""
    since = times.now() - WEEK
    ours = Batch.objects.filter(tenant=tenant)
    # By the dispatch first: its index finds the week, batches have none by time.
    lately = ours.filter(dispatch__created_at__gte=since - WEEK, accepted_at__gte=since, state__in=TAKEN)
    doubled = Attempt.objects.filter(tenant=tenant, outcome="doubled", ended_at__gte=since)
    return Promise(
        sent=lately.aggregate(n=Sum("size"))["n"] or 0,
        doubled=doubled.aggregate(n=Sum("batch__size"))["n"] or 0,
        unknown=ours.filter(state=BatchState.UNKNOWN).aggregate(n=Sum("size"))["n"] or 0,
    )
