"""수신거부: who may not be texted. Asked again for every batch right before it leaves."""

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime

from django.db import transaction

from accounts import audit
from accounts.models import Tenant
from members.phone import BadPhone, parse
from messaging import exceptions as no
from messaging.ads import CODE_LENGTH
from messaging.enums import OptOutScope, OptOutSource
from messaging.models import OptOut, OptOutLink
from ui import times

# Crockford's: no i, l, o or u to be misread. 32 letters take a random byte without bias.
_ALPHABET = b"0123456789abcdefghjkmnpqrstvwxyz"
_LETTERS = _ALPHABET * (256 // len(_ALPHABET))


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


def refuse(*, tenant: Tenant, by: audit.Actor, phone: str, scope: str = OptOutScope.ADS) -> OptOut:
    """The bearer of a one-tap link wants no more ads (or no more texts). Twice is once, and all covers ads."""
    rows = OptOut.objects.filter(tenant=tenant, phone=phone)
    if before := rows.filter(scope=OptOutScope.ALL).first():
        return before
    with transaction.atomic():
        words = {"source": OptOutSource.LINK, "at": times.now()}
        row, made = OptOut.objects.get_or_create(tenant=tenant, phone=phone, scope=scope, defaults=words)
        if made:
            audit.record(tenant=tenant, by=by, kind="optout.refused", subject=row, scope=scope)
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


def codes_for(*, tenant: Tenant, phones: Collection[str]) -> dict[str, str]:
    """The one-tap code of each phone, made where it had none; a phone keeps its code for good.

    Workers that make codes of the same phones at once end with the same ones: what the other stored is read back.
    """
    known = _codes(tenant, phones)
    while missing := sorted(set(phones) - known.keys()):  # sorted: workers that meet wait in line, and never in a ring
        codes = _random_codes(len(missing))
        rows = [OptOutLink(tenant=tenant, phone=phone, code=code) for phone, code in zip(missing, codes, strict=True)]
        OptOutLink.objects.bulk_create(rows, batch_size=5_000, ignore_conflicts=True)
        known |= _codes(tenant, missing)  # a code that somebody had is drawn again
    return known


def _codes(tenant: Tenant, phones: Collection[str]) -> dict[str, str]:
    rows = OptOutLink.objects.filter(tenant=tenant, phone__in=phones)
    return dict(rows.values_list("phone", "code"))


def _random_codes(count: int) -> list[str]:
    """Unguessable: the code alone lets its bearer refuse for the phone."""
    drawn = secrets.token_bytes(count * CODE_LENGTH).translate(_LETTERS).decode("ascii")
    return [drawn[at : at + CODE_LENGTH] for at in range(0, len(drawn), CODE_LENGTH)]


def _sort(phones: Iterable[str]) -> tuple[list[str], list[str]]:
    good: dict[str, None] = {}
    bad = []
    for phone in phones:
        try:
            good[parse(phone)] = None
        except BadPhone:
            bad.append(phone)
    return list(good), bad
