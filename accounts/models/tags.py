"""Tags: one set a tenant, shared by every app that tags something."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.tenants import TenantModel


class Tag(TenantModel):
    name = models.CharField(_("이름"), max_length=20)
    tone = models.CharField(_("색"), max_length=10, default="gray")
    created_at = models.DateTimeField(_("만든 때"), auto_now_add=True)

    class Meta:
        verbose_name = _("태그")
        verbose_name_plural = _("태그")
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="accounts_tag_name")]

    def __str__(self) -> str:
        return self.name
