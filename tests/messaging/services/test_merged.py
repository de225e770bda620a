"""Texts planned for somebody who became part of another member since: once to that one, or not at all and said so."""

from typing import Any

import pytest

from accounts.models import Tenant
from members.models import Member
from messaging.drafting import Audience, Draft, Except
from messaging.models import Excluded, Message
from messaging.services import compose, forgetting, prepare
from tests import factories
from tests.messaging.services.test_leaving import send
from ui import times


def merged(gone: Member, kept: Member) -> None:
    Member.objects.filter(pk=gone.pk).update(merged_into=kept, deleted_at=times.now())


def submitted(shop: Tenant, to: Audience, *, prepared: bool = True) -> Any:
    dispatch = compose.submit(tenant=shop, by=None, draft=Draft(to=to, text="#{이름}님, 내일 쉬어요."))
    if prepared:
        prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    return dispatch


def told(dispatch: Any) -> list[tuple[str, str]]:
    return sorted(Message.objects.filter(dispatch=dispatch, reason="").values_list("name", "phone"))


@pytest.fixture
def two(shop: Tenant) -> tuple[Member, Member]:
    return factories.make_member(shop, "김민수", "01011112222"), factories.make_member(shop, "김민서", "01011113333")


def test_a_text_not_yet_prepared_goes_to_the_kept_one_once(shop: Tenant, two: tuple[Member, Member]) -> None:
    gone, kept = two
    alone = submitted(shop, Audience(members=[gone.pk]), prepared=False)
    both = submitted(shop, Audience(members=[gone.pk, kept.pk]), prepared=False)
    merged(gone, kept)

    for dispatch in (alone, both):
        prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
        assert told(dispatch) == [("김민서", "01011113333")]


def test_what_ledgers_say_of_the_kept_one_stands_in_the_text(shop: Tenant, two: tuple[Member, Member]) -> None:
    gone, kept = two
    Member.objects.filter(pk=kept.pk).update(unpaid_won=30_000, unpaid_since=times.today())
    for members in ([gone.pk], [gone.pk, kept.pk], [kept.pk, gone.pk]):
        draft = Draft(to=Audience(members=members), text="#{이름}님 #{미납}원")
        dispatch = compose.submit(tenant=shop, by=None, draft=draft)
        merged(gone, kept)
        prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)

        assert list(dispatch.messages.values_list("text", flat=True)) == ["김민서님 30,000원"]
        Member.objects.filter(pk=gone.pk).update(merged_into=None, deleted_at=None)


def test_who_was_left_out_stays_left_out_as_the_kept_one(shop: Tenant, two: tuple[Member, Member]) -> None:
    gone, kept = two
    dispatch = submitted(shop, Audience(all=True, except_=Except(members=[gone.pk])), prepared=False)
    merged(gone, kept)

    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)

    assert told(dispatch) == []


def test_a_prepared_text_to_the_same_phone_still_leaves(shop: Tenant, aligo: Any) -> None:
    gone, kept = (factories.make_member(shop, "김민수", "01011112222") for _n in range(2))
    dispatch = submitted(shop, Audience(members=[gone.pk]))
    merged(gone, kept)

    send(shop)

    assert list(Message.objects.filter(dispatch=dispatch).values_list("reason", flat=True)) == [""]
    assert len(aligo.sent()) == 1


def test_a_prepared_text_to_a_number_that_was_not_kept_is_dropped_as_gone(
    shop: Tenant, aligo: Any, two: tuple[Member, Member]
) -> None:
    gone, kept = two
    dispatch = submitted(shop, Audience(members=[gone.pk, kept.pk]))
    merged(gone, kept)

    send(shop)

    said = dict(Message.objects.filter(dispatch=dispatch).values_list("name", "reason"))
    assert said == {"김민수": "gone", "김민서": ""}
    assert len(aligo.sent()) == 1


def test_forget_keeps_that_a_text_was_sent_and_nobodys_number(shop: Tenant, two: tuple[Member, Member]) -> None:
    gone, kept = two
    dispatch = submitted(shop, Audience(members=[gone.pk, kept.pk]))
    Excluded.objects.create(tenant=shop, dispatch=dispatch, member_id=gone.pk, name="김민수", phone="1", reason="gone")
    forgetting.forget(shop, [gone.pk])
    assert "01011112222" in dict(Message.objects.values_list("phone", "name"))  # still under way

    Message.objects.update(state="delivered")
    forgetting.forget(shop, [gone.pk])
    forgetting.forget(shop, [gone.pk])

    row = Message.objects.get(member_id=gone.pk)
    assert (row.name, row.phone, row.text, row.state) == ("삭제된 회원", f"#{row.pk}", "", "delivered")
    assert Message.objects.get(member_id=kept.pk).phone == "01011113333"
    assert list(Excluded.objects.values_list("name", "phone")) == [("삭제된 회원", "")]
    assert forgetting.texted(shop, [gone.pk, kept.pk, 999]) == {gone.pk, kept.pk}
