"""How allauth behaves here."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from accounts.crypto import decrypt, encrypt

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is away must not undo a sign-up: the person can have the mail sent again."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:
            log.error("mail not sent", extra={"mail": template_prefix, "error": type(error).__name__})

    def get_client_ip(self, request: HttpRequest) -> str:
        # TrustedProxyMiddleware has put the true address here already.
        return request.META["REMOTE_ADDR"]


class MFAAdapter(DefaultMFAAdapter):
    """TOTP secrets and recovery seeds are stored encrypted."""

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)
