"""The page that says what taking an import back will do, and does it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.exceptions import Refusal
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from members import undo_words
from members.models import Import
from members.selectors.imports import import_row
from members.selectors.own_fields import field_names
from members.selectors.reverting import left_rows
from members.services.import_revert import forecast
from members.services.imports import revert_import, revertible
from members.services.kept_parts import KEPT
from members.views.answers import go, page


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def import_revert(request: TenantRequest, pk: int) -> HttpResponse:
    row = import_row(request.tenant, pk)
    if row is None:
        raise Http404
    if request.method == "POST":
        try:
            revert_import(tenant=request.tenant, by=request.user, pk=row.pk)
        except Refusal as refusal:
            messages.error(request, str(refusal))
        return go(request, "members:import-detail", row.pk)
    if not revertible(row):
        return go(request, "members:import-detail", row.pk)
    context = {"row": row, "until": row.finished_at and row.finished_at + KEPT, "would": forecast(request.tenant, row)}
    return page(request, "members/import_revert.html", context)


def outcome(request: TenantRequest, row: Import) -> dict[str, Any]:
    """What the page of an import adds once it was taken back, or while it can be."""
    if row.state == "reverted":
        return {"did": row.reverted, "left": _said(request, left_rows(request.tenant, row))}
    return {"revertible": revertible(row), "until": row.finished_at and row.finished_at + KEPT}


def _said(request: TenantRequest, left: list[dict[str, Any]]) -> list[dict[str, Any]]:
    own = field_names(request.tenant)
    return [one | {"why": list(dict.fromkeys(undo_words.reason(code, own) for code in one["why"]))} for one in left]
