"""Two members become one: what each had is seen together, and both can be had back."""

import datetime

import pytest
from django_scopes import scope

from accounts.models import AuditEvent
from members.exceptions import MergeNotFound, MergeNotUndoable, NotToBeMerged
from members.models import Consent, Contact, DeadPhone, Due, Group, Member, Merge
from members.selectors import roster
from members.selectors.merged import ids_with, kept_of
from members.selectors.trash import trashed
from members.selectors.twins import families, same_births, same_people
from members.services import consents, contacts, dues, members, uniting
from messaging.selectors.audience import refusing
from messaging.services import optouts
from tests.factories import make_group, make_member
from ui import times

pytestmark = pytest.mark.usefixtures("in_tenant")


@pytest.fixture
def two(tenant):
    morning, evening = make_group(tenant, "오전반"), make_group(tenant, "오후반")
    kept = make_member(tenant, "김민수", "01011112222", morning, memo="단골", fields={"반": "1반"})
    gone = make_member(
        tenant, "김민수", "01033334444", evening, memo="미납", birth_date=datetime.date(1990, 3, 5),
        fields={"반": "2반", "사물함": "12"},
    )  # fmt: skip
    return kept, gone


def united(tenant, two, **choose):
    kept, gone = two
    merge = uniting.unite(tenant=tenant, by=None, kept=kept.pk, gone=gone.pk, choose=choose)
    kept.refresh_from_db()
    gone.refresh_from_db()
    return merge


def test_unite_joins_values_memos_groups_and_contacts(tenant, two):
    kept, gone = two
    Contact.objects.create(tenant=tenant, member=gone, role="mother", phone="01099998888")

    united(tenant, two)

    assert (kept.phone, kept.memo, kept.birth_date) == ("01011112222", "단골\n미납", datetime.date(1990, 3, 5))
    assert kept.fields == {"반": "1반", "사물함": "12"}
    assert {g.name for g in kept.groups.all()} == {"오전반", "오후반"}
    assert dict(Group.objects.values_list("name", "member_count")) == {"오전반": 1, "오후반": 1}
    assert [m.pk for m in roster(tenant, search="8888").page("").rows] == [kept.pk]
    assert (gone.merged_into_id, gone.deleted_at is not None) == (kept.pk, True)
    assert ids_with(tenant, kept) == [kept.pk, gone.pk]
    assert not trashed(tenant).exists()
    assert AuditEvent.objects.filter(kind="member.merged").exists()


def test_unite_takes_what_a_person_chose(tenant, two):
    united(tenant, two, phone="gone", **{"fields.반": "gone"})

    kept = two[0]
    assert (kept.phone, kept.fields["반"]) == ("01033334444", "2반")
    assert [m.pk for m in roster(tenant, search="4444").page("").rows] == [kept.pk]


@pytest.mark.parametrize("choose", [{}, {"ad": "kept"}, {"ad": "gone"}])
@pytest.mark.parametrize(
    ("mine", "theirs", "agrees"),
    [(True, False, False), (None, True, True), (False, True, False), (None, False, False), (True, None, True)],
)
def test_of_consents_the_stricter_word_counts_whatever_is_chosen(tenant, two, mine, theirs, agrees, choose):
    for member, said in zip(two, (mine, theirs), strict=True):
        if said is not None:
            consents.record(tenant=tenant, by=None, member=member, kind="ad", given=said, source="방문")

    united(tenant, two, **choose)

    agreed = agrees and choose.get("ad") != ("gone" if mine else "kept")  # to choose none is stricter
    assert (two[0].ad_consent_at is not None) is agreed
    last = Consent.objects.filter(member=two[0]).order_by("-at", "-id").first()
    assert last is None or last.given is agreed
    assert (two[0] in refusing(tenant)) is (False in (mine, theirs) or (agrees and not agreed and bool(mine)))


def test_a_refusal_of_one_who_is_part_of_the_other_counts(tenant, two):
    third = make_member(tenant, "김민수", "01055556666", ad_consent_at=times.now())
    consents.record(tenant=tenant, by=None, member=two[1], kind="ad", given=False, source="전화")
    Member.objects.filter(pk=two[1].pk).update(merged_into=two[0], deleted_at=times.now())

    uniting.unite(tenant=tenant, by=None, kept=third.pk, gone=two[0].pk, choose={"ad": "kept"})

    third.refresh_from_db()
    assert third.ad_consent_at is None


@pytest.mark.parametrize("side", [0, 1])
def test_a_refusal_by_phone_ends_the_consent_of_both(tenant, two, side):
    optouts.opt_out(tenant=tenant, by=None, phone=two[side].phone, scope="ads")
    consents.record(tenant=tenant, by=None, member=two[1 - side], kind="ad", given=True, source="방문")

    united(tenant, two, ad="gone" if side == 0 else "kept")

    assert two[0].ad_consent_at is None


def test_part_gives_no_consent_back_over_a_later_refusal(tenant, two):
    consents.record(tenant=tenant, by=None, member=two[0], kind="ad", given=True, source="방문")
    consents.record(tenant=tenant, by=None, member=two[1], kind="ad", given=False, source="전화")
    merge = united(tenant, two)
    consents.record(tenant=tenant, by=None, member=two[0], kind="ad", given=False, source="전화")

    _merge, stayed = uniting.part(tenant=tenant, by=None, pk=merge.pk)

    two[0].refresh_from_db()
    assert (stayed, two[0].ad_consent_at) == (["ad_consent_at"], None)


def test_part_takes_a_refusal_that_came_along_back(tenant, two):
    consents.record(tenant=tenant, by=None, member=two[1], kind="ad", given=False, source="전화")
    merge = united(tenant, two)
    assert [m.pk for m in refusing(tenant)] == [two[0].pk]

    uniting.part(tenant=tenant, by=None, pk=merge.pk)

    assert [m.pk for m in refusing(tenant)] == [two[1].pk]


def test_part_leaves_a_contact_that_was_edited_since(tenant, two):
    for role in ("mother", "father"):
        Contact.objects.create(tenant=tenant, member=two[1], role=role, phone="01099998888")
    merge = united(tenant, two)
    contacts.change(tenant=tenant, by=None, contact=Contact.objects.get(member=two[0], role="mother"), name="김영희")

    _merge, stayed = uniting.part(tenant=tenant, by=None, pk=merge.pk)

    assert stayed == ["contact"]
    assert [row.name for row in Contact.objects.filter(member=two[0])] == ["김영희"]


def test_part_brings_a_birthday_and_a_dead_number_up_to_today(tenant, two):
    merge = united(tenant, two)
    Member.objects.filter(pk=two[1].pk).update(next_birthday=datetime.date(2020, 3, 5))
    DeadPhone.objects.create(
        tenant=tenant, phone=two[1].phone, failed_count=3, last_failed_at=times.now(), flagged_at=times.now()
    )

    uniting.part(tenant=tenant, by=None, pk=merge.pk)

    two[1].refresh_from_db()
    assert (two[1].next_birthday >= times.today(), two[1].dead_at is not None) == (True, True)


def test_unite_refuses_to_cut_a_memo_or_to_hold_more_contacts_than_a_member_may(tenant, two):
    Member.objects.filter(pk=two[0].pk).update(memo="가" * 1999)
    with pytest.raises(NotToBeMerged) as refusal:
        united(tenant, two)
    assert "메모" in str(refusal.value)

    Member.objects.filter(pk=two[0].pk).update(memo="")
    for member in two:
        for n in range(6):
            Contact.objects.create(tenant=tenant, member=member, role="other", phone=f"0109{member.pk:03}000{n}")
    with pytest.raises(NotToBeMerged) as refusal:
        united(tenant, two)
    assert "연락처" in str(refusal.value)


def test_dues_of_both_are_owed_by_the_kept_one(tenant, two):
    kept, gone = two
    day = times.today() - datetime.timedelta(days=10)
    for member, won in ((kept, 10_000), (gone, 20_000)):
        Due.objects.create(
            tenant=tenant,
            member=member,
            name="회비",
            month=day.replace(day=1),
            amount_won=won,
            open_won=won,
            due_on=day,
        )
        dues.bring_up_member(tenant, member.pk)

    merge = united(tenant, two)
    assert (kept.unpaid_won, kept.unpaid_since) == (30_000, day)

    uniting.part(tenant=tenant, by=None, pk=merge.pk)
    kept.refresh_from_db()
    gone.refresh_from_db()
    assert (kept.unpaid_won, gone.unpaid_won) == (10_000, 20_000)


def test_part_gives_both_back_as_they_were(tenant, two):
    kept, gone = two
    columns = (
        "name",
        "phone",
        "birth_date",
        "memo",
        "fields",
        "tokens",
        "ad_consent_at",
        "deleted_at",
        "merged_into_id",
    )
    before = list(Member.objects.order_by("pk").values(*columns))
    merge = united(tenant, two, phone="gone")

    _merge, stayed = uniting.part(tenant=tenant, by=None, pk=merge.pk)
    again, _none = uniting.part(tenant=tenant, by=None, pk=merge.pk)

    assert stayed == []
    assert again.undone_at
    assert list(Member.objects.order_by("pk").values(*columns)) == before
    assert [g.name for g in kept.groups.all()] == ["오전반"]
    assert dict(Group.objects.values_list("name", "member_count")) == {"오전반": 1, "오후반": 1}
    assert ids_with(tenant, kept) == [kept.pk]
    assert gone.pk


def test_part_leaves_what_was_edited_since(tenant, two):
    merge = united(tenant, two)
    members.update(tenant=tenant, by=None, member=two[0], memo="새 메모")

    _merge, stayed = uniting.part(tenant=tenant, by=None, pk=merge.pk)

    two[0].refresh_from_db()
    assert (stayed, two[0].memo, two[0].birth_date) == (["memo"], "새 메모", None)


def test_three_in_a_row_are_one_and_come_apart_from_the_last(tenant, two):
    third = make_member(tenant, "김민수", "01055556666")
    first = united(tenant, two)
    second = uniting.unite(tenant=tenant, by=None, kept=third.pk, gone=two[0].pk)

    assert kept_of(tenant, [two[0].pk, two[1].pk]) == {two[0].pk: third.pk, two[1].pk: third.pk}
    with pytest.raises(MergeNotUndoable):
        uniting.part(tenant=tenant, by=None, pk=first.pk)
    uniting.part(tenant=tenant, by=None, pk=second.pk)
    assert ids_with(tenant, two[0]) == [two[0].pk, two[1].pk]
    uniting.part(tenant=tenant, by=None, pk=first.pk)


def test_unite_refuses_oneself_the_gone_and_the_neighbours(tenant, neighbour, two):
    kept, gone = two
    with scope(tenant=neighbour):
        theirs = make_member(neighbour, "김민수")
        with pytest.raises(NotToBeMerged):
            uniting.unite(tenant=neighbour, by=None, kept=theirs.pk, gone=gone.pk)
    for pair in ((kept.pk, kept.pk), (kept.pk, theirs.pk), (kept.pk, 999_999)):
        with pytest.raises(NotToBeMerged):
            uniting.unite(tenant=tenant, by=None, kept=pair[0], gone=pair[1])
    with pytest.raises(NotToBeMerged):
        uniting.unite(tenant=tenant, by=None, kept=kept.pk, gone=gone.pk, choose={"tokens": "gone"})
    merge = united(tenant, two)
    with pytest.raises(NotToBeMerged):  # the second of two clicks
        uniting.unite(tenant=tenant, by=None, kept=kept.pk, gone=gone.pk)
    with scope(tenant=neighbour), pytest.raises(MergeNotFound):
        uniting.part(tenant=neighbour, by=None, pk=merge.pk)


def test_part_is_refused_after_thirty_days(tenant, two):
    merge = united(tenant, two)
    Merge.objects.update(created_at=times.now() - datetime.timedelta(days=31))

    with pytest.raises(MergeNotUndoable):
        uniting.part(tenant=tenant, by=None, pk=merge.pk)


def test_likely_duplicates_and_families_are_told_apart(tenant, neighbour):
    born = datetime.date(1990, 3, 5)
    twins = [make_member(tenant, "김민수", "01011112222") for _n in range(2)]
    family = [make_member(tenant, name, "01077778888") for name in ("어머니", "아들")]
    births = [make_member(tenant, "이서연", phone, birth_date=born) for phone in ("01000001111", "01000002222")]
    make_member(tenant, "박지훈", "01000003333", birth_date=born)
    with scope(tenant=neighbour):
        make_member(neighbour, "김민수", "01011112222")

    def ids(sets):
        return [[m.pk for m in one.members] for one in sets.rows]

    assert ids(same_people(tenant)) == [[m.pk for m in twins]]
    assert ids(families(tenant)) == [[m.pk for m in family]]
    assert ids(same_births(tenant)) == [[m.pk for m in births]]
    assert same_people(tenant, page=2).rows == []
