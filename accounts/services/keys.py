"""API keys: shown once, stored as a hash, able to do what their scopes say."""

import secrets
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.crypto import fingerprint
from accounts.enums import Scope
from accounts.exceptions import Refusal
from accounts.models import ApiKey, Tenant, User
from accounts.services.once import first_time

AT_MOST = 20


class TooManyKeys(Refusal):
    code = "too_many_keys"
    message = _("API 키는 20개까지 만들 수 있어요. 쓰지 않는 키를 지운 뒤 다시 만들어 주세요.")


class KeyMade(Refusal):
    code = "key_made"
    message = _("이 키는 이미 만들었어요.")


def create(
    *, tenant: Tenant, by: User | None, name: str, scopes: Iterable[str], form_key: str = ""
) -> tuple[ApiKey, str]:
    """A new key and its secret, which nobody will see again. Raises KeyMade where the form was sent before."""
    prefix = f"gj_{secrets.token_hex(4)}"
    secret = f"{prefix}_{secrets.token_urlsafe(32)}"
    with transaction.atomic():
        if not first_time(tenant=tenant, form_key=form_key):
            raise KeyMade
        if ApiKey.objects.filter(tenant=tenant, revoked_at=None).count() >= AT_MOST:
            raise TooManyKeys
        key = ApiKey.objects.create(
            tenant=tenant,
            name=name,
            prefix=prefix,
            key_hash=fingerprint(secret),
            scopes=[str(Scope(s)) for s in dict.fromkeys(scopes)],
            created_by=by,
        )
        audit.record(tenant=tenant, by=by, kind="key.created", subject=key, scopes=key.scopes)
    return key, secret


def revoke(*, tenant: Tenant, by: User, key: ApiKey) -> bool:
    """Make a key useless from now on; False if it was so already."""
    with transaction.atomic():
        mine = ApiKey.objects.filter(tenant=tenant, pk=key.pk, revoked_at=None)
        if not mine.update(revoked_at=timezone.now()):
            return False
        audit.record(tenant=tenant, by=by, kind="key.revoked", subject=key)
    return True
