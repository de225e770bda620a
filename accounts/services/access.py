"""Until when a tenant may send. The gate reads the three columns written here; nothing else writes them."""

from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.models import Tenant


def set_access(
    *,
    tenant: Tenant,
    by: audit.Actor,
    paid_until: datetime | None,
    grace_until: datetime | None = None,
    paused_at: datetime | None = None,
) -> Tenant:
    """Set the end of the paid time, of the grace after it and the pause; the same values twice leave one event."""
    fresh = {"paid_until": paid_until, "grace_until": grace_until, "paused_at": paused_at}
    with transaction.atomic():
        row = Tenant.objects.select_for_update().get(pk=tenant.pk)
        if all(getattr(row, name) == value for name, value in fresh.items()):
            return tenant
        for name, value in fresh.items():
            setattr(row, name, value)
            setattr(tenant, name, value)
        row.save(update_fields=list(fresh))
        told = {name: value.isoformat() if value else None for name, value in fresh.items()}
        audit.record(tenant=tenant, by=by, kind="access.changed", subject=tenant, **told)
    return tenant
