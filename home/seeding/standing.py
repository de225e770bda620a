"""Guardians, stages, tags and dead numbers of the demo's people: of the first few hundred, by their number alone."""

from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import Tag, Tenant
from members.models import Contact, DeadPhone, Member, MemberTag, StageChange
from ui import times

FIRST = 600
SURNAMES = "김이박최정"
STEPS = ["inquiry", "inquiry", "consult", "trial", "inquiry", "paused", "left"]
SOURCES = ["네이버", "친구 소개", "인스타그램", "지나가다", ""]
TAGS = [("단골", "green"), ("형제 할인", "blue"), ("셔틀", "amber"), ("체험단", "violet"), ("상담 필요", "red")]


def guardians(n: int) -> list[tuple[str, str, str]]:
    """(role, name, phone) of the contacts of the person of that number; n and n + 3 are siblings."""
    if n >= FIRST or n % 3:
        return []
    family = n // 6
    found = [
        ("mother", f"{SURNAMES[family % 5]}{'영은미수'[family % 4]}희", f"0107{family:03d}{family * 37 % 10000:04d}")
    ]
    if family % 2:
        found.append(
            (
                "father",
                f"{SURNAMES[family % 5]}{'성동상재'[family % 4]}호",
                f"0108{family:03d}{family * 53 % 10000:04d}",
            )
        )
    return found


def of(n: int, today: date) -> dict[str, Any]:
    """The stage of that person, where it is not 등록."""
    if n >= FIRST or n % 23 != 7:
        return {}
    k = n // 23
    return {
        "stage": STEPS[k % len(STEPS)],
        "stage_on": today - timedelta(days=k % 19),
        "source": SOURCES[k % len(SOURCES)],
    }


def about(day: date) -> datetime:
    """Ten in the morning of that day, or now where that is still to come: when somebody wrote it down."""
    return min(times.day_start(day) + timedelta(hours=10), times.now())


def furnish(tenant: Tenant, members: list[Member]) -> None:
    """Contacts, first steps, tags and three dead numbers of people who are stored already."""
    some = members[:FIRST]
    Contact.objects.bulk_create(
        Contact(tenant=tenant, member=member, role=role, name=name, phone=phone, position=place)
        for n, member in enumerate(some)
        for place, (role, name, phone) in enumerate(guardians(n))
    )
    StageChange.objects.bulk_create(
        StageChange(
            tenant=tenant, member=one, stage=one.stage, on=one.stage_on, at=about(one.stage_on), source=one.source
        )
        for one in some
        if one.stage_on
    )
    tags = Tag.objects.bulk_create(Tag(tenant=tenant, name=name, tone=tone) for name, tone in TAGS)
    MemberTag.objects.bulk_create(
        MemberTag(tenant=tenant, member=one, tag=tags[n % len(tags)]) for n, one in enumerate(some) if n % 4 == 1
    )
    _dead(tenant, [one for one in some[10:60:16] if one.phone])


def _dead(tenant: Tenant, members: list[Member]) -> None:
    at = times.now() - timedelta(days=4)
    phones = {one.phone for one in members}
    DeadPhone.objects.bulk_create(
        DeadPhone(tenant=tenant, phone=phone, failed_count=3, last_failed_at=at, flagged_at=at) for phone in phones
    )
    Member.objects.filter(tenant=tenant, phone__in=phones, deleted_at=None).update(dead_at=at)
