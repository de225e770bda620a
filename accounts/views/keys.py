"""API keys: made, shown once, taken away."""

from secrets import token_hex

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import selectors
from accounts.crypto import decrypt, encrypt
from accounts.enums import Scope
from accounts.exceptions import Refusal
from accounts.forms import KeyForm
from accounts.models import ApiKey
from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from accounts.scoping import tenant_url
from accounts.services import keys as services

NEW = "new_api_key"  # in the session, encrypted, from the POST to the page that shows it
KEPT = 600  # seconds


@requires(Permission.KEYS_EDIT)
@never_cache
def keys(request: TenantRequest) -> HttpResponse:
    """The list; a POST makes a key and comes back here, where its secret is shown once."""
    form = KeyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _key, secret = services.create(
                tenant=request.tenant, by=request.user, form_key=request.POST.get("key", ""), **form.cleaned_data
            )
        except services.KeyMade:
            return redirect(tenant_url(request.tenant, "accounts:keys"))  # the first click has left the secret there
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            request.session[NEW] = {"tenant": request.tenant.pk, "secret": encrypt(secret), "until": _now() + KEPT}
            return redirect(tenant_url(request.tenant, "accounts:keys"))
    labels = dict(Scope.choices)
    context = {
        "form": form,
        "form_key": token_hex(16),
        "secret": "" if form.is_bound else _take_secret(request),
        "rows": [(key, [labels.get(s, s) for s in key.scopes]) for key in selectors.keys(request.tenant)],
    }
    return render(request, "accounts/keys.html", context, status=422 if form.is_bound else 200)


@requires(Permission.KEYS_EDIT)
@require_POST
def revoke(request: TenantRequest, pk: int) -> HttpResponse:
    key = get_object_or_404(ApiKey, pk=pk)
    if services.revoke(tenant=request.tenant, by=request.user, key=key):
        messages.success(request, _("키를 지웠어요. 이 키를 쓰던 프로그램은 이제 연결되지 않아요."))
    return redirect(tenant_url(request.tenant, "accounts:keys"))


def _take_secret(request: TenantRequest) -> str:
    """The secret of the key just made, which is forgotten with this look."""
    kept = request.session.get(NEW)
    if not kept or (kept["tenant"] != request.tenant.pk and kept["until"] > _now()):
        return ""
    del request.session[NEW]
    return decrypt(kept["secret"]) if kept["until"] > _now() else ""


def _now() -> int:
    return int(timezone.now().timestamp())
