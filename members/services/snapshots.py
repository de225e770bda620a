"""Members as they stand before and after a deed on many, and the way back: read, compared and written set by set.

What an import or a bulk edit can be taken back from is kept as differences between two snapshots, so whatever the deed
learns to write next is covered as long as its column is named here.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection

from accounts.models import Tenant
from members import birthdays, search
from members.birthdays import next_birthday
from members.services import marks
from ui import times

# A column and what PostgreSQL reads it back as. All values here are text, as both databases cast them, or None.
COLUMNS = {
    "name": "text", "phone": "text", "birth_date": "date", "birthday": "text", "stage": "text", "stage_on": "date",
    "source": "text", "memo": "text", "fields": "jsonb", "ad_consent_at": "timestamptz",
    "night_consent_at": "timestamptz", "updated_at": "timestamptz",
}  # fmt: skip
STATE = ("deleted_at", "merged_into_id", "erased_at", "created_at")
DERIVED = {"next_birthday": "date"}
FOUND_BY = {"name", "phone", "memo"}
BORN = {"birth_date", "birthday"}
ONE_THING = (BORN, {"stage", "stage_on"})  # columns that go back together or not at all
CHUNK = 20_000
CHO_LONGEST = 40  # joined consonants come apart, so initials may be longer than the name

Values = dict[str, Any]


class Held(NamedTuple):
    """A member's row: `values` by column (fields as a dict), and whether it is still to be touched at all."""

    values: Values
    deleted: bool
    merged: bool
    erased: bool
    created_at: str


def listed() -> str:
    """A JSON list, given as a parameter, as rows `v.value`."""
    return "jsonb_array_elements_text(%s::jsonb) v" if connection.vendor == "postgresql" else "json_each(%s) v"


def rows_of(
    table: str, columns: str, tenant: Tenant, ids: Collection[int], where: str = "TRUE", key: str = ""
) -> list[tuple[Any, ...]]:
    """Rows of a table (called t) that belong to one of the members; any number of ids in one question."""
    key = key or ("id" if table == "members_member" else "member_id")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM {listed()} CROSS JOIN {table} t "
            f"WHERE t.{key} = CAST(v.value AS bigint) AND t.tenant_id = %s AND {where}",
            [json.dumps(list(ids)), tenant.pk],
        )
        return cursor.fetchall()


def delete_of(table: str, tenant: Tenant, ids: Collection[int], key: str = "member_id") -> int:
    """Delete what a table holds of these members."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} WHERE {key} IN (SELECT CAST(v.value AS bigint) FROM {listed()}) AND tenant_id = %s",
            [json.dumps(list(ids)), tenant.pk],
        )
        return cursor.rowcount


def take(tenant: Tenant, ids: Collection[int], *, lock: bool = True) -> dict[int, Held]:
    """The rows of these members, held until the transaction ends, with what they carry."""
    names = ", ".join(f"CAST(t.{column} AS text)" for column in [*COLUMNS, *STATE])
    tail = "TRUE ORDER BY t.id FOR NO KEY UPDATE OF t" if lock and connection.vendor == "postgresql" else "TRUE"
    found = {}
    for row in rows_of("members_member", f"t.id, {names}", tenant, ids, tail):
        values = dict(zip(COLUMNS, row[1:], strict=False))
        text = values["fields"]
        values["fields"] = json.loads(text) if text and text != "{}" else {}
        deleted, merged, erased, created = row[-4:]
        found[row[0]] = Held(values, deleted is not None, merged is not None, erased is not None, created)
    if lock:
        marks.hold(found)
    return found


def difference(before: Values, after: Values) -> tuple[Values, Values]:
    """What was and what is, of the columns that differ; of the fields only the keys that do (None: not there)."""
    was: Values = {}
    became: Values = {}
    for column, value in after.items():
        old = before[column]
        if old == value:
            continue
        if column == "fields":
            keys = [key for key in {**old, **value} if old.get(key) != value.get(key)]
            was[column], became[column] = {k: old.get(k) for k in keys}, {k: value.get(k) for k in keys}
        else:
            was[column], became[column] = old, value
    for together in ONE_THING:
        if together & set(was):  # all of them: whoever changes the other one later has changed the thing
            for column in together:
                was[column], became[column] = before[column], after.get(column, before[column])
    return was, became


def taken_back(
    now: Values, was: Values, became: Values, stays: Collection[str] = frozenset()
) -> tuple[Values, list[str]]:
    """The columns to write so that `was` is there again, and those that somebody changed since, which stay; `stays` are
    others that are to stay, whatever they hold.

    A field of the tenant's own is named "fields.<key>". `updated_at` goes back only where everything else does.
    """
    back: Values = {}
    stayed: list[str] = []
    for column, old in was.items():
        if column == "updated_at":
            continue
        if column == "fields":
            kept = dict(now["fields"])
            for key, text in old.items():
                if kept.get(key) != became["fields"].get(key):
                    stayed.append(f"fields.{key}")
                elif text is None:
                    kept.pop(key, None)
                else:
                    kept[key] = text
            if kept != now["fields"]:
                back["fields"] = kept
        elif now[column] == became[column] and column not in stays:
            if old != now[column]:
                back[column] = old
        else:
            stayed.append(column)
    for together in ONE_THING:
        if together & set(stayed):
            for column in together & set(back):
                del back[column]
    if not stayed and "updated_at" in was and now["updated_at"] == became["updated_at"]:
        back["updated_at"] = was["updated_at"]
    return back, stayed


def put(*, tenant: Tenant, changes: Mapping[int, Values], held: Mapping[int, Held], now: datetime) -> None:
    """Write columns of many members, each its own; what is derived from them (search, next birthday) follows.

    `held` is what `take` gave for them. Inside the caller's transaction. `updated_at` is now unless it is said.
    """
    stamp = stamped(now)
    by_columns: dict[tuple[str, ...], list[Values]] = {}
    contacts = _contacts(tenant, [pk for pk, values in changes.items() if FOUND_BY & set(values)])
    for pk, values in changes.items():
        if not values:
            continue
        derived = _derived(tenant, held[pk].values | values, set(values), contacts.get(pk, ()))
        row = {"updated_at": stamp} | values | derived | {"id": pk}
        by_columns.setdefault(tuple(sorted(set(row) - {"id"})), []).append(row)
    for columns, rows in by_columns.items():
        for start in range(0, len(rows), CHUNK):
            _write(tenant, columns, rows[start : start + CHUNK])


def stamped(now: datetime) -> str:
    """A time as both databases take it as text: PostgreSQL with its offset, SQLite as Django writes it there."""
    utc = now.astimezone(UTC)
    return utc.isoformat(" ") if connection.vendor == "postgresql" else utc.strftime("%Y-%m-%d %H:%M:%S.%f")


def find_anew(*, tenant: Tenant, ids: Collection[int]) -> None:
    """Derive anew what these members are found by, after their contacts changed."""
    held = take(tenant, ids)
    same = {pk: {"name": one.values["name"], "updated_at": one.values["updated_at"]} for pk, one in held.items()}
    put(tenant=tenant, changes=same, held=held, now=times.now())


def _contacts(tenant: Tenant, ids: Collection[int]) -> dict[int, list[tuple[str, str]]]:
    """(name, phone) of the contacts of these members, in their order."""
    found: dict[int, list[tuple[str, str]]] = {}
    if ids:
        rows = rows_of("members_contact", "t.member_id, t.name, t.phone, t.position, t.id", tenant, ids)
        for member, name, phone, _position, _id in sorted(rows, key=itemgetter(3, 4)):
            found.setdefault(member, []).append((name, phone))
    return found


def _derived(tenant: Tenant, whole: Values, changed: set[str], contacts: Iterable[tuple[str, str]]) -> Values:
    """What is found by the columns that change, and the day on which a birthday falls next."""
    found: Values = {}
    if BORN & changed:
        day = next_birthday(birthdays.of(whole["birth_date"], whole["birthday"] or ""), times.today())
        found["next_birthday"] = day and day.isoformat()
    if not FOUND_BY & changed:
        return found
    cho, tokens = search.derive(tenant.pk, whole["name"], whole["phone"], whole["memo"], contacts)
    return found | {"name_cho": cho[:CHO_LONGEST], "tokens": tokens}


def _write(tenant: Tenant, columns: Sequence[str], rows: list[Values]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            types = ", ".join(f"{column} {(COLUMNS | DERIVED).get(column, 'text')}" for column in columns)
            sets = ", ".join(f"{column} = v.{column}" for column in columns)
            cursor.execute(
                f"UPDATE members_member m SET {sets} FROM jsonb_to_recordset(%s::jsonb) AS v(id bigint, {types}) "
                "WHERE m.id = v.id AND m.tenant_id = %s",
                [json.dumps(rows, ensure_ascii=False), tenant.pk],
            )
            return
        sets = ", ".join(f"{column} = %s" for column in columns)
        cursor.executemany(
            f"UPDATE members_member SET {sets} WHERE id = %s AND tenant_id = %s",
            [(*(_lite(row[column]) for column in columns), row["id"], tenant.pk) for row in rows],
        )


def _lite(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
