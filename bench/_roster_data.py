"""Two million members to measure with: half in one tenant, half in 500 neighbours; COPY first, indexes afterwards."""

import io
import json
import random
from datetime import date, timedelta
from itertools import accumulate

from django.db import connection

from accounts.enums import Role
from accounts.models import Staff, Tenant, User
from members.search import derive
from ui import times

SLUG = "bench"
OWNER = "bench@example.com"
BIG, SMALL, NEIGHBOURS = 1_000_000, 1_000_000, 500
# The common surnames by their true share in a thousand; the rest below shares what is left.
_COMMON = (
    "김215 이147 박84 최47 정43 강24 조21 윤21 장20 임17 한15 오15 서15 신15 권14 황14 안14 송14 류13 전11 홍11 고9 "
    "문9 양9 손9 배8 백8 허7 유6 남5 심5 노5 하5 곽4 성4 차4 주4 우4"
)
SURNAMES = {part[0]: int(part[1:]) for part in _COMMON.split()}
RARE = (
    "구민진나지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용예경봉사부가복태목형계피두감음빈동온"
    "호범좌팽승"
)
FIRST = "민서지도하준현수영예은주시유아채다건우성재승태윤정"
SECOND = "준서윤연우아은호진성희영현민지수훈빈경"
GROUPS = ["초등부", "중등부", "고등부", "학부모", "교직원", "오전반", "오후반", "주말반", "휴원", "졸업"]
MEMOS = ["", "", "", "", "형제 등원", "차량 이용", "미납 3월분", "상담 예정", "알레르기 있음", "체험 수업 문의"]
COLUMNS = "tenant_id, name, phone, birth_date, memo, fields, ad_consent_at, name_cho, tokens, created_at, updated_at"
# What a shop's ledgers leave on its members (`lived`), for the benches of segments.
LIVED = (
    "night_consent_at, stage, stage_on, source, expires_on, sessions_left, last_visit_on, unpaid_won, unpaid_since, "
    "next_birthday"
)
STAGES = ["inquiry"] * 4 + ["consult"] * 2 + ["trial"] * 2 + ["active"] * 74 + ["paused"] * 8 + ["left"] * 10
SOURCES = ["", "", "지인 소개", "네이버 검색", "간판", "인스타그램"]
CLASSES = ["새싹반", "푸른반", "하늘반", "바다반", "별님반", "달님반", "해님반", "새벽반", "성인반", "선수반"]
TAGS = [("VIP", 20), ("형제", 10), ("차량", 3)]  # every n-th member


def build(*, lived: bool = False) -> None:
    """Fill an empty database; a filled one is left as it is. `lived`: with ledgers' states, own fields and tags."""
    if Tenant.objects.filter(slug=SLUG).exists():
        return
    user = User.objects.create_user(OWNER, "bench password 1", name="김대표")
    big = Tenant.objects.create(name="벤치학원", slug=SLUG)
    Staff.objects.create(tenant=big, user=user, role=Role.OWNER)
    small = Tenant.objects.bulk_create(Tenant(name=f"이웃{n}", slug=f"n{n}") for n in range(NEIGHBOURS))
    with connection.cursor() as cursor:
        indexes = _drop_indexes(cursor)
        _follow_marks(cursor, "DISABLE")
        dice = random.Random(7)
        # Half of the neighbours before and half after, so that ids of a tenant are no solid block.
        copy_members(cursor, dice, [t.pk for t in small], SMALL // 2, lived=lived)
        copy_members(cursor, dice, [big.pk], BIG, lived=lived)
        copy_members(cursor, dice, [t.pk for t in small], SMALL - SMALL // 2, lived=lived)
        _groups(cursor)
        if lived:
            _own_columns(cursor)
        cursor.execute("SET maintenance_work_mem = '512MB'")  # else the search index alone takes minutes
        for statement in indexes:
            cursor.execute(statement)
        _follow_marks(cursor, "ENABLE")
        cursor.execute("SELECT members_mark_all()")
        cursor.execute("VACUUM ANALYZE members_marks")
        cursor.execute("RESET maintenance_work_mem")
        cursor.execute("VACUUM ANALYZE members_member")
        cursor.execute("VACUUM ANALYZE members_membership")
        cursor.execute("ANALYZE")


def _follow_marks(cursor, deed: str) -> None:
    """Let the triggers write what members carry, or not: for two million it is written once, at the end."""
    cursor.execute("SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgname LIKE 'members\\_%\\_marks\\_%'")
    for table, trigger in cursor.fetchall():
        cursor.execute(f"ALTER TABLE {table} {deed} TRIGGER {trigger}")


def _drop_indexes(cursor) -> list[str]:
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'members_member' AND indexname !~ '(pkey|wall)$'"
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f"DROP INDEX {name}")
    return [definition for _name, definition in found]


def _names(dice: random.Random):
    surnames = [*SURNAMES, *RARE]
    shares = [*SURNAMES.values(), *[(1000 - sum(SURNAMES.values())) / len(RARE)] * len(RARE)]
    given = [a + b for a in FIRST for b in SECOND]
    dice.shuffle(given)
    given = given[:400]
    weights = list(accumulate(1 / (n + 20) for n in range(len(given))))  # a few are very common, as in life
    bounds = list(accumulate(shares))
    while True:
        yield from map(
            "".join,
            zip(
                dice.choices(surnames, cum_weights=bounds, k=10_000),
                dice.choices(given, cum_weights=weights, k=10_000),
                strict=True,
            ),
        )


def copy_members(cursor, dice: random.Random, tenants: list[int], rows: int, *, lived: bool = False) -> None:
    """Members with names as they are in life, the tenants taking turns."""
    names, columns = _names(dice), f"{COLUMNS}, {LIVED}" if lived else COLUMNS
    # Its own dice: what other benches measure stays what it was.
    life, today = random.Random(9), times.today()
    for start in range(0, rows, 100_000):
        lines = []
        for n in range(start, min(start + 100_000, rows)):
            tenant, name = tenants[n % len(tenants)], next(names)
            phone, memo = f"010{dice.randrange(20_000_000, 99_999_999)}", dice.choice(MEMOS)
            cho, tokens = derive(tenant, name, phone, memo)
            birth = f"{1960 + n % 55}-{1 + n % 12:02d}-{1 + n % 28:02d}"
            ad = "2026-01-02 00:00+00" if n % 3 else "\\N"
            own = _fields(life) if lived else "{}"
            line = f"{tenant}\t{name}\t{phone}\t{birth}\t{memo}\t{own}\t{ad}\t{cho}\t{tokens}\tnow\tnow"
            lines.append(f"{line}\t{_life(life, today, n, ad)}\n" if lived else f"{line}\n")
        cursor.copy_expert(f"COPY members_member ({columns}) FROM STDIN", io.StringIO("".join(lines)))


def _fields(dice: random.Random) -> str:
    """Own columns as an import leaves them: text, whatever the kind."""
    ride = "예" if dice.random() < 0.3 else "아니오"
    return f'{{"반": "{dice.choice(CLASSES)}", "차량": "{ride}", "레벨": "{dice.randrange(1, 31)}"}}'


def _life(dice: random.Random, today: date, n: int, ad: str) -> str:
    """The columns of LIVED: most came lately, some are about to run out, a few owe."""
    null = "\\N"
    stage = dice.choice(STAGES)
    night = ad if n % 5 == 0 else null
    expires = str(today + timedelta(dice.randrange(-200, 366))) if dice.random() < 0.7 else null
    sessions = str(dice.randrange(0, 21)) if dice.random() < 0.3 else null
    visit = str(today - timedelta(min(int(dice.expovariate(1 / 30)), 400))) if dice.random() < 0.8 else null
    owes = dice.random() < 0.05
    won, since = (dice.randrange(3, 30) * 10_000, str(today - timedelta(dice.randrange(0, 91)))) if owes else (0, null)
    birthday, stage_on = today + timedelta(dice.randrange(0, 365)), today - timedelta(dice.randrange(0, 730))
    source = dice.choice(SOURCES)
    return f"{night}\t{stage}\t{stage_on}\t{source}\t{expires}\t{sessions}\t{visit}\t{won}\t{since}\t{birthday}"


def _own_columns(cursor) -> None:
    """The tenants' own columns and tags."""
    cursor.execute(
        """INSERT INTO members_field (tenant_id, key, name, former, kind, choices, position)
        SELECT t.id, f.name, f.name, '[]', f.kind, f.choices::jsonb, f.n
        FROM accounts_tenant t, unnest(%s::text[], %s::text[], %s::text[]) WITH ORDINALITY f(name, kind, choices, n)""",
        [["반", "차량", "레벨"], ["choice", "yes_no", "number"], [json.dumps(CLASSES), "[]", "[]"]],
    )
    for name, every in TAGS:
        cursor.execute(
            "INSERT INTO accounts_tag (tenant_id, name, tone, created_at) "
            "SELECT id, %s, 'gray', now() FROM accounts_tenant",
            [name],
        )
        cursor.execute(
            "INSERT INTO members_membertag (tenant_id, member_id, tag_id) SELECT m.tenant_id, m.id, t.id "
            "FROM members_member m JOIN accounts_tag t ON t.tenant_id = m.tenant_id AND t.name = %s "
            "WHERE m.id %% %s = 1",
            [name, every],
        )
    cursor.execute("VACUUM ANALYZE members_membertag")


def _groups(cursor) -> None:
    """Ten groups of 100,000 and one of 2,000 in the big tenant, two each elsewhere."""
    cursor.execute(
        """INSERT INTO members_group (tenant_id, name, tone, position, member_count, created_at)
        SELECT t.id, g.name, 'blue', g.n, 0, now()
        FROM accounts_tenant t, unnest(%s::text[]) WITH ORDINALITY g(name, n) WHERE t.slug = %s OR g.n < 3""",
        [[*GROUPS, "체험"], SLUG],
    )
    cursor.execute(
        """INSERT INTO members_membership (tenant_id, member_id, group_id)
        SELECT m.tenant_id, m.id, g.id
        FROM members_member m JOIN accounts_tenant t ON t.id = m.tenant_id
        JOIN members_group g ON g.tenant_id = m.tenant_id AND CASE
            WHEN g.name = '체험' THEN m.id %% 500 = 3
            WHEN t.slug = %s THEN m.id %% 10 + 1 = g.position
            ELSE m.id %% 2 + 1 = g.position END""",
        [SLUG],
    )
    cursor.execute(
        "UPDATE members_group g SET member_count = n FROM "
        "(SELECT group_id, count(*) n FROM members_membership GROUP BY 1) c WHERE c.group_id = g.id"
    )
