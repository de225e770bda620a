"""수신거부: who may not be texted, whatever door a text comes by."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.tenants import TenantModel
from messaging.enums import OptOutScope, OptOutSource


class OptOut(TenantModel):
    phone = models.CharField(_("번호"), max_length=12)
    scope = models.CharField(_("범위"), max_length=5, choices=OptOutScope, default=OptOutScope.ALL)
    source = models.CharField(_("출처"), max_length=60, default=OptOutSource.STAFF)
    at = models.DateTimeField(_("거부한 때"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("수신거부")
        verbose_name_plural = _("수신거부")
        constraints = [models.UniqueConstraint(fields=["tenant", "phone", "scope"], name="messaging_optout_once")]

    def __str__(self) -> str:
        return f"optout {self.pk}"
