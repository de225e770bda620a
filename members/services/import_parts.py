"""What an import did, written down while it writes, so that all of it can be taken back (`import_revert`).

Part 0 is the whole: {"groups", "tags", "fields": [{"id", "mark"} of those made], "last": {table: highest id of its own
rows}}. The others hold some thousand members each: {"created": [ids]}, or {"updated": [[id, {column: before}, {column:
after}]], "joined": [[membership, member, group]], "added": {table: [[row, member]], of contacts as
`contacts.printed`}}, or {"said": [ids of the known to whose ledger of consent it wrote]}, or {"left": [ids of the known
whom the file names as they are]}. Values are as `snapshots` reads them.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from accounts.models import Tag, Tenant
from members.models import Consent, Contact, Field, Group, Import, ImportPart, Membership, MemberTag, StageChange
from members.services import contacts, preset_parts, snapshots

PART = 5000
# What an import may hang on members. A row of these with a higher id than the import's last is somebody else's deed.
ADDED = {"contact": Contact, "membertag": MemberTag}
MARKED = {"membership": Membership, "consent": Consent, "stagechange": StageChange, **ADDED}


class Parts:
    """The notes of one import; everything here happens inside its transaction."""

    def __init__(self, tenant: Tenant, row: Import) -> None:
        self.tenant, self.row, self.number = tenant, row, 0
        self.head: dict[str, Any] = {"groups": [], "tags": [], "fields": []}
        self.joined: list[tuple[int, int, int]] = []
        if row.group_is_new and row.group:
            self.made("groups", [row.group])

    def made(self, what: str, rows: Iterable[Group | Tag | Field]) -> None:
        """These are there because of the import."""
        self.head[what] += [{"id": row.pk, "mark": preset_parts.mark_of(row)} for row in rows]

    def created(self, ids: list[int]) -> None:
        """These members are new."""
        self._list("created", ids)

    def saying(self, ids: Iterable[int]) -> None:
        """The ledgers of these, who were known, heard of their consent."""
        self._list("said", sorted(set(ids)))

    def leaving(self, ids: Iterable[int]) -> None:
        """The file names these as they are."""
        self._list("left", sorted(ids))

    @contextmanager
    def updating(self, ids: Collection[int]) -> Iterator[set[int]]:
        """Members changed in here are compared with themselves, whatever it is that changes them. Gives those who are
        still living: somebody may have been put into the trash since the plan was made."""
        before, marks, self.joined = snapshots.take(self.tenant, ids), self._marks(ADDED), []
        yield {pk for pk, held in before.items() if not held.deleted}
        after = snapshots.take(self.tenant, ids, lock=False)
        changed = [(pk, *snapshots.difference(before[pk].values, held.values)) for pk, held in after.items()]
        changed = [one for one in changed if one[1]]
        tagged = snapshots.rows_of(
            "members_membertag", "t.id, t.member_id", self.tenant, ids, f"t.id > {marks['membertag']}"
        )
        found = {"membertag": tagged, "contact": contacts.printed(self.tenant, ids, marks["contact"])}
        added = {name: rows for name, rows in found.items() if rows}
        for start in range(0, len(changed), PART):
            self._keep({"updated": changed[start : start + PART]})
        if self.joined or added:
            self._keep({"joined": self.joined, "added": added})

    def finish(self) -> None:
        """The head of the notes: what the import made for all of them."""
        changes = self.head | {"last": self._marks(MARKED)}
        ImportPart.objects.create(tenant=self.tenant, of=self.row, number=0, changes=changes)

    def _list(self, name: str, ids: list[int]) -> None:
        for start in range(0, len(ids), PART):
            self._keep({name: ids[start : start + PART]})

    def _keep(self, changes: dict[str, Any]) -> None:
        self.number += 1
        ImportPart.objects.create(tenant=self.tenant, of=self.row, number=self.number, changes=changes)

    def _marks(self, tables: dict[str, Any]) -> dict[str, int]:
        """The highest ids of these tables; of all tenants, because that is what the primary key answers at once."""
        found = {}
        for name, model in tables.items():
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT coalesce(max(id), 0) FROM {model._meta.db_table}")
                found[name] = cursor.fetchone()[0]
        return found
