"""기초환경설정: the tenant's name and number, 도움말 설정, and one's own account."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.forms import OWN_HELP, HelpForm, OwnHelpForm, ProfileForm, TenantForm
from accounts.permissions import Permission, allows, customer_safe, requires, staff_only
from accounts.requests import TenantRequest
from accounts.scoping import tenant_url
from accounts.services import profiles, tenants


@staff_only
@customer_safe
def basics(request: TenantRequest) -> HttpResponse:
    tenant = request.tenant
    form = TenantForm(initial={"name": tenant.name, "phone": tenant.phone})
    return render(request, "accounts/basics.html", _context(request, form))


@requires(Permission.SETTINGS_EDIT)
@require_POST
def tenant_save(request: TenantRequest) -> HttpResponse:
    form = TenantForm(request.POST)
    if not form.is_valid():
        return render(request, "accounts/basics.html", _context(request, form), status=422)
    tenants.change(tenant=request.tenant, by=request.user, **form.cleaned_data)
    messages.success(request, _("업체 정보를 저장했어요."))
    return redirect(tenant_url(request.tenant, "accounts:basics"))


@requires(Permission.SETTINGS_EDIT)
@require_POST
@customer_safe
def help_tenant(request: TenantRequest) -> HttpResponse:
    form = HelpForm(request.POST)
    form.is_valid()
    on = form.cleaned_data["on"]
    tenants.change(tenant=request.tenant, by=request.user, help_on=on)
    messages.success(request, _("도움말을 켰어요.") if on else _("도움말을 껐어요."))
    return redirect(tenant_url(request.tenant, "accounts:basics"))


@staff_only
@require_POST
@customer_safe
def help_own(request: TenantRequest) -> HttpResponse:
    form = OwnHelpForm(request.POST)
    if form.is_valid():
        profiles.set_help(staff=request.staff, on=OWN_HELP[form.cleaned_data["choice"]])
        messages.success(request, _("내 도움말 설정을 저장했어요."))
    return redirect(tenant_url(request.tenant, "accounts:basics"))


@staff_only
@require_POST
@customer_safe
def help_restore(request: TenantRequest) -> HttpResponse:
    profiles.restore_help(staff=request.staff)
    messages.success(request, _("닫은 도움말을 모두 다시 보여 드려요."))
    return redirect(tenant_url(request.tenant, "accounts:basics"))


@staff_only
@customer_safe
def me(request: TenantRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, initial={"name": request.user.name, "language": request.user.language})
    if request.method == "POST" and form.is_valid():
        profiles.change(by=request.user, **form.cleaned_data)
        messages.success(request, _("내 정보를 저장했어요."))
        response = redirect(tenant_url(request.tenant, "accounts:me"))
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            form.cleaned_data["language"],
            max_age=365 * 86400,
            secure=settings.SECURE_SITE,
            samesite="Lax",
        )
        return response
    status = 422 if form.is_bound else 200
    return render(request, "accounts/me.html", {"form": form, "verified": request.user.is_verified}, status=status)


def _context(request: TenantRequest, form: TenantForm) -> dict[str, object]:
    own = {v: k for k, v in OWN_HELP.items()}[request.staff.help_on]
    choices = [("follow", _("업체 설정대로")), ("on", _("켜기")), ("off", _("끄기"))]
    may_edit = allows(request.staff, Permission.SETTINGS_EDIT)
    return {"form": form, "own_help": own, "help_choices": choices, "may_edit": may_edit, "tenant": request.tenant}
