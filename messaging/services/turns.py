"""Taking turns: a tenant with work holds at most three places in a lane; each does one thing and goes to the back."""

from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import Tenant
from accounts.ringing import ring
from config import queues
from messaging.models import Turn
from ui import times

TURNS = 3
SMALL = 10  # people; up to here a dispatch takes the `now` lane
NOW, SEND, RESULTS = queues.NOW, queues.SEND, queues.RESULTS  # a lane is named as its queue
TASKS = {NOW: "messaging.deliver", SEND: "messaging.deliver", RESULTS: "messaging.results"}


def start(tenant: Tenant, lane: str, wanted: int = TURNS) -> None:
    """See that up to `wanted` turns are in the line; turns that were lost get their bell rung again."""
    now = times.now()
    rows = Turn.objects.filter(tenant=tenant, lane=lane).values_list("slot", "token", "until")
    known = {slot: (token, until) for slot, token, until in rows}
    for slot in range(min(wanted, TURNS)):
        token, until = known.get(slot, ("", None))
        if until is None:
            _make(tenant, lane, slot)
        elif until <= now:
            # The same token: if the first bell is only late, whichever comes first takes the turn.
            lost = Turn.objects.filter(tenant=tenant, lane=lane, slot=slot, token=token, until=until)
            if lost.update(until=_patience()):
                _ring(tenant, lane, slot, token)


def begin(tenant: Tenant, lane: str, slot: int, token: str) -> str | None:
    """Take the turn that this bell announced: a new token, or None if another bell was faster."""
    fresh = uuid4().hex
    until = times.now() + timedelta(seconds=settings.ALIGO_TIMEOUT + 15)
    mine = Turn.objects.filter(tenant=tenant, lane=lane, slot=slot, token=token)
    return fresh if mine.update(token=fresh, until=until) else None


def again(tenant: Tenant, lane: str, slot: int, token: str) -> None:
    """To the back of the line."""
    if Turn.objects.filter(tenant=tenant, lane=lane, slot=slot, token=token).update(until=_patience()):
        _ring(tenant, lane, slot, token)


def leave(tenant: Tenant, lane: str, slot: int, token: str) -> None:
    """Nothing left to do. Look once more afterwards: work that came meanwhile saw this turn as taken."""
    Turn.objects.filter(tenant=tenant, lane=lane, slot=slot, token=token).delete()


def _make(tenant: Tenant, lane: str, slot: int) -> None:
    token = uuid4().hex
    try:
        with transaction.atomic():
            Turn.objects.create(tenant=tenant, lane=lane, slot=slot, token=token, until=_patience())
    except IntegrityError:  # made by another worker just now
        return
    _ring(tenant, lane, slot, token)


def _patience():  # type: ignore[no-untyped-def]
    """Until when a rung bell is waited for before it is rung again."""
    return times.now() + timedelta(seconds=max(2 * settings.UPKEEP_SECONDS, 5))


def _ring(tenant: Tenant, lane: str, slot: int, token: str) -> None:
    ring(TASKS[lane], tenant.pk, lane, slot, token, queue=lane)
