"""Before a schedule leaves: how the list changed since it was made."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from messaging.drafting import NOW
from messaging.enums import DispatchState
from messaging.models import Dispatch
from messaging.services import snapshots
from messaging.views.answers import page


@require_safe
@requires(Permission.MESSAGE_VIEW)
def dispatch_audience(request: TenantRequest, pk: int) -> HttpResponse:
    """Who came into the audience and who left it since; nothing where nothing was kept or it has left already."""
    dispatch = get_object_or_404(Dispatch, pk=pk)
    waits = dispatch.state == DispatchState.SCHEDULED and not dispatch.undo_until
    difference = snapshots.difference(tenant=request.tenant, dispatch=dispatch) if waits else None
    context = {"difference": difference, "is_frozen": dispatch.audience.get("as_of") == NOW, "dispatch": dispatch}
    return page(request, "messaging/dispatch_audience.html", context)
