"""The same change to many members: looked at first, done in one transaction, taken back for thirty days.

A few are done while the person waits; many by a worker, who may die at any point: all of it is done, or nothing. What
each had before is the difference of two snapshots, so whatever the services change is covered. `hung` of a part's rows:
{"groups": [[added row, group]], "ungrouped": [group], "tags": [[added row, tag]], "untagged": [tag]}.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from accounts import audit
from accounts.audit import Actor, user_of
from accounts.exceptions import Refusal
from accounts.models import Tag, Tenant
from accounts.ringing import ring
from accounts.scoping import outside
from config.queues import BULK
from members.enums import BulkEditState as State
from members.exceptions import BulkEditNotFound, BulkEditNotUndoable, NobodyPicked, TooManyPicked
from members.models import BulkEdit, BulkEditPart, Group, Member, Membership, MemberTag, StageChange
from members.services import bulk_changes, marks, snapshots, stages
from members.services import groups as grouping
from members.services import tags as tagging
from members.services.import_rows import lock_roster
from members.services.kept_parts import KEPT
from members.services.snapshots import Values
from ui import times

AT_ONCE = 500  # done while somebody waits
MOST = 100_000
PART = 5000
LOOKED_AT = 20_000  # so many are looked through for the numbers of a preview
SHOWN = 8
LEFT_KEPT = 1000
LEASE = timedelta(minutes=10)
GIVEN_UP_AFTER = timedelta(hours=2)


class Line(NamedTuple):
    """One member of a preview: (column, before, after) of each thing that changes."""

    member: Member
    changes: list[tuple[str, Any, Any]]


class Preview(NamedTuple):
    """How many are meant and how many of them change; None where they are too many to be looked through."""

    count: int  # type: ignore[assignment]
    changed: int | None
    lines: list[Line]


def preview(*, tenant: Tenant, members: QuerySet[Member], change: Mapping[str, Any]) -> Preview:
    """What the change would do; nothing is written. (A field that is new is made when it is done.)"""
    with transaction.atomic():
        clean = bulk_changes.checked(tenant, change)
        ids = _picked(tenant, members)
        changed = 0
        lines: list[tuple[int, Any]] = []
        for start in range(0, min(len(ids), LOOKED_AT), PART):
            found = _foreseen(tenant, ids[start : start + PART], clean)
            changed += len(found)
            lines += list(found.items())[: SHOWN - len(lines)]
        people = Member.objects.filter(tenant=tenant).in_bulk([pk for pk, _changes in lines])
        shown = [Line(people[pk], changes) for pk, changes in lines if pk in people]
        transaction.set_rollback(True)  # a field that the change would make
    return Preview(len(ids), changed if len(ids) <= LOOKED_AT else None, shown)


def edit(*, tenant: Tenant, by: Actor, members: QuerySet[Member], change: Mapping[str, Any]) -> BulkEdit:
    """Do it: at once for a few, by a worker for many. Whom it is for is settled here."""
    with transaction.atomic():
        clean = bulk_changes.checked(tenant, change)
        ids = _picked(tenant, members)
        row = BulkEdit.objects.create(tenant=tenant, change=clean, count=len(ids), by=user_of(by))
        for number, start in enumerate(range(0, len(ids), PART), 1):
            before = [[pk] for pk in ids[start : start + PART]]
            BulkEditPart.objects.create(tenant=tenant, edit=row, number=number, before=before)
        ring("members.bulk_edit", tenant.pk, row.pk, queue=BULK)
    return _now(tenant, row)


def undo(*, tenant: Tenant, by: Actor, pk: int) -> BulkEdit:
    """Take an edit back, within thirty days: values return where they are as the edit left them. Twice is once."""
    with transaction.atomic():
        row = BulkEdit.objects.select_for_update(of=("self",)).filter(tenant=tenant, pk=pk).first()
        if row is None:
            raise BulkEditNotFound
        if row.state in (State.UNDOING, State.UNDONE):
            return row
        if not undoable(row):
            raise BulkEditNotUndoable
        row.state, row.asked_at, row.lease_until = State.UNDOING, times.now(), None
        row.undone_by, row.problem = user_of(by), ""
        row.save(update_fields=["state", "asked_at", "lease_until", "undone_by", "problem"])
        ring("members.bulk_edit", tenant.pk, row.pk, queue=BULK)
    return _now(tenant, row)


def undoable(row: BulkEdit) -> bool:
    """Whether it can still be taken back."""
    return row.state == State.DONE and row.changed > 0 and row.created_at > times.now() - KEPT


def work(*, tenant: Tenant, pk: int, wait: bool = True) -> bool:
    """Do or undo an edit that is waiting; False if it is not, or another worker is at it, or, without `wait`, a big
    deed holds the roster. A refusal on the way ends the edit with its sentence."""
    now = times.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    waiting = BulkEdit.objects.filter(free, tenant=tenant, pk=pk, state__in=[State.APPLYING, State.UNDOING])
    if not waiting.update(lease_until=now + LEASE):
        return False
    row = BulkEdit.objects.select_related("by", "undone_by").get(pk=pk)
    held = BulkEdit.objects.filter(pk=pk, lease_until=row.lease_until)
    try:
        with transaction.atomic():
            if not held.select_for_update(of=("self",)).exists():
                return False
            if not lock_roster(tenant, wait=wait):
                held.update(lease_until=None)
                return False
            _do(tenant, row)
    except Refusal as refusal:
        ends = State.FAILED if row.state == State.APPLYING else State.DONE
        held.update(state=ends, problem=str(refusal)[:300], undone_by=None, lease_until=None)
    return True


def _do(tenant: Tenant, row: BulkEdit) -> None:
    parts = BulkEditPart.objects.filter(tenant=tenant, edit=row).order_by("number")
    for part in parts.iterator(1):
        # All members before any group, as in every deed here: two deeds may wait for each other, never in a ring.
        marks.hold_members(one[0] for one in part.before)
    if row.state == State.APPLYING:
        _apply(tenant, row)
    else:
        _undo(tenant, row)
    row.lease_until = None
    row.save(update_fields=["state", "changed", "left", "undone_at", "lease_until"])


def rescue_edits() -> int:
    """Ring again for edits nobody heard of or whose worker is gone; what fails for two hours is given up."""
    now = times.now()
    with outside("the watch looks at the edits of all tenants"):
        free = Q(lease_until=None, asked_at__lt=now - timedelta(seconds=20)) | Q(lease_until__lt=now)
        due = BulkEdit.objects.filter(free, state__in=[State.APPLYING, State.UNDOING])
        tired = due.filter(asked_at__lt=now - GIVEN_UP_AFTER)
        tired.filter(state=State.APPLYING).update(state=State.FAILED, lease_until=None)
        tired.filter(state=State.UNDOING).update(state=State.DONE, undone_by=None, lease_until=None)
        rows = list(due.order_by("id").values_list("tenant_id", "pk")[:200])
    for tenant, pk in rows:
        ring("members.bulk_edit", tenant, pk, queue=BULK)
    return len(rows)


def _now(tenant: Tenant, row: BulkEdit) -> BulkEdit:
    """A few are not worth a worker's way; if this dies, the bell has been rung all the same. Nobody waits here for an
    import to end."""
    if row.count <= AT_ONCE:
        work(tenant=tenant, pk=row.pk, wait=False)
        row.refresh_from_db()
    return row


def _picked(tenant: Tenant, members: QuerySet[Member]) -> list[int]:
    rows = members.filter(tenant=tenant, deleted_at=None).order_by()
    ids = sorted(rows.values_list("pk", flat=True)[: MOST + 1])
    if not ids:
        raise NobodyPicked
    if len(ids) > MOST:
        raise TooManyPicked
    return ids


# --- before → after -------------------------------------------------------------------------------------------------


def _foreseen(tenant: Tenant, ids: list[int], change: Mapping[str, Any]) -> dict[int, list[tuple[str, Any, Any]]]:
    """For each of the members that change: what, as (column, before, after)."""
    found: dict[int, list[tuple[str, Any, Any]]] = {}
    in_groups, tagged = _hung(tenant, ids, change)
    tags = {tag.name: tag.pk for tag in Tag.objects.filter(tenant=tenant, name__in=_names(change))}
    for pk, held in snapshots.take(tenant, ids, lock=False).items():
        lines = [_line(held.values, column, after) for column, after in _columns(change, held.values).items()]
        mine, carried = in_groups.get(pk, set()), tagged.get(pk, set())
        lines += [("groups_add", None, group) for group in change.get("groups_add", ()) if group not in mine]
        lines += [("groups_remove", group, None) for group in change.get("groups_remove", ()) if group in mine]
        lines += [("tags_add", None, name) for name in change.get("tags_add", ()) if tags.get(name) not in carried]
        lines += [("tags_remove", name, None) for name in change.get("tags_remove", ()) if tags.get(name) in carried]
        if lines:
            found[pk] = lines
    return found


def _columns(change: Mapping[str, Any], held: Values) -> Values:
    columns = bulk_changes.columns_of(change, held)
    if change.get("stage") and change["stage"] != held["stage"]:
        columns["stage"] = change["stage"]
    return columns


def _line(held: Values, column: str, after: Any) -> tuple[str, Any, Any]:
    if column != "fields":
        return column, held[column], after
    before = held["fields"]
    differ = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    return column, {key: before.get(key, "") for key in differ}, {key: after.get(key, "") for key in differ}


def _names(change: Mapping[str, Any]) -> list[str]:
    return [*change.get("tags_add", ()), *change.get("tags_remove", ())]


def _hung(
    tenant: Tenant, ids: Collection[int], change: Mapping[str, Any]
) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
    """The groups and the tags that each of the members has, of those that the change is about."""
    groups = [*change.get("groups_add", ()), *change.get("groups_remove", ())]
    tags = list(Tag.objects.filter(tenant=tenant, name__in=_names(change)).values_list("pk", flat=True))
    return _sets(_rows(tenant, ids, "membership", "group_id", groups)), _sets(
        _rows(tenant, ids, "membertag", "tag_id", tags)
    )


def _rows(tenant: Tenant, ids: Collection[int], table: str, column: str, wanted: list[int]) -> list[tuple[Any, ...]]:
    """(row, member, group or tag)."""
    if not wanted:
        return []
    listed = ", ".join(str(int(pk)) for pk in wanted)
    where = f"t.{column} IN ({listed})"
    return snapshots.rows_of(f"members_{table}", f"t.id, t.member_id, t.{column}", tenant, ids, where)


def _sets(rows: list[tuple[Any, ...]]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for _row, member, thing in rows:
        found.setdefault(member, set()).add(thing)
    return found


# --- doing --------------------------------------------------------------------------------------------------------


def _apply(tenant: Tenant, row: BulkEdit) -> None:
    change, row.changed = row.change, 0
    for part in BulkEditPart.objects.filter(tenant=tenant, edit=row).order_by("number"):
        part.before = _edit_part(tenant, row, change, [one[0] for one in part.before])
        part.save(update_fields=["before"])
        row.changed += len(part.before)
    row.state = State.DONE
    audit.record(
        tenant=tenant, by=row.by, kind="member.bulk_edited", subject=row, count=row.changed, fields=sorted(change)
    )


def _edit_part(tenant: Tenant, row: BulkEdit, change: dict[str, Any], ids: list[int]) -> list[list[Any]]:
    """Change these members; what each of those that changed had before, has now, and what was hung on it."""
    before = snapshots.take(tenant, ids)
    ids = [pk for pk, held in before.items() if not held.deleted]
    groups = [*change.get("groups_add", ()), *change.get("groups_remove", ())]
    tags = list(Tag.objects.filter(tenant=tenant, name__in=_names(change)).values_list("pk", flat=True))
    had = _rows(tenant, ids, "membership", "group_id", groups), _rows(tenant, ids, "membertag", "tag_id", tags)
    people = Member.objects.filter(tenant=tenant, pk__in=ids)
    for group in Group.objects.filter(tenant=tenant, pk__in=change.get("groups_add", ())).order_by("pk"):
        grouping.add_members(tenant=tenant, by=row.by, group=group, members=people)
    for group in Group.objects.filter(tenant=tenant, pk__in=change.get("groups_remove", ())).order_by("pk"):
        grouping.remove_members(tenant=tenant, by=row.by, group=group, members=people)
    if _names(change):
        given = {"add": change.get("tags_add", ()), "remove": change.get("tags_remove", ())}
        tagging.tag_many(tenant=tenant, by=row.by, members=people, **given)
    if "stage" in change:
        stages.change_stage(tenant=tenant, by=row.by, members=people, stage=change["stage"])
    held = snapshots.take(tenant, ids)
    columns = {pk: bulk_changes.columns_of(change, one.values) for pk, one in held.items()}
    snapshots.put(tenant=tenant, changes=columns, held=held, now=times.now())
    tags = list(Tag.objects.filter(tenant=tenant, name__in=_names(change)).values_list("pk", flat=True))
    has = _rows(tenant, ids, "membership", "group_id", groups), _rows(tenant, ids, "membertag", "tag_id", tags)
    hung = _difference(had, has)
    done = []
    for pk, one in snapshots.take(tenant, ids, lock=False).items():
        was, became = snapshots.difference(before[pk].values, one.values)
        if set(was) - {"updated_at"} or pk in hung:
            done.append([pk, was, became, hung.get(pk, {})])
    return done


def _difference(had: tuple[Any, Any], has: tuple[Any, Any]) -> dict[int, dict[str, list[Any]]]:
    """member → what was hung on it and taken off it."""
    found: dict[int, dict[str, list[Any]]] = {}
    for name, off, before, after in (
        ("groups", "ungrouped", had[0], has[0]),
        ("tags", "untagged", had[1], has[1]),
    ):
        old, new = {row[0] for row in before}, {row[0] for row in after}
        for pk, member, thing in after:
            if pk not in old:
                found.setdefault(member, {}).setdefault(name, []).append([pk, thing])
        for pk, member, thing in before:
            if pk not in new:
                found.setdefault(member, {}).setdefault(off, []).append(thing)
    return found


# --- undoing ------------------------------------------------------------------------------------------------------


def _undo(tenant: Tenant, row: BulkEdit) -> None:
    left: list[Any] = []
    count = 0
    for part in BulkEditPart.objects.filter(tenant=tenant, edit=row).order_by("-number"):
        stayed = _undo_part(tenant, row, part.before)
        count += len(stayed)
        left += stayed[: LEFT_KEPT - len(left)]
    BulkEditPart.objects.filter(tenant=tenant, edit=row).delete()
    grouping.lock(tenant=tenant)
    grouping.recount(tenant=tenant)
    row.state, row.undone_at, row.left = State.UNDONE, times.now(), {"count": count, "rows": left}
    audit.record(tenant=tenant, by=row.undone_by, kind="member.bulk_undone", subject=row, count=row.changed, left=count)


def _undo_part(tenant: Tenant, row: BulkEdit, rows: list[Any]) -> list[Any]:
    held = snapshots.take(tenant, [one[0] for one in rows])
    changes, left = {}, []
    for pk, was, became, _hung_on in rows:
        if pk not in held or held[pk].erased:
            continue
        back, stayed = snapshots.taken_back(held[pk].values, was, became)
        if back:
            changes[pk] = back
        if stayed:
            left.append([pk, stayed])
    steps = [(pk, back["stage"]) for pk, back in changes.items() if "stage" in back]
    StageChange.objects.bulk_create(
        [
            StageChange(tenant=tenant, member_id=pk, stage=stage, on=times.today(), by=row.undone_by)
            for pk, stage in steps
        ],
        batch_size=1000,
    )
    snapshots.put(tenant=tenant, changes=changes, held=held, now=times.now())
    _hang_back(tenant, [one for one in rows if one[0] in held and not held[one[0]].erased])
    return left


def _hang_back(tenant: Tenant, rows: list[Any]) -> None:
    joined = [pk for one in rows for pk, _group in one[3].get("groups", ())]
    tagged = [pk for one in rows for pk, _tag in one[3].get("tags", ())]
    snapshots.delete_of("members_membership", tenant, joined, key="id")
    snapshots.delete_of("members_membertag", tenant, tagged, key="id")
    groups = set(Group.objects.filter(tenant=tenant).values_list("pk", flat=True))
    tags = set(Tag.objects.filter(tenant=tenant).values_list("pk", flat=True))
    out = [(one[0], pk) for one in rows for pk in one[3].get("ungrouped", ()) if pk in groups]
    bare = [(one[0], pk) for one in rows for pk in one[3].get("untagged", ()) if pk in tags]
    Membership.objects.bulk_create(
        [Membership(tenant=tenant, member_id=pk, group_id=group) for pk, group in out],
        ignore_conflicts=True, batch_size=1000,
    )  # fmt: skip
    MemberTag.objects.bulk_create(
        [MemberTag(tenant=tenant, member_id=pk, tag_id=tag) for pk, tag in bare],
        ignore_conflicts=True, batch_size=1000,
    )  # fmt: skip
