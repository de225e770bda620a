"""Members, groups and consents."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from accounts.models.tenants import Tenant, TenantModel
from members.enums import ConsentKind, Tone


class Group(TenantModel):
    name = models.CharField(_("이름"), max_length=40)
    tone = models.CharField(_("색"), max_length=10, choices=Tone, default=Tone.BLUE)
    position = models.PositiveIntegerField(_("순서"), default=0)
    # Living members in it; moved by the services in the transaction of the change, so lists need no counting.
    member_count = models.PositiveIntegerField(_("회원 수"), default=0)
    created_at = models.DateTimeField(_("만든 때"), auto_now_add=True)

    class Meta:
        verbose_name = _("그룹")
        verbose_name_plural = _("그룹")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="members_group_name")]

    def __str__(self) -> str:
        return self.name


class Field(TenantModel):
    """A tenant's own column (반, 사물함 번호 …). Values lie in Member.fields under `name`."""

    name = models.CharField(_("이름"), max_length=30)
    position = models.PositiveIntegerField(_("순서"), default=0)

    class Meta:
        verbose_name = _("항목")
        verbose_name_plural = _("항목")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="members_field_name")]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """회원. A phone may belong to several members (families).

    `name_cho` and `tokens` are derived by `members.search` whenever name, phone or memo change; writers of many rows
    (import, seed) fill them too.
    """

    # No row-by-row foreign key check here and in Membership: a set-based trigger does it (accounts.walls.SetWall),
    # because 100,000 rows of an import would pay for each check one by one.
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False, verbose_name=_("업체")
    )
    name = models.CharField(_("이름"), max_length=40)
    phone = models.CharField(_("휴대폰"), max_length=12, blank=True)  # digits only
    birth_date = models.DateField(_("생일"), null=True, blank=True)
    memo = models.TextField(_("메모"), max_length=2000, blank=True)
    fields = models.JSONField(_("추가 항목"), default=dict, blank=True)
    # The present state of the consent ledger; the ledger itself is Consent.
    ad_consent_at = models.DateTimeField(_("광고 수신동의"), null=True, blank=True)
    night_consent_at = models.DateTimeField(_("밤 광고 수신동의"), null=True, blank=True)
    name_cho = models.CharField(max_length=40, editable=False, blank=True)
    tokens = models.TextField(editable=False, blank=True)  # search tokens with the tenant inside: see members.search
    created_at = models.DateTimeField(_("등록한 때"), auto_now_add=True)
    updated_at = models.DateTimeField(_("고친 때"), auto_now=True)
    deleted_at = models.DateTimeField(_("지운 때"), null=True, blank=True)  # in the trash
    groups = models.ManyToManyField(Group, through="Membership", related_name="members", blank=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name = _("회원")
        verbose_name_plural = _("회원")
        indexes = [
            # The list: newest first, by name, by phone; the id makes each order total, so keyset pages never skip.
            models.Index(fields=["tenant", "id"], condition=models.Q(deleted_at=None), name="members_list_new"),
            models.Index(
                fields=["tenant", "name", "id"], condition=models.Q(deleted_at=None), name="members_list_name"
            ),
            # Also the duplicate look-up of forms and imports.
            models.Index(
                fields=["tenant", "phone", "id"], condition=models.Q(deleted_at=None), name="members_list_phone"
            ),
            models.Index(fields=["tenant", "deleted_at"], condition=~models.Q(deleted_at=None), name="members_trash"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="memberships", db_constraint=False)
    group = models.ForeignKey(
        Group, on_delete=models.CASCADE, related_name="memberships", db_index=False, db_constraint=False
    )

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name = _("그룹 소속")
        verbose_name_plural = _("그룹 소속")
        # With the tenant, which the group decides, so that whoever is in a group can be read from the index alone.
        constraints = [models.UniqueConstraint(fields=["group", "member", "tenant"], name="members_membership_once")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.group_id}"


class Consent(TenantModel):
    """One expression of will: given or withdrawn. Append-only by trigger; Member holds the present state."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="consents")
    kind = models.CharField(_("종류"), max_length=10, choices=ConsentKind)
    given = models.BooleanField(_("동의"))
    source = models.CharField(_("출처"), max_length=60)
    at = models.DateTimeField(_("표시한 때"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("기록한 때"), auto_now_add=True)

    class Meta:
        verbose_name = _("수신동의")
        verbose_name_plural = _("수신동의")

    def __str__(self) -> str:
        return f"{self.kind} {self.given}"
