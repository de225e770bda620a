"""What was done, what is to be told, what was already answered, and who holds a periodic task."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from accounts.enums import NoticeState
from accounts.models.tenants import Tenant, TenantModel


class AuditEvent(models.Model):
    """One deed, written in the deed's own transaction; append-only by database trigger.

    No foreign keys but the tenant: nothing it mentions is ever kept from being deleted by it. `data` holds ids and
    field names; values are masked.
    """

    tenant = models.ForeignKey(Tenant, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("업체"))
    at = models.DateTimeField(_("때"), auto_now_add=True)
    by_id = models.BigIntegerField(_("사용자 번호"), null=True)
    by_label = models.CharField(_("한 사람"), max_length=80)
    kind = models.CharField(_("일"), max_length=60)
    subject = models.CharField(_("대상"), max_length=80, blank=True)
    data = models.JSONField(_("내용"), default=dict)
    request_id = models.CharField(max_length=36, blank=True)
    ip = models.GenericIPAddressField(_("IP"), null=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name = _("활동 기록")
        verbose_name_plural = _("활동 기록")
        indexes = [
            models.Index(fields=["tenant", "-id"], name="accounts_audit_list"),
            models.Index(fields=["tenant", "kind", "-id"], name="accounts_audit_kind"),
            # One subject's own history, for the timeline of a member.
            models.Index(fields=["tenant", "subject", "-at"], name="accounts_audit_subject"),
        ]

    def __str__(self) -> str:
        return self.kind


class Notice(TenantModel):
    """Something to tell a person, stored with the deed; a channel (e-mail now) delivers it afterwards."""

    to = models.EmailField()
    kind = models.CharField(max_length=40)
    context = models.JSONField(default=dict)
    key = models.CharField(max_length=120)
    language = models.CharField(max_length=5, default="ko")
    state = models.CharField(max_length=10, choices=NoticeState, default=NoticeState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    next_try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("알림")
        verbose_name_plural = _("알림")
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="accounts_notice_once")]
        indexes = [
            models.Index(fields=["next_try_at"], condition=models.Q(state="waiting"), name="accounts_notice_due")
        ]

    def __str__(self) -> str:
        return self.kind


class Fact(TenantModel):
    """Something that happened, for whoever wants to act on it; see accounts.facts. Append-only by trigger."""

    kind = models.CharField(_("일"), max_length=40)
    subject = models.CharField(_("대상"), max_length=40)  # "member:42"
    key = models.CharField(max_length=120)
    data = models.JSONField(default=dict)  # ids and numbers only
    at = models.DateTimeField(_("때"))
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("사실")
        verbose_name_plural = _("사실")
        indexes = [models.Index(fields=["tenant", "subject", "-id"], name="accounts_fact_subject")]
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "key"], name="accounts_fact_once")]

    def __str__(self) -> str:
        return self.kind


class IdempotencyKey(TenantModel):
    """The first answer to a creating API call, given again for seven days; or the one-time key of a form, used up."""

    KEPT = timedelta(days=7)

    key = models.CharField(max_length=200)
    body_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)  # None while the first call runs
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="accounts_idempotency_once")]
        indexes = [models.Index(fields=["created_at"], name="accounts_idempotency_age")]

    def __str__(self) -> str:
        return self.key


class Lease(models.Model):
    """Who runs a periodic task now; a second beat or a doubled task finds it taken and leaves."""

    name = models.CharField(max_length=60, primary_key=True)
    until = models.DateTimeField()
    ran_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
