"""From a question to a member to one who left: the history of a member's stage."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.tenants import TenantModel
from members.enums import Stage
from members.models.people import Member


class StageChange(TenantModel):
    """One step, append-only; Member.stage holds the present one."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="stage_changes", db_constraint=False)
    stage = models.CharField(_("단계"), max_length=10, choices=Stage)
    on = models.DateField(_("날짜"))
    source = models.CharField(_("알게 된 경로"), max_length=40, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("기록한 때"), default=timezone.now)

    class Meta:
        verbose_name = _("단계 기록")
        verbose_name_plural = _("단계 기록")

    def __str__(self) -> str:
        return f"{self.stage} {self.on}"
