"""Columns of a roster beside the member's own: numbers of parents, stages and how they heard of the shop, tags."""

from unittest import mock

import pytest

from accounts.models import Fact, Tag
from members.models import Contact, Import, Member, MemberTag, StageChange
from members.repairs import Repairs
from members.selectors import roster
from members.services import contacts, import_more, tags
from members.services.imports import repair_import
from tests.factories import make_member
from tests.members.test_imports import previewed, ran, work_read

pytestmark = pytest.mark.usefixtures("in_tenant")
HEAD = ["이름", "휴대폰", "어머니 성함", "어머니 연락처", "부 휴대폰", "단계", "유입 경로", "태그"]
FAMILY = ["김지우", "010-1234-5678", "김영희", "010-1111-2222", "010-3333-4444", "체험중", "지인 소개", "#VIP, 단골"]


def numbers(member: Member) -> list[tuple[str, str, str]]:
    return list(Contact.objects.filter(member=member).order_by("position").values_list("role", "phone", "name"))


def carried(member: Member) -> list[str]:
    rows = MemberTag.objects.filter(member=member).order_by("tag__name")
    return list(rows.values_list("tag__name", flat=True))


def test_import_of_a_new_member_with_all_of_it(tenant):
    row = ran(tenant, [HEAD, FAMILY])

    assert (row.state, row.created, row.error_count) == ("finished", 1, 0)
    member = Member.objects.get()
    assert numbers(member) == [("mother", "01011112222", "김영희"), ("father", "01033334444", "")]
    assert (member.stage, member.source, member.stage_on is not None) == ("trial", "지인 소개", True)
    assert carried(member) == ["VIP", "단골"]
    assert list(StageChange.objects.values_list("member_id", "stage", "source")) == [(member.pk, "trial", "지인 소개")]
    assert [m.pk for m in roster(tenant, search="33334444").page("").rows] == [member.pk]
    assert [m.pk for m in roster(tenant, search="김영희").page("").rows] == [member.pk]


def test_import_texts_nobody_because_of_a_stage_in_a_file(tenant):
    ran(tenant, [HEAD, FAMILY])

    assert not Fact.objects.filter(kind="stage.changed").exists()


def test_import_of_known_members_adds_what_is_missing_and_twice_is_once(tenant):
    member = make_member(tenant, "김지우", "01012345678")
    contacts.add(tenant=tenant, by=None, member=member, role="mother", phone="01011112222", name="엄마")
    tags.set_tags(tenant=tenant, by=None, member=member, names=["단골"])

    first, again = ran(tenant, [HEAD, FAMILY]), ran(tenant, [HEAD, FAMILY])

    assert (first.updated, again.updated, again.skipped) == (1, 0, 1)
    assert numbers(member) == [("mother", "01011112222", "엄마"), ("father", "01033334444", "")]
    assert carried(member) == ["VIP", "단골"]
    assert Tag.objects.count() == 2
    assert list(StageChange.objects.values_list("member_id", "stage", "source")) == [(member.pk, "trial", "지인 소개")]
    assert [m.pk for m in roster(tenant, search="33334444").page("").rows] == [member.pk]


def test_import_says_nothing_with_empty_cells(tenant):
    member = make_member(tenant, "김지우", "01012345678", stage="trial", source="블로그")

    row = ran(tenant, [HEAD, ["김지우", "01012345678", "", "", "", "", "", ""]])

    member.refresh_from_db()
    assert (row.skipped, member.stage, member.source) == (1, "trial", "블로그")
    assert not StageChange.objects.exists()


def test_import_of_the_stage_somebody_has_already_is_no_step(tenant):
    make_member(tenant, "김지우", "01012345678")

    row = ran(tenant, [["이름", "휴대폰", "단계"], ["김지우", "01012345678", "재원"]])

    assert (row.updated, row.skipped, StageChange.objects.count()) == (0, 1, 0)


def test_import_of_a_child_without_a_number_takes_the_mothers(tenant):
    ran(tenant, [HEAD, ["김지우", "", "", "010-1111-2222", "", "", "", ""], FAMILY])

    member = Member.objects.get(phone="01011112222")
    assert (member.stage, member.stage_on, numbers(member)) == ("active", None, [("mother", "01011112222", "")])


def test_import_keeps_a_name_without_a_number_under_its_title(tenant):
    ran(
        tenant,
        [HEAD, ["김지우", "010-1234-5678", "김영희", "", "", "", "", ""], [*FAMILY[:1], "01099990000", *FAMILY[2:]]],
    )

    member = Member.objects.get(phone="01012345678")
    assert (member.fields, numbers(member)) == ({"어머니 성함": "김영희"}, [])


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [
        (3, "010-12", "too_short"),
        (2, "가" * 41, "name_too_long"),
        (5, "떠남", "stage_unclear"),
        (6, "가" * 41, "source_too_long"),
        (7, "가" * 21, "tag_too_long"),
    ],
)
def test_import_of_a_bad_cell_is_an_error_that_can_be_put_right(tenant, place, value, code):
    wrong = [cell if index != place else value for index, cell in enumerate(FAMILY)]
    others = [[f"회원{n}", f"0107777000{n}", *FAMILY[2:]] for n in range(3)]

    row = previewed(tenant, [HEAD, wrong, *others])

    assert [(e["row"], e["place"], e["code"], e["who"]) for e in row.errors] == [(2, place, code, "김지우")]
    assert row.created == 3
    repair_import(tenant=tenant, by=None, pk=row.pk, sheet=0, answers=Repairs({(2, place): FAMILY[place]}, {}, None))
    work_read(tenant=tenant, pk=row.pk)
    row.refresh_from_db()
    assert (row.error_count, row.created) == (0, 4)


def test_import_previews_what_hangs_on_people(tenant):
    make_member(tenant, "김지우", "01012345678")

    row = previewed(tenant, [HEAD, FAMILY])

    person = row.sample["people"][0]
    assert person["contacts"] == [["mother", "01011112222", "김영희"], ["father", "01033334444", ""]]
    assert (person["stage"], person["source"], person["tags"]) == ("trial", "지인 소개", ["VIP", "단골"])
    assert person["fields"] == ["contacts", "source", "stage", "tags"]
    assert not (Contact.objects.exists() or Tag.objects.exists())


def test_import_of_a_person_twice_in_the_file_joins_both(tenant):
    again = ["김지우", "010-1234-5678", "", "", "010-5555-6666", "재원", "", "신규"]

    ran(tenant, [HEAD, FAMILY, again])

    member = Member.objects.get()
    assert {phone for _role, phone, _name in numbers(member)} == {"01011112222", "01033334444", "01055556666"}
    assert (member.stage, member.source, carried(member)) == ("active", "지인 소개", ["VIP", "단골", "신규"])


def test_import_with_too_many_tags_writes_nothing_and_says_so(tenant):
    names = [f"태그{n}" for n in range(201)]

    row = ran(tenant, [["이름", "휴대폰", "태그"], *(["김", f"0101234{n:04}", name] for n, name in enumerate(names))])

    assert (row.state, "200개" in row.problem) == ("failed", True)
    assert not (Member.objects.exists() or Tag.objects.exists())


def test_import_without_these_columns_asks_and_writes_nothing_more(tenant):
    make_member(tenant, "김지우", "01012345678")
    rows = [["이름", "휴대폰", "메모"], ["김지우", "01012345678", "새 메모"], ["이서연", "01023456789", ""]]

    with mock.patch.object(import_more, "rows_of", side_effect=AssertionError):
        row = ran(tenant, rows)

    assert (row.state, row.created, row.updated) == ("finished", 1, 1)
    assert Import.objects.get().mapping == {"0": "name", "1": "phone", "2": "memo"}


def test_import_of_the_neighbour_shares_no_tag(tenant, neighbour):
    with mock.patch("accounts.services.tags.TAGS_MOST", 2):
        ran(tenant, [HEAD, FAMILY])

    assert set(Tag.objects.values_list("tenant_id", flat=True)) == {tenant.pk}
