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


class OptOutLink(TenantModel):
    """The address of the one-tap page for one phone, as it stands in ads: it names nobody, and never changes.

    It does not expire: to refuse must be possible as long as the text is on the phone (정보통신망법 제50조 ⑤ ⑥).
    """

    phone = models.CharField(max_length=12)
    code = models.CharField(max_length=12, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("수신거부 주소")
        verbose_name_plural = _("수신거부 주소")
        constraints = [models.UniqueConstraint(fields=["tenant", "phone"], name="messaging_optoutlink_once")]

    def __str__(self) -> str:
        return f"optout link {self.pk}"
