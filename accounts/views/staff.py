"""Who works here: the list, invitations, roles and further rights."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from accounts import selectors
from accounts.enums import Role
from accounts.exceptions import Refusal
from accounts.forms import InviteForm, RoleForm
from accounts.models import Invitation, Staff
from accounts.permissions import ROLES, Permission, requires
from accounts.requests import TenantRequest
from accounts.scoping import tenant_url
from accounts.services import staff as services

RIGHTS = [
    (Permission.MESSAGE_SEND, gettext_noop("보내기")),
    (Permission.MEMBER_EXPORT, gettext_noop("내보내기")),
    (Permission.MEMBER_EDIT, gettext_noop("고치기")),
]


@requires(Permission.STAFF_EDIT)
def people(request: TenantRequest) -> HttpResponse:
    return _page(request, InviteForm())


@requires(Permission.STAFF_EDIT)
@require_POST
def invite(request: TenantRequest) -> HttpResponse:
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, form, 422)
    try:
        row = services.invite(tenant=request.tenant, by=request.user, **form.cleaned_data)
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _page(request, form, refusal.status)
    messages.success(request, _("%(email)s 주소로 초대를 보냈어요.") % {"email": row.email})
    return _back(request)


@requires(Permission.STAFF_EDIT)
@require_POST
def invitation_revoke(request: TenantRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Invitation, pk=pk)
    if services.revoke(tenant=request.tenant, by=request.user, invitation=row):
        messages.success(request, _("초대를 거두었어요. 그 링크는 이제 열리지 않아요."))
    return _back(request)


@requires(Permission.STAFF_EDIT)
@require_POST
def role(request: TenantRequest, pk: int) -> HttpResponse:
    get_object_or_404(Staff, tenant=request.tenant, pk=pk)
    form = RoleForm(request.POST)
    if form.is_valid():
        _try(request, _("역할을 바꾸었어요."), services.change_role, pk, role=form.cleaned_data["role"])
    return _back(request)


@requires(Permission.STAFF_EDIT)
@require_POST
def rights(request: TenantRequest, pk: int) -> HttpResponse:
    _try(request, _("권한을 바꾸었어요."), services.set_rights, pk, rights=request.POST.getlist("rights"))
    return _back(request)


@requires(Permission.STAFF_EDIT)
@require_POST
def remove(request: TenantRequest, pk: int) -> HttpResponse:
    gone = _try(request, _("내보냈어요. 이제 이 업체에 들어올 수 없어요."), services.remove, pk)
    return redirect("home:start") if gone and pk == request.staff.pk else _back(request)


def _try(request: TenantRequest, said: str, service, pk: int, **kwargs) -> bool:  # type: ignore[no-untyped-def]
    person = get_object_or_404(Staff, tenant=request.tenant, pk=pk, removed_at=None)
    try:
        service(tenant=request.tenant, by=request.user, staff=person, **kwargs)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return False
    messages.success(request, said)
    return True


def _page(request: TenantRequest, form: InviteForm, status: int = 200) -> HttpResponse:
    rows = []
    for person in selectors.staff(request.tenant):
        granted = [
            (right, _(label), right in person.extra_permissions, right in ROLES[person.role]) for right, label in RIGHTS
        ]
        rows.append({"person": person, "rights": granted, "is_me": person.pk == request.staff.pk})
    context = {
        "rows": rows,
        "form": form,
        "roles": Role.choices,
        "invitations": selectors.open_invitations(request.tenant),
        "verified": request.user.is_verified,
    }
    return render(request, "accounts/staff.html", context, status=status)


def _back(request: TenantRequest) -> HttpResponse:
    return redirect(tenant_url(request.tenant, "accounts:staff"))
