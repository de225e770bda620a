"""API keys: made, shown once, taken away."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import selectors
from accounts.enums import Scope
from accounts.exceptions import Refusal
from accounts.forms import KeyForm
from accounts.models import ApiKey
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from accounts.scoping import tenant_url
from accounts.services import keys as services


@requires(Permission.KEYS_EDIT)
@never_cache
def keys(request: TenantRequest) -> HttpResponse:
    """The list; a POST makes a key and answers with its secret, which no later page can show."""
    form = KeyForm(request.POST or None)
    context = {"form": form, "secret": ""}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                key, secret = services.create(tenant=request.tenant, by=request.user, **form.cleaned_data)
                context |= {"form": KeyForm(), "secret": secret, "made": key}
                status = 201
            except Refusal as refusal:
                form.add_error(None, str(refusal))
    labels = dict(Scope.choices)
    context["rows"] = [(key, [labels.get(s, s) for s in key.scopes]) for key in selectors.keys(request.tenant)]
    return render(request, "accounts/keys.html", context, status=status)


@requires(Permission.KEYS_EDIT)
@require_POST
def revoke(request: TenantRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(ApiKey, pk=pk)
    if services.revoke(tenant=request.tenant, by=request.user, key=key):
        messages.success(request, _("키를 지웠어요. 이 키를 쓰던 프로그램은 이제 연결되지 않아요."))
    return redirect(tenant_url(request.tenant, "accounts:keys"))
