"""What the demo's staff have written down: notes and calls of some members, a preset of the trade with its texts."""

from datetime import timedelta
from random import Random

from accounts.models import Tenant, User
from members.enums import CallDirection, NoteKind
from members.models import Member, Note
from members.services import presets
from ui import times

NOTED = 240  # of the first members; the first of all has a bit of everything
NOTES = [
    "무릎이 안 좋다고 하셔서 하체 운동은 가볍게 해요.",
    "아이가 낯을 가려서 처음 10분은 옆에 있어 주세요.",
    "이사 가신 뒤로 버스로 오세요. 저녁 7시 반을 편해하세요.",
    "형제 할인을 다음 달부터 적용하기로 했어요.",
    "시합 준비로 한 달 동안 주 5회 나오기로 했어요.",
]
CALLS = [
    "재등록 날짜를 물어보셨어요. 다음 주에 다시 연락드리기로 했어요.",
    "결석 연락이었어요. 감기라고 하세요.",
    "주차 위치를 안내해 드렸어요.",
    "",
]


def make(tenant: Tenant, owner: User, members: list[Member], preset: str, die: Random) -> None:
    presets.take(tenant=tenant, by=owner, preset=preset)
    now = times.now()
    rows = []
    for n, member in enumerate(members[:NOTED]):
        if n % 2 == 0 or n < 5:
            at = now - timedelta(days=die.randrange(0, 90), minutes=die.randrange(600))
            rows.append(
                Note(tenant=tenant, member=member, text=die.choice(NOTES), by=owner, at=at, is_pinned=n % 10 == 0)
            )
        if n % 5 < 2:
            at = now - timedelta(days=die.randrange(0, 60), minutes=die.randrange(600))
            way = die.choice(CallDirection.values)
            rows.append(
                Note(
                    tenant=tenant, member=member, kind=NoteKind.CALL, direction=way, text=die.choice(CALLS), by=owner,
                    at=at,
                )
            )  # fmt: skip
    if members:
        secret = "지난번 환불 이야기는 대표와 먼저 의논하기"
        rows.append(Note(tenant=tenant, member=members[0], text=secret, by=owner, at=now, is_private=True))
    Note.objects.bulk_create(rows)
