"""Holding what members carry: their groups, tags and own words, which PostgreSQL keeps side by side in a row each.

Triggers write those rows (migration 0003) after the rows of groups and tags, which others may wait for by then: so a
deed on many holds their marks before its first, and before a group or a tag. Where members are held, too, they come
before their marks. Each in order of id: two deeds may wait for each other, not in a ring. SQLite has no marks, and one
writer.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from members.models import Member


def hold(ids: Iterable[int]) -> None:
    """Hold the marks of these members, who are held already, until the transaction ends."""
    if connection.vendor == "postgresql":
        _hold("members_marks", "member_id", "= ANY(%s)", [list(ids)])


def hold_members(ids: Iterable[int], *, going: bool = False) -> None:
    """Hold these members and their marks. `going`: they may be deleted, and consents wait that name them."""
    if connection.vendor == "postgresql":
        ids = list(ids)
        _hold("members_member", "id", "= ANY(%s)", [ids], "UPDATE" if going else "NO KEY UPDATE")
        hold(ids)


def hold_all(members: QuerySet[Member]) -> None:
    """Hold the marks of all of a query, who are not held and need not be."""
    if connection.vendor != "postgresql":
        return
    with suppress(EmptyResultSet):  # a query that can match nobody has no SQL
        sql, params = members.order_by().values_list("id").query.sql_with_params()
        _hold("members_marks", "member_id", f"IN ({sql})", [*params])


def _hold(table: str, key: str, which: str, params: list[Any], strength: str = "NO KEY UPDATE") -> None:
    rows = f"SELECT 1 FROM {table} WHERE {key} {which} ORDER BY {key} FOR {strength}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({rows}) held", params)
