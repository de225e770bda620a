"""Erasing a person: what is theirs goes, the row and its ledgers stay with ids alone. Nobody is brought back from it.

Each app to the right registers an eraser for what it keeps of a member; it may be called again for the same ids.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from accounts import uploads
from accounts.models import Tenant, Upload
from members.enums import PassEntryKind
from members.models import Due, DueEntry, DuePlan, Member, Note, Pass, PassEntry, PassType, StageChange
from members.selectors.own_fields import file_subject
from members.services import import_leftovers, kept_parts, marks
from members.services.snapshots import delete_of, rows_of

ERASED_NAME, ERASED_PASS, ERASED_DUE = "삭제된 회원", "이용권", "회비"
CHUNK = 5000
# What goes with the person, row and all. (Notes stay as empty rows, for whoever's timeline counts them.)
GOES = ("members_membership", "members_membertag", "members_contact")
Eraser = Callable[[Tenant, Collection[int]], None]
Waiting = Callable[[Tenant], list[int]]
_erasers: dict[str, Eraser] = {}
_waiting: list[Waiting] = []


def register(name: str, eraser: Eraser, waiting: Waiting) -> None:
    """Have `eraser(tenant, ids)` called whenever members are erased, inside that transaction; and daily again for whom
    `waiting(tenant)` gives: erased members of whom something could not go yet, like a text that was under way."""
    _erasers[name] = eraser
    _waiting.append(waiting)


def erase(*, tenant: Tenant, ids: Collection[int], now: datetime) -> int:
    """Anonymise these members, whoever they are, and those merged into them; returns how many were not yet erased.

    Inside the caller's transaction, which also has to move the groups' counters where any of them was living.
    """
    every = [*ids]
    layer: Collection[int] = ids
    while layer:
        layer = [row[0] for row in rows_of("members_member", "t.id", tenant, layer, "TRUE", "merged_into_id")]
        every += layer
    count = 0
    marks.hold_members(every)
    for start in range(0, len(every), CHUNK):
        count += _erase(tenant, every[start : start + CHUNK], now)
    kept_parts.forget(tenant=tenant, ids=set(every))
    return count


def _erase(tenant: Tenant, ids: list[int], now: datetime) -> int:
    _drop_files(tenant, ids)
    people = Member.objects.filter(tenant=tenant, pk__in=ids, erased_at=None).values_list("name", "phone")
    import_leftovers.forget(tenant=tenant, people=list(people))
    living = Member.objects.filter(tenant=tenant, pk__in=ids, erased_at=None)
    count = living.update(**_nobody(), deleted_at=Coalesce("deleted_at", now), erased_at=now, updated_at=now)
    Note.objects.filter(tenant=tenant, member_id__in=ids).update(text="", upload=None)
    _empty_ledgers(tenant, ids)
    for table in GOES:
        delete_of(table, tenant, ids)
    for eraser in _erasers.values():
        eraser(tenant, ids)
    return count


def _empty_ledgers(tenant: Tenant, ids: list[int]) -> None:
    """Words that people typed go out of the ledgers, whose walls allow just this; kinds, days and amounts stay.

    A pass that changed hands carries its note on both sides, and it may name either of the two.
    """
    of = Q(of__member__in=ids) | Q(kind=PassEntryKind.RECEIVED, of__received_from__member__in=ids)
    received = Pass.objects.filter(tenant=tenant, member__in=ids).exclude(received_from=None).values("received_from")
    of |= Q(kind=PassEntryKind.GIVEN, of__in=received)
    PassEntry.objects.filter(of, tenant=tenant).exclude(note="").update(note="")
    DueEntry.objects.filter(tenant=tenant, due__member__in=ids).exclude(note="").update(note="")
    StageChange.objects.filter(tenant=tenant, member__in=ids).exclude(source="").update(source="")
    sold = PassType.objects.filter(pk=OuterRef("type")).values("name")
    Pass.objects.filter(tenant=tenant, member__in=ids).update(name=Coalesce(Subquery(sold), Value(ERASED_PASS)))
    planned = DuePlan.objects.filter(pk=OuterRef("plan")).values("name")
    Due.objects.filter(tenant=tenant, member__in=ids).update(name=Coalesce(Subquery(planned), Value(ERASED_DUE)))


def _nobody() -> dict[str, Any]:
    """A person's columns without the person."""
    return {
        "name": ERASED_NAME, "phone": "", "birth_date": None, "birthday": "", "next_birthday": None, "source": "",
        "memo": "", "fields": {}, "ad_consent_at": None, "night_consent_at": None, "dead_at": None, "name_cho": "",
        "tokens": "",
    }  # fmt: skip


def _drop_files(tenant: Tenant, ids: list[int]) -> None:
    """Files of notes and of the tenant's own columns, those too that were replaced or lie under a deleted column."""
    subjects = [file_subject(pk) for pk in ids]
    uploads.erase(tenant=tenant, rows=Upload.objects.filter(tenant=tenant, subject__in=subjects))


def erase_the_rest(*, tenant: Tenant) -> None:
    """Call the erasers once more for whom they could not finish with."""
    ids = sorted({pk for waiting in _waiting for pk in waiting(tenant)})
    for start in range(0, len(ids), CHUNK):
        with transaction.atomic():
            for eraser in _erasers.values():
                eraser(tenant, ids[start : start + CHUNK])
