"""Whether something still names a group or a column that a deed made and would take away again. Apps to the right add
theirs."""

from collections.abc import Callable
from typing import NamedTuple

from accounts.models import Tenant
from members import segments
from members.models import DuePlan, Field, Group, Membership
from members.services import field_values


class Named(NamedTuple):
    """Ids of groups, and names of columns as texts say them."""

    groups: set[int] = set()
    fields: set[str] = set()


Finder = Callable[[Tenant], Named]
_finders: dict[str, Finder] = {}


def register(what: str, finder: Finder) -> None:
    """Have `finder(tenant)` say what an app's rows name that are still to be used: kept texts, dispatches to come."""
    _finders[what] = finder


def group(tenant: Tenant, row: Group) -> bool:
    return (
        Membership.objects.filter(tenant=tenant, group=row).exists()
        or DuePlan.objects.filter(tenant=tenant, group=row).exists()
        or bool(segments.using(tenant, group=row.pk))
        or any(row.pk in finder(tenant).groups for finder in _finders.values())
    )


def field(tenant: Tenant, row: Field) -> bool:
    names = {row.name, *row.former}
    return (
        field_values.is_held(tenant, row.key)
        or bool(segments.using(tenant, field=row.key))
        or any(names & finder(tenant).fields for finder in _finders.values())
    )
