"""Celery doorways of accounts."""

from accounts.models import Tenant
from accounts.tasking import OurTask, TenantTask, lease
from config.celery import app


@app.task(name="accounts.notify", base=TenantTask)
def notify(tenant: Tenant, notice: int) -> None:
    """Deliver one notice."""
    from accounts.notify import deliver  # doorway

    deliver(tenant=tenant, notice=notice)


@app.task(name="accounts.export", base=TenantTask)
def export(tenant: Tenant, row: int) -> None:
    """Write the file of one export."""
    from accounts.exports import make  # doorway

    make(tenant=tenant, export=row)


@app.task(name="accounts.upkeep", base=OurTask)
def upkeep() -> None:
    """The watch; a second beat finds the lease taken."""
    from accounts.services.upkeep import watch  # doorway

    with lease("accounts.upkeep", 120) as mine:
        if mine:
            watch()
