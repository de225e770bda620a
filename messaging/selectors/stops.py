"""Why nothing leaves, and what would if it did: the tenant's own stop, and an Aligo that does not answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value

from accounts.models import Tenant
from messaging.enums import BatchState, DispatchState, HoldReason
from messaging.models import AligoAccount, Batch, Dispatch, SendingPolicy
from messaging.rules import LATE, next_allowed
from messaging.selectors.dispatches import SETTLED
from ui import times

SILENT = timedelta(minutes=1)  # while something waits, a dead Aligo is tried more often than this
DOUBTFUL = 2  # troubles in a row: one may be chance
MOST = 1_000
_LEFT = F("size") - sum((F(f"{name}_count") for name in SETTLED), Value(0))


@dataclass(frozen=True)
class Held:
    """A dispatch that the stop keeps back; `texts` is None where nobody has counted its people yet."""

    dispatch: Dispatch
    texts: int | None
    is_expired: bool  # past its validity: it will not leave any more
    is_late: bool  # a day behind its time: it asks a person first
    is_nightly: bool  # an ad, and it is night: who did not agree to that gets it in the morning

    @property
    def leaves(self) -> bool:
        return not (self.is_expired or self.is_late or self.is_nightly)


@dataclass(frozen=True)
class Waiting:
    """What a stop keeps back, and what would become of it on going on."""

    held: list[Held]
    is_more: bool  # beyond MOST

    @property
    def texts(self) -> int:
        """Texts that would leave at once, as far as they are counted."""
        return sum(one.texts or 0 for one in self.held if one.leaves)

    @property
    def leaving(self) -> int:
        return sum(one.leaves for one in self.held)

    @property
    def uncounted(self) -> int:
        return sum(one.leaves and one.texts is None for one in self.held)

    @property
    def late(self) -> int:
        return sum(one.is_late for one in self.held)

    @property
    def nightly(self) -> int:
        return sum(one.is_nightly for one in self.held)

    @property
    def expired(self) -> int:
        return sum(one.is_expired for one in self.held)


@dataclass(frozen=True)
class Status:
    """What every page says of it."""

    stopped_at: datetime | None
    stopped_by: str
    is_undecided: bool  # a batch waits for a person's word


def status(tenant: Tenant) -> Status:
    """One query, for it is asked on every page."""
    policy = SendingPolicy.objects.filter(tenant=OuterRef("pk"))
    undecided = Batch.objects.filter(tenant=OuterRef("pk"), state=BatchState.UNKNOWN).exclude(undecided_at=None)
    found = Tenant.objects.filter(pk=tenant.pk).values_list(
        Subquery(policy.values("stopped_at")), Subquery(policy.values("stopped_by_label")), Exists(undecided)
    )
    at, by, waits = found.get()
    return Status(at, by or "", waits)


def waiting(tenant: Tenant) -> Waiting:
    """What the tenant-wide stop keeps back now: under way, or scheduled for a time that is over."""
    now = times.now()
    found = list(_kept_back(tenant, now).order_by("pk")[: MOST + 1])
    open_ = Batch.objects.filter(dispatch__in=[one.pk for one in found[:MOST]], state=BatchState.QUEUED)
    left = dict(open_.values("dispatch").order_by().annotate(texts=Sum(_LEFT)).values_list("dispatch", "texts"))
    return Waiting([_held(one, left.get(one.pk, 0), now) for one in found[:MOST]], len(found) > MOST)


def is_silent(account: AligoAccount | None) -> bool:
    """Whether Aligo does not answer while something waits for it, so that it is left alone for a while."""
    if account is None or account.quiet_until is None or account.troubles < DOUBTFUL:
        return False
    return account.quiet_until > times.now() - SILENT


def _kept_back(tenant: Tenant, now: datetime) -> QuerySet[Dispatch]:
    queued = Batch.objects.filter(dispatch=OuterRef("pk"), state=BatchState.QUEUED)
    going = Q(state__in=[DispatchState.SENDING, DispatchState.HELD], held_reason__in=["", HoldReason.STOPPED])
    unprepared = Q(state=DispatchState.PREPARING, held_reason__in=["", HoldReason.STOPPED])
    due = Q(state=DispatchState.SCHEDULED, send_at__lte=now)
    rows = Dispatch.objects.filter(tenant=tenant).defer("audience", "cursor")
    return rows.filter((going & Exists(queued)) | (going & Q(total=None)) | unprepared | due)


def _held(dispatch: Dispatch, left: int, now: datetime) -> Held:
    leaves_at = next_allowed(now) if dispatch.ad and not dispatch.is_test else now
    expired = dispatch.expires_at is not None and dispatch.expires_at <= leaves_at
    late = not expired and dispatch.due_at is not None and dispatch.due_at <= leaves_at - LATE
    nightly = leaves_at > now and not expired and not late
    texts: int | None = left
    if dispatch.total is None:
        planned = [dispatch.planned_sms, dispatch.planned_lms, dispatch.planned_mms]
        texts = None if None in planned else sum(planned)  # type: ignore[arg-type]
    return Held(dispatch, texts, expired, late, nightly)
