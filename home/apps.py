from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "home"

    def ready(self) -> None:
        from home.trail import register_pages  # needs the models of all apps, which are loaded by now

        register_pages()
