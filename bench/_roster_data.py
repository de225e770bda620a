"""Two million members to measure with: half in one tenant, half in 500 neighbours; COPY first, indexes afterwards."""

import io
import random
from itertools import accumulate

from django.db import connection

from accounts.enums import Role
from accounts.models import Staff, Tenant, User
from members.search import derive

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


def build() -> None:
    """Fill an empty database; a filled one is left as it is."""
    if Tenant.objects.filter(slug=SLUG).exists():
        return
    user = User.objects.create_user(OWNER, "bench password 1", name="김대표")
    big = Tenant.objects.create(name="벤치학원", slug=SLUG)
    Staff.objects.create(tenant=big, user=user, role=Role.OWNER)
    small = Tenant.objects.bulk_create(Tenant(name=f"이웃{n}", slug=f"n{n}") for n in range(NEIGHBOURS))
    with connection.cursor() as cursor:
        indexes = _drop_indexes(cursor)
        dice = random.Random(7)
        # Half of the neighbours before and half after, so that ids of a tenant are no solid block.
        copy_members(cursor, dice, [t.pk for t in small], SMALL // 2)
        copy_members(cursor, dice, [big.pk], BIG)
        copy_members(cursor, dice, [t.pk for t in small], SMALL - SMALL // 2)
        _groups(cursor)
        for statement in indexes:
            cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE members_member")
        cursor.execute("VACUUM ANALYZE members_membership")
        cursor.execute("ANALYZE")


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


def copy_members(cursor, dice: random.Random, tenants: list[int], rows: int) -> None:
    """Members with names as they are in life, the tenants taking turns."""
    names = _names(dice)
    for start in range(0, rows, 100_000):
        lines = []
        for n in range(start, min(start + 100_000, rows)):
            tenant, name = tenants[n % len(tenants)], next(names)
            phone, memo = f"010{dice.randrange(20_000_000, 99_999_999)}", dice.choice(MEMOS)
            cho, tokens = derive(tenant, name, phone, memo)
            birth = f"{1960 + n % 55}-{1 + n % 12:02d}-{1 + n % 28:02d}"
            ad = "2026-01-02 00:00+00" if n % 3 else "\\N"
            lines.append(f"{tenant}\t{name}\t{phone}\t{birth}\t{memo}\t{{}}\t{ad}\t{cho}\t{tokens}\tnow\tnow\n")
        cursor.copy_expert(f"COPY members_member ({COLUMNS}) FROM STDIN", io.StringIO("".join(lines)))


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
