"""The ledger of passes: who is locked, how a line is written, and how columns are brought up to the sum.

Every deed on passes holds the row of its member (of both, in the order of ids, where a pass changes hands), so that
deeds of one member come one after the other. Nothing else writes Pass, PassEntry, Member.expires_on or sessions_left.
"""

from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from accounts.audit import Actor, user_of
from accounts.models import Tenant
from members import passes as rules
from members.enums import PassEntryKind as Kind
from members.exceptions import MemberNotFound, PassNotFound
from members.models import Member, Pass, PassEntry
from members.selectors.merged import kept_of, whole
from ui import times

CONTRACTED = (Kind.OPENED, Kind.RECEIVED, Kind.ADJUSTED)  # what a pass was worth, before any use


def locked(tenant: Tenant, *ids: int, living: bool = False) -> list[Member]:
    """The members' rows, held until the transaction ends; in the order asked for."""
    rows = Member.objects.select_for_update(of=("self",)).filter(tenant=tenant, pk__in=ids).order_by("pk")
    found = {row.pk: row for row in rows}
    if any(pk not in found or (living and found[pk].deleted_at) for pk in ids):
        raise MemberNotFound
    return [found[pk] for pk in ids]


def locked_whole(tenant: Tenant, member_id: int) -> None:
    """Hold a member's row; of one who was merged, first the row of whom its lines count for today."""
    if kept := kept_of(tenant, [member_id]).get(member_id):
        locked(tenant, kept)
    locked(tenant, member_id)


def held_pass(tenant: Tenant, one: Pass) -> Pass:
    """The pass as it is now, under its member's lock."""
    locked_whole(tenant, one.member_id)
    fresh = Pass.objects.filter(tenant=tenant, pk=one.pk).first()
    if fresh is None:
        raise PassNotFound
    return fresh


def done_before(tenant: Tenant, kind: str, reference: str) -> PassEntry | None:
    """The line this deed wrote the first time. Asked under the lock: the second of two clicks waits for the first."""
    return PassEntry.objects.filter(tenant=tenant, kind=kind, reference=reference).select_related("of").first()


def write(one: Pass, kind: str, *, by: Actor, reference: str, on: date, **amounts: Any) -> PassEntry:
    """Append a line; `amounts` are sessions, days, won, until and note. The columns follow with `bring_up`."""
    return PassEntry.objects.create(
        tenant_id=one.tenant_id, of=one, kind=kind, reference=reference, on=on, by=user_of(by), **amounts
    )


def lines(one: Pass) -> list[rules.Line]:
    columns = ("kind", "sessions", "days", "won", "on", "until")
    rows = PassEntry.objects.filter(tenant_id=one.tenant_id, of=one).order_by("pk")
    return [rules.Line(*row) for row in rows.values_list(*columns)]


def contracted(one: Pass) -> tuple[int, int]:
    """(days, sessions) that were sold, received or added by hand: what use is measured against."""
    whole = [line for line in lines(one) if line.kind in CONTRACTED]
    return sum(line.days for line in whole), sum(line.sessions for line in whole)


def end_hold(one: Pass, on: date) -> None:
    """Write the end of a hold whose last day is over by `on`, as the daily watch would."""
    if one.held_from is None or one.held_until is None or on <= one.held_until:
        return
    entry = PassEntry.objects.filter(tenant_id=one.tenant_id, of=one, kind=Kind.HELD).latest("pk")
    back = one.held_until + timedelta(days=1)
    write(one, Kind.RESUMED, by=None, reference=f"hold:{entry.pk}", on=back)
    bring_up(one)


def bring_up(one: Pass) -> Pass:
    """Make the columns of a pass equal the sum of its lines."""
    now = rules.state(one.starts_on, one.sessions is not None, lines(one))
    one.ends_on, one.sessions_left = now.ends_on, now.sessions_left
    one.held_from, one.held_until = now.held_from, now.held_until
    one.closed_on, one.closed_as = now.closed_on, now.closed_as
    one.save(update_fields=["ends_on", "sessions_left", "held_from", "held_until", "closed_on", "closed_as"])
    return one


def bring_up_member(tenant: Tenant, member_id: int, today: date) -> None:
    """Make a member's expires_on and sessions_left equal the sum of the open passes."""
    kept, ids = whole(tenant, member_id)
    still = list(Pass.objects.filter(tenant=tenant, member_id__in=ids, closed_on=None))
    expires_on, sessions_left = sums(still, today)
    Member.objects.filter(tenant=tenant, pk=kept).update(expires_on=expires_on, sessions_left=sessions_left)


def sums(still: list[Pass], today: date) -> tuple[date | None, int | None]:
    """(last day, sessions left) of a member's open passes.

    The last day is that of the passes with something left; one without an end, or on hold until told, makes it
    unknown. Where nothing is left it is the latest of all; but a pass that was used up while another ran on does not
    move the day on which that one ended. Sessions of a pass that has ended are lost, and not counted; "none left" is
    not said of whom another pass lets in uncounted. The daily watch says the same in SQL.
    """
    live = [one for one in still if one.sessions_left != 0 and not is_over(one, today)]
    endless = any(one.ends_on is None or (one.held_from and one.held_until is None) for one in live)
    last = None if endless else _latest_end(live) if live else _end_of_all(still)
    left = sum(one.sessions_left or 0 for one in live)
    counted = any(one.sessions_left is not None for one in still)
    unlimited = any(one.sessions_left is None for one in live)
    return last, left if counted and (left or not unlimited) else None


def _end_of_all(still: list[Pass]) -> date | None:
    """The last day where nothing is left."""
    ended = _latest_end([one for one in still if one.sessions_left != 0])
    used_up = [one.starts_on for one in still if one.sessions_left == 0]
    return ended if ended and used_up and ended >= max(used_up) else _latest_end(still)


def _latest_end(passes: list[Pass]) -> date | None:
    return max((one.ends_on for one in passes if one.ends_on), default=None)


def is_over(one: Pass, today: date) -> bool:
    """Whether its last day is behind us; a hold without an end keeps it from ending."""
    until_told = one.held_from is not None and one.held_until is None and one.held_from <= today
    return one.ends_on is not None and one.ends_on < today and not until_told


def was_held(one: Pass, on: date) -> bool:
    """Whether the pass is on hold that day, or was: a hold that is over still bars visits written for its days."""
    if rules.holds(one.held_from, one.held_until, on):
        return True
    return on < times.today() and any(rules.holds(*span, on) for span in rules.held_spans(lines(one)))


def usable(tenant: Tenant, member_id: int, on: date) -> list[Pass]:
    """Passes that a visit on that day may use, in the order it does: what ends first is used first."""
    _kept, ids = whole(tenant, member_id)
    rows = Pass.objects.filter(tenant=tenant, member_id__in=ids, closed_on=None, starts_on__lte=on)
    rows = rows.filter(Q(ends_on=None) | Q(ends_on__gte=on)).exclude(sessions_left=0)
    return rules.soonest_first(one for one in rows if not was_held(one, on))
