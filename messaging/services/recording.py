"""Results as the provider told them, written onto messages and batches; rows known already change nothing.

Nearly every answer tells the fate of exactly the receivers of its batch. Of such batches no message is read: the few
that failed are named, all others are the rest of their batch. What is left to say is said batch by batch.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from members.services.phones import heard
from messaging.enums import AccountMode, BatchState, MessageState
from messaging.models import Batch, Dispatch, Message
from messaging.points import reached
from messaging.providers.base import FailureReason, Fate, Outcome
from messaging.services import closing, words
from messaging.services.prepare import receivers_hash
from ui import times

FINAL = (Outcome.DELIVERED, Outcome.FAILED)
Written = tuple[str, str, str]  # state, reason, the provider's word

# Written out, for they run for every text: the ORM took longer to build them than PostgreSQL to do them. Columns of
# VALUES have no other names in SQLite.
_END_BATCHES = """
    UPDATE messaging_batch SET state = 'done', polls = polls + 1, poll_at = NULL,
        delivered_count = delivered_count + told.column3, failed_count = failed_count + told.column4
    FROM (VALUES {}) AS told
    WHERE messaging_batch.id = told.column1 AND polls = told.column2 AND state = 'accepted'
"""
_END_MESSAGES = """
    UPDATE messaging_message SET state = %s, reason = %s, provider_state = %s, result_at = %s WHERE state = ''
"""


class Answer:
    """What was told of a batch: phones by their fate. `next_at`: when to ask again; `over`: nobody will be asked
    again."""

    def __init__(self, batch: Batch, told: dict[Fate, list[str]], *, next_at: datetime, over: bool = False) -> None:
        self.batch, self.told, self.next_at, self.over = batch, told, next_at, over

    def final(self) -> Iterator[tuple[Written, list[str]]]:
        """Phones whose fate is known for good."""
        for (outcome, word, reason), phones in self.told.items():
            if outcome in FINAL:
                yield (outcome.value, reason.value if reason else "", word[:60]), phones

    def unknown(self) -> Iterator[tuple[str, list[str]]]:
        """Phones with a word that nobody knows."""
        for (outcome, word, _reason), phones in self.told.items():
            if outcome == Outcome.UNKNOWN:
                yield word[:60], phones

    def is_whole(self) -> bool:
        """Whether the fate is known of each receiver of the batch, and of nobody else."""
        if any(fate.outcome not in FINAL for fate in self.told):
            return False
        told = [phone for phones in self.told.values() for phone in phones]
        return len(told) == self.batch.open_count and receivers_hash(told) == self.batch.receivers_hash


def write(*, answers: list[Answer]) -> None:
    """All that is new; dispatches that end by it are finished."""
    whole: list[Answer] = []
    some: list[Answer] = []
    for answer in answers:
        (whole if answer.is_whole() else some).append(answer)
    if whole and not _write_whole(whole):
        whole, some = [], answers
    ended = {answer.batch.dispatch_id for answer in whole}
    ended |= {answer.batch.dispatch_id for answer in some if _write_some(answer)}
    if ended:
        closing.close(Dispatch.objects.filter(pk__in=ended))


# --- Whole batches ----------------------------------------------------------------------------------------------------
def _write_whole(answers: list[Answer]) -> bool:
    """In one transaction; False, and nothing written, where one of them was not as its answer says."""
    with transaction.atomic(durable=True):
        done = _end_batches(answers)
        written = _end_messages(answers)
        _tell_phones(answers)
        reached("results.written")
        if done != len(answers) or written != sum(answer.batch.open_count for answer in answers):
            transaction.set_rollback(True)
            return False
    return True


def _end_batches(answers: list[Answer]) -> int:
    """Those that no other worker has written this round, which are locked by it; how many."""
    given: list[Any] = []
    for answer in sorted(answers, key=lambda answer: answer.batch.pk):
        counts: Counter[str] = Counter()
        for (state, _reason, _word), phones in answer.final():
            counts[state] += len(phones)
        given += [answer.batch.pk, answer.batch.polls, counts["delivered"], counts["failed"]]
    return _execute(_END_BATCHES.format(_marks(len(answers), 4)), given)


def _end_messages(answers: list[Answer]) -> int:
    """The fate that most have is written last, onto what is left of the batches; how many messages."""
    sizes: Counter[Written] = Counter()
    for answer in answers:
        for fate, phones in answer.final():
            sizes[fate] += len(phones)
    [(most, _size), *_rest] = sizes.most_common()
    now = connection.ops.adapt_datetimefield_value(times.now())
    written = 0
    for fate, size in sizes.items():
        if fate != most:
            named = f" AND (dispatch_id, phone) IN (VALUES {_marks(size, 2)})"
            written += _execute(_END_MESSAGES + named, [*fate, now, *_names(answers, fate)])
    ids = [answer.batch.pk for answer in answers]
    return written + _execute(f"{_END_MESSAGES} AND batch_id IN {_marks(1, len(ids))}", [*most, now, *ids])


def _names(answers: list[Answer], fate: Written) -> Iterator[Any]:
    """Dispatch and phone of each message with that fate, one after the other."""
    for answer in answers:
        for one, phones in answer.final():
            if one == fate:
                for phone in phones:
                    yield from (answer.batch.dispatch_id, phone)


def _marks(rows: int, columns: int) -> str:
    """(%s, %s), (%s, %s)"""
    return ", ".join([f"({', '.join(['%s'] * columns)})"] * rows)


def _execute(sql: str, given: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.rowcount


# --- Numbers that nobody has ------------------------------------------------------------------------------------------
def _tell_phones(answers: list[Answer], of: set[str] | None = None) -> None:
    """Tell members which numbers do not exist, and which of those that did not do after all: in the transaction that
    writes it, so that each text counts once. Practice says nothing of anybody's number. `of`: these phones only.

    One word is of a wrong sender as well as of a wrong receiver: it counts where others got theirs from that sender.
    """
    ids = {answer.batch.dispatch_id for answer in answers}
    live = set(Dispatch.objects.filter(pk__in=ids, mode=AccountMode.LIVE).values_list("pk", flat=True))
    failed: list[str] = []
    delivered: list[str] = []
    for answer in answers:
        if answer.batch.dispatch_id not in live:
            continue
        sender_is_right = any(fate.outcome == Outcome.DELIVERED and told for fate, told in answer.told.items())
        for (outcome, _word, reason), told in answer.told.items():
            if outcome == Outcome.DELIVERED:
                delivered += told
            elif reason == FailureReason.NO_SUBSCRIBER or (reason == FailureReason.BAD_NUMBER and sender_is_right):
                failed += told
    if of is not None:
        failed, delivered = [p for p in failed if p in of], [p for p in delivered if p in of]
    if failed or delivered:
        heard(tenant=answers[0].batch.tenant, failed=failed, delivered=delivered)


# --- What is known of some, or what nobody understands ----------------------------------------------------------------
def _write_some(answer: Answer) -> bool:
    """Of one batch, in one transaction; whether nothing of it is open any more."""
    batch = answer.batch
    with transaction.atomic(durable=True):
        ours = Batch.objects.filter(pk=batch.pk, state=BatchState.ACCEPTED, polls=batch.polls)
        if ours.update(polls=F("polls") + 1, poll_at=answer.next_at) != 1:
            return False  # another worker wrote this round
        open_ = dict(Message.objects.filter(batch=batch, state="").values_list("phone", "pk"))
        was_open = list(open_)
        counts = _write_final(answer, open_)
        _keep_unknown(answer, open_)
        if open_ and answer.over:
            counts[MessageState.NO_RESULT] += _give_up(batch)
            open_ = {}
        _tell_phones([answer], set(was_open) - set(open_))
        reached("results.written")
        _count(batch, counts, done=not open_)
    return not open_


def _write_final(answer: Answer, open_: dict[str, int]) -> Counter[str]:
    """Onto open messages, which are taken out of `open_`; how many of each state."""
    counts: Counter[str] = Counter()
    for (state, reason, word), phones in answer.final():
        ids = [open_.pop(phone) for phone in phones if phone in open_]
        fate = {"state": state, "reason": reason, "provider_state": word, "result_at": times.now()}
        counts[state] += Message.objects.filter(pk__in=ids).update(**fate)
    return counts


def _keep_unknown(answer: Answer, open_: dict[str, int]) -> None:
    """Words nobody knows stay with their messages, which stay open."""
    for word, phones in answer.unknown():
        if ids := [open_[phone] for phone in phones if phone in open_]:
            Message.objects.filter(pk__in=ids).exclude(provider_state=word).update(provider_state=word)
            words.note(word=word, count=len(ids))


def _give_up(batch: Batch) -> int:
    """No answer in 80 hours is an answer of its own, and never success."""
    rows = Message.objects.filter(batch=batch, state="")
    return rows.update(state=MessageState.NO_RESULT, reason="no_result", result_at=times.now())


def _count(batch: Batch, counts: Counter[str], *, done: bool) -> None:
    changes = {f"{state}_count": F(f"{state}_count") + count for state, count in counts.items() if count}
    if done:
        changes |= {"state": BatchState.DONE, "poll_at": None}  # type: ignore[dict-item]
    if changes:
        Batch.objects.filter(pk=batch.pk).update(**changes)
