"""Open a tenant from the command line; the last line printed is JSON: `{"tenant": id, "api_key": "…"}`."""

import json
from datetime import date, datetime, time
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from accounts.exceptions import Refusal
from home import services
from ui import times


class Command(BaseCommand):
    help = "Opens a tenant with its owner, its live Aligo account and sender if given, and an API key with every scope."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--email", required=True)
        parser.add_argument("--password", required=True)
        parser.add_argument("--aligo-user-id", default="")
        parser.add_argument("--aligo-key", default="")
        parser.add_argument("--sender", default="")
        parser.add_argument("--paid-until", default="", help="2027-01-31: to the end of that day in Seoul")

    def handle(self, *args: Any, **given: Any) -> None:
        name = given["name"].strip()
        if not 0 < len(name) <= 60:
            raise CommandError("--name must have 1 to 60 characters.")
        try:
            validate_email(given["email"])
        except ValidationError:
            raise CommandError("--email is no e-mail address.") from None
        if not given["password"]:
            raise CommandError("--password must not be empty.")
        if bool(given["aligo_user_id"]) != bool(given["aligo_key"]):
            raise CommandError("--aligo-user-id and --aligo-key belong together.")
        try:
            tenant, secret = services.install(
                name=name,
                email=given["email"],
                password=given["password"],
                aligo=(given["aligo_user_id"], given["aligo_key"]),
                sender=given["sender"],
                paid_until=_end_of(given["paid_until"]),
            )
        except Refusal as refusal:
            raise CommandError(str(refusal)) from None
        self.stdout.write(json.dumps({"tenant": tenant.pk, "api_key": secret}))


def _end_of(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(23, 59, 59), tzinfo=times.SEOUL)
    except ValueError:
        raise CommandError("--paid-until must be a date such as 2027-01-31.") from None
