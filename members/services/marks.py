"""Holding what members carry: their groups, tags and own words, which PostgreSQL keeps side by side in a row each.

Triggers write those rows (migration 0003); a deed that changes several things of many holds them before the first.
Everywhere members come first, then their marks, in order of id, then groups: two deeds may wait for each other, never
in a ring. SQLite has no marks, and one writer.
"""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from members.models import Member


def hold(ids: Iterable[int]) -> None:
    """Hold the marks of these members, who are held already, until the transaction ends."""
    _hold("members_marks", "member_id", "= ANY(%s)", [list(ids)])


def hold_members(ids: Iterable[int]) -> None:
    """Hold these members and their marks."""
    ids = list(ids)
    _hold("members_member", "id", "= ANY(%s)", [ids])
    hold(ids)


def hold_all(members: QuerySet[Member]) -> None:
    """Hold the marks of all of a query, who are not held and need not be."""
    try:
        sql, params = members.order_by().values_list("id").query.sql_with_params()
    except EmptyResultSet:  # a query that can match nobody has no SQL
        return
    _hold("members_marks", "member_id", f"IN ({sql})", [*params])


def _hold(table: str, key: str, which: str, params: list[Any]) -> None:
    if connection.vendor != "postgresql":
        return
    rows = f"SELECT 1 FROM {table} WHERE {key} {which} ORDER BY {key} FOR NO KEY UPDATE"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({rows}) held", params)
