"""알리고 연결, 발신번호 and 수신거부."""

from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import AuditEvent, Tenant
from messaging.drafting import Audience, Draft
from messaging.enums import AccountMode
from messaging.models import AligoAccount, Dispatch, OptOut, Sender
from messaging.services import compose
from tests import factories
from tests.messaging.views.conftest import finish
from ui import times

URL = "/t/hanbit/messages/"


def account(tenant: Tenant) -> AligoAccount | None:
    with scope(tenant=tenant):
        return AligoAccount.objects.first()


def numbers(tenant: Tenant) -> list[str]:
    with scope(tenant=tenant):
        return list(OptOut.objects.values_list("phone", flat=True).order_by("phone"))


# --- 알리고 ---------------------------------------------------------------------------------------------------------
def test_aligo_shows_the_steps_and_our_addresses(as_owner: Client, tenant: Tenant) -> None:
    page = as_owner.get(f"{URL}aligo/").content.decode()

    assert "203.0.113.7" in page and "smartsms.aligo.in" in page and "연습 모드" in page


def test_connect_saves_what_aligo_accepts(as_owner: Client, tenant: Tenant, sandbox: Any) -> None:
    sandbox.account("shop", "k" * 32)

    as_owner.post(f"{URL}aligo/connect/", {"user_id": " shop ", "api_key": "k" * 32})

    assert account(tenant).mode == AccountMode.LIVE
    page = as_owner.get(f"{URL}aligo/").content.decode()
    assert "연결됨" in page and "k" * 32 not in page


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"api_key": "wrong" * 6}, "아이디나 API 키가 맞지 않아요"),
        ({"user_id": "", "api_key": ""}, "모두 넣어 주세요"),
        ({"user_id": "sandbox-1"}, "연습 계정"),
    ],
)
def test_connect_refused_says_how_to_mend_it(
    as_owner: Client, tenant: Tenant, sandbox: Any, given: dict[str, str], sentence: str
) -> None:
    sandbox.account("shop", "k" * 32)

    answer = as_owner.post(f"{URL}aligo/connect/", {"user_id": "shop", "api_key": "k" * 32} | given)

    assert answer.status_code == 422 and sentence in answer.content.decode() and account(tenant) is None


def test_connect_without_our_address_names_it(as_owner: Client, tenant: Tenant, sandbox: Any) -> None:
    sandbox.account("shop", "k" * 32, ips=["198.51.100.9"])

    answer = as_owner.post(
        f"{URL}aligo/connect/",
        {"user_id": "shop", "api_key": "k" * 32},
        headers={"HX-Request": "true", "HX-Target": "check"},
    )

    page = answer.content.decode()
    assert answer.status_code == 422 and "203.0.113.7" in page and "<html" not in page


def test_connecting_tells_what_becomes_of_practice(as_owner: Client, tenant: Tenant, sandbox: Any, later: Any) -> None:
    """What was scheduled to practise is named before, cancelled by, and told of after connecting."""
    factories.make_sender(tenant)
    sandbox.account("shop", "k" * 32)
    with scope(tenant=tenant):
        draft = Draft(to=Audience(phones=[("01011112223", "")]), text="연습", send_at=later)
        dispatch = compose.submit(tenant=tenant, by=None, draft=draft)
    assert "발송 1건은 연결하면 취소돼요" in as_owner.get(f"{URL}aligo/").content.decode()

    as_owner.post(f"{URL}aligo/connect/", {"user_id": "shop", "api_key": "k" * 32})

    page = as_owner.get(f"{URL}aligo/").content.decode()
    assert "발송 1건은 취소했어요" in page and "연결하면 취소돼요" not in page
    detail = as_owner.get(f"/t/hanbit/messages/{dispatch.pk}/").content.decode()
    assert "취소" in detail and "연습 문자함" in detail  # it was practice, whatever is connected today


def test_disconnecting_tells_what_waits(as_owner: Client, tenant: Tenant, sandbox: Any, later: Any) -> None:
    factories.make_account(tenant)
    factories.make_sender(tenant)
    sandbox.account("shop", "k" * 32)
    with scope(tenant=tenant):
        draft = Draft(to=Audience(phones=[("01011112223", "")]), text="진짜", send_at=later)
        dispatch = compose.submit(tenant=tenant, by=None, draft=draft)
    assert "발송 1건은 다시 연결할 때까지 기다려요" in as_owner.get(f"{URL}aligo/").content.decode()

    as_owner.post(f"{URL}aligo/disconnect/")
    with scope(tenant=tenant):
        Dispatch.objects.update(send_at=times.now())
    finish(tenant)

    page = as_owner.get(f"/t/hanbit/messages/{dispatch.pk}/").content.decode()
    assert "다시 연결하면" in page and "연습 문자함" not in page


def test_disconnect_goes_back_to_practice(as_owner: Client, tenant: Tenant, sandbox: Any) -> None:
    factories.make_account(tenant)

    for _ in range(2):
        as_owner.post(f"{URL}aligo/disconnect/")

    assert account(tenant).mode == AccountMode.SANDBOX and "k" * 32 not in account(tenant).api_key


def test_balance_refresh_answers_with_the_counts(as_owner: Client, shop: Tenant) -> None:
    page = as_owner.post(f"{URL}aligo/balance/", headers={"HX-Request": "true"}).content.decode()

    assert "10,000" in page and "<html" not in page


def test_account_deeds_are_closed_to_senders(sender_role: Client, tenant: Tenant, sandbox: Any) -> None:
    assert sender_role.get(f"{URL}aligo/").status_code == 200
    for path in ("aligo/connect/", "aligo/disconnect/", "senders/add/", "opt-outs/add/"):
        assert sender_role.post(URL + path, {"number": "02-789-0123", "phone": "010-1234-5678"}).status_code == 403


# --- 발신번호 -------------------------------------------------------------------------------------------------------
def test_sender_is_added_and_becomes_the_default(as_owner: Client, tenant: Tenant) -> None:
    for _ in range(2):
        as_owner.post(f"{URL}senders/add/", {"number": "02-3789-0123", "label": "접수대"})

    with scope(tenant=tenant):
        sender = Sender.objects.get()
    assert sender.number == "0237890123" and sender.is_default
    assert "02-3789-0123" in as_owner.get(f"{URL}senders/").content.decode()


@pytest.mark.parametrize(
    ("number", "sentence"),
    [("789-0123", "지역번호가 빠졌어요"), ("02-1588-0000", "지역번호를 붙일 수 없어요"), ("112", "특수번호")],
)
def test_sender_refused_says_why_and_keeps_what_was_typed(
    as_owner: Client, tenant: Tenant, number: str, sentence: str
) -> None:
    answer = as_owner.post(f"{URL}senders/add/", {"number": number, "label": "접수대"})

    page = answer.content.decode()
    assert answer.status_code == 422 and sentence in page and f'value="{number}"' in page and 'value="접수대"' in page


def test_sender_default_and_remove(as_owner: Client, tenant: Tenant) -> None:
    first, second = factories.make_sender(tenant), factories.make_sender(tenant, "01012345678", is_default=False)

    as_owner.post(f"{URL}senders/{second.pk}/default/")
    as_owner.post(f"{URL}senders/{first.pk}/remove/")

    with scope(tenant=tenant):
        assert list(Sender.objects.filter(deleted_at=None).values_list("number", "is_default")) == [
            ("01012345678", True)
        ]


def test_sender_of_the_neighbour_is_not_found(as_owner: Client, tenant: Tenant, neighbour: Tenant) -> None:
    theirs = factories.make_sender(neighbour)

    assert as_owner.post(f"{URL}senders/{theirs.pk}/remove/").status_code == 404
    assert as_owner.post(f"{URL}senders/{theirs.pk}/default/").status_code == 404
    assert "02-3789-0123" not in as_owner.get(f"{URL}senders/").content.decode()


# --- 수신거부 -------------------------------------------------------------------------------------------------------
def test_optout_is_added_once_and_shown_masked(as_owner: Client, tenant: Tenant) -> None:
    factories.make_member(tenant, "김하늘", "01012345678")
    for _ in range(2):
        as_owner.post(f"{URL}opt-outs/add/", {"phone": "010-1234-5678", "scope": "all"})

    page = as_owner.get(f"{URL}opt-outs/").content.decode()
    assert numbers(tenant) == ["01012345678"]
    assert "010-12••-5678" in page and "김하늘" in page and "01012345678" not in page


def test_optouts_are_pasted_with_names(as_owner: Client, tenant: Tenant) -> None:
    as_owner.post(
        f"{URL}opt-outs/add/", {"phones": "김민수 010-1111-1111\n010-2222-2222 010-1111-1111", "scope": "all"}
    )

    assert numbers(tenant) == ["01011111111", "01022222222"]


def test_optouts_pasted_wrong_name_the_line_and_store_none(as_owner: Client, tenant: Tenant) -> None:
    answer = as_owner.post(f"{URL}opt-outs/add/", {"phones": "010-1111-1111\n없는번호", "scope": "all"})

    assert answer.status_code == 422 and "없는번호" in answer.content.decode() and numbers(tenant) == []


def test_optouts_are_found_by_part_of_the_number(as_owner: Client, tenant: Tenant) -> None:
    as_owner.post(f"{URL}opt-outs/add/", {"phones": "010-1111-1111\n010-2222-3333", "scope": "all"})

    page = as_owner.post(f"{URL}opt-outs/", {"search": "3333"}).content.decode()

    assert "010-22••-3333" in page and "010-11••-1111" not in page


def test_optout_is_removed_but_not_the_neighbours(as_owner: Client, tenant: Tenant, neighbour: Tenant) -> None:
    as_owner.post(f"{URL}opt-outs/add/", {"phone": "010-1234-5678", "scope": "all"})
    theirs = OptOut.objects.create(tenant=neighbour, phone="01077777777", at=factories.now())
    with scope(tenant=tenant):
        ours = OptOut.objects.get()

    why = {"reason": "7월 3일에 전화로 다시 받겠다고 하심"}
    assert as_owner.post(f"{URL}opt-outs/{theirs.pk}/remove/", why).status_code == 404
    as_owner.post(f"{URL}opt-outs/{ours.pk}/remove/", why)

    assert numbers(tenant) == [] and numbers(neighbour) == ["01077777777"]
    assert "010-77••-7777" not in as_owner.get(f"{URL}opt-outs/").content.decode()


def test_optout_is_removed_with_a_reason_that_stays(as_owner: Client, tenant: Tenant) -> None:
    as_owner.post(f"{URL}opt-outs/add/", {"phone": "010-1234-5678", "scope": "all"})
    with scope(tenant=tenant):
        url = f"{URL}opt-outs/{OptOut.objects.get().pk}/remove/"

    asked = as_owner.get(url).content.decode()
    without = [as_owner.post(url, data) for data in ({}, {"reason": " "}, {"reason": "가" * 201})]
    left = numbers(tenant)
    as_owner.post(url, {"reason": "전화로 다시 받겠다고 하심"})

    assert "010-12••-5678" in asked and "01012345678" not in asked
    assert [answer.status_code for answer in without] == [422] * 3
    assert "푸는 이유를 적어 주세요." in without[0].content.decode()
    assert (left, numbers(tenant)) == (["01012345678"], [])
    with scope(tenant=tenant):
        assert AuditEvent.objects.get(kind="optout.withdrawn").data == {"reason": "전화로 다시 받겠다고 하심"}
    assert "전화로 다시 받겠다고 하심" in as_owner.get("/t/hanbit/settings/audit/").content.decode()


def test_optout_removal_is_a_dialog_for_htmx(as_owner: Client, tenant: Tenant) -> None:
    as_owner.post(f"{URL}opt-outs/add/", {"phone": "010-1234-5678", "scope": "all"})
    with scope(tenant=tenant):
        url = f"{URL}opt-outs/{OptOut.objects.get().pk}/remove/"
    htmx = {"HX-Request": "true", "HX-Target": "dialogs"}

    asked = as_owner.get(url, headers=htmx).content.decode()
    done = as_owner.post(url, {"reason": "다시 받겠다고 하심"}, headers=htmx)

    assert "<dialog" in asked and "<html" not in asked
    assert done["HX-Redirect"] == f"{URL}opt-outs/"
