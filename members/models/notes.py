"""What staff write down about a member: notes, calls, files."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Upload
from accounts.models.tenants import TenantModel
from members.enums import CallDirection, NoteKind
from members.models.people import Member


class Note(TenantModel):
    """A note, a call or a file in the member's timeline. A private one is shown to its writer alone."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="notes", db_constraint=False)
    kind = models.CharField(_("종류"), max_length=10, choices=NoteKind, default=NoteKind.NOTE)
    text = models.TextField(_("내용"), max_length=2000, blank=True)
    upload = models.ForeignKey(Upload, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    direction = models.CharField(_("통화"), max_length=10, choices=CallDirection, blank=True)
    is_pinned = models.BooleanField(_("맨 위에"), default=False)
    is_private = models.BooleanField(_("나만 보기"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("때"))  # of the call, or when it was written
    changed_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("회원 메모")
        verbose_name_plural = _("회원 메모")
        indexes = [models.Index(fields=["member", "-at", "-id"], name="members_note_member")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
