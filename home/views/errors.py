"""Pages for what went wrong: short, in our design, with the request's id; JSON where the API was asked."""

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.permissions import public
from home.addresses import nearest_page

log = logging.getLogger(__name__)


def _answer(request: HttpRequest, status: int, code: str, message: str, **more: Any) -> HttpResponse:
    if request.path.startswith("/api/"):
        error = {"code": code, "message": message, "fields": {}}
        return JsonResponse({"error": error}, status=status)
    context = {"request_id": getattr(request, "id", ""), **more}
    try:
        return render(request, f"{status}.html", context, status=status)
    except Exception:
        # The page of a failure must not fail itself, for instance where the database is away.
        log.exception("error page failed")
        return HttpResponse(render_to_string(f"{status}.html", context), status=status)


@public
def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _answer(request, 400, "bad_request", _("요청을 이해하지 못했어요. 주소와 내용을 확인해 주세요."))


@public
def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _answer(request, 403, "not_allowed", _("할 수 없는 일이에요. 권한을 확인해 주세요."))


@public
def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _answer(request, 404, "not_found", _("찾을 수 없어요. 주소와 번호를 확인해 주세요."))


@public
def not_allowed(request: HttpRequest) -> HttpResponse:
    """An address that only takes a form was opened: by hand, by a reload, by going back. The way on is its page."""
    message = _("이 주소에서는 쓸 수 없는 방식이에요.")
    return _answer(request, 405, "method_not_allowed", message, way=nearest_page(request.path))


@public
def too_many(request: HttpRequest) -> HttpResponse:
    return _answer(request, 429, "too_many", _("짧은 사이에 요청이 너무 많았어요. 잠시 뒤 다시 해 주세요."))


@public
def server_error(request: HttpRequest) -> HttpResponse:
    return _answer(request, 500, "server_error", _("저희 쪽에 문제가 생겼어요. 잠시 뒤 다시 해 주세요."))


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A page left open past sign-out, or cookies switched off: say what to do instead of a bare 403."""
    context = {"request_id": getattr(request, "id", ""), "no_cookie": reason == REASON_NO_CSRF_COOKIE}
    return render(request, "home/csrf.html", context, status=403)
