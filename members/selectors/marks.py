"""What addresses and kept filters name of a roster: a group, a segment, and beside them a mark ("stage:trial", "tag:12"
or "dead"). What is gone meanwhile holds nobody: a deed on all who fit, or a file of them, must not mean everybody."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Tag, Tenant
from members.enums import Stage
from members.models import Group, Segment
from members.selectors.rosters import Roster
from ui.numbers import whole

DEAD = "dead"


def of_mark(tenant: Tenant, mark: str) -> dict[str, Any]:
    """What the mark asks of a roster; what is no mark asks nothing."""
    kind, _colon, value = mark.partition(":")
    if kind == DEAD:
        return {"dead": True}
    if kind == "stage" and value in Stage.values:
        return {"stage": value}
    if kind == "tag" and (pk := whole(value)) is not None:
        found = Tag.objects.filter(tenant=tenant, pk=pk).first()
        return {"tag": found or Tag(tenant=tenant, pk=pk, name=_("지워진 태그"))}
    return {}


def group_of(tenant: Tenant, pk: int) -> Group:
    found = Group.objects.filter(tenant=tenant, pk=pk).first()
    return found or Group(tenant=tenant, pk=pk, name=_("지워진 그룹"))


def segment_of(tenant: Tenant, pk: int) -> Segment:
    found = Segment.objects.filter(tenant=tenant, pk=pk).first()
    return found or Segment(tenant=tenant, pk=pk, name=_("지워진 조건그룹"), rule={})


def mark_of(roster: Roster) -> str:
    """The mark of a roster, "" where it has none."""
    if roster.dead:
        return DEAD
    if roster.stage:
        return f"stage:{roster.stage}"
    return f"tag:{roster.tag.pk}" if roster.tag else ""
