"""Custom fields and birthdays in texts: by the name of today, and by the names they had when the text was written."""

from datetime import date
from typing import Any

import pytest

from accounts.models import Tenant
from members.birthdays import LUNAR, Birthday
from members.models import Field, Member
from members.services import fields, members
from messaging.drafting import Audience
from messaging.selectors import audience as people
from messaging.selectors import known_fields, merge_fields
from messaging.text import parse

pytestmark = pytest.mark.usefixtures("in_tenant")


def texts(tenant: Tenant, text: str, *who: Member) -> list[str]:
    audience, template = Audience(members=[member.pk for member in who]), parse(text)
    sieve = people.sieve(tenant, audience, template, titled=False)
    rows = next(people.chunks(tenant, audience, template))[0]
    return [kept.text for kept in sieve.sort(rows, set(), render=True)[0]]


@pytest.fixture
def who(in_tenant: Tenant) -> dict[str, Any]:
    return {"tenant": in_tenant, "by": None}


def test_a_text_that_says_the_old_name_still_gets_the_value(who: dict) -> None:
    tenant = who["tenant"]
    member = members.create(**who, name="김민준", phone="01011112222", fields={"반": "3반"})
    row = fields.update(**who, field=Field.objects.get(), name="클래스")
    fields.update(**who, field=row, name="수업")

    for name in ("반", "클래스", "수업"):
        assert texts(tenant, f"#{{{name}}} 안내", member) == ["3반 안내"]
    assert "수업" in merge_fields(tenant) and "반" not in merge_fields(tenant)
    assert {"수업", "클래스", "반"} <= set(known_fields(tenant))


def test_a_new_field_takes_its_own_value(who: dict) -> None:
    member = members.create(**who, name="김민준", phone="01011112222", fields={"반": "옛 반"})
    fields.drop(**who, field=Field.objects.get())
    members.update(**who, member=member, fields={"반": "새 반"})

    assert texts(who["tenant"], "#{반}", member) == ["새 반"]


def test_kinds_are_said_as_people_say_them(who: dict) -> None:
    fields.create(**who, name="금액", kind="number")
    fields.create(**who, name="만료", kind="date")
    fields.create(**who, name="계약서", kind="file")
    member = members.create(
        **who, name="김", phone="01011112222", fields={"금액": "30000", "만료": "2026-11-28"}, birthday=None
    )

    assert texts(who["tenant"], "#{금액}원 #{만료}까지", member) == ["30,000원 2026년 11월 28일까지"]
    assert "계약서" not in merge_fields(who["tenant"])


def test_birthday_of_every_kind(who: dict) -> None:
    born = [
        {"birth_date": date(1985, 3, 5)},
        {"birthday": Birthday(LUNAR, 1985, 4, 15)},
        {"birthday": Birthday("solar", None, 5, None)},
        {},
    ]
    rows = [members.create(**who, name="김", phone=f"0101111222{n}", **one) for n, one in enumerate(born)]

    assert texts(who["tenant"], "생일 #{생일|없음}", *rows) == [
        "생일 3월 5일",
        "생일 음력 4월 15일",
        "생일 5월",
        "생일 없음",
    ]
