"""Reads of dispatches: lists, counts as the contract words them, progress."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q, QuerySet, Sum, Value

from accounts.models import Tenant
from messaging.enums import BatchState
from messaging.models import AligoAccount, Batch, Dispatch, Excluded
from ui import times

MINUTE = timedelta(minutes=1)
SETTLED = ("delivered", "failed", "no_result", "rejected", "expired", "cancelled")
OPEN = {
    "queued": BatchState.QUEUED,
    "sending": BatchState.SENDING,
    "accepted": BatchState.ACCEPTED,
    "unknown": BatchState.UNKNOWN,
}
Counts = dict[str, int | None]
# Asked on every list and twice a second by pages that follow a dispatch, and written out: building it took the ORM ten
# times as long as answering takes.
_LEFT = "size - " + " - ".join(f"{name}_count" for name in SETTLED)
_SUMS = [f"SUM({name}_count) AS {name}" for name in SETTLED]
_SUMS += [f"SUM(CASE WHEN state = '{state.value}' THEN {_LEFT} ELSE 0 END) AS {name}" for name, state in OPEN.items()]
_COUNTS = (
    f"SELECT dispatch_id, {', '.join(_SUMS)} FROM messaging_batch WHERE dispatch_id IN ({{}}) GROUP BY dispatch_id"
)


@dataclass(frozen=True)
class Progress:
    """How far a dispatch has got: `done` have left or never will; `eta` is a guess, None where there is no pace."""

    done: int
    total: int | None
    rate: int  # messages accepted in the last minute
    eta: datetime | None

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0


def dispatches(tenant: Tenant) -> QuerySet[Dispatch]:
    """Newest first, without the columns a list doesn't show (an audience may hold 100,000 numbers)."""
    return Dispatch.objects.filter(tenant=tenant).defer("audience", "cursor").order_by("-id")


def dispatch(tenant: Tenant, pk: int) -> Dispatch:
    """One; Dispatch.DoesNotExist where it is another tenant's."""
    return Dispatch.objects.get(tenant=tenant, pk=pk)


def counts(dispatch: Dispatch) -> Counts:
    """Messages by state; all but `excluded` add up to `total`, which is None until prepared."""
    return counts_of([dispatch])[dispatch.pk]


def counts_of(dispatches: list[Dispatch]) -> dict[int, Counts]:
    """Counts of several dispatches in one query."""
    if not dispatches:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS.format(", ".join(["%s"] * len(dispatches))), [one.pk for one in dispatches])
        found = {pk: dict(zip((*SETTLED, *OPEN), sums, strict=True)) for pk, *sums in cursor.fetchall()}
    return {one.pk: _counts(one, found.get(one.pk, {})) for one in dispatches}


def _counts(dispatch: Dispatch, sums: dict[str, int]) -> Counts:
    each: Counts = {name: sums.get(name) or 0 for name in (*OPEN, *SETTLED)}
    return {"total": dispatch.total, **each, "excluded": dispatch.excluded_count}


def progress(dispatch: Dispatch, now: Counts) -> Progress:
    """How far it is, by its counts, and how fast it goes; asked for again only while something waits."""
    waiting = (now["queued"] or 0) + (now["sending"] or 0)
    done = sum(now[name] or 0 for name in (*OPEN, *SETTLED)) - waiting
    lately = Batch.objects.filter(dispatch=dispatch, accepted_at__gt=times.now() - MINUTE)
    rate = (lately.aggregate(sum=Sum("size"))["sum"] or 0) if waiting else 0
    going = rate and waiting and not dispatch.held_reason
    eta = times.now() + MINUTE * (waiting / rate) if going else None
    return Progress(done, dispatch.total, rate, eta)


def excluded(dispatch: Dispatch) -> QuerySet[Excluded]:
    """Who was left out, with the reason."""
    return Excluded.objects.filter(dispatch=dispatch).order_by("pk")


def excluded_counts(dispatch: Dispatch) -> dict[str, int]:
    """How many for each reason."""
    rows = Excluded.objects.filter(dispatch=dispatch).order_by().values_list("reason")
    return dict(rows.annotate(count=Sum(Value(1))))


def undecided(tenant: Tenant) -> QuerySet[Batch]:
    """Batches nobody knows the fate of."""
    return Batch.objects.filter(tenant=tenant, state=BatchState.UNKNOWN).select_related("dispatch").order_by("pk")


def balance(tenant: Tenant) -> AligoAccount | None:
    """The account as last heard of; asking Aligo is `services.accounts.refresh_balance`."""
    return AligoAccount.objects.filter(tenant=tenant).first()


def held(tenant: Tenant) -> QuerySet[Dispatch]:
    """Dispatches that wait for somebody."""
    return dispatches(tenant).filter(~Q(held_reason=""))
