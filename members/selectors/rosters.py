"""The list of members: searched, filtered, sorted and paged by keyset, the same for pages and the API.

What a list of a million costs decides its shape. Up to EXACT_TO hits are gathered by the search index and sorted;
where there are more, the list's own index is walked newest first, which fills a page quickly because hits are common.
"""

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.crypto import SecretUnreadable, decrypt, encrypt
from accounts.models import Tag, Tenant
from members import segments
from members.models import Group, Member, Membership, MemberTag, Segment
from members.search import Word, parse
from members.selectors.lists import LISTED
from members.selectors.matching import matching
from members.selectors.planning import wide

EXACT_TO = 10_000
PAGE_SIZE = 30
# A walk that has looked at so many rows without filling its page meets a rare cluster: the index is better then.
WALK_MOST = 10_000
ORDERINGS = ("-id", "id", "name", "-name", "phone", "-phone")
NEWEST = "-id"
_SIDE = {"ASC": ">", "DESC": "<"}


@dataclass
class Page:
    """One page of a roster. Cursors are opaque, empty at the ends; `ordering` is the one in force."""

    rows: list[Member]
    next: str
    previous: str
    ordering: str


@dataclass(frozen=True)
class _Cursor:
    ordering: str
    values: list[Any]
    back: bool = False

    def write(self) -> str:
        # Encrypted: a list sorted by phone would else carry phones in its addresses.
        return encrypt(json.dumps([self.ordering, self.values, self.back]))

    @staticmethod
    def read(text: str, ordering: str) -> "_Cursor | None":
        """The place a cursor names, or None where it is not one of this order: the list then starts anew."""
        try:
            found = _Cursor(*json.loads(decrypt(text)))
        except (SecretUnreadable, ValueError, TypeError):
            return None
        return found if found.ordering == ordering and len(found.values) == len(_columns(ordering)) else None


@dataclass
class Roster:
    tenant: Tenant
    search: str = ""
    group: Group | None = None
    ordering: str = NEWEST
    words: list[Word] = field(default_factory=list)
    stage: str = ""
    tag: Tag | None = None
    dead: bool = False  # only those whose number came back three times
    segment: Segment | None = None
    _peeked: tuple[Any, list[int]] = (None, [])

    @cached_property
    def total(self) -> int:
        """How many members it has: exact to EXACT_TO, and one more where there are more."""
        if not self.is_sought and self.group is not None and not self.is_narrowed:
            return min(self.group.member_count, EXACT_TO + 1)
        if self.is_sought:
            return self._hits(NEWEST, None, 0, 0)[0]
        return self.rows().order_by()[: EXACT_TO + 1].count()

    @property
    def is_narrowed(self) -> bool:
        """Whether a condition beside group and search says who belongs."""
        return bool(self.stage or self.tag or self.dead)

    @property
    def is_minimum(self) -> bool:
        return self.total > EXACT_TO

    @property
    def reordered(self) -> bool:
        """Whether there were too many hits to sort as asked, so that the newest come first."""
        return self.order_in_force != self.ordering

    @property
    def order_in_force(self) -> str:
        sortable = not self.is_sought or self.ordering in ("id", "-id") or not self.is_minimum
        return self.ordering if sortable else NEWEST

    @property
    def is_sought(self) -> bool:
        """Whether rows must be looked for: by words, or by the rule of a segment."""
        return bool(self.words or self.segment)

    @cached_property
    def problem(self) -> str:
        """Why its segment can't be asked (a group of it is gone): it shows nobody then."""
        return next(iter(self._meant.problems.values()), "") if self.segment else ""

    @cached_property
    def _meant(self) -> segments.Read:
        return segments.read(self.tenant, self.segment.rule) if self.segment else segments.Read()

    def rows(self, *, by_index: bool = True) -> QuerySet[Member]:
        """All its living members, unordered, for exports and deeds on the whole of it."""
        rows: QuerySet[Any] = Member.objects.filter(tenant=self.tenant, deleted_at=None)
        if self.group is not None:
            # Unscoped: the group is the tenant's own, and so is each member asked about; without the tenant's column
            # the unique index (group, member) answers alone.
            inside = Membership._base_manager.filter(group=self.group, member=OuterRef("pk"))
            rows = rows.filter(Exists(inside))
        if self.tag is not None:
            # Unscoped for the same reason: the tag is the tenant's own.
            rows = rows.filter(Exists(MemberTag._base_manager.filter(tag=self.tag, member=OuterRef("pk"))))
        if self.stage:
            rows = rows.filter(stage=self.stage)
        if self.dead:
            rows = rows.filter(dead_at__isnull=False)
        if self.segment:
            rule = self._meant.rule
            rows = rows.filter(segments.to_q(self.tenant, rule)) if rule else rows.none()
        if self.words:
            rows = matching(rows, self.tenant.pk, self.words, by_index=by_index and connection.vendor == "postgresql")
        return rows

    def page(self, cursor: str = "", size: int = PAGE_SIZE, *, start: int = 0) -> Page:
        """The page at the cursor; without one, the page that begins `start` rows down."""
        if self.is_sought and "total" not in self.__dict__:
            self._peek(_Cursor.read(cursor, self.ordering) if cursor else None, size + 1, start)
        ordering = self.order_in_force
        place = _Cursor.read(cursor, ordering) if cursor else None
        back = place is not None and place.back
        walk = _turned(ordering) if back else ordering
        ids = self._ids(walk, place.values if place else None, size + 1, 0 if place else start)
        more = len(ids) > size
        rows = _in_order(self.tenant, ids[:size])
        if back:
            rows.reverse()
        before, after = (more, True) if back else (place is not None, more)
        return Page(
            rows=rows,
            next=_at(ordering, rows[-1]) if rows and after else "",
            previous=_at(ordering, rows[0], back=True) if rows and before else "",
            ordering=ordering,
        )

    def knows(self, cursor: str) -> bool:
        """Whether the cursor is one of this list's own, in its present order."""
        return _Cursor.read(cursor, self.order_in_force) is not None

    # --- the ways to a page ---------------------------------------------------------------------------------------

    def _ids(self, walk: str, place: list[Any] | None, most: int, start: int) -> list[int]:
        if self.is_sought:
            return self._searched(walk, place, most, start)
        if self.is_narrowed:
            ask = self._walk if self.is_minimum else lambda *asked: self._hits(*asked)[1]
            return ask(walk, place, most, start)
        if self.group is None:
            return list(_step(self.rows(), walk, place)[start : start + most])
        if walk in ("id", "-id"):
            return list(_step(self._from_group(), walk, place)[start : start + most])
        if self.is_minimum:
            return self._walk(walk, place, most, start)
        return self._hits(walk, place, most, start)[1]

    def _peek(self, place: "_Cursor | None", most: int, start: int) -> None:
        """Count the hits and take the page on the way, in case they are few enough to be sorted as asked."""
        back = place is not None and place.back
        walk = _turned(self.ordering) if back else self.ordering
        asked = (walk, place.values if place else None, most, 0 if place else start)
        self.total, ids = self._hits(*asked)
        self._peeked = (asked, ids)

    def _searched(self, walk: str, place: list[Any] | None, most: int, start: int) -> list[int]:
        if not self.is_minimum:
            asked = (walk, place, most, start)
            return self._peeked[1] if self._peeked[0] == asked else self._hits(*asked)[1]
        found = self._walk(walk, place, most, start, at_most=WALK_MOST)
        return found if len(found) == most else self._hits(walk, place, most, start, all_of_them=True)[1]

    def _from_group(self) -> QuerySet[Member]:
        """Joined, not EXISTS: the order by id is then the order of the group's own index."""
        return Member.objects.filter(tenant=self.tenant, deleted_at=None, memberships__group=self.group)

    def _walk(self, walk: str, place: list[Any] | None, most: int, start: int, at_most: int | None = None) -> list[int]:
        """Fitting members met along the list's own index.

        The look at each row is a subquery of its own: joined, the planner would prefer the primary key, and read
        through neighbours' rows wherever ids of several tenants lie together.
        """
        columns = _columns(walk)
        living = Member.objects.filter(tenant=self.tenant, deleted_at=None)
        path, path_params = _sql(_step(living, walk, place, *columns)[:at_most])
        look, look_params = _sql(self.rows(by_index=False).extra(where=["members_member.id = path.id"]).values("id"))
        order = ", ".join(f"path.{column} {_direction(walk)}" for column in columns)
        sql = f"SELECT path.id FROM ({path}) path WHERE path.id = ({look}) ORDER BY {order} LIMIT %s OFFSET %s"
        with connection.cursor() as cursor:
            cursor.execute(sql, [*path_params, *look_params, most, start])
            return [row[0] for row in cursor.fetchall()]

    def _hits(
        self, walk: str, place: list[Any] | None, most: int, start: int, *, all_of_them: bool = False
    ) -> tuple[int, list[int]]:
        """(number of hits to EXACT_TO + 1, ids of a page of them), gathered once by the search index.

        MATERIALIZED keeps the planner from walking a list's index for rare hits, row by row through a million.
        """
        if self.problem:
            return 0, []
        columns = _columns(walk)
        hits = self.rows().order_by().values_list(*columns)
        inner, params = _sql(hits if all_of_them else hits[: EXACT_TO + 1])
        names, direction = ", ".join(columns), _direction(walk)
        order = ", ".join(f"page.{column} {direction}" for column in columns)
        beyond = f"WHERE ({names}) {_SIDE[direction]} ({', '.join(['%s'] * len(columns))})" if place else ""
        sql = (
            f"WITH hits ({names}) AS MATERIALIZED ({inner}), page AS (SELECT {names} FROM hits page {beyond} "
            f"ORDER BY {order} LIMIT %s OFFSET %s) "
            f"SELECT n, page.id FROM (SELECT count(*) AS n FROM hits) c LEFT JOIN page ON TRUE ORDER BY {order}"
        )
        with wide() if self.segment else nullcontext(), connection.cursor() as cursor:
            cursor.execute(sql, [*params, *(place or []), most, start])
            found = cursor.fetchall()
        return found[0][0], [row[1] for row in found if row[1] is not None]


def roster(
    tenant: Tenant,
    *,
    search: str = "",
    group: Group | None = None,
    ordering: str = NEWEST,
    stage: str = "",
    tag: Tag | None = None,
    dead: bool = False,
    segment: Segment | None = None,
) -> Roster:
    """The members that fit; an unknown ordering is the newest first."""
    ordering = ordering if ordering in ORDERINGS else NEWEST
    return Roster(tenant, search, group, ordering, parse(search), stage=stage, tag=tag, dead=dead, segment=segment)


def stream(rows: QuerySet[Member], size: int = 2000) -> Iterator[list[Member]]:
    """Members by id in chunks, each its own short query: for exports of any length."""
    last = 0
    while chunk := list(rows.filter(id__gt=last).order_by("id")[:size]):
        yield chunk
        last = chunk[-1].pk


def _columns(ordering: str) -> list[str]:
    name = ordering.lstrip("-")
    return ["id"] if name == "id" else [name, "id"]


def _turned(ordering: str) -> str:
    return ordering[1:] if ordering.startswith("-") else f"-{ordering}"


def _at(ordering: str, row: Member, back: bool = False) -> str:
    return _Cursor(ordering, [getattr(row, column) for column in _columns(ordering)], back).write()


def _step(rows: QuerySet[Member], walk: str, place: list[Any] | None, *columns: str) -> QuerySet[Any]:
    """What lies ahead of `place` along a list's index: ids, or the columns named."""
    sign, side = ("-", "lt") if walk.startswith("-") else ("", "gt")
    first, *rest = _columns(walk)
    if place:
        beyond = Q(**{f"{first}__{side}": place[0]})
        if rest:
            # The plain first condition is what the index is entered by.
            beyond |= Q(**{first: place[0], f"id__{side}": place[1]})
            rows = rows.filter(**{f"{first}__{side}e": place[0]})
        rows = rows.filter(beyond)
    rows = rows.order_by(*[f"{sign}{column}" for column in _columns(walk)])
    return rows.values_list(*columns) if columns else rows.values_list("id", flat=True)


def _direction(walk: str) -> str:
    return "DESC" if walk.startswith("-") else "ASC"


def _sql(rows: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    return rows.query.sql_with_params()


def _in_order(tenant: Tenant, ids: list[int]) -> list[Member]:
    rows = Member.objects.filter(tenant=tenant).prefetch_related(*LISTED).in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]
