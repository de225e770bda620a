"""The ledger of consent: every expression of will is kept, the member carries the present state."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.audit import Actor, user_of
from accounts.models import Tenant
from members.enums import ConsentKind
from members.exceptions import InvalidMember
from members.models import Consent, Member
from ui import times

SOURCE_LONGEST = 60


@transaction.atomic
def record(
    *, tenant: Tenant, by: Actor, member: Member, kind: str, given: bool, source: str, at: datetime | None = None
) -> Consent | None:
    """Append one expression of will and bring the member's present state up to it.

    None where the same is already the last word: saying it twice is saying it once. An `at` in the past is kept in its
    place and does not overrule what was said later.
    """
    if kind not in ConsentKind.values:
        raise InvalidMember(fields={"consents": ["kind"]})
    Member.objects.select_for_update().get(tenant=tenant, pk=member.pk)
    last = _last(tenant, member, kind)
    if last and last.given == given and last.source == source[:SOURCE_LONGEST] and at in (None, last.at):
        return None
    row = Consent.objects.create(
        tenant=tenant,
        member=member,
        kind=kind,
        given=given,
        source=source[:SOURCE_LONGEST],
        at=min(at or times.now(), times.now()),
        recorded_by=user_of(by),
    )
    _bring_up(tenant, member, kind)
    audit.record(tenant=tenant, by=by, kind="consent.recorded", subject=member, consent=kind, given=given)
    return row


def record_all(*, tenant: Tenant, by: Actor, member: Member, consents: list[dict[str, Any]]) -> None:
    """Append several, each `{kind, given, source, at?}`, inside the caller's transaction."""
    for consent in consents:
        record(tenant=tenant, by=by, member=member, **consent)


def _last(tenant: Tenant, member: Member, kind: str) -> Consent | None:
    return Consent.objects.filter(tenant=tenant, member=member, kind=kind).order_by("-at", "-id").first()


def _bring_up(tenant: Tenant, member: Member, kind: str) -> None:
    last = _last(tenant, member, kind)
    column = "ad_consent_at" if kind == ConsentKind.AD else "night_consent_at"
    value = last.at if last and last.given else None
    Member.objects.filter(tenant=tenant, pk=member.pk).update(**{column: value})
    setattr(member, column, value)
