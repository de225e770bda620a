"""Texts to segments, people left out for what is true of them, and lists kept with a schedule."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Tag, Tenant
from accounts.services import tags
from members.models import Contact, Member, MemberTag, Segment
from members.segments import rows
from members.services import segments, uniting
from messaging import selectors
from messaging.drafting import NOW, Audience, Draft, Except
from messaging.enums import DispatchState, HoldReason
from messaging.exceptions import SegmentGone
from messaging.models import Dispatch, Excluded, Snapshot
from messaging.selectors import audience as people
from messaging.services import compose, holds, planning, prepare, snapshots
from messaging.text import parse
from tests import factories
from tests.messaging.driving import at_points
from ui import times

pytestmark = pytest.mark.django_db(transaction=True)
OWES: dict[str, Any] = {"all": [{"field": "unpaid", "op": "yes"}]}


def member(shop: Tenant, name: str, *groups: Any, **fields: Any) -> Member:
    return factories.make_member(shop, name, "", *groups, **fields)


def owing(shop: Tenant, name: str, *groups: Any) -> Member:
    return member(shop, name, *groups, unpaid_won=10_000, unpaid_since=times.today())


def segment(shop: Tenant, name: str = "미납", rule: Any = None) -> Segment:
    return segments.create(tenant=shop, by=None, name=name, rule=rule or OWES)


def submitted(shop: Tenant, to: Audience, **fields: Any) -> Dispatch:
    return compose.submit(tenant=shop, by=None, draft=Draft(to=to, **{"text": "#{이름}님, 안내예요."} | fields))


def reached(dispatch: Dispatch) -> set[str]:
    prepare.prepare(tenant=dispatch.tenant, dispatch_id=dispatch.pk)
    return {message.name for message in selectors.messages(dispatch)}


def reasons(dispatch: Dispatch) -> dict[str, str]:
    return dict(Excluded.objects.filter(dispatch=dispatch).values_list("name", "reason"))


def due(dispatch: Dispatch) -> Dispatch:
    Dispatch.objects.filter(pk=dispatch.pk).update(state=DispatchState.PREPARING)
    return dispatch


def test_a_text_to_a_segment_and_a_group_reaches_both_once(shop: Tenant) -> None:
    group = factories.make_group(shop)
    owing(shop, "둘다", group)
    owing(shop, "미납만")
    member(shop, "그룹만", group)
    member(shop, "아무도")
    to = Audience(groups=[group.pk], segments=[segment(shop).pk])

    assert people.reach(shop, to, ad=False) == 3
    assert compose.quote(tenant=shop, draft=Draft(to=to, text="안내")).recipients == 3
    assert reached(submitted(shop, to)) == {"둘다", "미납만", "그룹만"}


def test_each_who_is_left_out_has_the_reason(shop: Tenant) -> None:
    tag = Tag.objects.create(tenant=shop, name="형제")
    tagged = member(shop, "태그")
    MemberTag.objects.create(tenant=shop, member=tagged, tag=tag)
    owing(shop, "미납")
    member(shop, "탈퇴", stage="left")
    member(shop, "조건", memo="빼 주세요")
    member(shop, "받음")
    memo = segment(shop, "메모", {"all": [{"field": "memo", "op": "contains", "value": "빼"}]})
    left = Except(unpaid=True, stages=["left"], tags=[tag.pk], segments=[memo.pk])
    to = Audience(all=True, except_=left)

    assert people.reach(shop, to, ad=False) == 1
    quote = compose.quote(tenant=shop, draft=Draft(to=to, text="안내"))
    dispatch = submitted(shop, to)

    assert reached(dispatch) == {"받음"}
    assert reasons(dispatch) == {"태그": "tag", "미납": "unpaid", "탈퇴": "stage", "조건": "segment"}
    assert quote.excluded == {"tag": 1, "unpaid": 1, "stage": 1, "segment": 1}
    assert Audience.from_json(to.to_json()) == to


def texted(shop: Tenant, *members: Member, days_ago: int = 0, **fields: Any) -> Dispatch:
    """A dispatch that left so many days ago."""
    dispatch = submitted(shop, Audience(members=[one.pk for one in members]))
    reached(dispatch)
    at = times.now() - timedelta(days=days_ago)
    Dispatch.objects.filter(pk=dispatch.pk).update(
        **{"first_sent_at": at, "finished_at": at, "state": "finished"} | fields
    )
    dispatch.batches.update(state="done", attempt_started_at=at, accepted_at=at)
    return dispatch


def test_staff_are_left_out_by_their_own_numbers(shop: Tenant) -> None:
    member(shop, "손님")
    own = member(shop, "직원의 아이")
    for phone, gone in ((own.phone, None), ("01000009999", times.now())):
        factories.make_staff(shop, "manager", phone=phone, removed_at=gone)

    dispatch = submitted(shop, Audience(all=True, except_=Except(staff=True)))

    assert people.reach(shop, Audience(all=True, except_=Except(staff=True)), ad=False) == 1
    assert (reached(dispatch), reasons(dispatch)) == ({"손님"}, {"직원의 아이": "excepted"})


def test_recently_texted_people_are_left_out_but_tests_practice_and_lost_texts_count_for_nothing(shop: Tenant) -> None:
    had, lost, tested, practised = (member(shop, name) for name in ("받았음", "실패", "시험", "연습"))
    first = texted(shop, had, lost, days_ago=2)
    selectors.messages(first).filter(member_id=lost.pk).update(state="failed")
    texted(shop, tested, is_test=True)
    texted(shop, practised, mode="sandbox")

    week, day = Audience(all=True, except_=Except(recent_days=7)), Audience(all=True, except_=Except(recent_days=1))

    assert (people.reach(shop, week, ad=False), people.reach(shop, day, ad=False)) == (3, 4)
    dispatch = submitted(shop, week)
    assert reached(dispatch) == {"실패", "시험", "연습"}
    assert reasons(dispatch) == {"받았음": "recent"}


def test_segments_ask_who_was_texted_as_it_was(shop: Tenant) -> None:
    first, second, lost, never = (member(shop, name) for name in ("첫째", "둘째", "실패", "없음"))
    for one in (first, second):
        Contact.objects.create(tenant=shop, member=one, role="mother", phone="01077770003")
    dispatch = submitted(shop, Audience(members=[first.pk, second.pk, lost.pk], via="mother"))
    reached(dispatch)
    selectors.messages(dispatch).filter(member_id=lost.pk).update(state="failed")
    at = times.now() - timedelta(days=3)
    Dispatch.objects.filter(pk=dispatch.pk).update(first_sent_at=at, finished_at=at, state="finished")
    dispatch.batches.update(state="done", attempt_started_at=at, accepted_at=at)
    texted(shop, never, mode="sandbox")

    def found(op: str, value: int | None = None) -> set[str]:
        condition = {"field": "texted", "op": op} | ({} if value is None else {"value": value})
        return set(rows(shop, {"all": [condition]}).values_list("name", flat=True))

    assert found("within_last", 7) == {"첫째", "둘째"} == found("not_within", 1) - {"실패", "없음"}
    assert found("never") == found("not_within", 7) == {"실패", "없음"}
    assert found("within_last", 1) == set()


def test_segments_ask_what_became_of_the_last_text(shop: Tenant) -> None:
    first, second, practised = (member(shop, name) for name in ("첫째", "둘째", "연습"))
    for one in (first, second):
        Contact.objects.create(tenant=shop, member=one, role="mother", phone="01077770003")
    earlier = texted(shop, second)
    selectors.messages(earlier).update(state="delivered")
    both = submitted(shop, Audience(members=[first.pk, second.pk], via="mother"))
    reached(both)
    selectors.messages(both).update(state="failed")
    selectors.messages(texted(shop, practised, mode="sandbox")).update(state="failed")
    selectors.messages(texted(shop, first, mode="sandbox")).update(state="delivered")

    def found(op: str) -> set[str]:
        return set(rows(shop, {"all": [{"field": "last_text", "op": op}]}).values_list("name", flat=True))

    assert found("failed") == {"첫째", "둘째"}
    assert found("delivered") == set()


def test_who_was_texted_before_a_merge_is_not_new(shop: Tenant) -> None:
    kept, gone = factories.make_member(shop, "김민수"), factories.make_member(shop, "김민수")
    texted(shop, gone)
    uniting.unite(tenant=shop, by=None, kept=kept.pk, gone=gone.pk)

    assert not rows(shop, {"all": [{"field": "texted", "op": "never"}]}).exists()
    assert rows(shop, {"all": [{"field": "texted", "op": "within_last", "value": 7}]}).get() == kept


def test_a_quote_of_an_audience_whose_segment_is_gone_says_so(shop: Tenant) -> None:
    owing(shop, "미납")
    member(shop, "이름")
    to = Audience(members=[member(shop, "하나").pk], segments=[segment(shop).pk])
    Segment.objects.all().delete()

    quote = compose.quote(tenant=shop, draft=Draft(to=to, text="안내"))

    assert quote.recipients == 1 and "unknown_segment" in dict(quote.notices)


def test_what_left_late_or_is_about_to_leave_of_a_long_dispatch_is_recent(shop: Tenant) -> None:
    early, late, soon = (member(shop, name) for name in ("일찍", "늦게", "이제"))
    dispatch = submitted(shop, Audience(members=[early.pk, late.pk, soon.pk]))
    reached(dispatch)
    old, batch = times.now() - timedelta(days=9), dispatch.batches.get()
    Dispatch.objects.filter(pk=dispatch.pk).update(first_sent_at=old, state="sending")
    for row, fields in (
        (early, {"state": "done", "attempt_started_at": old}),
        (late, {"state": "sending", "attempt_started_at": times.now()}),
        (soon, {"state": "queued", "attempt_started_at": None}),
    ):
        batch.pk, batch.number, batch.receivers_hash = None, batch.number + 1, row.name
        for name, value in fields.items():
            setattr(batch, name, value)
        batch.save()
        selectors.messages(dispatch).filter(member_id=row.pk).update(batch=batch)

    other = submitted(shop, Audience(all=True, except_=Except(recent_days=7)))

    assert reached(other) == {"일찍"}


def test_the_first_chunk_of_a_dispatch_is_nothing_recent_to_its_second(
    shop: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("지우", "지호"):
        factories.make_member(shop, name, "01077770002")
    monkeypatch.setattr(people.chunks, "__defaults__", (None, 1))
    to = Audience(all=True, except_=Except(recent_days=7))
    dispatch = submitted(shop, to, each=True, each_reason="자녀별 성적")

    def left(name: str) -> None:
        if name == "prepare.chunk_stored":
            Dispatch.objects.filter(pk=dispatch.pk).update(first_sent_at=times.now())
            dispatch.batches.update(state="done", attempt_started_at=times.now())

    at_points(monkeypatch, left)
    reached(dispatch)

    other = dispatch.others.get()
    reached(other)
    assert reasons(dispatch) == reasons(other) == {}
    assert set(selectors.messages(other).values_list("name", flat=True)) == {"지호"}


@pytest.mark.parametrize("what", ["segment", "tag"])
def test_what_is_deleted_while_it_is_prepared_holds_it(
    shop: Tenant, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("하나", "둘"):
        member(shop, name)
    owing(shop, "빠질 사람")
    row: Any = segment(shop) if what == "segment" else Tag.objects.create(tenant=shop, name="형제")
    monkeypatch.setattr(people.chunks, "__defaults__", (None, 1))
    dispatch = submitted(shop, Audience(all=True, except_=Except(**{f"{what}s": [row.pk]})))  # type: ignore[arg-type]

    def deleted(name: str) -> None:
        if name == "prepare.chunk_stored" and row.pk:
            row.delete()

    at_points(monkeypatch, deleted)

    assert reached(dispatch) == {"하나"}
    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.held_reason) == (DispatchState.HELD, HoldReason.SEGMENT_GONE)


def deleted_after_first_chunk(row: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people.chunks, "__defaults__", (None, 1))
    seen: list[str] = []

    def deleted(name: str) -> None:
        if name == "prepare.chunk_stored" and not seen:
            seen.append(name)
            row.delete()

    at_points(monkeypatch, deleted)


def test_a_segment_deleted_before_its_people_are_found_holds_it(shop: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    listed, row = member(shop, "하나"), segment(shop)
    owing(shop, "미납")
    dispatch = submitted(shop, Audience(members=[listed.pk], segments=[row.pk]))
    deleted_after_first_chunk(row, monkeypatch)

    assert reached(dispatch) == {"하나"}
    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.held_reason) == (DispatchState.HELD, HoldReason.SEGMENT_GONE)


def test_a_segment_deleted_after_its_guardians_are_found_reaches_them(
    shop: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = segment(shop)
    for name in ("하나", "둘", "셋"):
        owing(shop, name)
    dispatch = submitted(shop, Audience(segments=[row.pk], via="guardians"))
    deleted_after_first_chunk(row, monkeypatch)

    assert reached(dispatch) == {"하나", "둘", "셋"}


def test_guardians_of_a_days_segment_are_asked_for_that_day_after_midnight(shop: Tenant, settings: Any) -> None:
    today = segment(shop, "생일", {"all": [{"field": "birthday", "op": "within_next", "value": 0}]})
    for n in range(3):
        member(shop, f"오늘{n}", next_birthday=times.today())
    member(shop, "내일", next_birthday=times.today() + timedelta(days=1))
    to, text = Audience(segments=[today.pk], via="guardians"), parse("안내")
    first, cursor = next(people.chunks(shop, to, text, size=1))
    settings.CLOCK_OFFSET = 86_400

    rest = [row[1] for rows, _after in people.chunks(shop, to, text, cursor, size=1) for row in rows]

    assert sorted([first[0][1], *rest]) == ["오늘0", "오늘1", "오늘2"]


def test_a_tag_merged_while_it_is_prepared_is_asked_for_as_the_other(
    shop: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, kept = (Tag.objects.create(tenant=shop, name=name) for name in ("형제", "가족"))
    for name in ("하나", "둘"):
        member(shop, name)
    MemberTag.objects.create(tenant=shop, member=member(shop, "빠질 사람"), tag=gone)
    monkeypatch.setattr(people.chunks, "__defaults__", (None, 1))
    dispatch = submitted(shop, Audience(all=True, except_=Except(tags=[gone.pk])))

    def merged(name: str) -> None:
        if name == "prepare.chunk_stored" and Tag.objects.filter(pk=gone.pk).exists():
            tags.merge(tenant=shop, by=None, gone=gone, kept=kept)

    at_points(monkeypatch, merged)

    reached(dispatch)
    assert reached(dispatch) == {"하나", "둘"}
    assert reasons(dispatch) == {"빠질 사람": "tag"}


def test_a_segment_that_is_gone_holds_the_dispatch(shop: Tenant, later: datetime) -> None:
    owing(shop, "미납")
    other = member(shop, "다른")
    gone = segment(shop)
    dispatch = submitted(shop, Audience(members=[other.pk], segments=[gone.pk]), send_at=later)
    segments.delete(tenant=shop, by=None, segment=gone)

    assert reached(due(dispatch)) == set()
    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.held_reason) == (DispatchState.HELD, HoldReason.SEGMENT_GONE)
    with pytest.raises(SegmentGone):
        submitted(shop, Audience(segments=[gone.pk]))

    assert holds.resume(shop, dispatch.pk)
    assert reached(dispatch) == {"다른"}


def test_a_segment_whose_rule_broke_reaches_nobody(shop: Tenant, later: datetime) -> None:
    group = factories.make_group(shop)
    member(shop, "하나", group)
    broken = segment(shop, "그룹", {"all": [{"not": {"field": "group", "op": "in", "value": [group.pk]}}]})
    member(shop, "둘")
    dispatch = submitted(shop, Audience(segments=[broken.pk]), send_at=later)
    group.delete()

    assert reached(due(dispatch)) == set()
    dispatch.refresh_from_db()
    assert dispatch.held_reason == HoldReason.SEGMENT_GONE


def test_who_is_left_out_by_a_broken_segment_gets_nothing_until_it_is_mended(shop: Tenant, later: datetime) -> None:
    group = factories.make_group(shop)
    member(shop, "빠질 사람", group)
    member(shop, "받을 사람")
    broken = segment(shop, "그룹", {"all": [{"field": "group", "op": "in", "value": [group.pk]}]})
    gone = segment(shop, "지울 것")
    to = Audience(all=True, except_=Except(segments=[broken.pk, gone.pk]))
    dispatch = submitted(shop, to, send_at=later)
    segments.delete(tenant=shop, by=None, segment=gone)
    rule = broken.rule
    Segment.objects.filter(pk=broken.pk).update(rule={"all": [{"field": "group", "op": "in", "value": [2**40]}]})
    reached(due(dispatch))

    assert holds.resume(shop, dispatch.pk)
    assert reached(dispatch) == set()
    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.held_reason) == (DispatchState.HELD, HoldReason.SEGMENT_GONE)
    assert dispatch.audience["except"] == {"segments": [broken.pk]}

    Segment.objects.filter(pk=broken.pk).update(rule=rule)
    Dispatch.objects.filter(pk=dispatch.pk).update(due_at=times.now() - timedelta(days=2))
    assert holds.resume(shop, dispatch.pk)
    assert reached(dispatch) == {"받을 사람"}
    dispatch.refresh_from_db()
    assert dispatch.due_at and times.now() - dispatch.due_at < timedelta(minutes=1)


def test_the_list_of_now_goes_to_who_was_meant_then(shop: Tenant, later: datetime) -> None:
    stays, pays = owing(shop, "남음"), owing(shop, "냄")
    to = Audience(segments=[segment(shop).pk], as_of=NOW)
    dispatch = submitted(shop, to, send_at=later)
    Member.objects.filter(pk=pays.pk).update(unpaid_won=0, unpaid_since=None)
    owing(shop, "새로")

    shown = snapshots.difference(tenant=shop, dispatch=dispatch)
    assert shown is not None
    assert (shown.came_names, shown.left_names) == (["새로"], ["냄"])
    assert planning.plan(tenant=shop, dispatch_id=dispatch.pk)
    dispatch.refresh_from_db()
    assert dispatch.planned_sms == 2
    assert reached(due(dispatch)) == {stays.name, pays.name}


def test_the_list_of_then_is_asked_when_it_is_due(shop: Tenant, later: datetime) -> None:
    owing(shop, "남음")
    dispatch = submitted(shop, Audience(segments=[segment(shop).pk]), send_at=later)
    owing(shop, "새로")

    assert snapshots.difference(tenant=shop, dispatch=dispatch).came == 1  # type: ignore[union-attr]
    assert reached(due(dispatch)) == {"남음", "새로"}


def test_another_audience_takes_another_list(shop: Tenant, later: datetime) -> None:
    owing(shop, "남음")
    dispatch = submitted(shop, Audience(segments=[segment(shop).pk], as_of=NOW), send_at=later)
    owing(shop, "새로")

    compose.change(tenant=shop, by=None, dispatch=dispatch, text="다른 말")
    assert Snapshot.objects.get(dispatch=dispatch).count == 1  # the text alone moves no list
    compose.change(tenant=shop, by=None, dispatch=dispatch, to=Audience(all=True, as_of=NOW))
    assert Snapshot.objects.get(dispatch=dispatch).count == 2


def test_sent_now_after_all_it_goes_to_who_is_meant_now(shop: Tenant, later: datetime) -> None:
    owing(shop, "남음")
    to = Audience(segments=[segment(shop).pk], as_of=NOW)
    same, other = submitted(shop, to, send_at=later), submitted(shop, to, send_at=later)
    owing(shop, "새로")
    free = member(shop, "따로", factories.make_group(shop, "따로반"))

    compose.change(tenant=shop, by=None, dispatch=same, send_at=None)
    group = Audience(groups=[free.groups.get().pk], as_of=NOW)
    compose.change(tenant=shop, by=None, dispatch=other, to=group, send_at=None)

    assert reached(same) == {"남음", "새로"}
    assert reached(other) == {"따로"}


def test_sent_now_to_many_while_it_waits_for_second_thoughts(shop: Tenant, later: datetime) -> None:
    group, other = factories.make_group(shop), factories.make_group(shop)
    for n in range(11):
        member(shop, f"먼저{n}", group)
        member(shop, f"다음{n}", other)
    dispatch = submitted(shop, Audience(groups=[group.pk], as_of=NOW), send_at=later)

    to = Audience(groups=[other.pk], as_of=NOW)
    changed = compose.change(tenant=shop, by=None, dispatch=dispatch, to=to, send_at=None, undo=True)

    assert changed.undo_until
    assert reached(due(dispatch)) == {f"다음{n}" for n in range(11)}


def test_put_off_in_the_seconds_for_second_thoughts_it_keeps_the_list(shop: Tenant, later: datetime) -> None:
    group = factories.make_group(shop)
    rows = [member(shop, f"회원{n}", group) for n in range(11)]
    draft = Draft(to=Audience(groups=[group.pk], as_of=NOW), text="안내")
    dispatch = compose.submit(tenant=shop, by=None, draft=draft, undo=True)
    assert dispatch.undo_until

    compose.change(tenant=shop, by=None, dispatch=dispatch, send_at=later)
    member(shop, "새로", group)

    assert reached(due(dispatch)) == {row.name for row in rows}


def test_a_change_is_asked_of_the_kept_list(shop: Tenant, later: datetime) -> None:
    row, gone = owing(shop, "남음"), segment(shop)
    to = Audience(segments=[gone.pk], as_of=NOW)
    dispatch = submitted(shop, to, send_at=later)
    Member.objects.filter(pk=row.pk).update(unpaid_won=0, unpaid_since=None)
    segments.delete(tenant=shop, by=None, segment=gone)

    draft = Draft(to=to, text="다른 말", send_at=later)
    quote = compose.quote(tenant=shop, draft=draft, instead_of=dispatch.pk)
    compose.change(tenant=shop, by=None, dispatch=dispatch, text="다른 말")

    assert quote.recipients == 1 and "segment_gone" not in dict(quote.notices)
    assert reached(due(dispatch)) == {"남음"}
    other = submitted(shop, Audience(all=True), send_at=later)
    with pytest.raises(SegmentGone):
        compose.change(tenant=shop, by=None, dispatch=other, to=to)


def test_a_kept_list_is_small_and_comes_back_whole(shop: Tenant) -> None:
    ids = list(range(10_000_000_000, 10_000_300_000, 3))
    packed = Snapshot.pack(ids)

    assert Snapshot(packed=packed).ids == ids
    assert len(packed) < len(ids)
    assert Snapshot(packed=Snapshot.pack([])).ids == []


def test_people_who_enter_and_leave_while_it_is_prepared_come_at_most_once(shop: Tenant) -> None:
    rows = [owing(shop, f"회원{n}") for n in range(6)]
    plain = member(shop, "나중")
    to, text = Audience(segments=[segment(shop).pk]), parse("안내")
    walk = people.chunks(shop, to, text, size=3)
    first, cursor = next(walk)
    Member.objects.filter(pk=rows[0].pk).update(unpaid_won=0, unpaid_since=None)  # behind the cursor: has it already
    Member.objects.filter(pk=rows[5].pk).update(unpaid_won=0, unpaid_since=None)  # ahead of it: gets none
    Member.objects.filter(pk=plain.pk).update(unpaid_won=5, unpaid_since=times.today())  # enters ahead of it

    rest = [row for some, _after in people.chunks(shop, to, text, cursor, size=3) for row in some]

    names = [row[1] for row in [*first, *rest]]
    assert names == ["회원0", "회원1", "회원2", "회원3", "회원4", "나중"]
    assert cursor and cursor["on"] == times.today().isoformat()


def test_who_is_trashed_or_listed_is_not_among_the_gathered(shop: Tenant) -> None:
    rows = [owing(shop, f"회원{n}") for n in range(6)]
    to = Audience(members=[rows[4].pk], segments=[segment(shop).pk])
    walk = people.chunks(shop, to, parse("안내"), size=2)
    found = [row[1] for _n in range(2) for row in next(walk)[0]]
    Member.objects.filter(pk=rows[3].pk).update(deleted_at=times.now())  # gathered already

    found += [row[1] for some, _after in walk for row in some]

    assert found == ["회원4", "회원0", "회원1", "회원2", "회원5"]


def test_newcomers_of_a_segment(shop: Tenant) -> None:
    owing(shop, "먼저")
    dispatch = submitted(shop, Audience(segments=[segment(shop).pk]))
    reached(dispatch)
    owing(shop, "새로")

    again = compose.resend(tenant=shop, by=None, dispatch=dispatch, only="newcomers")

    assert reached(again) == {"새로"}
    assert reasons(again) == {"먼저": "already"}
