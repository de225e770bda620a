"""How allauth behaves here."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.crypto import decrypt, encrypt

log = logging.getLogger(__name__)


_WRONG_CODE = _("코드가 맞지 않아요. 앱에 지금 보이는 코드를 다시 적어 주세요.")
_WRONG_LOGIN = _("이메일이나 비밀번호가 맞지 않아요. 다시 적어 주세요.")


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("지금은 쓸 수 없는 계정이에요. 운영자에게 물어봐 주세요."),
        "cannot_remove_primary_email": _("로그인에 쓰는 주소는 지울 수 없어요. 다른 주소를 먼저 기본으로 정해 주세요."),
        "duplicate_email": _("이미 내 계정에 있는 이메일이에요. 다른 주소를 적어 주세요."),
        "email_password_mismatch": _WRONG_LOGIN,
        "username_password_mismatch": _WRONG_LOGIN,
        "phone_password_mismatch": _WRONG_LOGIN,
        "invalid_login": _WRONG_LOGIN,
        "email_taken": _("이미 가입한 이메일이에요. 로그인하거나 다른 주소를 적어 주세요."),
        "phone_taken": _("이미 쓰고 있는 번호예요. 다른 번호를 적어 주세요."),
        "enter_current_password": _("지금 쓰는 비밀번호가 맞지 않아요. 다시 적어 주세요."),
        "incorrect_code": _WRONG_CODE,
        "incorrect_password": _("비밀번호가 맞지 않아요. 다시 적어 주세요."),
        "invalid_or_expired_key": _("쓸 수 없거나 기한이 지난 링크예요. 메일을 다시 받아 주세요."),
        "invalid_password_reset": _("쓸 수 없거나 기한이 지난 링크예요. 비밀번호 찾기를 다시 해 주세요."),
        "max_email_addresses": _("이메일은 %d개까지 넣을 수 있어요. 쓰지 않는 주소를 먼저 지워 주세요."),
        "too_many_login_attempts": _("로그인을 여러 번 틀려 잠시 멈추었어요. 5분 뒤에 다시 해 주세요."),
        "unknown_email": _("가입하지 않은 이메일이에요. 주소를 확인해 주세요."),
        "unknown_phone": _("가입하지 않은 번호예요. 번호를 확인해 주세요."),
        "unverified_primary_email": _("먼저 이메일을 확인해 주세요. 받은 메일의 링크를 누르면 돼요."),
        "username_blacklisted": _("쓸 수 없는 이름이에요. 다른 이름을 적어 주세요."),
        "username_taken": _("이미 쓰고 있는 이름이에요. 다른 이름을 적어 주세요."),
        "select_only_one": _("하나만 골라 주세요."),
        "same_as_current": _("지금 쓰는 값과 같아요. 다른 값을 적어 주세요."),
        "rate_limited": _("너무 자주 요청했어요. 잠시 뒤에 다시 해 주세요."),
    }

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

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": _("2단계 인증을 쓰는 동안에는 이메일을 더할 수 없어요. 2단계 인증을 먼저 꺼 주세요."),
        "cannot_delete_authenticator": _("지금은 2단계 인증을 끌 수 없어요. 운영자에게 물어봐 주세요."),
        "cannot_generate_recovery_codes": _("2단계 인증을 먼저 켜 주세요. 그 뒤에 복구 코드를 만들 수 있어요."),
        "incorrect_code": _WRONG_CODE,
        "unverified_email": _("이메일을 먼저 확인해 주세요. 그 뒤에 2단계 인증을 켤 수 있어요."),
    }

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text)
