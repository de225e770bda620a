"""Which groups, tags and columns something still names, so that no deed takes them away unasked. Apps to the right add
what names them."""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.models import Tenant
from members import segments
from members.fields import known_names
from members.models import DuePlan, Field, Group, Membership
from members.selectors.own_fields import is_held


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


def groups(tenant: Tenant, ids: Collection[int]) -> set[int]:
    """Those of these groups that somebody is in, or that a plan of dues, a segment or a finder names."""
    inside = Exists(Membership.objects.filter(tenant=tenant, group=OuterRef("pk")))
    charged = Exists(DuePlan.objects.filter(tenant=tenant, group=OuterRef("pk")))
    held = Group.objects.filter(inside | charged, tenant=tenant, pk__in=ids).values_list("pk", flat=True)
    named = {*segments.users_of(tenant, "group"), *(pk for said in _said(tenant) for pk in said.groups)}
    return {*held} | named.intersection(ids)


def fields(tenant: Tenant, rows: Collection[Field]) -> set[int]:
    """The ids of those of these columns in which somebody has a value, or that something asks about."""
    said = _says_fields(tenant, rows) if rows else {}
    return {row.pk for row in rows if said[row.pk] or is_held(tenant, row.key)}


def says_field(tenant: Tenant, row: Field) -> list[str]:
    """What asks about a column or writes it into texts, by name: what has to be mended when the column goes."""
    return _says_fields(tenant, [row])[row.pk]


def _says_fields(tenant: Tenant, rows: Collection[Field]) -> dict[int, list[str]]:
    known, said = known_names(Field.objects.filter(tenant=tenant)), _said(tenant)
    found = {row.pk: [_of_segment(one.name) for one in segments.using(tenant, field=row.key)] for row in rows}
    for word, one in known.items():
        for texts in said:
            found.get(one.pk, []).extend(texts.fields.get(word, ()))
    return {pk: list(dict.fromkeys(names)) for pk, names in found.items()}


def tags(tenant: Tenant) -> dict[int, list[str]]:
    """Tag → what asks about it, by name: what means other people when the tag goes."""
    found = {pk: [_of_segment(name) for name in names] for pk, names in segments.users_of(tenant, "tag").items()}
    for said in _said(tenant):
        for pk, names in said.tags.items():
            found.setdefault(pk, []).extend(names)
    return {pk: list(dict.fromkeys(names)) for pk, names in found.items()}


def _said(tenant: Tenant) -> list[Named]:
    return [finder(tenant) for finder in _finders.values()]


def _of_segment(name: str) -> str:
    return _("조건그룹 ‘%(name)s’") % {"name": name}
