"""How a tenant wants its texts sent, what operators learn of the provider's words."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from accounts.models import Tenant


class SendingPolicy(models.Model):
    """발송 설정: one a tenant, made when something is changed; without a row the defaults hold."""

    UNDO_MOST = 60

    tenant = models.OneToOneField(Tenant, on_delete=models.PROTECT, related_name="+", verbose_name=_("업체"))
    undo_seconds = models.PositiveSmallIntegerField(_("되돌릴 수 있는 시간(초)"), default=10)  # 0: none
    # A batch that Aligo's list does not show is queued again by itself, or waits for a person's word.
    asks_person = models.BooleanField(_("확인 안 된 문자는 직원이 정하기"), default=False)
    ad_name = models.CharField(_("광고에 적을 이름"), max_length=30, blank=True)  # empty: the tenant's name
    ad_hotline = models.CharField(_("080 수신거부 번호"), max_length=12, blank=True)  # empty: the one-tap page
    # The tenant-wide stop: nothing leaves, nothing scheduled starts, until somebody lets it go on.
    stopped_at = models.DateTimeField(_("모두 멈춘 때"), null=True, blank=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    stopped_by_label = models.CharField(_("멈춘 사람"), max_length=80, blank=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name = _("발송 설정")
        verbose_name_plural = _("발송 설정")

    def __str__(self) -> str:
        return f"policy {self.tenant_id}"


class ProviderWord(models.Model):
    """A result word that the provider used and we do not know, of no tenant: operators teach it to the product."""

    word = models.CharField(_("알리고가 쓴 말"), max_length=60, unique=True)
    first_at = models.DateTimeField(_("처음 본 때"))
    last_at = models.DateTimeField(_("마지막으로 본 때"))
    seen_count = models.PositiveIntegerField(_("본 횟수"), default=0)

    class Meta:
        verbose_name = _("모르는 결과 말")
        verbose_name_plural = _("모르는 결과 말")

    def __str__(self) -> str:
        return self.word
