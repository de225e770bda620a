"""Doors: invitations of staff and keys of programs. Secrets are stored as hashes only."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Role
from accounts.models.tenants import TenantModel


class Invitation(TenantModel):
    email = models.EmailField(_("이메일"))
    role = models.CharField(_("역할"), max_length=10, choices=Role)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("보낸 때"), auto_now_add=True)
    expires_at = models.DateTimeField(_("기한"))
    accepted_at = models.DateTimeField(_("받아들인 때"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    revoked_at = models.DateTimeField(_("거둔 때"), null=True, blank=True)

    class Meta:
        verbose_name = _("초대")
        verbose_name_plural = _("초대")
        indexes = [models.Index(fields=["tenant", "-id"], name="accounts_invitation_list")]

    def __str__(self) -> str:
        return self.email

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > timezone.now()


class ApiKey(TenantModel):
    name = models.CharField(_("이름"), max_length=40)
    prefix = models.CharField(_("앞자리"), max_length=16, editable=False)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("할 수 있는 일"), default=list)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("만든 때"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("마지막 사용"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("지운 때"), null=True, blank=True)

    class Meta:
        verbose_name = _("API 키")
        verbose_name_plural = _("API 키")
        indexes = [models.Index(fields=["tenant", "-id"], name="accounts_apikey_list")]

    def __str__(self) -> str:
        return self.name
