"""Every error of the API in one shape: `{"error": {"code", "message", "fields"}}`; bad input is never a 500."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelInvalid
from django.db import DataError
from django.http import Http404
from django.utils.translation import gettext as _
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
        return answer("invalid", _("보낸 내용에 고칠 곳이 있어요."), 422, _flat(error.detail))
    if isinstance(error, ModelInvalid):
        fields = error.message_dict if hasattr(error, "error_dict") else {"detail": error.messages}
        return answer("invalid", _("보낸 내용에 고칠 곳이 있어요."), 422, _texts(fields))
    if isinstance(error, (exceptions.ParseError, exceptions.UnsupportedMediaType)):
        return answer("invalid", error.detail, 422)
    if isinstance(error, (Http404, exceptions.NotFound)):
        return answer("not_found", _("찾을 수 없어요."), 404)
    if isinstance(error, PermissionDenied):
        return answer("not_allowed", _("할 수 없는 일이에요."), 403)
    if isinstance(error, (DataError, OverflowError)):
        # The database says a value is out of its range before any of our checks did: a bad body all the same.
        log.warning("value out of range", extra={"error": type(error).__name__})
        return answer("invalid", _("저장할 수 없는 값이 들어 있어요."), 422)
    if isinstance(error, exceptions.APIException):
        return _of_drf(error)
    return None


_CODES = {
    401: "not_authenticated",
    403: "not_allowed",
    405: "method_not_allowed",
    406: "not_acceptable",
    429: "too_many",
}


def _of_drf(error: exceptions.APIException) -> Response:
    code = error.status_code
    message: Any = error.detail
    if isinstance(error, exceptions.NotAuthenticated):
        message = _("API 키를 보내 주세요: Authorization: Bearer 키")
    elif isinstance(error, exceptions.MethodNotAllowed):
        message = _("이 주소에서는 쓸 수 없는 방식이에요.")
    elif isinstance(error, exceptions.Throttled):
        message = _("짧은 사이에 요청이 너무 많았어요. 잠시 뒤 다시 해 주세요.")
    response = answer(_CODES.get(code, "refused"), message, code)
    if getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if isinstance(error, exceptions.Throttled) and error.wait is not None:  # type: ignore[attr-defined]
        response["Retry-After"] = str(int(error.wait) + 1)  # type: ignore[attr-defined]
    if code >= status.HTTP_500_INTERNAL_SERVER_ERROR:
        response.data["error"]["code"] = "unavailable"
    return response


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
