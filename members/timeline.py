"""One stream of all that happened with a member, newest first: notes, calls, visits, money, texts, changes.

Each kind of happening is a source that an app registers in its apps.py:

    register("visits", visits, kinds={"visit"})
    def visits(tenant, whose, before, limit): -> at most `limit` events older than `before`, newest first

`events` merges them by time. A page is a keyset: its cursor names the last event shown, so page 300 costs what page 1
costs, and each source is asked for no more than a page.
"""

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Tenant, User
from members.models import Member

LIMIT = 30
FIRST_ID = 2**63 - 1  # older than nothing: above all ids
# The chips of the page, in their order. Events of a kind that no chip names are seen under "모두" alone.
CHIPS = {
    "note": _("메모"),
    "call": _("통화"),
    "visit": _("출석"),
    "pass": _("이용권"),
    "due": _("회비"),
    "text": _("문자"),
    "consent": _("수신동의"),
    "change": _("변경"),
}


class Before(NamedTuple):
    """Asks a source for what is older than this moment, and of the same moment for smaller ids."""

    at: datetime
    id: int


@dataclass(frozen=True)
class Event:
    """One line of the stream. `id` is the row's, unique within its source; `remark` is not for a customer's eyes."""

    at: datetime
    id: int
    kind: str
    icon: str
    title: str
    body: str = ""
    url: str = ""
    by_label: str = ""
    tone: str = "gray"
    remark: str = ""
    row: Any = None  # for what has deeds of its own (a note)


@dataclass(frozen=True)
class Whose:
    """Whose stream, and for whom: `ids` are the member's and those merged into it; `viewer` None is a program."""

    member: Member
    ids: list[int]
    viewer: User | None
    kinds: frozenset[str] = frozenset()

    def wants(self, *kinds: str) -> bool:
        return not self.kinds or bool(self.kinds & set(kinds))


Source = Callable[[Tenant, Whose, Before | None, int], Iterable[Event]]


@dataclass(frozen=True)
class _Registered:
    source: Source
    kinds: frozenset[str]


@dataclass(frozen=True)
class Stream:
    """A page of the stream; `following` is the cursor of the next one, '' at the end."""

    events: list[Event]
    following: str = ""
    kinds: frozenset[str] = field(default_factory=frozenset)


_sources: dict[str, _Registered] = {}


def register(name: str, source: Source, *, kinds: Iterable[str]) -> None:
    """Make a source known; the same name again replaces it."""
    _sources[name] = _Registered(source, frozenset(kinds))


def events(
    tenant: Tenant,
    member: Member,
    viewer: User | None,
    *,
    ids: list[int] | None = None,
    before: str = "",
    limit: int = LIMIT,
    kinds: Iterable[str] = (),
) -> Stream:
    """A page of the member's stream after a cursor, of all kinds or of those asked for."""
    whose = Whose(member, ids or [member.pk], viewer, frozenset(kinds) & set(CHIPS))
    last = read_cursor(before)
    found: list[tuple[datetime, str, int, Event]] = []
    for name, known in _sources.items():
        if whose.kinds and not whose.kinds & known.kinds:
            continue
        rows = known.source(tenant, whose, _for(name, last), limit + 1)
        found += [(event.at, name, event.id, event) for event in rows]
    # Newest first; of one moment by the name of the source, then the newest row: a total order that the cursor names.
    found.sort(key=lambda one: one[:3], reverse=True)
    shown = found[:limit]
    following = _cursor(*shown[-1][:3]) if len(found) > limit else ""
    return Stream([one[3] for one in shown], following, whose.kinds)


def older(rows: QuerySet[Any], before: Before | None, limit: int, at: str = "at") -> QuerySet[Any]:
    """The rows that a source is asked for, by their column of time."""
    if before is not None:
        same = Q(**{at: before.at, "pk__lt": before.id})
        rows = rows.filter(Q(**{f"{at}__lt": before.at}) | same, **{f"{at}__lte": before.at})
    return rows.order_by(f"-{at}", "-pk")[:limit]


def fits(at: datetime, pk: int, before: Before | None) -> bool:
    """Whether a single event is older than what was shown."""
    return before is None or (at, pk) < (before.at, before.id)


def read_cursor(word: str) -> tuple[datetime, str, int] | None:
    """What a cursor names; None for none and for what is no cursor of ours."""
    try:
        at, name, pk = json.loads(base64.urlsafe_b64decode(word.encode("ascii") + b"=" * (-len(word) % 4)))
        moment = datetime.fromisoformat(at)
        good = isinstance(name, str) and isinstance(pk, int) and abs(pk) <= FIRST_ID and moment.tzinfo is not None
        return (moment.astimezone(UTC), name, pk) if good else None
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def _cursor(at: datetime, name: str, pk: int) -> str:
    raw = json.dumps([at.isoformat(), name, pk], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _for(name: str, last: tuple[datetime, str, int] | None) -> Before | None:
    """What one source still has to give after the last event shown."""
    if last is None:
        return None
    at, source, pk = last
    if name == source:
        return Before(at, pk)
    return Before(at, FIRST_ID if name < source else -FIRST_ID)
