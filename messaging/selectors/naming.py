"""Which groups, tags and columns kept texts and texts to come name: what no deed may take from under them unasked."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Tenant
from members.services.in_use import Named
from messaging import text
from messaging.enums import DispatchState
from messaging.models import Dispatch, Template

TO_COME = (DispatchState.AWAITING_APPROVAL, DispatchState.SCHEDULED, DispatchState.PREPARING)
BEGINNING = 20  # letters of a text that has no name


def named(tenant: Tenant) -> Named:
    """For members.services.in_use."""
    groups: set[int] = set()
    fields: dict[str, list[str]] = {}
    tags: dict[int, list[str]] = {}
    for row in Template.objects.filter(tenant=tenant).order_by("position", "id"):
        _say(fields, row.text, _("문구 ‘%(name)s’") % {"name": row.name})
    for one in Dispatch.objects.filter(tenant=tenant, state__in=TO_COME).order_by("send_at", "id"):
        who, left = _("예약한 문자 ‘%(name)s’") % {"name": one.name or one.text[:BEGINNING]}, one.audience.get("except")
        _say(fields, one.text, who)
        groups |= _groups(one.audience) | _groups(left or {})
        for pk in (left or {}).get("tags") or ():
            tags.setdefault(pk, []).append(who)
    return Named(groups, fields, tags)


def _say(fields: dict[str, list[str]], body: str, who: str) -> None:
    try:
        words = text.parse(body).fields
    except text.TextError:
        return
    for word in words:
        fields.setdefault(word, []).append(who)


def _groups(audience: dict[str, Any]) -> set[int]:
    return {pk for pk in audience.get("groups") or () if isinstance(pk, int)}
