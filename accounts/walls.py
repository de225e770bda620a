"""Walls inside the database, as migration operations: append-only ledgers and children of the same tenant.

PostgreSQL: composite foreign keys and a trigger function. SQLite: triggers. Both say the same words when they refuse.
"""

from typing import Any

from django.db.migrations.operations.base import Operation

APPEND_ONLY = "append-only ledger"
OTHER_TENANT = "other tenant"


class _Sql(Operation):
    """A reversible operation made of statements that differ by database."""

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing that the models know of changes."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for statement in self.up(schema_editor.connection.vendor):
            schema_editor.execute(statement)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for statement in self.down(schema_editor.connection.vendor):
            schema_editor.execute(statement)

    def up(self, vendor: str) -> list[str]:
        raise NotImplementedError

    def down(self, vendor: str) -> list[str]:
        raise NotImplementedError


class AppendOnly(_Sql):
    """Refuse UPDATE and DELETE on a ledger's table.

    But for one update: `erasable` columns, which hold words that people typed, may be emptied when a person is erased.
    """

    def __init__(self, table: str, *, erasable: tuple[str, ...] = ()) -> None:
        self.table, self.erasable = table, erasable
        self._columns: list[str] = []

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        models = (model._meta for model in to_state.apps.get_models() if model._meta.db_table == self.table)
        self._columns = [field.column for meta in models for field in meta.local_concrete_fields]
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def up(self, vendor: str) -> list[str]:
        if vendor == "postgresql":
            named = ", ".join(f"'{column}'" for column in self.erasable)
            return [
                "CREATE OR REPLACE FUNCTION gongji_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                "IF TG_OP = 'UPDATE' AND TG_NARGS > 0 "
                "AND to_jsonb(NEW) - TG_ARGV::text[] = to_jsonb(OLD) - TG_ARGV::text[] "
                "AND NOT EXISTS (SELECT 1 FROM unnest(TG_ARGV::text[]) AS c WHERE to_jsonb(NEW) ->> c <> '' "
                "AND to_jsonb(NEW) ->> c IS DISTINCT FROM to_jsonb(OLD) ->> c) THEN RETURN NEW; END IF; "
                f"RAISE EXCEPTION '{APPEND_ONLY}'; END $$",
                f"CREATE TRIGGER {self.table}_append_only BEFORE UPDATE OR DELETE ON {self.table} "
                f"FOR EACH ROW EXECUTE FUNCTION gongji_append_only({named})",
            ]
        return [
            f"CREATE TRIGGER {self.table}_append_only_{verb} BEFORE {verb} ON {self.table}{when} "
            f"BEGIN SELECT RAISE(ABORT, '{APPEND_ONLY}'); END"
            for verb, when in (("update", self._but_erasing()), ("delete", ""))
        ]

    def _but_erasing(self) -> str:
        """SQLite's condition: anything but an erasable column becoming empty."""
        if not self.erasable:
            return ""
        same = [f'NEW."{column}" IS OLD."{column}"' for column in self._columns if column not in self.erasable]
        same += [f'(NEW."{column}" = \'\' OR NEW."{column}" IS OLD."{column}")' for column in self.erasable]
        return f" WHEN NOT ({' AND '.join(same)})"

    def down(self, vendor: str) -> list[str]:
        if vendor == "postgresql":
            return [f"DROP TRIGGER IF EXISTS {self.table}_append_only ON {self.table}"]
        return [f"DROP TRIGGER IF EXISTS {self.table}_append_only_{verb}" for verb in ("update", "delete")]


class SameTenant(_Sql):
    """A child's tenant equals its parent's: `SameTenant("members_import", "upload_id", "accounts_upload")`."""

    def __init__(self, table: str, column: str, parent: str) -> None:
        self.table, self.column, self.parent = table, column, parent
        self.name_ = f"{table}_{column}_wall"[:60]

    def up(self, vendor: str) -> list[str]:
        if vendor == "postgresql":
            return [
                f"CREATE UNIQUE INDEX IF NOT EXISTS {self.parent}_wall ON {self.parent} (tenant_id, id)",
                f"ALTER TABLE {self.table} ADD CONSTRAINT {self.name_} FOREIGN KEY (tenant_id, {self.column}) "
                f"REFERENCES {self.parent} (tenant_id, id) DEFERRABLE INITIALLY DEFERRED",
            ]
        wrong = (
            f"NEW.{self.column} IS NOT NULL AND NEW.tenant_id IS NOT "
            f"(SELECT tenant_id FROM {self.parent} WHERE id = NEW.{self.column})"
        )
        return [
            f"CREATE TRIGGER {self.name_}_{verb[:6].strip().lower()} BEFORE {verb} ON {self.table} WHEN {wrong} "
            f"BEGIN SELECT RAISE(ABORT, '{OTHER_TENANT}'); END"
            for verb in ("INSERT", f"UPDATE OF tenant_id, {self.column}")
        ]

    def down(self, vendor: str) -> list[str]:
        if vendor == "postgresql":
            return [f"ALTER TABLE {self.table} DROP CONSTRAINT IF EXISTS {self.name_}"]
        return [f"DROP TRIGGER IF EXISTS {self.name_}_{verb}" for verb in ("insert", "update")]


class SetWall(_Sql):
    """SameTenant for tables that are written by the hundred thousand: on PostgreSQL one check a statement.

    `parents` are (column, parent table); a column `tenant_id` with parent `accounts_tenant` checks mere existence.
    """

    def __init__(self, table: str, *parents: tuple[str, str]) -> None:
        self.table, self.parents = table, parents

    def up(self, vendor: str) -> list[str]:
        return self._postgres() if vendor == "postgresql" else self._sqlite()

    def _postgres(self) -> list[str]:
        checks = " ".join(
            f"IF EXISTS (SELECT 1 FROM fresh f LEFT JOIN {parent} p ON p.id = f.{column} "
            f"WHERE f.{column} IS NOT NULL AND {self._wrong(column, 'f', 'p')}) "
            f"THEN RAISE EXCEPTION '{OTHER_TENANT}'; END IF;"
            for column, parent in self.parents
        )
        return [
            f"CREATE OR REPLACE FUNCTION {self.table}_wall() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {checks} RETURN NULL; END $$",
            *(
                f"CREATE TRIGGER {self.table}_wall_{verb} AFTER {verb} ON {self.table} "
                f"REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION {self.table}_wall()"
                for verb in ("insert", "update")
            ),
        ]

    @staticmethod
    def _wrong(column: str, child: str, parent: str) -> str:
        return (
            f"{parent}.id IS NULL"
            if column == "tenant_id"
            else f"{parent}.tenant_id IS DISTINCT FROM {child}.tenant_id"
        )

    def _sqlite(self) -> list[str]:
        out = []
        for column, parent in self.parents:
            found = f"SELECT {'id' if column == 'tenant_id' else 'tenant_id'} FROM {parent} WHERE id = NEW.{column}"
            for verb, event in (("insert", "INSERT"), ("update", f"UPDATE OF tenant_id, {column}")):
                out.append(
                    f"CREATE TRIGGER {self.table}_{column}_wall_{verb} BEFORE {event} ON {self.table} "
                    f"WHEN NEW.{column} IS NOT NULL AND NEW.tenant_id IS NOT ({found}) "
                    f"BEGIN SELECT RAISE(ABORT, '{OTHER_TENANT}'); END"
                )
        return out

    def down(self, vendor: str) -> list[str]:
        verbs = ("insert", "update")
        if vendor == "postgresql":
            drops = [f"DROP TRIGGER IF EXISTS {self.table}_wall_{verb} ON {self.table}" for verb in verbs]
            return [*drops, f"DROP FUNCTION IF EXISTS {self.table}_wall()"]
        return [f"DROP TRIGGER IF EXISTS {self.table}_{c}_wall_{verb}" for c, _ in self.parents for verb in verbs]


class Collate(_Sql):
    """Compare a text column by code point on PostgreSQL, as SQLite does: Hangul sorts rightly and many times faster."""

    def __init__(self, table: str, *columns: str) -> None:
        self.table, self.columns = table, columns

    def up(self, vendor: str) -> list[str]:
        return self._alter(vendor, 'COLLATE "C"')

    def down(self, vendor: str) -> list[str]:
        return self._alter(vendor, 'COLLATE "default"')

    def _alter(self, vendor: str, collation: str) -> list[str]:
        if vendor != "postgresql":
            return []
        parts = [f"ALTER COLUMN {c} TYPE {kind} {collation}" for c, kind in (c.split(":") for c in self.columns)]
        return [f"ALTER TABLE {self.table} {', '.join(parts)}"]


class PostgresSql(_Sql):
    """Statements for PostgreSQL only (an index kind that SQLite lacks and doesn't need)."""

    def __init__(self, up: str, down: str) -> None:
        self._up, self._down = up, down

    def up(self, vendor: str) -> list[str]:
        return [self._up] if vendor == "postgresql" else []

    def down(self, vendor: str) -> list[str]:
        return [self._down] if vendor == "postgresql" else []
