"""Looks once more at what was sent a second time: had Aligo taken the first after all?

An attempt whose answer was lost, and that Aligo's list did not show in three looks, is sent again. Should the list show
it later, somebody got a text twice. Nobody can undo that, but it must not be hidden: an hour and a day later we look.
"""

import logging
from datetime import timedelta

from django.db.models import Q, QuerySet

from accounts.models import Tenant
from messaging.models import Attempt
from messaging.providers.base import ProviderError
from messaging.services import accounts
from messaging.services.reconcile import Wanted, candidates
from ui import times

log = logging.getLogger(__name__)
FIRST, LAST = timedelta(hours=1), timedelta(hours=24)
LOOKED = "looked"  # in an absent attempt's code: the first look is done
MANY = 200


def due() -> QuerySet[Attempt]:
    """Attempts to be looked at again now."""
    now = times.now()
    absent = Attempt.objects.filter(outcome="absent")
    return absent.filter(Q(code="", ended_at__lte=now - FIRST) | Q(code=LOOKED, ended_at__lte=now - LAST))


def look(*, tenant: Tenant) -> int:
    """How many of the tenant's attempts turn out to have been sent twice."""
    account, doubled = accounts.of(tenant), 0
    for attempt in due().filter(tenant=tenant).select_related("batch").order_by("pk")[:MANY]:
        asked = accounts.for_batches_of(account, attempt.batch.account)
        if asked is None or attempt.ended_at is None:
            _confirm(attempt)  # its key is forgotten: nobody to ask any more
            continue
        wanted = Wanted.of(attempt.batch, attempt.started_at, attempt.ended_at)
        try:
            listed = candidates(asked, [wanted]).by_key.get(wanted.key, [])
        except ProviderError:
            return doubled  # Aligo is away; the next hour asks again
        late = next((row for row in listed if wanted.is_like(row)), None)
        doubled += _double(attempt, late.msg_id) if late else _confirm(attempt)
    return doubled


def _double(attempt: Attempt, msg_id: str) -> int:
    log.error("a batch was sent twice", extra={"batch": attempt.batch_id})
    return Attempt.objects.filter(pk=attempt.pk, outcome="absent").update(outcome="doubled", code=msg_id[:20])


def _confirm(attempt: Attempt) -> int:
    """Absent once more; after the second time for good."""
    changes = {"code": LOOKED} if not attempt.code else {"outcome": "confirmed", "code": ""}
    Attempt.objects.filter(pk=attempt.pk, outcome="absent").update(**changes)
    return 0
