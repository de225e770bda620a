"""Result words that nobody knows: kept raw on the message, counted here, told to the operators once."""

import logging
from datetime import timedelta

from django.db.models import F

from accounts import notify
from accounts.enums import Role
from accounts.models import Staff, Tenant
from accounts.scoping import enter
from messaging.models import ProviderWord
from ui import times

log = logging.getLogger(__name__)
OFTEN = timedelta(hours=1)  # a word is written down again after that: a batch of 500 repeats it at every question


def note(*, word: str, count: int) -> None:
    """Count a word the provider used and we don't know; the first time, operators are told."""
    now = times.now()
    row, fresh = ProviderWord.objects.get_or_create(
        word=word, defaults={"first_at": now, "last_at": now, "seen_count": count}
    )
    if fresh:
        log.error("unknown result word", extra={"word": row.pk})
        _tell_operators(row)
    elif row.last_at < now - OFTEN:
        ProviderWord.objects.filter(pk=row.pk).update(last_at=now, seen_count=F("seen_count") + count)


def _tell_operators(row: ProviderWord) -> None:
    """A mail to the owners of the operator's own tenant, if there is one; the admin and /metrics show it anyway."""
    operator = Tenant.objects.filter(is_operator=True).first()
    if operator is None:
        return
    owners = Staff.objects.filter(tenant=operator, role=Role.OWNER, removed_at=None).select_related("user")
    with enter(operator):
        for staff in owners:
            notify.tell(
                tenant=operator,
                to=staff.user.email,
                kind="unknown_word",
                context={"word": row.word},
                key=f"word:{row.pk}:{staff.pk}",
            )
