"""What of an ad waits for the end of the night (AD4)."""

from datetime import datetime

from messaging.enums import BatchState, DispatchState
from messaging.models import Dispatch
from messaging.rules import next_allowed
from ui import times


def splits_until(dispatch: Dispatch) -> datetime | None:
    """When a scheduled ad goes to those who did not agree to nights, where it is asked for at night for who did."""
    if not dispatch.ad or dispatch.is_test or dispatch.state != DispatchState.SCHEDULED or not dispatch.send_at:
        return None
    morning = next_allowed(dispatch.send_at)
    return morning if morning > dispatch.send_at else None


def morning(dispatch: Dispatch) -> datetime | None:
    """When the texts of an ad go on that nobody may get at night; None where none waits for that."""
    now = times.now()
    if not dispatch.ad or dispatch.is_test or dispatch.state != DispatchState.SENDING or next_allowed(now) == now:
        return None
    waits = dispatch.batches.filter(state=BatchState.QUEUED, night_ok=False).exists()
    return next_allowed(now) if waits else None
