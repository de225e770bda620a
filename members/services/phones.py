"""Numbers that nobody has any more: three texts in a row that found no such number, and no delivery between."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery

from accounts import audit
from accounts.audit import Actor
from accounts.models import Tenant
from members.models import DeadPhone, Member
from ui import times

FLAGGED_AFTER = 3
CHUNK = 5_000

_FAILED = """
    INSERT INTO members_deadphone (tenant_id, phone, failed_count, last_failed_at, flagged_at)
    VALUES (%s, %s, %s, %s, NULL)
    ON CONFLICT (tenant_id, phone) DO UPDATE SET
        failed_count = members_deadphone.failed_count + excluded.failed_count, last_failed_at = excluded.last_failed_at
"""


@transaction.atomic
def heard(*, tenant: Tenant, failed: Iterable[str] = (), delivered: Iterable[str] = ()) -> int:
    """What became of texts: numbers that do not exist (each as often as it was tried), and numbers that took one.

    Called in the transaction that writes the results, so that each counts once. Costs one look where nothing failed
    and nothing had. Returns how many numbers were flagged now.
    """
    now = times.now()
    alive = _known(tenant, delivered)
    if alive:
        _revive(tenant, alive)
    missing = Counter(phone for phone in failed if phone not in alive)
    if not missing:
        return 0
    rows = [
        [tenant.pk, phone, count, connection.ops.adapt_datetimefield_value(now)]
        for phone, count in sorted(missing.items())  # in one order, so that two workers wait instead of deadlocking
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_FAILED, rows)
    found = DeadPhone.objects.filter(tenant=tenant, phone__in=list(missing), flagged_at=None)
    flagged = list(found.filter(failed_count__gte=FLAGGED_AFTER).order_by("phone").values_list("phone", flat=True))
    if flagged:
        DeadPhone.objects.filter(tenant=tenant, phone__in=flagged).update(flagged_at=now)
        Member.objects.filter(tenant=tenant, deleted_at=None, phone__in=flagged).update(dead_at=now)
    return len(flagged)


@transaction.atomic
def believe(*, tenant: Tenant, by: Actor, member: Member) -> None:
    """A person says that the member's number is right: the count begins anew. Twice is once."""
    if DeadPhone.objects.filter(tenant=tenant, phone=member.phone).exists():
        _revive(tenant, {member.phone})
        audit.record(tenant=tenant, by=by, kind="phone.believed", subject=member)


def flagged_at(*, tenant: Tenant, phone: str) -> datetime | None:
    """Since when the number is held to be nobody's; for a member who gets this number."""
    return all_flagged(tenant=tenant, phones={phone}).get(phone)


def all_flagged(*, tenant: Tenant, phones: Collection[str]) -> dict[str, datetime | None]:
    """The same of many: phone → since when, of those that are."""
    rows = DeadPhone.objects.filter(tenant=tenant, phone__in=set(phones) - {""}, flagged_at__isnull=False)
    return dict(rows.values_list("phone", "flagged_at"))


def mark(*, tenant: Tenant) -> int:
    """Mark living members whose number was flagged before they had it: after many were written at once."""
    flagged = DeadPhone.objects.filter(tenant=tenant, flagged_at__isnull=False)
    phones = list(flagged.values_list("phone", flat=True))
    since = Subquery(flagged.filter(phone=OuterRef("phone")).values("flagged_at")[:1])
    marked = 0
    for at in range(0, len(phones), CHUNK):
        rows = Member.objects.filter(tenant=tenant, deleted_at=None, dead_at=None, phone__in=phones[at : at + CHUNK])
        marked += rows.update(dead_at=since)
    return marked


def _known(tenant: Tenant, delivered: Iterable[str]) -> set[str]:
    """Those of the numbers that had failed: few ever do, so theirs are read and not everybody's looked for."""
    had = set(DeadPhone.objects.filter(tenant=tenant).values_list("phone", flat=True))
    return had.intersection(delivered) if had else set()


def _revive(tenant: Tenant, phones: set[str]) -> None:
    listed = sorted(phones)
    for at in range(0, len(listed), CHUNK):
        part = listed[at : at + CHUNK]
        DeadPhone.objects.filter(tenant=tenant, phone__in=part).delete()
        Member.objects.filter(tenant=tenant, phone__in=part, dead_at__isnull=False).update(dead_at=None)
