"""Saved views of the roster."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.tenants import TenantModel


class SavedView(TenantModel):
    """A search that is used again; one person's, or everybody's where `owner` is empty."""

    name = models.CharField(_("이름"), max_length=30)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    params = models.JSONField(_("조건"), default=dict)  # search, group, ordering …: as in the list's address
    position = models.PositiveIntegerField(_("순서"), default=0)

    class Meta:
        verbose_name = _("저장한 보기")
        verbose_name_plural = _("저장한 보기")
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.name
