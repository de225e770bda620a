"""Taking an import back, in one transaction: what it made goes away, what it changed is as before, unless somebody has
been at it since. What a revert may touch is decided in docs/decisions/0016.

Killed at any point it has done nothing; rung again it begins anew; done twice it is done once.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q

from accounts import audit
from accounts.models import Tag, Tenant
from accounts.scoping import outside
from accounts.services import tags as tagging
from members.enums import ImportState
from members.exceptions import RevertStuck
from members.models import Field, Group, Import, ImportPart, Member, StageChange
from members.selectors import in_use
from members.services import consents, contacts, erasing, hanging, marks, preset_parts, snapshots
from members.services import groups as grouping
from members.services.consents import COLUMNS
from members.services.import_rows import lock_roster
from members.services.snapshots import Held, Values
from ui import times

LEASE = timedelta(minutes=10)
GIVEN_UP_AFTER = timedelta(hours=2)
FORESEEN_MOST = 20_000
LEFT_KEPT = 1000  # of those it left as they were; all are counted
LEDGERS = ("consent", "stagechange")


@dataclass
class Outcome:
    """What a revert does, or would do; `left` says who stays as they are or goes to the trash, and why, `used` which
    groups, tags and fields stay because somebody uses them or gave them another name."""

    removed: int = 0  # new members, gone as if never entered
    trashed: int = 0  # new members that somebody has been at since
    restored: int = 0  # members whose values went back
    ungrouped: int = 0
    groups: int = 0
    tags: int = 0
    fields: int = 0
    used: list[str] = field(default_factory=list)
    left_count: int = 0
    left: list[dict[str, Any]] = field(default_factory=list)

    def leave(self, pk: int, why: Collection[str], *, kind: str) -> None:
        self.left_count += 1
        if len(self.left) < LEFT_KEPT:
            self.left.append({"member": pk, "kind": kind, "why": sorted(why)})

    def kept(self) -> dict[str, Any]:
        return {
            "removed": self.removed, "trashed": self.trashed, "restored": self.restored, "ungrouped": self.ungrouped,
            "groups": self.groups, "tags": self.tags, "fields": self.fields, "used": self.used,
            "left_count": self.left_count, "left": self.left,
        }  # fmt: skip


def revert(*, tenant: Tenant, pk: int) -> bool:
    """Take back an import that a person asked to take back; False if it is not due or another worker is at it."""
    row = _claim(tenant, pk)
    if row is None:
        return False
    with _told(row), transaction.atomic():
        lock_roster(tenant)
        outcome = Revert(tenant, row).work()
        audit.record(
            tenant=tenant, by=row.reverted_by, kind="import.reverted", subject=row, removed=outcome.removed,
            trashed=outcome.trashed, restored=outcome.restored, left=outcome.left_count,
        )  # fmt: skip
        mine = Import.objects.filter(pk=row.pk, state=ImportState.REVERTING, lease_until=row.lease_until)
        done = mine.update(
            state=ImportState.REVERTED, reverted=outcome.kept(), reverted_at=times.now(), lease_until=None
        )
        if not done:
            raise LostLease
    return True


def rescued() -> list[tuple[int, int]]:
    """Reverts nobody heard of or whose worker is gone, to be rung again; what fails for two hours is given up."""
    now = times.now()
    with outside("the watch looks at the reverts of all tenants"):
        free = Q(lease_until=None, reverted_at__lt=now - timedelta(seconds=20)) | Q(lease_until__lt=now)
        due = Import.objects.filter(free, state=ImportState.REVERTING)
        due.filter(reverted_at__lt=now - GIVEN_UP_AFTER).update(**_back())
        return list(due.order_by("id").values_list("tenant_id", "pk")[:200])


def forecast(tenant: Tenant, row: Import) -> Outcome | None:
    """What a revert would do now; None where so many rows would have to be looked at that nobody should wait for it."""
    if row.created + row.updated > FORESEEN_MOST:
        return None
    return Revert(tenant, row, looks=True).work()


class LostLease(Exception):
    """Another worker has taken this revert over; what this one was about to commit is rolled back."""


class Revert:
    """One revert. `looks` only: nothing is written or locked, for the numbers before."""

    def __init__(self, tenant: Tenant, row: Import, *, looks: bool = False) -> None:
        self.tenant, self.row, self.looks = tenant, row, looks
        self.now, self.outcome = times.now(), Outcome()
        self.source = consents.import_source(row.pk)
        parts = ImportPart.objects.filter(tenant=tenant, of=row)
        head = parts.filter(number=0).first()
        self.head: dict[str, Any] = head.changes if head else {"groups": [], "tags": [], "fields": [], "last": {}}
        self.parts = parts.exclude(number=0).order_by("-number")
        self.named = self._named(head.pk) if head else set()

    def work(self) -> Outcome:
        if not self.looks:
            # Before the first part: parts come from the last, others' deeds go from the first.
            marks.hold_members(self._touching(), going=True)
        for part in self.parts.iterator(1):
            if "updated" in part.changes:
                self._restore(part.changes["updated"])
            if "created" in part.changes:
                self._uncreate(part.changes["created"])
            self._unhang(part.changes)
        if not self.looks:
            for part in self.parts.filter(changes__has_key="said"):
                self._unsay(part.changes["said"])
            self._clear()
            ImportPart.objects.filter(tenant=self.tenant, of=self.row).delete()
        return self.outcome

    def _touching(self) -> Iterator[int]:
        """All that it will touch; a member may come more than once."""
        for part in self.parts.iterator(1):
            of = part.changes
            yield from (*of.get("created", ()), *of.get("said", ()), *(row[0] for row in of.get("updated", ())))
            yield from (member for _row, member, _group in of.get("joined", ()))
            yield from (row[1] for rows in of.get("added", {}).values() for row in rows)

    # --- known members: their values go back ---------------------------------------------------------------------

    def _restore(self, updated: list[tuple[int, Values, Values]]) -> None:
        ids = [pk for pk, _was, _became in updated]
        held = snapshots.take(self.tenant, ids, lock=not self.looks)
        reach = consents.reach_of(self.tenant, ids, self.source)
        changes: dict[int, Values] = {}
        for pk, was, became in updated:
            if pk not in held or held[pk].erased:
                continue
            back, stayed = snapshots.taken_back(held[pk].values, reach.still(pk, was), became, reach.stays(pk))
            if stayed:
                self.outcome.leave(pk, stayed, kind="stays")
            if set(back) - {"updated_at"}:
                self.outcome.restored += 1
                changes[pk] = back
            elif back:
                changes[pk] = back
        if self.looks:
            return
        stages = [(pk, back["stage"]) for pk, back in changes.items() if "stage" in back]
        StageChange.objects.bulk_create(
            [
                StageChange(tenant=self.tenant, member_id=pk, stage=stage, on=times.today(), by=self.row.reverted_by)
                for pk, stage in stages
            ],
            batch_size=1000,
        )
        snapshots.put(tenant=self.tenant, changes=changes, held=held, now=self.now)

    def _unsay(self, ids: list[int]) -> None:
        """The ledger of consent hears what is said of the known by now, after their columns went back."""
        held = {pk: one for pk, one in snapshots.take(self.tenant, ids).items() if not one.erased}
        self._tell(consents.reach_of(self.tenant, list(held), self.source), held)

    def _tell(self, reach: consents.Reach, held: dict[int, Held]) -> None:
        consents.take_back(
            tenant=self.tenant, by=self.row.reverted_by, reach=reach, source=self.source,
            values={pk: one.values for pk, one in held.items()}, now=self.now,
        )  # fmt: skip

    # --- new members: gone, or in the trash where somebody has been at them ---------------------------------------

    def _uncreate(self, ids: list[int]) -> None:
        held = {pk: one for pk, one in snapshots.take(self.tenant, ids, lock=not self.looks).items() if not one.erased}
        touched = self._touched(list(held), held)
        for pk, why in touched.items():
            self.outcome.leave(pk, why, kind="stays" if "merged" in why else "trashed")
        trashed = {pk for pk, why in touched.items() if "merged" not in why}
        gone = [pk for pk in held if pk not in touched]
        self.outcome.trashed += len(trashed)
        self.outcome.removed += len(gone)
        if self.looks:
            return
        self._withdraw({pk: one for pk, one in held.items() if pk in trashed or pk not in touched})
        living = [pk for pk in trashed if not held[pk].deleted]
        for start in range(0, len(living), 1000):
            some = living[start : start + 1000]
            Member.objects.filter(tenant=self.tenant, pk__in=some).update(deleted_at=self.now)
        self._remove(gone)

    def _touched(self, ids: list[int], held: dict[int, Held]) -> dict[int, set[str]]:
        """Who is not as the import left them, and why."""
        found = hanging.on(self.tenant, ids)
        for pk in self.named.intersection(ids):
            found.setdefault(pk, set()).add("imported")
        for pk, one in held.items():
            if one.values["updated_at"] != one.created_at:
                found.setdefault(pk, set()).add("edited")
        for name, last in self.head["last"].items():
            rows = snapshots.rows_of(f"members_{name}", "DISTINCT t.member_id", self.tenant, ids, f"t.id > {int(last)}")
            for (pk,) in rows:
                found.setdefault(pk, set()).add(name)
        return found

    def _withdraw(self, held: dict[int, Held]) -> None:
        """What the import said of their consent is taken back, unless they said something since; the ledger keeps
        both."""
        reach = consents.reach_of(self.tenant, list(held), self.source)
        back: dict[int, Values] = {}
        for pk, kind in reach.before:
            column = COLUMNS[kind]
            if held[pk].values[column] is not None:
                back.setdefault(pk, {"updated_at": held[pk].values["updated_at"]})[column] = None
        snapshots.put(tenant=self.tenant, changes=back, held=held, now=self.now)
        after = {pk: one._replace(values=one.values | back.get(pk, {})) for pk, one in held.items()}
        self._tell(reach, after)

    def _remove(self, ids: list[int]) -> None:
        """Rows and all; those a ledger names keep an empty row, as everybody does who is erased."""
        named = {
            pk
            for name in LEDGERS
            for (pk,) in snapshots.rows_of(f"members_{name}", "DISTINCT t.member_id", self.tenant, ids)
        }
        if named:
            erasing.erase(tenant=self.tenant, ids=named, now=self.now)
        rest = [pk for pk in ids if pk not in named]
        # A merge that was taken back names them still, and nobody could write to its row again.
        for key in ("kept_id", "gone_id"):
            snapshots.delete_of("members_merge", self.tenant, rest, key=key)
        for table in erasing.GOES:
            snapshots.delete_of(table, self.tenant, rest)
        snapshots.delete_of("members_member", self.tenant, rest, key="id")

    # --- what hung on known members, and what was made for all ------------------------------------------------------

    def _unhang(self, changes: dict[str, Any]) -> None:
        if self.looks:
            return
        joined = [row for row, _member, _group in changes.get("joined", ())]
        added = changes.get("added", {})
        self.outcome.ungrouped += snapshots.delete_of("members_membership", self.tenant, joined, key="id")
        tagged = [row for row, _member in added.get("membertag", ())]
        snapshots.delete_of("members_membertag", self.tenant, tagged, key="id")
        if rows := added.get("contact"):
            for pk in sorted(contacts.remove_printed(tenant=self.tenant, rows=rows)):
                self.outcome.leave(pk, ["contact"], kind="stays")
            snapshots.find_anew(tenant=self.tenant, ids={row[1] for row in rows})

    def _clear(self) -> None:
        """Groups, tags and columns that it made, nobody uses and nobody has renamed; and the counters of all groups."""
        grouping.lock(tenant=self.tenant)
        grouping.recount(tenant=self.tenant)
        groups = preset_parts.made_rows(Group.objects.filter(tenant=self.tenant), self.head["groups"])
        tags = preset_parts.made_rows(Tag.objects.filter(tenant=self.tenant), self.head["tags"])
        fields = preset_parts.made_rows(Field.objects.filter(tenant=self.tenant), self.head["fields"])
        self.outcome.groups = self._away(groups, in_use.groups(self.tenant, [row.pk for row, _was in groups]))
        self.outcome.tags = self._away(tags, tagging.in_use(self.tenant, [row.pk for row, _was in tags]))
        self.outcome.fields = self._away(fields, in_use.fields(self.tenant, [row for row, _was in fields]))

    def _away(self, made: list[tuple[Any, str]], used: set[int]) -> int:
        """Delete those that are as they were made and that nobody uses; how many."""
        gone = 0
        for row, was in made:
            if row.pk in used or preset_parts.mark_of(row) != was:
                self.outcome.used.append(row.name)
            else:
                row.delete()
                gone += 1
        return gone

    def _named(self, head: int) -> set[int]:
        """Whom an import named that was written later, and left as they were: they are in the roster because of it,
        too. The head is what an import writes last."""
        later = ImportPart.objects.filter(tenant=self.tenant, pk__gt=head, changes__has_key="left")
        return {pk for changes in later.values_list("changes", flat=True) for pk in changes["left"]}


def _claim(tenant: Tenant, pk: int) -> Import | None:
    now = times.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    mine = Import.objects.filter(free, tenant=tenant, pk=pk, state=ImportState.REVERTING)
    return Import.objects.select_related("reverted_by").get(pk=pk) if mine.update(lease_until=now + LEASE) else None


def _back() -> dict[str, Any]:
    return {
        "state": ImportState.FINISHED, "problem": str(RevertStuck.message), "reverted_at": None, "reverted_by": None,
        "lease_until": None,
    }  # fmt: skip


@contextmanager
def _told(row: Import) -> Iterator[None]:
    """A bug leaves the import as it was, and says so; a database that is away ends nothing."""
    try:
        yield
    except LostLease:
        pass
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        Import.objects.filter(pk=row.pk, state=ImportState.REVERTING, lease_until=row.lease_until).update(**_back())
        raise
