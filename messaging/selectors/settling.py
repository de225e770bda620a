"""Batches whose fate only a person can say, with what Aligo's list shows beside them; and those still looked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import Tenant
from messaging.enums import BatchState, DispatchState, Type
from messaging.models import Batch, Message
from ui import times


@dataclass(frozen=True)
class Candidate:
    """A text of Aligo's list that may be ours: to exactly our receivers, about when we sent."""

    id: str
    type: str
    count: int
    text: str  # its beginning, as Aligo shows it
    at: datetime | None

    @property
    def kind(self) -> str:
        return str(Type(self.type).label) if self.type in Type else self.type


def undecided(tenant: Tenant) -> QuerySet[Batch]:
    """Those that wait for a person, the longest first; each with `sample`, its text or that of its first message."""
    return _unknown(tenant).exclude(undecided_at=None).order_by("undecided_at", "pk")


def searched(tenant: Tenant) -> QuerySet[Batch]:
    """Those that Aligo's list may still settle by itself."""
    return _unknown(tenant).filter(undecided_at=None).order_by("unknown_at", "pk")


def candidates(batches: list[Batch]) -> dict[int, list[Candidate]]:
    """What Aligo listed for each batch, less the ids that another batch of the tenant has taken since."""
    listed = {batch.pk: batch.listed for batch in batches}
    ids = {str(row["id"]) for rows in listed.values() for row in rows}
    others = Batch.objects.filter(account__in={batch.account for batch in batches}, provider_id__in=ids)
    taken = set(others.values_list("provider_id", flat=True)) if ids else set()
    return {pk: [_candidate(row) for row in rows if str(row["id"]) not in taken] for pk, rows in listed.items() if rows}


def ids_of(batch: Batch) -> set[str]:
    """Those of Aligo's list of which a person may say that they are this batch."""
    return {one.id for one in candidates([batch]).get(batch.pk, [])}


def stays(batch: Batch) -> str:
    """Why it would not leave again even if it was not sent: "cancelled", "expired", or "" where it would."""
    dispatch = batch.dispatch
    if dispatch.state == DispatchState.CANCELLED:
        return "cancelled"
    return "expired" if dispatch.expires_at and dispatch.expires_at <= times.now() else ""


def receivers(batch: Batch) -> QuerySet[Message]:
    """Who would get a batch, or has got it: those of whom nothing is known yet."""
    return Message.objects.filter(batch=batch, state="").order_by("pk")


def _unknown(tenant: Tenant) -> QuerySet[Batch]:
    first = Message.objects.filter(batch=OuterRef("pk")).order_by("pk").values("text")[:1]
    rows = Batch.objects.filter(tenant=tenant, state=BatchState.UNKNOWN).select_related("dispatch")
    return rows.defer("dispatch__audience", "dispatch__cursor").annotate(sample=Subquery(first))


def _candidate(row: dict[str, Any]) -> Candidate:
    at = datetime.fromisoformat(row["at"]) if row.get("at") else None
    return Candidate(str(row["id"]), row["type"], int(row["count"]), row["text"], at)
