"""What members have under a field's key, changed for all of them at once: to fit another kind, or away."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models.fields.json import KeyTextTransform

from accounts.models import Tenant
from members.enums import FieldKind
from members.exceptions import ValuesDoNotFit
from members.fields import Spec, fits
from members.models import Member
from members.services import marks
from ui import times

CHUNK = 5_000
EXAMPLES = 3
Values = list[tuple[int, str]]  # member id and its new value; "" takes it away


def recast(
    *, tenant: Tenant, key: str, spec: Spec, old_kind: str, clear: bool, words: Mapping[str, str] | None = None
) -> int:
    """Bring the values under a key into the form of another kind, those in `words` as they are worded now; returns how
    many changed. Raises ValuesDoNotFit before anything is written, unless `clear` is to take away what does not fit."""
    words = words or {}
    changes: Values = []
    misfits, examples = 0, dict[str, None]()
    made: dict[str, str | None] = {}
    files = FieldKind.FILE in (spec.kind, old_kind) and spec.kind != old_kind  # an id means nothing as anything else
    for pk, value in _values(tenant, key):
        if value not in made:
            if len(made) > 100_000:  # a million different texts must not stay in memory
                made.clear()
            made[value] = None if files else fits(spec, words.get(value, value))
        new = made[value]
        if new is None:
            misfits += 1
            if len(examples) < EXAMPLES:
                examples[value[:30]] = None
        if new != value:
            changes.append((pk, new or ""))
    if misfits and not clear:
        raise ValuesDoNotFit(misfits, list(examples))
    for start in range(0, len(changes), CHUNK):
        _write(tenant, key, changes[start : start + CHUNK])
    return len(changes)


def remove(*, tenant: Tenant, key: str) -> int:
    """Take the values under a key away from all members, a chunk at a time."""
    found = [pk for pk, _value in _values(tenant, key)]
    for start in range(0, len(found), CHUNK):
        with transaction.atomic():
            _write(tenant, key, [(pk, "") for pk in found[start : start + CHUNK]])
    return len(found)


def _values(tenant: Tenant, key: str) -> Iterator[tuple[int, str]]:
    """Of those in the trash too: they may come back."""
    rows: Any = Member.objects.filter(tenant=tenant).order_by("pk")
    if connection.vendor == "postgresql":
        found = rows.filter(fields__has_key=key).values_list("pk", KeyTextTransform(key, "fields"))
        yield from ((pk, str(value)) for pk, value in found.iterator(CHUNK))
        return
    # SQLite compares keys as they are escaped, and Django and our bulk writers escape differently.
    held = rows.exclude(fields={}).values_list("pk", "fields")
    yield from ((pk, str(fields[key])) for pk, fields in held.iterator(CHUNK) if key in fields)


_SET_PG = """
UPDATE members_member m SET updated_at = %(now)s,
    fields = CASE v.value WHEN '' THEN m.fields - %(key)s::text
        ELSE m.fields || jsonb_build_object(%(key)s::text, v.value) END
FROM (SELECT (e ->> 0)::bigint AS id, e ->> 1 AS value FROM jsonb_array_elements(%(rows)s::jsonb) e) v
WHERE m.id = v.id AND m.tenant_id = %(tenant)s
"""
# The whole of it, for the same reason as in `_values`.
_SET_LITE = "UPDATE members_member SET updated_at = %s, fields = %s WHERE id = %s AND tenant_id = %s"


def _write(tenant: Tenant, key: str, changes: Values) -> None:
    now = times.now()
    marks.hold_members(pk for pk, _value in changes)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            rows = json.dumps(changes, ensure_ascii=False)
            cursor.execute(_SET_PG, {"now": now, "key": key, "rows": rows, "tenant": tenant.pk})
            return
        held = dict(Member.objects.filter(tenant=tenant, pk__in=[pk for pk, _v in changes]).values_list("pk", "fields"))
        for pk, value in changes:
            fields = held[pk] | {key: value}
            kept = json.dumps({name: text for name, text in fields.items() if text != ""}, ensure_ascii=False)
            cursor.execute(_SET_LITE, [now, kept, pk, tenant.pk])
