"""Whom of an import's rows the roster knows already, with what an import may change of them."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import connection

from accounts.models import Tenant
from members.import_plan import Existing
from members.importing import Record
from members.models import Group, Member
from members.services import import_more
from members.services.snapshots import listed

CHUNK = 20_000


def known_people(
    tenant: Tenant, records: Sequence[Record], *, with_groups: bool, with_more: bool = False
) -> dict[tuple[str, str], Existing]:
    """Living members that share a phone with a record, by (phone, name); of two alike the older one."""
    found: dict[tuple[str, str], Existing] = {}
    if not Member.objects.filter(tenant=tenant, deleted_at=None).exists():
        return found
    phones = list({record.phone for record in records})
    for start in range(0, len(phones), CHUNK):
        for row in _by_phone(tenant, phones[start : start + CHUNK]):
            pk, phone, name, born, memo, fields, ad, night, birthday = row
            if isinstance(fields, str):
                fields = json.loads(fields) if fields != "{}" else {}
            born = date.fromisoformat(born) if isinstance(born, str) else born
            known = Existing(pk, born, memo, fields or {}, frozenset(), ad is not None, night is not None, birthday)
            found.setdefault((phone, name), known)
    if with_more:
        found = import_more.known_more(tenant, found)
    return _with_groups(tenant, found) if with_groups else found


def _by_phone(tenant: Tenant, phones: list[str]) -> list[tuple[Any, ...]]:
    """Not "= ANY": PostgreSQL walks that list for every member of a fresh table. CROSS JOIN, because SQLite takes its
    tables in that order, and the other order walks the list too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT m.id, phone, name, birth_date, memo, fields, ad_consent_at, night_consent_at, birthday "
            f"FROM {listed()} CROSS JOIN members_member m "
            "WHERE m.phone = v.value AND m.tenant_id = %s AND m.deleted_at IS NULL ORDER BY m.id",
            [json.dumps(phones), tenant.pk],
        )
        return cursor.fetchall()


def _with_groups(tenant: Tenant, found: dict[tuple[str, str], Existing]) -> dict[tuple[str, str], Existing]:
    names = dict(Group.objects.filter(tenant=tenant).values_list("pk", "name"))
    joined: dict[int, set[str]] = {}
    ids = [known.id for known in found.values()]
    for start in range(0, len(ids), CHUNK):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT m.member_id, m.group_id FROM {listed()} CROSS JOIN members_membership m "
                "WHERE m.member_id = CAST(v.value AS bigint)",
                [json.dumps(ids[start : start + CHUNK])],
            )
            for member, group in cursor.fetchall():
                if group in names:  # one that was made after they were read
                    joined.setdefault(member, set()).add(names[group])
    return {key: known._replace(groups=frozenset(joined.get(known.id, ()))) for key, known in found.items()}
