from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    name = "messaging"
    verbose_name = _("문자")

    def ready(self) -> None:
        from accounts import exports
        from messaging.selectors.exporting import EXPORT_COLUMNS, export_rows

        exports.register("dispatch", title=_("발송 결과"), columns=EXPORT_COLUMNS, rows=export_rows)
