"""The rows of a text's journey: Dispatch → Batch → Message, with who was left out and who holds a turn."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_scopes import ScopedManager

from accounts.models import Tenant
from accounts.models.tenants import TenantModel
from messaging.enums import (
    ENDED,
    AccountMode,
    BatchState,
    DispatchState,
    ExcludedReason,
    HoldReason,
    MessageState,
    Source,
    Type,
    Via,
)


class Dispatch(TenantModel):
    """발송: one act of sending, to one person or to many. Its counts are the sum of its batches."""

    name = models.CharField(_("이름"), max_length=60, blank=True)
    text = models.TextField(_("내용"))
    title = models.CharField(_("제목"), max_length=60, blank=True)
    sender = models.CharField(_("발신번호"), max_length=12)
    ad = models.BooleanField(_("광고"), default=False)
    # Of the account it was written under, for good: what was written to practise never reaches a phone, and what was
    # meant for phones is never called delivered because the sandbox took it.
    mode = models.CharField(_("모드"), max_length=10, choices=AccountMode, default=AccountMode.SANDBOX)
    # The audience as asked for: {"members": [ids], "groups": [ids], "phones": [...], "all": bool, "except": {…}}.
    audience = models.JSONField(_("받는 사람"), default=dict)
    state = models.CharField(_("상태"), max_length=20, choices=DispatchState)
    held_reason = models.CharField(_("멈춘 이유"), max_length=20, blank=True, choices=HoldReason)
    source = models.CharField(_("경로"), max_length=10, choices=Source, default=Source.PAGE)
    # A form's one-time key or the API's Idempotency-Key: unique, so twice is once.
    key = models.CharField(max_length=200, null=True, editable=False)
    resend_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="resends")
    unpaid = models.BooleanField(default=False, db_default=False)  # a reminder: only to who is still behind with dues
    via = models.CharField(_("누구 번호로"), max_length=10, blank=True, choices=Via)  # as in the audience; empty: own
    # Why people who share a phone get a text each; empty: one text a phone. `first` is then the dispatch that went to
    # the first of them, the others follow in dispatches of their own, so that each has one message a phone.
    each_reason = models.CharField(_("같은 번호에 따로 보내는 까닭"), max_length=100, blank=True)
    first = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="others")
    send_at = models.DateTimeField(_("보낼 때"), null=True, blank=True)
    # As it was asked for, where the law moved it: an ad that would have left at night.
    asked_at = models.DateTimeField(_("정했던 때"), null=True, blank=True)
    undo_until = models.DateTimeField(null=True)  # a page's send to many waits so long for second thoughts
    # When it was to leave, by submit or by the person who let it go on: a day later it asks before it leaves.
    due_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(_("유효 기한"), null=True, blank=True)
    is_small = models.BooleanField(default=False)  # ten people or fewer: the `now` lane
    is_test = models.BooleanField(_("시험"), default=False)
    # What it would send if it went out now, while it is scheduled: for the forecast. None until counted.
    planned_sms = models.PositiveIntegerField(null=True)
    planned_lms = models.PositiveIntegerField(null=True)
    planned_mms = models.PositiveIntegerField(null=True)
    plan_at = models.DateTimeField(null=True)  # when to count (again)
    total = models.PositiveIntegerField(_("대상"), null=True)  # None until prepared
    excluded_count = models.PositiveIntegerField(_("제외"), default=0)
    # How far preparing got: {"stage": …, "after": …}; written with each chunk, so a killed worker goes on from here.
    cursor = models.JSONField(default=dict)
    lease_until = models.DateTimeField(null=True)  # a worker is preparing until then
    rung_at = models.DateTimeField(null=True)  # when its bell was rung last: the watch doesn't ring at every tick
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    by_label = models.CharField(_("보낸 사람"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("만든 때"), auto_now_add=True)
    prepared_at = models.DateTimeField(null=True)
    first_sent_at = models.DateTimeField(_("보내기 시작"), null=True)
    finished_at = models.DateTimeField(_("끝난 때"), null=True)

    class Meta:
        verbose_name = _("발송")
        verbose_name_plural = _("발송")
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="messaging_dispatch_once")]
        indexes = [
            models.Index(fields=["tenant", "-id"], name="messaging_dispatch_list"),
            models.Index(fields=["send_at"], condition=models.Q(state="scheduled"), name="messaging_dispatch_due"),
            models.Index(fields=["plan_at"], condition=models.Q(state="scheduled"), name="messaging_dispatch_plan"),
            models.Index(
                fields=["lease_until"], condition=models.Q(state="preparing"), name="messaging_dispatch_preparing"
            ),
            models.Index(
                fields=["tenant", "id"],
                condition=models.Q(state__in=["preparing", "sending"]),
                name="messaging_dispatch_going",
            ),
            models.Index(
                fields=["tenant", "state"],
                condition=models.Q(state__in=["scheduled", "sending", "held"]),
                name="messaging_dispatch_open",
            ),
            # For the watch, which asks of all tenants at once: without the many that are only scheduled.
            models.Index(
                fields=["held_reason"],
                condition=models.Q(state__in=["sending", "held"]),
                name="messaging_dispatch_unended",
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"dispatch {self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether something of it may still leave."""
        return self.state not in ENDED

    @property
    def is_for_later(self) -> bool:
        """Whether a time was chosen for it; seconds for second thoughts are none."""
        return bool(self.send_at and not self.undo_until)


class Batch(models.Model):
    """묶음: what goes to the provider in one call. One type, one title; ≤ 500 different texts or ≤ 1,000 of one.

    size = queued-or-in-flight + delivered + failed + no_result + rejected + expired + cancelled. The counters are
    written when the batch's state is; messages in between are never touched.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False)
    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, related_name="batches")
    number = models.PositiveIntegerField()
    type = models.CharField(max_length=3, choices=Type)
    title = models.CharField(max_length=60, blank=True)
    text = models.TextField(blank=True)  # the one text of all its messages; empty where they differ
    sender = models.CharField(max_length=12)
    size = models.PositiveIntegerField()
    is_small = models.BooleanField(default=False)
    night_ok = models.BooleanField(default=False)  # an ad to people who all agreed to ads at night
    state = models.CharField(max_length=10, choices=BatchState, default=BatchState.QUEUED)
    # Order-free hash of the receivers: what tells two look-alike batches apart in Aligo's list.
    receivers_hash = models.CharField(max_length=64)
    # Aligo's user id it went out with, set when claimed: results must be asked of that account, whatever came since.
    account = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    attempt_started_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)  # the next try after a surely-not-sent
    provider_id = models.CharField(max_length=40, blank=True)  # Aligo's msg_id / mid
    accepted_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=40, blank=True)  # our word for why it was rejected, cancelled or expired
    unknown_at = models.DateTimeField(null=True)
    looks = models.PositiveSmallIntegerField(default=0)  # looks at the provider's list while unknown
    looked_at = models.DateTimeField(null=True)
    # Since when only a person can say what became of it, and what Aligo's list showed then: [{id, count, text, at}].
    undecided_at = models.DateTimeField(null=True)
    listed = models.JSONField(default=list)
    poll_at = models.DateTimeField(null=True)  # when to ask for results next
    polls = models.PositiveIntegerField(default=0)
    delivered_count = models.PositiveIntegerField(default=0)
    failed_count = models.PositiveIntegerField(default=0)
    no_result_count = models.PositiveIntegerField(default=0)
    rejected_count = models.PositiveIntegerField(default=0)
    expired_count = models.PositiveIntegerField(default=0)
    cancelled_count = models.PositiveIntegerField(default=0)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name = _("묶음")
        verbose_name_plural = _("묶음")
        constraints = [
            models.UniqueConstraint(fields=["dispatch", "number"], name="messaging_batch_once"),
            models.UniqueConstraint(
                fields=["account", "provider_id"],
                condition=~models.Q(provider_id=""),
                name="messaging_batch_adopted_once",
            ),
            # Look-alikes can't be told apart in Aligo's list, so only one of them may be under way or unknown.
            models.UniqueConstraint(
                fields=["account", "sender", "type", "receivers_hash"],
                condition=models.Q(state__in=["sending", "unknown"]),
                name="messaging_batch_lookalike",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "is_small", "id"],
                condition=models.Q(state="queued"),
                name="messaging_batch_queued",
            ),
            models.Index(
                fields=["dispatch", "not_before"], condition=models.Q(state="queued"), name="messaging_batch_waiting"
            ),
            models.Index(fields=["lease_until"], condition=models.Q(state="sending"), name="messaging_batch_sending"),
            models.Index(fields=["looked_at"], condition=models.Q(state="unknown"), name="messaging_batch_unknown"),
            models.Index(fields=["poll_at"], condition=models.Q(state="accepted"), name="messaging_batch_poll"),
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}"

    @property
    def settled_count(self) -> int:
        return (
            self.delivered_count
            + self.failed_count
            + self.no_result_count
            + self.rejected_count
            + self.expired_count
            + self.cancelled_count
        )

    @property
    def open_count(self) -> int:
        """Messages whose state is still the batch's."""
        return self.size - self.settled_count


class Message(models.Model):
    """문자: one text to one phone. Written when prepared and when its result is known; in between as its batch."""

    # The hot table: its one set-based writer (services/prepare.py) is its wall, not a check for each row.
    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    dispatch = models.ForeignKey(
        Dispatch, on_delete=models.CASCADE, related_name="messages", db_index=False, db_constraint=False
    )
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="messages", db_constraint=False)
    # No key to Member: a destroyed member must not take the record of what was sent along.
    member_id = models.BigIntegerField(_("회원 번호"), null=True)
    name = models.CharField(_("이름"), max_length=40, blank=True)
    phone = models.CharField(_("번호"), max_length=12)
    text = models.TextField(_("내용"), blank=True)  # empty: the batch's one text
    state = models.CharField(_("상태"), max_length=10, choices=MessageState, blank=True)
    reason = models.CharField(_("이유"), max_length=20, blank=True)
    provider_state = models.CharField(_("알리고 결과"), max_length=60, blank=True)
    result_at = models.DateTimeField(_("결과 받은 때"), null=True)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name = _("문자")
        verbose_name_plural = _("문자")
        constraints = [models.UniqueConstraint(fields=["dispatch", "phone"], name="messaging_message_once")]
        indexes = [
            # Backwards, so that the last digits are found as quickly as the whole number, at the price of one index.
            models.Index("tenant", Reverse("phone"), models.F("id").desc(), name="messaging_message_phone"),
            # None names `state`: PostgreSQL writes results in place (HOT) only while no index looks at what changes.
            models.Index(fields=["tenant", "member_id", "-id"], name="messaging_message_member"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class Joined(models.Model):
    """A further member whom a text is for: a guardian of several children gets one text with their names joined.

    The message to this phone names the first of them as its `member_id`; the others stand here.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False)
    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, related_name="joined", db_index=False)
    phone = models.CharField(max_length=12)
    member_id = models.BigIntegerField()

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name = _("함께 받는 회원")
        verbose_name_plural = _("함께 받는 회원")
        constraints = [models.UniqueConstraint(fields=["dispatch", "phone", "member_id"], name="messaging_joined_once")]
        indexes = [models.Index(fields=["tenant", "member_id", "-id"], name="messaging_joined_member")]

    def __str__(self) -> str:
        return f"joined {self.pk}"


class Excluded(models.Model):
    """A person the audience named and the text does not go to, with the reason."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False)
    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, related_name="excluded")
    member_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=40, blank=True)
    phone = models.CharField(max_length=40, blank=True)  # as given: it may be no phone at all
    reason = models.CharField(max_length=20, choices=ExcludedReason)

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name = _("제외된 사람")
        verbose_name_plural = _("제외된 사람")

    def __str__(self) -> str:
        return f"excluded {self.pk}"


class Attempt(models.Model):
    """One call to the provider, on disk before the call. `outcome` empty: we never heard how it ended."""

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="tries")
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    # accepted, rejected, refused, unavailable, unclear, stopped; of one whose answer was lost found or absent, later
    # confirmed (absent for good) or doubled (Aligo had taken it after all, and it was sent again).
    outcome = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=20, blank=True)  # the provider's own code, for operators

    objects = ScopedManager(tenant="tenant")

    class Meta:
        verbose_name = _("시도")
        verbose_name_plural = _("시도")
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="messaging_attempt_once")]
        indexes = [
            models.Index(
                fields=["ended_at"],
                condition=models.Q(outcome__in=["absent", "doubled"]),
                name="messaging_attempt_absent",
            )
        ]

    def __str__(self) -> str:
        return f"attempt {self.batch_id}/{self.number}"


class Turn(models.Model):
    """A place in the line: a tenant with work holds at most TURNS of them in a lane; each sends one batch at a time.

    A turn whose `until` is past is lost (its worker died, its bell was lost) and is made again by upkeep.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="+", db_index=False)
    lane = models.CharField(max_length=10)
    slot = models.PositiveSmallIntegerField()
    token = models.CharField(max_length=32)
    until = models.DateTimeField()

    objects = ScopedManager(tenant="tenant")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "lane", "slot"], name="messaging_turn_once")]
        indexes = [models.Index(fields=["until"], name="messaging_turn_until")]

    def __str__(self) -> str:
        return f"turn {self.tenant_id} {self.lane}/{self.slot}"


class Draft(TenantModel):
    """A text being written, kept as it is typed: a closed tab loses nothing."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    data = models.JSONField(default=dict)
    key = models.CharField(max_length=32)  # becomes the Dispatch's key: the draft can be submitted once
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("쓰던 글")
        verbose_name_plural = _("쓰던 글")
        indexes = [models.Index(fields=["tenant", "user", "-updated_at"], name="messaging_draft_list")]

    def __str__(self) -> str:
        return f"draft {self.pk}"
