"""What the shop sells: kinds of passes are made, changed and no longer sold. Passes already sold stay as they are."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from accounts import audit
from accounts.audit import Actor
from accounts.models import Tenant
from members import passes as rules
from members.enums import PassKind, RefundRule
from members.exceptions import InvalidPass
from members.models import PassType
from ui import times

KNOWN = {"name", "months", "days", "sessions", "price_won", "penalty_percent", "refund_rule"}
TYPES_MOST = 200


@transaction.atomic
def create(*, tenant: Tenant, by: Actor, **values: Any) -> PassType:
    """A new kind of pass: `name`, and months, days or sessions; the rest as one likes."""
    rows = PassType.objects.filter(tenant=tenant)
    if rows.count() >= TYPES_MOST:
        raise InvalidPass(InvalidPass.beyond)
    last = rows.aggregate(last=Max("position"))["last"] or 0
    return _saved(PassType(tenant=tenant, position=last + 1), by, "passtype.created", values)


@transaction.atomic
def update(*, tenant: Tenant, by: Actor, type: PassType, **values: Any) -> PassType:
    """Change what is given; passes sold before keep what they were sold with."""
    held = PassType.objects.select_for_update().get(tenant=tenant, pk=type.pk)
    return _saved(held, by, "passtype.updated", values)


@transaction.atomic
def retire(*, tenant: Tenant, by: Actor, type: PassType) -> None:
    """Sell it no more; twice is once. Its name becomes free again."""
    held = PassType.objects.select_for_update().get(tenant=tenant, pk=type.pk)
    if held.retired_at is not None:
        return
    held.retired_at = times.now()
    held.name = f"{held.name[:30]} #{held.pk}"[:40]
    held.save(update_fields=["retired_at", "name"])
    audit.record(tenant=tenant, by=by, kind="passtype.retired", subject=held)


def _saved(type: PassType, by: Actor, kind: str, values: dict[str, Any]) -> PassType:
    assert set(values) <= KNOWN, "unknown field"
    for name, value in values.items():
        setattr(type, name, value)
    type.name = " ".join((type.name or "").replace("\x00", "").split())
    type.months, type.days, type.sessions = type.months or None, type.days or None, type.sessions or None
    type.price_won = type.price_won or 0
    _check(type)
    type.kind = PassKind.COUNT if type.sessions else PassKind.PERIOD
    try:
        with transaction.atomic():
            type.save()
    except IntegrityError as error:
        raise InvalidPass(InvalidPass.name_taken, fields={"name": [InvalidPass.name_taken]}) from error
    audit.record(tenant=type.tenant, by=by, kind=kind, subject=type)
    return type


def _check(type: PassType) -> None:
    wrong: dict[str, list[Any]] = {}
    if not 0 < len(type.name) <= 40:
        wrong["name"] = [InvalidPass.name]
    if not (type.months or type.days or type.sessions):
        wrong["sessions"] = [InvalidPass.length]
    if (type.months or 0) * 31 + (type.days or 0) > rules.DAYS_MOST:
        wrong["days"] = [InvalidPass.beyond]
    if (type.sessions or 0) > rules.SESSIONS_MOST:
        wrong["sessions"] = [InvalidPass.beyond]
    if not 0 <= type.price_won <= rules.WON_MOST:
        wrong["price_won"] = [InvalidPass.money]
    if not 0 <= type.penalty_percent <= 100:
        wrong["penalty_percent"] = [InvalidPass.percent]
    if type.refund_rule not in RefundRule.values:
        wrong["refund_rule"] = [InvalidPass.message]
    if wrong:
        raise InvalidPass(next(iter(wrong.values()))[0], fields=wrong)
