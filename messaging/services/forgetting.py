"""What is kept of texts to members who were erased: that, when and at what price one was sent, and nobody's number.

The law wants the record of sending kept (docs/security.md), not the person in it: the number becomes the row's own id,
the text goes. A text to a guardian of several children loses its words with the first of them and its number with the
last. One that is still under way keeps both until its result is known and its dispatch is wholly prepared; members ask
again daily (`waiting`).
"""

import json
from collections.abc import Collection
from typing import Any

from django.db import connection
from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat

from accounts.models import Tenant
from members.models import Member
from members.services.erasing import ERASED_NAME
from messaging.enums import ENDED
from messaging.models import Dispatch, Excluded, Joined, Message
from messaging.selectors.audience import plain_number

# Preparing asks the messages who has the text, and counts its way through the pasted numbers: it must be over.
IS_CLOSED = Q(dispatch__state__in=ENDED) | (~Q(state="") & Q(dispatch__prepared_at__isnull=False))
Number = tuple[int, str]  # a dispatch and a phone, which are one message
OWN = Concat(Value("#"), Cast(F("pk"), CharField()))


def forget(tenant: Tenant, ids: Collection[int]) -> None:
    """Take the person out of the texts to these members, and out of those that named them beside others."""
    gone = list(ids)
    joined = _joined_of(tenant, gone)
    rows = _closed(tenant, gone, set(joined))
    left = Excluded.objects.filter(tenant=tenant, member_id__in=gone)
    found = Q(dispatch__state__in=ENDED) | Q(dispatch__prepared_at__isnull=False)
    _forget_pasted(tenant, {*rows.values(), *left.filter(found).values_list("dispatch_id", "phone")})
    messages = Message.objects.filter(pk__in=list(rows))
    first, further = _living(gone), Joined.objects.filter(Exists(_living(gone)), **_same_text(tenant))
    messages.update(name=Case(When(Exists(first), then=Value("")), default=Value(ERASED_NAME)), text="")
    messages.filter(~Exists(first), ~Exists(further)).update(phone=OWN)
    done = [pk for pair, pks in joined.items() if pair in set(rows.values()) for pk in pks]
    Joined.objects.filter(pk__in=done).update(phone=OWN)
    left.update(name=ERASED_NAME, phone="")


def waiting(tenant: Tenant) -> list[int]:
    """Erased members to whom a text was under way when they were erased: it names them still."""
    erased = Member.objects.filter(tenant=tenant, erased_at__isnull=False)
    texts = Message.objects.filter(tenant=tenant, member_id=OuterRef("pk")).exclude(phone__startswith="#")
    joined = Joined.objects.filter(tenant=tenant, member_id=OuterRef("pk")).exclude(phone__startswith="#")
    rows = erased.filter(Exists(texts.exclude(name=ERASED_NAME)) | Exists(joined))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def texted(tenant: Tenant, ids: Collection[int]) -> set[int]:
    """Those of the members that a text was written to, or to a guardian with their brothers and sisters."""
    listed = "jsonb_array_elements_text(%s::jsonb) v" if connection.vendor == "postgresql" else "json_each(%s) v"
    # A look at the index for each member, however many texts there are of one.
    asked = " OR ".join(
        f"EXISTS (SELECT 1 FROM {table} m WHERE m.tenant_id = %s AND m.member_id = CAST(v.value AS bigint))"
        for table in ("messaging_message", "messaging_joined")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT CAST(v.value AS bigint) FROM {listed} WHERE {asked}", [json.dumps(list(ids)), tenant.pk, tenant.pk]
        )
        return {row[0] for row in cursor.fetchall()}


def _joined_of(tenant: Tenant, ids: list[int]) -> dict[Number, list[int]]:
    """The texts that are for these members beside another, and the rows that say so."""
    found: dict[Number, list[int]] = {}
    rows = Joined.objects.filter(tenant=tenant, member_id__in=ids).exclude(phone__startswith="#")
    for pk, dispatch, phone in rows.values_list("pk", "dispatch_id", "phone"):
        found.setdefault((dispatch, phone), []).append(pk)
    return found


def _closed(tenant: Tenant, ids: list[int], numbers: set[Number]) -> dict[int, Number]:
    """The messages to these members or numbers of whom nothing more is to be heard."""
    known = Message.objects.filter(IS_CLOSED, tenant=tenant).exclude(phone__startswith="#")
    columns = ("pk", "dispatch_id", "phone")
    rows = list(known.filter(member_id__in=ids).values_list(*columns))
    if numbers:
        near = known.filter(dispatch_id__in={one[0] for one in numbers}, phone__in={one[1] for one in numbers})
        rows += [row for row in near.values_list(*columns) if row[1:] in numbers]
    return {pk: (dispatch, phone) for pk, dispatch, phone in rows}


def _same_text(tenant: Tenant) -> dict[str, Any]:
    """Of Joined: the rows of a message."""
    return {"tenant": tenant, "dispatch": OuterRef("dispatch"), "phone": OuterRef("phone")}


def _living(gone: list[int]) -> QuerySet[Member]:
    """Whom a message, or a row of Joined, is for, if that is somebody still."""
    return Member.objects.filter(pk=OuterRef("member_id"), erased_at=None).exclude(pk__in=gone)


def _forget_pasted(tenant: Tenant, numbers: set[Number]) -> None:
    """Numbers that were pasted into an audience or named to be left out, with the names beside them; held, for others
    may be forgotten now."""
    gone: dict[int, set[str]] = {}
    for dispatch, phone in numbers:
        gone.setdefault(dispatch, set()).add(plain_number(phone))
    rows = Dispatch.objects.filter(tenant=tenant, pk__in=gone).order_by("pk").select_for_update(no_key=True)
    for row in rows.only("audience"):
        kept = dict(row.audience)
        if "phones" in kept:
            kept["phones"] = _without(kept["phones"], gone[row.pk])
        if (kept.get("except") or {}).get("phones"):
            kept["except"] = kept["except"] | {"phones": _without(kept["except"]["phones"], gone[row.pk])}
        if kept != row.audience:
            row.audience = kept
            row.save(update_fields=["audience"])


def _without(pasted: list[Any], gone: set[str]) -> list[Any]:
    """People pasted them as they liked, with hyphens or without."""
    return [one for one in pasted if plain_number(one[0]) not in gone]
