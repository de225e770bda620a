"""An import of a roster: what was uploaded, how it was read, what it did."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Upload
from accounts.models.tenants import TenantModel
from members.enums import ImportMode, ImportState
from members.models.people import Group


class Import(TenantModel):
    upload = models.ForeignKey(Upload, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(_("방법"), max_length=10, choices=ImportMode, default=ImportMode.UPSERT)
    group = models.ForeignKey(Group, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    group_is_new = models.BooleanField(default=False)  # made for this import, so taken back with it
    apply = models.BooleanField(default=False)  # go on to write without stopping at the preview
    state = models.CharField(_("상태"), max_length=10, choices=ImportState, default=ImportState.READING)
    sheets = models.JSONField(default=list)  # [{"name", "rows"}]
    sheet = models.PositiveIntegerField(default=0)
    header_row = models.PositiveIntegerField(null=True)  # the line of the titles, 0: there is none; None: guess
    header = models.JSONField(default=list)  # the header cells as read
    mapping = models.JSONField(null=True)  # {"0": "name", "1": "phone", …}; None: guess
    repairs = models.JSONField(default=dict)  # what a person answered about cells nobody could read (`repairs`)
    sample = models.JSONField(default=list)  # a few rows of each kind for the preview
    errors = models.JSONField(default=list)  # the first ERRORS_KEPT of {row, column, value, problem}
    error_count = models.PositiveIntegerField(_("고칠 줄"), default=0)
    rows = models.PositiveIntegerField(_("전체 줄"), default=0)
    done_rows = models.PositiveIntegerField(default=0)  # progress of the present state
    created = models.PositiveIntegerField(_("새로 넣음"), default=0)
    updated = models.PositiveIntegerField(_("고침"), default=0)
    skipped = models.PositiveIntegerField(_("건너뜀"), default=0)
    problem = models.CharField(_("문제"), max_length=300, blank=True)  # why it failed, for the person
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    lease_until = models.DateTimeField(null=True)  # a worker is at it until then
    asked_at = models.DateTimeField(auto_now_add=True)  # of the present state: how long it may take
    created_at = models.DateTimeField(_("올린 때"), auto_now_add=True)
    finished_at = models.DateTimeField(_("끝난 때"), null=True)
    reverted_at = models.DateTimeField(_("되돌린 때"), null=True, blank=True)
    reverted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reverted = models.JSONField(default=dict)  # what the revert did: counts, and whom it left as they were

    class Meta:
        verbose_name = _("명단 올리기")
        verbose_name_plural = _("명단 올리기")
        indexes = [models.Index(fields=["tenant", "-id"], name="members_import_list")]

    def __str__(self) -> str:
        return f"import {self.pk}"


class ImportPart(TenantModel):
    """What an import did to some thousand members, kept for as long as it can be taken back."""

    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    # In the shape that `members.services.import_parts` tells.
    changes = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "number"], name="members_importpart_once")]

    def __str__(self) -> str:
        return f"{self.of_id}/{self.number}"
