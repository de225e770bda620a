"""What will be left of the balance once all that is promised has gone out: scheduled texts and those in the queue."""

from dataclasses import dataclass
from fractions import Fraction

from django.db import connection

from messaging.enums import Type
from messaging.models import AligoAccount

Counts = dict[str, int]
# Asked on every page, and written out: building it took the ORM ten times as long as answering takes.
_OF_TYPE = "SUM(CASE WHEN b.type = '{}' THEN b.size - b.delivered_count - b.failed_count - b.cancelled_count END)"
_PLANNED = f"""
    SELECT {", ".join(f"SUM(planned_{kind.lower()})" for kind in Type.values)} FROM messaging_dispatch
    WHERE tenant_id = %s AND mode = %s AND state = 'scheduled' AND id <> %s
    UNION ALL
    SELECT {", ".join(map(_OF_TYPE.format, Type.values))}
    FROM messaging_batch b JOIN messaging_dispatch d ON d.id = b.dispatch_id
    WHERE b.tenant_id = %s AND d.mode = %s AND b.state = 'queued'
"""


def planned(account: AligoAccount, besides: int | None = None) -> Counts:
    """Texts promised on this account and not sent, by type; `besides` is a dispatch that is not counted. One query."""
    tenant, mode = account.tenant_id, account.mode
    found = dict.fromkeys(Type.values, 0)
    with connection.cursor() as cursor:
        cursor.execute(_PLANNED, [tenant, mode, besides or 0, tenant, mode])
        for row in cursor.fetchall():
            for kind, count in zip(Type.values, row, strict=True):
                found[kind] += count or 0
    return found


def after(left: dict[str, int | None], types: Counts) -> dict[str, int | None]:
    """What can still be sent of each type once `types` have gone out, below zero where they are too many.

    The counts are alternatives out of one purse: 10 SMS and 4 LMS are one or the other, and 5 SMS leave 2 LMS. A type
    that cannot be sent at all, or whose count is not known, takes only from itself.
    """
    share = Fraction(0)
    for kind, count in types.items():
        if count and left.get(kind):
            share += Fraction(count, left[kind])  # type: ignore[arg-type]
    rest: dict[str, int | None] = {}
    for kind, now in left.items():
        rest[kind] = None if now is None else (now * (1 - share)).__floor__() if now else -types.get(kind, 0)
    return rest


@dataclass(frozen=True)
class Ahead:
    """The balance with what is planned taken off, told by the type that most of the plan is of."""

    type: Type
    count: int
    planned: int

    @property
    def short(self) -> bool:
        return self.count < 0


def ahead(account: AligoAccount) -> Ahead | None:
    """What will be left of an account; None where nothing is planned or its balance is not known."""
    types = planned(account)
    kind = max(types, key=lambda one: types[one])
    rest = after(counts(account), types)[kind]
    return Ahead(Type(kind), rest, sum(types.values())) if types[kind] and rest is not None else None


def counts(account: AligoAccount) -> dict[str, int | None]:
    """The three counts as last heard."""
    return {
        Type.SMS.value: account.sms_count,
        Type.LMS.value: account.lms_count,
        Type.MMS.value: account.mms_count,
    }


def is_short(rest: dict[str, int | None]) -> bool:
    """Whether something of it could not go out. Unknown is not "yes"."""
    return any(count is not None and count < 0 for count in rest.values())
