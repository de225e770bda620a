"""The same change to many: looked at, done whole or not at all, and taken back."""

import datetime

import pytest
from django_scopes import scope

from accounts.exceptions import InvalidTag, TooManyTags
from accounts.models import AuditEvent
from accounts.services import tags as tagging
from members.exceptions import (
    BulkEditNotFound,
    BulkEditNotUndoable,
    InvalidMember,
    NobodyPicked,
    NothingToChange,
    TooManyPicked,
)
from members.models import BulkEdit, BulkEditPart, Field, Group, Member, MemberTag, StageChange
from members.selectors import roster
from members.services import bulk_edits, members, tags
from members.services.bulk_edits import edit, preview, rescue_edits, undo, work
from tests.factories import make_group, make_member, make_user
from ui import times

pytestmark = pytest.mark.usefixtures("in_tenant")


@pytest.fixture
def three(tenant):
    group = make_group(tenant, "오전반")
    return [
        make_member(tenant, "김민수", "", group, memo="단골", fields={"반": "1반"}),
        make_member(tenant, "이서연", source="네이버"),
        make_member(tenant, "박지훈"),
    ]


def everybody(tenant):
    return Member.objects.filter(tenant=tenant)


def whole(tenant):
    """The change that changes everything that can be."""
    evening = make_group(tenant, "오후반")
    morning = Group.objects.get(name="오전반")
    Field.objects.get_or_create(tenant=tenant, name="반")
    tags.tag_many(tenant=tenant, by=None, members=everybody(tenant).filter(name="박지훈"), add=["관심"])
    return {
        "groups_add": [evening.pk], "groups_remove": [morning.pk], "tags_add": ["VIP"], "tags_remove": ["관심"],
        "stage": "paused", "source": "소개", "fields": {"반": "3반"}, "memo_append": "11월 이벤트",
    }  # fmt: skip


def stock():
    columns = ("id", "memo", "fields", "source", "stage", "stage_on", "tokens", "updated_at")
    return (
        list(Member.objects.order_by("id").values(*columns)),
        list(Group.objects.order_by("id").values_list("name", "member_count")),
        sorted(Member.groups.through.objects.values_list("member_id", "group_id")),
        sorted(MemberTag.objects.values_list("member_id", "tag_id")),
    )


def test_edit_changes_all_that_was_asked_and_undo_takes_it_back(tenant, three):
    change = whole(tenant)
    before = stock()

    row = edit(tenant=tenant, by=None, members=everybody(tenant), change=change)

    assert (row.state, row.count, row.changed) == ("done", 3, 3)
    first = Member.objects.get(pk=three[0].pk)
    assert (first.memo, first.fields, first.source, first.stage) == (
        "단골\n11월 이벤트",
        {"반": "3반"},
        "소개",
        "paused",
    )
    assert dict(Group.objects.values_list("name", "member_count")) == {"오전반": 0, "오후반": 3}
    assert sorted(MemberTag.objects.values_list("tag__name", flat=True)) == ["VIP"] * 3
    assert StageChange.objects.filter(stage="paused").count() == 3
    assert len(roster(tenant, search="이벤트").page("").rows) == 3

    row = undo(tenant=tenant, by=None, pk=row.pk)

    assert stock() == before
    assert (row.state, row.left) == ("undone", {"count": 0, "rows": []})
    assert not BulkEditPart.objects.exists()


def test_undo_leaves_what_was_edited_since(tenant, three):
    row = edit(tenant=tenant, by=None, members=everybody(tenant), change={"source": "소개", "memo_append": "끝"})
    members.update(tenant=tenant, by=None, member=three[0], source="전단지")

    row = undo(tenant=tenant, by=None, pk=row.pk)

    three[0].refresh_from_db()
    assert (three[0].source, three[0].memo) == ("전단지", "단골")
    assert row.left == {"count": 1, "rows": [[three[0].pk, ["source"]]]}


def test_undo_twice_is_once_and_edit_that_changes_nobody_has_nothing_to_undo(tenant, three):
    row = edit(tenant=tenant, by=None, members=everybody(tenant), change={"source": "소개"})
    undo(tenant=tenant, by=None, pk=row.pk)
    assert undo(tenant=tenant, by=None, pk=row.pk).state == "undone"

    idle = edit(tenant=tenant, by=None, members=everybody(tenant), change={"stage": "active"})
    assert idle.changed == 0
    with pytest.raises(BulkEditNotUndoable):
        undo(tenant=tenant, by=None, pk=idle.pk)


def test_tags_are_kept_as_they_are_stored_and_taken_back(tenant, three):
    row = edit(tenant=tenant, by=None, members=everybody(tenant), change={"tags_add": ["#VIP", " VIP", "단골"]})
    assert set(MemberTag.objects.values_list("tag__name", flat=True)) == {"VIP", "단골"}

    undo(tenant=tenant, by=None, pk=row.pk)

    assert not MemberTag.objects.exists()


def test_work_that_is_refused_ends_with_the_sentence(tenant, three, monkeypatch):
    monkeypatch.setattr(tagging, "TAGS_MOST", 0)

    row = edit(tenant=tenant, by=None, members=everybody(tenant), change={"source": "소개", "tags_add": ["VIP"]})

    assert (row.state, row.problem) == ("failed", str(TooManyTags.message))
    assert not Member.objects.filter(source="소개").exists()
    assert rescue_edits() == 0


def test_undo_is_signed_by_who_asked_for_it(tenant, three):
    editor, other = make_user(), make_user(name="이실장")
    row = edit(tenant=tenant, by=editor, members=everybody(tenant), change={"stage": "paused"})

    row = undo(tenant=tenant, by=other, pk=row.pk)

    assert (row.by, row.undone_by) == (editor, other)
    assert set(StageChange.objects.filter(stage="active").values_list("by", flat=True)) == {other.pk}
    assert AuditEvent.objects.get(kind="member.bulk_undone").by_id == other.pk


def test_nobody_waits_for_an_import_to_end(tenant, three, monkeypatch):
    monkeypatch.setattr(bulk_edits, "lock_roster", lambda tenant, wait: wait)

    row = edit(tenant=tenant, by=None, members=everybody(tenant), change={"source": "소개"})

    assert (row.state, row.lease_until) == ("applying", None)
    assert work(tenant=tenant, pk=row.pk)
    assert Member.objects.filter(source="소개").count() == 3


def test_preview_says_what_changes_and_writes_nothing(tenant, three):
    change = whole(tenant) | {"fields": {"반": "1반", "새 항목": "값"}}
    before, fields = stock(), Field.objects.count()

    seen = preview(tenant=tenant, members=everybody(tenant), change=change)

    assert (seen.count, seen.changed) == (3, 3)
    assert ("memo", "단골", "단골\n11월 이벤트") in seen.lines[0].changes
    assert stock() == before
    assert Field.objects.count() == fields


def test_preview_counts_those_who_stay(tenant, three):
    seen = preview(tenant=tenant, members=everybody(tenant), change={"source": "네이버"})

    assert (seen.count, seen.changed) == (3, 2)


def test_many_are_done_by_a_worker_who_may_die(tenant, three, monkeypatch):
    monkeypatch.setattr(bulk_edits, "AT_ONCE", 0)
    monkeypatch.setattr(bulk_edits, "PART", 2)
    row = edit(tenant=tenant, by=None, members=everybody(tenant), change={"source": "소개"})
    assert (row.state, BulkEditPart.objects.count()) == ("applying", 2)
    assert not Member.objects.filter(source="소개").exists()

    BulkEdit.objects.update(lease_until=times.now() - datetime.timedelta(minutes=1))
    assert rescue_edits() == 1
    assert [work(tenant=tenant, pk=row.pk) for _n in range(2)] == [True, False]
    assert Member.objects.filter(source="소개").count() == 3

    undo(tenant=tenant, by=None, pk=row.pk)
    assert work(tenant=tenant, pk=row.pk)
    assert not Member.objects.filter(source="소개").exists()


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({}, NothingToChange),
        ({"memo_append": "  "}, NothingToChange),
        ({"ad": True}, InvalidMember),
        ({"groups_add": [999_999]}, InvalidMember),
        ({"memo_append": "가" * 2001}, InvalidMember),
        ({"tags_add": ["#"]}, InvalidTag),
    ],
)
def test_edit_refuses_what_cannot_be(tenant, three, change, refusal):
    with pytest.raises(refusal):
        edit(tenant=tenant, by=None, members=everybody(tenant), change=change)


def test_edit_refuses_nobody_and_too_many(tenant, three, monkeypatch):
    with pytest.raises(NobodyPicked):
        edit(tenant=tenant, by=None, members=Member.objects.none(), change={"source": "소개"})
    monkeypatch.setattr(bulk_edits, "MOST", 2)
    with pytest.raises(TooManyPicked):
        edit(tenant=tenant, by=None, members=everybody(tenant), change={"source": "소개"})


def test_edits_of_a_neighbour_are_not_there(tenant, neighbour, three):
    group = make_group(tenant, "오후반")
    row = edit(tenant=tenant, by=None, members=everybody(tenant), change={"source": "소개"})
    with scope(tenant=neighbour):
        make_member(neighbour)
        with pytest.raises(BulkEditNotFound):
            undo(tenant=neighbour, by=None, pk=row.pk)
        with pytest.raises(InvalidMember):
            edit(
                tenant=neighbour, by=None, members=Member.objects.filter(tenant=neighbour),
                change={"groups_add": [group.pk]},
            )  # fmt: skip


def test_undo_is_refused_after_thirty_days(tenant, three):
    row = edit(tenant=tenant, by=None, members=everybody(tenant), change={"source": "소개"})
    BulkEdit.objects.update(created_at=times.now() - datetime.timedelta(days=31))

    with pytest.raises(BulkEditNotUndoable):
        undo(tenant=tenant, by=None, pk=row.pk)
