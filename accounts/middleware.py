"""What happens to every request before its view: an id, the true address, the language, the tenant and its gate."""

import ipaddress
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django_htmx.http import reswap, trigger_client_event
from django_scopes import scope, scopes_disabled

from accounts.audit import client_ip
from accounts.exceptions import FacingCustomer, Refusal
from accounts.models import Staff
from config.logging import request_id, tenant_id
from ui import facing

Next = Callable[[HttpRequest], HttpResponse]


class RequestIdMiddleware:
    """One id for the page, its log lines and the tasks it rings."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.id = uuid.uuid4().hex  # type: ignore[attr-defined]
        token, outer = request_id.set(request.id), tenant_id.set(None)  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            request_id.reset(token)
            tenant_id.reset(outer)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        return response


class ProbeMiddleware:
    """Health checks call a process by whatever address it has; that is no reason to call it sick."""

    PATHS = {"/healthz", "/readyz", "/metrics"}  # none of them says its own address to anybody

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path in self.PATHS:
            request.get_host = lambda: "probe"  # type: ignore[method-assign]
        return self.get_response(request)


class TrustedProxyMiddleware:
    """Believes X-Forwarded-* only from TRUSTED_PROXIES; a stranger can't choose its own address."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chain = [a.strip() for a in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if a.strip()]
        if self._trusted(request.META.get("REMOTE_ADDR", "")):
            while chain and self._trusted(chain[-1]):
                chain.pop()
            if chain and _is_address(chain[-1]):
                request.META["REMOTE_ADDR"] = chain[-1]
            if request.META.get("HTTP_X_FORWARDED_PROTO") == "https":
                request.environ["wsgi.url_scheme"] = "https"  # type: ignore[attr-defined]
        for name in ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"):
            request.META.pop(name, None)
        token = client_ip.set(request.META.get("REMOTE_ADDR") or None)
        try:
            return self.get_response(request)
        finally:
            client_ip.reset(token)

    def _trusted(self, address: str) -> bool:
        return _is_address(address) and any(ipaddress.ip_address(address) in net for net in settings.TRUSTED_PROXIES)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class LanguageMiddleware:
    """Korean unless the person chose otherwise; the choice stays in a cookie (and in the profile, see home)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        if request.path.startswith("/api/") and not chosen:
            asked = request.headers.get("Accept-Language", "")
            language = "en" if asked.startswith("en") else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language  # type: ignore[attr-defined]
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class TenantMiddleware:
    """Finds the tenant by the URL, the person's place in it, and enters its scope.

    A stranger gets 404, not 403: whether a tenant exists is nobody's business. `/admin/` is the one place that works
    outside all scopes, for operators only.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.tenant = request.staff = None  # type: ignore[attr-defined]
        if request.path.startswith("/admin/"):
            with scopes_disabled():
                return self._finish(self.get_response(request))
        slug = _slug(request.path)
        if slug is None:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        staff = (
            Staff.objects.select_related("tenant", "user")
            .filter(tenant__slug=slug, user=request.user, removed_at=None)
            .first()
        )
        if staff is None:
            raise Http404
        request.staff, request.tenant = staff, staff.tenant  # type: ignore[attr-defined]
        tenant_id.set(staff.tenant_id)
        with scope(tenant=staff.tenant):
            return self._finish(self.get_response(request))

    @staticmethod
    def _finish(response: HttpResponse) -> HttpResponse:
        # A lazily rendered response would read rows after the scope is left.
        if hasattr(response, "render") and not getattr(response, "is_rendered", True):
            response = response.render()  # type: ignore[attr-defined]
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: dict[str, Any]) -> None:
        """Views of a tenant don't take the slug: they read request.tenant."""
        if request.tenant is not None:  # type: ignore[attr-defined]
            kwargs.pop("tenant", None)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A refusal that no view caught becomes a page (or, for htmx and JSON, an answer) with its sentence."""
        if not isinstance(error, Refusal):
            return None
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"error": {"code": error.code, "message": str(error)}}, status=error.status)
        return _refused(request, error)


class FacingMiddleware:
    """손님 앞 화면, for a tenant's pages on the device that has the cookie. Whatever was not made fit for a customer's
    eyes (permissions.customer_safe) stays shut meanwhile, so a page that nobody thought of shows nothing.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.facing = (  # type: ignore[attr-defined]
            request.path.startswith("/t/") and request.COOKIES.get(facing.COOKIE) == "1"
        )
        token = facing.on.set(request.facing)  # type: ignore[attr-defined]
        try:
            response = self.get_response(request)
        finally:
            facing.on.reset(token)
        if request.path.startswith("/t/"):
            # A browser that keeps the page would show it whole at "back", with the mode on.
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if not request.facing or getattr(view, "customer_safe", False):  # type: ignore[attr-defined]
            return None
        return _refused(request, FacingCustomer())


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Its sentence as a page; htmx, which shows no page of an error, gets it as a toast."""
    context = {"refusal": refusal, "request_id": getattr(request, "id", "")}
    response = render(request, "refusal.html", context, status=refusal.status)
    if getattr(request, "htmx", False):
        # Not "toast": parts of a page ask anew when a deed is done, and would be refused again and again.
        trigger_client_event(response, "refused", {"text": str(refusal), "level": "error"})
        reswap(response, "none")  # a 422 would be shown otherwise: forms answer so with what is to be mended
    return response


def _slug(path: str) -> str | None:
    parts = path.split("/", 3)
    return parts[2] if len(parts) > 2 and parts[1] == "t" else None
