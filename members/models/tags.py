"""Which tags of the tenant's one set (accounts.Tag) a member carries."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from accounts.models import Tag, Tenant
from members.models.people import Member


class MemberTag(models.Model):
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="member_tags", db_constraint=False)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name = _("회원 태그")
        verbose_name_plural = _("회원 태그")
        constraints = [models.UniqueConstraint(fields=["tag", "member", "tenant"], name="members_tag_once")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.tag_id}"
