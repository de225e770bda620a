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
from django.db.models import ProtectedError, Q

from accounts import audit
from accounts.models import Tag, Tenant, User
from accounts.scoping import outside
from members.enums import ConsentKind, ImportState
from members.exceptions import RevertStuck
from members.models import Consent, Field, Group, Import, ImportPart, Member, MemberTag, StageChange
from members.services import erasing, hanging, snapshots
from members.services import groups as grouping
from members.services.bulk_rows import fill
from members.services.import_parts import ADDED
from members.services.import_rows import lock_roster
from members.services.snapshots import Held, Values
from ui import times

LEASE = timedelta(minutes=10)
GIVEN_UP_AFTER = timedelta(hours=2)
FORESEEN_MOST = 20_000
LEFT_KEPT = 1000  # of those it left as they were; all are counted
CONSENTS = {"ad_consent_at": ConsentKind.AD, "night_consent_at": ConsentKind.NIGHT}
LEDGERS = ("consent", "stagechange")


@dataclass
class Outcome:
    """What a revert does, or would do; `left` says who stays as they are or goes to the trash, and why."""

    removed: int = 0  # new members, gone as if never entered
    trashed: int = 0  # new members that somebody has been at since
    restored: int = 0  # members whose values went back
    ungrouped: int = 0
    groups: int = 0
    fields: int = 0
    left_count: int = 0
    left: list[dict[str, Any]] = field(default_factory=list)

    def leave(self, pk: int, why: Collection[str], *, kind: str) -> None:
        self.left_count += 1
        if len(self.left) < LEFT_KEPT:
            self.left.append({"member": pk, "kind": kind, "why": sorted(why)})

    def kept(self) -> dict[str, Any]:
        return {
            "removed": self.removed, "trashed": self.trashed, "restored": self.restored, "ungrouped": self.ungrouped,
            "groups": self.groups, "fields": self.fields, "left_count": self.left_count, "left": self.left,
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
            tenant=tenant, by=row.by, kind="import.reverted", subject=row, removed=outcome.removed,
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
        self.source = f"명단 올리기 {row.pk} 되돌림"
        parts = ImportPart.objects.filter(tenant=tenant, of=row)
        head = parts.filter(number=0).first()
        self.head: dict[str, Any] = head.changes if head else {"groups": [], "fields": [], "last": {}}
        self.parts = parts.exclude(number=0).order_by("-number")

    def work(self) -> Outcome:
        for part in self.parts.iterator(1):
            if "updated" in part.changes:
                self._restore(part.changes["updated"])
            if "created" in part.changes:
                self._uncreate(part.changes["created"])
            self._unhang(part.changes)
        if not self.looks:
            self._clear()
            ImportPart.objects.filter(tenant=self.tenant, of=self.row).delete()
        return self.outcome

    # --- known members: their values go back ---------------------------------------------------------------------

    def _restore(self, updated: list[tuple[int, Values, Values]]) -> None:
        held = snapshots.take(self.tenant, [pk for pk, _was, _became in updated], lock=not self.looks)
        changes: dict[int, Values] = {}
        for pk, was, became in updated:
            if pk not in held or held[pk].erased:
                continue
            back, stayed = snapshots.taken_back(held[pk].values, was, became)
            if stayed:
                self.outcome.leave(pk, stayed, kind="stays")
            if set(back) - {"updated_at"}:
                self.outcome.restored += 1
                changes[pk] = back
            elif back:
                changes[pk] = back
        if self.looks:
            return
        self._say(changes, held)
        snapshots.put(tenant=self.tenant, changes=changes, held=held, now=self.now)

    def _say(self, changes: dict[int, Values], held: dict[int, Held]) -> None:
        """The ledgers hear what changes: each consent that is taken or given back, each stage."""
        words = [
            (pk, kind, back[column] is not None)
            for column, kind in CONSENTS.items()
            for pk, back in changes.items()
            if column in back
        ]
        self._consents(words)
        stages = [(pk, back["stage"]) for pk, back in changes.items() if "stage" in back]
        StageChange.objects.bulk_create(
            [
                StageChange(tenant=self.tenant, member_id=pk, stage=stage, on=times.today(), by=self.row.by)
                for pk, stage in stages
            ],
            batch_size=1000,
        )

    def _consents(self, words: list[tuple[int, ConsentKind, bool]]) -> None:
        if not words:
            return
        by: User | None = self.row.by
        stamp = snapshots.stamped(self.now)
        fill(
            Consent,
            ("tenant_id", "member_id", "kind", "given", "source", "at", "recorded_by_id", "recorded_at"),
            (
                (self.tenant.pk, pk, kind.value, given, self.source, stamp, by and by.pk, stamp)
                for pk, kind, given in words
            ),
        )

    # --- new members: gone, or in the trash where somebody has been at them ---------------------------------------

    def _uncreate(self, ids: list[int]) -> None:
        held = {pk: one for pk, one in snapshots.take(self.tenant, ids, lock=not self.looks).items() if not one.erased}
        touched = self._touched(list(held), held)
        for pk, why in touched.items():
            self.outcome.leave(pk, why, kind="stays" if "merged" in why else "trashed")
        trashed = [pk for pk, why in touched.items() if "merged" not in why]
        gone = [pk for pk in held if pk not in touched]
        self.outcome.trashed += len(trashed)
        self.outcome.removed += len(gone)
        if self.looks:
            return
        self._withdraw([pk for pk in held if pk not in touched or pk in set(trashed)], held)
        living = [pk for pk in trashed if not held[pk].deleted]
        for start in range(0, len(living), 1000):
            some = living[start : start + 1000]
            Member.objects.filter(tenant=self.tenant, pk__in=some).update(deleted_at=self.now)
        self._remove(gone)

    def _touched(self, ids: list[int], held: dict[int, Held]) -> dict[int, set[str]]:
        """Who is not as the import left them, and why."""
        found = hanging.on(self.tenant, ids)
        for pk, one in held.items():
            if one.values["updated_at"] != one.created_at:
                found.setdefault(pk, set()).add("edited")
        for name, last in self.head["last"].items():
            rows = snapshots.rows_of(f"members_{name}", "DISTINCT t.member_id", self.tenant, ids, f"t.id > {int(last)}")
            for (pk,) in rows:
                found.setdefault(pk, set()).add(name)
        return found

    def _withdraw(self, ids: list[int], held: dict[int, Held]) -> None:
        """What the import said of their consent is taken back; the ledger keeps both."""
        given: dict[int, Values] = {}
        for pk in ids:
            values, last = held[pk].values, held[pk].created_at
            back = {column: None for column in CONSENTS if values[column] is not None and values[column] == last}
            if back:
                given[pk] = {**back, "updated_at": values["updated_at"]}
        self._consents(
            [(pk, CONSENTS[column], False) for pk, back in given.items() for column in CONSENTS if column in back]
        )
        snapshots.put(tenant=self.tenant, changes=given, held=held, now=self.now)

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
        for table in erasing.GOES:
            erasing.delete_of(table, self.tenant, rest)
        erasing.delete_of("members_member", self.tenant, rest, key="id")

    # --- what hung on known members, and what was made for all ------------------------------------------------------

    def _unhang(self, changes: dict[str, Any]) -> None:
        joined = [row for row, _member, _group in changes.get("joined", ())]
        if joined and not self.looks:
            self.outcome.ungrouped += erasing.delete_of("members_membership", self.tenant, joined, key="id")
        for name, rows in changes.get("added", {}).items():
            if name in ADDED and not self.looks:
                erasing.delete_of(f"members_{name}", self.tenant, [row for row, _member in rows], key="id")
                if name == "contact":
                    snapshots.find_anew(tenant=self.tenant, ids={member for _row, member in rows})

    def _clear(self) -> None:
        """Groups, tags and columns that it made and nobody uses any more; then the counters of the others."""
        grouping.lock(tenant=self.tenant)
        for group in Group.objects.filter(tenant=self.tenant, pk__in=self.head["groups"]):
            if not group.memberships.exists() and _deleted(group):
                self.outcome.groups += 1
        grouping.recount(tenant=self.tenant)
        for pk in self.head.get("tags", ()):
            if not MemberTag.objects.filter(tenant=self.tenant, tag=pk).exists():
                Tag.objects.filter(tenant=self.tenant, pk=pk).delete()
        for key in self.head["fields"]:
            living = Member.objects.filter(tenant=self.tenant, fields__has_key=key)
            if not living.exists():
                self.outcome.fields += Field.objects.filter(tenant=self.tenant, key=key).delete()[0]


def _deleted(group: Group) -> bool:
    try:
        with transaction.atomic():
            group.delete()
    except ProtectedError:  # a due is charged by it
        return False
    return True


def _claim(tenant: Tenant, pk: int) -> Import | None:
    now = times.now()
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    mine = Import.objects.filter(free, tenant=tenant, pk=pk, state=ImportState.REVERTING)
    return Import.objects.select_related("by").get(pk=pk) if mine.update(lease_until=now + LEASE) else None


def _back() -> dict[str, Any]:
    return {
        "state": ImportState.FINISHED, "problem": str(RevertStuck.message), "reverted_at": None, "lease_until": None,
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
