"""A member's numbers beside its own, and numbers that nobody answers any more."""

from typing import Any

from django.db.models import Exists, OuterRef

from accounts.models import Tenant
from members.exceptions import ContactNotFound
from members.models import Contact, DeadPhone, Member


def member_contacts(tenant: Tenant, member: Member) -> list[Contact]:
    """The contacts of a member in order, each with `is_dead`: whether its number came back three times."""
    dead = DeadPhone.objects.filter(tenant=tenant, phone=OuterRef("phone"), flagged_at__isnull=False)
    rows: Any = Contact.objects.filter(tenant=tenant, member=member).order_by("position", "id")
    return list(rows.annotate(is_dead=Exists(dead)))


def contact(tenant: Tenant, pk: int) -> Contact:
    """A contact of a living member of the tenant, or ContactNotFound."""
    rows = Contact.objects.filter(tenant=tenant, pk=pk, member__tenant=tenant, member__deleted_at=None)
    found = rows.select_related("member").first()
    if found is None:
        raise ContactNotFound
    return found


def has_contacts(tenant: Tenant) -> bool:
    """Whether anybody has a number beside the own one: only then sending asks whose number is meant."""
    return Contact.objects.filter(tenant=tenant).exists()
