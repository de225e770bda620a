"""The trash: back within thirty days, links and all; erased after that, ledgers and all that must stay aside."""

import datetime

import pytest
from django.db import DatabaseError, transaction
from django_scopes import scope

from accounts.models import AuditEvent, Fact
from members.exceptions import MemberNotFound
from members.models import (
    BulkEdit,
    BulkEditPart,
    Consent,
    Contact,
    DeadPhone,
    Due,
    DueEntry,
    Group,
    Member,
    Note,
    Pass,
    PassEntry,
    StageChange,
)
from members.selectors.trash import trashed
from members.services import consents, dues, kept_parts, members, pass_ends, passes, stages, trash, uniting
from tests.factories import make_group, make_member
from ui import times

pytestmark = pytest.mark.usefixtures("in_tenant")


def gone(tenant, name="김민수", days=0, **fields):
    member = make_member(tenant, name, memo="단골", **fields)
    members.trash_one(tenant=tenant, by=None, member=member)
    Member.objects.filter(pk=member.pk).update(deleted_at=times.now() - datetime.timedelta(days=days))
    member.refresh_from_db()
    return member


def everybody(tenant):
    return Member.objects.filter(tenant=tenant)


def test_restore_all_brings_members_back_into_their_groups(tenant):
    group = make_group(tenant, "오전반")
    people = [make_member(tenant, name, "", group) for name in ("김민수", "이서연")]
    members.trash(tenant=tenant, by=None, members=everybody(tenant))

    assert trash.restore_all(tenant=tenant, by=None, members=everybody(tenant)) == 2
    assert trash.restore_all(tenant=tenant, by=None, members=everybody(tenant)) == 0
    assert Group.objects.get().member_count == 2
    assert {m.pk for m in everybody(tenant).filter(deleted_at=None)} == {m.pk for m in people}


def test_who_was_merged_meanwhile_is_not_taken_out_of_the_other(tenant):
    kept, other = make_member(tenant, "이서연"), make_member(tenant, "이서연")
    uniting.unite(tenant=tenant, by=None, kept=kept.pk, gone=other.pk)

    assert trash.take_back(tenant=tenant, ids=[other.pk]) == 0

    other.refresh_from_db()
    assert (other.merged_into_id, other.deleted_at is None) == (kept.pk, False)


def test_restore_all_brings_a_birthday_and_a_dead_number_up_to_today(tenant):
    member = gone(tenant, birth_date=datetime.date(1990, 3, 5), next_birthday=datetime.date(2020, 3, 5))
    now = times.now()
    DeadPhone.objects.create(tenant=tenant, phone=member.phone, failed_count=3, last_failed_at=now, flagged_at=now)

    trash.restore_all(tenant=tenant, by=None, members=everybody(tenant))

    member.refresh_from_db()
    assert (member.next_birthday >= times.today(), member.dead_at) == (True, now)


def test_after_thirty_days_a_person_is_erased_and_the_ledger_stays(tenant):
    member = gone(tenant, days=31, birth_date=datetime.date(1990, 3, 5), fields={"반": "1반"})
    consents.record(tenant=tenant, by=None, member=member, kind="ad", given=True, source="방문")
    Contact.objects.create(tenant=tenant, member=member, role="mother", phone="01099998888")
    Note.objects.create(tenant=tenant, member=member, text="상담 내용", at=times.now())
    fresh = gone(tenant, "이서연", days=29)

    trash.daily(tenant=tenant, today=times.today())
    trash.daily(tenant=tenant, today=times.today())

    member.refresh_from_db()
    assert (member.name, member.phone, member.memo, member.birth_date) == ("삭제된 회원", "", "", None)
    assert (member.fields, member.tokens, member.ad_consent_at) == ({}, "", None)
    assert member.erased_at is not None
    assert (Contact.objects.count(), Note.objects.get().text, Consent.objects.count()) == (0, "", 1)
    assert [m.pk for m in trashed(tenant)] == [fresh.pk]
    assert Fact.objects.filter(kind="member.erased").get().subject == f"member:{member.pk}"
    assert AuditEvent.objects.filter(kind="member.erased").count() == 1


def test_words_in_the_ledgers_go_with_the_person_and_the_sums_stay(tenant):
    member, other = make_member(tenant, "김민수", source="친구 소개"), make_member(tenant, "이서연")
    who = {"tenant": tenant, "by": None}
    one = passes.open_pass(**who, member=member, reference="a", name="김민수 특별권", sessions=3, note="김민수 할인")
    typed = dues.add(**who, member=member, name="김민수 대회비", amount_won=1000, reference="b", note="김민수")
    stages.change_stage(**who, members=everybody(tenant).filter(pk=member.pk), stage="left", source="김민수 친구")
    new = pass_ends.give(**who, one=one, to=other, reference="c", note="김민수가 준 것")
    members.trash_one(tenant=tenant, by=None, member=member)
    trash.empty(tenant=tenant, by=None, members=everybody(tenant))

    rows = [*PassEntry.objects.values(), *DueEntry.objects.values(), *StageChange.objects.values()]
    rows += [*Pass.objects.filter(member=member).values(), *Due.objects.values()]
    assert "김민수" not in str(rows) and "친구" not in str(rows)
    assert (Pass.objects.get(pk=one.pk).name, Due.objects.get(pk=typed.pk).name) == ("이용권", "회비")
    assert (Due.objects.get().open_won, Pass.objects.get(pk=new.pk).sessions_left) == (1000, 3)


@pytest.mark.parametrize("change", [{"note": "다른 말"}, {"note": "", "won": 1}, {"won": 1}, {"kind": "used"}])
def test_a_ledger_lets_words_go_and_nothing_else(tenant, change):
    passes.open_pass(
        tenant=tenant, by=None, member=make_member(tenant), reference="a", name="권", sessions=3, note="메모"
    )
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        PassEntry.objects.update(**change)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        PassEntry.objects.all()._raw_delete("default")

    assert PassEntry.objects.get().note == "메모"
    assert PassEntry.objects.update(note="") == 1


def test_who_is_erased_never_comes_back(tenant):
    member = gone(tenant, days=31)
    trash.daily(tenant=tenant, today=times.today())
    member.refresh_from_db()

    with pytest.raises(MemberNotFound):
        members.restore(tenant=tenant, by=None, member=member)
    assert trash.restore_all(tenant=tenant, by=None, members=everybody(tenant)) == 0


def test_empty_erases_only_what_is_in_the_trash(tenant):
    living, member = make_member(tenant, "이서연"), gone(tenant)

    assert trash.empty(tenant=tenant, by=None, members=everybody(tenant)) == 1
    assert trash.empty(tenant=tenant, by=None, members=everybody(tenant)) == 0

    member.refresh_from_db()
    living.refresh_from_db()
    assert (member.erased_at is not None, living.erased_at, living.name) == (True, None, "이서연")


def test_empty_of_many_is_left_to_a_worker_and_not_shown_meanwhile(tenant, monkeypatch):
    monkeypatch.setattr(trash, "AT_ONCE", 0)
    member = gone(tenant)

    trash.empty(tenant=tenant, by=None, members=everybody(tenant))

    assert not trashed(tenant).exists()
    assert trash.erase_due(tenant=tenant) == 1
    member.refresh_from_db()
    assert member.erased_at


def test_erasing_forgets_what_could_have_been_undone(tenant):
    member, other = gone(tenant, days=31), make_member(tenant, "이서연")
    edit = BulkEdit.objects.create(tenant=tenant, count=2)
    before = [[member.pk, {"memo": "비밀"}], [other.pk, {"memo": "남음"}]]
    BulkEditPart.objects.create(tenant=tenant, edit=edit, number=1, before=before)

    trash.daily(tenant=tenant, today=times.today())

    assert BulkEditPart.objects.get().before == [[other.pk, {"memo": "남음"}]]


def test_after_thirty_days_a_deed_cannot_be_taken_back_and_says_nothing_of_anybody(tenant):
    change = {"memo_append": "비밀", "source": "박지훈 소개", "stage": "paused"}
    done, undoing = (BulkEdit.objects.create(tenant=tenant, state=s, change=change) for s in ("done", "undoing"))
    for edit in (done, undoing):
        BulkEditPart.objects.create(tenant=tenant, edit=edit, number=1, before=[[1, {"memo": "비밀"}]])
    BulkEdit.objects.update(created_at=times.now() - datetime.timedelta(days=31))

    kept_parts.prune(tenant=tenant, today=times.today())

    assert [part.edit_id for part in BulkEditPart.objects.all()] == [undoing.pk]
    assert [one.change for one in BulkEdit.objects.order_by("pk")] == [{"stage": "paused"}, change]


def test_trash_of_a_neighbour_is_not_ours(tenant, neighbour):
    member = gone(tenant)

    with scope(tenant=neighbour):
        assert trash.restore_all(tenant=neighbour, by=None, members=Member.objects.filter(tenant=neighbour)) == 0
        assert trash.empty(tenant=neighbour, by=None, members=Member.objects.filter(tenant=neighbour)) == 0
    member.refresh_from_db()
    assert (member.erased_at, member.deleted_at is not None) == (None, True)
