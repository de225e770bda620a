"""Reads of dues: a member's, a month's, and who is behind."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.db import connection
from django.db.models import Count, Max, Q, QuerySet, Sum

from accounts.models import Tenant
from members.exceptions import DueNotFound, DuePlanNotFound
from members.models import Due, DueEntry, DuePlan, Member
from members.search import parse
from members.selectors.matching import matching
from members.selectors.merged import ids_with, parts_of
from members.selectors.paging import Keyset, keyset
from members.selectors.rosters import EXACT_TO
from ui import times

SHOWN = 12
OPEN, LATE, PAID, PART = "open", "late", "paid", "part"
STATES = (OPEN, LATE, PAID)


@dataclass
class Dues:
    """What the card's panel shows: what is open, since when, and the last dues with their lines."""

    open_won: int
    late_won: int
    since: date | None
    rows: list[Due]
    more: bool


def member_dues(tenant: Tenant, member: Member) -> Dues:
    """What a member owes: everything open, oldest first, then the last that are settled."""
    today = times.today()
    mine = Due.objects.filter(tenant=tenant, member_id__in=ids_with(tenant, member))
    still = list(mine.filter(open_won__gt=0).order_by("due_on", "pk")[:100])
    settled = list(mine.filter(open_won=0).order_by("-month", "-pk")[: SHOWN + 1])
    rows = with_entries(tenant, still + settled[:SHOWN])
    late = [due for due in still if due.due_on < today]
    return Dues(
        open_won=sum(due.open_won for due in still),
        late_won=sum(due.open_won for due in late),
        since=late[0].due_on if late else None,
        rows=rows,
        more=len(settled) > SHOWN,
    )


def with_entries(tenant: Tenant, rows: list[Due]) -> list[Due]:
    """The dues, each with its lines (`lines`, oldest first) and its state (`state`)."""
    found = DueEntry.objects.filter(tenant=tenant, due_id__in=[due.pk for due in rows]).order_by("due_id", "pk")
    by_due = {pk: list(group) for pk, group in groupby(found.select_related("by"), key=lambda entry: entry.due_id)}
    today = times.today()
    for due in rows:
        due.lines, due.state = by_due.get(due.pk, []), state_of(due, today)  # type: ignore[attr-defined]
    return rows


def state_of(due: Due, today: date) -> str:
    if not due.open_won:
        return PAID
    return LATE if due.due_on < today else PART if due.paid_won else OPEN


def due(tenant: Tenant, pk: int) -> Due:
    found = Due.objects.filter(tenant=tenant, pk=pk).select_related("member", "plan").first()
    if found is None:
        raise DueNotFound
    return found


def plan(tenant: Tenant, pk: int) -> DuePlan:
    found = DuePlan.objects.filter(tenant=tenant, pk=pk).select_related("group").first()
    if found is None:
        raise DuePlanNotFound
    return found


def plans(tenant: Tenant, *, ended: bool = False) -> QuerySet[DuePlan]:
    """What is owed each month, by group; with `ended` also what no longer is."""
    rows = DuePlan.objects.filter(tenant=tenant).select_related("group").order_by("-pk")
    return rows if ended else rows.filter(ended_at=None)


def due_list(
    tenant: Tenant, *, month: date | None = None, plan: int | None = None, state: str = "", member: Member | None = None
) -> QuerySet[Due]:
    """Dues of a month, a plan, a member, in a state (open, late, paid)."""
    rows = Due.objects.filter(tenant=tenant).select_related("member")
    if month is not None:
        rows = rows.filter(month=month)
    if plan is not None:
        rows = rows.filter(plan_id=plan)
    if member is not None:
        rows = rows.filter(member_id__in=ids_with(tenant, member))
    if state == PAID:
        return rows.filter(open_won=0)
    if state == LATE:
        return rows.filter(open_won__gt=0, due_on__lt=times.today())
    return rows.filter(open_won__gt=0) if state == OPEN else rows


def totals(rows: QuerySet[Due]) -> dict[str, int]:
    """charged, paid, waived, open and how many people still owe, of a month."""
    sums = rows.order_by().aggregate(
        charged=Sum("amount_won"), paid=Sum("paid_won"), waived=Sum("waived_won"), open=Sum("open_won"),
        count=Count("pk"), owing=Count("pk", filter=Q(open_won__gt=0)),
    )  # fmt: skip
    return {name: value or 0 for name, value in sums.items()}


@dataclass
class Behind:
    """A member who is behind, as the list shows it."""

    member: Member
    days: int
    count: int
    reminded_at: datetime | None


def unpaid(tenant: Tenant, search: str = "") -> QuerySet[Member]:
    """Living members who are behind, unordered; the index of `unpaid_since` answers, or the search index."""
    rows = Member.objects.filter(tenant=tenant, deleted_at=None, unpaid_since__isnull=False)
    words = parse(search)
    if not words:
        return rows
    everybody = Member.objects.filter(tenant=tenant, deleted_at=None)
    by_index = connection.vendor == "postgresql"
    # Few hits are gathered by the search index first; of many, those who are behind are met soon along their own index.
    ids = list(matching(everybody, tenant.pk, words, by_index=by_index).values_list("pk", flat=True)[: EXACT_TO + 1])
    return rows.filter(pk__in=ids) if len(ids) <= EXACT_TO else matching(rows, tenant.pk, words, by_index=False)


def unpaid_page(tenant: Tenant, search: str = "", cursor: str = "", size: int = 30) -> Keyset:
    """A page of them, who is longest behind first, each with how many dues and when they were last reminded."""
    page = keyset(unpaid(tenant, search), ("unpaid_since", "id"), cursor, size)
    told = _told(tenant, [m.pk for m in page.rows])
    today = times.today()
    page.rows = [Behind(m, (today - m.unpaid_since).days, *told[m.pk]) for m in page.rows]
    return page


def _told(tenant: Tenant, ids: list[int]) -> dict[int, tuple[int, datetime | None]]:
    """Of each: how many dues are late, those of who was merged into it too, and the last reminder of one of them."""
    whose = parts_of(tenant, ids)
    late = Due.objects.filter(tenant=tenant, member_id__in=list(whose), open_won__gt=0, due_on__lt=times.today())
    found: dict[int, tuple[int, datetime | None]] = dict.fromkeys(ids, (0, None))
    for pk, n, reminded in late.order_by().values_list("member_id").annotate(n=Count("pk"), at=Max("reminded_at")):
        count, last = found[whose[pk]]
        found[whose[pk]] = count + n, max(filter(None, (last, reminded)), default=None)
    return found


def unpaid_total(tenant: Tenant, search: str = "") -> tuple[int, int]:
    """(people, won) who are behind, counted no further than EXACT_TO people; then the won are of those counted."""
    few = unpaid(tenant, search).order_by("unpaid_since", "id").values("unpaid_won")[: EXACT_TO + 1]
    sums = few.aggregate(n=Count("unpaid_won"), won=Sum("unpaid_won"))
    return sums["n"] or 0, sums["won"] or 0
