"""The page of groups: names, colours, order."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import Refusal
from accounts.permissions import Permission, customer_safe, requires
from accounts.requests import TenantRequest
from members import segments, selectors
from members.forms import GroupForm
from members.services import groups as services
from members.views.answers import blame, go, page, wants_part
from ui.numbers import wholes


@requires(Permission.MEMBER_VIEW)
@require_GET
@customer_safe
def group_list(request: TenantRequest) -> HttpResponse:
    context = {"groups": _groups(request), "form": GroupForm()}
    return page(request, "members/groups.html", context)


@requires(Permission.MEMBER_EDIT)
@require_POST
def group_add(request: TenantRequest) -> HttpResponse:
    form = GroupForm(request.POST)
    if form.is_valid():
        try:
            group = services.create(tenant=request.tenant, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("‘%(name)s’ 그룹을 만들었어요.") % {"name": group.name})
            return go(request, "members:group-list")
    context = {"groups": _groups(request), "form": form}
    return page(request, "members/groups.html", context, status=422)


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def group_edit(request: TenantRequest, pk: int) -> HttpResponse:
    """A dialog for htmx, a page of its own without it."""
    group = selectors.group(request.tenant, pk)
    form = GroupForm(request.POST or None, initial={"name": group.name, "tone": group.tone})
    if request.method == "POST" and form.is_valid():
        try:
            services.update(tenant=request.tenant, by=request.user, group=group, **form.cleaned_data)
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("고친 내용을 저장했어요."))
            return go(request, "members:group-list")
    template = "members/group_form.html#form" if wants_part(request) else "members/group_form.html"
    return page(request, template, {"group": group, "form": form}, status=422 if form.errors else 200)


@requires(Permission.MEMBER_EDIT)
@require_POST
def group_delete(request: TenantRequest, pk: int) -> HttpResponse:
    group = selectors.group(request.tenant, pk)
    services.delete(tenant=request.tenant, by=request.user, group=group)
    messages.success(request, _("‘%(name)s’ 그룹을 지웠어요. 회원은 그대로 있어요.") % {"name": group.name})
    return go(request, "members:group-list")


@requires(Permission.MEMBER_EDIT)
@require_POST
def group_reorder(request: TenantRequest) -> HttpResponse:
    """`id` one step `up` or `down`, or the whole order as repeated `ids`."""
    order = wholes(request.POST.getlist("ids"))
    if not order:
        order = [group.pk for group in selectors.group_list(request.tenant)]
        asked, step = request.POST.get("id", ""), {"up": -1, "down": 1}.get(request.POST.get("move", ""), 0)
        if asked in map(str, order):
            at = order.index(int(asked))
            to = min(max(at + step, 0), len(order) - 1)
            order.insert(to, order.pop(at))
    services.reorder(tenant=request.tenant, by=request.user, ids=order)
    if wants_part(request):
        return page(request, "members/groups.html#groups", {"groups": _groups(request)})
    return go(request, "members:group-list")


def _groups(request: TenantRequest) -> list[Any]:
    """The groups in order, each with the names of the segments that ask about it."""
    users = segments.users_of(request.tenant, "group")
    rows: list[Any] = list(selectors.group_list(request.tenant))
    for group in rows:
        group.used_by = ", ".join(users.get(group.pk, []))
    return rows
