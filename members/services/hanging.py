"""What hangs on members: whoever has any of it is not taken away as if never entered. Apps to the right add theirs."""

from collections.abc import Callable, Collection

from accounts.models import Tenant
from members.services.snapshots import rows_of

# What → the tables of members' own that hold it.
TABLES = {
    "pass": "members_pass",
    "due": "members_due",
    "visit": "members_attendance",
    "note": "members_note",
}
Finder = Callable[[Tenant, Collection[int]], set[int]]
_finders: dict[str, Finder] = {}


def register(what: str, finder: Finder) -> None:
    """Tell of something that hangs on members: `finder(tenant, ids)` gives those of the ids that have it."""
    _finders[what] = finder


def on(tenant: Tenant, ids: Collection[int]) -> dict[int, set[str]]:
    """Those of the members that something hangs on, and what: pass, due, visit, note, merged, and others' words."""
    found: dict[int, set[str]] = {}
    for what, table in TABLES.items():
        _add(found, what, (row[0] for row in rows_of(table, "DISTINCT t.member_id", tenant, ids)))
    _add(found, "merged", _merged(tenant, ids))
    for what, finder in _finders.items():
        _add(found, what, finder(tenant, ids))
    return found


def _add(found: dict[int, set[str]], what: str, ids: object) -> None:
    for pk in ids:  # type: ignore[attr-defined]
        found.setdefault(pk, set()).add(what)


def _merged(tenant: Tenant, ids: Collection[int]) -> set[int]:
    """Who is part of another, or has others as a part."""
    part = {row[0] for row in rows_of("members_member", "t.id", tenant, ids, "t.merged_into_id IS NOT NULL")}
    return part | {
        row[0] for row in rows_of("members_member", "t.merged_into_id", tenant, ids, "TRUE", "merged_into_id")
    }
