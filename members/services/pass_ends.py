"""How a pass ends before its time: given to another member, or paid back. Both close it, and neither can be undone."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db import transaction

from accounts import audit
from accounts.audit import Actor
from accounts.models import Tenant
from members import passes as rules
from members.enums import PassEntryKind as Kind
from members.enums import RefundRule
from members.exceptions import GivenToSelf, InvalidPass, PassClosed, PassExpired, PassUsedUp, RefundedTooMuch
from members.models import Member, Pass
from members.selectors.merged import kept_id
from members.selectors.passes import pass_
from members.services import pass_ledger as ledger
from members.services.passes import end_now
from ui import times


@dataclass(frozen=True)
class _Stopped:
    """A pass as it is if it stops on a day: its last day with the hold ended, and what was used until then."""

    ends_on: date | None
    days: int
    days_used: int
    sessions: int
    sessions_used: int


def quote(
    tenant: Tenant,
    one: Pass,
    *,
    by_what: str = "",
    percent: int | None = None,
    on: date | None = None,
    rule: str = "",
) -> rules.RefundQuote:
    """What would be paid back if it stopped that day: nothing is written. `by_what` is "days" or "sessions".

    By the `rule` of its type, unless another is said. An academy's lessons pass whoever comes: by days where it can.
    """
    one = pass_(tenant, one.pk)
    if one.closed_on is not None:
        raise PassClosed
    rate = one.type.penalty_percent if percent is None and one.type else rules.PENALTY if percent is None else percent
    if not 0 <= rate <= 100:
        raise InvalidPass(InvalidPass.percent, fields={"percent": [InvalidPass.percent]})
    if rule not in RefundRule.values:
        rule = one.type.refund_rule if one.type else RefundRule.SPORTS
    day = on or times.today()
    stopped = _stopped(one, day)
    measures = {}
    if one.sessions is not None:
        measures["sessions"] = (stopped.sessions_used, stopped.sessions)
    if one.ends_on is not None:
        measures["days"] = (stopped.days_used, stopped.days)
    if by_what not in measures:
        by_what = (list(measures)[-1] if rule == RefundRule.ACADEMY else next(iter(measures))) if measures else ""
    used, total = measures.get(by_what, (0, 0))
    if ledger.is_over(one, day) or one.sessions_left == 0:
        used = total = max(total, 1)  # nothing is left of it, by whichever measure
    if rule == RefundRule.ACADEMY:
        months = rules.months_in(one.starts_on, stopped.days) if one.ends_on else Fraction(1)
        passed = rules.months_in(one.starts_on, used) if by_what == "days" else None
        return rules.refund_by_steps(
            paid_won=_paid(one), by=by_what, used=used, total=total, months=months, begun=day >= one.starts_on,
            passed=passed,
        )  # fmt: skip
    return rules.refund(paid_won=_paid(one), by=by_what, used=used, total=total, percent=rate)


@transaction.atomic
def refund(*, tenant: Tenant, by: Actor, one: Pass, reference: str, won: int, note: str = "") -> Pass:
    """Close a pass and pay back so much: what the quote said, or what the person chose instead."""
    one, day = ledger.held_pass(tenant, one), times.today()
    if before := ledger.done_before(tenant, Kind.REFUNDED, reference):
        return before.of
    if one.closed_on is not None:
        raise PassClosed
    if not 0 <= won <= _paid(one):
        raise RefundedTooMuch(fields={"won": [RefundedTooMuch.message]})
    _end_hold(one, day, by, reference)
    last = day if day >= one.starts_on else one.starts_on - timedelta(days=1)
    days = -max(0, (one.ends_on - last).days) if one.ends_on else 0
    amounts = {"sessions": -(one.sessions_left or 0), "days": days, "won": -won, "note": note.strip()[:200]}
    ledger.write(one, Kind.REFUNDED, by=by, reference=reference, on=day, **amounts)
    _settle(one)
    audit.record(tenant=tenant, by=by, kind="pass.refunded", subject=one, won=won)
    return one


@transaction.atomic
def give(*, tenant: Tenant, by: Actor, one: Pass, to: Member, reference: str, note: str = "") -> Pass:
    """Hand what remains to another member; returns the new pass there, which names this one."""
    kept = kept_id(tenant, one.member_id)
    if to.pk == kept:
        raise GivenToSelf
    ledger.locked(tenant, *sorted({kept, one.member_id, to.pk}))
    ledger.locked(tenant, to.pk, living=True)
    one, day = ledger.held_pass(tenant, one), times.today()
    if before := ledger.done_before(tenant, Kind.RECEIVED, reference):
        return before.of
    _must_be_worth_giving(one, day)
    worth = quote(tenant, one, percent=0, on=day, rule=RefundRule.SPORTS).refund_won
    _end_hold(one, day, by, reference)
    days, sessions = rules.days_remaining(one.starts_on, one.ends_on, day), one.sessions_left or 0
    new = Pass.objects.create(
        tenant=tenant, member=to, type=one.type, name=one.name, kind=one.kind, price_won=worth, received_from=one,
        starts_on=max(day, one.starts_on), sessions=None if one.sessions is None else sessions,
    )  # fmt: skip
    text = note.strip()[:200]
    ledger.write(
        one, Kind.GIVEN, by=by, reference=reference, on=day, sessions=-sessions, days=-days, won=-worth, note=text
    )
    ledger.write(
        new, Kind.RECEIVED, by=by, reference=reference, on=day, sessions=sessions, days=days, won=worth, note=text
    )
    _settle(one)
    _settle(new)
    audit.record(tenant=tenant, by=by, kind="pass.given", subject=one)
    return new


def _must_be_worth_giving(one: Pass, day: date) -> None:
    if one.closed_on is not None:
        raise PassClosed
    if ledger.is_over(one, day):
        raise PassExpired
    if one.sessions_left == 0:
        raise PassUsedUp


def _end_hold(one: Pass, day: date, by: Actor, reference: str) -> None:
    """A pass on hold comes off it as it ends: nobody should have to end the hold first."""
    ledger.end_hold(one, day)
    if one.held_from is not None:
        end_now(one, max(day, one.held_from), by=by, reference=f"end:{one.pk}:{reference}"[:80])


def _stopped(one: Pass, day: date) -> _Stopped:
    days, sessions = ledger.contracted(one)
    end, last = one.ends_on, day
    if one.held_from is not None and (one.held_until is None or day <= one.held_until):
        if end is not None:
            end += timedelta(days=rules.resume_days(one.held_from, one.held_until, max(day, one.held_from)))
        if one.held_from <= day:
            last = day - timedelta(days=1)  # a day on hold was not used
    used = rules.used_days(one.starts_on, end, days, last)
    return _Stopped(end, days, used, sessions, sessions - (one.sessions_left or 0))


def _paid(one: Pass) -> int:
    """What the member has paid for it and not got back."""
    return sum(line.won for line in ledger.lines(one))


def _settle(one: Pass) -> None:
    ledger.bring_up(one)
    ledger.bring_up_member(one.tenant, one.member_id, times.today())
