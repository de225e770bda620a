"""Celery doorways: ids in, one service each. The row is the message; these bells may be lost, doubled or late."""

from celery import shared_task

from accounts.models import Tenant
from accounts.tasking import OurTask, TenantTask, lease
from config import queues


@shared_task(name="messaging.prepare", base=TenantTask, queue=queues.BULK)
def prepare(tenant: Tenant, dispatch: int) -> None:
    from messaging.services.prepare import prepare as service  # doorway

    service(tenant=tenant, dispatch_id=dispatch)


@shared_task(name="messaging.plan", base=TenantTask, queue=queues.BULK)
def plan(tenant: Tenant, dispatch: int) -> None:
    from messaging.services.planning import plan as service  # doorway

    service(tenant=tenant, dispatch_id=dispatch)


@shared_task(name="messaging.deliver", base=TenantTask, queue=queues.SEND)
def deliver(tenant: Tenant, lane: str, slot: int, token: str) -> None:
    from messaging.services.deliver import take_turn  # doorway

    take_turn(tenant=tenant, lane=lane, slot=slot, token=token)


@shared_task(name="messaging.results", base=TenantTask, queue=queues.RESULTS)
def results(tenant: Tenant, lane: str, slot: int, token: str) -> None:
    from messaging.services.results import take_turn  # doorway

    take_turn(tenant=tenant, lane=lane, slot=slot, token=token)


@shared_task(name="messaging.reconcile", base=TenantTask, queue=queues.RESULTS)
def reconcile(tenant: Tenant) -> None:
    from messaging.services.reconcile import reconcile as service  # doorway

    service(tenant=tenant)


@shared_task(name="messaging.look_afterwards", base=TenantTask, queue=queues.RESULTS)
def look_afterwards(tenant: Tenant) -> None:
    from messaging.services.afterwards import look as service  # doorway

    service(tenant=tenant)


@shared_task(name="messaging.probe", base=TenantTask, queue=queues.UPKEEP)
def probe(tenant: Tenant) -> None:
    from messaging.services.probe import probe as service  # doorway

    service(tenant=tenant)


@shared_task(name="messaging.refresh_balance", base=TenantTask, queue=queues.UPKEEP)
def refresh_balance(tenant: Tenant) -> None:
    from messaging.services.accounts import refresh_balance as service  # doorway

    service(tenant=tenant)


@shared_task(name="messaging.upkeep", base=OurTask, queue=queues.UPKEEP)
def upkeep() -> None:
    from messaging.services.upkeep import upkeep as service  # doorway

    # A second beat or a tick that takes long finds the lease taken; a killed one frees it after half a minute.
    with lease("messaging.upkeep", seconds=30) as ours:
        if ours:
            service()
