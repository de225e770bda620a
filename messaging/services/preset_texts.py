"""The texts of a preset: kept as templates, and taken away as long as nobody has edited them."""

from typing import Any

from accounts.audit import Actor
from accounts.models import Tenant
from members.services.preset_parts import mark
from messaging.exceptions import UnknownField
from messaging.models import Template
from messaging.services import templates


def take(*, tenant: Tenant, by: Actor, items: tuple[Any, ...]) -> list[dict[str, Any]]:
    """Those texts whose names are free and whose fields can be merged."""
    known, made = set(Template.objects.filter(tenant=tenant).values_list("name", flat=True)), []
    for one in items:
        if one.name in known:
            continue
        try:
            row = templates.create(tenant=tenant, by=by, name=one.name, text=one.text, title=one.title, ad=one.ad)
        except UnknownField:  # the tenant's own column of that name holds files
            continue
        made.append({"id": row.pk, "mark": _mark(row)})
    return made


def remove(*, tenant: Tenant, by: Actor, made: list[dict[str, Any]]) -> list[str]:
    """The names of those that somebody edited, and that stay."""
    marks, kept = {one["id"]: one["mark"] for one in made}, []
    for row in Template.objects.filter(tenant=tenant, pk__in=marks).order_by("position", "id"):
        if _mark(row) != marks[row.pk]:
            kept.append(row.name)
        else:
            templates.delete(tenant=tenant, by=by, template=row)
    return kept


def _mark(row: Template) -> str:
    return mark(row.name, row.text, row.title, row.ad)
