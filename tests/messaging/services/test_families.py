"""People who share a phone: one text by default; a text each where somebody asked for it and the words differ."""

from typing import Any

import pytest

from accounts.exceptions import Refusal
from accounts.models import AuditEvent, Tenant
from members.models import Member
from messaging import selectors
from messaging.drafting import Audience, Draft, Except
from messaging.enums import DispatchState
from messaging.models import Dispatch, Excluded, Message
from messaging.services import compose, optouts, prepare
from tests import factories
from tests.messaging.driving import Killed, run_pipeline

MOTHER, OTHER = "01011112223", "01055556666"
EACH = {"each": True, "each_reason": "자녀별 성적 안내"}


@pytest.fixture
def family(shop: Tenant) -> list[Any]:
    """Three children of one phone, the first of them twice in the roster, and one child alone."""
    rows = [("김하늘", MOTHER), ("김바다", MOTHER), ("김하늘", MOTHER), ("김별", MOTHER), ("이서연", OTHER)]
    return [factories.make_member(shop, name, phone) for name, phone in rows]


def draft(**fields: Any) -> Draft:
    return Draft(**{"to": Audience(all=True), "text": "#{이름} 학생 성적이에요.", **fields})


def submit(tenant: Tenant, **fields: Any) -> Dispatch:
    return compose.submit(tenant=tenant, by=None, draft=draft(**fields))


def told(tenant: Tenant) -> list[tuple[str, str]]:
    return list(Message.objects.filter(tenant=tenant).order_by("pk").values_list("phone", "text"))


def names(tenant: Tenant) -> list[str]:
    return [text.split()[0] for _phone, text in told(tenant)]


def test_one_text_a_phone_is_the_default(shop: Tenant, family: list[Any]) -> None:
    submit(shop)
    run_pipeline(shop)

    assert names(shop) == ["김하늘", "이서연"]
    assert Dispatch.objects.count() == 1


def test_each_gets_the_text_in_dispatches_of_one_message_a_phone(shop: Tenant, family: list[Any], aligo: Any) -> None:
    dispatch = submit(shop, **EACH)
    run_pipeline(shop)

    assert names(shop) == ["김하늘", "이서연", "김바다", "김별"]  # and the doubled child only once
    first, *others = Dispatch.objects.order_by("pk")
    assert [(one.first_id, one.each_reason, one.total) for one in others] == [
        (dispatch.pk, "자녀별 성적 안내", 1),
        (dispatch.pk, "자녀별 성적 안내", 1),
    ]
    assert all(one.state == DispatchState.FINISHED for one in (first, *others))
    assert aligo.summary()["repeated"] == []
    shared = AuditEvent.objects.filter(kind="dispatch.shared").order_by("pk")
    assert [event.data for event in shared] == [{"people": 2}, {"people": 1}]


def test_who_got_a_text_of_their_own_is_not_called_left_out(shop: Tenant, family: list[Any]) -> None:
    dispatch = submit(shop, **EACH)
    run_pipeline(shop)

    left = [(row.dispatch_id, row.name) for row in Excluded.objects.order_by("pk")]
    assert left == [(dispatch.pk, "김하늘")]  # the one who stands in the roster twice
    counts = [selectors.counts(one)["excluded"] for one in Dispatch.objects.order_by("pk")]
    assert counts == [1, 0, 0]


def test_newcomers_of_a_family_get_a_text_each_and_nobody_gets_a_second(shop: Tenant, family: list[Any]) -> None:
    dispatch = submit(shop, **EACH)
    run_pipeline(shop)
    Member.objects.filter(pk=family[1].pk).update(phone="01077778888")  # 김바다 got it, on the old number
    for name in ("최하나", "최두리"):
        factories.make_member(shop, name, "01099990000")

    compose.resend(tenant=shop, by=None, dispatch=dispatch, only="newcomers")
    run_pipeline(shop)

    assert names(shop)[4:] == ["최하나", "최두리"]


def test_quote_says_what_will_go_out(shop: Tenant, family: list[Any]) -> None:
    one = compose.quote(tenant=shop, draft=draft())
    each = compose.quote(tenant=shop, draft=draft(**EACH))

    assert (one.recipients, one.types, one.excluded) == (2, {"SMS": 2}, {"duplicate": 3})
    assert (each.recipients, each.types, each.excluded) == (4, {"SMS": 4}, {"duplicate": 1})


def test_a_pasted_number_is_nobody_else(shop: Tenant, family: list[Any]) -> None:
    """The same person again, or a number without a person: no second text for either."""
    to = Audience(members=[family[0].pk], phones=[(MOTHER, ""), (MOTHER, "어머니"), (OTHER, ""), (OTHER, "")])
    submit(shop, to=to, **EACH)
    run_pipeline(shop)

    assert [phone for phone, _text in told(shop)] == [MOTHER, OTHER]
    assert compose.quote(tenant=shop, draft=draft(to=to, **EACH)).recipients == 2


def test_who_refused_or_was_left_out_stays_out(shop: Tenant, family: list[Any]) -> None:
    optouts.opt_out(tenant=shop, by=None, phone=OTHER)
    to = Audience(all=True, except_=Except(members=[family[1].pk]))
    submit(shop, to=to, **EACH)
    run_pipeline(shop)

    assert names(shop) == ["김하늘", "김별"]


def test_a_refusal_between_the_first_and_the_others_counts(shop: Tenant, family: list[Any]) -> None:
    dispatch = submit(shop, **EACH)
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    optouts.opt_out(tenant=shop, by=None, phone=MOTHER)
    run_pipeline(shop)

    sent = Message.objects.exclude(batch__provider_id="").exclude(state="cancelled")
    assert [message.name for message in sent] == ["이서연"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"each": True, "each_reason": "  "}, "same_phone_reason_missing"),
        ({**EACH, "text": "내일 쉬어요."}, "same_phone_same_text"),
        ({**EACH, "text": "#{업체}입니다. #{휴대폰}"}, "same_phone_same_text"),
    ],
)
def test_refuses_without_a_reason_or_the_same_words(shop: Tenant, fields: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as caught:
        submit(shop, to=Audience(phones=[(MOTHER, "")]), **fields)

    assert caught.value.code == code and caught.value.fields
    assert not Dispatch.objects.exists()


def test_a_reason_without_the_wish_is_none(shop: Tenant, family: list[Any]) -> None:
    assert submit(shop, each=False, each_reason="남은 글").each_reason == ""


def test_killed_at_the_end_of_preparing_follows_once(
    shop: Tenant, family: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The followers are there exactly if their first is prepared."""
    dispatch = submit(shop, **EACH)

    def die(*_args: Any, **_fields: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("messaging.services.families.ring", die)
        prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    assert Dispatch.objects.count() == 1 and not Message.objects.exists()

    Dispatch.objects.update(lease_until=None)
    run_pipeline(shop)
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    run_pipeline(shop)
    assert names(shop) == ["김하늘", "이서연", "김바다", "김별"]


def test_cancel_stops_the_others_too(shop: Tenant, family: list[Any]) -> None:
    dispatch = submit(shop, **EACH)
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    compose.cancel(tenant=shop, by=None, dispatch=dispatch)
    run_pipeline(shop)

    assert {one.state for one in Dispatch.objects.all()} == {DispatchState.CANCELLED}
    assert not Message.objects.exclude(batch__provider_id="").exists()


def test_change_of_a_scheduled_one(shop: Tenant, family: list[Any], later: Any) -> None:
    dispatch = submit(shop, send_at=later, **EACH)
    with pytest.raises(Refusal):
        compose.change(tenant=shop, by=None, dispatch=dispatch, text="모두 같은 글")
    compose.change(tenant=shop, by=None, dispatch=dispatch, each=False, text="모두 같은 글", send_at=None)
    run_pipeline(shop)

    assert [text for _phone, text in told(shop)] == ["", ""]  # one text for the whole batch
    assert Dispatch.objects.get().each_reason == ""


def test_the_neighbours_family_is_its_own(shop: Tenant, family: list[Any], neighbour: Tenant) -> None:
    factories.make_member(neighbour, "박이웃", MOTHER)
    submit(shop, **EACH)
    run_pipeline(shop)

    assert "박이웃" not in names(shop)
    assert not Dispatch.objects.exclude(tenant=shop).exists()
