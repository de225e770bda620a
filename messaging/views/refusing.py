"""The one-tap page of ads (AD8, AD9): whoever has the text on the phone refuses with one press, for free."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts import guessing
from accounts.permissions import public
from accounts.scoping import enter
from messaging.enums import OptOutScope
from messaging.models import OptOutLink
from messaging.selectors import refusals
from messaging.services import optouts, policies


# No CSRF token: nobody is signed in here, the code in the address is the whole right to press, and a cookie that is
# switched off or has run out must not stand between a person and a refusal (AD9).
@csrf_exempt
@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def refuse(request: HttpRequest, code: str) -> HttpResponse:
    """GET only asks, for phones open links by themselves to preview them; POST refuses, and twice is once."""
    if guessing.is_guessing("optout"):
        return render(request, "messaging/refuse.html", {"busy": True}, status=429)
    link = refusals.link(code)
    if link is None:
        guessing.miss("optout")
        return render(request, "messaging/refuse.html", status=404)
    with enter(link.tenant):
        if request.method == "POST":
            scope = OptOutScope.ALL if request.POST.get("scope") == OptOutScope.ALL else OptOutScope.ADS
            optouts.refuse(tenant=link.tenant, by=None, phone=link.phone, scope=scope)
            return HttpResponseRedirect(request.path)
        return _page(request, link)


def _page(request: HttpRequest, link: OptOutLink) -> HttpResponse:
    """No more of the person than the masked number."""
    context = {
        "shop": policies.of(link.tenant).ad_name or link.tenant.name,
        "phone": link.phone,
        "refusal": refusals.refusal(link.tenant, link.phone),
    }
    return render(request, "messaging/refuse.html", context)
