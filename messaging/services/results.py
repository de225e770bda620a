"""What became of each accepted text: ask the provider at 1, 3, 10, 30, 60 minutes, then hourly, until 80 hours."""

from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db import connection, transaction

from accounts.models import Tenant
from messaging.enums import BatchState
from messaging.models import AligoAccount, Batch
from messaging.points import reached
from messaging.providers import provider
from messaging.providers.base import Fate, ProviderError
from messaging.services import accounts, recording, turns
from messaging.services.recording import Answer
from ui import times

LADDER = (1, 3, 10, 30, 60)  # times RESULT_POLL_SECONDS since it was accepted; then every 60 times
PATIENCE = timedelta(hours=80)  # carriers settle long texts within 80 h
PORTION, SLICE = 40, 1.0  # batches, and seconds, that a turn may take before it is the next tenant's


def take_turn(*, tenant: Tenant, lane: str, slot: int, token: str) -> None:
    """Ask for a portion of batches and go to the back of the line."""
    mine = turns.begin(tenant, lane, slot, token)
    if mine is None:
        return
    if collect_next(tenant=tenant):
        turns.again(tenant, lane, slot, mine)
        return
    turns.leave(tenant, lane, slot, mine)


def collect_next(*, tenant: Tenant) -> bool:
    """Ask for the batches that have waited longest, and write what is new; False if none is due."""
    batches = _claim(tenant)
    if not batches:
        return False
    account, start = accounts.of(tenant), monotonic()
    answers: list[Answer] = []
    for n, batch in enumerate(batches, 1):
        if answer := _ask(account, batch):
            answers.append(answer)
        if monotonic() - start > SLICE:
            _release(batches[n:])
            break
    recording.write(answers=answers)
    return True


def _claim(tenant: Tenant) -> list[Batch]:
    """A portion of those due, ours by moving their time: if this worker dies, they are due again when no call can be
    under way any more."""
    now = times.now()
    due = Batch.objects.filter(tenant=tenant, state=BatchState.ACCEPTED, poll_at__lte=now).order_by("poll_at", "pk")
    with transaction.atomic():
        can_skip = connection.features.has_select_for_update_skip_locked
        found = list(due.select_for_update(skip_locked=can_skip)[:PORTION])
        busy = now + timedelta(seconds=settings.ALIGO_TIMEOUT + 30)
        Batch.objects.filter(pk__in=[batch.pk for batch in found]).update(poll_at=busy)
    for batch in found:
        batch.poll_at = busy
    return found


def _release(batches: list[Batch]) -> None:
    """Claimed and not asked for: due again at once."""
    if batches:
        mine = Batch.objects.filter(pk__in=[batch.pk for batch in batches], poll_at=batches[0].poll_at)
        mine.filter(state=BatchState.ACCEPTED).update(poll_at=times.now())


def _ask(account: AligoAccount, batch: Batch) -> Answer | None:
    """What the provider tells of a batch, or None where nothing is to be written. Trouble means the same question a
    little later; after 80 hours it is over all the same."""
    asked, over = accounts.for_batches_of(account, batch.account), _is_over(batch)
    told: dict[Fate, list[str]] | None = None
    if asked is not None:
        try:
            told = provider.results(asked, batch.provider_id)
            reached("results.answered")
        except ProviderError:
            pass
    if told is None and not over:
        later = times.now() + timedelta(seconds=3 * settings.RESULT_POLL_SECONDS)
        Batch.objects.filter(pk=batch.pk, state=BatchState.ACCEPTED).update(poll_at=later)
        return None
    return Answer(batch, told or {}, next_at=next_poll(batch, batch.polls + 1), over=over)


def next_poll(batch: Batch, polls: int) -> datetime:
    """When to ask after `polls` answers."""
    unit = timedelta(seconds=settings.RESULT_POLL_SECONDS)
    start = batch.accepted_at or times.now()
    if polls < len(LADDER):
        at = start + LADDER[polls] * unit
    else:
        at = times.now() + LADDER[-1] * unit
    # After a long standstill the next rungs lie in the past: they must not become a burst.
    return max(at, times.now() + unit)


def _is_over(batch: Batch) -> bool:
    return batch.accepted_at is not None and times.now() - batch.accepted_at > PATIENCE
