"""Tablets: the page where staff make them, and the public page that a tablet shows to whoever comes in."""

from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import guessing
from accounts.crypto import decrypt, encrypt
from accounts.exceptions import Refusal
from accounts.permissions import Permission, public, requires
from accounts.requests import TenantRequest
from accounts.scoping import enter
from members.models import Kiosk
from members.selectors import visits as reads
from members.services import kiosks as services
from members.views import kiosk_words as words
from members.views.answers import go, page

NEW = "new_kiosk"  # in the session, encrypted, from the POST to the page that shows it once
WHAT = "kiosk"


@requires(Permission.SETTINGS_EDIT)
@never_cache
@require_http_methods(["GET", "POST"])
def kiosk_list(request: TenantRequest) -> HttpResponse:
    """The tablets in use; a POST makes one, whose address is shown once."""
    problem = ""
    if request.method == "POST":
        try:
            _kiosk, token = services.create(tenant=request.tenant, by=request.user, name=request.POST.get("name", ""))
        except Refusal as refusal:
            problem = str(refusal)
        else:
            request.session[NEW] = {"tenant": request.tenant.pk, "token": encrypt(token)}
            return go(request, "members:kiosk-list")
    context: dict[str, Any] = {"kiosks": reads.kiosks(request.tenant), "problem": problem}
    made = request.session.get(NEW)
    if not problem and made and made["tenant"] == request.tenant.pk:
        del request.session[NEW]
        url = request.build_absolute_uri(reverse("kiosks:page", args=[decrypt(made["token"])]))
        svg = segno.make_qr(url, error="m").svg_inline(
            scale=5, border=3, svgclass="qr-code", lineclass=None, omitsize=True
        )
        context |= {"url": url, "svg": mark_safe(svg)}
    return page(request, "members/kiosks.html", context, status=422 if problem else 200)


@requires(Permission.SETTINGS_EDIT)
@require_POST
def kiosk_revoke(request: TenantRequest, pk: int) -> HttpResponse:
    services.revoke(tenant=request.tenant, by=request.user, kiosk=reads.kiosk(request.tenant, pk))
    messages.success(request, _("거두었어요. 그 태블릿의 출석 화면은 이제 열리지 않아요."))
    return go(request, "members:kiosk-list")


# --- The tablet's own pages ------------------------------------------------------------------------------------------
# No CSRF token: nobody is signed in on a tablet, the address is the whole right, and a page that stays open for weeks
# must not stop working because a cookie has run out.


@public
@never_cache
@require_safe
def kiosk_page(request: HttpRequest, token: str) -> HttpResponse:
    kiosk = _kiosk(token)
    if kiosk is None:
        return render(request, "members/kiosk_gone.html", status=429 if guessing.is_guessing(WHAT) else 404)
    return render(
        request, "members/kiosk.html", {"shop": kiosk.tenant.name, "token": token, "has_jsqr": settings.HAS_JSQR}
    )


@csrf_exempt
@public
@never_cache
@require_POST
def kiosk_look(request: HttpRequest, token: str) -> HttpResponse:
    """Whom four to eight digits may mean, masked."""
    kiosk, digits = _kiosk(token), request.POST.get("digits", "")
    if kiosk is None:
        return _gone()
    if services.is_guessing(kiosk):
        return _answer(words.busy(), 429)
    if not (digits.isascii() and digits.isdigit() and 4 <= len(digits) <= 8):
        return _answer(words.nobody(), 422)
    with enter(kiosk.tenant):
        found = services.choices(tenant=kiosk.tenant, kiosk=kiosk, digits=digits)
    services.miss(kiosk)  # taken back by the check-in
    if found is None:
        return JsonResponse({"more": True, "say": words.more(len(digits))})
    if not found:
        return _answer(words.nobody(), 404)
    return JsonResponse({"people": [one.__dict__ for one in found]})


@csrf_exempt
@public
@never_cache
@require_POST
def kiosk_in(request: HttpRequest, token: str) -> HttpResponse:
    """Check in whom a ticket of `kiosk_look` or a member's own code names; the same key twice is one visit."""
    kiosk, key, by_ticket = _kiosk(token), request.POST.get("key", ""), bool(request.POST.get("ticket"))
    if kiosk is None:
        return _gone()
    if by_ticket and services.is_guessing(kiosk):  # nobody guesses a code: it is signed
        return _answer(words.busy(), 429)
    if not (key.isascii() and key.isalnum() and 16 <= len(key) <= 40):
        return _answer(words.nobody(), 422)
    with enter(kiosk.tenant):
        try:
            done = services.check_in(
                tenant=kiosk.tenant, kiosk=kiosk, key=key,
                ticket=request.POST.get("ticket", ""), code=request.POST.get("code", ""),
                sure="sure" in request.POST,
            )  # fmt: skip
        except Refusal:
            services.miss(kiosk)
            return _answer(words.unknown(by_ticket), 404)
        services.note_use(kiosk)
        if done is None:
            return JsonResponse({"ask": True, "say": words.once_more()})
        if by_ticket and not done.again:  # a ticket played again gives no further try
            services.miss(kiosk, -1)
        return _answer(words.welcome(done), 200)


def _kiosk(token: str) -> Kiosk | None:
    """The tablet of this address; whoever guesses addresses is not even told that they are wrong any more."""
    if guessing.is_guessing(WHAT):
        return None
    kiosk = reads.kiosk_at(token)
    if kiosk is None:
        guessing.miss(WHAT)
    return kiosk


def _gone() -> HttpResponse:
    if guessing.is_guessing(WHAT):
        return _answer(words.busy(), 429)
    return _answer(words.gone(), 410)


def _answer(said: words.Said, status: int) -> JsonResponse:
    return JsonResponse({"say": said.say, "sub": said.sub, "tone": said.tone}, status=status)
