"""What a new day does to passes, visits and dues: holds end, sums that know the date move on, and facts are recorded.

All of it is found by index and written in portions; each fact has a key of its own, so a day worked through twice
says nothing twice. A few days back are looked at again, for days on which nothing ran.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts import facts
from accounts.models import Tenant
from members.enums import FactKind, Stage
from members.models import Due, Member, Pass
from members.services import due_plans
from members.services import dues as due_ledger
from members.services import pass_ledger as ledger

EXPIRING = (30, 14, 7, 3, 1, 0)
ABSENT = (7, 14, 30, 60)
UNPAID = (1, 3, 7, 14, 30)
BACK = timedelta(days=8)
PORTION = 2_000
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
    soon = sum(_expiring(tenant, today, days) for days in EXPIRING)
    over = Pass.objects.filter(_not_open_hold(), tenant=tenant, closed_on=None)
    over = over.filter(ends_on__gte=today - BACK, ends_on__lt=today)
    # Told before the sums move on: afterwards the last day may be that of a pass that was used up.
    told = _record(tenant, FactKind.PASS_EXPIRED, _latest(over), lambda pk, ends_on: (f"{pk}:{ends_on}", {}))
    for ids in _portions(over.order_by("ends_on", "pk").values_list("member_id", flat=True)):
        _bring_up(tenant, set(ids), _PASSES, today, lambda pk: ledger.bring_up_member(tenant, pk, today))
    return soon + told


def _expiring(tenant: Tenant, today: date, days: int) -> int:
    rows = Pass.objects.filter(_not_open_hold(), tenant=tenant, closed_on=None)
    rows = rows.filter(ends_on=today + timedelta(days=days)).exclude(sessions_left=0)
    return _record(
        tenant, FactKind.PASS_EXPIRING, _latest(rows), lambda pk, ends_on: (f"{pk}:{ends_on}:{days}", {"days": days})
    )


def _latest(rows: QuerySet[Pass]) -> QuerySet[Any, Any]:
    """Only the pass that is the member's last: who has renewed already need not be told."""
    own = Q(member__deleted_at=None, member__expires_on=F("ends_on"))
    kept = Q(member__merged_into__deleted_at=None, member__merged_into__expires_on=F("ends_on"))
    return rows.filter(own | kept).order_by("pk").values_list(_WHO, "pk", "ends_on")


def _not_open_hold() -> Q:
    return Q(held_from=None) | ~Q(held_until=None)


def absent(*, tenant: Tenant, today: date) -> int:
    """Who is enrolled and has not come for so many days."""
    made = 0
    for days in ABSENT:
        since = today - timedelta(days=days)
        rows = Member.objects.filter(tenant=tenant, deleted_at=None, stage=Stage.ACTIVE, last_visit_on=since)
        values = rows.order_by("pk").values_list("pk", "pk", "last_visit_on")
        made += _record(tenant, FactKind.ABSENT, values, _since(days))
    return made


def _since(days: int) -> Any:
    return lambda pk, since: (f"{pk}:{since}:{days}", {"days": days})


def dues(*, tenant: Tenant, today: date) -> int:
    """This month's dues are charged; those whose day has passed count as late, and whoever listens is told."""
    made = due_plans.charge_all(tenant=tenant, today=today)
    late = Due.objects.filter(tenant=tenant, open_won__gt=0, due_on__lt=today, due_on__gte=today - BACK)
    for ids in _portions(late.order_by("due_on", "pk").values_list("member_id", flat=True)):
        _bring_up(tenant, set(ids), _UNPAID, today, lambda pk: due_ledger.bring_up_member(tenant, pk))
    for days in UNPAID:
        rows = Due.objects.filter(_LIVING, tenant=tenant, open_won__gt=0, due_on=today - timedelta(days=days))
        values = rows.order_by("pk").values_list(_WHO, "pk", "due_on")
        made += _record(tenant, FactKind.DUE_UNPAID, values, _late(days))
    return made


def _late(days: int) -> Any:
    return lambda pk, due_on: (f"{pk}:{due_on}:{days}", {"days": days})


def _record(tenant: Tenant, kind: FactKind, rows: Iterable[tuple[int, int, Any]], told: Any) -> int:
    """A fact for each (member, row, day); `told` gives its key and what it says."""
    count = 0
    for portion in _portions(rows):
        what = []
        for member, pk, day in portion:
            key, said = told(pk, day)
            what.append(facts.What(f"member:{member}", key, None, {"row": pk, **said}))
        facts.record_all(tenant=tenant, kind=kind, facts=what)
        count += len(what)
    return count


def _portions(rows: Iterable[Any]) -> Iterator[list[Any]]:
    walk = iter(rows.iterator(PORTION) if isinstance(rows, QuerySet) else rows)
    while portion := list(islice(walk, PORTION)):
        yield portion


# Only rows whose sums have moved are written: most of those looked at were put right on a day before.
# What pass_ledger.sums says, for many at once.
_OPEN = "FROM members_pass p WHERE p.member_id = members_member.id AND p.closed_on IS NULL"
_LIVE = f"""{_OPEN} AND p.sessions_left IS DISTINCT FROM 0 AND (
            p.ends_on IS NULL OR p.ends_on >= {{today}} OR (p.held_until IS NULL AND p.held_from <= {{today}}))"""
_SESSIONS_NOW = f"""(CASE
        WHEN NOT EXISTS (SELECT 1 {_OPEN} AND p.sessions_left IS NOT NULL) THEN NULL
        WHEN EXISTS (SELECT 1 {_LIVE} AND p.sessions_left IS NULL) THEN (SELECT SUM(p.sessions_left) {_LIVE})
        ELSE (SELECT COALESCE(SUM(p.sessions_left), 0) {_LIVE}) END)"""
_LAST_NOW = f"""(CASE
        WHEN EXISTS (SELECT 1 {_LIVE} AND (p.ends_on IS NULL OR (p.held_from IS NOT NULL AND p.held_until IS NULL)))
        THEN NULL ELSE COALESCE((SELECT MAX(p.ends_on) {_LIVE}), (SELECT MAX(p.ends_on) {_OPEN})) END)"""
_PASSES = f"""
    UPDATE members_member SET sessions_left = {_SESSIONS_NOW}, expires_on = {_LAST_NOW}
    WHERE tenant_id = {{tenant}} AND id IN ({{ids}})
      AND (sessions_left IS DISTINCT FROM {_SESSIONS_NOW} OR expires_on IS DISTINCT FROM {_LAST_NOW})
"""
_LATE_NOW = "FROM members_due d WHERE d.member_id = members_member.id AND d.open_won > 0 AND d.due_on < {today}"
_UNPAID = f"""
    UPDATE members_member SET
        unpaid_won = (SELECT COALESCE(SUM(d.open_won), 0) {_LATE_NOW}),
        unpaid_since = (SELECT MIN(d.due_on) {_LATE_NOW})
    WHERE tenant_id = {{tenant}} AND id IN ({{ids}})
      AND (unpaid_won <> (SELECT COALESCE(SUM(d.open_won), 0) {_LATE_NOW})
           OR unpaid_since IS DISTINCT FROM (SELECT MIN(d.due_on) {_LATE_NOW}))
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
            cursor.execute(sql.format(ids=marks, today=f"'{today}'", tenant=int(tenant.pk)))
    for pk in sorted(together):
        one_by_one(pk)
