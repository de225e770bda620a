"""Taking an import back: what it made goes, what it changed is as before, what somebody did since stays."""

import datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import AuditEvent, Tag
from members.birthdays import Birthday
from members.exceptions import ImportNotFound, ImportNotRevertible
from members.models import (
    Attendance,
    Consent,
    Contact,
    DuePlan,
    Field,
    Group,
    Import,
    ImportPart,
    Member,
    Membership,
    MemberTag,
    Merge,
    Note,
    StageChange,
)
from members.selectors import roster
from members.services import (
    consents,
    contacts,
    groups,
    import_rows,
    kept_parts,
    members,
    segments,
    tags,
    uniting,
)
from members.services.import_revert import Revert, rescued
from members.services.import_revert import revert as work_revert
from members.services.import_run import apply_import, read_import
from members.services.imports import apply_import as ask_to_apply
from members.services.imports import revert_import
from messaging.selectors.leaving import refusing
from tests.factories import make_group, make_member, make_user
from tests.members.test_imports import previewed, ran, start
from ui import times

pytestmark = pytest.mark.usefixtures("in_tenant")
PEOPLE = [("김민수", "01012345678"), ("이서연", "01023456789")]
HEAD = ["이름", "휴대폰", "생년월일", "메모", "그룹", "광고수신동의", "반"]
ROWS = [
    HEAD,
    ["김민수", "010-1234-5678", "1990-03-05", "단골", "오전반", "Y", "1반"],
    ["이서연", "010-2345-6789", "", "", "주말반", "", ""],
]


def reverted(tenant, row):
    revert_import(tenant=tenant, by=None, pk=row.pk)
    assert work_revert(tenant=tenant, pk=row.pk)
    row.refresh_from_db()
    return row


def stock(tenant):
    """All that an import may touch, as a person would see it."""
    living = Member.objects.filter(tenant=tenant, erased_at=None)
    columns = (
        "id", "name", "phone", "birth_date", "birthday", "memo", "fields", "stage", "stage_on", "source", "tokens",
        "name_cho", "ad_consent_at", "night_consent_at", "updated_at", "deleted_at",
    )  # fmt: skip
    return {
        "members": list(living.order_by("id").values(*columns)),
        "groups": list(Group.objects.order_by("id").values("id", "name", "member_count")),
        "memberships": sorted(Membership.objects.values_list("member_id", "group_id")),
        "fields": sorted(Field.objects.values_list("key", "name")),
        "contacts": sorted(Contact.objects.values_list("member_id", "role", "phone", "name")),
        "tags": sorted(Tag.objects.values_list("name", flat=True)),
        "tagged": sorted(MemberTag.objects.values_list("member_id", "tag_id")),
    }


def test_revert_takes_away_what_the_import_made(tenant):
    before = stock(tenant)

    row = reverted(tenant, ran(tenant, ROWS, group="신규"))

    assert stock(tenant) == before
    assert (row.state, row.reverted["removed"], row.reverted["groups"], row.reverted["fields"]) == ("reverted", 2, 3, 1)
    assert not ImportPart.objects.filter(of=row).exists()
    assert AuditEvent.objects.filter(kind="import.reverted").get().data["removed"] == 2


def test_revert_of_refusals(tenant):
    """Who says both is one who refuses, whichever column comes first; what a shop had before comes back, told."""
    asked = make_member(tenant, "김민수", "01012345678", ad_consent_at=times.now())
    make_member(tenant, "이서연", "01023456789")
    before = stock(tenant)
    rows = [
        ["이름", "휴대폰", "080거부", "광고수신동의", "야간광고수신동의", "수신거부여부"],
        ["김민수", "010-1234-5678", "", "Y", "Y", "Y"],
        ["이서연", "010-2345-6789", "Y", "Y", "", "N"],
        ["박지훈", "010-3456-7890", "Y", "Y", "Y", ""],
        ["최유진", "010-4567-8901", "N", "Y", "", ""],
    ]

    row = ran(tenant, rows)

    gave = Member.objects.exclude(ad_consent_at=None).values_list("name", flat=True)
    assert list(gave) == ["최유진"]
    assert not Member.objects.exclude(night_consent_at=None).exists()
    told = Consent.objects.order_by("member", "kind").values_list("member__name", "kind", "given")
    assert list(told) == [
        ("김민수", "ad", False), ("김민수", "night", False), ("이서연", "ad", False), ("이서연", "night", False),
        ("박지훈", "ad", False), ("박지훈", "night", False), ("최유진", "ad", True),
    ]  # fmt: skip

    reverted(tenant, row)

    assert stock(tenant) == before
    said = Consent.objects.filter(member=asked, kind="ad").order_by("id").values_list("given", "undoes")
    assert list(said) == [(False, False), (True, False)]
    said = Consent.objects.filter(member__name="이서연", kind="ad").order_by("id").values_list("given", "undoes")
    assert list(said) == [(False, False), (False, True)]


def test_a_refusal_is_heard_once_and_whatever_the_import_is_for(tenant):
    known = make_member(tenant, "김민수", "01012345678", memo="단골", ad_consent_at=times.now())
    never = make_member(tenant, "이서연", "01023456789")
    rows = [
        ["이름", "휴대폰", "메모", "광고수신동의"],
        ["김민수", "01012345678", "새 메모", "N"],
        ["이서연", "01023456789", "새 메모", "N"],
    ]

    first = ran(tenant, rows, mode="create")
    ran(tenant, rows, mode="create")

    known.refresh_from_db()
    assert (first.skipped, known.memo, known.ad_consent_at) == (2, "단골", None)
    assert sorted(Consent.objects.values_list("member", "given")) == [(known.pk, False), (never.pk, False)]


def test_revert_gives_no_consent_back_over_a_later_refusal(tenant):
    member = make_member(tenant, "김민수", "01012345678")
    consents.record(tenant=tenant, by=None, member=member, kind="ad", given=True, source="방문")
    row = ran(tenant, [["이름", "휴대폰", "광고수신동의"], ["김민수", "01012345678", "N"]])
    consents.record(tenant=tenant, by=None, member=member, kind="ad", given=False, source="전화")

    row = reverted(tenant, row)

    member.refresh_from_db()
    assert member.ad_consent_at is None
    assert row.reverted["left"] == [{"member": member.pk, "kind": "stays", "why": ["ad_consent_at"]}]
    assert Consent.objects.order_by("-id").values_list("given", "source").first() == (False, "전화")


def test_revert_goes_by_when_a_refusal_was_said_not_by_when_it_was_written_down(tenant):
    member = make_member(tenant, "김민수", "01012345678")
    row = ran(tenant, [["이름", "휴대폰", "광고수신동의"], ["김민수", "01012345678", "Y"]])
    earlier = times.now() - datetime.timedelta(days=5)
    consents.record(tenant=tenant, by=None, member=member, kind="ad", given=False, source="전화", at=earlier)
    member.refresh_from_db()
    assert member.ad_consent_at is not None

    reverted(tenant, row)

    member.refresh_from_db()
    assert member.ad_consent_at is None
    words = Consent.objects.order_by("at", "id").values_list("given", "undoes")
    assert list(words) == [(False, False), (True, False), (False, False)]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_revert_of_two_imports_leaves_no_consent_of_theirs(tenant, order):
    head, people = ["이름", "휴대폰", "광고수신동의"], [make_member(tenant, name, phone) for name, phone in PEOPLE]
    consents.record(tenant=tenant, by=None, member=people[1], kind="ad", given=False, source="전화")
    rows = [ran(tenant, [head, *([*one, said] for one in PEOPLE)]) for said in "YN"]

    for n in order:
        reverted(tenant, rows[n])

    assert not Member.objects.exclude(ad_consent_at=None).exists()
    said = Consent.objects.filter(source=f"명단 올리기 {rows[order[-1]].pk} 되돌림").order_by("member")
    assert list(said.values_list("given", "undoes")) == [(False, True), (False, False)]
    assert [m.pk for m in refusing(tenant)] == [people[1].pk]


def test_a_consent_that_is_taken_back_is_no_refusal(tenant):
    known = make_member(tenant, "김민수", "01012345678")
    refused = make_member(tenant, "이서연", "01023456789")
    consents.record(tenant=tenant, by=None, member=refused, kind="ad", given=False, source="전화")
    head = ["이름", "휴대폰", "광고수신동의"]
    row = ran(tenant, [head, ["김민수", "01012345678", "Y"], ["이서연", "01023456789", "Y"]])
    assert not refusing(tenant).exists()

    reverted(tenant, row)

    known.refresh_from_db()
    assert known.ad_consent_at is None
    assert [m.pk for m in refusing(tenant)] == [refused.pk]


def test_revert_after_a_merge_that_was_taken_back_leaves_nothing_hanging(tenant):
    row = ran(tenant, [HEAD[:2], ["김민수", "010-1234-5678"], ["김민수", "010-2345-6789"]])
    kept, gone = Member.objects.order_by("pk")
    merge = uniting.unite(tenant=tenant, by=None, kept=kept.pk, gone=gone.pk)
    uniting.part(tenant=tenant, by=None, pk=merge.pk)

    reverted(tenant, row)

    ids = set(Member.objects.values_list("pk", flat=True))
    assert gone.pk not in ids
    assert all({one.kept_id, one.gone_id} <= ids for one in Merge.objects.all())
    kept_parts.forget(tenant=tenant, ids={kept.pk})
    Merge.objects.update(before={})


def test_revert_leaves_a_contact_that_was_edited_since_and_says_so(tenant):
    member = make_member(tenant, "김민수", "01012345678")
    head = ["이름", "휴대폰", "어머니 연락처", "아버지 연락처"]
    row = ran(tenant, [head, ["김민수", "01012345678", "01077778888", "01066665555"]])
    contacts.change(tenant=tenant, by=None, contact=Contact.objects.get(role="mother"), name="김영희")

    row = reverted(tenant, row)

    assert list(Contact.objects.values_list("member", "role", "name")) == [(member.pk, "mother", "김영희")]
    assert row.reverted["left"] == [{"member": member.pk, "kind": "stays", "why": ["contact"]}]


def test_revert_is_signed_by_who_asked_for_it(tenant):
    importer, other = make_user(), make_user(name="이실장")
    make_member(tenant, "김민수", "01012345678")
    row = start(tenant, ROWS, apply=True, by=importer)
    read_import(tenant=tenant, pk=row.pk)

    revert_import(tenant=tenant, by=other, pk=row.pk)
    work_revert(tenant=tenant, pk=row.pk)

    row.refresh_from_db()
    assert (row.by, row.reverted_by) == (importer, other)
    assert Consent.objects.order_by("-id").first().recorded_by == other
    assert AuditEvent.objects.get(kind="import.reverted").by_id == other.pk


def test_revert_keeps_what_a_rule_a_plan_or_another_name_needs(tenant):
    head = ["이름", "휴대폰", "그룹", "태그", "반", "사물함"]
    row = ran(tenant, [head, ["김민수", "01012345678", "오전반, 오후반, 주말반", "VIP, 단골", "1반", "7"]])
    asked, billed, renamed = (Group.objects.get(name=name) for name in ("오전반", "오후반", "주말반"))
    vip = Tag.objects.get(name="VIP")
    rule = {"any": [{"field": what, "op": "in", "value": [row.pk]} for what, row in (("group", asked), ("tag", vip))]}
    segments.create(tenant=tenant, by=None, name="조건", rule=rule)
    DuePlan.objects.create(tenant=tenant, group=billed, name="회비", amount_won=1000, starts_on=times.today())
    groups.update(tenant=tenant, by=None, group=renamed, name="토요반")

    row = reverted(tenant, row)

    assert set(Group.objects.values_list("name", flat=True)) == {"오전반", "오후반", "토요반"}
    assert (row.reverted["tags"], row.reverted["fields"]) == (1, 2)
    assert set(row.reverted["used"]) == {"오전반", "오후반", "토요반", "VIP"}


def test_revert_leaves_groups_that_others_made_meanwhile(tenant):
    row = start(tenant, ROWS, apply=True)
    fill = import_rows.fill

    def meanwhile(*args):
        make_group(tenant, "남의 그룹")
        Tag.objects.create(tenant=tenant, name="남의 태그")
        Field.objects.create(tenant=tenant, name="남의 항목")
        import_rows.fill = fill
        return fill(*args)

    import_rows.fill = meanwhile
    try:
        read_import(tenant=tenant, pk=row.pk)
    finally:
        import_rows.fill = fill

    reverted(tenant, row)

    assert [g.name for g in Group.objects.all()] == ["남의 그룹"]
    assert (Tag.objects.get().name, Field.objects.get().name) == ("남의 태그", "남의 항목")


def test_revert_trashes_whom_a_later_roster_named_too(tenant):
    row = ran(tenant, [HEAD[:2], ["김민수", "010-1234-5678"], ["이서연", "010-2345-6789"]])
    ran(tenant, [HEAD[:2], ["김민수", "010-1234-5678"]])

    row = reverted(tenant, row)

    member = Member.objects.get(name="김민수")
    assert member.deleted_at is not None
    assert row.reverted["left"] == [{"member": member.pk, "kind": "trashed", "why": ["imported"]}]
    assert not Member.objects.filter(name="이서연").exists()


def test_revert_leaves_whom_an_older_file_named_that_was_saved_later(tenant):
    older = previewed(tenant, [HEAD[:2], ["김민수", "010-1234-5678"]])
    row = ran(tenant, [HEAD[:2], ["김민수", "010-1234-5678"], ["이서연", "010-2345-6789"]])
    ask_to_apply(tenant=tenant, by=None, pk=older.pk)
    apply_import(tenant=tenant, pk=older.pk)

    row = reverted(tenant, row)

    assert Member.objects.get(name="김민수").deleted_at is not None
    assert [one["why"] for one in row.reverted["left"]] == [["imported"]]


def test_revert_of_a_birthday_leaves_one_that_was_said_anew(tenant):
    member = make_member(tenant, "김민수", "01012345678", birth_date=datetime.date(1980, 1, 1))
    row = ran(tenant, [["이름", "휴대폰", "생년월일"], ["김민수", "01012345678", "1990-03-05"]])
    members.update(tenant=tenant, by=None, member=member, birthday=Birthday("lunar", 1990, 2, 9))  # the same day

    row = reverted(tenant, row)

    member.refresh_from_db()
    assert member.born == Birthday("lunar", 1990, 2, 9)
    assert row.reverted["left"] == [{"member": member.pk, "kind": "stays", "why": ["birthday"]}]


def test_revert_gives_known_members_their_values_back(tenant):
    make_group(tenant, "오전반")
    member = make_member(tenant, "김민수", "01012345678", memo="옛 메모", fields={"반": "2반"})
    Field.objects.create(tenant=tenant, name="반")
    before = stock(tenant)
    row = ran(tenant, ROWS)
    assert roster(tenant, search="단골").page("").rows

    row = reverted(tenant, row)

    assert stock(tenant) == before
    assert row.reverted["restored"] == 1
    assert [m.pk for m in roster(tenant, search="메모").page("").rows] == [member.pk]
    assert not roster(tenant, search="단골").page("").rows


def test_revert_keeps_the_ledger_of_consent_and_adds_to_it(tenant):
    known = make_member(tenant, "김민수", "01012345678")
    row = ran(tenant, ROWS)

    reverted(tenant, row)

    known.refresh_from_db()
    assert known.ad_consent_at is None
    said = list(Consent.objects.filter(member=known).order_by("id").values_list("given", "source"))
    assert said == [(True, f"명단 올리기 {row.pk}"), (False, f"명단 올리기 {row.pk} 되돌림")]


def test_revert_of_a_new_member_with_consent_leaves_a_nameless_row_for_the_ledger(tenant):
    row = ran(tenant, ROWS)
    pk = Member.objects.get(name="김민수").pk

    reverted(tenant, row)

    gone = Member.objects.get(pk=pk)
    assert (gone.name, gone.phone, gone.tokens, gone.erased_at is not None) == ("삭제된 회원", "", "", True)
    assert list(Consent.objects.filter(member=pk).order_by("id").values_list("given", flat=True)) == [True, False]


def test_revert_leaves_a_value_that_was_edited_since_and_says_so(tenant):
    member = make_member(tenant, "김민수", "01012345678", memo="옛 메모")
    row = ran(tenant, ROWS)
    members.update(tenant=tenant, by=None, member=member, memo="손으로 고친 메모")

    row = reverted(tenant, row)

    member.refresh_from_db()
    assert (member.memo, member.birth_date, member.fields) == ("손으로 고친 메모", None, {})
    assert row.reverted["left"] == [{"member": member.pk, "kind": "stays", "why": ["memo"]}]


@pytest.mark.parametrize("deed", ["edit", "note", "visit", "consent", "group"])
def test_revert_puts_new_members_that_somebody_touched_into_the_trash(tenant, deed):
    row = ran(tenant, [HEAD[:2], ["김민수", "010-1234-5678"], ["이서연", "010-2345-6789"]])
    member = Member.objects.get(name="김민수")
    if deed == "edit":
        members.update(tenant=tenant, by=None, member=member, memo="전화함")
    elif deed == "note":
        Note.objects.create(tenant=tenant, member=member, text="상담", at=times.now())
    elif deed == "visit":
        Attendance.objects.create(tenant=tenant, member=member, on=times.today(), at=times.now(), way="staff", key="v1")
    elif deed == "consent":
        consents.record(tenant=tenant, by=None, member=member, kind="ad", given=True, source="전화")
    else:
        group = make_group(tenant, "오후반")
        groups.add_members(tenant=tenant, by=None, group=group, members=Member.objects.filter(pk=member.pk))

    row = reverted(tenant, row)

    member.refresh_from_db()
    assert (member.name, member.deleted_at is not None, member.erased_at) == ("김민수", True, None)
    assert (row.reverted["removed"], row.reverted["trashed"]) == (1, 1)
    assert row.reverted["left"][0]["member"] == member.pk
    assert not Member.objects.filter(name="이서연").exists()


def test_revert_takes_known_members_out_of_the_groups_they_joined(tenant):
    evening, morning = make_group(tenant, "오후반"), make_group(tenant, "오전반")
    member = make_member(tenant, "김민수", "01012345678", evening)
    row = ran(tenant, ROWS)

    reverted(tenant, row)

    assert [g.pk for g in member.groups.all()] == [evening.pk]
    assert dict(Group.objects.values_list("name", "member_count")) == {"오후반": 1, "오전반": 0}
    assert morning.pk


def test_revert_keeps_a_group_that_somebody_else_uses(tenant):
    row = ran(tenant, ROWS)
    other = make_member(tenant, "박지훈", "01099990000")
    group = Group.objects.get(name="오전반")
    groups.add_members(tenant=tenant, by=None, group=group, members=Member.objects.filter(pk=other.pk))

    reverted(tenant, row)

    assert dict(Group.objects.values_list("name", "member_count")) == {"오전반": 1}


def test_revert_of_the_first_of_two_imports_leaves_what_the_second_wrote(tenant):
    member = make_member(tenant, "김민수", "01012345678", memo="처음")
    first = ran(tenant, [["이름", "휴대폰", "메모", "반"], ["김민수", "01012345678", "첫째", "1반"]])
    ran(tenant, [["이름", "휴대폰", "메모"], ["김민수", "01012345678", "둘째"]])

    reverted(tenant, first)

    member.refresh_from_db()
    assert (member.memo, member.fields) == ("둘째", {})


def test_revert_of_two_imports_from_the_last_is_as_before_both(tenant):
    make_member(tenant, "박지훈", "01099990000", memo="처음")
    before = stock(tenant)
    first = ran(tenant, ROWS)
    second = ran(
        tenant, [["이름", "휴대폰", "메모"], ["이서연", "01023456789", "둘째"], ["박지훈", "01099990000", "둘째"]]
    )

    reverted(tenant, second)
    reverted(tenant, first)

    assert stock(tenant) == before


def test_revert_twice_is_once(tenant):
    row = ran(tenant, ROWS)
    reverted(tenant, row)

    assert revert_import(tenant=tenant, by=None, pk=row.pk).state == "reverted"
    assert work_revert(tenant=tenant, pk=row.pk) is False


def test_revert_is_refused_after_thirty_days_and_before_the_end(tenant, neighbour):
    row = ran(tenant, ROWS)
    Import.objects.update(finished_at=times.now() - datetime.timedelta(days=31))

    with pytest.raises(ImportNotRevertible):
        revert_import(tenant=tenant, by=None, pk=row.pk)
    with pytest.raises(ImportNotFound):
        revert_import(tenant=neighbour, by=None, pk=row.pk)


def test_revert_whose_worker_died_is_rung_again(tenant):
    row = ran(tenant, ROWS)
    revert_import(tenant=tenant, by=None, pk=row.pk)
    assert rescued() == []
    Import.objects.update(lease_until=times.now() - datetime.timedelta(minutes=1))

    assert rescued() == [(tenant.pk, row.pk)]
    Import.objects.update(reverted_at=times.now() - datetime.timedelta(hours=3))
    assert rescued() == []
    row.refresh_from_db()
    assert (row.state, bool(row.problem)) == ("finished", True)


def test_the_numbers_before_are_those_after(tenant):
    make_member(tenant, "김민수", "01012345678", memo="옛 메모")
    row = ran(tenant, ROWS)
    before = stock(tenant)
    looked = Revert(tenant, row, looks=True).work()

    assert stock(tenant) == before
    row = reverted(tenant, row)
    assert (looked.removed, looked.restored) == (row.reverted["removed"], row.reverted["restored"]) == (1, 1)


def test_revert_takes_back_parents_stages_and_tags_of_known_members(tenant):
    member = make_member(tenant, "김민수", "01012345678", memo="옛 메모")
    contacts.add(tenant=tenant, by=None, member=member, role="father", phone="01044445555")
    tags.set_tags(tenant=tenant, by=None, member=member, names=["오래됨"])
    before = stock(tenant)
    head = ["이름", "휴대폰", "어머니 연락처", "단계", "경로", "태그", "메모"]
    row = ran(tenant, [head, ["김민수", "01012345678", "01077778888", "휴회", "소개", "오래됨, VIP", "새 메모"]])
    assert [m.pk for m in roster(tenant, search="7788").page("").rows] == []
    assert [m.pk for m in roster(tenant, search="77778888").page("").rows] == [member.pk]

    reverted(tenant, row)

    assert stock(tenant) == before
    assert list(StageChange.objects.order_by("id").values_list("member_id", "stage")) == [
        (member.pk, "paused"), (member.pk, "active"),
    ]  # fmt: skip
    assert not roster(tenant, search="77778888").page("").rows
    assert roster(tenant, search="44445555").page("").rows


def test_revert_of_a_stage_that_moved_on_leaves_it(tenant):
    member = make_member(tenant, "김민수", "01012345678")
    row = ran(tenant, [["이름", "휴대폰", "단계"], ["김민수", "01012345678", "체험"]])
    members.update(tenant=tenant, by=None, member=member, stage="active")

    row = reverted(tenant, row)

    member.refresh_from_db()
    assert (member.stage, row.reverted["left"][0]["why"]) == ("active", ["stage"])


def test_revert_keeps_a_tag_that_somebody_else_carries(tenant):
    row = ran(tenant, [["이름", "휴대폰", "태그"], ["김민수", "01012345678", "VIP, 단골"]])
    other = make_member(tenant, "박지훈", "01099990000")
    tags.set_tags(tenant=tenant, by=None, member=other, names=["VIP"])

    reverted(tenant, row)

    assert list(Tag.objects.values_list("name", flat=True)) == ["VIP"]


NAMES = st.sampled_from(["김민수", "이서연", "박지훈", "최유진"])
LINES = st.lists(
    st.tuples(
        NAMES,
        st.sampled_from(["01012345678", "01023456789", "01034567890"]),
        st.sampled_from(["", "1990-03-05", "2001-12-31"]),
        st.sampled_from(["", "단골", "미납", "긴 메모\n둘째 줄"]),
        st.sampled_from(["", "오전반", "주말반", "오전반, 주말반"]),
        st.sampled_from(["", "Y", "N"]),
        st.sampled_from(["", "1반", "2반"]),
        st.sampled_from(["", "김영희", "박순자"]),
        st.sampled_from(["", "010-7777-1111", "010-7777-2222"]),
        st.sampled_from(["", "010-7777-1111"]),
        st.sampled_from(["", "문의", "체험중", "재원"]),
        st.sampled_from(["", "소개", "블로그"]),
        st.sampled_from(["", "VIP", "#단골, VIP"]),
    ).map(list),
    min_size=1,
    max_size=6,
)


FULL = [*HEAD, "어머니 성함", "어머니 연락처", "보호자 연락처", "단계", "알게 된 경로", "태그"]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(known=LINES, rows=LINES, mode=st.sampled_from(["create", "update", "upsert"]))
def test_import_and_revert_is_as_if_nothing_had_been(tenant, known, rows, mode):
    """With rows that create, update and skip, whatever was there before."""
    from django.db import transaction

    with transaction.atomic():
        if known:
            ran(tenant, [FULL, *known])
        before = stock(tenant)
        row = ran(tenant, [FULL, *rows], mode=mode)
        assert row.state == "finished", row.problem
        reverted(tenant, row)
        assert stock(tenant) == before
        transaction.set_rollback(True)


def test_parting_brings_no_consent_back_of_an_import_that_was_taken_back(tenant):
    kept, gone = (make_member(tenant, name, phone) for name, phone in PEOPLE)
    row = ran(tenant, [["이름", "휴대폰", "광고수신동의"], [*PEOPLE[0], "Y"]])
    consents.record(tenant=tenant, by=None, member=gone, kind="ad", given=False, source="전화")
    merge = uniting.unite(tenant=tenant, by=None, kept=kept.pk, gone=gone.pk)
    reverted(tenant, row)

    uniting.part(tenant=tenant, by=None, pk=merge.pk)

    kept.refresh_from_db()
    assert kept.ad_consent_at is None
    last = Consent.objects.filter(member=kept).order_by("-id").values_list("given", "undoes").first()
    assert last == (False, True)
