"""The board of prospects, and members whose number nobody has."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.views.decorators.http import require_GET, require_POST

from accounts.exceptions import Refusal
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from members import selectors
from members.enums import Stage
from members.selectors import stages
from members.services.stages import change_stage
from members.views.answers import go, page, wants_part


@requires(Permission.MEMBER_VIEW)
@require_GET
def prospect_list(request: TenantRequest) -> HttpResponse:
    """People at one stage; the stages beside it with their counts."""
    return _board(request, request.GET.get("stage", ""))


@requires(Permission.MEMBER_EDIT)
@require_POST
def member_move(request: TenantRequest, pk: int) -> HttpResponse:
    """One tap: this person to that stage, and the list without them. `?stage=` says which list, also to its pager."""
    member = selectors.member(request.tenant, pk)
    one = selectors.members_by_id(request.tenant, [member.pk])
    here, problem = request.GET.get("stage", member.stage), ""
    try:
        change_stage(tenant=request.tenant, by=request.user, members=one, stage=request.POST.get("stage", ""))
    except Refusal as refusal:
        problem = str(refusal)
    if not wants_part(request):
        return go(request, "members:prospect-list", query=urlencode({"stage": here}))
    moved = None if problem else {"member": member, "to": Stage(request.POST["stage"]).label}
    return _board(request, here, part=True, moved=moved, problem=problem)


@requires(Permission.MEMBER_VIEW)
@require_GET
def dead_list(request: TenantRequest) -> HttpResponse:
    """Members whose number came back three times, the last marked first."""
    roster = selectors.roster(request.tenant, dead=True)
    shown = roster.page(request.GET.get("cursor", ""))
    template = "members/dead.html#results" if wants_part(request) else "members/dead.html"
    return page(request, template, {"roster": roster, "page": shown})


def _board(request: TenantRequest, asked: str, *, part: bool = False, **extra: Any) -> HttpResponse:
    counts = stages.stage_counts(request.tenant)
    first = next((stage for stage in stages.PROSPECTS if counts.get(stage)), Stage.INQUIRY)
    stage = asked if asked in stages.BOARD else first
    roster = selectors.roster(request.tenant, stage=stage)
    shown = roster.page(request.GET.get("cursor", ""))
    ways = stages.following(stage)
    context = {
        "stage": Stage(stage),
        "tabs": [(one, one.label, counts.get(one, 0)) for one in stages.BOARD],
        "sources": stages.source_counts(request.tenant),
        "ways": ways[:2],
        "more_ways": ways[2:],
        "page": shown,
        "roster": roster,
        **extra,
    }
    template = "members/prospects.html#board" if part or wants_part(request) else "members/prospects.html"
    return page(request, template, context)
