"""Every error of the API in one shape: `{"error": {"code", "message", "fields"}}`; bad input is never a 500."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.core.exceptions import ValidationError as ModelInvalid
from django.db import DataError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from rest_framework import exceptions, status
from rest_framework.response import Response

from accounts.exceptions import Refusal

log = logging.getLogger(__name__)


class Conflict(Refusal):
    """Something else stands in the way now: another call with this key, or the state of the thing itself."""

    code = "conflict"
    status = 409


def answer(code: str, message: Any, status_code: int, fields: dict[str, Any] | None = None) -> Response:
    error = {"code": str(code), "message": str(message), "fields": fields or {}}
    return Response({"error": error}, status=status_code)


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler; None lets a true bug become a 500."""
    if isinstance(error, Refusal):
        return answer(error.code, error, error.status, _texts(error.fields))
    if isinstance(error, exceptions.ValidationError):
        return _of_fields(_flat(error.detail))
    if isinstance(error, ModelInvalid):
        return _of_fields(_texts(error.message_dict if hasattr(error, "error_dict") else {"detail": error.messages}))
    if isinstance(error, (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)):
        return answer("invalid", _("보낸 내용이 너무 크거나 항목이 너무 많아요. 나누어 보내 주세요."), 422)
    if isinstance(error, (DataError, OverflowError)):
        # The database says a value is out of its range before any of our checks did: a bad body all the same.
        log.warning("value out of range", extra={"error": type(error).__name__})
        return answer("invalid", _("저장할 수 없는 값이 들어 있어요. 너무 큰 수나 날짜가 없는지 확인해 주세요."), 422)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    return _of_drf(error, context.get("view")) if isinstance(error, exceptions.APIException) else None


def _of_fields(fields: dict[str, list[str]]) -> Response:
    return answer(
        "invalid", _("보낸 내용에 고칠 곳이 있어요. fields에 적힌 대로 고쳐서 다시 보내 주세요."), 422, fields
    )


_CODES = {
    400: "invalid",
    401: "not_authenticated",
    403: "not_allowed",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    415: "invalid",
    429: "too_many",
}
# What is wrong with the body is 422 here, whatever DRF calls it.
_STATUSES = {400: 422, 415: 422}


def _of_drf(error: exceptions.APIException, view: Any) -> Response:
    code = error.status_code
    failed = code >= status.HTTP_500_INTERNAL_SERVER_ERROR
    name = "unavailable" if failed else _CODES.get(code, "refused")
    response = answer(name, _sentence(error, view), _STATUSES.get(code, code))
    if getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if isinstance(error, exceptions.Throttled) and error.wait is not None:  # type: ignore[attr-defined]
        response["Retry-After"] = str(int(error.wait) + 1)  # type: ignore[attr-defined]
    return response


def _sentence(error: exceptions.APIException, view: Any) -> Any:
    """Ours, with what to do; the error's own where the code that raised it gave one."""
    if isinstance(error, exceptions.UnsupportedMediaType):
        types = ", ".join(dict.fromkeys(parser.media_type for parser in getattr(view, "parser_classes", ())))
        return _("이 형식은 받지 않아요. 쓸 수 있는 Content-Type: %(types)s") % {"types": types}
    if isinstance(error, exceptions.NotAcceptable):
        types = ", ".join(dict.fromkeys(renderer.media_type for renderer in error.available_renderers or ()))  # type: ignore[attr-defined]
        return _("그 형식으로는 답할 수 없어요. 쓸 수 있는 Accept: %(types)s") % {"types": types}
    if isinstance(error, exceptions.MethodNotAllowed):
        methods = ", ".join(name for name in getattr(view, "allowed_methods", ()) if name not in {"HEAD", "OPTIONS"})
        return _("이 주소에서는 쓸 수 없는 방식이에요. 쓸 수 있는 방식: %(methods)s") % {"methods": methods}
    if isinstance(error, exceptions.Throttled):
        return _("짧은 사이에 요청이 너무 많았어요. 잠시 뒤 다시 해 주세요.")
    if str(error.detail) != str(error.default_detail):
        return error.detail
    return _OWN.get(type(error), error.detail)


_OWN: dict[type, Any] = {
    exceptions.APIException: _lazy("저희 쪽에 문제가 생겼어요. 잠시 뒤 다시 해 주세요."),
    exceptions.ParseError: _lazy("보낸 내용을 읽을 수 없어요. /api/docs/의 형식대로 다시 보내 주세요."),
    exceptions.NotAuthenticated: _lazy("API 키를 보내 주세요: Authorization: Bearer 키"),
    exceptions.AuthenticationFailed: _lazy("API 키가 올바르지 않아요. 설정에서 새 키를 만들어 주세요."),
    exceptions.PermissionDenied: _lazy("이 API 키로는 할 수 없는 일이에요. 키의 권한을 확인해 주세요."),
    exceptions.NotFound: _lazy("찾을 수 없어요. 주소와 번호를 확인해 주세요."),
}


def _texts(fields: dict[str, Any]) -> dict[str, list[str]]:
    return {name: [str(s) for s in (v if isinstance(v, (list, tuple)) else [v])] for name, v in fields.items()}


def _flat(detail: Any, name: str = "") -> dict[str, list[str]]:
    """{"consents": [{}, {"kind": ["…"]}]} -> {"consents.1.kind": ["…"]}: one level, so that clients can point."""
    if isinstance(detail, dict):
        pairs = detail.items()
    elif isinstance(detail, list) and any(isinstance(part, (dict, list)) for part in detail):
        pairs = enumerate(detail)  # type: ignore[assignment]
    else:
        return {name or "detail": [str(s) for s in (detail if isinstance(detail, list) else [detail])]}
    flat: dict[str, list[str]] = {}
    for key, part in pairs:
        if part:
            flat |= _flat(part, f"{name}.{key}" if name else str(key))
    return flat
