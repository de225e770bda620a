"""Deeds on many members that can be taken back: bulk edits and merges. (Imports keep theirs in ImportPart.)"""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.tenants import TenantModel
from members.enums import BulkEditState
from members.models.people import Member


class BulkEdit(TenantModel):
    """The same change to many members. What each had before stands in its parts, for as long as it can be undone."""

    change = models.JSONField(default=dict)  # what was asked for: names of columns and their new values
    count = models.PositiveIntegerField(_("회원 수"), default=0)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("상태"), max_length=10, choices=BulkEditState, default=BulkEditState.APPLYING)
    changed = models.PositiveIntegerField(_("바뀐 회원 수"), default=0)
    problem = models.CharField(_("문제"), max_length=300, blank=True)  # why it failed, for the person
    left = models.JSONField(default=dict)  # what an undo left as it was: {"count", "rows": [[member, [columns]], …]}
    asked_at = models.DateTimeField(auto_now_add=True)  # of the present state: how long it may take
    lease_until = models.DateTimeField(null=True)  # a worker is at it until then
    created_at = models.DateTimeField(_("때"), auto_now_add=True)
    undone_at = models.DateTimeField(_("되돌린 때"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("한꺼번에 고치기")
        verbose_name_plural = _("한꺼번에 고치기")
        indexes = [models.Index(fields=["tenant", "-id"], name="members_edit_list")]

    def __str__(self) -> str:
        return f"bulk edit {self.pk}"


class BulkEditPart(TenantModel):
    edit = models.ForeignKey(BulkEdit, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    # Whom it is for at first: [[member id], …]; when done, [[id, {column: before}, {column: after}, hung], …] of those
    # it changed, as `members.services.bulk_edits` tells.
    before = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edit", "number"], name="members_editpart_once")]

    def __str__(self) -> str:
        return f"{self.edit_id}/{self.number}"


class Merge(TenantModel):
    """`gone` became part of `kept`. Rows that point at `gone` stay there; `before` and `moved` take it back."""

    kept = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    gone = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    before = models.JSONField(default=dict)  # what `kept` had in the columns that the merge changed
    moved = models.JSONField(default=dict)  # what was moved or added, by kind: ids
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("때"), auto_now_add=True)
    undone_at = models.DateTimeField(_("되돌린 때"), null=True, blank=True)

    class Meta:
        verbose_name = _("회원 합치기")
        verbose_name_plural = _("회원 합치기")
        indexes = [models.Index(fields=["tenant", "-id"], name="members_merge_list")]

    def __str__(self) -> str:
        return f"merge {self.pk}"
