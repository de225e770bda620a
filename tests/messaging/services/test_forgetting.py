"""Texts to people who were erased: to one, to brothers and sisters by one phone, under way, or to pasted numbers."""

from datetime import timedelta

import pytest

from accounts.models import Tenant
from members.models import Contact, Member
from members.services import erasing, trash
from messaging.drafting import Audience, Draft, Except
from messaging.models import Dispatch, Joined, Message
from messaging.selectors import audience as people
from messaging.services import compose, forgetting, prepare
from tests import factories
from tests.messaging import driving
from ui import times

MOTHER = "01077778888"


@pytest.fixture
def two(shop: Tenant) -> list[Member]:
    people = [factories.make_member(shop, name) for name in ("김민수", "김민서")]
    for member in people:
        Contact.objects.create(tenant=shop, member=member, role="mother", phone=MOTHER)
    return people


def sent(shop: Tenant, to: Audience) -> Dispatch:
    dispatch = compose.submit(tenant=shop, by=None, draft=Draft(to=to, text="#{이름}님, 내일 쉬어요."))
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    return dispatch


def erase(shop: Tenant, member: Member) -> None:
    erasing.erase(tenant=shop, ids=[member.pk], now=times.now())


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_text_for_two_loses_its_words_with_the_first_and_its_number_with_the_last(
    shop: Tenant, two: list[Member], order: tuple[int, int]
) -> None:
    dispatch = sent(shop, Audience(members=[m.pk for m in two], via="guardians"))
    assert Joined.objects.get().phone == MOTHER
    Message.objects.update(state="delivered", text="김민수, 김민서님, 내일 쉬어요.")

    erase(shop, two[order[0]])

    row = Message.objects.get(dispatch=dispatch)
    assert (row.phone, row.text, "김민" in row.name) == (MOTHER, "", False)

    erase(shop, two[order[1]])

    row.refresh_from_db()
    assert (row.phone, row.name, row.text) == (f"#{row.pk}", "삭제된 회원", "")
    assert not Joined.objects.filter(phone=MOTHER).exists()
    assert forgetting.waiting(shop) == []


def test_who_only_shares_a_text_was_texted_too(shop: Tenant, two: list[Member]) -> None:
    sent(shop, Audience(members=[m.pk for m in two], via="guardians"))

    assert forgetting.texted(shop, [m.pk for m in two]) == {m.pk for m in two}


def test_a_text_that_is_under_way_for_long_is_forgotten_when_it_is_closed(shop: Tenant, two: list[Member]) -> None:
    sent(shop, Audience(members=[two[0].pk]))
    sent(shop, Audience(members=[m.pk for m in two], via="guardians"))
    for member in two:
        erase(shop, member)
    Member.objects.update(erased_at=times.now() - timedelta(days=30))
    assert forgetting.waiting(shop) == [m.pk for m in two]
    Message.objects.update(state="delivered")

    trash.daily(tenant=shop, today=times.today())

    assert not Message.objects.exclude(phone__startswith="#").exists()
    assert not Joined.objects.exclude(phone__startswith="#").exists()
    assert forgetting.waiting(shop) == []


def test_a_pasted_number_of_who_is_erased_goes_out_of_the_audience(shop: Tenant, two: list[Member]) -> None:
    dispatch = sent(shop, Audience(phones=[(two[0].phone, "김민수"), ("01000001111", "이서연")]))
    Message.objects.update(state="delivered")

    erase(shop, two[0])

    dispatch.refresh_from_db()
    assert dispatch.audience["phones"] == [["01000001111", "이서연"]]


def test_a_number_goes_however_it_was_pasted_and_wherever_it_was_named(shop: Tenant, two: list[Member]) -> None:
    gone, other = two[0], ["01000001111", "이서연"]
    typed = (f"{gone.phone[:3]}-{gone.phone[3:7]}-{gone.phone[7:]}", "김민수")
    told = sent(shop, Audience(phones=[typed, (other[0], other[1])]))
    left = sent(shop, Audience(phones=[typed, (other[0], other[1])], except_=Except(phones=[typed])))
    Message.objects.update(state="delivered")
    assert left.messages.count() == 1

    erase(shop, gone)

    for dispatch in (told, left):
        dispatch.refresh_from_db()
        assert dispatch.audience["phones"] == [other]
    assert left.audience["except"]["phones"] == []


def test_who_is_erased_while_a_text_is_prepared_moves_nobody_out_of_it(
    shop: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people.chunks, "__defaults__", (None, 2))
    pasted = [(f"0104444000{n}", "") for n in range(5)]
    first = factories.make_member(shop, "김민수", pasted[0][0])
    with monkeypatch.context() as patch, pytest.raises(driving.Killed):
        driving.killed_at(patch, "prepare.chunk_stored")
        sent(shop, Audience(phones=pasted))
    Message.objects.update(state="delivered")

    erase(shop, first)
    Dispatch.objects.update(lease_until=None)
    dispatch = Dispatch.objects.get()
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)

    assert sorted(dispatch.messages.values_list("phone", flat=True)) == [phone for phone, _name in pasted]
    assert forgetting.waiting(shop) == [first.pk]
    forgetting.forget(shop, [first.pk])
    dispatch.refresh_from_db()
    assert [phone for phone, _name in dispatch.audience["phones"]] == [phone for phone, _name in pasted[1:]]
