"""설정 › 이용권: what the shop sells."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.exceptions import Refusal
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from members.pass_forms import TypeForm
from members.selectors import passes as reads
from members.services import pass_types as services
from members.views.answers import blame, go, page


@requires(Permission.SETTINGS_EDIT)
@require_http_methods(["GET", "POST"])
def passtype_list(request: TenantRequest) -> HttpResponse:
    """The kinds that are sold; a POST adds one."""
    form = TypeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.create(tenant=request.tenant, by=request.user, **_values(form))
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("이용권을 만들었어요. 이제 회원에게 등록할 수 있어요."))
            return go(request, "members:passtype-list")
    context = {"form": form, "types": reads.types_with_use(request.tenant)}
    return page(request, "members/pass_types.html", context, status=422 if form.errors else 200)


@requires(Permission.SETTINGS_EDIT)
@require_http_methods(["GET", "POST"])
def passtype_edit(request: TenantRequest, pk: int) -> HttpResponse:
    kind = reads.type_(request.tenant, pk)
    form = TypeForm(request.POST or None, initial={name: getattr(kind, name) for name in services.KNOWN})
    if request.method == "POST" and form.is_valid():
        try:
            services.update(tenant=request.tenant, by=request.user, type=kind, **_values(form))
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("고친 내용을 저장했어요. 이미 등록한 이용권은 그대로 있어요."))
            return go(request, "members:passtype-list")
    return page(
        request, "members/pass_type_form.html", {"form": form, "kind": kind}, status=422 if form.errors else 200
    )


@requires(Permission.SETTINGS_EDIT)
@require_POST
def passtype_retire(request: TenantRequest, pk: int) -> HttpResponse:
    services.retire(tenant=request.tenant, by=request.user, type=reads.type_(request.tenant, pk))
    messages.success(request, _("이제 등록할 때 보이지 않아요. 이미 등록한 이용권은 그대로 있어요."))
    return go(request, "members:passtype-list")


def _values(form: TypeForm) -> dict[str, Any]:
    return dict(form.cleaned_data)
