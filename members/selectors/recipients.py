"""Whom a text goes to: an audience as living members, in its order, in chunks that can be resumed."""

from collections.abc import Iterator
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Tenant
from members.models import Member, Membership

CHUNK = 5000
_COLUMNS = ("id", "name", "phone", "fields", "birth_date")


class Recipient(NamedTuple):
    id: int
    name: str
    phone: str
    fields: dict[str, Any]
    birth_date: date | None


def recipients(
    tenant: Tenant, audience: dict[str, Any], *, after: int | None = None, size: int = CHUNK
) -> Iterator[list[Recipient]]:
    """Chunks of the audience `{"members": [ids], "groups": [ids], "all": true, "except": {"members", "groups"}}`.

    Named members come first, in the order given, then everybody of the groups (or all) by id. `after` is the id that
    was taken last; the rest follows it. Deleted members and those of other tenants are left out silently.
    """
    named, dropped = _named(audience), _dropped(audience)
    if after is None or after in named:
        yield from _of_named(tenant, audience, _behind(named, after), size)
    last = after if after is not None and after not in named else 0
    rows = _crowd(tenant, audience)
    if rows is None:
        return
    while chunk := list(rows.filter(id__gt=last).order_by("id").values_list(*_COLUMNS)[:size]):
        last = chunk[-1][0]
        fresh = [Recipient(*row) for row in chunk if row[0] not in named and row[0] not in dropped]
        if fresh:
            yield fresh


def recipient_count(tenant: Tenant, audience: dict[str, Any]) -> int:
    """How many members `recipients` would give."""
    named = set(_named(audience)) - _dropped(audience)
    extra = sum(_without_groups(tenant, audience, part).count() for part in _parts(named, CHUNK))
    rows = _crowd(tenant, audience)
    if rows is None:
        return extra
    counted = rows.count()
    # Those named or dropped one by one are few: count them apart instead of asking about each row of a million.
    for part in _parts({*named, *_dropped(audience)}, CHUNK):
        counted -= rows.filter(id__in=part).count()
    return counted + extra


def _named(audience: dict[str, Any]) -> dict[int, None]:
    """Explicit ids once each, in order (a dict, for its quick look-up)."""
    return dict.fromkeys(int(pk) for pk in audience.get("members") or ())


def _dropped(audience: dict[str, Any]) -> set[int]:
    return {int(pk) for pk in (audience.get("except") or {}).get("members") or ()}


def _behind(named: dict[int, None], after: int | None) -> list[int]:
    ids = list(named)
    return ids if after is None else ids[ids.index(after) + 1 :]


def _of_named(tenant: Tenant, audience: dict[str, Any], ids: list[int], size: int) -> Iterator[list[Recipient]]:
    dropped = _dropped(audience)
    for part in _parts([pk for pk in ids if pk not in dropped], size):
        rows = {row[0]: row for row in _without_groups(tenant, audience, part).values_list(*_COLUMNS)}
        if chunk := [Recipient(*rows[pk]) for pk in part if pk in rows]:
            yield chunk


def _without_groups(tenant: Tenant, audience: dict[str, Any], ids: list[int]) -> QuerySet[Member]:
    rows = Member.objects.filter(tenant=tenant, deleted_at=None, id__in=ids)
    return rows.filter(_not_in_excepted(audience))


def _crowd(tenant: Tenant, audience: dict[str, Any]) -> QuerySet[Member] | None:
    """Members of the groups, or all; None where the audience names people only."""
    rows = Member.objects.filter(tenant=tenant, deleted_at=None)
    if not audience.get("all"):
        groups = audience.get("groups") or ()
        if not groups:
            return None
        rows = rows.filter(_in_groups(groups))
    return rows.filter(_not_in_excepted(audience))


def _not_in_excepted(audience: dict[str, Any]) -> Q:
    groups = (audience.get("except") or {}).get("groups") or ()
    return ~Q(_in_groups(groups)) if groups else Q()


def _in_groups(groups: Any) -> Exists:
    return Exists(Membership.objects.filter(member=OuterRef("pk"), group__in=[int(pk) for pk in groups]))


def _parts(ids: Any, size: int) -> Iterator[list[int]]:
    source = iter(ids)
    while part := list(islice(source, size)):
        yield part
