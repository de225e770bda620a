"""How the parts of presets that members own are taken and removed: fields, groups, kinds of passes, segments.

A row is marked with what it was made as; one that is used, or that no longer is what it was made as, stays.
"""

import hashlib
import json
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.audit import Actor
from accounts.models import Tenant
from members import fields as kinds
from members import presets, segments
from members.models import Field, Group, Pass, PassType, Segment
from members.presets import Made
from members.selectors import in_use
from members.services import fields, groups, pass_types
from members.services import segments as segmenting


def mark(*what: Any) -> str:
    """A short print of what a row says."""
    return hashlib.sha256(json.dumps(what, ensure_ascii=False, sort_keys=True).encode()).hexdigest()[:16]


def mark_of(row: Any) -> str:
    """The same of any row that a deed may make and take away again."""
    return _of_field(row) if isinstance(row, Field) else mark(row.name)


def take_fields(*, tenant: Tenant, by: Actor, items: tuple[presets.Field, ...]) -> Made:
    made = []
    for item in items:
        known = kinds.known_names(Field.objects.filter(tenant=tenant))
        if item.name not in known and item.name not in kinds.RESERVED:
            row = fields.create(tenant=tenant, by=by, name=item.name, kind=item.kind, choices=item.choices)
            made.append({"id": row.pk, "mark": _of_field(row)})
    return made


def remove_fields(*, tenant: Tenant, by: Actor, made: Made) -> list[str]:
    rows, kept = made_rows(Field.objects.filter(tenant=tenant), made), []
    used = in_use.fields(tenant, [row for row, _was in rows])
    for row, was in rows:
        if _of_field(row) != was or row.pk in used:
            kept.append(row.name)
        else:
            fields.drop(tenant=tenant, by=by, field=row)
    return kept


def take_groups(*, tenant: Tenant, by: Actor, items: tuple[presets.Group, ...]) -> Made:
    known = set(Group.objects.filter(tenant=tenant).values_list("name", flat=True))
    rows = [groups.create(tenant=tenant, by=by, name=i.name, tone=i.tone) for i in items if i.name not in known]
    return [{"id": row.pk, "mark": mark(row.name)} for row in rows]


def remove_groups(*, tenant: Tenant, by: Actor, made: Made) -> list[str]:
    rows, kept = made_rows(Group.objects.filter(tenant=tenant), made), []
    used = in_use.groups(tenant, [row.pk for row, _was in rows])
    for row, was in rows:
        if mark(row.name) != was or row.pk in used:
            kept.append(row.name)
        else:
            groups.delete(tenant=tenant, by=by, group=row)
    return kept


def take_passes(*, tenant: Tenant, by: Actor, items: tuple[presets.Pass, ...]) -> Made:
    known = set(PassType.objects.filter(tenant=tenant).values_list("name", flat=True))
    rows = [
        pass_types.create(
            tenant=tenant, by=by, name=i.name, months=i.months, sessions=i.sessions, refund_rule=i.refund_rule
        )
        for i in items
        if i.name not in known
    ]
    return [{"id": row.pk, "mark": _of_pass(row)} for row in rows]


def remove_passes(*, tenant: Tenant, by: Actor, made: Made) -> list[str]:
    kept = []
    for row, was in made_rows(PassType.objects.filter(tenant=tenant, retired_at=None), made):
        if _of_pass(row) != was or Pass.objects.filter(tenant=tenant, type=row).exists():
            kept.append(row.name)
        else:
            pass_types.retire(tenant=tenant, by=by, type=row)
    return kept


def take_segments(*, tenant: Tenant, by: Actor, items: tuple[presets.Segment, ...]) -> Made:
    known = set(Segment.objects.filter(tenant=tenant).values_list("name", flat=True))
    rows = [segmenting.create(tenant=tenant, by=by, name=i.name, rule=i.rule) for i in items if i.name not in known]
    return [{"id": row.pk, "mark": mark(row.name, row.rule)} for row in rows]


def remove_segments(*, tenant: Tenant, by: Actor, made: Made) -> list[str]:
    kept = []
    for row, was in made_rows(Segment.objects.filter(tenant=tenant), made):
        if mark(row.name, row.rule) != was or segments.using(tenant, segment=row.pk):
            kept.append(row.name)
        else:
            segmenting.delete(tenant=tenant, by=by, segment=row)
    return kept


def register_all() -> None:
    """Tell presets of them, in the order in which they are taken."""
    presets.register_part("fields", title=_("항목"), take=take_fields, remove=remove_fields)
    presets.register_part("groups", title=_("그룹"), take=take_groups, remove=remove_groups)
    presets.register_part("passes", title=_("이용권"), take=take_passes, remove=remove_passes)
    presets.register_part("segments", title=_("조건그룹"), take=take_segments, remove=remove_segments)


def made_rows(rows: Any, made: Made) -> list[tuple[Any, str]]:
    """Those of the made rows that are still there, each with its mark."""
    marks = {one["id"]: one["mark"] for one in made}
    return [(row, marks[row.pk]) for row in rows.filter(pk__in=marks).order_by("pk")]


def _of_field(row: Field) -> str:
    return mark(row.name, row.kind, list(row.choices))


def _of_pass(row: PassType) -> str:
    return mark(row.name, row.months, row.days, row.sessions, row.price_won)
