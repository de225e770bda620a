"""The page behind an invitation: who invites, to what. Joining needs a press: mail scanners must not use it up."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts import selectors
from accounts.exceptions import InvitationUnusable, Refusal
from accounts.permissions import public
from accounts.scoping import tenant_url
from accounts.services import staff as services

SESSION_KEY = "invitation"


@public
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    row = selectors.invitation(token)
    if row is not None and row.accepted_by_id is not None and row.accepted_by_id == request.user.pk:
        return redirect(tenant_url(row.tenant, "home:today"))  # joined while signing up, or pressed twice
    if row is None or not row.is_open:
        return render(request, "accounts/invitation.html", {"refusal": InvitationUnusable()}, status=404)
    if request.method == "POST" and request.user.is_authenticated:
        try:
            staff = services.accept(by=request.user, token=token)
        except Refusal as refusal:
            return render(request, "accounts/invitation.html", {"refusal": refusal}, status=refusal.status)
        request.session.pop(SESSION_KEY, None)
        messages.success(request, _("%(tenant)s에 함께하게 됐어요.") % {"tenant": staff.tenant.name})
        return redirect(tenant_url(staff.tenant, "home:today"))
    # The sign-up form asks for no business name while this is here.
    request.session[SESSION_KEY] = token
    mine = request.user.is_authenticated and request.user.email.lower() == row.email.lower()
    return render(request, "accounts/invitation.html", {"row": row, "mine": mine})
