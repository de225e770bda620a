"""Facts: what happened, as rows written in the transaction of the deed.

Apps to the right read them with a cursor of their own (automatic rules, webhooks, chat alerts); the row is the message.
The same (kind, key) twice is one fact, so a deed that is repeated and a watch that runs twice add nothing.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.audit import name_of
from accounts.models import Fact, Tenant

_kinds: dict[str, Any] = {}


class What(NamedTuple):
    """One fact to be recorded: its subject (a row or "member:42"), its key, when it was, ids and numbers."""

    subject: Any
    key: str
    at: datetime | None = None
    data: dict[str, Any] | None = None


def register(kind: str, title: Any) -> None:
    """Make a kind known by its title (lazy Korean), so that rules and segments can offer it."""
    _kinds[kind] = title


def kinds() -> dict[str, Any]:
    """All kinds and their titles, in the order of the apps."""
    return dict(_kinds)


def record(*, tenant: Tenant, kind: str, subject: Any, key: str, at: datetime | None = None, **data: Any) -> None:
    """Record one fact, in the caller's transaction."""
    record_all(tenant=tenant, kind=kind, facts=[What(subject, key, at, data)])


def record_all(*, tenant: Tenant, kind: str, facts: Iterable[What]) -> None:
    """Record many of one kind, each once."""
    if kind not in _kinds:
        raise LookupError(f"unregistered kind of fact: {kind}")
    now = timezone.now()
    rows = [
        Fact(tenant=tenant, kind=kind, subject=name_of(f.subject), key=f.key, at=f.at or now, data=f.data or {})
        for f in facts
    ]
    Fact.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)
