from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("업체와 계정")

    def ready(self) -> None:
        post_migrate.connect(_make_cache_table, sender=self)
        from accounts import form_words, receivers  # noqa: F401  needs the models, which are loaded by now

        form_words.speak()


def _make_cache_table(**kwargs: object) -> None:
    """The embedded default keeps its cache in the database; does nothing where Redis is the cache."""
    from django.core.management import call_command

    call_command("createcachetable", verbosity=0)
