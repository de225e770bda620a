"""Deeds of the demo that can be taken back: a roster that came in, an edit of many, two who became one, a trash."""

from datetime import timedelta
from random import Random

from accounts.models import Tenant, User
from members.models import Member
from members.services import bulk_edits, members, uniting
from members.services.import_run import read_import
from members.services.imports import start_import
from ui import times

NEWCOMERS, TICKED, THROWN = 12, 24, 9
FEWEST = 150  # people that a roster needs for all of this


def make(tenant: Tenant, owner: User, made: list[Member], die: Random) -> None:
    """By the same services as people use, so that each of them can be taken back; nothing in a small roster."""
    if len(made) < FEWEST:
        return
    names = [f"{die.choice('김이박최정')}{die.choice('하서도')}{die.choice('린준윤')}" for _n in range(NEWCOMERS)]
    lines = [f"{name} 010-7100-{n:04}" for n, name in enumerate(names)]
    known = [f"{member.name} {member.phone}" for member in made[40:43] if member.phone]
    row = start_import(tenant=tenant, by=owner, text="\n".join([*lines, *known]), group="가을 행사", apply=True)
    read_import(tenant=tenant, pk=row.pk)
    some = Member.objects.filter(tenant=tenant, pk__in=[member.pk for member in made[60 : 60 + TICKED]])
    change = {"tags_add": ["가을 행사"], "memo_append": "행사 안내함"}
    bulk_edits.edit(tenant=tenant, by=owner, members=some, change=change)
    for member in made[100:102]:
        again = members.create(tenant=tenant, by=owner, name=member.name, phone=member.phone, memo="다시 등록함")
        if member is made[100]:
            uniting.unite(tenant=tenant, by=owner, kept=member.pk, gone=again.pk)
    for days, member in enumerate(made[120 : 120 + THROWN]):
        members.trash_one(tenant=tenant, by=owner, member=member)
        thrown = times.now() - timedelta(days=days * 3)
        Member.objects.filter(tenant=tenant, pk=member.pk).update(deleted_at=thrown)
