"""Members who are likely the same person, and families who only share a phone. Set by set, so that a million is one
question: phones that occur twice are found by the list's own index, names are asked of those alone."""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Window
from django.db.models.functions import RowNumber

from accounts.models import Tenant
from members.models import Member

SIZE = 20
EACH_MOST = 10  # members shown of one set

_TWICE = """
    WITH twice AS (
        SELECT phone FROM members_member WHERE tenant_id = %s AND deleted_at IS NULL AND phone > ''
        GROUP BY phone HAVING count(*) > 1 ORDER BY phone
    )
"""
# One phone after the other, in the order of the index: PostgreSQL would rather sort a million, and SQLite does it so
# anyway but has no LATERAL.
_BY_PHONE = (
    _TWICE
    + """
    SELECT twice.phone, same.name FROM twice CROSS JOIN LATERAL (
        SELECT {name} AS name FROM members_member m
        WHERE m.tenant_id = %s AND m.phone = twice.phone AND m.deleted_at IS NULL {by} HAVING {having} > 1 {order}
    ) same LIMIT %s OFFSET %s
"""
)
_BY_PHONE_LITE = (
    _TWICE
    + """
    SELECT m.phone, {name} FROM twice JOIN members_member m ON m.phone = twice.phone
    WHERE m.tenant_id = %s AND m.deleted_at IS NULL
    GROUP BY m.phone{by} HAVING {having} > 1 ORDER BY m.phone{by} LIMIT %s OFFSET %s
"""
)
_SAME_PEOPLE = {
    "postgresql": _BY_PHONE.format(name="m.name", by="GROUP BY m.name", having="count(*)", order="ORDER BY m.name"),
    "sqlite": _BY_PHONE_LITE.format(name="m.name", by=", m.name", having="count(*)"),
}
_FAMILIES = {
    "postgresql": _BY_PHONE.format(name="''", by="", having="count(DISTINCT m.name)", order=""),
    "sqlite": _BY_PHONE_LITE.format(name="''", by="", having="count(DISTINCT m.name)"),
}
_SAME_BIRTHS = """
    SELECT name, birth_date FROM members_member
    WHERE tenant_id = %s AND deleted_at IS NULL AND birth_date IS NOT NULL
    GROUP BY name, birth_date HAVING count(DISTINCT phone) > 1 ORDER BY name, birth_date LIMIT %s OFFSET %s
"""


@dataclass(frozen=True)
class Likely:
    """A set of members; `why` names what they share."""

    why: str
    members: list[Member]


@dataclass(frozen=True)
class Sets:
    """A page of sets; `more` says whether there is another."""

    rows: list[Likely]
    page: int
    more: bool


def same_people(tenant: Tenant, page: int = 1) -> Sets:
    """The same phone and the same name."""
    found = _asked(_SAME_PEOPLE[connection.vendor], [tenant.pk, tenant.pk], page)
    return _sets(tenant, "phone", [{"phone": phone, "name": name} for phone, name in found], page)


def families(tenant: Tenant, page: int = 1) -> Sets:
    """The same phone under different names: most likely a family, which is to be left alone."""
    found = _asked(_FAMILIES[connection.vendor], [tenant.pk, tenant.pk], page)
    return _sets(tenant, "family", [{"phone": phone} for phone, _name in found], page)


def same_births(tenant: Tenant, page: int = 1) -> Sets:
    """The same name and the same birthday, under another phone."""
    found = _asked(_SAME_BIRTHS, [tenant.pk], page)
    return _sets(tenant, "birthday", [{"name": name, "birth_date": born} for name, born in found], page)


def _asked(sql: str, params: list[Any], page: int) -> list[tuple[Any, Any]]:
    """One more than a page, to know whether there is another."""
    with connection.cursor() as cursor:
        cursor.execute(sql, [*params, SIZE + 1, (page - 1) * SIZE])
        return cursor.fetchall()


def _sets(tenant: Tenant, why: str, keys: list[dict[str, Any]], page: int) -> Sets:
    """The members of each set, by one question for all of them."""
    columns = list(keys[0]) if keys else []
    living = Member.objects.filter(
        tenant=tenant, deleted_at=None, **{f"{c}__in": {k[c] for k in keys} for c in columns}
    )
    # A number that stands for none may be everybody's: no more are fetched than are shown.
    place = Window(RowNumber(), partition_by=columns, order_by="id")
    shown = living.annotate(place=place).filter(place__lte=EACH_MOST).prefetch_related("groups").order_by("id")
    by_key: dict[tuple[str, ...], list[Member]] = {}
    for member in shown if keys else ():
        by_key.setdefault(tuple(str(getattr(member, column)) for column in columns), []).append(member)
    rows = [by_key.get(tuple(str(key[column]) for column in columns), []) for key in keys[:SIZE]]
    return Sets([Likely(why, members) for members in rows if members], page, len(keys) > SIZE)
