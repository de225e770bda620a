from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    name = "messaging"
    verbose_name = _("문자")

    def ready(self) -> None:
        from accounts import exports
        from accounts.services import tags
        from members import presets, segments
        from members.selectors import in_use
        from members.services import erasing, hanging, uniting
        from messaging.selectors.exporting import EXPORT_COLUMNS, export_rows
        from messaging.selectors.naming import named
        from messaging.selectors.questions import LastTextQuestion, TextedQuestion
        from messaging.selectors.refusals import refused
        from messaging.selectors.timeline import register_all
        from messaging.services import forgetting, preset_texts, tagged

        erasing.register("messages", forgetting.forget, forgetting.waiting)
        hanging.register("text", forgetting.texted)
        in_use.register("texts", named)
        tags.register(tagged.move, tagged.carries)
        uniting.register_refusals(refused)
        exports.register("dispatch", title=_("발송 결과"), columns=EXPORT_COLUMNS, rows=export_rows)
        presets.register_part("texts", title=_("문구"), take=preset_texts.take, remove=preset_texts.remove)
        segments.register_fact("texted", _("받은 문자"), TextedQuestion(""))
        segments.register_fact("last_text", _("마지막 문자"), LastTextQuestion(""))
        register_all()
