"""Reads of passes: a member's, with their ledgers and the one line that answers "몇 회 남았나요?"."""

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import Count, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from accounts.models import Tenant
from members import passes as rules
from members.exceptions import PassNotFound, PassTypeNotFound
from members.models import Attendance, Member, Pass, PassEntry, PassType
from members.selectors.merged import ids_with, with_cards
from ui import times

LEDGER_SHOWN = 50
CLOSED_SHOWN = 5
ON, HELD, WAITS, USED_UP, OVER, CLOSED = "active", "held", "scheduled", "used_up", "expired", "closed"


@dataclass
class Shown:
    """A pass as the card shows it: its state today, its last lines, who it came from or went to."""

    row: Pass
    state: str
    line: str
    entries: list[PassEntry] = field(default_factory=list)
    given_to: Pass | None = None


@dataclass
class Passes:
    """What the card's panel shows. `summary` is the one line; `next` the pass that the next visit uses."""

    summary: str
    rows: list[Shown]
    past: list[Shown]
    next: Pass | None
    visits: list[Attendance]


def member_passes(tenant: Tenant, member: Member) -> Passes:
    """All of a member's passes that are not done with, the last few that are, each with its ledger."""
    today, ids = times.today(), ids_with(tenant, member)
    rows = list(Pass.objects.filter(tenant=tenant, member_id__in=ids).select_related("received_from__member"))
    shown = [_shown(one, today) for one in rules.soonest_first(rows)]
    current = [one for one in shown if one.state in (ON, HELD, WAITS)]
    past = [one for one in reversed(shown) if one not in current][:CLOSED_SHOWN]
    _fill(tenant, current + past)
    usable = [one.row for one in current if one.state == ON]
    visits = Attendance.objects.filter(tenant=tenant, member_id__in=ids, undone_at=None).order_by("-at")[:5]
    return Passes(summary(rows), current, past, usable[0] if usable else None, list(visits))


def summary(rows: list[Pass]) -> str:
    """ "12회 남음 · 3월 14일까지": of all the passes together, as one would say it on the phone."""
    today = times.today()
    by_state = {state: [one for one in rows if state_of(one, today) == state] for state in (ON, HELD, WAITS)}
    if now := by_state[ON]:
        return " · ".join(part for part in (_left(now), _until(now, today)) if part)
    if held := by_state[HELD]:
        until = held[0].held_until
        return _("홀딩 중 · {day}까지").format(day=times.kday(until)) if until else _("홀딩 중")
    if waiting := by_state[WAITS]:
        return _("{day}부터 써요").format(day=times.kday(min(one.starts_on for one in waiting)))
    return _over([one for one in rows if one.closed_on is None], today)


def _left(rows: list[Pass]) -> str:
    counted = [one.sessions_left for one in rows if one.sessions_left is not None]
    return _("{n}회 남음").format(n=f"{sum(counted):,}") if counted else ""


def _until(rows: list[Pass], today: date) -> str:
    ends = [one.ends_on for one in rows]
    if None in ends:
        return "" if any(one.sessions_left is not None for one in rows) else _("끝나는 날 없음")
    last = max(day for day in ends if day)
    return _("오늘까지") if last == today else _("{day}까지").format(day=times.kday(last))


def _over(rows: list[Pass], today: date) -> str:
    if not rows:
        return _("쓰고 있는 이용권이 없어요")
    if any(one.sessions_left == 0 and (one.ends_on is None or one.ends_on >= today) for one in rows):
        return _("횟수를 다 썼어요")
    return _("{day}에 끝났어요").format(day=times.kday(max(one.ends_on for one in rows if one.ends_on)))


def state_of(one: Pass, today: date) -> str:
    """In which state a pass is that day; a word that the badges know."""
    if one.closed_on is not None:
        return CLOSED
    if rules.holds(one.held_from, one.held_until, today):
        return HELD
    if one.ends_on is not None and one.ends_on < today:
        return OVER
    if one.sessions_left == 0:
        return USED_UP
    return WAITS if one.starts_on > today else ON


def _shown(one: Pass, today: date) -> Shown:
    state = state_of(one, today)
    return Shown(one, state, _line(one, state))


def _line(one: Pass, state: str) -> str:
    parts = []
    if one.sessions_left is not None:
        left, whole = f"{one.sessions_left:,}", f"{one.sessions or 0:,}"
        parts.append(_("{left}회 남음 (처음 {whole}회)").format(left=left, whole=whole))
    if state == HELD and one.held_until is None and one.ends_on:
        parts.append(_("홀딩이 끝나면 만료일이 밀려요"))
    elif one.ends_on:
        parts.append(f"{times.kday(one.starts_on)} – {times.kday(one.ends_on)}")
    else:
        parts.append(_("{day}부터").format(day=times.kday(one.starts_on)))
    return " · ".join(parts)


def _fill(tenant: Tenant, shown: list[Shown]) -> None:
    ids = [one.row.pk for one in shown]
    place = Window(RowNumber(), partition_by="of_id", order_by="-pk")
    entries = PassEntry.objects.filter(tenant=tenant, of_id__in=ids).annotate(place=place)
    entries = entries.filter(place__lte=LEDGER_SHOWN).select_related("by").order_by("of_id", "-pk")
    by_pass: dict[int, list[Any]] = {pk: list(group) for pk, group in groupby(entries, key=lambda entry: entry.of_id)}
    given = Pass.objects.filter(tenant=tenant, received_from_id__in=ids).select_related("member")
    to = {one.received_from_id: one for one in given}
    with_cards(tenant, [*to.values(), *(one.row.received_from for one in shown if one.row.received_from)])
    for one in shown:
        one.entries, one.given_to = by_pass.get(one.row.pk, []), to.get(one.row.pk)


def pass_(tenant: Tenant, pk: int) -> Pass:
    """One pass with its member and type."""
    rows = Pass.objects.filter(tenant=tenant, pk=pk).select_related("member", "type")
    one = rows.first()
    if one is None:
        raise PassNotFound
    return one


def pass_list(tenant: Tenant, member: Member | None = None) -> QuerySet[Pass]:
    """Newest first, of one member or of all."""
    rows = Pass.objects.filter(tenant=tenant).select_related("member")
    return rows.filter(member_id__in=ids_with(tenant, member)) if member else rows


def types(tenant: Tenant, *, retired: bool = False) -> QuerySet[PassType]:
    """What is sold, in the shop's own order; with `retired` also what no longer is."""
    rows = PassType.objects.filter(tenant=tenant)
    return rows if retired else rows.filter(retired_at=None)


def types_with_use(tenant: Tenant) -> QuerySet[PassType]:
    """Types with the number of passes of each that are going on."""
    going = Q(going__closed_on=None) & (Q(going__ends_on=None) | Q(going__ends_on__gte=times.today()))
    going &= Q(going__sessions_left=None) | Q(going__sessions_left__gt=0)
    return types(tenant).annotate(going_count=Count("going", filter=going))


def type_(tenant: Tenant, pk: int) -> PassType:
    found = PassType.objects.filter(tenant=tenant, pk=pk).first()
    if found is None:
        raise PassTypeNotFound
    return found


def entries(tenant: Tenant, one: Pass) -> QuerySet[PassEntry]:
    return PassEntry.objects.filter(tenant=tenant, of=one).order_by("pk")
