"""문구: texts that are kept to be used again."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.tenants import TenantModel


class Template(TenantModel):
    """A text with its merge fields as typed, and whether it is an ad; used by copying it into a draft."""

    name = models.CharField(_("이름"), max_length=40)
    title = models.CharField(_("제목"), max_length=44, blank=True)
    text = models.TextField(_("내용"), max_length=2000)
    ad = models.BooleanField(_("광고"), default=False)
    position = models.PositiveIntegerField(_("순서"), default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("만든 때"), auto_now_add=True)
    changed_at = models.DateTimeField(_("고친 때"), auto_now=True)

    class Meta:
        verbose_name = _("문구")
        verbose_name_plural = _("문구")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="messaging_template_name")]

    def __str__(self) -> str:
        return self.name
