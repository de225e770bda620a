"""`python -m tests.chaos.opening NAMES… --roster SIZE`: migrates, opens a live tenant a name, prints them as JSON.

The first two tenants have a roster; all of them a sender, an owner who can sign in, and a key.
"""

import argparse
import json
from typing import Any

import django

SENDER, PASSWORD = "0237890123", "correct horse 9"
ROSTERS = 2


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="+")
    parser.add_argument("--roster", type=int, default=0)
    given = parser.parse_args()
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    opened = [_open(name) for name in given.names]
    for tenant in opened[:ROSTERS]:
        _fill(tenant["tenant"], given.roster)
    print(json.dumps(opened))


def _open(name: str) -> dict[str, Any]:
    from home import services

    tenant, secret = services.install(
        name=name,
        email=email(name),
        password=PASSWORD,
        aligo=(name, key(name)),
        sender=SENDER,
        paid_until=None,
    )
    return {"tenant": tenant.pk, "slug": tenant.slug, "secret": secret}


def email(name: str) -> str:
    return f"{name}@example.com"


def key(name: str) -> str:
    """Of the tenant's account at Aligo."""
    return f"key-of-{name}".ljust(32, "x")


def member(number: int) -> tuple[str, str]:
    """Phone and name of a roster's member."""
    return f"0103{number + 1000:07d}", f"회원{number}"


def _fill(tenant: int, size: int) -> None:
    from django_scopes import scopes_disabled

    from members.models import Member

    people = [member(number) for number in range(size)]
    with scopes_disabled():
        Member.objects.bulk_create([Member(tenant_id=tenant, name=name, phone=phone) for phone, name in people])


if __name__ == "__main__":
    main()
