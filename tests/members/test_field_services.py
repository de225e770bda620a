"""The tenant's own columns: made, renamed, changed, deleted, taken back, and what members have in them."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from django_scopes import scope

from accounts import uploads
from accounts.models import AuditEvent, Tenant
from members import fields as kinds
from members.exceptions import (
    FieldNameTaken,
    FieldNotFound,
    InvalidField,
    InvalidMember,
    TooManyFields,
    ValuesDoNotFit,
)
from members.models import DroppedField, Field, Member, Segment
from members.selectors.own_fields import own_values, value_count, value_counts
from members.services import fields as services
from members.services import members
from tests.factories import make_member
from ui import times

pytestmark = pytest.mark.usefixtures("in_tenant")


@pytest.fixture
def who(in_tenant: Tenant) -> dict[str, Any]:
    return {"tenant": in_tenant, "by": None}


def held(member: Member) -> dict[str, str]:
    member.refresh_from_db()
    return member.fields


def test_create_puts_it_at_the_end(who: dict) -> None:
    first = services.create(**who, name="  반  ")
    second = services.create(**who, name="요일", kind="choice", choices=["월", "", "수 ", "월"])

    assert (first.key, first.name, first.kind, first.position) == ("반", "반", "text", 0)
    assert (second.choices, second.position) == (["월", "수"], 1)
    assert list(AuditEvent.objects.values_list("kind", flat=True)) == ["field.created", "field.created"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "가" * 31}, "name"),
        ({"name": "반|이름"}, "name"),
        ({"name": "생일"}, "name"),
        ({"name": "반", "kind": "colour"}, "kind"),
        ({"name": "반", "kind": "choice"}, "choices"),
        ({"name": "반", "kind": "choice", "choices": [str(n) for n in range(101)]}, "choices"),
        ({"name": "반", "kind": "choice", "choices": ["가" * 61]}, "choices"),
    ],
)
def test_create_refuses(who: dict, values: dict, field: str) -> None:
    with pytest.raises(InvalidField) as refusal:
        services.create(**who, **values)
    assert list(refusal.value.fields) == [field]
    assert not Field.objects.exists()


def test_create_refuses_a_name_that_means_another_field(who: dict) -> None:
    row = services.create(**who, name="반")
    services.update(**who, field=row, name="클래스")

    for name in ("반", "클래스"):
        with pytest.raises(FieldNameTaken):
            services.create(**who, name=name)


def test_create_stops_at_fifty(who: dict) -> None:
    for n in range(50):
        services.create(**who, name=f"항목{n}")
    with pytest.raises(TooManyFields):
        services.create(**who, name="하나 더")


def test_rename_touches_no_member_and_old_names_still_work(who: dict) -> None:
    member = members.create(**who, name="김민준", fields={"반": "3반"})
    row = services.update(**who, field=Field.objects.get(), name="클래스")
    row = services.update(**who, field=row, name="수업")

    assert (row.key, row.name, row.former) == ("반", "수업", ["클래스", "반"])
    assert held(member) == {"반": "3반"}
    members.update(**who, member=member, fields={"반": "4반"})
    assert held(member) == {"반": "4반"}
    members.update(**who, member=member, fields={"수업": "5반"})
    assert held(member) == {"반": "5반"} and Field.objects.count() == 1
    assert [(value.name, value.text) for value in own_values(who["tenant"], member)] == [("수업", "5반")]

    row = services.update(**who, field=row, name="반")
    assert row.former == ["수업", "클래스"]


def test_update_that_changes_nothing_says_nothing(who: dict) -> None:
    row = services.create(**who, name="반")
    AuditEvent.objects.all()
    before = AuditEvent.objects.count()
    services.update(**who, field=row, name="반", kind="text")
    assert AuditEvent.objects.count() == before


def test_change_of_kind_waits_until_values_fit(who: dict) -> None:
    fits = members.create(**who, name="김", fields={"횟수": "1,200"})
    misfits = members.create(**who, name="이", fields={"횟수": "스무 번"})
    gone = make_member(who["tenant"], "박", fields={"횟수": "12"}, deleted_at=timezone.now())
    row = Field.objects.get()

    with pytest.raises(ValuesDoNotFit) as refusal:
        services.update(**who, field=row, kind="number")
    assert (refusal.value.count, refusal.value.examples) == (1, ["스무 번"])
    assert "스무 번" in str(refusal.value)
    row.refresh_from_db()
    assert row.kind == "text" and held(fits) == {"횟수": "1,200"}

    services.update(**who, field=row, kind="number", clear=True)
    assert (held(fits), held(misfits), held(gone)) == ({"횟수": "1200"}, {}, {"횟수": "12"})


def test_change_of_choices_keeps_what_is_among_them(who: dict) -> None:
    row = services.create(**who, name="요일", kind="choice", choices=["월", "수"])
    member = members.create(**who, name="김", fields={"요일": "월"})

    services.update(**who, field=row, choices=["월", "금"])
    with pytest.raises(ValuesDoNotFit):
        services.update(**who, field=row, choices=["금"])
    assert held(member) == {"요일": "월"}


def test_change_of_kind_of_many_with_odd_keys(who: dict) -> None:
    services.create(**who, name="""따"옴'표 $.[0]""")
    key = Field.objects.get().key
    rows = [make_member(who["tenant"], f"김{n}", fields={key: "Y" if n % 2 else "x", "다른": "1"}) for n in range(30)]

    services.update(**who, field=Field.objects.get(), kind="yes_no")

    assert [held(row) for row in rows] == [{key: "예" if n % 2 else "아니오", "다른": "1"} for n in range(30)]
    assert value_counts(who["tenant"]) == {key: 30, "다른": 30}


def test_values_are_checked_by_kind(who: dict) -> None:
    services.create(**who, name="횟수", kind="number")
    services.create(**who, name="만료", kind="date")
    member = members.create(**who, name="김", fields={"횟수": "1,200", "만료": "2026.3.5"})
    assert held(member) == {"횟수": "1200", "만료": "2026-03-05"}

    with pytest.raises(InvalidMember) as refusal:
        members.update(**who, member=member, name="이", fields={"횟수": "열둘", "만료": "곧"})
    assert len(refusal.value.fields["fields"]) == 2
    member.refresh_from_db()
    assert member.name == "김"


def test_files_are_the_tenants_own(who: dict, neighbour: Tenant) -> None:
    row = services.create(**who, name="계약서", kind="file")
    mine = services.keep_file(**who, field=row, file=ContentFile(b"%PDF-1.4 x", name="계약서.pdf"))
    with scope(tenant=neighbour):
        theirs = uploads.store(
            tenant=neighbour, by=None, file=ContentFile(b"%PDF-1.4 x", name="이웃.pdf"), kinds={"pdf"}, purpose="field"
        )
    member = members.create(**who, name="김", fields={"계약서": str(mine.pk)})

    assert [value.text for value in own_values(who["tenant"], member)] == ["계약서.pdf"]
    for stranger in (str(theirs.pk), "999999", "계약서.pdf"):
        with pytest.raises(InvalidMember):
            members.update(**who, member=member, fields={"계약서": stranger})
    with pytest.raises(InvalidField):
        services.keep_file(**who, field=services.create(**who, name="반"), file=ContentFile(b"%PDF-", name="x.pdf"))


def test_names_that_nobody_chose_are_made_usable(who: dict) -> None:
    """A program's or a sheet's word that texts already mean, or that no text can say."""
    member = members.create(**who, name="김", fields={"업체": "한빛", "#{반}": "3반"})
    members.update(**who, member=member, fields={"업체": "새빛", "#{반}": ""})

    assert held(member) == {"업체 2": "새빛"}
    assert set(Field.objects.values_list("name", flat=True)) == {"업체 2", "반"}
    assert [kinds.usable_name(word) for word in ("##", " 이름 ", "가" * 40)] == ["항목", "이름 2", "가" * 30]


def test_restore_takes_back_a_name_that_is_meant_for_texts_by_now(who: dict) -> None:
    row = Field.objects.create(tenant=who["tenant"], name="업체", key="업체")
    dropped = services.drop(**who, field=row)
    assert dropped is not None

    assert services.restore(**who, pk=dropped.pk).name == "업체"


def test_a_word_for_nothing_is_not_dropped_unasked(who: dict) -> None:
    row = services.create(**who, name="만료")
    member = members.create(**who, name="김", fields={"만료": "미상"})

    for kind in ("date", "number"):
        with pytest.raises(ValuesDoNotFit):
            services.update(**who, field=row, kind=kind)
    assert held(member) == {"만료": "미상"}
    services.update(**who, field=row, kind="date", clear=True)
    assert held(member) == {}


def test_wording_of_a_choice_is_mended_everywhere(who: dict) -> None:
    row = services.create(**who, name="요일", kind="choice", choices=["월수", "화목"])
    member = members.create(**who, name="김", fields={"요일": "월수"})
    rule = {"all": [{"field": "fields.요일", "op": "is", "value": ["월수"]}]}
    segment = Segment.objects.create(tenant=who["tenant"], name="월수반", rule=rule)

    row = services.update(**who, field=row, renamed={"월수": "월·수", "없던": "말"})

    segment.refresh_from_db()
    assert (row.choices, held(member)) == (["월·수", "화목"], {"요일": "월·수"})
    assert segment.rule["all"][0]["value"] == ["월·수"]


def test_reorder_keeps_those_left_out_at_the_end(who: dict) -> None:
    rows = [services.create(**who, name=name) for name in "가나다"]
    services.reorder(**who, ids=[rows[2].pk, 999_999])
    assert list(Field.objects.order_by("position").values_list("name", flat=True)) == ["다", "가", "나"]


def test_drop_and_restore_bring_everything_back(who: dict) -> None:
    member = members.create(**who, name="김", fields={"반": "3반"})
    row = services.update(**who, field=Field.objects.get(), name="클래스")

    dropped = services.drop(**who, field=row)
    assert services.drop(**who, field=row) is None  # twice is once
    assert dropped is not None and dropped.value_count == 1
    assert own_values(who["tenant"], member) == []

    back = services.restore(**who, pk=dropped.pk)
    assert (back.key, back.name, back.former) == ("반", "클래스", ["반"])
    assert [value.text for value in own_values(who["tenant"], member)] == ["3반"]
    assert not DroppedField.objects.exists()
    with pytest.raises(FieldNotFound):
        services.restore(**who, pk=dropped.pk)


def test_a_new_field_never_finds_the_values_of_a_deleted_one(who: dict) -> None:
    member = members.create(**who, name="김", fields={"반": "3반"})
    dropped = services.drop(**who, field=Field.objects.get())
    fresh = services.create(**who, name="반")

    assert (fresh.key, fresh.name) == ("반 2", "반")
    assert own_values(who["tenant"], member) == []
    members.update(**who, member=member, fields={"반": "새 반"})
    assert held(member) == {"반": "3반", "반 2": "새 반"}
    with pytest.raises(FieldNameTaken):
        services.restore(**who, pk=dropped.pk if dropped else 0)


def test_purge_lets_go_of_values_after_thirty_days(who: dict) -> None:
    member = members.create(**who, name="김", fields={"반": "3반", "학년": "4"})
    services.drop(**who, field=Field.objects.get(name="반"))
    today = times.today()

    assert services.purge(tenant=who["tenant"], today=today + timedelta(days=29)) == 0
    assert held(member) == {"반": "3반", "학년": "4"}
    assert services.purge(tenant=who["tenant"], today=today + timedelta(days=32)) == 1
    assert held(member) == {"학년": "4"}
    assert services.purge(tenant=who["tenant"], today=today + timedelta(days=32)) == 0


def test_deeds_of_the_neighbour_find_nothing(who: dict, neighbour: Tenant) -> None:
    row = services.create(**who, name="반")
    make_member(who["tenant"], fields={"반": "1"})
    theirs = {"tenant": neighbour, "by": None}
    with scope(tenant=neighbour):
        with pytest.raises(FieldNotFound):
            services.update(**theirs, field=row, name="x")
        assert services.drop(**theirs, field=row) is None
        services.reorder(**theirs, ids=[row.pk])
        assert services.create(**theirs, name="반").key == "반"
        assert value_counts(neighbour) == {}
    assert value_count(who["tenant"], row) == 1
