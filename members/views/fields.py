"""The page of the tenant's own columns: names, kinds, order, and what was deleted."""

from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.exceptions import Refusal
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from members import selectors
from members.exceptions import ValuesDoNotFit
from members.field_forms import FieldForm
from members.selectors import in_use
from members.selectors.own_fields import dropped_fields, field, value_count, value_counts
from members.services import fields as services
from members.views.answers import blame, go, page, wants_part
from ui.numbers import wholes

COUNTS_LAST = 60


@requires(Permission.MEMBER_VIEW)
@require_GET
def field_list(request: TenantRequest) -> HttpResponse:
    return page(request, "members/fields.html", _listed(request) | {"form": FieldForm()})


@requires(Permission.MEMBER_VIEW)
@require_GET
def field_counts(request: TenantRequest) -> HttpResponse:
    """How many members have a value in each: the whole roster is walked for it, once a minute at most."""
    key = _counts_key(request)
    if cache.get(key) is None:
        cache.set(key, value_counts(request.tenant), COUNTS_LAST)
    return page(request, "members/fields.html#fields", _listed(request))


@requires(Permission.MEMBER_EDIT)
@require_POST
def field_add(request: TenantRequest) -> HttpResponse:
    form = FieldForm(request.POST)
    if form.is_valid():
        try:
            row = services.create(tenant=request.tenant, by=request.user, **form.values())
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("‘%(name)s’ 항목을 만들었어요.") % {"name": row.name})
            return go(request, "members:field-list")
    return page(request, "members/fields.html", _listed(request) | {"form": form}, status=422)


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def field_edit(request: TenantRequest, pk: int) -> HttpResponse:
    """A dialog for htmx, a page of its own without it. Values that do not fit are told before anything changes."""
    row = field(request.tenant, pk)
    form = FieldForm(request.POST or None, row=row)
    misfit = None
    if request.method == "POST" and form.is_valid():
        try:
            services.update(tenant=request.tenant, by=request.user, field=row, **form.changes())
        except ValuesDoNotFit as refusal:
            misfit = refusal
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("고친 내용을 저장했어요."))
            return go(request, "members:field-list")
    template = "members/field_form.html#form" if wants_part(request) else "members/field_form.html"
    context = {"field": row, "form": form, "misfit": misfit}
    return page(request, template, context, status=422 if form.errors or misfit else 200)


@requires(Permission.MEMBER_EDIT)
@require_http_methods(["GET", "POST"])
def field_delete(request: TenantRequest, pk: int) -> HttpResponse:
    """Asks first, and says how many lose a value."""
    row = field(request.tenant, pk)
    if request.method == "POST":
        services.drop(tenant=request.tenant, by=request.user, field=row)
        messages.success(request, _("‘%(name)s’ 항목을 지웠어요. 30일 안에는 되살릴 수 있어요.") % {"name": row.name})
        return go(request, "members:field-list")
    template = "members/field_delete.html#form" if wants_part(request) else "members/field_delete.html"
    users = in_use.says_field(request.tenant, row)
    return page(request, template, {"field": row, "count": value_count(request.tenant, row), "users": users})


@requires(Permission.MEMBER_EDIT)
@require_POST
def field_restore(request: TenantRequest, pk: int) -> HttpResponse:
    try:
        row = services.restore(tenant=request.tenant, by=request.user, pk=pk)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("‘%(name)s’ 항목을 되살렸어요.") % {"name": row.name})
    return go(request, "members:field-list")


@requires(Permission.MEMBER_EDIT)
@require_POST
def field_reorder(request: TenantRequest) -> HttpResponse:
    """`id` one step `up` or `down`, or the whole order as repeated `ids`."""
    order = wholes(request.POST.getlist("ids"))
    if not order:
        order = [row.pk for row in selectors.fields(request.tenant)]
        asked, step = request.POST.get("id", ""), {"up": -1, "down": 1}.get(request.POST.get("move", ""), 0)
        if asked in map(str, order):
            at = order.index(int(asked))
            order.insert(min(max(at + step, 0), len(order) - 1), order.pop(at))
    services.reorder(tenant=request.tenant, by=request.user, ids=order)
    if wants_part(request):
        return page(request, "members/fields.html#fields", _listed(request))
    return go(request, "members:field-list")


def _listed(request: TenantRequest) -> dict[str, Any]:
    counts = cache.get(_counts_key(request))
    rows = [(row, None if counts is None else counts.get(row.key, 0)) for row in selectors.fields(request.tenant)]
    return {"rows": rows, "waiting": counts is None, "dropped": list(dropped_fields(request.tenant))}


def _counts_key(request: TenantRequest) -> str:
    return f"members:fields:{request.tenant.pk}"
