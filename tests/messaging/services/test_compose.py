"""Quote, submit and what a person may still do: works, refuses, twice, neighbour."""

from datetime import timedelta
from typing import Any

import pytest
from django_scopes import scope

from accounts.exceptions import Refusal
from accounts.models import AuditEvent, Tenant
from members.models import Field, Member
from messaging import selectors
from messaging.drafting import Audience, Draft, Except
from messaging.enums import DispatchState
from messaging.models import AligoAccount, Dispatch
from messaging.services import compose
from tests import factories
from tests.messaging.driving import run_pipeline
from tests.messaging.services.test_deliver import adds_up
from ui import times

ONE = Audience(phones=[("010-1111-2223", "김민수")])


def draft(**fields: Any) -> Draft:
    return Draft(**{"to": ONE, "text": "#{이름}님, 내일 쉬어요."} | fields)


def refusal(tenant: Tenant, **fields: Any) -> str:
    with pytest.raises(Refusal) as caught:
        compose.submit(tenant=tenant, by=None, draft=draft(**fields))
    assert not Dispatch.objects.exists()
    assert str(caught.value)
    return caught.value.code


# --- Quote ----------------------------------------------------------------------------------------------------------
def test_quote_counts_the_whole_audience(shop: Tenant, aligo: Any) -> None:
    Field.objects.create(tenant=shop, name="반")
    for n, name in enumerate(["김민준", "이서연", "가" * 30]):
        factories.make_member(shop, name, f"0101111000{n}", fields={"반": "A"} if n else {})
    factories.make_member(shop, "동생", "01011110000")

    quote = compose.quote(
        tenant=shop, draft=draft(to=Audience(all=True), text="#{이름}님 #{반} 반 수업 안내드려요. 꼭 오세요.")
    )

    assert (quote.recipients, quote.excluded, quote.types) == (3, {"duplicate": 1}, {"SMS": 2, "LMS": 1})
    assert quote.longest[0] == ("가" * 30, quote.longest_bytes)
    assert (quote.missing["반"].count, quote.missing["반"].names) == (1, ["김민준"])
    assert (quote.balance.sms, quote.enough) == (10_000, True)
    assert [sample.text[:6] for sample in quote.samples] == ["김민준님  ", "이서연님 A", "가" * 6]
    assert not Dispatch.objects.exists()


def test_quote_of_what_cannot_go_out_says_why_and_still_counts(shop: Tenant, aligo: Any) -> None:
    quote = compose.quote(tenant=shop, draft=draft(text="#{없는항목} 😀", sender="0299999999"))

    assert quote.recipients == 1
    assert quote.unsendable == ["😀"]
    assert {code for code, _s in quote.notices} >= {"unknown_field", "unsendable_characters", "sender_not_registered"}


def test_quote_is_enough_counts_alternatives_of_one_purse(shop: Tenant, aligo: Any) -> None:
    aligo.account("shop", "k" * 32, balance_won=8.4 * 10)
    phones = [(f"0102222{n:04d}", "") for n in range(100, 111)]

    quote = compose.quote(tenant=shop, draft=draft(to=Audience(phones=phones)))

    assert (quote.balance.sms, quote.enough) == (10, False)


def test_quote_with_aligo_down_keeps_the_old_numbers(shop: Tenant, aligo: Any, settings: Any) -> None:
    before = times.now() - timedelta(hours=3)
    AligoAccount.objects.update(sms_count=7, balance_at=before)
    settings.ALIGO_BASE_URL = "http://127.0.0.1:9"

    quote = compose.quote(tenant=shop, draft=draft())

    assert (quote.balance.sms, quote.balance.checked_at) == (7, before)


def test_quote_sees_nobody_of_the_neighbour(shop: Tenant, neighbour: Tenant, aligo: Any) -> None:
    theirs = factories.make_member(neighbour, "남의 회원")
    group = factories.make_group(neighbour)
    to = Audience(members=[theirs.pk], groups=[group.pk])

    assert compose.quote(tenant=shop, draft=draft(to=to)).recipients == 0


def test_preview_pages_through_recipients(shop: Tenant, aligo: Any) -> None:
    phones = [(f"0102222{n:04d}", f"회원{n}") for n in range(100, 120)]

    found = compose.preview(tenant=shop, draft=draft(to=Audience(phones=phones)), at=18)

    assert [sample.name for sample in found] == ["회원118", "회원119"]


# --- Submit ---------------------------------------------------------------------------------------------------------
def test_submit_stores_a_dispatch_and_its_audit(shop: Tenant) -> None:
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(name="휴무"))

    assert (dispatch.state, dispatch.sender, dispatch.is_small) == (DispatchState.PREPARING, "0237890123", True)
    assert AuditEvent.objects.filter(kind="dispatch.submitted", subject=f"dispatch:{dispatch.pk}").count() == 1


@pytest.mark.parametrize("raw", ["010-9000-003", "어머니", "전화 없음"])
def test_who_was_to_be_left_out_by_an_unreadable_number_stops_it(shop: Tenant, aligo: Any, raw: str) -> None:
    to = Audience(phones=ONE.phones, except_=Except(phones=[(raw, "")]))

    assert refusal(shop, to=to) == "bad_exception"
    assert "bad_exception" in [code for code, _said in compose.quote(tenant=shop, draft=draft(to=to)).notices]


def test_change_of_a_stale_page_is_told_and_changes_nothing(shop: Tenant, later: Any) -> None:
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(send_at=later))
    seen = compose.version(dispatch)
    compose.change(tenant=shop, by=None, dispatch=dispatch, seen=seen, text="먼저 고친 글")

    with pytest.raises(Refusal) as caught:
        compose.change(tenant=shop, by=None, dispatch=Dispatch.objects.get(), seen=seen, text="늦게 고친 글")

    assert caught.value.code == "changed_meanwhile"
    assert Dispatch.objects.get().text == "먼저 고친 글"


def test_change_records_only_what_changed(shop: Tenant, later: Any) -> None:
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(send_at=later))
    fields = {"to": ONE, "title": "", "name": "", "sender": dispatch.sender, "send_at": later, "text": "고친 글"}
    compose.change(tenant=shop, by=None, dispatch=dispatch, **fields)

    assert AuditEvent.objects.get(kind="dispatch.changed").data == {"fields": ["text"]}


def test_submit_for_later_is_told_as_scheduled(shop: Tenant, later: Any) -> None:
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(send_at=later))

    kinds = AuditEvent.objects.filter(subject=f"dispatch:{dispatch.pk}").values_list("kind", flat=True)
    assert list(kinds) == ["dispatch.scheduled"]


def test_submit_twice_with_a_key_is_once(shop: Tenant) -> None:
    first = compose.submit(tenant=shop, by=None, draft=draft(), key="a")
    second = compose.submit(tenant=shop, by=None, draft=draft(), key="a")

    assert first.pk == second.pk
    assert Dispatch.objects.count() == 1


def test_submit_with_the_neighbours_key_is_a_dispatch_of_its_own(shop: Tenant, neighbour: Tenant) -> None:
    factories.make_sender(neighbour)
    compose.submit(tenant=shop, by=None, draft=draft(), key="a")

    with scope(tenant=neighbour):
        theirs = compose.submit(tenant=neighbour, by=None, draft=draft(), key="a")

    assert theirs.tenant == neighbour


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("empty_text", {"text": "  \n"}),
        ("unclosed_field", {"text": "#{이름"}),
        ("unknown_field", {"text": "#{반}"}),
        ("unsendable_characters", {"text": "됬어요"}),
        ("too_long", {"text": "가" * 1001}),
        ("unsendable_characters", {"title": "😀"}),
        ("title_too_long", {"title": "가" * 23}),
        ("field_in_title", {"title": "#{이름}"}),
        ("sender_not_registered", {"sender": "0212345678"}),
        ("ad_not_switched_on", {"text": "(광고) 할인"}),
        ("send_at_past", {"send_at": times.now() - timedelta(hours=1)}),
        ("send_at_too_far", {"send_at": times.now() + timedelta(days=500)}),
        ("expires_too_soon", {"expires_at": times.now() - timedelta(hours=1)}),
        ("no_recipients", {"to": Audience()}),
        ("no_recipients", {"to": Audience(phones=[("12", "")])}),
        ("no_recipients", {"to": Audience(phones=[("01011112223", "")], except_=Except(phones=[("01011112223", "")]))}),
    ],
)
def test_submit_refuses(shop: Tenant, code: str, fields: dict[str, Any]) -> None:
    assert refusal(shop, **fields) == code


def test_submit_refuses_when_access_has_ended(shop: Tenant) -> None:
    shop.paid_until = times.now() - timedelta(days=1)

    assert refusal(shop) == "expired_access"


def test_submit_later_is_scheduled_and_starts_when_due(shop: Tenant, aligo: Any) -> None:
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(send_at=times.now() + timedelta(hours=1)))
    run_pipeline(shop)
    dispatch.refresh_from_db()
    assert (dispatch.state, aligo.summary()["messages"]) == (DispatchState.SCHEDULED, 0)

    Dispatch.objects.update(send_at=times.now())
    run_pipeline(shop)

    assert aligo.summary()["messages"] == 1


def test_send_test_is_what_the_first_recipient_would_get(shop: Tenant, aligo: Any) -> None:
    dispatch = compose.send_test(tenant=shop, by=None, draft=draft(), phones=["01077776666"])
    run_pipeline(shop)

    assert dispatch.is_test
    assert [(row["receiver"], row["text"]) for row in aligo.sent()] == [("01077776666", "김민수님, 내일 쉬어요.")]


# --- Afterwards -----------------------------------------------------------------------------------------------------
def test_change_of_a_scheduled_dispatch(shop: Tenant, aligo: Any) -> None:
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(send_at=times.now() + timedelta(hours=1)))

    compose.change(tenant=shop, by=None, dispatch=dispatch, text="다른 글", send_at=None)
    run_pipeline(shop)

    assert [row["text"] for row in aligo.sent()] == ["다른 글"]


def test_change_is_refused_once_it_has_begun(shop: Tenant) -> None:
    dispatch = compose.submit(tenant=shop, by=None, draft=draft())

    with pytest.raises(compose.no.NotScheduled):
        compose.change(tenant=shop, by=None, dispatch=dispatch, text="늦은 글")


def test_cancel_scheduled_twice(shop: Tenant, aligo: Any) -> None:
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(send_at=times.now() + timedelta(hours=1)))

    for _ in range(2):
        assert compose.cancel(tenant=shop, by=None, dispatch=dispatch).state == DispatchState.CANCELLED

    Dispatch.objects.update(send_at=times.now())
    run_pipeline(shop)
    assert aligo.summary()["messages"] == 0


def test_cancel_keeps_what_has_left(shop: Tenant, aligo: Any) -> None:
    from messaging.services import deliver, prepare

    phones = [(f"0102{n:07d}", "이름") for n in range(3, 1003)]
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(to=Audience(phones=phones)))
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    deliver.send_next(tenant=shop, small=False)

    compose.cancel(tenant=shop, by=None, dispatch=dispatch)
    run_pipeline(shop)

    assert adds_up(dispatch) == {"delivered": 500, "cancelled": 500}
    assert aligo.summary()["messages"] == 500
    assert dispatch.state == DispatchState.CANCELLED


def test_cancel_of_the_finished_is_refused(shop: Tenant, aligo: Any) -> None:
    dispatch = compose.submit(tenant=shop, by=None, draft=draft())
    run_pipeline(shop)

    with pytest.raises(compose.no.NotOpen):
        compose.cancel(tenant=shop, by=None, dispatch=dispatch)


def test_cancel_with_everything_sent_is_refused_and_keeps_the_state(shop: Tenant, aligo: Any) -> None:
    from messaging.services import deliver, prepare

    dispatch = compose.submit(tenant=shop, by=None, draft=draft())
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    while deliver.send_next(tenant=shop, small=True):
        pass
    dispatch.refresh_from_db()

    with pytest.raises(compose.no.AllSent):
        compose.cancel(tenant=shop, by=None, dispatch=dispatch)

    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.finished_at) == (DispatchState.SENDING, None)


def test_cancel_by_the_neighbour_is_not_found(shop: Tenant, neighbour: Tenant) -> None:
    dispatch = compose.submit(tenant=shop, by=None, draft=draft())

    for deed in (compose.cancel, compose.resume, compose.resend, compose.change):
        with pytest.raises(Dispatch.DoesNotExist):
            deed(tenant=neighbour, by=None, dispatch=dispatch)


def test_resume_of_what_is_not_held_is_refused(shop: Tenant) -> None:
    dispatch = compose.submit(tenant=shop, by=None, draft=draft())

    with pytest.raises(compose.no.NotHeld):
        compose.resume(tenant=shop, by=None, dispatch=dispatch)


def test_resend_goes_to_the_failed_only(shop: Tenant, aligo: Any) -> None:
    good = factories.make_member(shop, "성공", "01011112223")
    bad = factories.make_member(shop, "실패", "01011110000")  # a wrong number at the sandbox
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(to=Audience(members=[good.pk, bad.pk])))
    run_pipeline(shop)
    Member.objects.filter(pk=bad.pk).update(phone="01011114444")

    again = compose.resend(tenant=shop, by=None, dispatch=dispatch, key="r")
    assert compose.resend(tenant=shop, by=None, dispatch=dispatch, key="r").pk == again.pk
    run_pipeline(shop)

    assert again.resend_of == dispatch
    assert [m.phone for m in selectors.messages(again)] == ["01011114444"]
    with pytest.raises(compose.no.NothingToResend):
        compose.resend(tenant=shop, by=None, dispatch=again)


def test_resend_never_goes_to_the_unknown(shop: Tenant, aligo: Any) -> None:
    aligo.fault("drop")
    dispatch = compose.submit(tenant=shop, by=None, draft=draft())
    run_pipeline(shop)
    ids = list(selectors.messages(dispatch, "unknown").values_list("pk", flat=True))
    assert len(ids) == 1

    for asked in ({"only": "failed"}, {"only": "selected", "messages": ids}):
        with pytest.raises(compose.no.NothingToResend):
            compose.resend(tenant=shop, by=None, dispatch=dispatch, **asked)


def test_resend_to_newcomers_leaves_out_who_had_it(shop: Tenant, aligo: Any) -> None:
    group = factories.make_group(shop)
    factories.make_member(shop, "먼저", "01011112223", group)
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(to=Audience(groups=[group.pk])))
    run_pipeline(shop)
    with pytest.raises(compose.no.NothingToResend):
        compose.resend(tenant=shop, by=None, dispatch=dispatch, only="newcomers")
    factories.make_member(shop, "나중", "01011112224", group)

    again = compose.resend(tenant=shop, by=None, dispatch=dispatch, only="newcomers")
    run_pipeline(shop)

    assert [m.name for m in selectors.messages(again)] == ["나중"]


def test_resend_to_newcomers_of_newcomers_leaves_out_the_first(shop: Tenant, aligo: Any) -> None:
    group = factories.make_group(shop)
    first = factories.make_member(shop, "먼저", "01011112223", group)
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(to=Audience(groups=[group.pk])))
    run_pipeline(shop)
    factories.make_member(shop, "나중", "01011112224", group)
    second = compose.resend(tenant=shop, by=None, dispatch=dispatch, only="newcomers")
    run_pipeline(shop)
    Member.objects.filter(pk=first.pk).update(phone="01011112229")  # a new number makes nobody a newcomer
    factories.make_member(shop, "마지막", "01011112225", group)

    third = compose.resend(tenant=shop, by=None, dispatch=second, only="newcomers")
    run_pipeline(shop)

    assert [m.name for m in selectors.messages(third)] == ["마지막"]
    with pytest.raises(compose.no.NothingToResend):  # of the first one too: they were newcomers once
        compose.resend(tenant=shop, by=None, dispatch=dispatch, only="newcomers")


def test_resend_to_newcomers_before_it_is_prepared_is_refused(shop: Tenant) -> None:
    group = factories.make_group(shop)
    factories.make_member(shop, "먼저", "01011112223", group)
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(to=Audience(groups=[group.pk])))

    with pytest.raises(compose.no.NotPrepared):
        compose.resend(tenant=shop, by=None, dispatch=dispatch, only="newcomers")


def test_resend_by_two_people_goes_out_once(shop: Tenant, aligo: Any) -> None:
    bad = factories.make_member(shop, "실패", "01011110000")  # a wrong number at the sandbox
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(to=Audience(members=[bad.pk])))
    run_pipeline(shop)
    Member.objects.filter(pk=bad.pk).update(phone="01011114444")

    compose.resend(tenant=shop, by=None, dispatch=dispatch, key="one")
    with pytest.raises(compose.no.NotPrepared):
        compose.resend(tenant=shop, by=None, dispatch=dispatch, key="two")
    run_pipeline(shop)
    with pytest.raises(compose.no.NothingToResend):
        compose.resend(tenant=shop, by=None, dispatch=dispatch, key="two")

    assert aligo.summary("shop")["messages"] == 2  # the one that failed, and one more


def test_resend_of_what_failed_again_is_possible(shop: Tenant, aligo: Any) -> None:
    bad = factories.make_member(shop, "실패", "01011110000")  # a wrong number at the sandbox
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(to=Audience(members=[bad.pk])))
    run_pipeline(shop)
    compose.resend(tenant=shop, by=None, dispatch=dispatch, key="one")
    run_pipeline(shop)

    again = compose.resend(tenant=shop, by=None, dispatch=dispatch, key="two")

    assert again.resend_of == dispatch
