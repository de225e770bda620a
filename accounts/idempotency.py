"""Idempotency-Key: a creating call that is made twice is answered twice the same and done once.

The row is there before the work begins. A call whose process died leaves it `in progress`; after a minute another
call may take it over.
"""

import functools
import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from accounts.api_errors import Conflict, handle
from accounts.exceptions import Refusal
from accounts.models import IdempotencyKey, Tenant

ABANDONED = timedelta(minutes=1)
LONGEST = 200


def new_reference() -> str:
    """A deed's own name in its ledger. A call made again is answered from its key's row and needs no second one."""
    return f"api:{uuid4().hex}"


class InProgress(Conflict):
    code = "in_progress"
    message = _("같은 Idempotency-Key의 첫 요청을 아직 처리하고 있어요. 잠시 뒤 다시 물어봐 주세요.")


class KeyReused(Conflict):
    code = "idempotency_key_reused"
    message = _("이 Idempotency-Key는 다른 내용으로 이미 쓰였어요. 새 키로 보내 주세요.")


class BadKey(Refusal):
    code = "invalid"
    message = _("Idempotency-Key는 보이는 ASCII 글자 200자까지예요.")


def idempotent(method: Callable[..., Response] | None = None, *, atomic: bool = True) -> Any:
    """Decorate a creating action. `atomic`: the deed and its stored answer commit together, so a crash between them
    can't leave one without the other; switch it off where the service talks to a stranger and has its own key."""
    if method is None:
        return functools.partial(idempotent, atomic=atomic)

    @functools.wraps(method)
    def guarded(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return method(self, request, *args, **kwargs)
        if not 0 < len(key) <= LONGEST or not key.isascii() or not key.isprintable():
            raise BadKey
        row = _take(request.auth.tenant, key, _hash(request))  # type: ignore[union-attr]
        if row.status is not None:
            return Response(row.answer, status=row.status, headers={"Idempotency-Replayed": "true"})
        return _run(row, functools.partial(method, self, request, *args, **kwargs), self, atomic)

    return guarded


def key_of(request: Request) -> str | None:
    """The header, for services that are themselves unique by it."""
    return request.headers.get("Idempotency-Key")


def _take(tenant: Tenant, key: str, body_hash: str) -> IdempotencyKey:
    """The row to run under (status None) or to replay. Raises InProgress or KeyReused."""
    now = timezone.now()
    IdempotencyKey.objects.filter(tenant=tenant, key=key, created_at__lt=now - IdempotencyKey.KEPT).delete()
    try:
        with transaction.atomic():
            return IdempotencyKey.objects.create(tenant=tenant, key=key, body_hash=body_hash)
    except IntegrityError:
        row = IdempotencyKey.objects.filter(tenant=tenant, key=key).first()
    if row is None:  # the first call failed with a 5xx and gave the key back this moment
        raise InProgress
    if row.body_hash != body_hash:
        raise KeyReused
    if row.status is None and not _retaken(row, now):
        raise InProgress
    return row


def _retaken(row: IdempotencyKey, now: Any) -> bool:
    if row.created_at > now - ABANDONED:
        return False
    mine = IdempotencyKey.objects.filter(pk=row.pk, status=None, created_at=row.created_at).update(created_at=now)
    row.created_at = now
    return mine == 1


def _run(row: IdempotencyKey, call: Callable[[], Response], view: Any, atomic: bool) -> Response:
    try:
        if not atomic:
            return _store(row, call())
        with transaction.atomic():
            return _store(row, call())
    except Exception as error:
        response = handle(error, {"view": view})
        if (
            response is None
            or response.status_code >= 500
            or (isinstance(error, Conflict) and error.code == "in_progress")
        ):
            IdempotencyKey.objects.filter(pk=row.pk, created_at=row.created_at, status=None).delete()
            raise
        return _store(row, response)


def _store(row: IdempotencyKey, response: Response) -> Response:
    body = json.loads(json.dumps(response.data, cls=JSONEncoder))
    held = IdempotencyKey.objects.filter(pk=row.pk, created_at=row.created_at, status=None)
    if not held.update(status=response.status_code, answer=body):
        # Another call has taken an abandoned key over; rolls an atomic deed back, so that it is done once.
        raise InProgress
    return response


def _hash(request: Request) -> str:
    whole = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    for name, file in sorted(request.FILES.items()) if request.FILES else ():
        whole.update(name.encode())
        for chunk in file.chunks():
            whole.update(chunk)
        file.seek(0)
    data = {k: v for k, v in request.data.items() if k not in request.FILES} if request.FILES else request.data  # type: ignore[union-attr]
    whole.update(json.dumps(data, cls=JSONEncoder, sort_keys=True, default=str).encode())
    return whole.hexdigest()
