"""The audit trail: who did what, in the transaction of the deed."""

from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any

from accounts.models import ApiKey, AuditEvent, Tenant, User
from config.logging import request_id

Actor = User | ApiKey | None  # None: the system itself
client_ip: ContextVar[str | None] = ContextVar("client_ip", default=None)


def record(*, tenant: Tenant | None, by: Actor, kind: str, subject: Any = "", **data: Any) -> AuditEvent:
    """Write one event. `kind` is noun.past ("member.exported"); `data` holds ids, counts and field names only."""
    event = _event(tenant, by, kind, subject, data)
    event.save(force_insert=True)
    return event


def record_all(*, tenant: Tenant, by: Actor, kind: str, subjects: Iterable[Any], **data: Any) -> None:
    """The same event of each of several subjects, written at once."""
    AuditEvent.objects.bulk_create([_event(tenant, by, kind, subject, data) for subject in subjects])


def _event(tenant: Tenant | None, by: Actor, kind: str, subject: Any, data: dict[str, Any]) -> AuditEvent:
    label = "system" if by is None else (f"API {by.name}" if isinstance(by, ApiKey) else str(by))
    return AuditEvent(
        tenant=tenant,
        by_id=by.pk if isinstance(by, User) else None,
        by_label=label[:80],
        kind=kind,
        subject=name_of(subject),
        data=data,
        request_id=request_id.get(),
        ip=client_ip.get(),
    )


def name_of(subject: Any) -> str:
    """ "member:42": a model's row by kind and id; a string stays itself."""
    if hasattr(subject, "pk"):
        return f"{subject._meta.model_name}:{subject.pk}"
    return str(subject)


def user_of(by: Actor) -> User | None:
    """The person behind an actor, for foreign keys; None for a program or the system."""
    return by if isinstance(by, User) else None
