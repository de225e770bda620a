"""Deeds on passes: open, use, return, hold, resume, adjust. Giving and refunding are in `pass_ends`.

Each deed carries a reference and is done once: the second time finds the line of the first and changes nothing.
"""

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from accounts import audit, facts
from accounts.audit import Actor
from accounts.models import Tenant
from members import passes as rules
from members.enums import FactKind, PassKind
from members.enums import PassEntryKind as Kind
from members.exceptions import (
    DayToCome,
    HoldOverHold,
    HoldOverVisit,
    InvalidPass,
    NothingToReturn,
    PassClosed,
    PassExpired,
    PassNotOnHold,
    PassNotStarted,
    PassOnHold,
    PassUsedUp,
)
from members.models import Member, Pass, PassEntry, PassType
from members.services import pass_ledger as ledger
from ui import times

FAR = timedelta(days=3_660)


@transaction.atomic
def open_pass(
    *,
    tenant: Tenant,
    by: Actor,
    member: Member,
    reference: str,
    starts_on: date | None = None,
    type: PassType | None = None,
    name: str = "",
    months: int | None = None,
    days: int | None = None,
    sessions: int | None = None,
    price_won: int | None = None,
    note: str = "",
) -> Pass:
    """A new pass of a member: as its type says, or freely; what is given overrules the type."""
    ledger.locked(tenant, member.pk, living=True)
    if before := ledger.done_before(tenant, Kind.OPENED, reference):
        return before.of
    start = starts_on or times.today()
    if type is not None:
        months, days = (type.months, type.days) if months is None and days is None else (months, days)
        sessions = type.sessions if sessions is None else sessions
    price = (type.price_won if type else 0) if price_won is None else price_won
    name = " ".join((name or (type.name if type else "")).split())
    end = _checked_length(name, start, months, days, sessions, price)
    one = Pass.objects.create(
        tenant=tenant, member=member, type=type, name=name, price_won=price, starts_on=start, sessions=sessions,
        kind=PassKind.COUNT if sessions is not None else PassKind.PERIOD,
    )  # fmt: skip
    amounts = {"sessions": sessions or 0, "days": rules.length(start, end), "won": price, "note": note[:200]}
    ledger.write(one, Kind.OPENED, by=by, reference=reference, on=start, **amounts)
    audit.record(tenant=tenant, by=by, kind="pass.opened", subject=one)
    return _settled(one)


def _checked_length(
    name: str, start: date, months: int | None, days: int | None, sessions: int | None, price: int
) -> date | None:
    """The last day, after a look at everything that can be wrong with a new pass."""
    wrong: dict[str, list[Any]] = {}
    if not 0 < len(name) <= 40:
        wrong["name"] = [InvalidPass.name]
    if abs(start - times.today()) > FAR:
        wrong["starts_on"] = [InvalidPass.day]
    if not (months or days or sessions) or min(months or 0, days or 0) < 0:
        wrong["sessions"] = [InvalidPass.length]
    if (months or 0) * 31 + (days or 0) > rules.DAYS_MOST:
        wrong["days"] = [InvalidPass.beyond]
    if sessions is not None and not 0 < sessions <= rules.SESSIONS_MOST:
        wrong["sessions"] = [InvalidPass.length if sessions < 1 else InvalidPass.beyond]
    if not 0 <= price <= rules.WON_MOST:
        wrong["price_won"] = [InvalidPass.money]
    if wrong:
        raise InvalidPass(next(iter(wrong.values()))[0], fields=wrong)
    return rules.last_day(start, months=months, days=days)


@transaction.atomic
def use(*, tenant: Tenant, by: Actor, one: Pass, reference: str, on: date | None = None) -> Pass:
    """One visit on that day. A pass that counts no sessions is not lessened, but remembers the visit."""
    one, day = ledger.held_pass(tenant, one), on or times.today()
    if before := ledger.done_before(tenant, Kind.USED, reference):
        return before.of
    _must_be_open(one)
    _must_be_past(day)
    ledger.end_hold(one, day)
    if day < one.starts_on:
        raise PassNotStarted
    if ledger.was_held(one, day):
        raise PassOnHold
    if one.ends_on is not None and one.ends_on < day:
        raise PassExpired
    if one.sessions_left == 0:
        raise PassUsedUp
    counted = one.sessions_left is not None
    entry = ledger.write(one, Kind.USED, by=by, reference=reference, on=day, sessions=-1 if counted else 0)
    if _settled(one).sessions_left == 0:
        facts.record(
            tenant=tenant, kind=FactKind.PASS_USED_UP, subject=f"member:{one.member_id}", key=f"entry:{entry.pk}",
            pass_id=one.pk,
        )  # fmt: skip
    return one


@transaction.atomic
def give_back(*, tenant: Tenant, by: Actor, one: Pass, reference: str) -> Pass:
    """Undo the use that has the same reference."""
    one = ledger.held_pass(tenant, one)
    if before := ledger.done_before(tenant, Kind.RETURNED, reference):
        return before.of
    used = PassEntry.objects.filter(tenant=tenant, of=one, kind=Kind.USED, reference=reference).first()
    if used is None:
        raise NothingToReturn
    _must_be_open(one)
    ledger.write(one, Kind.RETURNED, by=by, reference=reference, on=used.on, sessions=-used.sessions)
    return _settled(one)


@transaction.atomic
def hold(
    *,
    tenant: Tenant,
    by: Actor,
    one: Pass,
    reference: str,
    from_on: date | None = None,
    until: date | None = None,
    note: str = "",
) -> Pass:
    """Stop the clock from a day on, to a last day or until told; the last day of the pass moves by as much."""
    one, start = ledger.held_pass(tenant, one), from_on or times.today()
    if before := ledger.done_before(tenant, Kind.HELD, reference):
        return before.of
    _must_be_open(one)
    ledger.end_hold(one, times.today())
    if one.held_from is not None:
        raise PassOnHold
    _must_fit_hold(one, start, until)
    days = rules.hold_days(start, until) if one.ends_on else 0
    ledger.write(one, Kind.HELD, by=by, reference=reference, on=start, until=until, days=days, note=note[:200])
    audit.record(tenant=tenant, by=by, kind="pass.held", subject=one)
    return _settled(one)


def _must_fit_hold(one: Pass, start: date, until: date | None) -> None:
    if start < one.starts_on:
        raise PassNotStarted
    if one.ends_on is not None and start > one.ends_on:
        raise PassExpired
    if start > times.today() + FAR or (until is not None and not start <= until <= start + FAR):
        raise InvalidPass(InvalidPass.day, fields={"until": [InvalidPass.day]})
    entries = PassEntry.objects.filter(tenant_id=one.tenant_id, of=one)
    if any(rules.meet((start, until), span) for span in rules.held_spans(ledger.lines(one))):
        raise HoldOverHold
    returned = entries.filter(kind=Kind.RETURNED).values("reference")
    visits = entries.filter(kind=Kind.USED, on__gte=start).exclude(reference__in=returned)
    if (visits.filter(on__lte=until) if until else visits).exists():
        raise HoldOverVisit


@transaction.atomic
def resume(*, tenant: Tenant, by: Actor, one: Pass, reference: str, on: date | None = None) -> Pass:
    """End a hold; `on` is the first day of coming again, today unless said. Days not held are taken back."""
    one, day = ledger.held_pass(tenant, one), on or times.today()
    if before := ledger.done_before(tenant, Kind.RESUMED, reference):
        return before.of
    _must_be_open(one)
    ledger.end_hold(one, min(day, times.today()))  # what runs today is not over, whichever day is asked for
    if one.held_from is None:
        raise PassNotOnHold
    day = max(day, one.held_from)  # a hold that has not begun is taken back whole
    if day > times.today() and day > one.held_from:
        raise DayToCome
    end_now(one, day, by=by, reference=reference)
    audit.record(tenant=tenant, by=by, kind="pass.resumed", subject=one)
    return _settled(one)


def end_now(one: Pass, day: date, *, by: Actor, reference: str) -> None:
    """Write that a hold ended before that day."""
    assert one.held_from is not None, "only what is held can be resumed"
    moved = rules.resume_days(one.held_from, one.held_until, day) if one.ends_on else 0
    ledger.write(one, Kind.RESUMED, by=by, reference=reference, on=day, days=moved)
    ledger.bring_up(one)


@transaction.atomic
def adjust(
    *, tenant: Tenant, by: Actor, one: Pass, reference: str, note: str, days: int = 0, sessions: int = 0
) -> Pass:
    """More or fewer days or sessions, with the reason."""
    one = ledger.held_pass(tenant, one)
    if before := ledger.done_before(tenant, Kind.ADJUSTED, reference):
        return before.of
    _must_be_open(one)
    _must_fit_change(one, days, sessions, note.strip())
    amounts = {"days": days, "sessions": sessions, "note": note.strip()[:200]}
    ledger.write(one, Kind.ADJUSTED, by=by, reference=reference, on=times.today(), **amounts)
    audit.record(tenant=tenant, by=by, kind="pass.adjusted", subject=one, days=days, sessions=sessions)
    return _settled(one)


def _must_fit_change(one: Pass, days: int, sessions: int, note: str) -> None:
    if not note:
        raise InvalidPass(InvalidPass.reason, fields={"note": [InvalidPass.reason]})
    if not days and not sessions:
        raise InvalidPass(InvalidPass.nothing, fields={"days": [InvalidPass.nothing]})
    if sessions and one.sessions_left is None:
        raise InvalidPass(InvalidPass.uncounted, fields={"sessions": [InvalidPass.uncounted]})
    if days and one.ends_on is None:
        raise InvalidPass(InvalidPass.endless, fields={"days": [InvalidPass.endless]})
    if abs(days) > rules.DAYS_MOST or abs(sessions) > rules.SESSIONS_MOST:
        raise InvalidPass(InvalidPass.beyond, fields={"days": [InvalidPass.beyond]})
    left = (one.sessions_left or 0) + sessions
    length = rules.length(one.starts_on, one.ends_on) + days if one.ends_on else 1
    if left > rules.SESSIONS_MOST or length > rules.DAYS_MOST:
        raise InvalidPass(InvalidPass.beyond, fields={"days": [InvalidPass.beyond]})
    if left < 0 or length < 1:
        raise InvalidPass(InvalidPass.below, fields={"sessions" if left < 0 else "days": [InvalidPass.below]})


def _must_be_open(one: Pass) -> None:
    if one.closed_on is not None:
        raise PassClosed


def _must_be_past(day: date) -> None:
    if day > times.today():
        raise DayToCome


def _settled(one: Pass) -> Pass:
    ledger.bring_up(one)
    ledger.bring_up_member(one.tenant, one.member_id, times.today())
    return one
