"""Saved views of the list."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.exceptions import NotAllowed, Refusal
from accounts.permissions import Permission, allows, requires
from accounts.requests import TenantRequest
from members import selectors
from members.forms import ViewForm
from members.services import views as services
from members.views.answers import blame, go, page


@requires(Permission.MEMBER_VIEW)
@require_POST
def view_save(request: TenantRequest) -> HttpResponse:
    """Keep the present search; one for everybody needs the right to edit."""
    form = ViewForm(request.POST)
    if form.is_valid():
        try:
            if form.cleaned_data["shared"] and not allows(request.staff, Permission.MEMBER_EDIT):
                raise NotAllowed
            view = services.save(
                tenant=request.tenant, by=request.user, params=request.POST.dict(), **form.cleaned_data
            )
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("‘%(name)s’ 보기를 저장했어요.") % {"name": view.name})
            return go(request, "members:member-list", query=services.query(view))
    return page(request, "members/list.html#view-form", {"view_form": form}, status=422)


@requires(Permission.MEMBER_VIEW)
@require_POST
def view_delete(request: TenantRequest, pk: int) -> HttpResponse:
    view = selectors.saved_view(request.tenant, request.user, pk)
    if view.owner_id is None and not allows(request.staff, Permission.MEMBER_EDIT):
        raise NotAllowed
    services.delete(tenant=request.tenant, by=request.user, view=view)
    messages.success(request, _("‘%(name)s’ 보기를 지웠어요.") % {"name": view.name})
    return go(request, "members:member-list")
