"""Two members become one, and two again. (messaging's merge fields are something else.)

`kept` gets the values a person chose, and everything that lists look for: groups, tags, contacts. Passes, dues, visits,
notes and texts stay with `gone`, whose row says `merged_into`; readers look at both (selectors.merged). The chain is
always one step long: who was part of `gone` becomes part of `kept`.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.audit import Actor, user_of
from accounts.models import Tenant
from members.exceptions import MergeNotFound, MergeNotUndoable, NotToBeMerged
from members.models import Consent, Contact, Member, Membership, MemberTag, Merge, StageChange
from members.selectors.merged import ids_with
from members.services import attendance, consents, contacts, dues, pass_ledger, phones, snapshots, trash
from members.services import groups as grouping
from members.services.consents import COLUMNS, Word
from members.services.kept_parts import KEPT
from members.services.snapshots import Held, Values
from members.services.values import MEMO_LONGEST
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
Refusals = Callable[[Tenant, Collection[str]], set[str]]
_refusals: list[Refusals] = []


def register_refusals(finder: Refusals) -> None:
    """Tell of phones whose bearer refused ads elsewhere than in the ledger: `finder(tenant, phones)` gives those."""
    _refusals.append(finder)


@transaction.atomic
def unite(*, tenant: Tenant, by: Actor, kept: int, gone: int, choose: Mapping[str, str] | None = None) -> Merge:
    """Make `gone` a part of `kept`. `choose` says for a column ("phone", "fields.반") whose value stays: kept or gone.

    Unsaid, a value that only one of them has stays, else the kept one's. Nobody can choose a consent where one of the
    two refused.
    """
    held = snapshots.take(tenant, [kept, gone])
    if kept == gone or any(pk not in held or held[pk].deleted or held[pk].erased for pk in (kept, gone)):
        raise NotToBeMerged
    mine, theirs, said = held[kept].values, held[gone].values, choose or {}
    if set(said) - set(options(mine, theirs)) or not set(said.values()) <= {KEPT_SIDE, GONE_SIDE}:
        raise NotToBeMerged(fields={"choose": [NotToBeMerged.message]})
    refused = refusals(tenant, {kept: mine, gone: theirs})
    after = mine | joined(mine, theirs, preferred(refused, kept, mine, theirs) | dict(said))
    after |= {column: None for kind, column in COLUMNS.items() if refused[kind]}
    if len(after["memo"]) > MEMO_LONGEST:
        raise NotToBeMerged(NotToBeMerged.memo)
    was, became = snapshots.difference(mine, after)
    merge = Merge.objects.create(
        tenant=tenant, kept_id=kept, gone_id=gone, by=user_of(by), before={"was": was, "became": became}
    )
    moved = _take_over(tenant, kept, gone)
    news = {column: value for column, value in after.items() if value != mine[column]}
    words = [
        Word(kept, kind, after[column] is not None)
        for kind, column in COLUMNS.items()
        if column in news or (refused[kind] and not _refuses(tenant, kept, kind))
    ]
    _say(tenant, by, words, _source(merge))
    _write(tenant, by, kept, {kept: held[kept]}, news)
    now = times.now()
    carried = list(Member.objects.filter(tenant=tenant, merged_into=gone).values_list("pk", flat=True))
    Member.objects.filter(tenant=tenant, merged_into=gone).update(merged_into=kept)
    Member.objects.filter(tenant=tenant, pk=gone).update(merged_into=kept, deleted_at=now)
    merge.moved = moved | {"carried": carried}
    merge.save(update_fields=["moved"])
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
    reach = consents.reach_of(tenant, [kept], _source(merge))
    was, became = merge.before["was"], merge.before["became"]
    back, stayed = snapshots.taken_back(held[kept].values, reach.still(kept, was), became, reach.stays(kept))
    for model in (Membership, MemberTag):
        ids = merge.moved.get(model._meta.model_name or "", [])
        model._default_manager.filter(tenant=tenant, pk__in=ids, member_id=kept).delete()
    if contacts.remove_printed(tenant=tenant, rows=merge.moved.get("contact", [])):
        stayed.append("contact")
    trash.take_back(tenant=tenant, ids=[gone], part_of=kept)
    Member.objects.filter(tenant=tenant, pk__in=merge.moved["carried"], merged_into=kept).update(merged_into=gone)
    after = held[kept].values | back
    consents.take_back(tenant=tenant, by=by, reach=reach, source=_source(merge), values={kept: after}, now=times.now())
    _write(tenant, by, kept, held, back)
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


def preferred(refused: Mapping[str, set[int]], kept: int, mine: Values, theirs: Values) -> dict[str, str]:
    """Whose value is the better one of each, unless a person says otherwise."""
    found = {}
    for word in options(mine, theirs):
        own, other = side(mine, word), side(theirs, word)
        found[word] = GONE_SIDE if other and not own else KEPT_SIDE
    for kind, who in refused.items():
        if who:  # the stricter: whoever said no
            found[kind] = KEPT_SIDE if kept in who else GONE_SIDE
    return found


def refusals(tenant: Tenant, people: Mapping[int, Values]) -> dict[str, set[int]]:
    """Which of these refused each kind: by their last word, in their own ledger or in that of one who is part of them,
    or by their phone."""
    numbers = {values["phone"] for values in people.values() if values["phone"]}
    out = {phone for finder in _refusals for phone in finder(tenant, numbers)}
    by_phone = {pk for pk, values in people.items() if values["phone"] in out}
    return {kind: by_phone | {pk for pk in people if _refuses(tenant, pk, kind, with_parts=True)} for kind in COLUMNS}


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
    return f"{mine}\n{theirs}".strip()


def _refuses(tenant: Tenant, member: int, kind: str, *, with_parts: bool = False) -> bool:
    """Whether the last thing said of a consent was no."""
    ids = ids_with(tenant, Member(pk=member)) if with_parts else [member]
    rows = Consent.objects.filter(tenant=tenant, member_id__in=ids, kind=kind).order_by("-at", "-id")
    last = rows.values_list("given", "undoes").first()
    return last == (False, False)


# --- writing ------------------------------------------------------------------------------------------------------


def _take_over(tenant: Tenant, kept: int, gone: int) -> dict[str, list[Any]]:
    """Groups, tags and contacts of `gone` that `kept` has not: rows of its own, by which they are taken back."""
    mine = {"tenant": tenant, "member_id": kept}
    groups = _others(Membership, tenant, kept, gone, "group_id")
    tags = _others(MemberTag, tenant, kept, gone, "tag_id")
    made: dict[str, list[Any]] = {
        "membership": [Membership.objects.create(**mine, group_id=pk) for pk in groups],
        "membertag": [MemberTag.objects.create(**mine, tag_id=pk) for pk in tags],
    }
    had = set(Contact.objects.filter(tenant=tenant, member_id=kept).values_list("role", "phone"))
    theirs = Contact.objects.filter(tenant=tenant, member_id=gone).order_by("position", "id")
    news = [row for row in theirs if (row.role, row.phone) not in had]
    if news and len(had) + len(news) > contacts.MOST:
        raise NotToBeMerged(NotToBeMerged.contacts)
    last = Contact.objects.filter(tenant=tenant).order_by("-pk").values_list("pk", flat=True).first() or 0
    for row in news:
        row.pk, row.member_id, row._state.adding, row.position = None, kept, True, row.position + len(had)
        row.save(force_insert=True)
    moved = {name: [row.pk for row in rows] for name, rows in made.items()}
    return moved | {"contact": contacts.printed(tenant, [kept], after=last)}


def _others(model: Any, tenant: Tenant, kept: int, gone: int, column: str) -> list[int]:
    rows = model.objects.filter(tenant=tenant)
    had = set(rows.filter(member_id=kept).values_list(column, flat=True))
    theirs = rows.filter(member_id=gone).order_by("id").values_list(column, flat=True)
    return [pk for pk in theirs if pk not in had]


def _source(merge: Merge) -> str:
    """By which the ledger of consent knows what this merge said."""
    return f"{consents.MERGED}{merge.pk}"


def _say(tenant: Tenant, by: Actor, words: list[Word], source: str) -> None:
    consents.write(tenant=tenant, by=by, words=words, source=source, now=times.now())


def _write(tenant: Tenant, by: Actor, pk: int, held: Mapping[int, Held], values: Values) -> None:
    """The kept one's columns, and what the ledger of stages hears of it."""
    if "stage" in values:
        StageChange.objects.create(tenant=tenant, member_id=pk, stage=values["stage"], on=times.today(), by=user_of(by))
    changes = {column: value for column, value in values.items() if column != "updated_at"}
    # The name goes with whatever else does, so that what is found by the contacts that came along is derived too.
    name = held[pk].values["name"]
    snapshots.put(tenant=tenant, changes={pk: {"name": name} | changes}, held=held, now=times.now())
    if "phone" in values:
        dead = phones.flagged_at(tenant=tenant, phone=values["phone"])
        Member.objects.filter(tenant=tenant, pk=pk).update(dead_at=dead)


def _still_part(tenant: Tenant, gone: int, kept: int) -> bool:
    return Member.objects.filter(tenant=tenant, pk=gone, merged_into=kept, erased_at=None).exists()


def _count(tenant: Tenant, ids: list[int]) -> None:
    """Groups' counters, and what the ledgers of both come to."""
    groups = set(Membership.objects.filter(tenant=tenant, member_id__in=ids).values_list("group_id", flat=True))
    grouping.lock(tenant=tenant, ids=groups)
    grouping.recount(tenant=tenant, ids=groups)
    for pk in ids:
        pass_ledger.bring_up_member(tenant, pk, times.today())
        dues.bring_up_member(tenant, pk)
        attendance.bring_up_member(tenant, pk)
