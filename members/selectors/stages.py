"""Prospects and who left: how many stand at each stage, where they came from, where they go next."""

from django.db.models import Count

from accounts.models import Tenant
from members.enums import Stage
from members.models import Member

PROSPECTS = (Stage.INQUIRY, Stage.CONSULT, Stage.TRIAL)
BOARD = (*PROSPECTS, Stage.PAUSED, Stage.LEFT)
SOURCES_MOST = 6


def stage_counts(tenant: Tenant) -> dict[str, int]:
    """How many living members stand at each stage but 등록, which nearly everybody is in."""
    rows = Member.objects.filter(tenant=tenant, deleted_at=None).exclude(stage=Stage.ACTIVE)
    return dict(rows.order_by().values_list("stage").annotate(n=Count("id")))


def source_counts(tenant: Tenant) -> list[tuple[str, int]]:
    """Where the present prospects heard of the shop, most first; those who did not say are left out."""
    rows = Member.objects.filter(tenant=tenant, deleted_at=None, stage__in=PROSPECTS).exclude(source="")
    return list(rows.order_by().values_list("source").annotate(n=Count("id")).order_by("-n", "source")[:SOURCES_MOST])


def following(stage: str) -> list[Stage]:
    """Where somebody at a stage goes next: the likeliest first."""
    ways = {
        Stage.INQUIRY: [Stage.CONSULT, Stage.TRIAL, Stage.ACTIVE],
        Stage.CONSULT: [Stage.TRIAL, Stage.ACTIVE],
        Stage.TRIAL: [Stage.ACTIVE, Stage.CONSULT],
        Stage.ACTIVE: [Stage.PAUSED],
        Stage.PAUSED: [Stage.ACTIVE],
        Stage.LEFT: [Stage.ACTIVE],
    }
    first = ways.get(Stage(stage), [])
    return [*first, *(one for one in Stage if one not in first and one != stage)]
