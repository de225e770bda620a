"""Members, groups and consents."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from accounts.models.tenants import Tenant, TenantModel
from members import birthdays
from members.birthdays import Birthday
from members.enums import ConsentKind, Stage, Tone
from ui import times
from ui.times import ymd


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


# What segments ask most of a member: carried by the indexes that they walk.
_ASKED = [
    "stage", "expires_on", "sessions_left", "last_visit_on", "unpaid_since", "unpaid_won", "next_birthday",
    "ad_consent_at", "night_consent_at",
]  # fmt: skip


class Member(models.Model):
    """회원. A phone may belong to several members (families).

    `name_cho` and `tokens` are derived by `members.search` whenever name, phone or memo change; writers of many rows
    (import, seed) fill them too. What stands under "The present state of ledgers" is derived as well: only the service
    of each ledger writes it, so that lists, segments and the card need not add up.
    """

    # No row-by-row foreign key check here and in Membership: a set-based trigger does it (accounts.walls.SetWall),
    # because 100,000 rows of an import would pay for each check one by one.
    tenant = models.ForeignKey(
        Tenant, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False, verbose_name=_("업체")
    )
    name = models.CharField(_("이름"), max_length=40)
    phone = models.CharField(_("휴대폰"), max_length=12, blank=True)  # digits only
    birth_date = models.DateField(_("생일"), null=True, blank=True)
    # How the birthday was said where `birth_date` can't say it: lunar, or without a year or a day (members.birthdays).
    birthday = models.CharField(max_length=12, blank=True, default="", db_default="", editable=False)
    next_birthday = models.DateField(_("다음 생일"), null=True, blank=True, editable=False)  # solar, rolled on daily
    stage = models.CharField(_("단계"), max_length=10, choices=Stage, default=Stage.ACTIVE, db_default=Stage.ACTIVE)
    stage_on = models.DateField(_("단계가 바뀐 날"), null=True, blank=True)
    source = models.CharField(_("알게 된 경로"), max_length=40, blank=True, default="", db_default="")
    memo = models.TextField(_("메모"), max_length=2000, blank=True)
    fields = models.JSONField(_("추가 항목"), default=dict, blank=True)
    # The present state of ledgers: Consent, Pass and its entries, Attendance, Due and its entries.
    ad_consent_at = models.DateTimeField(_("광고 수신동의"), null=True, blank=True)
    night_consent_at = models.DateTimeField(_("밤 광고 수신동의"), null=True, blank=True)
    expires_on = models.DateField(_("만료일"), null=True, blank=True, editable=False)  # the last day of open passes
    sessions_left = models.IntegerField(_("남은 횟수"), null=True, blank=True, editable=False)  # None: no count pass
    last_visit_on = models.DateField(_("마지막 출석"), null=True, blank=True, editable=False)
    # Open dues whose day has passed; what falls due today or later is not late (the daily watch counts it in).
    unpaid_won = models.PositiveBigIntegerField(_("미납"), default=0, db_default=0, editable=False)
    unpaid_since = models.DateField(_("미납 시작"), null=True, blank=True, editable=False)  # oldest day due, still open
    dead_at = models.DateTimeField(_("없는 번호로 본 때"), null=True, blank=True, editable=False)
    name_cho = models.CharField(max_length=40, editable=False, blank=True)
    tokens = models.TextField(editable=False, blank=True)  # search tokens with the tenant inside: see members.search
    created_at = models.DateTimeField(_("등록한 때"), auto_now_add=True)
    updated_at = models.DateTimeField(_("고친 때"), auto_now=True)
    deleted_at = models.DateTimeField(_("지운 때"), null=True, blank=True)  # in the trash
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+", db_index=False,
        db_constraint=False,
    )  # fmt: skip
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)  # anonymised: the row stays for its ledgers
    groups = models.ManyToManyField(Group, through="Membership", related_name="members", blank=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name = _("회원")
        verbose_name_plural = _("회원")
        indexes = [
            # The list: newest first, by name, by phone; the id makes each order total, so keyset pages never skip.
            # With what segments ask most, so that a million can be asked without a look at their rows (decision 17).
            models.Index(
                fields=["tenant", "id"],
                include=_ASKED,
                condition=models.Q(deleted_at=None),
                name="members_list_new",
            ),
            models.Index(
                fields=["tenant", "name", "id"], condition=models.Q(deleted_at=None), name="members_list_name"
            ),
            # Also the duplicate look-up of forms and imports.
            models.Index(
                fields=["tenant", "phone", "id"], condition=models.Q(deleted_at=None), name="members_list_phone"
            ),
            models.Index(
                fields=["tenant", "deleted_at"],
                condition=~models.Q(deleted_at=None) & models.Q(merged_into=None, erased_at=None),
                name="members_trash",
            ),
            models.Index(fields=["tenant", "erased_at"], condition=~models.Q(erased_at=None), name="members_erased"),
            # Who was merged into a member: asked by every card (members.selectors.merged).
            models.Index(fields=["merged_into"], condition=~models.Q(merged_into=None), name="members_merged"),
            # What segments and the daily watch ask for by day, with the same; rows without one cost an import nothing.
            *(
                models.Index(
                    fields=["tenant", day, "id"],
                    include=[one for one in _ASKED if one != day],
                    condition=models.Q(deleted_at=None) & ~models.Q(**{day: None}),
                    name=f"members_{day[:20]}",
                )
                for day in ("next_birthday", "expires_on", "last_visit_on", "unpaid_since", "dead_at")
            ),
            models.Index(
                fields=["tenant", "stage", "id"],
                condition=models.Q(deleted_at=None) & ~models.Q(stage=Stage.ACTIVE),
                name="members_stage",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def born(self) -> Birthday | None:
        return birthdays.of(self.birth_date, self.birthday)

    @property
    def birthday_words(self) -> str:
        """2015. 3. 4.; 음력 1985년 4월 15일; 3월 5일; "" without one."""
        if not self.birthday:
            return ymd(self.birth_date) if self.birth_date else ""
        return birthdays.words(self.born) if self.born else ""

    @property
    def birthday_next_words(self) -> str:
        """올해 6월 2일, 내년 5월 22일: when a birthday falls that its words don't tell; "" where they do."""
        if self.next_birthday is None or self.born is None or self.born.calendar == birthdays.SOLAR:
            return ""
        return birthdays.next_words(self.next_birthday, times.today())


class Membership(models.Model):
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="memberships", db_constraint=False)
    group = models.ForeignKey(
        Group, on_delete=models.CASCADE, related_name="memberships", db_index=False, db_constraint=False
    )
    joined_at = models.DateTimeField(null=True, blank=True)  # by a deed on many; of one alone the audit trail tells

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
    # Nothing is said any more: a deed that had said something was taken back, and before it nobody had said anything.
    # No consent, and no refusal either.
    undoes = models.BooleanField(_("되돌림"), default=False, db_default=False)
    source = models.CharField(_("출처"), max_length=60)
    at = models.DateTimeField(_("표시한 때"))
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(_("기록한 때"), auto_now_add=True)

    class Meta:
        verbose_name = _("수신동의")
        verbose_name_plural = _("수신동의")
        # Nearly empty: whoever asks what still holds asks every refusal whether it was undone.
        indexes = [models.Index(fields=["member"], name="members_undone", condition=models.Q(undoes=True))]

    def __str__(self) -> str:
        return f"{self.kind} {self.given}"
