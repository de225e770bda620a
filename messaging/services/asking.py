"""Looking at Aligo's list for unknown batches because a person asks, not because the time has come."""

from datetime import timedelta

from django.db.models import Q

from accounts import audit
from accounts.models import Tenant
from accounts.ringing import ring
from config.queues import RESULTS
from messaging import exceptions as no
from messaging.enums import BatchState
from messaging.models import Batch
from ui import times

PAUSE = timedelta(seconds=10)  # Aligo is asked for its whole list: impatience must not become a flood


def look_now(*, tenant: Tenant, by: audit.Actor) -> None:
    """Ring for a look at the tenant's unknown batches; refused where none is left or one was looked at just now."""
    now = times.now()
    unknown = Batch.objects.filter(tenant=tenant, state=BatchState.UNKNOWN)
    if not unknown.exists():
        raise no.NothingUnknown
    rested = unknown.filter(Q(looked_at=None) | Q(looked_at__lte=now - PAUSE))
    if not rested.update(looked_at=now):
        raise no.LookedJustNow
    ring("messaging.reconcile", tenant.pk, queue=RESULTS)
