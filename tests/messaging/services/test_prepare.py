"""Who gets a text and who doesn't, in which batches; resumed after death; never twice."""

from typing import Any

import pytest

from accounts.models import Tenant
from messaging import selectors
from messaging.drafting import Audience, Draft, Except
from messaging.enums import BatchState, DispatchState
from messaging.exceptions import GroupGone
from messaging.models import Batch, Dispatch, Excluded, Message
from messaging.selectors import audience as people
from messaging.services import compose, optouts, prepare
from tests import factories
from tests.messaging import driving

TEXT = "#{이름}님, 내일 쉬어요."


def submitted(tenant: Tenant, to: Audience, **fields: Any) -> Dispatch:
    return compose.submit(tenant=tenant, by=None, draft=Draft(to=to, **{"text": TEXT} | fields))


def reasons(dispatch: Dispatch) -> dict[str, str]:
    return dict(Excluded.objects.filter(dispatch=dispatch).values_list("name", "reason"))


def texts(dispatch: Dispatch) -> dict[str, str]:
    return {message.phone: message.full_text for message in selectors.messages(dispatch)}


def test_prepare_sorts_the_audience(shop: Tenant) -> None:
    group = factories.make_group(shop)
    factories.make_member(shop, "어머니", "01011112222", group)
    factories.make_member(shop, "아들", "01011112222", group)
    factories.make_member(shop, "유선", "0237890123", group)
    factories.make_member(shop, "없음", "", group)
    factories.make_member(shop, "거부", "01011113333", group)
    factories.make_member(shop, "예외", "01011114444", group)
    factories.make_member(shop, "특수", "01011115555", group, fields={})
    none = factories.make_member(shop, "번호", "01000000000", group)
    type(none).objects.filter(pk=none.pk).update(phone="")
    optouts.opt_out(tenant=shop, by=None, phone="01011113333")
    to = Audience(groups=[group.pk], except_=Except(phones=[("010-1111-4444", "")]), phones=[("12", "이상")])

    dispatch = submitted(shop, to)
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)

    dispatch.refresh_from_db()
    left = reasons(dispatch)
    assert left["아들"] == "duplicate"
    assert left["유선"] == "bad_number"
    assert left["거부"] == "opted_out"
    assert left["예외"] == "excepted"
    assert left["번호"] == "no_phone"
    assert left["이상"] == "bad_number"
    assert texts(dispatch)["01011112222"] == "어머니님, 내일 쉬어요."
    assert dispatch.excluded_count == 6
    assert dispatch.total == len(texts(dispatch)) == 3
    assert dispatch.state == DispatchState.SENDING


def test_prepare_leaves_out_who_cannot_be_written_to(shop: Tenant) -> None:
    factories.make_member(shop, "뷁", "01011110001")
    factories.make_member(shop, "긴이", "01011110002", fields={"메모": "가" * 1000})
    factories.make_member(shop, "짧은이", "01011110003", fields={"메모": "네"})
    from members.models import Field

    Field.objects.create(tenant=shop, name="메모")

    dispatch = submitted(shop, Audience(all=True), text="#{이름} #{메모|없음}")
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)

    assert reasons(dispatch) == {"뷁": "unsendable", "긴이": "too_long"}
    assert texts(dispatch) == {"01011110003": "짧은이 네"}


def test_prepare_packs_one_type_a_batch(shop: Tenant) -> None:
    for n in range(3):
        factories.make_member(shop, "가" * (38 if n else 2), f"0101111100{n}")

    dispatch = submitted(shop, Audience(all=True), text="#{이름}" + "나" * 30)
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)

    assert list(Batch.objects.order_by("pk").values_list("type", "size")) == [("SMS", 1), ("LMS", 2)]


def test_prepare_packs_500_different_or_1000_of_one_text(shop: Tenant) -> None:
    phones = [(f"0102{n:07d}", "이름") for n in range(1001)]

    for text in (TEXT, "모두에게 같은 글"):
        dispatch = submitted(shop, Audience(phones=phones), text=text)
        prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)

    sizes = Batch.objects.order_by("pk").values_list("size", flat=True)
    assert list(sizes) == [500, 500, 1, 1000, 1]
    assert Message.objects.filter(dispatch=dispatch, text="").count() == 1001


def test_prepare_twice_adds_nothing(shop: Tenant) -> None:
    dispatch = submitted(shop, Audience(phones=[("01011112222", "가")]))

    assert prepare.prepare(tenant=shop, dispatch_id=dispatch.pk) is True
    assert prepare.prepare(tenant=shop, dispatch_id=dispatch.pk) is False

    assert Message.objects.count() == 1


def test_prepare_of_the_neighbour_does_nothing(shop: Tenant, neighbour: Tenant) -> None:
    dispatch = submitted(shop, Audience(phones=[("01011112222", "가")]))

    assert prepare.prepare(tenant=neighbour, dispatch_id=dispatch.pk) is False

    assert Message.objects.count() == 0


def test_prepare_by_a_second_worker_waits_for_the_lease(shop: Tenant) -> None:
    dispatch = submitted(shop, Audience(phones=[("01011112222", "가")]))
    assert prepare._take(shop, dispatch.pk) is not None

    assert prepare.prepare(tenant=shop, dispatch_id=dispatch.pk) is False


@pytest.mark.parametrize("skip", [0, 1, 2])
@pytest.mark.parametrize("point", ["prepare.cursor_moved", "prepare.messages_written", "prepare.chunk_stored"])
def test_prepare_killed_anywhere_goes_on(shop: Tenant, monkeypatch: pytest.MonkeyPatch, point: str, skip: int) -> None:
    monkeypatch.setattr(people, "CHUNK", 4)
    monkeypatch.setattr(people.chunks, "__defaults__", (None, 4))
    members = [factories.make_member(shop, f"회원{n}", f"0103333{n:04d}") for n in range(6)]
    factories.make_member(shop, "가족", "01033330001")
    pasted = [(f"0104444{n:04d}", "") for n in range(3)] + [("01033330002", "")]
    dispatch = submitted(shop, Audience(members=[members[5].pk], all=True, phones=pasted))
    driving.killed_at(monkeypatch, point, skip)
    with pytest.raises(driving.Killed):
        prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)

    Dispatch.objects.update(lease_until=None)
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)

    dispatch.refresh_from_db()
    assert (dispatch.total, dispatch.excluded_count) == (9, 2)
    assert Message.objects.count() == sum(Batch.objects.values_list("size", flat=True)) == 9
    assert sorted(Excluded.objects.values_list("name", "reason")) == [("가족", "duplicate"), ("회원2", "duplicate")]


def test_prepare_stopped_by_a_person_keeps_what_was_prepared_true(
    shop: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people.chunks, "__defaults__", (None, 2))
    dispatch = submitted(shop, Audience(phones=[(f"0104444{n:04d}", "") for n in range(6)]), text="같은 글")

    def stop(name: str) -> None:
        if name == "prepare.chunk_stored":
            compose.cancel(tenant=shop, by=None, dispatch=dispatch)

    monkeypatch.setattr(prepare, "reached", stop)

    assert prepare.prepare(tenant=shop, dispatch_id=dispatch.pk) is False
    counts = selectors.counts(dispatch)
    assert (counts["total"], counts["cancelled"]) == (2, 2)
    assert set(Batch.objects.values_list("state", flat=True)) == {BatchState.CANCELLED}


def test_prepare_with_nobody_left_finishes(shop: Tenant) -> None:
    dispatch = submitted(shop, Audience(phones=[("01011112222", "가")]))
    optouts.opt_out(tenant=shop, by=None, phone="01011112222")

    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)

    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.total) == (DispatchState.FINISHED, 0)


def test_prepare_writes_odd_characters_as_they_are(shop: Tenant) -> None:
    text = "역슬래시 \\ 탭\t줄\n#{이름} \\N"
    dispatch = submitted(shop, Audience(phones=[("01011112222", "가\\나")]), text=text)

    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)

    assert Message.objects.get().text == "역슬래시 \\ 탭\t줄\n가\\나 \\N"
    assert Message.objects.get().name == "가\\나"


def test_prepare_waits_for_a_person_where_an_excepted_group_is_gone(shop: Tenant) -> None:
    everyone, left_out = factories.make_group(shop), factories.make_group(shop)
    factories.make_member(shop, "하나", "01011110001", everyone)
    factories.make_member(shop, "둘", "01011110002", everyone, left_out)
    to = Audience(groups=[everyone.pk], except_=Except(groups=[left_out.pk]))
    dispatch = submitted(shop, to)
    left_out.delete()

    driving.run_pipeline(shop)
    dispatch.refresh_from_db()

    assert (dispatch.state, dispatch.held_reason, dispatch.total) == (DispatchState.HELD, "group_gone", None)
    assert texts(dispatch) == {}


def test_prepare_waits_where_a_group_that_was_meant_is_gone(shop: Tenant) -> None:
    """Not "sent to nobody": its people would be lost without a word."""
    meant, other = factories.make_group(shop), factories.make_group(shop)
    factories.make_member(shop, "하나", "01011110001", meant)
    factories.make_member(shop, "둘", "01011110002", other)
    dispatch = submitted(shop, Audience(groups=[meant.pk, other.pk]))
    meant.delete()

    driving.run_pipeline(shop)
    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.held_reason, dispatch.total) == (DispatchState.HELD, "group_gone", None)

    compose.resume(tenant=shop, by=None, dispatch=dispatch)
    driving.run_pipeline(shop)
    assert set(texts(dispatch)) == {"01011110002"}


def test_resume_goes_on_without_the_group_that_is_gone(shop: Tenant) -> None:
    everyone, left_out = factories.make_group(shop), factories.make_group(shop)
    factories.make_member(shop, "하나", "01011110001", everyone)
    dispatch = submitted(shop, Audience(groups=[everyone.pk], except_=Except(groups=[left_out.pk])))
    left_out.delete()
    driving.run_pipeline(shop)

    compose.resume(tenant=shop, by=None, dispatch=dispatch)
    driving.run_pipeline(shop)

    assert set(texts(dispatch)) == {"01011110001"}


@pytest.mark.parametrize("part", ["groups", "except"])
def test_submit_refuses_a_group_that_is_not_there(shop: Tenant, neighbour: Tenant, part: str) -> None:
    theirs = factories.make_group(neighbour)
    member = factories.make_member(shop, "하나", "01011110001")
    groups = {"groups": [theirs.pk]} if part == "groups" else {"except_": Except(groups=[theirs.pk])}

    with pytest.raises(GroupGone):
        submitted(shop, Audience(members=[member.pk], **groups))
