"""The ways in: landing, terms, where to go after signing in, opening a tenant; theme and language."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.views.decorators.http import require_POST

from accounts import selectors
from accounts.exceptions import Refusal
from accounts.permissions import public, signed_in
from accounts.requests import PersonRequest
from accounts.scoping import tenant_url
from accounts.services import profiles
from home import services
from home.addresses import nearest_page
from home.forms import BusinessForm
from ui.facing import COOKIE as FACING

YEAR = 365 * 86400
THEMES = ("light", "dark", "system")


@public
def landing(request: PersonRequest) -> HttpResponse:
    return redirect("home:start") if request.user.is_authenticated else render(request, "home/landing.html")


@signed_in
def start(request: PersonRequest) -> HttpResponse:
    """Where one lands after signing in. A new device takes the language over from the profile."""
    response = _first_page(request)
    if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES and request.user.language != settings.LANGUAGE_CODE:
        _remember_language(response, request.user.language)
    return response


def _first_page(request: PersonRequest) -> HttpResponse:
    """To the only tenant, or the last one visited; to the list where there are several; to opening one where none."""
    places = list(selectors.tenants_of(request.user)[:200])
    last = request.COOKIES.get("tenant", "")
    for place in places:
        if len(places) == 1 or place.tenant.slug == last:
            return redirect(tenant_url(place.tenant, "home:today"))
    if not places and request.session.get("invitation"):
        return redirect("invitations:accept", request.session["invitation"])
    return redirect("home:tenants") if places else redirect("home:tenant-open")


@signed_in
def tenants(request: PersonRequest) -> HttpResponse:
    places = selectors.tenants_of(request.user)
    rows = [(place, tenant_url(place.tenant, "home:today")) for place in places]
    return render(request, "home/tenants.html", {"rows": rows, "owns": any(p.role == "owner" for p, _url in rows)})


@signed_in
def tenant_open(request: PersonRequest) -> HttpResponse:
    form = BusinessForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            place = services.open_for(user=request.user, business=form.cleaned_data["business"])
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(tenant_url(place.tenant, "home:today"))
    return render(request, "home/tenant_open.html", {"form": form}, status=422 if form.is_bound else 200)


@public
def terms(request: PersonRequest, kind: str) -> HttpResponse:
    version = selectors.current_terms().get(kind)
    if version is None:
        raise Http404
    body, language = version.text_in(get_language() or settings.LANGUAGE_CODE)
    context = {"version": version, "title": version.get_kind_display(), "body": body, "language": language}
    return render(request, "home/terms.html", context)


@public
@require_POST
def theme(request: PersonRequest) -> HttpResponse:
    chosen = request.POST.get("theme", "")
    response = HttpResponse(status=204) if request.htmx else redirect(_back(request))
    if chosen in THEMES:
        response.set_cookie("theme", chosen, max_age=YEAR, secure=settings.SECURE_SITE, samesite="Lax", httponly=True)
    return response


@public
@require_POST
def language(request: PersonRequest) -> HttpResponse:
    """The choice lives in a cookie, and in the profile of who is signed in, so that mails follow it."""
    chosen = request.POST.get("language", "")
    response = redirect(_back(request))
    if chosen in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            profiles.change(by=request.user, language=chosen)
        _remember_language(response, chosen)
    return response


@signed_in
@require_POST
def facing(request: PersonRequest) -> HttpResponse:
    """손님 앞 화면 on or off, for this device. Off asks for a tap alone: it guards against a glance, not a thief."""
    response = redirect(_back(request))
    if request.POST.get("on") == "1":
        response.set_cookie(FACING, "1", max_age=YEAR, secure=settings.SECURE_SITE, samesite="Lax", httponly=True)
    else:
        response.delete_cookie(FACING, samesite="Lax")
    return response


def _remember_language(response: HttpResponse, language: str) -> None:
    name = settings.LANGUAGE_COOKIE_NAME
    response.set_cookie(name, language, max_age=YEAR, secure=settings.SECURE_SITE, samesite="Lax")


def _back(request: PersonRequest) -> str:
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return nearest_page(wanted) if safe else "/"  # the page may have been a form's answer
