"""Put every stored secret under the newest key of ENCRYPTION_KEYS, so that an older one can be dropped."""

from typing import Any

from django.core.management.base import BaseCommand

from home.services import rotate_secrets


class Command(BaseCommand):
    help = "Re-encrypts Aligo keys, TOTP secrets and waiting links. Safe to run again and while the product works."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, count in rotate_secrets().items():
            self.stdout.write(f"{name}: {count}")
