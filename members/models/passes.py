"""Passes (이용권) and visits. What a pass is worth is the sum of its entries; its columns are their present state."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.tenants import TenantModel
from members.enums import AttendanceWay, PassEntryKind, PassKind, RefundRule
from members.models.people import Member


class PassType(TenantModel):
    """What the shop sells: 3개월권, 10회권. `days` is how long it lasts (None: no end), `sessions` how often."""

    name = models.CharField(_("이름"), max_length=40)
    kind = models.CharField(_("종류"), max_length=10, choices=PassKind)
    days = models.PositiveIntegerField(_("기간(일)"), null=True, blank=True)
    months = models.PositiveIntegerField(_("기간(개월)"), null=True, blank=True)
    sessions = models.PositiveIntegerField(_("횟수"), null=True, blank=True)
    price_won = models.PositiveBigIntegerField(_("값"), default=0)
    penalty_percent = models.PositiveSmallIntegerField(_("환불 위약금(%)"), default=10)  # where members.passes begins
    refund_rule = models.CharField(_("환불 계산"), max_length=10, choices=RefundRule, default=RefundRule.SPORTS)
    position = models.PositiveIntegerField(_("순서"), default=0)
    retired_at = models.DateTimeField(null=True, blank=True)  # no longer sold; passes of it go on

    class Meta:
        verbose_name = _("이용권 종류")
        verbose_name_plural = _("이용권 종류")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="members_passtype_name")]

    def __str__(self) -> str:
        return self.name


class Pass(TenantModel):
    """One member's pass. `ends_on` is its last day, holds included; `sessions_left` None means no counting."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="passes", db_constraint=False)
    type = models.ForeignKey(PassType, null=True, blank=True, on_delete=models.SET_NULL, related_name="going")
    name = models.CharField(_("이름"), max_length=40)
    kind = models.CharField(_("종류"), max_length=10, choices=PassKind)
    price_won = models.PositiveBigIntegerField(_("낸 금액"), default=0)
    starts_on = models.DateField(_("시작일"))
    ends_on = models.DateField(_("만료일"), null=True, blank=True)
    sessions = models.PositiveIntegerField(_("처음 횟수"), null=True, blank=True)
    sessions_left = models.IntegerField(_("남은 횟수"), null=True, blank=True)
    held_from = models.DateField(_("홀딩 시작"), null=True, blank=True)  # set while on hold
    held_until = models.DateField(_("홀딩 끝"), null=True, blank=True)  # the last day of the hold, None: until told
    closed_on = models.DateField(_("끝난 날"), null=True, blank=True)  # refunded or given away
    closed_as = models.CharField(max_length=10, choices=PassEntryKind, blank=True)
    received_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("이용권")
        verbose_name_plural = _("이용권")
        indexes = [
            models.Index(fields=["member", "id"], name="members_pass_member"),
            models.Index(
                fields=["tenant", "ends_on"],
                condition=models.Q(closed_on=None) & ~models.Q(ends_on=None),
                name="members_pass_ends",
            ),
            models.Index(
                fields=["tenant", "held_until"],
                condition=models.Q(closed_on=None) & ~models.Q(held_until=None),
                name="members_pass_held",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PassEntry(TenantModel):
    """One line of a pass's ledger, append-only: the sums of `sessions`, `days` and `won` are what the pass is worth.

    `days` moves the last day; `won` is money: positive what the member paid, negative what was paid back.
    """

    of = models.ForeignKey(Pass, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(_("일"), max_length=10, choices=PassEntryKind)
    sessions = models.IntegerField(_("횟수"), default=0)
    days = models.IntegerField(_("날수"), default=0)
    won = models.BigIntegerField(_("금액"), default=0)
    on = models.DateField(_("날짜"))
    until = models.DateField(null=True, blank=True)  # of a hold: its last day, if it was said
    reference = models.CharField(max_length=80)  # what it is the entry of ("visit:12"); twice is once
    note = models.CharField(_("메모"), max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("기록한 때"), default=timezone.now)

    class Meta:
        verbose_name = _("이용권 기록")
        verbose_name_plural = _("이용권 기록")
        constraints = [models.UniqueConstraint(fields=["tenant", "kind", "reference"], name="members_passentry_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"


class Kiosk(TenantModel):
    """A tablet at the counter: its address opens the check-in page and nothing else, until it is taken back."""

    name = models.CharField(_("이름"), max_length=30)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("만든 때"), auto_now_add=True)
    used_at = models.DateTimeField(_("마지막 사용"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("거둔 때"), null=True, blank=True)

    class Meta:
        verbose_name = _("출석 태블릿")
        verbose_name_plural = _("출석 태블릿")

    def __str__(self) -> str:
        return self.name


class Attendance(TenantModel):
    """One visit. `key` makes the same tap twice one visit; an undone visit stays, with `undone_at`."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="visits", db_constraint=False)
    used = models.ForeignKey(Pass, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    on = models.DateField(_("날짜"))
    at = models.DateTimeField(_("때"))
    way = models.CharField(_("방법"), max_length=10, choices=AttendanceWay)
    key = models.CharField(max_length=80)
    kiosk = models.ForeignKey(Kiosk, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(_("취소한 때"), null=True, blank=True)

    class Meta:
        verbose_name = _("출석")
        verbose_name_plural = _("출석")
        indexes = [
            models.Index(fields=["tenant", "on", "-id"], name="members_visit_day"),
            models.Index(fields=["member", "-at"], name="members_visit_member"),
        ]
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="members_visit_once")]

    def __str__(self) -> str:
        return f"{self.on}"
