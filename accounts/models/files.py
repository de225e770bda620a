"""Files that come in and files that go out; both private, both a tenant's own."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import ExportState
from accounts.models.tenants import TenantModel


class Upload(TenantModel):
    """A file that came in. `purpose` names the door that took it: no other may show it (members: note, field, import).
    `subject` is whose it is, as in the audit trail (member:12), so that it goes when that one is erased."""

    path = models.CharField(max_length=200, unique=True, editable=False)
    name = models.CharField(_("파일 이름"), max_length=200)
    kind = models.CharField(_("형식"), max_length=20)
    purpose = models.CharField(max_length=20, editable=False)
    subject = models.CharField(max_length=40, blank=True, editable=False)
    size = models.PositiveBigIntegerField(_("크기"))
    sha256 = models.CharField(max_length=64, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("올린 때"), auto_now_add=True)
    deleted_at = models.DateTimeField(_("지운 때"), null=True, blank=True)

    class Meta:
        verbose_name = _("올린 파일")
        verbose_name_plural = _("올린 파일")
        indexes = [models.Index(fields=["tenant", "subject"], name="accounts_upload_subject")]

    def __str__(self) -> str:
        return self.name


class Export(TenantModel):
    """A file made by a job, with who asked for it and why (PI2), masked or not, and a link that ends."""

    kind = models.CharField(_("종류"), max_length=40)
    format = models.CharField(_("형식"), max_length=5)
    params = models.JSONField(default=dict)
    reason = models.CharField(_("이유"), max_length=200)
    masked = models.BooleanField(_("번호 가림"), default=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("상태"), max_length=10, choices=ExportState, default=ExportState.WAITING)
    parts = models.JSONField(default=list)  # storage paths; more than one past 1,000,000 rows
    row_count = models.PositiveBigIntegerField(_("줄 수"), default=0)
    problem = models.CharField(_("문제"), max_length=200, blank=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("요청한 때"), auto_now_add=True)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(_("기한"), null=True)
    downloaded_count = models.PositiveIntegerField(_("내려받은 횟수"), default=0)

    class Meta:
        verbose_name = _("내보내기")
        verbose_name_plural = _("내보내기")
        indexes = [models.Index(fields=["tenant", "-id"], name="accounts_export_list")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_downloadable(self) -> bool:
        return self.state == ExportState.READY and self.expires_at is not None and self.expires_at > timezone.now()
