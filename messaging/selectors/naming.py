"""Which groups, tags and columns kept texts and texts to come name: what no deed may take from under them unasked."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Tenant
from members.selectors.in_use import Named
from messaging import text
from messaging.enums import ENDED
from messaging.models import Dispatch, Template

BEGINNING = 20  # letters of a text that has no name


def to_come(tenant: Tenant) -> QuerySet[Dispatch]:
    """Dispatches whose people are not found yet: scheduled, awaiting approval, or held before they were prepared."""
    return Dispatch.objects.filter(tenant=tenant, total=None).exclude(state__in=ENDED)


def named(tenant: Tenant) -> Named:
    """For members.selectors.in_use."""
    groups: set[int] = set()
    fields: dict[str, list[str]] = {}
    tags: dict[int, list[str]] = {}
    for name, body in Template.objects.filter(tenant=tenant).order_by("position", "id").values_list("name", "text"):
        _say(fields, body, _("문구 ‘%(name)s’") % {"name": name})
    coming = to_come(tenant).order_by("send_at", "id")
    # Not whole audiences: a hundred thousand pasted numbers may be among them.
    for name, body, some, left in coming.values_list("name", "text", "audience__groups", "audience__except"):
        who = _("예약한 문자 ‘%(name)s’") % {"name": name or body[:BEGINNING]}
        _say(fields, body, who)
        groups |= {*(some or ()), *((left or {}).get("groups") or ())}
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
