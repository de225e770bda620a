"""A tenant's Aligo account and its sender numbers."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from accounts.crypto import EncryptedTextField
from accounts.models import Tenant
from accounts.models.tenants import TenantModel
from messaging.enums import AccountMode, AccountState

SANDBOX = "sandbox-"  # how the ids of practice accounts begin; no live account may be called so


def sandbox_id(tenant_id: int) -> str:
    """The id of a tenant's practice account, whichever it has connected since."""
    return f"{SANDBOX}{tenant_id}"


class AligoAccount(models.Model):
    """One a tenant: the sandbox's until the tenant connects its own."""

    tenant = models.OneToOneField(Tenant, on_delete=models.PROTECT, related_name="+", verbose_name=_("업체"))
    mode = models.CharField(_("모드"), max_length=10, choices=AccountMode, default=AccountMode.SANDBOX)
    user_id = models.CharField(_("알리고 아이디"), max_length=60)
    api_key = EncryptedTextField(_("API 키"))
    state = models.CharField(_("상태"), max_length=10, choices=AccountState, default=AccountState.UNCHECKED)
    checked_at = models.DateTimeField(_("확인한 때"), null=True)
    sms_count = models.PositiveIntegerField(_("단문 잔여"), null=True)
    lms_count = models.PositiveIntegerField(_("장문 잔여"), null=True)
    mms_count = models.PositiveIntegerField(_("사진 잔여"), null=True)
    balance_at = models.DateTimeField(_("잔여 확인"), null=True)
    # Set by an account refusal: nothing leaves for this account until a probe passes or a person resumes.
    held_reason = models.CharField(_("멈춘 이유"), max_length=20, blank=True)
    held_at = models.DateTimeField(_("멈춘 때"), null=True)
    probe_at = models.DateTimeField(null=True)  # when to look again while held
    # The circuit breaker: calls in a row that found Aligo dead or dumb, and until when we leave it alone.
    troubles = models.PositiveSmallIntegerField(default=0)
    quiet_until = models.DateTimeField(null=True)
    connected_at = models.DateTimeField(_("연결한 때"), null=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name = _("알리고 계정")
        verbose_name_plural = _("알리고 계정")
        indexes = [
            models.Index(fields=["probe_at"], condition=~models.Q(held_reason=""), name="messaging_account_held")
        ]

    def __str__(self) -> str:
        return f"{self.tenant_id} {self.mode}"

    @property
    def is_live(self) -> bool:
        return self.mode == AccountMode.LIVE


class Sender(TenantModel):
    """발신번호: a number that the tenant has registered with Aligo. Aligo has no call that lists them."""

    number = models.CharField(_("번호"), max_length=12)
    label = models.CharField(_("이름"), max_length=30, blank=True)
    is_default = models.BooleanField(_("기본"), default=False)
    refused_at = models.DateTimeField(_("알리고가 거절한 때"), null=True, blank=True)
    confirmed_at = models.DateTimeField(_("발송에 쓰인 때"), null=True, blank=True)
    created_at = models.DateTimeField(_("등록한 때"), auto_now_add=True)
    deleted_at = models.DateTimeField(_("지운 때"), null=True, blank=True)

    class Meta:
        verbose_name = _("발신번호")
        verbose_name_plural = _("발신번호")
        constraints = [
            models.UniqueConstraint(fields=["tenant", "number"], name="messaging_sender_number"),
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(is_default=True), name="messaging_sender_default"
            ),
        ]

    def __str__(self) -> str:
        return self.number
