"""Which words a person agreed to, and when."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.enums import TermsKind


class TermsVersion(models.Model):
    kind = models.CharField(_("종류"), max_length=10, choices=TermsKind)
    version = models.CharField(_("판"), max_length=20)
    effective_at = models.DateTimeField(_("시행일"))
    body = models.TextField(_("본문"))
    body_en = models.TextField(_("영어 본문"), blank=True)

    class Meta:
        verbose_name = _("약관")
        verbose_name_plural = _("약관")
        constraints = [models.UniqueConstraint(fields=["kind", "version"], name="accounts_terms_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.version}"

    def text_in(self, language: str) -> tuple[str, str]:
        """The words for a reader of this language, and the language they are in: Korean where there is no other."""
        return (self.body_en, "en") if language == "en" and self.body_en else (self.body, "ko")


class TermsAgreement(models.Model):
    """Append-only: who agreed to which version."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="agreements")
    version = models.ForeignKey(TermsVersion, on_delete=models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(_("동의한 때"), auto_now_add=True)
    ip = models.GenericIPAddressField(null=True)

    class Meta:
        verbose_name = _("약관 동의")
        verbose_name_plural = _("약관 동의")
        constraints = [models.UniqueConstraint(fields=["user", "version"], name="accounts_agreement_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.version_id}"
