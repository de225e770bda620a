"""When a dispatch is finished: nothing of it is queued, under way, accepted or unknown any more."""

from django.db.models import Exists, F, OuterRef, QuerySet

from accounts.models import Tenant
from messaging.enums import ENDED, BatchState, DispatchState
from messaging.models import Batch, Dispatch
from ui import times

OPEN = (BatchState.QUEUED, BatchState.SENDING, BatchState.ACCEPTED, BatchState.UNKNOWN)


def close(dispatches: QuerySet[Dispatch]) -> int:
    """Finish those of the dispatches that are done; how many."""
    still = Batch.objects.filter(dispatch=OuterRef("pk"), state__in=OPEN)
    done = dispatches.filter(~Exists(still), state__in=[DispatchState.SENDING, DispatchState.HELD])
    done = done.exclude(total=None)  # held before it was prepared: nothing of it has left yet
    return done.update(state=DispatchState.FINISHED, held_reason="", finished_at=times.now())


def stop_queued(tenant: Tenant, dispatch_id: int) -> int:
    """Queued batches become cancelled, all their open messages with them; how many batches."""
    queued = Batch.objects.filter(tenant=tenant, dispatch_id=dispatch_id, state=BatchState.QUEUED)
    return queued.update(
        state=BatchState.CANCELLED,
        refusal="cancelled",
        cancelled_count=F("size")
        - F("delivered_count")
        - F("failed_count")
        - F("no_result_count")
        - F("rejected_count")
        - F("expired_count"),
    )


def stop(tenant: Tenant, dispatch_id: int) -> int | None:
    """Nothing more of a dispatch leaves; batches that were stopped, None if it was ended already. In a transaction."""
    rows = Dispatch.objects.filter(tenant=tenant, pk=dispatch_id)
    still = rows.exclude(state__in=ENDED)
    if not still.update(state=DispatchState.CANCELLED, held_reason="", lease_until=None, finished_at=times.now()):
        return None
    stopped = stop_queued(tenant, dispatch_id)
    total = sum(Batch.objects.filter(tenant=tenant, dispatch_id=dispatch_id).values_list("size", flat=True))
    rows.filter(total=None).update(total=total)  # stopped while preparing: what was not prepared never was
    return stopped


def close_one(dispatch_id: int) -> int:
    """Finish this one if it is done."""
    return close(Dispatch.objects.filter(pk=dispatch_id))
