"""When a dispatch is finished: nothing of it is queued, under way, accepted or unknown any more."""

from django.db.models import Exists, OuterRef, QuerySet

from messaging.enums import BatchState, DispatchState
from messaging.models import Batch, Dispatch
from ui import times

OPEN = (BatchState.QUEUED, BatchState.SENDING, BatchState.ACCEPTED, BatchState.UNKNOWN)


def close(dispatches: QuerySet[Dispatch]) -> int:
    """Finish those of the dispatches that are done; how many."""
    still = Batch.objects.filter(dispatch=OuterRef("pk"), state__in=OPEN)
    done = dispatches.filter(~Exists(still), state__in=[DispatchState.SENDING, DispatchState.HELD])
    done = done.exclude(total=None)  # held before it was prepared: nothing of it has left yet
    return done.update(state=DispatchState.FINISHED, held_reason="", finished_at=times.now())


def close_one(dispatch_id: int) -> int:
    """Finish this one if it is done."""
    return close(Dispatch.objects.filter(pk=dispatch_id))
