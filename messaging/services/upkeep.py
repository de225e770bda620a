"""The watch: starts what is due, settles what is unknown, rescues what is stuck, rings lost bells.

Runs for all tenants every UPKEEP_SECONDS. Each step is a short query that finds rows by a partial index and rings for
them; what talks to Aligo does so in tasks of its own, so that one dead account can't delay the watch.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Tenant
from accounts.ringing import ring
from accounts.scoping import enter, outside
from config.queues import BULK, NOW, RESULTS, UPKEEP
from messaging.enums import BatchState, DispatchState, HoldReason
from messaging.models import AligoAccount, Batch, Dispatch, SendingPolicy, Turn
from messaging.services import afterwards, claiming, closing, holds, planning, reconcile, turns
from ui import times

MANY = 500  # tenants or rows a step takes on in one tick
ROUNDS = 40  # times MANY dispatches that one tick starts


def upkeep() -> None:
    """One tick."""
    with outside("the watch looks after every tenant"):
        for step in STEPS:
            step()
        waiting, due = _with_queued(), _with_due()
    for lane, found in ((turns.NOW, waiting[True]), (turns.SEND, waiting[False]), (turns.RESULTS, due)):
        _start_turns(lane, found)


def start_due() -> None:
    """Scheduled dispatches whose time has come; where a tenant has stopped all, they stay scheduled."""
    now = times.now()
    due = Dispatch.objects.filter(state=DispatchState.SCHEDULED, send_at__lte=now).exclude(tenant__in=_stopped())
    for _round in range(ROUNDS):
        found = list(due.order_by("send_at").values_list("pk", "tenant_id", "is_small")[:MANY])
        # In one statement: on the hour thousands are due. Who was cancelled meanwhile is not changed, its bell is idle.
        due.filter(pk__in=[pk for pk, *_rest in found]).update(state=DispatchState.PREPARING, rung_at=now)
        for pk, tenant_id, small in found:
            ring("messaging.prepare", tenant_id, pk, queue=NOW if small else BULK)
        if len(found) < MANY:
            return


def ring_preparing() -> None:
    """Dispatches nobody is preparing: the bell was lost, or the worker died."""
    now = times.now()
    idle = Dispatch.objects.filter(Q(lease_until=None) | Q(lease_until__lte=now), state=DispatchState.PREPARING)
    silent = idle.filter(Q(rung_at=None) | Q(rung_at__lte=now - timedelta(seconds=2 * settings.UPKEEP_SECONDS)))
    for pk, tenant_id, small in silent.values_list("pk", "tenant_id", "is_small")[:MANY]:
        Dispatch.objects.filter(pk=pk).update(rung_at=now)
        ring("messaging.prepare", tenant_id, pk, queue=NOW if small else BULK)


def rescue_stuck() -> None:
    """Batches whose sender is dead or paused past its lease: they may have been sent."""
    now = times.now()
    stuck = Batch.objects.filter(state=BatchState.SENDING, lease_until__lte=now)
    stuck.update(state=BatchState.UNKNOWN, unknown_at=now, looks=0, looked_at=None, lease_until=None)


def ring_unknown() -> None:
    """Tenants with unknown batches that were not looked at for a while."""
    now = times.now()
    due = Batch.objects.filter(
        Q(looked_at=None) | Q(looked_at__lte=now - reconcile.look_interval()), state=BatchState.UNKNOWN
    )
    tenants = list(due.order_by().values_list("tenant_id", flat=True).distinct()[:MANY])
    for tenant_id in tenants:
        due.filter(tenant=tenant_id).update(looked_at=now)
        ring("messaging.reconcile", tenant_id, queue=RESULTS)


def ring_held() -> None:
    """Held accounts that may be fine again."""
    now = times.now()
    due = AligoAccount.objects.exclude(held_reason="").filter(Q(probe_at=None) | Q(probe_at__lte=now))
    for pk, tenant_id in due.values_list("pk", "tenant_id")[:MANY]:
        later = now + timedelta(seconds=settings.RESULT_POLL_SECONDS)
        if due.filter(pk=pk).update(probe_at=later):
            ring("messaging.probe", tenant_id, queue=UPKEEP)


def ring_planning() -> None:
    """Scheduled dispatches to be counted for the forecast: their bell was lost, or their groups may have grown."""
    for pk, tenant_id in planning.due().values_list("pk", "tenant_id")[:MANY]:
        if planning.due().filter(pk=pk).update(plan_at=times.now() + planning.PATIENCE):
            ring("messaging.plan", tenant_id, pk, queue=BULK)


def release_paid() -> None:
    """Dispatches that waited for their tenant to pay."""
    held = Dispatch.objects.filter(state=DispatchState.HELD, held_reason=HoldReason.EXPIRED_ACCESS)
    for tenant in _tenants_of(held):
        with enter(tenant):
            holds.release_access(tenant)


def release_strays() -> None:
    """Dispatches held for a cause that was over when they were held."""
    for tenant in _tenants_of(holds.strays()):
        with enter(tenant):
            holds.release_strays(tenant)


def _tenants_of(dispatches: QuerySet[Dispatch]) -> list[Tenant]:
    """Whose they are. Nearly always nobody's, and in one question PostgreSQL would go from tenant to tenant."""
    ids = set(dispatches.order_by().values_list("tenant_id", flat=True).distinct()[:MANY])
    return list(Tenant.objects.filter(pk__in=ids)) if ids else []


def finish() -> None:
    """Dispatches of which nothing is open any more, where the last worker died before it said so."""
    closing.close(Dispatch.objects.all())


def ring_afterwards() -> None:
    """Tenants of whom something was sent again an hour or a day ago; a tick of ten may ask twice, which is once."""
    tenants = afterwards.due().order_by().values_list("tenant_id", flat=True).distinct()[:MANY]
    for tenant_id in tenants:
        ring("messaging.look_afterwards", tenant_id, queue=RESULTS)


STEPS = (
    start_due,
    ring_preparing,
    rescue_stuck,
    release_paid,
    release_strays,
    finish,
    ring_unknown,
    ring_held,
    ring_planning,
    ring_afterwards,
)


def _with_queued() -> dict[bool, list[int]]:
    """Tenants with a batch that may leave, by lane."""
    now = times.now()
    queued = Batch.objects.filter(dispatch=OuterRef("pk"), state=BatchState.QUEUED)
    # By the dispatches that go on, not by the batches that wait: those of held ones may be very many.
    going = Dispatch.objects.filter(state__in=claiming.GOING, held_reason="").exclude(tenant__in=_stopped())
    if claiming.is_night(now):
        by_day = Q(ad=False) | Q(is_test=True)
        going = going.filter((by_day & _is_ready(queued, now)) | _is_ready(queued.filter(night_ok=True), now))
    else:
        going = going.filter(_is_ready(queued, now))
    pairs = going.order_by().values_list("tenant_id", "is_small").distinct()
    found: dict[bool, list[int]] = {True: [], False: []}
    for tenant_id, small in pairs[: 2 * MANY]:
        found[small].append(tenant_id)
    return found


def _is_ready(queued: QuerySet[Batch], now: datetime) -> Q:
    """Whether one of these may leave. Two looks at the index: as one, all that wait for later would be read."""
    return Q(Exists(queued.filter(not_before=None))) | Q(Exists(queued.filter(not_before__lte=now)))


def _stopped() -> QuerySet[SendingPolicy, int]:
    """Tenants that have stopped all."""
    return SendingPolicy.objects.exclude(stopped_at=None).values_list("tenant_id", flat=True)


def _with_due() -> list[int]:
    """Tenants with results to ask for."""
    due = Batch.objects.filter(state=BatchState.ACCEPTED, poll_at__lte=times.now())
    return list(due.order_by().values_list("tenant_id", flat=True).distinct()[:MANY])


def _start_turns(lane: str, tenant_ids: list[int]) -> None:
    """Turns for those who wait; most have theirs already, which one query tells for all of them."""
    if not tenant_ids:
        return
    with outside("the watch looks after every tenant"):
        alive = Turn.objects.filter(lane=lane, tenant_id__in=tenant_ids, until__gt=times.now())
        busy = set(alive.values_list("tenant_id", flat=True))
        tenants = list(Tenant.objects.filter(pk__in=set(tenant_ids)))
    for tenant in tenants:
        with enter(tenant):
            # A tenant whose line is alive gets lost places back too, but nobody waits for that.
            if tenant.pk not in busy or _lost_some(tenant, lane):
                turns.start(tenant, lane)


def _lost_some(tenant: Tenant, lane: str) -> bool:
    return Turn.objects.filter(tenant=tenant, lane=lane, until__lte=times.now()).exists()
