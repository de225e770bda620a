"""Who calls the REST API: a key in `Authorization: Bearer …`, which names its tenant and carries scopes."""

import logging
import threading
import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import OperationalError
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from accounts.crypto import fingerprint
from accounts.models import ApiKey
from accounts.scoping import outside

log = logging.getLogger(__name__)
SEEN_EVERY = timedelta(minutes=1)


def key_of(request: HttpRequest | Request) -> ApiKey | None:
    """The living key a request carries, or None. Looked up once by its SHA-256; the secret itself is never stored."""
    words = get_authorization_header(request).split()  # type: ignore[arg-type]
    if len(words) != 2 or words[0].lower() != b"bearer" or len(words[1]) > 200:
        return None
    secret = words[1].decode("utf-8", "replace")
    with outside("the key is what names the tenant"):
        row = ApiKey.objects.select_related("tenant")
        return row.filter(key_hash=fingerprint(secret), revoked_at=None).first()


def note_use(key: ApiKey) -> None:
    """Write `last_used_at` at most once a minute: a write on every call would cost more than most calls."""
    now = timezone.now()
    if key.last_used_at and key.last_used_at > now - SEEN_EVERY:
        return
    old = Q(last_used_at=None) | Q(last_used_at__lte=now - SEEN_EVERY)
    try:
        ApiKey.objects.filter(old, pk=key.pk).update(last_used_at=now)
    except OperationalError as error:  # a busy SQLite: a date is no reason to fail a call
        log.warning("use of a key not noted", extra={"error": type(error).__name__})


class ApiKeyAuthentication(BaseAuthentication):
    """Hands DRF the key that `TenantViewMixin` found; `request.user` and `request.auth` are the ApiKey."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        if not get_authorization_header(request):
            return None
        key = getattr(request._request, "api_key", None)
        if key is None:
            raise AuthenticationFailed(_("API 키가 올바르지 않아요. 설정에서 새 키를 만들어 주세요."))
        return key, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class HasScope(BasePermission):
    """The view says which scope each of its actions needs; an action it forgot to name is refused."""

    message = _("이 API 키로는 할 수 없는 일이에요. 키의 권한을 확인해 주세요.")

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.auth is None:
            return False
        method = (request.method or "").lower()
        action = getattr(view, "action", None) or method
        if action == "metadata" or not hasattr(view, method):
            return True  # goes on to 405
        needed = getattr(view, "scopes", {}).get(action)
        return needed is not None and needed in request.auth.scopes  # type: ignore[union-attr]


class KeyThrottle(SimpleRateThrottle):
    """Calls a minute of one key. Shared through Redis; without Redis each process counts for itself."""

    scope = "key"
    _counts: dict[str, int] = {}
    _lock = threading.Lock()

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.auth is None:
            return True
        window = int(time.time() // self.duration)  # type: ignore[attr-defined]
        self.wait_seconds = self.duration - time.time() % self.duration  # type: ignore[attr-defined]
        return self._count(f"throttle:{request.auth.key_hash[:20]}:{window}") <= self.num_requests  # type: ignore[attr-defined, union-attr]

    def wait(self) -> float | None:
        return self.wait_seconds

    def _count(self, name: str) -> int:
        if settings.REDIS_URL:
            cache.add(name, 0, self.duration * 2)  # type: ignore[attr-defined]
            try:
                return int(cache.incr(name))
            except ValueError:  # emptied between the two calls: the count begins again
                return 1
        # The database cache would turn every read of the API into a write.
        with self._lock:
            if len(self._counts) > 1000:
                self._counts.clear()
            self._counts[name] = self._counts.get(name, 0) + 1
            return self._counts[name]


class ApiKeyScheme(OpenApiAuthenticationExtension):
    target_class = "accounts.api_auth.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "API key"}
