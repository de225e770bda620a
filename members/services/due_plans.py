"""Monthly dues: what everybody in a group owes, charged for a month in a few statements however many they are."""

import calendar
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction

from accounts import audit, facts
from accounts.audit import Actor, user_of
from accounts.models import Tenant, User
from accounts.ringing import ring
from config.queues import BULK
from members.enums import DueEntryKind, FactKind, MidMonth, Stage
from members.exceptions import InvalidDue
from members.models import DuePlan, Group, Member, Membership
from members.passes import WON_MOST
from ui import times

CHUNK = 5_000
KNOWN = {"name", "amount_won", "due_day", "mid_month", "starts_on"}


@transaction.atomic
def create(*, tenant: Tenant, by: Actor, group: Group, **values: Any) -> DuePlan:
    """What the members of a group owe from a month on: name, amount_won, due_day, mid_month, starts_on."""
    plan = DuePlan(tenant=tenant, group=group, starts_on=times.today().replace(day=1))
    return _saved(plan, by, "dueplan.created", values)


@transaction.atomic
def update(*, tenant: Tenant, by: Actor, plan: DuePlan, **values: Any) -> DuePlan:
    """Change what is given; months charged before stay as they were."""
    held = DuePlan.objects.select_for_update().get(tenant=tenant, pk=plan.pk)
    return _saved(held, by, "dueplan.updated", values)


@transaction.atomic
def end(*, tenant: Tenant, by: Actor, plan: DuePlan) -> None:
    """Charge no more months; twice is once. What was charged stays owed."""
    gone = DuePlan.objects.filter(tenant=tenant, pk=plan.pk, ended_at=None).update(ended_at=times.now())
    if gone:
        audit.record(tenant=tenant, by=by, kind="dueplan.ended", subject=plan)


def charge(*, tenant: Tenant, by: Actor, plan: DuePlan, month: date) -> int:
    """The dues of a month for everybody in the plan's group who is enrolled; how many were new. Twice is once.

    A chunk is one transaction, so nobody waits long for its locks, and a worker that dies goes on where it stopped.
    Who joined after the month was charged owes it too, or not: the plan says which.
    """
    month = month.replace(day=1)
    if plan.ended_at is not None or month < plan.starts_on:
        return 0
    if plan.mid_month == MidMonth.NONE and plan.charged_month and plan.charged_month >= month:
        return 0
    made, after = 0, 0
    while ids := _next(plan, after):
        made += _charge_chunk(tenant, plan, month, ids)
        after = ids[-1]
    with transaction.atomic():
        DuePlan.objects.filter(tenant=tenant, pk=plan.pk).update(charged_month=max(plan.charged_month or month, month))
        if made:
            audit.record(tenant=tenant, by=by, kind="dueplan.charged", subject=plan, count=made, month=f"{month:%Y-%m}")
    return made


def charge_now(*, tenant: Tenant, by: Actor, plan: DuePlan) -> int | None:
    """The present month at once, as a page asks for it; None where the group is large and a worker does it."""
    if Membership.objects.filter(tenant=tenant, group=plan.group_id)[CHUNK : CHUNK + 1].exists():
        user = user_of(by)
        ring("members.charge", tenant.pk, plan.pk, user and user.pk, queue=BULK)
        return None
    return charge(tenant=tenant, by=by, plan=plan, month=times.today())


def charge_row(*, tenant: Tenant, pk: int, user: int | None = None) -> None:
    """What `charge_now` left to a worker; `user` asked for it."""
    plan = DuePlan.objects.filter(tenant=tenant, pk=pk).first()
    if plan is not None:
        by = User.objects.filter(pk=user).first() if user else None
        charge(tenant=tenant, by=by, plan=plan, month=times.today())


def charge_all(*, tenant: Tenant, month: date) -> int:
    """A month of every plan: what the daily watch does."""
    rows = DuePlan.objects.filter(tenant=tenant, ended_at=None, starts_on__lte=month)
    return sum(charge(tenant=tenant, by=None, plan=plan, month=month) for plan in rows.order_by("pk"))


def day_in(month: date, due_day: int) -> date:
    """The day a due falls on: the 31st of a short month is its last day."""
    return month.replace(day=min(due_day, calendar.monthrange(month.year, month.month)[1]))


def _next(plan: DuePlan, after: int) -> list[int]:
    assert plan.group_id is not None, "only a plan that has ended can be without its group"
    inside = Membership.objects.filter(tenant_id=plan.tenant_id, group_id=plan.group_id, member_id__gt=after)
    return list(inside.order_by("member_id").values_list("member_id", flat=True)[:CHUNK])


@transaction.atomic
def _charge_chunk(tenant: Tenant, plan: DuePlan, month: date, ids: list[int]) -> int:
    """Lock who is not charged yet, then dues, lines and facts in one statement each. Nobody is late by it, so the
    members' columns stay."""
    first, last = ids[0], ids[-1]
    owing = Member.objects.filter(
        tenant=tenant, pk__gte=first, pk__lte=last, deleted_at=None, stage=Stage.ACTIVE,
        memberships__group=plan.group_id,
    )  # fmt: skip
    charged = plan.dues.filter(month=month, member_id__gte=first, member_id__lte=last).values("member_id")
    parts = plan.dues.filter(month=month, member__merged_into__gte=first, member__merged_into__lte=last)
    owing = owing.exclude(pk__in=parts.values("member__merged_into"))  # charged before they became one
    rows = owing.exclude(pk__in=charged).order_by("pk").select_for_update(of=("self",))
    found = list(rows.values_list("pk", flat=True))
    if not found:
        return 0
    made = _insert(tenant, plan, month, found)
    what = [facts.What(f"member:{member}", f"due:{due}", None, {"due": due}) for due, member in made]
    facts.record_all(tenant=tenant, kind=FactKind.DUE_CHARGED, facts=what)
    return len(made)


_DUES = """
    INSERT INTO members_due (tenant_id, member_id, plan_id, name, month, amount_won, paid_won, waived_won, open_won,
        due_on, created_at)
    SELECT tenant_id, id, %s, %s, %s, %s, 0, 0, %s, %s, %s FROM members_member WHERE tenant_id = %s AND id IN ({ids})
    ON CONFLICT DO NOTHING
"""
_LINES = """
    INSERT INTO members_dueentry (tenant_id, due_id, kind, won, "on", method, reference, note, at)
    SELECT d.tenant_id, d.id, %s, d.amount_won, %s, '', 'due:' || d.id, '', %s
    FROM members_due d WHERE d.plan_id = %s AND d.month = %s AND d.member_id IN ({ids})
    ON CONFLICT DO NOTHING
"""


def _insert(tenant: Tenant, plan: DuePlan, month: date, ids: list[int]) -> list[tuple[int, int]]:
    """(due, member) of the dues that were made."""
    marks = ", ".join(str(int(pk)) for pk in ids)  # numbers of our own: SQLite takes no list
    # Nobody is late with what is charged today: the day that has passed already is today's.
    now, won, day = times.now(), plan.amount_won, max(day_in(month, plan.due_day), times.today())
    with connection.cursor() as cursor:
        dues: list[Any] = [plan.pk, plan.name, month, won, won, day, now, tenant.pk]
        cursor.execute(_DUES.format(ids=marks), dues)
        cursor.execute(_LINES.format(ids=marks), [DueEntryKind.CHARGED.value, times.today(), now, plan.pk, month])
    rows = plan.dues.filter(month=month, member_id__gte=ids[0], member_id__lte=ids[-1], member_id__in=ids)
    return list(rows.values_list("pk", "member_id"))


def _saved(plan: DuePlan, by: Actor, kind: str, values: dict[str, Any]) -> DuePlan:
    assert set(values) <= KNOWN, "unknown field"
    first = plan.starts_on if plan.pk else None
    for name, value in values.items():
        setattr(plan, name, value)
    plan.name = " ".join((plan.name or "").replace("\x00", "").split())
    plan.starts_on = plan.starts_on.replace(day=1)
    _check(plan, is_new_month=plan.starts_on != first)
    plan.save()
    audit.record(tenant=plan.tenant, by=by, kind=kind, subject=plan)
    return plan


def _check(plan: DuePlan, *, is_new_month: bool) -> None:
    wrong: dict[str, list[Any]] = {}
    if not 0 < len(plan.name) <= 40:
        wrong["name"] = [InvalidDue.name]
    if not 0 < (plan.amount_won or 0) <= WON_MOST:
        wrong["amount_won"] = [InvalidDue.amount]
    if not 1 <= plan.due_day <= 31:
        wrong["due_day"] = [InvalidDue.day]
    if plan.mid_month not in MidMonth.values:
        wrong["mid_month"] = [InvalidDue.message]
    if abs(plan.starts_on - times.today()) > timedelta(days=1_100):
        wrong["starts_on"] = [InvalidDue.month]
    elif is_new_month and plan.starts_on < times.today().replace(day=1):
        wrong["starts_on"] = [InvalidDue.past]  # it would never be charged
    if wrong:
        raise InvalidDue(next(iter(wrong.values()))[0], fields=wrong)
