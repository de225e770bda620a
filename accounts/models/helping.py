"""Help that operators have rewritten."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class HelpText(models.Model):
    """The words of one help block, instead of those in the template. The platform's own, not a tenant's."""

    key = models.CharField(_("자리"), max_length=60, help_text=_("화면의 도움말 이름이에요. 예: members.list"))
    language = models.CharField(_("언어"), max_length=5, choices=settings.LANGUAGES, default="ko")
    title = models.CharField(_("제목"), max_length=80, blank=True)
    body = models.TextField(_("내용"), help_text=_("빈 줄로 문단을 나눠요. 꾸미는 기호는 쓸 수 없어요."))
    changed_at = models.DateTimeField(_("고친 때"), auto_now=True)

    class Meta:
        verbose_name = _("도움말")
        verbose_name_plural = _("도움말")
        constraints = [models.UniqueConstraint(fields=["key", "language"], name="accounts_help_once")]

    def __str__(self) -> str:
        return f"{self.key} ({self.language})"
