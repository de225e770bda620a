"""수신거부: who may not be texted. Asked again for every batch right before it leaves."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.models import Tenant
from members.phone import BadPhone, parse
from messaging import exceptions as no
from messaging.enums import OptOutScope, OptOutSource
from messaging.models import OptOut
from ui import times


def opt_out(
    *,
    tenant: Tenant,
    by: audit.Actor,
    phone: str,
    scope: str = OptOutScope.ALL,
    source: str = OptOutSource.STAFF,
    at: datetime | None = None,
) -> OptOut:
    """No more texts (or no more ads) to this phone. Twice is once: the first refusal keeps its date."""
    try:
        digits = parse(phone)
    except BadPhone as error:
        raise no.BadPhone(str(error), fields={"phone": [str(error)]}) from None
    with transaction.atomic():
        row, made = OptOut.objects.get_or_create(
            tenant=tenant,
            phone=digits,
            scope=scope,
            defaults={"source": source[:60], "at": at or times.now(), "by": audit.user_of(by)},
        )
        if made:
            audit.record(tenant=tenant, by=by, kind="optout.recorded", subject=row, scope=scope)
    return row


def opt_in(*, tenant: Tenant, by: audit.Actor, optout: OptOut, reason: str = "") -> None:
    """The person wants texts again; `reason` says how we know, and stays in the audit trail."""
    with transaction.atomic():
        gone, _rows = OptOut.objects.filter(tenant=tenant, pk=optout.pk).delete()
        if gone:
            audit.record(tenant=tenant, by=by, kind="optout.withdrawn", subject=f"optout:{optout.pk}", reason=reason)


def opt_out_many(
    *,
    tenant: Tenant,
    by: audit.Actor,
    phones: Iterable[str],
    scope: str = OptOutScope.ALL,
    source: str = OptOutSource.IMPORT,
) -> tuple[int, list[str]]:
    """A list at once: how many are new, and what is no phone number."""
    digits, bad = _sort(phones)
    now, user = times.now(), audit.user_of(by)
    with transaction.atomic():
        known = set(OptOut.objects.filter(tenant=tenant, scope=scope).values_list("phone", flat=True))
        fresh = [one for one in digits if one not in known]
        rows = [OptOut(tenant=tenant, phone=one, scope=scope, source=source[:60], at=now, by=user) for one in fresh]
        OptOut.objects.bulk_create(rows, batch_size=5_000, ignore_conflicts=True)
        if fresh:
            audit.record(tenant=tenant, by=by, kind="optout.imported", count=len(fresh), scope=scope)
    return len(fresh), bad


def _sort(phones: Iterable[str]) -> tuple[list[str], list[str]]:
    good: dict[str, None] = {}
    bad = []
    for phone in phones:
        try:
            good[parse(phone)] = None
        except BadPhone:
            bad.append(phone)
    return list(good), bad
