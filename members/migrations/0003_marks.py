"""What members carry, side by side for one index of PostgreSQL (docs/decisions/0018): kept by the database alone.

`members_marks` holds a row for each member, in the trash too: its groups, its tags, the words in its own columns.
"""

from django.db import migrations

from accounts.walls import PostgresSql

# In order of id, for deeds that have not held them before (`members.services.marks`).
_HOLD = (
    "PERFORM 1 FROM members_marks WHERE member_id IN (SELECT member_id FROM {changed}) "
    "ORDER BY member_id FOR NO KEY UPDATE; "
)


def _function(name: str, body: str) -> PostgresSql:
    return PostgresSql(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NULL; END $$",
        f"DROP FUNCTION IF EXISTS {name}()",
    )


def _trigger(name: str, table: str, event: str, tables: str, function: str) -> PostgresSql:
    return PostgresSql(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} {tables} EXECUTE FUNCTION {function}()",
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
    )


def _belonging(table: str, link: str, column: str) -> list[PostgresSql]:
    """Triggers by which a column of marks follows a table of (member, `link`). What changes is joined to the row as it
    stands, never gathered anew: beside a deed that is not committed yet, what is gathered would lack that deed's."""
    each = f"(SELECT member_id, array_agg({link}) AS ids FROM {{changed}} GROUP BY member_id) c"
    put = (
        f"UPDATE members_marks k SET {column} = k.{column} || c.ids FROM {each.format(changed='fresh')} "
        "WHERE k.member_id = c.member_id; "
    )
    take = (
        f"UPDATE members_marks k SET {column} = ARRAY(SELECT unnest(k.{column}) EXCEPT SELECT unnest(c.ids)) "
        f"FROM {each.format(changed='gone')} WHERE k.member_id = c.member_id; "
    )
    put, take = _HOLD.format(changed="fresh") + put, _HOLD.format(changed="gone") + take
    function, fresh, gone = f"members_mark_{column}", "REFERENCING NEW TABLE AS fresh", "REFERENCING OLD TABLE AS gone"
    made = []
    for event, tables, body in (
        ("INSERT", fresh, put),
        ("DELETE", gone, take),
        ("UPDATE", f"{gone} NEW TABLE AS fresh", take + put),
    ):
        verb = event.lower()
        made += [
            _function(f"{function}_{verb}", body),
            _trigger(f"{table}_marks_{verb}", table, event, f"{tables} FOR EACH STATEMENT", f"{function}_{verb}"),
        ]
    return made


class Migration(migrations.Migration):
    dependencies = [("members", "0002_walls")]
    operations = [
        # Old code may be writing: nobody does from here until the triggers are there and all is filled.
        PostgresSql(
            "LOCK TABLE members_member, members_membership, members_membertag IN SHARE ROW EXCLUSIVE MODE", "SELECT 1"
        ),
        PostgresSql(
            "CREATE TABLE members_marks (member_id bigint PRIMARY KEY, groups bigint[] NOT NULL DEFAULT '{}', "
            "tags bigint[] NOT NULL DEFAULT '{}', words text[] NOT NULL DEFAULT '{}')",
            "DROP TABLE IF EXISTS members_marks",
        ),
        # Writes all of it anew: after rows were loaded past the triggers.
        PostgresSql(
            "CREATE FUNCTION members_mark_all() RETURNS void LANGUAGE sql AS $$ TRUNCATE members_marks; "
            "INSERT INTO members_marks SELECT m.id, coalesce(g.ids, '{}'), coalesce(t.ids, '{}'), "
            "members_own_words(m.tenant_id, m.fields) FROM members_member m "
            "LEFT JOIN (SELECT member_id, array_agg(group_id) AS ids FROM members_membership GROUP BY member_id) g "
            "ON g.member_id = m.id "
            "LEFT JOIN (SELECT member_id, array_agg(tag_id) AS ids FROM members_membertag GROUP BY member_id) t "
            "ON t.member_id = m.id $$",
            "DROP FUNCTION IF EXISTS members_mark_all()",
        ),
        _function(
            "members_mark_new",
            "INSERT INTO members_marks (member_id, words) "
            "SELECT id, members_own_words(tenant_id, fields) FROM fresh;",
        ),
        _trigger(
            "members_member_marks_insert", "members_member", "INSERT",
            "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT", "members_mark_new",
        ),
        _function(
            "members_mark_words",
            "UPDATE members_marks SET words = members_own_words(NEW.tenant_id, NEW.fields) WHERE member_id = NEW.id;",
        ),
        # Row by row: most updates of members leave their own columns alone, and this one is not even called then.
        _trigger(
            "members_member_marks_update", "members_member", "UPDATE OF fields",
            "FOR EACH ROW WHEN (OLD.fields IS DISTINCT FROM NEW.fields)", "members_mark_words",
        ),
        _function("members_mark_gone", "DELETE FROM members_marks WHERE member_id IN (SELECT id FROM gone);"),
        _trigger(
            "members_member_marks_delete", "members_member", "DELETE",
            "REFERENCING OLD TABLE AS gone FOR EACH STATEMENT", "members_mark_gone",
        ),
        _function("members_mark_none", "TRUNCATE members_marks;"),
        _trigger(
            "members_member_marks_truncate", "members_member", "TRUNCATE", "FOR EACH STATEMENT", "members_mark_none"
        ),
        *_belonging("members_membership", "group_id", "groups"),
        *_belonging("members_membertag", "tag_id", "tags"),
        PostgresSql("SELECT members_mark_all()", "SELECT 1"),
        PostgresSql(
            "CREATE INDEX members_marks_all ON members_marks USING gin (groups, tags, words)",
            "DROP INDEX IF EXISTS members_marks_all",
        ),
    ]  # fmt: skip
