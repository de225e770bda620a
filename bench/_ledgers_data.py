"""What a shop's ledgers leave behind the members of `_roster_data`: passes, visits, dues, consents, stages, notes.

For every third member of the big tenant a few lines of each, for a few hundred of them; a mother for nearly every
member, some of several. Written by PostgreSQL, without the walls' triggers, whose checks are no business of a bench of
reading.
"""

from django.db import connection

from accounts.models import Tenant
from bench._roster_data import SLUG
from members.models import Pass

HEAVY = 200  # lines of each kind of the members that have most
_WHO = "members_member m WHERE m.tenant_id = %(tenant)s AND m.id %% 3 = 0"
_LINES = """
    SELECT m.id, m.tenant_id, m.expires_on, m.sessions_left, n FROM members_member m,
        generate_series(1, CASE WHEN m.id %% 30000 = 0 THEN {heavy} ELSE 2 END) n
    WHERE m.tenant_id = %(tenant)s AND m.id %% 3 = 0
"""
_AGO = "now() - (n * 3 + m.id %% 50) * interval '1 day' - (m.id %% 600) * interval '1 minute'"
_STATEMENTS = {
    "members_pass": f"""INSERT INTO members_pass (tenant_id, member_id, name, kind, price_won, starts_on, ends_on,
        sessions, sessions_left, closed_as, created_at)
        SELECT m.tenant_id, m.id, '3개월권', CASE WHEN m.sessions_left IS NULL THEN 'period' ELSE 'count' END,
        240000, COALESCE(m.expires_on, current_date) - 90, m.expires_on,
        CASE WHEN m.sessions_left IS NULL THEN NULL ELSE 20 END, m.sessions_left, '', now() FROM {_WHO}""",
    "members_passentry": f"""INSERT INTO members_passentry (tenant_id, of_id, kind, sessions, days, won, "on",
        reference, note, at) SELECT m.tenant_id, p.id, CASE WHEN n = 1 THEN 'opened' ELSE 'used' END, -1, 0, 0,
        current_date - n::int, 'bench:' || p.id || ':' || n, '', {_AGO}
        FROM ({_LINES}) m JOIN members_pass p ON p.member_id = m.id""",
    "members_attendance": f"""INSERT INTO members_attendance (tenant_id, member_id, "on", at, way, key)
        SELECT m.tenant_id, m.id, ({_AGO})::date, {_AGO}, 'digits', 'bench:' || m.id || ':' || n FROM ({_LINES}) m""",
    "members_due": f"""INSERT INTO members_due (tenant_id, member_id, name, month, amount_won, paid_won, waived_won,
        open_won, due_on, created_at)
        SELECT m.tenant_id, m.id, '수업료', date_trunc('month', now() - n * interval '1 month'),
        150000, CASE WHEN u.late THEN 0 ELSE 150000 END, 0, CASE WHEN u.late THEN 150000 ELSE 0 END,
        CASE WHEN u.late THEN u.since ELSE current_date - n::int * 30 END, now()
        FROM ({_LINES}) m JOIN LATERAL (SELECT x.unpaid_since IS NOT NULL AND n = 1 AS late, x.unpaid_since AS since
            FROM members_member x WHERE x.id = m.id) u ON true""",
    "members_dueentry": """INSERT INTO members_dueentry (tenant_id, due_id, kind, won, "on", method, reference, note,
        at) SELECT d.tenant_id, d.id, 'charged', d.amount_won, d.due_on, '', 'bench:' || d.id, '', d.created_at
        FROM members_due d WHERE d.tenant_id = %(tenant)s""",
    "members_consent": f"""INSERT INTO members_consent (tenant_id, member_id, kind, given, source, at, recorded_at)
        SELECT m.tenant_id, m.id, 'ad', n %% 2 = 1, '종이', {_AGO}, now() FROM ({_LINES}) m""",
    "members_stagechange": f"""INSERT INTO members_stagechange (tenant_id, member_id, stage, "on", source, at)
        SELECT m.tenant_id, m.id, 'active', ({_AGO})::date, '', {_AGO} FROM ({_LINES}) m""",
    "members_note": f"""INSERT INTO members_note (tenant_id, member_id, kind, text, direction, is_pinned, is_private,
        at) SELECT m.tenant_id, m.id, 'note', '상담: 다음 달부터 주 3회', '', n = 1, false, {_AGO} FROM ({_LINES}) m""",
    "members_contact": """INSERT INTO members_contact (tenant_id, member_id, role, phone, name, gets_notices, gets_dues,
        position) SELECT tenant_id, id, 'mother', '010' || 30000000 + CASE WHEN id %% 50 < 10 THEN id / 50 ELSE id END,
        '어머니', true, true, 1 FROM members_member WHERE tenant_id = %(tenant)s AND id %% 100 <> 50""",
    "accounts_auditevent": f"""INSERT INTO accounts_auditevent (tenant_id, at, by_label, kind, subject, data,
        request_id) SELECT m.tenant_id, {_AGO}, '김대표', 'member.updated', 'member:' || m.id, '{{}}', ''
        FROM ({_LINES}) m""",
}


def build() -> None:
    """Fill the ledgers; filled ones are left as they are."""
    tenant = Tenant.objects.get(slug=SLUG)
    if Pass._base_manager.filter(tenant=tenant).exists():
        return
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table, statement in _STATEMENTS.items():
            cursor.execute(statement.replace("{heavy}", str(HEAVY)), {"tenant": tenant.pk})
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("SET session_replication_role = origin")
