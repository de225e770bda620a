"""The people of the demo: names, phones, groups, consents. Everything comes from one numbered die."""

from datetime import datetime, timedelta
from random import Random

from accounts.models import Tenant
from home.seeding import standing
from members import birthdays
from members.birthdays import Birthday
from members.enums import ConsentKind, FieldKind, Tone
from members.models import Consent, Field, Group, Member, Membership
from members.search import derive
from ui import times

BATCH, CHUNK = 2_000, 20_000
AGED, KNOWN = 3_000, 5_000
SURNAMES = "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하"
FIRST = "민서지하도예주수시은현유준아윤연우태승재성다소채가나규건진영"
SECOND = "준서우현민아윤은율진원빈연호영희수인혁린솔람경훈석환주미"
MEMOS = [
    "화요일마다 늦게 와요.",
    "형제 할인",
    "현금영수증 필요",
    "사물함 12번",
    "셔틀 이용",
    "소개로 옴",
    "주차 등록함",
]
GRADES = [f"{n}학년" for n in range(1, 7)]
COLUMNS: list[tuple[str, str, list[str]]] = [
    ("사물함", FieldKind.NUMBER, []),
    ("셔틀", FieldKind.YES_NO, []),
    ("등록일 약속", FieldKind.DATE, []),
    ("신청서", FieldKind.FILE, []),
]
TONES = list(Tone.values)


def make(tenant: Tenant, count: int, group_names: list[str], field: str, die: Random) -> list[Member]:
    """Members with groups and consents, a chunk at a time; returns the first KNOWN of them, for the texts."""
    groups = Group.objects.bulk_create(
        Group(tenant=tenant, name=name, position=n, tone=TONES[n % len(TONES)]) for n, name in enumerate(group_names)
    )
    own = [
        Field(tenant=tenant, key=name, name=name, kind=kind, choices=choices, position=n)
        for n, (name, kind, choices) in enumerate([(field, FieldKind.CHOICE, GRADES), *COLUMNS])
    ]
    Field.objects.bulk_create(own)
    now = times.now()
    known: list[Member] = []
    for start in range(0, count, CHUNK):
        numbers = range(start, min(start + CHUNK, count))
        members = Member.objects.bulk_create([_member(tenant, n, field, now, die) for n in numbers], batch_size=BATCH)
        if not start:  # enough of them to give the list a past; auto_now_add dates everybody today
            Member.objects.bulk_update(_aged(members[:AGED], now, die), ["created_at"], batch_size=500)
        _join(tenant, members, groups, die)
        _consent(tenant, members, die)
        if not start:
            standing.furnish(tenant, members)
        known += members[: KNOWN - len(known)]
    Group.objects.bulk_update(groups, ["member_count"])
    return known


def _member(tenant: Tenant, n: int, field: str, now: datetime, die: Random) -> Member:
    name = die.choice(SURNAMES) + die.choice(FIRST) + die.choice(SECOND)
    # Every 17th shares the phone of the one before (a family), every 211th has none.
    number = n - 1 if n % 17 == 16 else n
    phone = "" if n % 211 == 210 else f"010{2000 + number * 7919 % 8000:04d}{number * 104729 % 10000:04d}"
    memo = die.choice(MEMOS) if die.random() < 0.12 else ""
    cho, tokens = derive(tenant.pk, name, phone, memo, [row[1:] for row in standing.guardians(n)])
    born = _birthday(n, die)
    birth_date, birthday = birthdays.columns(born)
    agreed = now - timedelta(days=die.randrange(5, 700)) if phone and die.random() < 0.7 else None
    return Member(
        tenant=tenant,
        name=name,
        phone=phone,
        memo=memo,
        birth_date=birth_date,
        birthday=birthday,
        next_birthday=birthdays.next_birthday(born, now.astimezone(times.SEOUL).date()),
        fields=_own(field, n, now, die),
        ad_consent_at=agreed,
        night_consent_at=agreed if agreed and die.random() < 0.2 else None,
        **standing.of(n, now.astimezone(times.SEOUL).date()),
        name_cho=cho,
        tokens=tokens,
        deleted_at=now - timedelta(days=3) if n % 97 == 96 else None,
    )


def _birthday(n: int, die: Random) -> Birthday | None:
    """Two of three have one; of those every twelfth keeps it by the moon, every tenth has told no year."""
    year, month, day = die.randrange(1960, 2019), die.randrange(1, 13), die.randrange(1, 29)
    if n % 3 == 0:
        return None
    if n % 12 == 1:
        return Birthday(birthdays.LUNAR, year, month, day)
    return Birthday(birthdays.SOLAR, None if n % 10 == 2 else year, month, day)


def _own(field: str, n: int, now: datetime, die: Random) -> dict[str, str]:
    found = {}
    if n % 4 == 0:
        found[field] = die.choice(GRADES)
    if n % 7 == 3:
        found |= {"사물함": str(die.randrange(1, 120)), "셔틀": "예" if n % 2 else "아니오"}
    if n % 9 == 5:
        found["등록일 약속"] = (now + timedelta(days=die.randrange(1, 60))).date().isoformat()
    return found


def _aged(members: list[Member], now: datetime, die: Random) -> list[Member]:
    for n, member in enumerate(members):
        member.created_at = now - timedelta(days=(len(members) - n) * 700 // len(members), minutes=die.randrange(600))
    return members


def _join(tenant: Tenant, members: list[Member], groups: list[Group], die: Random) -> None:
    rows = []
    for member in members:
        for group in die.sample(groups, k=die.choice([0, 1, 1, 1, 2])):
            rows.append(Membership(tenant=tenant, member=member, group=group))
            group.member_count += member.deleted_at is None
    Membership.objects.bulk_create(rows, batch_size=BATCH)


def _consent(tenant: Tenant, members: list[Member], die: Random) -> None:
    sources = ["가입 신청서", "홈페이지", "전화", "카카오톡 채널"]
    rows = []
    for member in members:
        for kind, at in ((ConsentKind.AD, member.ad_consent_at), (ConsentKind.NIGHT, member.night_consent_at)):
            if at:
                rows.append(
                    Consent(tenant=tenant, member=member, kind=kind, given=True, source=die.choice(sources), at=at)
                )
    Consent.objects.bulk_create(rows, batch_size=BATCH)
