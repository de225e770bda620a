"""Whether something still names a group or a column that a deed made and would take away again. Apps to the right add
theirs."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _

from accounts.models import Tenant
from members import segments
from members.fields import known_names
from members.models import DuePlan, Field, Group, Membership
from members.services import field_values


class Named(NamedTuple):
    """Ids of groups; names of columns as texts say them, each with what says it: {"반": ["문구 ‘환영’"]}; and the
    same of ids of tags."""

    groups: Collection[int] = ()
    fields: Mapping[str, list[str]] = {}
    tags: Mapping[int, list[str]] = {}


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
    return field_values.is_held(tenant, row.key) or bool(says_field(tenant, row))


def says_field(tenant: Tenant, row: Field) -> list[str]:
    """What asks about a column or writes it into texts, by name: what has to be mended when the column goes."""
    words = [word for word, one in known_names(Field.objects.filter(tenant=tenant)).items() if one.pk == row.pk]
    found = [_of_segment(one.name) for one in segments.using(tenant, field=row.key)]
    for finder in _finders.values():
        said = finder(tenant).fields
        found += [one for word in words for one in said.get(word, ())]
    return list(dict.fromkeys(found))


def tags(tenant: Tenant) -> dict[int, list[str]]:
    """Tag → what asks about it, by name: what means other people when the tag goes."""
    found = {pk: [_of_segment(name) for name in names] for pk, names in segments.users_of(tenant, "tag").items()}
    for finder in _finders.values():
        for pk, names in finder(tenant).tags.items():
            found.setdefault(pk, []).extend(names)
    return found


def _of_segment(name: str) -> str:
    return _("조건그룹 ‘%(name)s’") % {"name": name}
