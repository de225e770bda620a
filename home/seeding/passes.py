"""What the members of the demo have bought, when they came and what they owe: ledgers whose sums are right."""

from datetime import date, datetime, time, timedelta
from random import Random

from accounts.models import Tenant
from home.seeding.standing import about
from members import passes as rules
from members.enums import AttendanceWay, DueEntryKind, DueMethod, PassKind, Stage
from members.enums import PassEntryKind as Kind
from members.models import Attendance, Due, DueEntry, DuePlan, Group, Member, Membership, Pass, PassEntry, PassType
from members.services import due_plans, pass_ledger, pass_types
from ui import times

WITH_PASSES = 600  # members: enough to fill the pages, few enough to stay quick
SOLD = [
    ("1개월권", {"months": 1, "price_won": 90_000}),
    ("3개월권", {"months": 3, "price_won": 240_000}),
    ("10회권", {"sessions": 10, "months": 3, "price_won": 150_000}),
    ("PT 20회", {"sessions": 20, "price_won": 1_000_000}),
]


def make(tenant: Tenant, members: list[Member], die: Random) -> None:
    kinds = [pass_types.create(tenant=tenant, by=None, name=name, **more) for name, more in SOLD]
    living = [member for member in members if member.deleted_at is None][:WITH_PASSES]
    passes = _passes(tenant, living, kinds, die)
    _visits(tenant, passes, die)
    _settle(tenant, living)
    _dues(tenant, die)


def _passes(tenant: Tenant, members: list[Member], kinds: list[PassType], die: Random) -> list[Pass]:
    today, rows = times.today(), []
    for member in members:
        if die.random() < 0.2:
            continue
        kind, start = die.choice(kinds), today - timedelta(days=die.randrange(0, 80))
        end = rules.last_day(start, months=kind.months, days=kind.days)
        rows.append(
            Pass(
                tenant=tenant, member=member, type=kind, name=kind.name, price_won=kind.price_won, starts_on=start,
                ends_on=end, sessions=kind.sessions, sessions_left=kind.sessions,
                kind=PassKind.COUNT if kind.sessions else PassKind.PERIOD,
            )
        )  # fmt: skip
    passes = Pass.objects.bulk_create(rows, batch_size=500)
    PassEntry.objects.bulk_create(
        [
            PassEntry(
                tenant=tenant, of=one, kind=Kind.OPENED, on=one.starts_on, reference=f"seed:{one.pk}",
                days=rules.length(one.starts_on, one.ends_on), sessions=one.sessions or 0, won=one.price_won,
                at=about(one.starts_on),
            )
            for one in passes
        ],
        batch_size=500,
    )  # fmt: skip
    return passes


def _visits(tenant: Tenant, passes: list[Pass], die: Random) -> None:
    today, now = times.today(), times.now()
    rows: list[Attendance] = []
    for one in passes:
        last = min(today, one.ends_on or today)
        for day in sorted({last - timedelta(days=die.randrange(0, 21)) for _ in range(die.randrange(0, 6))}):
            at = datetime.combine(day, time(die.choice([7, 10, 14, 18, 19, 20]), die.randrange(60)), times.SEOUL)
            if day < one.starts_on or at > now or one.sessions_left == 0:
                continue
            if one.sessions_left is not None:
                one.sessions_left -= 1
            way = die.choice([AttendanceWay.DIGITS, AttendanceWay.DIGITS, AttendanceWay.QR, AttendanceWay.STAFF])
            rows.append(
                Attendance(
                    tenant=tenant, member=one.member, used=one, on=day, at=at, way=way, key=f"seed:{one.pk}:{day}"
                )
            )
    visits = Attendance.objects.bulk_create(sorted(rows, key=lambda visit: visit.at), batch_size=500)
    PassEntry.objects.bulk_create(
        [
            PassEntry(
                tenant=tenant, of=visit.used, kind=Kind.USED, on=visit.on, reference=f"visit:{visit.pk}",
                sessions=-1 if visit.used.sessions is not None else 0, at=visit.at,
            )
            for visit in visits
            if visit.used
        ],
        batch_size=500,
    )  # fmt: skip
    Pass.objects.bulk_update(passes, ["sessions_left"], batch_size=500)


def _settle(tenant: Tenant, members: list[Member]) -> None:
    """The members' columns, as the services of the ledgers keep them."""
    today, mine, last = times.today(), {}, {}  # type: ignore[var-annotated]
    for one in Pass.objects.filter(tenant=tenant):
        mine.setdefault(one.member_id, []).append(one)
    for visit in Attendance.objects.filter(tenant=tenant).order_by("at"):
        last[visit.member_id] = visit.on
    for member in members:
        member.expires_on, member.sessions_left = pass_ledger.sums(mine.get(member.pk, []), today)
        member.last_visit_on = last.get(member.pk)
    Member.objects.bulk_update(members, ["expires_on", "sessions_left", "last_visit_on"], batch_size=300)


def _dues(tenant: Tenant, die: Random) -> None:
    """Two groups pay monthly; most have paid last month's, and this month's is coming in."""
    this = times.today().replace(day=1)
    before = (this - timedelta(days=1)).replace(day=1)
    for group in Group.objects.filter(tenant=tenant).order_by("position")[:1]:
        few = Membership.objects.filter(tenant=tenant, group=group).values_list("member_id", flat=True)[:120]
        paying = Group.objects.create(tenant=tenant, name="월회비반", position=90)
        Membership.objects.bulk_create(Membership(tenant=tenant, member_id=pk, group=paying) for pk in few)
        paying.member_count = paying.members.filter(deleted_at=None).count()
        paying.save(update_fields=["member_count"])
        plan = due_plans.create(
            tenant=tenant, by=None, group=paying, name="월 수강료", amount_won=120_000, due_day=10, starts_on=this
        )
        # As if it had been made a month ago; no plan may begin in the past.
        plan.starts_on, plan.charged_month = before, this
        plan.save(update_fields=["starts_on", "charged_month"])
        for month, share in ((before, 0.9), (this, 0.6)):
            _paid(tenant, _charged(tenant, plan, month), share, die)
    _bring_up(tenant)


def _charged(tenant: Tenant, plan: DuePlan, month: date) -> list[Due]:
    """What due_plans.charge made on the first of that month: called today it would make them due today."""
    active = Member.objects.filter(tenant=tenant, deleted_at=None, stage=Stage.ACTIVE, memberships__group=plan.group)
    dues = Due.objects.bulk_create(
        Due(
            tenant=tenant, member=member, plan=plan, name=plan.name, month=month, amount_won=plan.amount_won,
            open_won=plan.amount_won, due_on=due_plans.day_in(month, plan.due_day),
        )
        for member in active.order_by("pk")
    )  # fmt: skip
    DueEntry.objects.bulk_create(
        DueEntry(
            tenant=tenant, due=due, kind=DueEntryKind.CHARGED, won=due.amount_won, reference=f"due:{due.pk}",
            on=month, at=about(month),
        )
        for due in dues
    )  # fmt: skip
    return dues


def _paid(tenant: Tenant, dues: list[Due], share: float, die: Random) -> None:
    done = [due for due in dues if die.random() < share]
    for due in done:
        due.paid_won = due.amount_won if die.random() < 0.93 else 60_000
        due.open_won = due.amount_won - due.paid_won
    Due.objects.bulk_update(done, ["paid_won", "open_won"], batch_size=300)
    DueEntry.objects.bulk_create(
        [
            DueEntry(
                tenant=tenant, due=due, kind=DueEntryKind.PAID, won=-due.paid_won, reference=f"seed:{due.pk}",
                on=(day := min(times.today(), due.due_on)), at=about(day), method=die.choice(DueMethod.values),
            )
            for due in done
        ],
        batch_size=500,
    )  # fmt: skip


def _bring_up(tenant: Tenant) -> None:
    today = times.today()
    behind: dict[int, Member] = {}
    for due in Due.objects.filter(tenant=tenant).select_related("member").order_by("-due_on"):
        member = behind.setdefault(due.member_id, due.member)
        if not hasattr(member, "seen"):
            member.unpaid_won, member.unpaid_since, member.seen = 0, None, True  # type: ignore[attr-defined]
        if due.open_won and due.due_on < today:
            member.unpaid_won, member.unpaid_since = member.unpaid_won + due.open_won, due.due_on
    Member.objects.bulk_update(list(behind.values()), ["unpaid_won", "unpaid_since"], batch_size=300)
