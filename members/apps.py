from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("회원")

    def ready(self) -> None:
        from accounts import exports, facts
        from accounts.services import tags
        from members.enums import FactKind
        from members.selectors import histories
        from members.selectors.exporting import export_columns, export_rows
        from members.services import daily, preset_parts, segments
        from members.services.tags import carries, drop, move

        daily.JOBS["segments"] = segments.count_all
        for kind in FactKind:
            facts.register(kind.value, kind.label)
        histories.register_all()
        preset_parts.register_all()
        exports.register("members", title=_("회원 명단"), columns=export_columns, rows=export_rows)
        tags.register(move, carries, drop)
