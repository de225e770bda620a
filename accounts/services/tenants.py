"""Opening a tenant and changing what it says about itself."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import audit, slugs
from accounts.enums import Role
from accounts.exceptions import AlreadyOwner
from accounts.models import Staff, Tenant, User
from accounts.models.tenants import TRIAL
from accounts.services.access import set_access


def open_tenant(*, owner: User, name: str, paid_until: datetime | None = None, **fields: bool) -> Staff:
    """Make a tenant with its owner and a trial of 30 days; a person who owns one already is refused (AlreadyOwner).

    The person's row is locked, so that a second click finds the first tenant. `by` is the owner by nature.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)
        if Staff.objects.filter(user=owner, role=Role.OWNER, removed_at=None).exists():
            raise AlreadyOwner
        tenant = Tenant.objects.create(name=name, slug=_free_slug(name), **fields)
        staff = Staff.objects.create(tenant=tenant, user=owner, role=Role.OWNER)
        audit.record(tenant=tenant, by=owner, kind="tenant.created", subject=tenant)
        set_access(tenant=tenant, by=owner, paid_until=paid_until or timezone.now() + TRIAL)
    return staff


def _free_slug(name: str) -> str:
    tries = slugs.candidates(name)
    taken = set(Tenant.objects.filter(slug__in=tries).values_list("slug", flat=True))
    return next(slug for slug in tries if slug not in taken)


def change(*, tenant: Tenant, by: audit.Actor, **values: object) -> Tenant:
    """Change name, phone or help_on; only what differs is saved and recorded."""
    return _save(tenant, by, {k: v for k, v in values.items() if k in {"name", "phone", "help_on"}})


def _save(tenant: Tenant, by: audit.Actor, values: dict[str, object]) -> Tenant:
    changed = [name for name, value in values.items() if getattr(tenant, name) != value]
    if not changed:
        return tenant
    with transaction.atomic():
        for name in changed:
            setattr(tenant, name, values[name])
        tenant.save(update_fields=changed)
        help_only = changed == ["help_on"]
        data = {"on": tenant.help_on} if help_only else {"fields": changed}
        audit.record(
            tenant=tenant, by=by, kind="help.changed" if help_only else "tenant.changed", subject=tenant, **data
        )
    return tenant
