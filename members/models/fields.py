"""A tenant's own columns."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.tenants import TenantModel
from members.enums import FieldKind


class Field(TenantModel):
    """A tenant's own column (반, 사물함 번호 …). Values lie in Member.fields under `key`, as text whatever the kind.

    `key` is the first name and never changes, so renaming touches one row and no member; `former` keeps the names that
    written texts and sheets may still say. Numbers are stored as "12" or "12.5", days as 2026-11-28, yes/no as "예" or
    "아니오", a choice as its word, a file as the id of its Upload.
    """

    key = models.CharField(max_length=30, editable=False)
    name = models.CharField(_("이름"), max_length=30)
    former = models.JSONField(default=list, blank=True, editable=False)
    kind = models.CharField(_("종류"), max_length=10, choices=FieldKind, default=FieldKind.TEXT)
    choices = models.JSONField(_("고를 말"), default=list, blank=True)
    position = models.PositiveIntegerField(_("순서"), default=0)

    class Meta:
        verbose_name = _("항목")
        verbose_name_plural = _("항목")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="members_field_name"),
            models.UniqueConstraint(fields=["tenant", "key"], name="members_field_key"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: object, **kwargs: object) -> None:
        self.key = self.key or self.name
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class DroppedField(TenantModel):
    """A field that was deleted: its values stay under `key` for as long as it can be taken back, and nobody else gets
    the key before they are gone (services.fields.purge)."""

    key = models.CharField(max_length=30)
    name = models.CharField(_("이름"), max_length=30)
    former = models.JSONField(default=list)
    kind = models.CharField(_("종류"), max_length=10, choices=FieldKind)
    choices = models.JSONField(default=list)
    position = models.PositiveIntegerField(default=0)
    value_count = models.PositiveIntegerField(_("값이 있는 회원"), default=0)  # when it was dropped
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    dropped_at = models.DateTimeField(_("지운 때"), auto_now_add=True)

    class Meta:
        verbose_name = _("지운 항목")
        verbose_name_plural = _("지운 항목")
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="members_droppedfield_key")]

    def __str__(self) -> str:
        return self.name
