"""What an import did, written down while it writes, so that all of it can be taken back (`import_revert`).

Part 0 is the whole: {"groups": [ids made], "tags": [ids made], "fields": [keys made], "last": {table: highest id of
its own rows}}. The others hold some thousand members each: {"created": [ids]}, or {"updated": [[id, {column: before},
{column: after}]], "joined": [[membership, member, group]], "added": {table: [[row, member]]}}. Values are as
`snapshots` reads them.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from accounts.models import Tag, Tenant
from members.models import Consent, Contact, Field, Group, Import, ImportPart, Membership, MemberTag, StageChange
from members.services import snapshots

PART = 5000
# What an import may hang on members. A row of these with a higher id than the import's last is somebody else's deed.
ADDED = {"contact": Contact, "membertag": MemberTag}
MARKED = {"membership": Membership, "consent": Consent, "stagechange": StageChange, **ADDED}


class Parts:
    """The notes of one import; everything here happens inside its transaction."""

    def __init__(self, tenant: Tenant, row: Import) -> None:
        self.tenant, self.row, self.number = tenant, row, 0
        self.groups, self.tags = self._ids(Group), self._ids(Tag)
        self.fields = set(Field.objects.filter(tenant=tenant).values_list("key", flat=True))
        self.joined: list[tuple[int, int, int]] = []

    def created(self, ids: list[int]) -> None:
        """These members are new."""
        for start in range(0, len(ids), PART):
            self._keep({"created": ids[start : start + PART]})

    @contextmanager
    def updating(self, ids: Collection[int]) -> Iterator[None]:
        """Members changed in here are compared with themselves, whatever it is that changes them."""
        before, marks, self.joined = snapshots.take(self.tenant, ids), self._marks(ADDED), []
        yield
        after = snapshots.take(self.tenant, ids, lock=False)
        changed = [(pk, *snapshots.difference(before[pk].values, held.values)) for pk, held in after.items()]
        changed = [one for one in changed if one[1]]
        added = {
            name: rows
            for name in ADDED
            if (
                rows := snapshots.rows_of(
                    f"members_{name}", "t.id, t.member_id", self.tenant, ids, f"t.id > {marks[name]}"
                )
            )
        }
        for start in range(0, len(changed), PART):
            self._keep({"updated": changed[start : start + PART]})
        if self.joined or added:
            self._keep({"joined": self.joined, "added": added})

    def finish(self) -> None:
        """The head of the notes: what the import made for all of them."""
        groups = sorted(self._ids(Group) - self.groups)
        if self.row.group_is_new and self.row.group_id:
            groups.append(self.row.group_id)
        fields = Field.objects.filter(tenant=self.tenant).exclude(key__in=self.fields).values_list("key", flat=True)
        tags = sorted(self._ids(Tag) - self.tags)
        changes = {"groups": groups, "tags": tags, "fields": list(fields), "last": self._marks(MARKED)}
        ImportPart.objects.create(tenant=self.tenant, of=self.row, number=0, changes=changes)

    def _keep(self, changes: dict[str, Any]) -> None:
        self.number += 1
        ImportPart.objects.create(tenant=self.tenant, of=self.row, number=self.number, changes=changes)

    def _ids(self, model: type[Group | Tag]) -> set[int]:
        return set(model.objects.filter(tenant=self.tenant).values_list("pk", flat=True))

    def _marks(self, tables: dict[str, Any]) -> dict[str, int]:
        """The highest ids of these tables; of all tenants, because that is what the primary key answers at once."""
        found = {}
        for name, model in tables.items():
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT coalesce(max(id), 0) FROM {model._meta.db_table}")
                found[name] = cursor.fetchone()[0]
        return found
