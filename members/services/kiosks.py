"""Tablets for check-in: made, taken back, and what one may do: find a member by digits or code, and check in.

The address of a tablet is the whole right to use it, so only its hash is kept, and it learns no more of a member than
a masked name and part of a number.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.cache import cache
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction

from accounts import audit, guessing
from accounts.audit import Actor
from accounts.crypto import fingerprint
from accounts.models import Tenant
from members import codes
from members.enums import AttendanceWay
from members.exceptions import InvalidKiosk, MemberNotFound
from members.models import Kiosk, Member
from members.selectors import visits as reads
from members.selectors.merged import living
from members.services import attendance
from ui import times
from ui.phones import mask_name, mask_phone

AT_MOST = 20
CHOICES_MOST = 8
TICKET_SECONDS = 180
MISSES, SECONDS = 40, 300  # wrong tries of one tablet before it rests
_SEEN = timedelta(minutes=1)


@dataclass(frozen=True)
class Choice:
    """One of several members with the same digits, as the tablet may show it."""

    ticket: str
    name: str
    phone: str


@transaction.atomic
def create(*, tenant: Tenant, by: Actor, name: str) -> tuple[Kiosk, str]:
    """A new tablet and the secret of its address, which nobody will see again."""
    name = " ".join(name.replace("\x00", "").split())
    if not 0 < len(name) <= 30:
        raise InvalidKiosk(fields={"name": [InvalidKiosk.message]})
    if Kiosk.objects.filter(tenant=tenant, revoked_at=None).count() >= AT_MOST:
        raise InvalidKiosk(InvalidKiosk.most)
    token = secrets.token_urlsafe(24)
    kiosk = Kiosk.objects.create(tenant=tenant, name=name, token_hash=fingerprint(token), by=audit.user_of(by))
    audit.record(tenant=tenant, by=by, kind="kiosk.created", subject=kiosk)
    return kiosk, token


@transaction.atomic
def revoke(*, tenant: Tenant, by: Actor, kiosk: Kiosk) -> None:
    """Make its address useless; twice is once."""
    if Kiosk.objects.filter(tenant=tenant, pk=kiosk.pk, revoked_at=None).update(revoked_at=times.now()):
        audit.record(tenant=tenant, by=by, kind="kiosk.revoked", subject=kiosk)


def note_use(kiosk: Kiosk) -> None:
    """That it is in use, written once a minute at most."""
    now = times.now()
    if kiosk.used_at is None or kiosk.used_at < now - _SEEN:
        Kiosk.objects.filter(tenant_id=kiosk.tenant_id, pk=kiosk.pk).update(used_at=now)


def is_guessing(kiosk: Kiosk) -> bool:
    return int(cache.get(_tries(kiosk), 0)) >= MISSES


def miss(kiosk: Kiosk, change: int = 1) -> None:
    """Count a try that led to nobody, or to several; a check-in takes one back."""
    if cache.add(_tries(kiosk), max(change, 0), SECONDS) or (change < 0 and not cache.get(_tries(kiosk))):
        return
    try:
        cache.incr(_tries(kiosk), change)
    except ValueError:
        return


def choices(*, tenant: Tenant, kiosk: Kiosk, digits: str) -> list[Choice] | None:
    """Who has a number that ends so, masked; None where they are too many, and more digits are needed."""
    found = reads.by_digits(tenant, digits, CHOICES_MOST + 1)
    if len(found) > CHOICES_MOST:
        return None
    return [Choice(_ticket(kiosk, one), mask_name(one.name), mask_phone(phone)[-9:]) for one, phone in found]


def check_in(
    *, tenant: Tenant, kiosk: Kiosk, key: str, ticket: str = "", code: str = "", sure: bool = False
) -> attendance.CheckIn | None:
    """The visit of whom the ticket or the code names; None where it would be the second session of a day, and they
    are to be asked whether they are `sure`."""
    member = living(tenant, _of_ticket(kiosk, ticket)) if ticket else reads.by_code(tenant, code)
    if member is None:
        raise MemberNotFound
    way = AttendanceWay.DIGITS if ticket else AttendanceWay.QR
    more: dict[str, Any] = {"way": way, "key": f"k{kiosk.pk}:{key}", "kiosk": kiosk}
    if not sure and attendance.uses_another(tenant, member, more["key"]):
        return None
    return attendance.check_in(tenant=tenant, by=None, member=member, **more)


def _ticket(kiosk: Kiosk, member: Member) -> str:
    """A short-lived word for one member, of use on this tablet only; the number in it is masked like a code."""
    return _signer(kiosk).sign(codes.code_of(kiosk.tenant_id, member.pk))


def _of_ticket(kiosk: Kiosk, ticket: str) -> int | None:
    try:
        return codes.member_of(kiosk.tenant_id, _signer(kiosk).unsign(ticket, max_age=TICKET_SECONDS))
    except BadSignature:
        return None


def _signer(kiosk: Kiosk) -> TimestampSigner:
    return TimestampSigner(salt=f"kiosk:{kiosk.pk}")


def _tries(kiosk: Kiosk) -> str:
    return f"kiosk-miss:{kiosk.pk}:{guessing.window(SECONDS)}"
