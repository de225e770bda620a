"""What a new day does to passes, visits and dues: holds end, sums that know the date move on, and facts are recorded.

All of it is found by index and written in portions; each fact has a key of its own, so a day worked through twice
says nothing twice. Days on which nothing ran are made up for.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import groupby, islice
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts import facts
from accounts.models import Tenant
from members.enums import FactKind, Stage
from members.models import Daily, Due, Member, Pass
from members.services import due_plans
from members.services import dues as due_ledger
from members.services import pass_ledger as ledger

EXPIRING = (30, 14, 7, 3, 1, 0)
ABSENT = (7, 14, 30, 60)
UNPAID = (1, 3, 7, 14, 30)
BACK = timedelta(days=8)
TOLD_BACK, MONTHS_BACK = timedelta(days=7), timedelta(days=92)
PORTION = 2_000
Told = tuple[int, date, int | None, list[int]]  # a member, the day it is about, how many days from it, rows
# Lines stay with whom they were written for; who was merged is part of another member now.
_WHO = Coalesce("member__merged_into_id", "member_id")
_LIVING = Q(member__deleted_at=None) | Q(member__merged_into__deleted_at=None, member__merged_into__isnull=False)


def end_holds(*, tenant: Tenant, today: date) -> int:
    """Holds whose last day is over end by themselves; the last day of the pass has moved when they began."""
    rows = Pass.objects.filter(tenant=tenant, closed_on=None, held_until__lt=today).order_by("held_until", "pk")
    ended = 0
    for one in rows:
        with transaction.atomic():
            held = ledger.held_pass(tenant, one)
            ledger.end_hold(held, today)
            ledger.bring_up_member(tenant, held.member_id, today)
        ended += 1
    return ended


def end_passes(*, tenant: Tenant, today: date) -> int:
    """Passes that ran out: their sessions count no more, and whoever listens is told; first, who soon will be."""
    ending = Pass.objects.filter(_not_open_hold(), tenant=tenant, closed_on=None)
    soon = ending.filter(ends_on__gte=today).exclude(sessions_left=0)
    made = _tell(
        tenant, FactKind.PASS_EXPIRING, today, EXPIRING, lambda day: _latest(soon.filter(ends_on=day)), ahead=1
    )
    over = ending.filter(ends_on__gte=_since(tenant, today), ends_on__lt=today)
    # Told before the sums move on: afterwards the last day may be that of a pass that was used up.
    made += _record(tenant, FactKind.PASS_EXPIRED, _by_member_and_day(_latest(over)))
    for ids in _portions(over.order_by("ends_on", "pk").values_list("member_id", flat=True)):
        _bring_up(tenant, set(ids), _PASSES, today, lambda pk: ledger.bring_up_member(tenant, pk, today))
    return made


def _latest(rows: QuerySet[Pass]) -> QuerySet[Any, Any]:
    """Only the pass that is the member's last: who has renewed already need not be told."""
    own = Q(member__deleted_at=None, member__expires_on=F("ends_on"))
    kept = Q(member__merged_into__deleted_at=None, member__merged_into__expires_on=F("ends_on"))
    return rows.filter(own | kept).order_by(_WHO, "ends_on", "pk").values_list(_WHO, "ends_on", "pk")


def _not_open_hold() -> Q:
    return Q(held_from=None) | ~Q(held_until=None)


def absent(*, tenant: Tenant, today: date) -> int:
    """Who is enrolled and has not come for so many days."""
    rows = Member.objects.filter(tenant=tenant, deleted_at=None, stage=Stage.ACTIVE).order_by("pk")
    values = ("pk", "last_visit_on", "pk")
    return _tell(
        tenant, FactKind.ABSENT, today, ABSENT, lambda day: rows.filter(last_visit_on=day).values_list(*values)
    )


def dues(*, tenant: Tenant, today: date) -> int:
    """This month's dues are charged; those whose day has passed count as late, and whoever listens is told."""
    since = _since(tenant, today)
    made = sum(due_plans.charge_all(tenant=tenant, month=month) for month in _months(tenant, today))
    rows = Due.objects.filter(tenant=tenant, open_won__gt=0)
    late = rows.filter(due_on__lt=today, due_on__gte=since)
    for ids in _portions(late.order_by("due_on", "pk").values_list("member_id", flat=True)):
        _bring_up(tenant, set(ids), _UNPAID, today, lambda pk: due_ledger.bring_up_member(tenant, pk))
    living = rows.filter(_LIVING).order_by(_WHO, "pk")
    return made + _tell(
        tenant,
        FactKind.DUE_UNPAID,
        today,
        UNPAID,
        lambda day: living.filter(due_on=day).values_list(_WHO, "due_on", "pk"),
    )


# --- Days on which nothing ran ---------------------------------------------------------------------------------------
def _last_day(tenant: Tenant, today: date) -> date | None:
    """The last day before today that was worked through."""
    rows = Daily.objects.filter(tenant=tenant, on__lt=today, finished_at__isnull=False)
    last: date | None = rows.aggregate(last=Max("on"))["last"]
    return last


def _since(tenant: Tenant, today: date) -> date:
    """From which day on sums are looked at again: a few days in any case, all of a pause."""
    return min(_last_day(tenant, today) or today, today - BACK)


def _untold(tenant: Tenant, today: date) -> list[date]:
    """Today, and before it the days of a pause, newest first; what is older than TOLD_BACK is no news any more."""
    last = _last_day(tenant, today) or today - timedelta(days=1)
    return _days(max(last, today - TOLD_BACK) + timedelta(days=1), today)[::-1]


def _months(tenant: Tenant, today: date) -> list[date]:
    """This month, and before it those that began in a pause: nobody was charged for them."""
    last = _last_day(tenant, today) or today
    begun = {day.replace(day=1) for day in _days(max(last, today - MONTHS_BACK), today)}
    return sorted(begun - {last.replace(day=1)} | {today.replace(day=1)})


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


# --- Facts -----------------------------------------------------------------------------------------------------------
def _tell(
    tenant: Tenant,
    kind: FactKind,
    today: date,
    steps: tuple[int, ...],
    rows_of: Callable[[date], QuerySet[Any, Any]],
    *,
    ahead: int = -1,
) -> int:
    """Facts of those whose day lies so many steps before (or ahead of) today, or of a day of a pause: of these only
    the newest, for two facts on one day would be two texts."""
    made = 0
    told: set[tuple[int, date]] = set()
    for day in _untold(tenant, today):
        for step in steps:
            found = _by_member_and_day(rows_of(day + timedelta(days=ahead * step)), step)
            fresh = [one for one in found if one[:2] not in told]
            told.update(one[:2] for one in fresh)
            made += _record(tenant, kind, fresh)
    return made


def _by_member_and_day(rows: QuerySet[Any, Any], step: int | None = None) -> Iterator[Told]:
    """One for a member and day, however many rows: two passes that end together are one piece of news."""
    for (member, day), group in groupby(rows.iterator(PORTION), key=lambda row: row[:2]):
        yield member, day, step, [row[2] for row in group]


def _record(tenant: Tenant, kind: FactKind, told: Iterable[Told]) -> int:
    count = 0
    for portion in _portions(told):
        what = []
        for member, day, step, rows in portion:
            key, said = (f"{member}:{day}", {}) if step is None else (f"{member}:{day}:{step}", {"days": step})
            what.append(facts.What(f"member:{member}", key, None, {"rows": rows, **said}))
        facts.record_all(tenant=tenant, kind=kind, facts=what)
        count += len(what)
    return count


def _portions(rows: Iterable[Any]) -> Iterator[list[Any]]:
    walk = iter(rows.iterator(PORTION) if isinstance(rows, QuerySet) else rows)
    while portion := list(islice(walk, PORTION)):
        yield portion


# What pass_ledger.sums says, for many at once. Only rows whose sums have moved are written: most of those looked at
# were put right on a day before.
_LIVE = """(COALESCE(p.sessions_left, 1) <> 0 AND (p.ends_on IS NULL OR p.ends_on >= {today}
            OR COALESCE(p.held_until IS NULL AND p.held_from <= {today}, FALSE)))"""
_PASSES = f"""
    UPDATE members_member SET sessions_left = sums.sessions_left, expires_on = sums.expires_on
    FROM (
        SELECT p.member_id,
            CASE WHEN COUNT(p.sessions_left) = 0 THEN NULL
                WHEN COUNT(CASE WHEN {_LIVE} AND p.sessions_left IS NULL THEN 1 END) = 0
                THEN COALESCE(SUM(CASE WHEN {_LIVE} THEN p.sessions_left END), 0)
                ELSE SUM(CASE WHEN {_LIVE} THEN p.sessions_left END) END AS sessions_left,
            CASE WHEN COUNT(CASE WHEN {_LIVE} AND (p.ends_on IS NULL OR (p.held_from IS NOT NULL
                    AND p.held_until IS NULL)) THEN 1 END) > 0 THEN NULL
                WHEN COUNT(CASE WHEN {_LIVE} THEN 1 END) > 0 THEN MAX(CASE WHEN {_LIVE} THEN p.ends_on END)
                WHEN MAX(CASE WHEN COALESCE(p.sessions_left, 1) <> 0 THEN p.ends_on END)
                    >= MAX(CASE WHEN p.sessions_left = 0 THEN p.starts_on END)
                THEN MAX(CASE WHEN COALESCE(p.sessions_left, 1) <> 0 THEN p.ends_on END)
                ELSE MAX(p.ends_on) END AS expires_on
        FROM members_pass p WHERE p.closed_on IS NULL AND p.member_id IN ({{ids}}) GROUP BY p.member_id) sums
    WHERE members_member.tenant_id = {{tenant}} AND members_member.id = sums.member_id
      AND (members_member.sessions_left {{differs}} sums.sessions_left
           OR members_member.expires_on {{differs}} sums.expires_on)
"""
_LATE_NOW = "FROM members_due d WHERE d.member_id = members_member.id AND d.open_won > 0 AND d.due_on < {today}"
_UNPAID = f"""
    UPDATE members_member SET
        unpaid_won = (SELECT COALESCE(SUM(d.open_won), 0) {_LATE_NOW}),
        unpaid_since = (SELECT MIN(d.due_on) {_LATE_NOW})
    WHERE tenant_id = {{tenant}} AND id IN ({{ids}})
      AND (unpaid_won <> (SELECT COALESCE(SUM(d.open_won), 0) {_LATE_NOW})
           OR unpaid_since {{differs}} (SELECT MIN(d.due_on) {_LATE_NOW}))
"""


@transaction.atomic
def _bring_up(tenant: Tenant, ids: set[int], sql: str, today: date, one_by_one: Callable[[int], object]) -> None:
    """Lock first and add up after: a deed that is under way is waited for, and counted in.

    Who was merged, and whoever others were merged into, is added up one by one, together with them.
    """
    rows = Member.objects.filter(tenant=tenant, pk__in=ids).order_by("pk").select_for_update(of=("self",))
    held = dict(rows.values_list("pk", "merged_into_id"))
    parts = Member.objects.filter(tenant=tenant, merged_into__in=held).values_list("merged_into_id", flat=True)
    together = {pk for pk, kept in held.items() if kept} | set(parts)
    if alone := held.keys() - together:
        marks = ", ".join(str(int(pk)) for pk in alone)  # numbers of our own: SQLite takes no list
        with connection.cursor() as cursor:
            # SQLite has the standard's words only since 3.39.
            differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
            cursor.execute(sql.format(ids=marks, today=f"'{today}'", tenant=int(tenant.pk), differs=differs))
    for pk in sorted(together):
        one_by_one(pk)
