"""Dues (회비·수강료): what is owed by whom for which month, and the ledger of what was paid."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from accounts.models import Tenant
from accounts.models.tenants import TenantModel
from members.enums import DueEntryKind, DueMethod, MidMonth
from members.models.people import Group, Member


class DuePlan(TenantModel):
    """What everybody in a group owes each month. `due_day` past the end of a month means its last day."""

    # None: the group is gone, which only happens to a plan that has ended.
    group = models.ForeignKey(Group, null=True, on_delete=models.SET_NULL, related_name="due_plans")
    name = models.CharField(_("이름"), max_length=40)
    amount_won = models.PositiveBigIntegerField(_("금액"))
    due_day = models.PositiveSmallIntegerField(_("내는 날"), default=1)
    mid_month = models.CharField(_("달 중간에 들어온 회원"), max_length=10, choices=MidMonth, default=MidMonth.WHOLE)
    starts_on = models.DateField(_("첫 달"))  # the first of that month
    charged_month = models.DateField(null=True, blank=True)  # the last month that was charged to the end
    ended_at = models.DateTimeField(_("그만둔 때"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("회비 정하기")
        verbose_name_plural = _("회비 정하기")

    def __str__(self) -> str:
        return self.name


class Due(models.Model):
    """One member's due. `open_won` is what is still owed: amount less paid and waived, kept by the ledger's service."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="dues", db_constraint=False)
    plan = models.ForeignKey(DuePlan, null=True, blank=True, on_delete=models.PROTECT, related_name="dues")
    name = models.CharField(_("이름"), max_length=40)
    month = models.DateField(_("달"))  # its first day
    amount_won = models.PositiveBigIntegerField(_("금액"))
    paid_won = models.PositiveBigIntegerField(_("낸 금액"), default=0)
    waived_won = models.PositiveBigIntegerField(_("감면"), default=0)
    open_won = models.PositiveBigIntegerField(_("남은 금액"))
    due_on = models.DateField(_("내는 날"))
    reminded_at = models.DateTimeField(_("알린 때"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name = _("회비")
        verbose_name_plural = _("회비")
        indexes = [
            models.Index(fields=["member", "-month"], name="members_due_member"),
            models.Index(fields=["tenant", "month", "id"], name="members_due_month"),
            models.Index(
                fields=["tenant", "due_on", "id"], condition=models.Q(open_won__gt=0), name="members_due_open"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "member", "month"], condition=~models.Q(plan=None), name="members_due_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.month:%Y-%m}"


class DueEntry(models.Model):
    """One line of a due's ledger, append-only. `won` is signed: charged, returned +, paid, waived -."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    due = models.ForeignKey(Due, on_delete=models.PROTECT, related_name="entries", db_constraint=False)
    kind = models.CharField(_("일"), max_length=10, choices=DueEntryKind)
    won = models.BigIntegerField(_("금액"))
    on = models.DateField(_("날짜"))
    method = models.CharField(_("방법"), max_length=20, blank=True, choices=DueMethod)
    reference = models.CharField(max_length=80)  # twice is once
    note = models.CharField(_("메모"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("기록한 때"), default=timezone.now)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name = _("회비 기록")
        verbose_name_plural = _("회비 기록")
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "reference"], name="members_dueentry_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.won}"

    @property
    def what(self) -> str:
        """What happened, in words; a waiver that was taken back is one with its sign turned round."""
        taken_back = self.kind == DueEntryKind.WAIVED and self.won > 0
        return str(_("감면 되돌림") if taken_back else self.get_kind_display())
