"""Celery doorways of members."""

from accounts.models import Tenant
from accounts.tasking import OurTask, TenantTask, lease
from config.celery import app


@app.task(name="members.import_read", base=TenantTask)
def import_read(tenant: Tenant, row: int) -> None:
    """Read the file of one import, and write it where nobody asked to stop at the preview."""
    from members.services.import_run import read_import  # doorway

    read_import(tenant=tenant, pk=row)


@app.task(name="members.import_apply", base=TenantTask)
def import_apply(tenant: Tenant, row: int) -> None:
    """Write one import that was looked at."""
    from members.services.import_run import apply_import  # doorway

    apply_import(tenant=tenant, pk=row)


@app.task(name="members.import_revert", base=TenantTask)
def import_revert(tenant: Tenant, row: int) -> None:
    """Take one import back."""
    from members.services.import_revert import revert  # doorway

    revert(tenant=tenant, pk=row)


@app.task(name="members.bulk_edit", base=TenantTask)
def bulk_edit(tenant: Tenant, row: int) -> None:
    """Do, or undo, one change to many members."""
    from members.services.bulk_edits import work  # doorway

    work(tenant=tenant, pk=row)


@app.task(name="members.charge", base=TenantTask)
def charge(tenant: Tenant, row: int, user: int | None = None) -> None:
    """The present month of one plan whose group is large."""
    from members.services.due_plans import charge_row  # doorway

    charge_row(tenant=tenant, pk=row, user=user)


@app.task(name="members.erase", base=TenantTask)
def erase(tenant: Tenant) -> None:
    """Erase whose time in the trash is over."""
    from members.services.trash import erase_due  # doorway

    erase_due(tenant=tenant)


@app.task(name="members.upkeep", base=OurTask)
def upkeep() -> None:
    """The watch over imports and the day's work; a second beat finds the lease taken."""
    from members.services.bulk_edits import rescue_edits  # doorway
    from members.services.daily import watch  # doorway
    from members.services.import_run import rescue_imports  # doorway

    with lease("members.upkeep", 120) as mine:
        if mine:
            rescue_imports()
            rescue_edits()
            watch()


@app.task(name="members.daily", base=TenantTask)
def daily(tenant: Tenant) -> None:
    """The day's work of one tenant."""
    from members.services.daily import work  # doorway

    work(tenant=tenant)
