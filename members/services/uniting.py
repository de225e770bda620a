"""Two members become one, and two again. (messaging's merge fields are something else.)

`kept` gets the values a person chose, and everything that lists look for: groups, tags, contacts. Passes, dues, visits,
notes and texts stay with `gone`, whose row says `merged_into`; readers look at both (selectors.merged). The chain is
always one step long: who was part of `gone` becomes part of `kept`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.audit import Actor, user_of
from accounts.models import Tenant
from members.enums import ConsentKind
from members.exceptions import MergeNotFound, MergeNotUndoable, NotToBeMerged
from members.models import Consent, Contact, Member, Membership, MemberTag, Merge, StageChange
from members.services import attendance, dues, pass_ledger, phones, snapshots
from members.services import groups as grouping
from members.services.kept_parts import KEPT
from members.services.snapshots import Held, Values
from ui import times

KEPT_SIDE, GONE_SIDE = "kept", "gone"
# What is chosen together under one word; each field of the tenant's own is chosen by "fields.<key>".
CHOICES = {
    "name": ("name",),
    "phone": ("phone",),
    "birthday": ("birth_date", "birthday"),
    "stage": ("stage", "stage_on"),
    "source": ("source",),
    "ad": ("ad_consent_at",),
    "night": ("night_consent_at",),
}
CONSENTS = {"ad": ConsentKind.AD, "night": ConsentKind.NIGHT}
MEMO_MOST = 2000
SOURCE = "회원 합치기"


@transaction.atomic
def unite(*, tenant: Tenant, by: Actor, kept: int, gone: int, choose: Mapping[str, str] | None = None) -> Merge:
    """Make `gone` a part of `kept`. `choose` says for a column ("phone", "fields.반") whose value stays: kept or gone.

    Unsaid, a value that only one of them has stays, else the kept one's; of consents the stricter word.
    """
    held = snapshots.take(tenant, [kept, gone])
    if kept == gone or any(pk not in held or held[pk].deleted or held[pk].erased for pk in (kept, gone)):
        raise NotToBeMerged
    mine, theirs, said = held[kept].values, held[gone].values, choose or {}
    if set(said) - set(options(mine, theirs)) or not set(said.values()) <= {KEPT_SIDE, GONE_SIDE}:
        raise NotToBeMerged(fields={"choose": [NotToBeMerged.message]})
    after = mine | joined(mine, theirs, preferred(tenant, kept, gone, mine, theirs) | dict(said))
    was, became = snapshots.difference(mine, after)
    moved = _take_over(tenant, kept, gone)
    _write(tenant, by, kept, {kept: held[kept]}, {column: after[column] for column in became}, SOURCE)
    now = times.now()
    carried = list(Member.objects.filter(tenant=tenant, merged_into=gone).values_list("pk", flat=True))
    Member.objects.filter(tenant=tenant, merged_into=gone).update(merged_into=kept)
    Member.objects.filter(tenant=tenant, pk=gone).update(merged_into=kept, deleted_at=now)
    merge = Merge.objects.create(
        tenant=tenant, kept_id=kept, gone_id=gone, by=user_of(by), before={"was": was, "became": became},
        moved=moved | {"carried": carried},
    )  # fmt: skip
    _count(tenant, [kept, gone])
    audit.record(tenant=tenant, by=by, kind="member.merged", subject=f"member:{kept}", fields=sorted(became))
    return merge


@transaction.atomic
def part(*, tenant: Tenant, by: Actor, pk: int) -> tuple[Merge, list[str]]:
    """Take a merge back, within thirty days: both are there again. Returns the columns that somebody changed since,
    which stay with the kept one. Twice is once."""
    merge = Merge.objects.select_for_update().filter(tenant=tenant, pk=pk).first()
    if merge is None:
        raise MergeNotFound
    if merge.undone_at:
        return merge, []
    kept, gone = merge.kept_id, merge.gone_id
    held = snapshots.take(tenant, [kept, gone])
    if not undoable(merge) or kept not in held or held[kept].erased or not _still_part(tenant, gone, kept):
        raise MergeNotUndoable
    back, stayed = snapshots.taken_back(held[kept].values, merge.before["was"], merge.before["became"])
    for model in (Membership, MemberTag, Contact):
        ids = merge.moved.get(model._meta.model_name or "", [])
        model._default_manager.filter(tenant=tenant, pk__in=ids, member_id=kept).delete()
    Member.objects.filter(tenant=tenant, pk=gone).update(merged_into=None, deleted_at=None)
    Member.objects.filter(tenant=tenant, pk__in=merge.moved["carried"], merged_into=kept).update(merged_into=gone)
    _write(tenant, by, kept, held, back, f"{SOURCE} 되돌림")
    snapshots.find_anew(tenant=tenant, ids=[kept])
    merge.undone_at = times.now()
    merge.save(update_fields=["undone_at"])
    _count(tenant, [kept, gone])
    audit.record(tenant=tenant, by=by, kind="member.parted", subject=f"member:{kept}", fields=sorted(stayed))
    return merge, stayed


def undoable(merge: Merge, now: datetime | None = None) -> bool:
    """Whether it can still be taken back, as far as the merge itself says."""
    return merge.undone_at is None and bool(merge.before) and merge.created_at > (now or times.now()) - KEPT


# --- which value stays --------------------------------------------------------------------------------------------


def options(mine: Values, theirs: Values) -> list[str]:
    """What can be chosen of two members."""
    return [*CHOICES, *(f"fields.{key}" for key in dict.fromkeys([*mine["fields"], *theirs["fields"]]))]


def preferred(tenant: Tenant, kept: int, gone: int, mine: Values, theirs: Values) -> dict[str, str]:
    """Whose value is the better one of each, unless a person says otherwise."""
    found = {}
    for word in options(mine, theirs):
        own, other = side(mine, word), side(theirs, word)
        found[word] = GONE_SIDE if other and not own else KEPT_SIDE
    for word, kind in CONSENTS.items():
        refused = _last_word(tenant, kept, kind) is False, _last_word(tenant, gone, kind) is False
        if any(refused):  # the stricter: whoever said no
            found[word] = KEPT_SIDE if refused[0] else GONE_SIDE
    return found


def side(values: Values, word: str) -> Any:
    """A member's value of what is chosen under one word."""
    if word.startswith("fields."):
        return values["fields"].get(word.removeprefix("fields."))
    return next((values[column] for column in CHOICES[word] if values[column]), None)


def joined(mine: Values, theirs: Values, chosen: Mapping[str, str]) -> Values:
    """The columns of the two together: memos one below the other, of the rest what was chosen."""
    after: Values = {"fields": dict(mine["fields"]), "memo": _memos(mine["memo"], theirs["memo"])}
    for word, whose in chosen.items():
        if whose != GONE_SIDE:
            continue
        if word.startswith("fields."):
            key = word.removeprefix("fields.")
            after["fields"].pop(key, None)
            if key in theirs["fields"]:
                after["fields"][key] = theirs["fields"][key]
        else:
            after |= {column: theirs[column] for column in CHOICES[word]}
    return after


def _memos(mine: str, theirs: str) -> str:
    if not theirs or theirs in mine:
        return mine
    return f"{mine}\n{theirs}".strip()[:MEMO_MOST]


def _last_word(tenant: Tenant, member: int, kind: str) -> bool | None:
    """The last thing said of a consent; None where nothing ever was."""
    rows = Consent.objects.filter(tenant=tenant, member_id=member, kind=kind).order_by("-at", "-id")
    return rows.values_list("given", flat=True).first()


# --- writing ------------------------------------------------------------------------------------------------------


def _take_over(tenant: Tenant, kept: int, gone: int) -> dict[str, list[int]]:
    """Groups, tags and contacts of `gone` that `kept` has not: rows of its own, by whose ids they are taken back."""
    mine = {"tenant": tenant, "member_id": kept}
    groups = _others(Membership, tenant, kept, gone, "group_id")
    tags = _others(MemberTag, tenant, kept, gone, "tag_id")
    made: dict[str, list[Any]] = {
        "membership": [Membership.objects.create(**mine, group_id=pk) for pk in groups],
        "membertag": [MemberTag.objects.create(**mine, tag_id=pk) for pk in tags],
        "contact": [],
    }
    had = set(Contact.objects.filter(tenant=tenant, member_id=kept).values_list("role", "phone"))
    for row in Contact.objects.filter(tenant=tenant, member_id=gone).order_by("position", "id"):
        if (row.role, row.phone) not in had:
            row.pk, row.member_id, row._state.adding, row.position = None, kept, True, row.position + len(had)
            row.save(force_insert=True)
            made["contact"].append(row)
    return {name: [row.pk for row in rows] for name, rows in made.items()}


def _others(model: Any, tenant: Tenant, kept: int, gone: int, column: str) -> list[int]:
    rows = model.objects.filter(tenant=tenant)
    had = set(rows.filter(member_id=kept).values_list(column, flat=True))
    theirs = rows.filter(member_id=gone).order_by("id").values_list(column, flat=True)
    return [pk for pk in theirs if pk not in had]


def _write(tenant: Tenant, by: Actor, pk: int, held: Mapping[int, Held], values: Values, source: str) -> None:
    """The kept one's columns, and what the ledgers of consent and stage hear of it."""
    now, user = times.now(), user_of(by)
    for column, kind in (("ad_consent_at", ConsentKind.AD), ("night_consent_at", ConsentKind.NIGHT)):
        if column in values:
            Consent.objects.create(
                tenant=tenant, member_id=pk, kind=kind, given=values[column] is not None, source=source, at=now,
                recorded_by=user,
            )  # fmt: skip
    if "stage" in values:
        StageChange.objects.create(tenant=tenant, member_id=pk, stage=values["stage"], on=times.today(), by=user)
    changes = {column: value for column, value in values.items() if column != "updated_at"}
    # The name goes with whatever else does, so that what is found by the contacts that came along is derived too.
    name = held[pk].values["name"]
    snapshots.put(tenant=tenant, changes={pk: {"name": name} | changes}, held=held, now=now)
    if "phone" in values:
        dead = phones.flagged_at(tenant=tenant, phone=values["phone"])
        Member.objects.filter(tenant=tenant, pk=pk).update(dead_at=dead)


def _still_part(tenant: Tenant, gone: int, kept: int) -> bool:
    return Member.objects.filter(tenant=tenant, pk=gone, merged_into=kept, erased_at=None).exists()


def _count(tenant: Tenant, ids: list[int]) -> None:
    """Groups' counters, and what the ledgers of both come to."""
    groups = set(Membership.objects.filter(tenant=tenant, member_id__in=ids).values_list("group_id", flat=True))
    grouping.lock(tenant=tenant, ids=groups)
    grouping.recount(tenant=tenant)
    for pk in ids:
        pass_ledger.bring_up_member(tenant, pk, times.today())
        dues.bring_up_member(tenant, pk)
        attendance.bring_up_member(tenant, pk)
