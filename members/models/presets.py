"""Which set of fields, groups and texts for a trade a tenant has taken."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.tenants import TenantModel


class PresetUse(TenantModel):
    """A preset taken: `made` holds the ids of what it made, by kind, so that it can be removed again."""

    preset = models.CharField(_("업종"), max_length=20)
    made = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(_("담은 때"), auto_now_add=True)
    removed_at = models.DateTimeField(_("치운 때"), null=True, blank=True)

    class Meta:
        verbose_name = _("업종 꾸러미")
        verbose_name_plural = _("업종 꾸러미")
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "preset"], condition=models.Q(removed_at=None), name="members_preset_once"
            )
        ]

    def __str__(self) -> str:
        return self.preset
