"""What became of each accepted text: ask the provider at 1, 3, 10, 30, 60 minutes, then hourly, until 80 hours."""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from time import monotonic

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import F

from accounts.models import Tenant
from messaging.enums import BatchState, MessageState
from messaging.models import AligoAccount, Batch, Dispatch, Message
from messaging.points import reached
from messaging.providers import provider
from messaging.providers.base import Outcome, ProviderError, ResultRow
from messaging.services import accounts, closing, turns, words
from messaging.services.prepare import receivers_hash
from ui import times

LADDER = (1, 3, 10, 30, 60)  # times RESULT_POLL_SECONDS since it was accepted; then every 60 times
PATIENCE = timedelta(hours=80)  # carriers settle long texts within 80 h
PORTION, SLICE = 20, 1.0  # batches, and seconds, that a turn may take before it is the next tenant's
FINAL = (Outcome.DELIVERED, Outcome.FAILED)
ByWord = dict[str, list[ResultRow]]  # by the provider's word, which alone decides the outcome and the reason

# Written out, for they run for every batch: the ORM took longer to build them than PostgreSQL to do them.
_END_BATCH = """
    UPDATE messaging_batch SET state = 'done', polls = polls + 1, poll_at = NULL,
        delivered_count = delivered_count + %s, failed_count = failed_count + %s
    WHERE id = %s AND state = 'accepted' AND polls = %s
"""
_END_MESSAGES = """
    UPDATE messaging_message SET state = %s, reason = %s, provider_state = %s, result_at = %s
    WHERE batch_id = %s AND state = ''
"""


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
    """Ask for the batches that have waited longest; False if none is due."""
    batches = _claim(tenant)
    if not batches:
        return False
    account, start, ended = accounts.of(tenant), monotonic(), set()
    for n, batch in enumerate(batches, 1):
        if collect(account=account, batch=batch):
            ended.add(batch.dispatch_id)
        if monotonic() - start > SLICE:
            _release(batches[n:])
            break
    if ended:
        closing.close(Dispatch.objects.filter(pk__in=ended))
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
    for batch in batches:
        Batch.objects.filter(pk=batch.pk, state=BatchState.ACCEPTED, poll_at=batch.poll_at).update(poll_at=times.now())


def collect(*, account: AligoAccount, batch: Batch) -> bool:
    """Ask once and write what is new; trouble means the same question a little later. Whether the batch ended."""
    asked = accounts.for_batches_of(account, batch.account)
    if asked is None:
        return _put_off(batch)
    try:
        rows = provider.results(asked, batch.provider_id)
    except ProviderError:
        return _put_off(batch)
    reached("results.answered")
    return write(batch=batch, rows=rows)


def write(*, batch: Batch, rows: list[ResultRow]) -> bool:
    """Results onto messages and the batch's counters in one transaction; rows known already change nothing. Whether
    the batch ended."""
    by_word: ByWord = defaultdict(list)
    for row in rows:
        by_word[row.raw].append(row)
    return (_is_whole(batch, rows, by_word) and _write_whole(batch, by_word)) or _write_some(batch, by_word)


def _put_off(batch: Batch) -> bool:
    """Nobody to ask or no answer: again in a while; after 80 hours it is over all the same."""
    if _is_over(batch):
        return write(batch=batch, rows=[])
    later = times.now() + timedelta(seconds=3 * settings.RESULT_POLL_SECONDS)
    Batch.objects.filter(pk=batch.pk, state=BatchState.ACCEPTED).update(poll_at=later)
    return False


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


# --- A whole batch: what nearly every answer tells --------------------------------------------------------------------
def _is_whole(batch: Batch, rows: list[ResultRow], by_word: ByWord) -> bool:
    """Whether the fate is told of each of its receivers and of nobody else."""
    if len(rows) != batch.open_count or any(same[0].outcome not in FINAL for same in by_word.values()):
        return False
    return receivers_hash([row.phone for row in rows]) == batch.receivers_hash


def _write_whole(batch: Batch, by_word: ByWord) -> bool:
    """The few by their numbers, all others by their batch: none has to be read. False, and nothing, if it was not."""
    groups = sorted(by_word.values(), key=len)
    counts = Counter(dict.fromkeys(FINAL, 0))
    for rows in groups:
        counts[rows[0].outcome] += len(rows)
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute(_END_BATCH, [*counts.values(), batch.pk, batch.polls])
        done = cursor.rowcount == 1
        written = sum([_end(cursor, batch, rows) for rows in groups[:-1]]) + _end(cursor, batch, groups[-1], rest=True)
        reached("results.written")
        if not done or written != batch.open_count:
            transaction.set_rollback(True)
            return False
    return True


def _end(cursor: CursorWrapper, batch: Batch, rows: list[ResultRow], *, rest: bool = False) -> int:
    """Write one fate onto its messages, or onto the rest of the batch; how many."""
    one = rows[0]
    now = connection.ops.adapt_datetimefield_value(times.now())
    given = [one.outcome.value, one.reason.value if one.reason else "", one.raw[:60], now, batch.pk]
    if rest:
        cursor.execute(_END_MESSAGES, given)
    else:
        marks = ", ".join(["%s"] * len(rows))
        cursor.execute(f"{_END_MESSAGES} AND phone IN ({marks})", [*given, *(row.phone for row in rows)])
    return cursor.rowcount


# --- What is known of some, or what nobody understands ----------------------------------------------------------------
def _write_some(batch: Batch, by_word: ByWord) -> bool:
    with transaction.atomic(durable=True):
        round_ = Batch.objects.filter(pk=batch.pk, state=BatchState.ACCEPTED, polls=batch.polls)
        if round_.update(polls=F("polls") + 1, poll_at=next_poll(batch, batch.polls + 1)) != 1:
            return False  # another worker wrote this round
        open_ = dict(Message.objects.filter(batch=batch, state="").values_list("phone", "pk"))
        counts = _write_known(by_word, open_)
        _keep_unknown(by_word, open_)
        if open_ and _is_over(batch):
            counts[MessageState.NO_RESULT] += _give_up(batch)
            open_ = {}
        reached("results.written")
        _count(batch, counts, done=not open_)
    return not open_


def _write_known(by_word: ByWord, open_: dict[str, int]) -> Counter[str]:
    """Final fates onto open messages, which are taken out of `open_`; how many of each."""
    counts: Counter[str] = Counter()
    for word, rows in by_word.items():
        if rows[0].outcome in FINAL:
            ids = [open_.pop(row.phone) for row in rows if row.phone in open_]
            reason = rows[0].reason.value if rows[0].reason else ""
            state = rows[0].outcome.value
            fate = {"state": state, "reason": reason, "provider_state": word[:60], "result_at": times.now()}
            counts[state] += Message.objects.filter(pk__in=ids).update(**fate)
    return counts


def _keep_unknown(by_word: ByWord, open_: dict[str, int]) -> None:
    """Words nobody knows stay with their messages, which stay open."""
    for word, rows in by_word.items():
        if rows[0].outcome == Outcome.UNKNOWN and (ids := [open_[row.phone] for row in rows if row.phone in open_]):
            Message.objects.filter(pk__in=ids).exclude(provider_state=word[:60]).update(provider_state=word[:60])
            words.note(word=word[:60], count=len(ids))


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
