"""Fill an empty installation with demo data: `manage.py seed --members 3000`. Not for production."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from home.seeding import town


class Command(BaseCommand):
    help = "Demo data: a busy tenant, its neighbour, the operator. Running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--members", type=int, default=3000)

    def handle(self, *args: Any, members: int, **options: Any) -> None:
        if settings.SECURE_SITE:
            raise CommandError("SITE_URL says https: demo log-ins have known passwords and don't belong there.")
        if not 0 < members <= 2_000_000:
            raise CommandError("--members must lie between 1 and 2,000,000.")
        if town.exists():
            self.stdout.write("The demo data are there already.")
        else:
            began = time.monotonic()
            town.build(members)
            self.stdout.write(f"Made {members:,} members in {time.monotonic() - began:.1f} s.")
        self._tell()

    def _tell(self) -> None:
        lines = [f"  {login.email:24} {login.password}   {login.who}" for login in town.LOGINS]
        text = "\n".join(["  Demo log-ins", *lines])
        if not settings.TESTING:
            (settings.VAR / "demo-logins.txt").write_text(f"{text}\n", encoding="utf-8")
        self.stdout.write(text)
