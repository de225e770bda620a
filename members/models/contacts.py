"""Numbers beside the member's own, and numbers that nobody answers any more."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.tenants import TenantModel
from members.enums import ContactRole
from members.models.people import Member


class Contact(TenantModel):
    """A contact point of a member: mother, father, guardian, payer. The member's own number is Member.phone."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="contacts", db_constraint=False)
    role = models.CharField(_("누구"), max_length=10, choices=ContactRole)
    name = models.CharField(_("이름"), max_length=40, blank=True)
    phone = models.CharField(_("휴대폰"), max_length=12)  # digits only
    # Which texts this number gets where a text goes to "whoever is to get it".
    gets_notices = models.BooleanField(_("안내 문자"), default=True)
    gets_dues = models.BooleanField(_("회비 문자"), default=True)
    position = models.PositiveSmallIntegerField(_("순서"), default=0)

    class Meta:
        verbose_name = _("연락처")
        verbose_name_plural = _("연락처")
        ordering = ["position", "id"]
        indexes = [models.Index(fields=["tenant", "phone", "member"], name="members_contact_phone")]
        constraints = [
            models.UniqueConstraint(fields=["member", "role", "phone", "tenant"], name="members_contact_once")
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.name}".strip()


class DeadPhone(TenantModel):
    """How often in a row texts to a number failed because there is no such number; a delivered text ends the row."""

    phone = models.CharField(max_length=12)
    failed_count = models.PositiveIntegerField(default=0)
    last_failed_at = models.DateTimeField()
    flagged_at = models.DateTimeField(null=True)  # after the third: shown, and members are marked

    class Meta:
        verbose_name = _("없는 번호")
        verbose_name_plural = _("없는 번호")
        constraints = [models.UniqueConstraint(fields=["tenant", "phone"], name="members_deadphone_once")]

    def __str__(self) -> str:
        return f"dead phone {self.pk}"
