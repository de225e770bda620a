"""Settle batches that may or may not have been sent, by what the provider's own lists say; never on a guess.

Found once with the same sender, type and receivers, under an id nobody has: it was sent. Absent in three looks after
RECONCILE_AFTER of quiet: it was not, and is queued again. Found several times, or nobody to ask: a person decides, as
for the absent where the tenant wants it so.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import audit
from accounts.crypto import keyed_hash
from accounts.exceptions import Refusal
from accounts.models import Tenant
from accounts.scoping import outside
from messaging import exceptions as no
from messaging.enums import BatchState
from messaging.models import Attempt, Batch, Message
from messaging.points import reached
from messaging.providers import provider
from messaging.providers.base import Account, ProviderError, SentRow
from messaging.services import accounts, closing, deliver, policies, turns
from messaging.services.prepare import receivers_hash
from ui import times

LOOKS = 3  # absent so often, after the quiet time
EARLIER, LATER = timedelta(minutes=1), timedelta(minutes=10)  # clocks differ; a slow Aligo stores late
REMEMBERED = 24 * 3600  # seconds that the receivers of an id are kept: they never change
Key = tuple[str, str, str]  # sender, type, hash of the receivers
Shape = tuple[str, str, int]  # sender, type, count


@dataclass(frozen=True)
class Wanted:
    """What an id in Aligo's list must look like to be a batch's."""

    key: Key
    shape: Shape
    since: datetime
    until: datetime

    @classmethod
    def of(cls, batch: Batch, started: datetime, ended: datetime) -> "Wanted":
        """Of an attempt at a batch between these times; clocks differ, and a slow Aligo stores late."""
        count = batch.size - batch.cancelled_count
        since = started.replace(microsecond=0) - EARLIER
        key = (batch.sender, batch.type, batch.receivers_hash)
        return cls(key, (batch.sender, batch.type, count), since, ended + LATER)

    def is_like(self, row: SentRow) -> bool:
        """By sender, type, count and time; its receivers are another question."""
        if (row.sender, row.type, row.count) != self.shape:
            return False
        return row.created_at is None or self.since <= row.created_at <= self.until


@dataclass
class Listed:
    """Unadopted ids of Aligo's list by their receivers; `unsure` are shapes of ids not shown whole yet."""

    by_key: dict[Key, list[SentRow]] = field(default_factory=lambda: defaultdict(list))
    unsure: set[Shape] = field(default_factory=set)


def look_interval() -> timedelta:
    """How long between two looks at the same batch."""
    return timedelta(seconds=min(settings.RECONCILE_AFTER / 10, 60))


def reconcile(*, tenant: Tenant) -> int:
    """Look once at all unknown batches of the tenant; how many were settled."""
    account = accounts.of(tenant)
    unknown = Batch.objects.filter(tenant=tenant, state=BatchState.UNKNOWN).select_related("dispatch")
    by_account: dict[str, list[Batch]] = defaultdict(list)
    for batch in unknown.order_by("pk"):
        by_account[batch.account].append(batch)
    settled = 0
    for user_id, batches in by_account.items():
        asked = accounts.for_batches_of(account, user_id)
        if asked is not None:
            settled += _look(asked, batches, policies.of(tenant).asks_person)
        else:  # its key is forgotten: only the person who sees that account can say
            for batch in filter(_was_quiet, batches):
                _ask_person(batch, [])
    return settled


def decide(*, tenant: Tenant, by: audit.Actor, batch: Batch, attempt: int, sent: bool, provider_id: str = "") -> None:
    """A person's word about a batch nobody could settle: it was sent (under this id, if known), or it was not.

    `attempt` is the try that they saw: an old page, or the same call again, says nothing of a later one.
    """
    try:
        _decide(tenant, by, batch, attempt, sent, provider_id)
    except IntegrityError:  # another batch has taken the id since the page was shown
        raise no.TakenMeanwhile from None
    closing.close_one(batch.dispatch_id)
    turns.start(tenant, turns.NOW if batch.is_small else turns.SEND, 1)


def _decide(tenant: Tenant, by: audit.Actor, batch: Batch, attempt: int, sent: bool, provider_id: str) -> None:
    with transaction.atomic():
        unknown = Batch.objects.filter(tenant=tenant, pk=batch.pk, state=BatchState.UNKNOWN)
        rows = unknown.filter(attempts=attempt).exclude(undecided_at=None)
        began = batch.attempt_started_at or times.now()
        if sent and provider_id:
            done = deliver.adopt(rows, batch, began, batch.account, provider_id)
        elif sent:
            # Nobody to ask for results: it counts as sent without a result.
            Message.objects.filter(batch=batch, state="").update(
                state="no_result", reason="said_sent", result_at=times.now()
            )
            unheard = F("no_result_count") + batch.open_count
            done = deliver.has_left(rows, batch, began, state=BatchState.DONE, no_result_count=unheard)
        else:
            done = deliver.back_to_queue(rows)
        if done != 1:
            raise _why_not(unknown.first())
        audit.record(tenant=tenant, by=by, kind="batch.decided", subject=batch, sent=sent)


def _why_not(batch: Batch | None) -> Refusal:
    if batch is None:
        return no.NotDecidable()
    # While Aligo's list may still settle it, "not sent" would send it twice.
    return no.DecidedMeanwhile() if batch.undecided_at else no.StillLooking()


def candidates(asked: Account, wanted: list[Wanted]) -> Listed:
    """Unadopted ids that could be what is wanted, asked for once and indexed by their receivers."""
    rows = provider.recent(asked, min(one.since for one in wanted), max(one.until for one in wanted))
    shapes = {one.shape for one in wanted}
    rows = [row for row in rows if (row.sender, row.type, row.count) in shapes]
    adopted = _adopted(asked.user_id, [row.msg_id for row in rows])
    found = Listed()
    for row in rows:
        if row.msg_id in adopted:
            continue
        if receivers := _receivers(asked, row):
            found.by_key[row.sender, row.type, receivers].append(row)
        else:
            found.unsure.add((row.sender, row.type, row.count))
    return found


def _receivers(asked: Account, row: SentRow) -> str:
    """The hash of the receivers of an id, asked for once; empty while Aligo does not show all of them yet."""
    key = "aligo-receivers:" + keyed_hash(f"{asked.base_url} {asked.user_id} {row.msg_id}")
    known: str | None = cache.get(key)
    if known:
        return known
    phones = [phone for some in provider.results(asked, row.msg_id).values() for phone in some]
    if len(phones) != row.count:
        return ""
    receivers = receivers_hash(phones)
    cache.set(key, receivers, REMEMBERED)
    return receivers


def _look(asked: Account, batches: list[Batch], asks_person: bool) -> int:
    looked = times.now()
    wanted = {batch.pk: Wanted.of(batch, *_attempt_of(batch)) for batch in batches}
    try:
        index = candidates(asked, list(wanted.values()))
    except ProviderError:
        return 0  # absence can't be concluded from silence
    reached("reconcile.listed")
    settled = 0
    for batch in batches:
        listed = index.by_key.get(wanted[batch.pk].key, [])
        mine = [row for row in listed if wanted[batch.pk].is_like(row) and _says_ours(batch, row)]
        if len(mine) == 1:
            settled += _adopt(asked.user_id, batch, mine[0])
        elif mine:
            _ask_person(batch, mine)
        elif wanted[batch.pk].shape not in index.unsure:
            settled += _absent(batch, looked, asks_person)
    return settled


def _attempt_of(batch: Batch) -> tuple[datetime, datetime]:
    """When the attempt began and when it was lost; both are set on every unknown batch."""
    assert batch.attempt_started_at and batch.unknown_at
    return batch.attempt_started_at, batch.unknown_at


def _was_quiet(batch: Batch) -> bool:
    """Unknown for so long that a slow Aligo would have listed it."""
    quiet = timedelta(seconds=settings.RECONCILE_AFTER)
    return batch.unknown_at is not None and times.now() >= batch.unknown_at + quiet


def _ask_person(batch: Batch, rows: list[SentRow]) -> None:
    """Only a person can say; with what Aligo's list shows, so that the page needs no Aligo."""
    listed = [
        {
            "id": row.msg_id,
            "type": row.type,
            "count": row.count,
            "text": row.text[:200],
            "at": row.created_at.isoformat() if row.created_at else None,
        }
        for row in rows
    ]
    still = Batch.objects.filter(pk=batch.pk, state=BatchState.UNKNOWN, attempts=batch.attempts)
    still.update(listed=listed, undecided_at=batch.undecided_at or times.now())


def _says_ours(batch: Batch, row: SentRow) -> bool:
    """Where one text was sent, whether the id shows that text (of many, what Aligo shows is unverified)."""
    if batch.open_count > 1 and not batch.text:
        return True
    ours = batch.text or Message.objects.filter(batch=batch, state="").values_list("text", flat=True).first() or ""
    # Line ends and spaces may come back changed; calling that another text would send it twice.
    return "".join(ours.split()).startswith("".join(row.text.split()))


def _adopt(user_id: str, batch: Batch, row: SentRow) -> int:
    try:
        with transaction.atomic(durable=True):
            rows = Batch.objects.filter(pk=batch.pk, state=BatchState.UNKNOWN, attempts=batch.attempts)
            done = deliver.adopt(rows, batch, _attempt_of(batch)[0], user_id, row.msg_id)
            reached("reconcile.adopting")
            tries = Attempt.objects.filter(batch=batch, number=batch.attempts)
            tries.update(outcome="found", ended_at=times.now())
            transaction.set_rollback(not done)  # settled otherwise meanwhile: nothing is said of it here
    except IntegrityError:  # adopted by another batch a moment ago
        return 0
    return done


def _absent(batch: Batch, looked: datetime, asks_person: bool) -> int:
    """Count the look once the quiet time is over; after the third, what was surely not sent may go again."""
    rows = Batch.objects.filter(pk=batch.pk, state=BatchState.UNKNOWN, attempts=batch.attempts)
    quiet = timedelta(seconds=settings.RECONCILE_AFTER)
    if batch.unknown_at is None or looked < batch.unknown_at + quiet:
        return 0
    if batch.looks + 1 < LOOKS:
        rows.filter(looks=batch.looks).update(looks=F("looks") + 1)  # a doubled task is still one look
        return 0
    if asks_person:
        _ask_person(batch, [])
        return 0
    with transaction.atomic(durable=True):
        done = deliver.back_to_queue(rows)
        Attempt.objects.filter(batch=batch, number=batch.attempts).update(outcome="absent", ended_at=looked)
        reached("reconcile.requeued")
    turns.start(batch.tenant, turns.NOW if batch.is_small else turns.SEND, 1)
    closing.close_one(batch.dispatch_id)
    return done


def _adopted(user_id: str, ids: list[str]) -> set[str]:
    with outside("two tenants may share one Aligo account, and an id belongs to one batch of it"):
        rows = Batch.objects.filter(account=user_id, provider_id__in=ids)
        return set(rows.values_list("provider_id", flat=True))
