"""Visits: a member came. One that needs no pass is written too, and says so.

Every deed holds the row of its member. `key` names the tap that made a visit: the same tap sent twice is one visit,
and so is another within DOUBLE, for nobody leaves and comes again that fast.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Max

from accounts import audit, facts
from accounts.audit import Actor, user_of
from accounts.models import Tenant
from members.enums import AttendanceWay, FactKind
from members.exceptions import DayToCome, PassNotFound, VisitNotFound, VisitTooOld
from members.models import Attendance, Kiosk, Member, Pass
from members.selectors.merged import ids_with, whole
from members.services import pass_ledger as ledger
from members.services import passes as passing
from ui import times

DOUBLE = timedelta(minutes=10)
BACK = timedelta(days=366)
NO_PASS, EXPIRED, USED_UP, HELD = "no_pass", "expired", "used_up", "held"


@dataclass(frozen=True)
class CheckIn:
    """A visit, the pass it used as it is now, whether it was there before, and why no pass was used."""

    visit: Attendance
    used: Pass | None
    again: bool = False
    without: str = ""


@transaction.atomic
def check_in(
    *,
    tenant: Tenant,
    by: Actor,
    member: Member,
    way: str,
    key: str,
    kiosk: Kiosk | None = None,
    one: Pass | None = None,
    at: datetime | None = None,
) -> CheckIn:
    """Write a visit and use the pass that ends first, or the one that was chosen, which may refuse."""
    ledger.locked(tenant, member.pk, living=True)
    moment = at or times.now()
    if moment > times.now() + timedelta(minutes=1):
        raise DayToCome
    if moment < times.now() - BACK:
        raise VisitTooOld
    if before := _before(tenant, member, key, moment):
        return CheckIn(before, before.used, again=True)
    day = times.seoul(moment).date()
    if one is not None and one.member_id not in ids_with(tenant, member):
        raise PassNotFound
    visit = Attendance.objects.create(
        tenant=tenant, member=member, on=day, at=moment, way=AttendanceWay(way), key=key[:80], kiosk=kiosk,
        by=user_of(by),
    )  # fmt: skip
    used = one or next(iter(ledger.usable(tenant, member.pk, day)), None)
    if used is not None:
        used = passing.use(tenant=tenant, by=by, one=used, reference=f"visit:{visit.pk}", on=day)
        visit.used = used
        visit.save(update_fields=["used"])
    bring_up_member(tenant, member.pk)
    facts.record(
        tenant=tenant, kind=FactKind.VISITED, subject=f"member:{member.pk}", key=f"visit:{visit.pk}", at=moment,
        visit=visit.pk,
    )  # fmt: skip
    if by is not None:
        audit.record(tenant=tenant, by=by, kind="visit.recorded", subject=visit)
    return CheckIn(visit, used, without="" if used else _why_none(tenant, member, day))


def uses_another(tenant: Tenant, member: Member, key: str) -> bool:
    """Whether a check-in now would use a further session of who came today already: a tablet asks first."""
    today = times.today()
    rows = Attendance.objects.filter(tenant=tenant, member_id__in=ids_with(tenant, member), on=today, undone_at=None)
    if not rows.exists() or _before(tenant, member, key, times.now()):
        return False
    following = next(iter(ledger.usable(tenant, member.pk, today)), None)
    return following is not None and following.sessions_left is not None


@transaction.atomic
def undo(*, tenant: Tenant, by: Actor, visit: Attendance) -> Attendance:
    """Take a visit back, and what it used of a pass; twice is once."""
    ledger.locked_whole(tenant, visit.member_id)
    held = Attendance.objects.filter(tenant=tenant, pk=visit.pk).select_related("used").first()
    if held is None:
        raise VisitNotFound
    if held.undone_at is not None:
        return held
    if held.used is not None:
        passing.give_back(tenant=tenant, by=by, one=held.used, reference=f"visit:{held.pk}")
    held.undone_at = times.now()
    held.save(update_fields=["undone_at"])
    bring_up_member(tenant, held.member_id)
    audit.record(tenant=tenant, by=by, kind="visit.undone", subject=held)
    return held


def _before(tenant: Tenant, member: Member, key: str, moment: datetime) -> Attendance | None:
    """The visit this tap made already, or the one a moment ago."""
    rows = Attendance.objects.filter(tenant=tenant).select_related("used")
    same = rows.filter(key=key[:80]).first()
    if same is not None:
        return same
    near = rows.filter(member=member, undone_at=None, at__gt=moment - DOUBLE, at__lt=moment + DOUBLE)
    return near.order_by("-at").first()


def bring_up_member(tenant: Tenant, member_id: int) -> None:
    """Make a member's last visit the last of those that count, those of merged members among them."""
    kept, ids = whole(tenant, member_id)
    rows = Attendance.objects.filter(tenant=tenant, member_id__in=ids, undone_at=None)
    last = rows.aggregate(last=Max("on"))["last"]
    Member.objects.filter(tenant=tenant, pk=kept).update(last_visit_on=last)


def _why_none(tenant: Tenant, member: Member, day: date) -> str:
    """What is the matter with the passes that day, if there are any."""
    rows = list(Pass.objects.filter(tenant=tenant, member_id__in=ids_with(tenant, member), closed_on=None))
    if any(ledger.was_held(one, day) for one in rows):
        return HELD
    if any(one.sessions_left == 0 and not ledger.is_over(one, day) for one in rows):
        return USED_UP
    return EXPIRED if any(ledger.is_over(one, day) for one in rows) else NO_PASS
