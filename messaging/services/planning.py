"""How many texts a scheduled dispatch will be, for the forecast of the balance.

Counted when it is scheduled or changed, and again from time to time, for its groups grow. Decides nothing of sending.
"""

from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import Tenant
from messaging.enums import DispatchState, Type
from messaging.models import Dispatch
from messaging.services import snapshots
from messaging.services.quoting import draft_of, tally
from ui import times

AGAIN = timedelta(hours=6)
PATIENCE = timedelta(minutes=1)  # after that the bell was lost, or the count failed


def plan(*, tenant: Tenant, dispatch_id: int) -> bool:
    """Count a scheduled dispatch; False if it is none, or was changed meanwhile (its change rings again)."""
    seen = Dispatch.objects.filter(tenant=tenant, pk=dispatch_id, state=DispatchState.SCHEDULED).first()
    if seen is None:
        return False
    draft = draft_of(seen)
    types = tally(tenant=tenant, draft=replace(draft, to=snapshots.thawed(seen, draft.to)))
    counts = {f"planned_{kind.lower()}": types.get(kind, 0) for kind in Type.values}
    with transaction.atomic():
        rows = Dispatch.objects.select_for_update(no_key=True, of=("self",))
        now = rows.filter(tenant=tenant, pk=dispatch_id, state=DispatchState.SCHEDULED).first()
        if now is None or any(getattr(now, name) != getattr(seen, name) for name in _COUNTED):
            return False
        Dispatch.objects.filter(pk=dispatch_id).update(plan_at=times.now() + AGAIN, **counts)
    return True


_COUNTED = ("text", "title", "audience", "each_reason")


def due() -> QuerySet[Dispatch]:
    """Scheduled dispatches to be counted now."""
    return Dispatch.objects.filter(state=DispatchState.SCHEDULED, plan_at__lte=times.now())
