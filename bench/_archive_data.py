"""Five million texts to read from: three years of 5,000 dispatches, four fifths of them one tenant's, others between.

Members and names as in `_roster_data`; texts with words that all, some and hardly any dispatches have; results as
carriers give them. Rows are made by PostgreSQL in the order in which they would have come.
"""

import random
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django_scopes import scopes_disabled

from accounts.enums import Role
from accounts.models import Staff, Tenant, User
from bench import _roster_data as roster
from members.models import Group
from messaging.enums import AccountMode, BatchState, DispatchState, Type
from messaging.models import AligoAccount, Batch, Dispatch, Sender
from messaging.services import senders
from ui import times

SLUG, OWNER = "bench", "bench@example.com"
PEOPLE, NEIGHBOURS = 100_500, 40  # some share a phone
SENDERS = ["0237890123", "0223456789", "15881234"]
RARE_WORD, RARE_AMOUNT = "뷔페", "37,450"
TEXTS = [
    "#{이름}님, 안녕하세요. 이번 달 수업료 #{금액}원을 25일까지 부탁드려요. 늘 고맙습니다.",
    "#{이름}님, 내일 수업은 저녁 7시에 시작해요. 도복과 물을 꼭 챙겨 주세요.",
    "내일은 정기 휴무라 쉬어요. 즐거운 주말 보내세요.",
    "#{이름}님의 이용권이 이번 주에 끝나요. 이어서 다니시려면 데스크에 말씀해 주세요.",
    "태풍으로 오늘 셔틀이 모두 쉬어요. 조심해서 다녀 주세요.",
    "#{이름}님, 승급 심사에 합격하셨어요. 축하드려요!",
    "#{이름}님, 사물함 열쇠를 이번 주까지 돌려주세요. 보증금 #{금액}원은 그 자리에서 드려요.",
    "설 연휴 동안 쉬어요. 새해 복 많이 받으세요.",
]
# (dispatches, texts of each): the big tenant's, and those of each neighbour
BIG = [(10, 100_000), (2_999, 1_000), (40, 30)]
SMALL = [(50, 500)]
# Of 100,000 texts 2,000 have a wrong number, 400 no subscriber, 50 no result; the rest arrived.
_WRITE = """
    INSERT INTO messaging_message
        (tenant_id, dispatch_id, batch_id, member_id, name, phone, text, state, reason, provider_state, result_at)
    SELECT b.tenant_id, b.dispatch_id, b.id, c.id, c.name, c.phone,
        CASE WHEN b.text <> '' THEN '' ELSE replace(replace(d.text, '#{이름}', c.name), '#{금액}', a.won) END,
        r.state, CASE r.state WHEN 'failed' THEN CASE WHEN n.dice < 200 THEN 'bad_number' ELSE 'no_subscriber' END
            WHEN 'no_result' THEN 'no_result' ELSE '' END,
        CASE r.state WHEN 'delivered' THEN '발송완료' WHEN 'failed' THEN
            CASE WHEN n.dice < 200 THEN '발/착신 번호 에러' ELSE '가입자없음' END ELSE '' END,
        CASE WHEN r.state <> '' THEN b.accepted_at + interval '3 minutes' END
    FROM messaging_batch b JOIN messaging_dispatch d ON d.id = b.dispatch_id
    JOIN bench_first f ON f.tenant_id = b.tenant_id
    CROSS JOIN LATERAL generate_series(0, b.size - 1) i
    -- A dispatch goes to neighbours in the roster, each to others of them.
    JOIN bench_crew c ON c.tenant_id = b.tenant_id
        AND c.nth = (b.dispatch_id::bigint * 7919 + (b.number - 1) * %s + i) %% f.people
    CROSS JOIN LATERAL (SELECT (hashint8(b.id * 1000 + i) & 1073741823) %% 10000 AS dice) n
    CROSS JOIN LATERAL (SELECT CASE WHEN b.state <> 'done' THEN '' WHEN n.dice < 240 THEN 'failed'
        WHEN n.dice < 245 THEN 'no_result' ELSE 'delivered' END AS state) r
    CROSS JOIN LATERAL (SELECT to_char(20000 + (hashint8(b.id * 1000 + i + 7) & 1073741823) %% 8000 * 50,
        'FM999,999') AS won) a
    ORDER BY b.id, i
"""
_COUNT = """
    UPDATE messaging_batch b SET delivered_count = c.delivered, failed_count = c.failed, no_result_count = c.silent
    FROM (SELECT batch_id, count(*) FILTER (WHERE state = 'delivered') AS delivered,
        count(*) FILTER (WHERE state = 'failed') AS failed, count(*) FILTER (WHERE state = 'no_result') AS silent
        FROM messaging_message GROUP BY 1) c WHERE c.batch_id = b.id AND b.state = 'done'
"""
PACK = 500


def build() -> None:
    """Fill an empty database; a filled one is left as it is."""
    if Tenant.objects.filter(slug=SLUG).exists():
        return
    user = User.objects.create_user(OWNER, "bench password 1", name="김대표")
    big = Tenant.objects.create(name="벤치학원", slug=SLUG)
    Staff.objects.create(tenant=big, user=user, role=Role.OWNER)
    small = Tenant.objects.bulk_create(Tenant(name=f"이웃{n}", slug=f"n{n}") for n in range(NEIGHBOURS))
    with connection.cursor() as cursor, scopes_disabled():
        dice = random.Random(7)
        roster.copy_members(cursor, dice, [t.pk for t in small], 2_000 * NEIGHBOURS)
        roster.copy_members(cursor, dice, [big.pk], PEOPLE)
        _crew(cursor)
        _group(cursor, big)
        for tenant in (big, *small):
            _connected(tenant)
        _batches(_dispatches(dice, big, small))
        cursor.execute("ANALYZE")
        _without_indexes(cursor, lambda: cursor.execute(_WRITE, [PACK]))
        cursor.execute(_COUNT)
        # As autovacuum leaves a table that has grown slowly.
        cursor.execute("VACUUM ANALYZE")


def _crew(cursor: Any) -> None:
    """The first member of each phone, numbered within the tenant."""
    cursor.execute(
        "CREATE TABLE bench_crew AS SELECT tenant_id, id, name, phone, "
        "row_number() OVER (PARTITION BY tenant_id ORDER BY id) - 1 AS nth "
        "FROM (SELECT DISTINCT ON (tenant_id, phone) * FROM members_member ORDER BY tenant_id, phone, id) one"
    )
    cursor.execute("CREATE UNIQUE INDEX ON bench_crew (tenant_id, nth)")
    cursor.execute("CREATE TABLE bench_first AS SELECT tenant_id, count(*) AS people FROM bench_crew GROUP BY 1")


def _group(cursor: Any, tenant: Tenant) -> None:
    """All of its members in a group, half and a tenth of them in two others, and some who want no texts."""
    for name, one_in in (("모두", 1), ("절반", 2), ("열에 하나", 10)):
        group = Group.objects.create(tenant=tenant, name=name)
        cursor.execute(
            "INSERT INTO members_membership (tenant_id, member_id, group_id) "
            "SELECT tenant_id, id, %s FROM members_member WHERE tenant_id = %s AND hashint8(id) %% %s = 0",
            [group.pk, tenant.pk, one_in],
        )
        Group.objects.filter(pk=group.pk).update(member_count=cursor.rowcount)
    cursor.execute(
        "INSERT INTO messaging_optout (tenant_id, phone, scope, source, at) "
        "SELECT tenant_id, phone, CASE WHEN nth %% 200 = 0 THEN 'all' ELSE 'ads' END, '', now() "
        "FROM bench_crew WHERE tenant_id = %s AND nth %% 100 = 0",
        [tenant.pk],
    )


def _connected(tenant: Tenant) -> None:
    for number in SENDERS:
        senders.add(tenant=tenant, by=None, number=number)
    now = times.now()
    AligoAccount.objects.create(
        tenant=tenant,
        mode=AccountMode.LIVE,
        user_id=f"bench{tenant.pk}",
        api_key="k" * 32,
        checked_at=now + timedelta(days=1),  # the quote does not ask meanwhile: Aligo's time is not ours
        balance_at=now,
        sms_count=900_000,
        lms_count=300_000,
        mms_count=100_000,
    )
    Sender.objects.filter(tenant=tenant).update(confirmed_at=now)


def _dispatches(dice: random.Random, big: Tenant, small: list[Tenant]) -> list[Dispatch]:
    """All of them over three years, whose they are shuffled; the last ones still wait for their results."""
    sizes = [(big, size) for count, size in BIG for _n in range(count)]
    sizes += [(tenant, size) for tenant in small for count, size in SMALL for _n in range(count)]
    dice.shuffle(sizes)
    start = times.now() - timedelta(days=1_095)
    step = timedelta(days=1_095) / len(sizes)
    rows = [_dispatch(dice, tenant, size, start + n * step) for n, (tenant, size) in enumerate(sizes)]
    mine = [row for row in rows if row.tenant_id == big.pk]
    mine[len(mine) // 3].text = f"#{{이름}}님, 송년회는 3층 {RARE_WORD}에서 해요."
    for row in rows[-20:]:
        row.state, row.finished_at = DispatchState.SENDING, None
    made: list[Dispatch] = Dispatch.objects.bulk_create(rows, batch_size=500)
    for row in made:  # auto_now_add has written today
        row.created_at = row.first_sent_at  # type: ignore[assignment]
    Dispatch.objects.bulk_update(made, ["created_at"], batch_size=500)
    return made


def _dispatch(dice: random.Random, tenant: Tenant, size: int, at: datetime) -> Dispatch:
    return Dispatch(
        tenant=tenant,
        text=dice.choice(TEXTS),
        sender=dice.choices(SENDERS, weights=[80, 19, 1])[0],
        mode=AccountMode.LIVE,
        audience={"all": True},
        state=DispatchState.FINISHED,
        total=size,
        prepared_at=at,
        first_sent_at=at,
        finished_at=at + timedelta(minutes=5),
    )


def _batches(dispatches: list[Dispatch]) -> None:
    Batch.objects.bulk_create((row for one in dispatches for row in _packs(one)), batch_size=1_000)


def _packs(dispatch: Dispatch) -> list[Batch]:
    total = dispatch.total or 0
    done = dispatch.state == DispatchState.FINISHED
    return [
        Batch(
            tenant_id=dispatch.tenant_id,
            dispatch=dispatch,
            number=number,
            type=Type.SMS,
            text="" if "#{" in dispatch.text else dispatch.text,
            sender=dispatch.sender,
            size=min(PACK, total - at),
            state=BatchState.DONE if done else BatchState.ACCEPTED,
            receivers_hash=f"{dispatch.pk}-{number}",
            account=f"bench{dispatch.tenant_id}",
            attempts=1,
            provider_id=f"{dispatch.pk}-{number}",
            accepted_at=dispatch.first_sent_at,
            poll_at=None if done else times.now() + timedelta(days=1),
        )
        for number, at in enumerate(range(0, total, PACK), 1)
    ]


def _without_indexes(cursor: Any, work: Any) -> None:
    """Do it with the table's indexes away, and build them again: a fifth of the time."""
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'messaging_message' "
        "AND indexname NOT IN (SELECT conname FROM pg_constraint)"
    )
    found = cursor.fetchall()
    for name, _definition in found:
        cursor.execute(f'DROP INDEX "{name}"')
    work()
    for _name, definition in found:
        cursor.execute(definition)
