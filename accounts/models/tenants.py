"""Tenants and the people who work in them."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from accounts.enums import Edition, Role


class Tenant(models.Model):
    """업체: a shop, academy, gym, clinic or association; owns everything below it."""

    name = models.CharField(_("업체 이름"), max_length=60)
    slug = models.SlugField(_("주소"), max_length=40, unique=True)
    phone = models.CharField(_("대표 번호"), max_length=12, blank=True)
    edition = models.CharField(_("형태"), max_length=10, choices=Edition, default=Edition.PORTAL)
    is_operator = models.BooleanField(_("운영사"), default=False)
    help_on = models.BooleanField(_("도움말 보이기"), default=True)
    # Written only by accounts.services.access.set_access(); the gate reads these three.
    paid_until = models.DateTimeField(_("이용 기한"), null=True, blank=True)
    grace_until = models.DateTimeField(_("유예 기한"), null=True, blank=True)
    paused_at = models.DateTimeField(_("쉬기 시작한 때"), null=True, blank=True)
    created_at = models.DateTimeField(_("만든 때"), auto_now_add=True)

    class Meta:
        verbose_name = _("업체")
        verbose_name_plural = _("업체")
        constraints = [
            models.UniqueConstraint(
                fields=["is_operator"], condition=models.Q(is_operator=True), name="accounts_one_operator"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def days_left(self) -> int | None:
        """Whole days until `paid_until`, counted as people do: today is the last day at 0. None: no end is set."""
        if self.paid_until is None:
            return None
        return (timezone.localdate(self.paid_until) - timezone.localdate()).days

    @property
    def may_send(self) -> bool:
        """Whether texts may leave: within the paid time or the grace after it, and not paused."""
        end = max(filter(None, [self.paid_until, self.grace_until]), default=None)
        return self.paused_at is None and (end is None or end > timezone.now())


class TenantModel(models.Model):
    """A row that belongs to one tenant and refuses to be read outside that tenant's scope."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, verbose_name=_("업체"), related_name="+")
    objects = ScopedManager(tenant="tenant")

    class Meta:
        abstract = True


class Staff(models.Model):
    """직원: one user's work in one tenant. Not scoped: a user's own rows are how the switcher finds tenants."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="staff", verbose_name=_("업체"))
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="staff", verbose_name=_("사용자")
    )
    role = models.CharField(_("역할"), max_length=10, choices=Role)
    # Rights on top of the role, as words of permissions.Permission: e.g. export for one manager.
    extra_permissions = models.JSONField(_("더한 권한"), default=list, blank=True)
    phone = models.CharField(_("내 휴대폰"), max_length=20, blank=True)  # digits; only to be left out of texts
    help_on = models.BooleanField(_("도움말 보이기"), null=True, blank=True)  # None follows the tenant
    help_hidden = models.JSONField(_("접은 도움말"), default=list, blank=True)
    joined_at = models.DateTimeField(_("함께한 때"), auto_now_add=True)
    removed_at = models.DateTimeField(_("그만둔 때"), null=True, blank=True)

    class Meta:
        verbose_name = _("직원")
        verbose_name_plural = _("직원")
        constraints = [models.UniqueConstraint(fields=["tenant", "user"], name="accounts_staff_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    @property
    def shows_help(self) -> bool:
        return self.tenant.help_on if self.help_on is None else self.help_on


TRIAL = timedelta(days=30)
