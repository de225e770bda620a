"""Walls between tenants, the consent ledger, order by code point, and the search index."""

from django.db import migrations

from accounts.walls import AppendOnly, Collate, PostgresSql, SameTenant, SetWall


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial"), ("accounts", "0002_walls")]
    operations = [
        AppendOnly("members_consent"),
        SetWall("members_member", ("tenant_id", "accounts_tenant")),
        SetWall("members_membership", ("member_id", "members_member"), ("group_id", "members_group")),
        # Not SameTenant: its unique (tenant, id) would be one more index for every row of an import to pay for.
        SetWall("members_consent", ("member_id", "members_member")),
        SameTenant("members_import", "upload_id", "accounts_upload"),
        SameTenant("members_import", "group_id", "members_group"),
        # What points at members is held by set, for the same reason; the rest row by row.
        *(
            SetWall(f"members_{table}", ("member_id", "members_member"))
            for table in ("contact", "note", "attendance", "pass", "due", "stagechange")
        ),
        SetWall("members_membertag", ("member_id", "members_member"), ("tag_id", "accounts_tag")),
        SetWall("members_dueentry", ("due_id", "members_due")),
        SetWall("members_merge", ("kept_id", "members_member"), ("gone_id", "members_member")),
        SameTenant("members_note", "upload_id", "accounts_upload"),
        SameTenant("members_pass", "type_id", "members_passtype"),
        SameTenant("members_pass", "received_from_id", "members_pass"),
        SameTenant("members_passentry", "of_id", "members_pass"),
        SameTenant("members_attendance", "used_id", "members_pass"),
        SameTenant("members_attendance", "kiosk_id", "members_kiosk"),
        SameTenant("members_dueplan", "group_id", "members_group"),
        SameTenant("members_due", "plan_id", "members_dueplan"),
        SameTenant("members_segmentcount", "segment_id", "members_segment"),
        SameTenant("members_bulkeditpart", "edit_id", "members_bulkedit"),
        SameTenant("members_importpart", "of_id", "members_import"),
        AppendOnly("members_passentry", erasable=("note",)),
        AppendOnly("members_dueentry", erasable=("note",)),
        AppendOnly("members_stagechange", erasable=("source",)),
        Collate("members_contact", "phone:varchar(12)"),
        Collate("members_deadphone", "phone:varchar(12)"),
        Collate("members_member", "name:varchar(40)", "phone:varchar(12)", "name_cho:varchar(40)", "tokens:text"),
        Collate("members_group", "name:varchar(40)"),
        # Each token begins with the tenant's id (members.search), so no search ever reads a neighbour's entries.
        PostgresSql(
            "CREATE INDEX members_tokens ON members_member USING gin (string_to_array(tokens, ' ')) "
            "WHERE deleted_at IS NULL",
            "DROP INDEX IF EXISTS members_tokens",
        ),
        # Who has which word in an own column (members.segments.expressions.OwnIs), the tenant first here too. Words as
        # an array, for which the index alone is the answer: hashes of JSON are looked up in the rows once more.
        PostgresSql(
            "CREATE FUNCTION members_own_words(tenant bigint, fields jsonb) RETURNS text[] "
            "LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ "
            "SELECT COALESCE(array_agg(tenant || ':' || key || chr(31) || value), '{}') "
            "FROM jsonb_each_text(fields) WHERE value <> '' AND length(value) <= 60 $$",
            "DROP FUNCTION IF EXISTS members_own_words(bigint, jsonb)",
        ),
        PostgresSql(
            # Of the trash too: PostgreSQL never joins two indexes that are partial by the same condition, and those of
            # days and stages are.
            "CREATE INDEX members_own ON members_member USING gin (members_own_words(tenant_id, fields))",
            "DROP INDEX IF EXISTS members_own",
        ),
        # How common each word is: without it PostgreSQL takes every word for a rare one.
        PostgresSql(
            "CREATE STATISTICS members_own_common ON (members_own_words(tenant_id, fields)) FROM members_member",
            "DROP STATISTICS IF EXISTS members_own_common",
        ),
    ]
