"""조건그룹: a rule that says who is in it, and how many that was each day."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.tenants import TenantModel
from members.enums import Tone


class Segment(TenantModel):
    """A saved filter in the language of `members.segments`; who is in it is asked anew whenever it is used."""

    name = models.CharField(_("이름"), max_length=40)
    tone = models.CharField(_("색"), max_length=10, choices=Tone, default=Tone.VIOLET)
    position = models.PositiveIntegerField(_("순서"), default=0)
    rule = models.JSONField(_("조건"), default=dict)
    member_count = models.PositiveIntegerField(_("회원 수"), null=True, editable=False)  # when last counted
    counted_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(_("만든 때"), auto_now_add=True)

    class Meta:
        verbose_name = _("조건그룹")
        verbose_name_plural = _("조건그룹")
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="members_segment_name")]

    def __str__(self) -> str:
        return self.name


class SegmentCount(TenantModel):
    """How many were in a segment on a day (Seoul)."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="counts")
    on = models.DateField()
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("조건그룹 회원 수")
        verbose_name_plural = _("조건그룹 회원 수")
        constraints = [models.UniqueConstraint(fields=["segment", "on"], name="members_segmentcount_once")]

    def __str__(self) -> str:
        return f"{self.on} {self.count}"
