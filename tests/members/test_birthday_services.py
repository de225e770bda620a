"""Birthdays of members: written by every way in, rolled on every day."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.core.files.base import ContentFile

from accounts.models import Tenant
from members.birthdays import LUNAR, SOLAR, Birthday
from members.exceptions import InvalidMember
from members.models import Field, Import, Member
from members.services import birthdays, daily, members
from members.services import fields as own
from members.services.import_run import apply_import, read_import
from members.services.imports import apply_import as confirm
from members.services.imports import start_import
from tests.factories import make_member

pytestmark = [pytest.mark.usefixtures("in_tenant"), pytest.mark.django_db]
MOON = Birthday(LUNAR, 1985, 4, 15)


@pytest.fixture(autouse=True)
def _november() -> Any:
    with time_machine.travel("2026-11-28T03:00:00Z", tick=False):
        yield


@pytest.fixture
def who(in_tenant: Tenant) -> dict[str, Any]:
    return {"tenant": in_tenant, "by": None}


def born(member: Member) -> tuple[date | None, str, date | None]:
    member.refresh_from_db()
    return member.birth_date, member.birthday, member.next_birthday


def test_create_and_update_write_all_three(who: dict) -> None:
    member = members.create(**who, name="김", birth_date=date(1985, 3, 5))
    assert born(member) == (date(1985, 3, 5), "", date(2027, 3, 5))

    members.update(**who, member=member, birthday=MOON)
    assert born(member) == (date(1985, 6, 3), "L19850415", date(2027, 5, 20))
    assert (member.birthday_words, member.birthday_next_words) == ("음력 1985년 4월 15일", "내년 5월 20일")

    members.update(**who, member=member, birth_date=date(1990, 1, 1))
    assert born(member) == (date(1990, 1, 1), "", date(2027, 1, 1))

    members.update(**who, member=member, birthday=Birthday(SOLAR, None, 5, None))
    assert born(member) == (None, "S----05--", date(2027, 5, 1))
    assert member.birthday_words == "5월 중"

    members.update(**who, member=member, birthday=None)
    assert born(member) == (None, "", None)


def test_update_of_both_takes_the_one_that_differs(who: dict) -> None:
    member = members.create(**who, name="김", birthday=MOON)
    whole = {"birth_date": date(1985, 6, 3), "birthday": MOON}

    members.update(**who, member=member, **whole)
    members.update(**who, member=member, **whole | {"birth_date": date(1985, 6, 4)})
    assert born(member)[:2] == (date(1985, 6, 4), "")
    members.update(**who, member=member, birth_date=date(1985, 6, 4), birthday=MOON)
    assert born(member)[:2] == (date(1985, 6, 3), "L19850415")
    with pytest.raises(InvalidMember):
        members.create(**who, name="이", birth_date=date(1990, 1, 1), birthday=MOON)
    with pytest.raises(InvalidMember):
        members.create(**who, name="이", birthday=Birthday(LUNAR, 1985, 4, 15, True))


@pytest.mark.parametrize("born", [date(2999, 1, 1), date(1, 1, 1), date(1899, 12, 31)])
def test_a_birth_date_that_cannot_be_is_refused(who: dict, born: date) -> None:
    with pytest.raises(InvalidMember) as refusal:
        members.create(**who, name="김", birth_date=born)
    assert list(refusal.value.fields) == ["birth_date"]


def test_roll_on_moves_those_that_are_over(who: dict) -> None:
    over = make_member(who["tenant"], birth_date=date(1985, 3, 5), next_birthday=date(2026, 3, 5))
    moon = make_member(
        who["tenant"], birth_date=date(1985, 6, 3), birthday="L19850415", next_birthday=date(2026, 5, 31)
    )
    today = make_member(who["tenant"], birth_date=date(1985, 11, 28), next_birthday=date(2026, 11, 28))
    lost = make_member(who["tenant"], next_birthday=date(2026, 1, 1))

    assert birthdays.roll_on(tenant=who["tenant"], today=date(2026, 11, 28)) == 3
    assert [born(one)[2] for one in (over, moon, today, lost)] == [
        date(2027, 3, 5),
        date(2027, 5, 20),
        date(2026, 11, 28),
        None,
    ]
    assert birthdays.roll_on(tenant=who["tenant"], today=date(2026, 11, 28)) == 0


def test_daily_work_rolls_birthdays_and_restoring_does_too(who: dict) -> None:
    assert {"birthdays", "fields"} <= set(daily.JOBS)
    member = members.create(**who, name="김", birth_date=date(1985, 11, 29))
    members.trash_one(**who, member=member)
    with time_machine.travel("2026-12-02T03:00:00Z", tick=False):
        members.restore(**who, member=member)
        assert born(member)[2] == date(2027, 11, 29)


# --- imports --------------------------------------------------------------------------------------------------------


def imported(tenant: Tenant, text: str, **how: Any) -> Import:
    row = start_import(tenant=tenant, by=None, file=ContentFile(text.encode(), name="명단.csv"), **how)
    read_import(tenant=tenant, pk=row.pk)
    confirm(tenant=tenant, by=None, pk=row.pk)
    apply_import(tenant=tenant, pk=row.pk)
    row.refresh_from_db()
    return row


def test_import_reads_lunar_and_partial_birthdays(tenant: Tenant) -> None:
    row = imported(
        tenant,
        "이름,휴대폰,생일,음력/양력\n김,01011112222,1985-04-15,음력\n이,01011112223,3월 5일,\n"
        "박,01011112224,음력 윤6.15,\n최,01011112225,1990-03-05,양\n정,01011112226,1990-03-05,글쎄\n",
    )

    found = {m.name: (m.birth_date, m.birthday, m.next_birthday) for m in Member.objects.all()}
    assert found == {
        "김": (date(1985, 6, 3), "L19850415", date(2027, 5, 20)),
        "이": (None, "S----0305", date(2027, 3, 5)),
        "박": (None, "M----0615", date(2027, 7, 18)),
        "최": (date(1990, 3, 5), "", date(2027, 3, 5)),
    }
    assert [error["code"] for error in row.errors] == ["calendar_unclear"]


def test_import_by_title_and_update_without_losing_a_year(tenant: Tenant) -> None:
    imported(tenant, "이름,휴대폰,생일(음력)\n김,01011112222,1985-04-15\n이,01011112223,1990-01-02\n")
    row = imported(tenant, "이름,휴대폰,생일\n김,01011112222,음력 4월 15일\n이,01011112223,3월 5일\n")

    assert (row.updated, row.skipped) == (1, 1)
    assert dict(Member.objects.values_list("name", "birthday")) == {"김": "L19850415", "이": "S----0305"}
    assert Member.objects.get(name="이").birth_date is None


def test_import_of_fields_by_kind_under_any_name(tenant: Tenant, who: dict) -> None:
    room = own.create(**who, name="사물함", kind="number")
    own.update(**who, field=room, name="보관함")
    own.create(**who, name="계약서", kind="file")

    row = imported(
        tenant,
        '이름,휴대폰,사물함,계약서,새 칸\n김,01011112222,"1,200",a.pdf,x\n이,01011112223,열둘,,\n박,01011112224,7,,\n',
    )

    assert dict(Member.objects.values_list("name", "fields")) == {
        "김": {"사물함": "1200", "새 칸": "x"},
        "박": {"사물함": "7"},
    }
    assert [(error["row"], error["code"]) for error in row.errors] == [(3, "field_number")]
    assert set(Field.objects.values_list("name", flat=True)) == {"보관함", "계약서", "새 칸"}
    assert row.mapping["2"] == "field:보관함" and row.mapping["3"] == "skip"


def test_import_of_a_title_that_texts_mean_already(tenant: Tenant) -> None:
    for value in ("한빛", "새빛"):
        imported(tenant, f"이름,휴대폰,업체\n김,01011112222,{value}\n")

    assert list(Field.objects.values_list("name", flat=True)) == ["업체 2"]
    assert Member.objects.get().fields == {"업체 2": "새빛"}


def test_import_of_a_deleted_fields_name_makes_another(tenant: Tenant, who: dict) -> None:
    member = members.create(**who, name="김", phone="01011112222", fields={"반": "3반"})
    own.drop(**who, field=Field.objects.get())

    imported(tenant, "이름,휴대폰,담임\n김,01011112222,박샘\n")
    imported(tenant, "이름,휴대폰,추가반\n김,01011112222,x\n")
    imported(tenant, "이름,휴대폰,학급\n김,01011112222,5반\n")
    own.drop(**who, field=Field.objects.get(name="학급"))
    imported(tenant, "이름,휴대폰,학급\n김,01011112222,5반\n")

    member.refresh_from_db()
    assert member.fields == {"반": "3반", "담임": "박샘", "추가반": "x", "학급": "5반", "학급 2": "5반"}
