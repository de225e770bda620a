"""Secrets at rest: Fernet with rotation. The first key of ENCRYPTION_KEYS encrypts, all of them decrypt."""

import hashlib
import hmac
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class SecretUnreadable(Exception):
    """None of ENCRYPTION_KEYS opens this value: a key was dropped before `manage.py rotate_secrets` ran."""


@lru_cache(maxsize=4)
def _fernet(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(k) for k in keys])


def _box() -> MultiFernet:
    return _fernet(tuple(settings.ENCRYPTION_KEYS))


def encrypt(text: str) -> str:
    return _box().encrypt(text.encode()).decode() if text else ""


def decrypt(token: str) -> str:
    if not token:
        return ""
    try:
        return _box().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise SecretUnreadable from error


def rotate(token: str) -> str:
    """The same secret under the newest key."""
    return _box().rotate(token.encode()).decode() if token else ""


def fingerprint(text: str) -> str:
    """SHA-256 in hex: for secrets that are long and random already (keys, invitation tokens)."""
    return hashlib.sha256(text.encode()).hexdigest()


def keyed_hash(text: str) -> str:
    """HMAC in hex: for guessable values (phones) that a ledger must recognise without keeping."""
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()


class EncryptedTextField(models.TextField):
    """Text that is stored encrypted. Can't be searched; never shown again after it is saved."""

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return encrypt(value) if value else value

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        return decrypt(value) if value else value
