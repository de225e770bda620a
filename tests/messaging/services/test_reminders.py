"""A reminder of dues: what the ledgers say stands in the text, and who has paid meanwhile gets none."""

from datetime import date
from typing import Any

import pytest

from accounts.models import Tenant
from members.models import Contact, Due, Member
from members.services import dues, members, uniting
from messaging.drafting import Audience, Draft
from messaging.models import AligoAccount, Batch, Excluded, Message
from messaging.services import claiming, compose
from messaging.services.prepare import prepare
from tests import factories
from tests.messaging.driving import run_pipeline
from ui import times

TEXT = "#{이름}님 회비 #{미납}원이 아직 들어오지 않았어요."


@pytest.fixture
def shop(in_tenant: Tenant) -> Tenant:
    factories.make_account(in_tenant)
    factories.make_sender(in_tenant)
    return in_tenant


@pytest.fixture
def late(shop: Tenant) -> list[Member]:
    people = [factories.make_member(shop, name) for name in ("김민준", "박서연", "이도윤")]
    for member in people[:2]:
        factories.make_due(shop, member, amount_won=30_000)
    return people


def remind(shop: Tenant, to: Audience, text: str = TEXT) -> Any:
    dispatch = compose.submit(tenant=shop, by=None, draft=Draft(to=to, text=text))
    prepare(tenant=shop, dispatch_id=dispatch.pk)
    return dispatch


def pay(member: Member) -> None:
    due = Due.objects.get(member=member)
    dues.pay(tenant=due.tenant, by=None, due=due, won=due.open_won, method="cash", reference=f"p{due.pk}")


def test_everybody_who_is_behind_and_nobody_else(shop: Tenant, late: list[Member]) -> None:
    remind(shop, Audience(all=True, unpaid=True))

    texts = set(Message.objects.values_list("member_id", "text"))
    assert texts == {
        (late[0].pk, "김민준님 회비 30,000원이 아직 들어오지 않았어요."),
        (late[1].pk, "박서연님 회비 30,000원이 아직 들어오지 않았어요."),
    }
    assert reminded() == set()  # nothing has left yet: it may still be stopped


def test_who_was_named_and_owes_nothing_is_left_out_with_the_reason(shop: Tenant, late: list[Member]) -> None:
    remind(shop, Audience(members=[late[0].pk, late[2].pk], unpaid=True))

    assert [m.member_id for m in Message.objects.all()] == [late[0].pk]
    assert [(e.member_id, e.reason) for e in Excluded.objects.all()] == [(late[2].pk, "paid")]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("aligo")
def test_who_was_reminded_is_known_when_it_has_left(shop: Tenant, late: list[Member]) -> None:
    kept = factories.make_member(shop, "최하은")
    factories.make_due(shop, kept, amount_won=5_000)
    uniting.unite(tenant=shop, by=None, kept=kept.pk, gone=late[0].pk)
    remind(shop, Audience(members=[kept.pk], unpaid=True))
    plain = remind(shop, Audience(members=[late[1].pk]), "안녕하세요")
    run_pipeline(shop, collect=False)

    assert {batch.state for batch in plain.batches.all()} == {"accepted"}
    assert reminded() == {kept.pk, late[0].pk}  # what the merged one owes is the other's now


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("aligo")
def test_each_child_of_one_guardian_is_reminded_and_a_practice_reminds_nobody(shop: Tenant, late: list[Member]) -> None:
    for child in late[:2]:
        Contact.objects.create(tenant=shop, member=child, role="mother", name="엄마", phone="01077778888")
    AligoAccount.objects.update(mode="sandbox")
    remind(shop, Audience(all=True, unpaid=True))
    run_pipeline(shop, collect=False)
    assert reminded() == set()
    AligoAccount.objects.update(mode="live")
    remind(shop, Audience(all=True, unpaid=True, via="guardians"))
    run_pipeline(shop, collect=False)

    assert reminded() == {late[0].pk, late[1].pk}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("aligo")
def test_who_gets_the_reminder_of_a_merged_one_is_the_one_reminded(shop: Tenant, late: list[Member]) -> None:
    gone, kept = late[0], factories.make_member(shop, "최하은", late[0].phone)
    factories.make_due(shop, kept, amount_won=5_000)
    remind(shop, Audience(members=[gone.pk], unpaid=True))
    uniting.unite(tenant=shop, by=None, kept=kept.pk, gone=gone.pk)
    run_pipeline(shop, collect=False)

    assert reminded() == {gone.pk, kept.pk}


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("aligo")
def test_a_child_whom_the_text_names_no_more_is_not_reminded(shop: Tenant, late: list[Member]) -> None:
    for child in late[:2]:
        Contact.objects.create(tenant=shop, member=child, role="mother", name="엄마", phone="01077778888")
    remind(shop, Audience(all=True, unpaid=True, via="guardians"))
    Member.objects.filter(pk=late[1].pk).update(deleted_at=times.now())
    run_pipeline(shop, collect=False)

    assert reminded() == {late[0].pk}


def reminded() -> set[int]:
    return set(Due.objects.exclude(reminded_at=None).values_list("member_id", flat=True))


def test_who_pays_between_preparing_and_leaving_gets_none(shop: Tenant, late: list[Member]) -> None:
    account = AligoAccount.objects.get(tenant=shop)
    remind(shop, Audience(all=True, unpaid=True))
    pay(late[0])
    Batch.objects.update(not_before=None)

    # `claim` is one durable transaction of its own; here its question is asked inside the test's.
    batch = claiming.first_ready(shop, account, small=True)
    items = claiming._still_wanted(shop, batch, night=False)

    assert [phone for phone, _text in items] == [late[1].phone]
    assert Message.objects.get(member_id=late[0].pk).reason == "paid"


def test_a_text_that_is_no_reminder_asks_nobody(shop: Tenant, late: list[Member]) -> None:
    remind(shop, Audience(members=[late[2].pk]), "#{이름}님 안녕하세요")

    assert Message.objects.count() == 1
    assert Due.objects.exclude(reminded_at=None).count() == 0


def test_passes_stand_in_the_text_and_own_fields_step_in(shop: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "today", lambda: date(2026, 11, 28))
    one = factories.make_member(shop, "김민준")
    factories.make_pass(shop, one, days=30, sessions=12)
    plain = factories.make_member(shop, "박서연")
    members.update(tenant=shop, by=None, member=plain, fields={"만료일": "내년 봄"})
    text = "#{이름} #{만료일}까지 #{남은횟수|0}회"
    remind(shop, Audience(members=[one.pk, plain.pk]), text)

    assert set(Message.objects.values_list("text", flat=True)) == {
        "김민준 12월 27일까지 12회", "박서연 내년 봄까지 0회",
    }  # fmt: skip


def test_compose_is_filled_without_an_amount_in_the_address(shop: Tenant, late: list[Member], as_owner: Any) -> None:
    answer = as_owner.post(f"/t/{shop.slug}/members/dues/unpaid/remind/", {"id": [late[0].pk], "scope": "page"})
    page = as_owner.get(answer["Location"]).content.decode()

    assert answer["Location"].endswith(f"about=unpaid&members={late[0].pk}")
    assert "#{미납}원" in page and 'name="unpaid" checked' in page
    assert Due.objects.get(member=late[0]).reminded_at is None
