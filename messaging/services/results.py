"""What became of each accepted text: ask the provider at 1, 3, 10, 30, 60 minutes, then hourly, until 80 hours."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts.models import Tenant
from messaging.enums import BatchState, MessageState
from messaging.models import Batch, Message
from messaging.points import reached
from messaging.providers import provider
from messaging.providers.base import Outcome, ProviderError, ResultRow
from messaging.services import accounts, closing, turns, words
from ui import times

LADDER = (1, 3, 10, 30, 60)  # times RESULT_POLL_SECONDS since it was accepted; then every 60 times
PATIENCE = timedelta(hours=80)  # carriers settle long texts within 80 h
Key = tuple[str, str, str]  # state, reason, the provider's word


def take_turn(*, tenant: Tenant, lane: str, slot: int, token: str) -> None:
    """Ask for one batch and go to the back of the line."""
    mine = turns.begin(tenant, lane, slot, token)
    if mine is None:
        return
    if collect_next(tenant=tenant):
        turns.again(tenant, lane, slot, mine)
        return
    turns.leave(tenant, lane, slot, mine)


def collect_next(*, tenant: Tenant) -> bool:
    """Ask for the batch that has waited longest; False if none is due."""
    now = times.now()
    due = Batch.objects.filter(tenant=tenant, state=BatchState.ACCEPTED, poll_at__lte=now).order_by("poll_at", "pk")
    batch = due.first()
    if batch is None:
        return False
    # Claimed by moving its time: if this worker dies, the batch is due again when a call can't be under way any more.
    busy = now + timedelta(seconds=settings.ALIGO_TIMEOUT + 30)
    if due.filter(pk=batch.pk, poll_at=batch.poll_at).update(poll_at=busy) == 1:
        batch.poll_at = busy
        collect(tenant=tenant, batch=batch)
    return True


def collect(*, tenant: Tenant, batch: Batch) -> None:
    """Ask once and write what is new; trouble means the same question a little later."""
    asked = accounts.for_batches_of(accounts.of(tenant), batch.account)
    if asked is None:
        _put_off(batch)
        return
    try:
        rows = provider.results(asked, batch.provider_id)
    except ProviderError:
        _put_off(batch)
        return
    reached("results.answered")
    write(batch=batch, rows=rows)


def write(*, batch: Batch, rows: list[ResultRow]) -> None:
    """Results onto messages and the batch's counters in one transaction; rows known already change nothing."""
    with transaction.atomic(durable=True):
        if (
            Batch.objects.filter(pk=batch.pk, state=BatchState.ACCEPTED, polls=batch.polls).update(
                polls=F("polls") + 1, poll_at=next_poll(batch, batch.polls + 1)
            )
            != 1
        ):
            return  # another worker wrote this round
        open_ = dict(Message.objects.filter(batch=batch, state="").values_list("phone", "pk"))
        groups, odd = _groups(rows, open_)
        counts = _write_groups(batch, groups, len(open_))
        for word, ids in odd.items():
            Message.objects.filter(pk__in=ids).exclude(provider_state=word).update(provider_state=word)
            words.note(word=word, count=len(ids))
        left = len(open_) - sum(counts.values())
        if left and _is_over(batch):
            counts[MessageState.NO_RESULT] += _give_up(batch)
            left = 0
        reached("results.written")
        _count(batch, counts, done=left == 0)
    if left == 0:
        closing.close_one(batch.dispatch_id)


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


def _groups(rows: list[ResultRow], open_: dict[str, int]) -> tuple[dict[Key, list[int]], dict[str, list[int]]]:
    """Messages by what became of them, and those with a word nobody knows (they stay pending)."""
    groups: dict[Key, list[int]] = defaultdict(list)
    odd: dict[str, list[int]] = defaultdict(list)
    todo = dict(open_)
    for row in rows:
        if row.outcome in (Outcome.DELIVERED, Outcome.FAILED):
            pk = todo.pop(row.phone, None)
            if pk is not None:
                reason = row.reason.value if row.reason else ""
                groups[row.outcome.value, reason, row.raw[:60]].append(pk)
        elif row.outcome == Outcome.UNKNOWN and row.phone in todo:
            odd[row.raw[:60]].append(todo[row.phone])
    return groups, odd


def _write_groups(batch: Batch, groups: dict[Key, list[int]], open_count: int) -> dict[str, int]:
    counts: dict[str, int] = defaultdict(int)
    now = times.now()
    for (state, reason, word), ids in sorted(groups.items(), key=lambda item: len(item[1])):
        # When all that is left has one fate, the batch names them shorter than a list of ids.
        rest = open_count - sum(counts.values()) == len(ids)
        rows = Message.objects.filter(batch=batch, state="") if rest else Message.objects.filter(pk__in=ids)
        rows.update(state=state, reason=reason, provider_state=word, result_at=now)
        counts[state] += len(ids)
    return counts


def _is_over(batch: Batch) -> bool:
    return batch.accepted_at is not None and times.now() - batch.accepted_at > PATIENCE


def _give_up(batch: Batch) -> int:
    """No answer in 80 hours is an answer of its own, and never success."""
    rows = Message.objects.filter(batch=batch, state="")
    return rows.update(state=MessageState.NO_RESULT, reason="no_result", result_at=times.now())


def _count(batch: Batch, counts: dict[str, int], *, done: bool) -> None:
    changes = {f"{state}_count": F(f"{state}_count") + count for state, count in counts.items() if count}
    if done:
        changes |= {"state": BatchState.DONE, "poll_at": None}  # type: ignore[dict-item]
    if changes:
        Batch.objects.filter(pk=batch.pk).update(**changes)


def _put_off(batch: Batch) -> None:
    """Nobody to ask or no answer: again in a while; after 80 hours it is over all the same."""
    if _is_over(batch):
        write(batch=batch, rows=[])
        return
    later = times.now() + timedelta(seconds=3 * settings.RESULT_POLL_SECONDS)
    Batch.objects.filter(pk=batch.pk, state=BatchState.ACCEPTED).update(poll_at=later)
