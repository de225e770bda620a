"""A mark narrows the roster beside group and search: "stage:trial", "tag:12" or "dead", as addresses carry it."""

from typing import Any

from accounts.models import Tag, Tenant
from members.enums import Stage
from members.selectors.rosters import Roster

DEAD = "dead"


def of_mark(tenant: Tenant, mark: str) -> dict[str, Any]:
    """What the mark asks of a roster; a tag that is gone, and what is no mark, ask nothing."""
    kind, _colon, value = mark.partition(":")
    if kind == DEAD:
        return {"dead": True}
    if kind == "stage" and value in Stage.values:
        return {"stage": value}
    if kind == "tag" and value.isascii() and value.isdigit() and len(value) < 19:
        return {"tag": Tag.objects.filter(tenant=tenant, pk=int(value)).first()}
    return {}


def mark_of(roster: Roster) -> str:
    """The mark of a roster, "" where it has none."""
    if roster.dead:
        return DEAD
    if roster.stage:
        return f"stage:{roster.stage}"
    return f"tag:{roster.tag.pk}" if roster.tag else ""
