"""Connecting Aligo, its balance, sender numbers, refusals of members, drafts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django_scopes import scope

from accounts.exceptions import Refusal
from accounts.models import AuditEvent, Staff, Tenant
from messaging import exceptions as no
from messaging.drafting import Audience
from messaging.drafting import Draft as Asked
from messaging.enums import AccountMode, AccountState, OptOutScope
from messaging.models import AligoAccount, Draft, OptOut, Sender
from messaging.services import accounts, compose, drafts, optouts, senders
from tests import factories
from tests.messaging.driving import run_pipeline
from ui import times


# --- Accounts -------------------------------------------------------------------------------------------------------
def test_open_sandbox_twice_is_once(tenant: Tenant, aligo: Any) -> None:
    first = accounts.open_sandbox(tenant=tenant, by=None)
    second = accounts.open_sandbox(tenant=tenant, by=None)

    assert (first.pk, first.mode, first.user_id) == (second.pk, AccountMode.SANDBOX, f"sandbox-{tenant.pk}")
    with scope(tenant=tenant):
        assert accounts.refresh_balance(tenant=tenant).sms_count == 10_000


def test_connect_saves_after_a_live_look(tenant: Tenant, aligo: Any) -> None:
    accounts.open_sandbox(tenant=tenant, by=None)

    account = accounts.connect(tenant=tenant, by=None, user_id=" shop ", api_key="k" * 32)

    assert (account.mode, account.user_id, account.sms_count) == (AccountMode.LIVE, "shop", 10_000)
    with scope(tenant=tenant):
        assert AuditEvent.objects.filter(kind="aligo.connected").count() == 1


@pytest.mark.parametrize(
    ("given", "refusal", "words"),
    [
        ({"api_key": "wrong"}, no.AligoAuthFailed, "API 키"),
        ({"user_id": "nobody"}, no.AligoAuthFailed, "API 키"),
        ({"user_id": "walled"}, no.AligoIpMissing, "203.0.113.7"),
        ({"user_id": "young"}, no.AligoUnusable, "신청"),
        ({"user_id": "sandbox-1"}, no.AligoNameTaken, "sandbox-"),
        ({"user_id": ""}, no.AligoAuthFailed, "API 키"),
    ],
)
def test_connect_refused_saves_nothing(
    tenant: Tenant, aligo: Any, given: dict[str, str], refusal: type[Refusal], words: str
) -> None:
    aligo.account("walled", "k" * 32, ips=["203.0.113.9"])
    aligo.account("young", "k" * 32, usable=False)
    accounts.open_sandbox(tenant=tenant, by=None)

    with pytest.raises(refusal) as caught:
        accounts.connect(tenant=tenant, by=None, **{"user_id": "shop", "api_key": "k" * 32} | given)

    assert words in str(caught.value)
    with scope(tenant=tenant):
        assert AligoAccount.objects.get().mode == AccountMode.SANDBOX


def test_connect_with_aligo_down_saves_nothing(tenant: Tenant, aligo: Any, settings: Any) -> None:
    settings.ALIGO_BASE_URL = "http://127.0.0.1:9"

    with pytest.raises(no.AligoDown):
        accounts.connect(tenant=tenant, by=None, user_id="shop", api_key="k" * 32)


def test_connect_leaves_the_neighbour_alone(shop: Tenant, neighbour: Tenant, aligo: Any) -> None:
    accounts.connect(tenant=neighbour, by=None, user_id="shop", api_key="k" * 32)

    assert AligoAccount.objects.get().tenant == shop
    assert accounts.of(shop).connected_at is None


def test_connect_again_releases_what_was_held(shop: Tenant, aligo: Any) -> None:
    AligoAccount.objects.update(held_reason="auth", held_at=times.now(), api_key="old")
    dispatch = compose.submit(tenant=shop, by=None, draft=Asked(to=Audience(phones=[("01011112223", "")]), text="글"))
    run_pipeline(shop, collect=False)

    accounts.connect(tenant=shop, by=None, user_id="shop", api_key="k" * 32)
    run_pipeline(shop)

    dispatch.refresh_from_db()
    assert dispatch.state == "finished"


def test_disconnect_goes_back_to_the_sandbox_and_still_asks_there(shop: Tenant, aligo: Any) -> None:
    account = accounts.disconnect(tenant=shop, by=None)

    assert account.mode == AccountMode.SANDBOX
    assert accounts.for_provider(account).user_id == f"sandbox-{shop.pk}"
    assert accounts.for_batches_of(account, "shop") is None


def test_for_batches_of_a_sandbox_before_a_live_account(shop: Tenant, aligo: Any) -> None:
    asked = accounts.for_batches_of(accounts.of(shop), f"sandbox-{shop.pk}")

    assert asked is not None
    assert accounts.provider.balance(asked).sms == 10_000
    assert accounts.provider.balance(accounts.for_provider(accounts.disconnect(tenant=shop, by=None))).sms == 10_000


def test_refresh_balance_is_kept_for_a_minute(shop: Tenant, aligo: Any) -> None:
    assert accounts.refresh_balance(tenant=shop).sms_count == 10_000
    aligo.account("shop", "k" * 32, balance_won=84)

    assert accounts.refresh_balance(tenant=shop).sms_count == 10_000
    assert accounts.refresh_balance(tenant=shop, fresh=True).sms_count == 10


def test_refresh_balance_refused_never_shows_zero(shop: Tenant, aligo: Any) -> None:
    accounts.refresh_balance(tenant=shop)
    aligo.account("shop", "k" * 32, ips=["203.0.113.9"])

    account = accounts.refresh_balance(tenant=shop, fresh=True)

    assert (account.state, account.sms_count) == (AccountState.IP, 10_000)


def test_refresh_balance_down_keeps_the_old_stamp(shop: Tenant, aligo: Any, settings: Any) -> None:
    stamp = accounts.refresh_balance(tenant=shop).balance_at
    settings.ALIGO_BASE_URL = "http://127.0.0.1:9"

    account = accounts.refresh_balance(tenant=shop, fresh=True)

    assert (account.state, account.sms_count, account.balance_at) == (AccountState.DOWN, 10_000, stamp)


# --- Senders --------------------------------------------------------------------------------------------------------
def test_add_sender_first_is_default_and_twice_is_once(in_tenant: Tenant) -> None:
    first = senders.add(tenant=in_tenant, by=None, number="02-789-0123", label="본관")
    senders.add(tenant=in_tenant, by=None, number="0327890123")
    senders.add(tenant=in_tenant, by=None, number="02 789 0123")

    assert list(Sender.objects.order_by("pk").values_list("number", "is_default")) == [
        ("027890123", True),
        ("0327890123", False),
    ]
    assert first.label == "본관"


@pytest.mark.parametrize("number", ["7890123", "112", "010-123-4567", "02-1588-0000", "", "abc"])
def test_add_sender_refuses_what_is_no_sender(in_tenant: Tenant, number: str) -> None:
    with pytest.raises(no.SenderRefused) as caught:
        senders.add(tenant=in_tenant, by=None, number=number)

    assert caught.value.fields["number"]


def test_remove_default_sender_passes_it_on(in_tenant: Tenant) -> None:
    first = senders.add(tenant=in_tenant, by=None, number="0237890123")
    second = senders.add(tenant=in_tenant, by=None, number="0327890123")

    for _ in range(2):
        senders.remove(tenant=in_tenant, by=None, sender=first)

    second.refresh_from_db()
    assert second.is_default
    assert senders.add(tenant=in_tenant, by=None, number="0237890123").deleted_at is None


def test_set_default_sender_of_the_neighbour_is_refused(in_tenant: Tenant, neighbour: Tenant) -> None:
    theirs = factories.make_sender(neighbour)

    with pytest.raises(no.SenderNotRegistered):
        senders.set_default(tenant=in_tenant, by=None, sender=theirs)


def test_set_default_sender(in_tenant: Tenant) -> None:
    senders.add(tenant=in_tenant, by=None, number="0237890123")
    second = senders.add(tenant=in_tenant, by=None, number="0327890123")

    senders.set_default(tenant=in_tenant, by=None, sender=second)

    assert list(Sender.objects.filter(is_default=True)) == [second]


# --- Opt-outs -------------------------------------------------------------------------------------------------------
def test_opt_out_twice_keeps_the_first_date(in_tenant: Tenant) -> None:
    long_ago = times.now() - timedelta(days=9)
    optouts.opt_out(tenant=in_tenant, by=None, phone="010-1111-2222", at=long_ago)
    optouts.opt_out(tenant=in_tenant, by=None, phone="01011112222")

    assert list(OptOut.objects.values_list("phone", "at", "scope")) == [("01011112222", long_ago, OptOutScope.ALL)]


def test_opt_out_refuses_what_is_no_number(in_tenant: Tenant) -> None:
    with pytest.raises(no.BadPhone):
        optouts.opt_out(tenant=in_tenant, by=None, phone="12")


def test_opt_in_of_the_neighbour_changes_nothing(in_tenant: Tenant, neighbour: Tenant) -> None:
    row = optouts.opt_out(tenant=in_tenant, by=None, phone="01011112222")

    optouts.opt_in(tenant=neighbour, by=None, optout=row)
    assert OptOut.objects.count() == 1
    optouts.opt_in(tenant=in_tenant, by=None, optout=row)
    assert OptOut.objects.count() == 0


def test_opt_out_many_says_what_is_new_and_what_is_no_number(in_tenant: Tenant) -> None:
    optouts.opt_out(tenant=in_tenant, by=None, phone="01011112222")

    found = optouts.opt_out_many(tenant=in_tenant, by=None, phones=["010-1111-2222", "01011113333", "1", "01011113333"])

    assert found == (1, ["1"])


# --- Drafts ---------------------------------------------------------------------------------------------------------
def test_draft_is_kept_and_thrown_away(owner: Staff, in_tenant: Tenant) -> None:
    drafts.save(tenant=in_tenant, by=owner.user, data={"text": "가"}, key="k1")
    drafts.save(tenant=in_tenant, by=owner.user, data={"text": "나"}, key="k1")

    kept = drafts.current(in_tenant, owner.user)
    assert (kept.data, kept.key, Draft.objects.count()) == ({"text": "나"}, "k1", 1)
    drafts.discard(tenant=in_tenant, by=owner.user, key="k1")
    assert drafts.current(in_tenant, owner.user) is None


def test_draft_of_a_sent_page_is_not_kept_again(owner: Staff, shop: Tenant) -> None:
    draft = Asked(to=Audience(phones=[("01011112223", "")]), text="글")
    compose.submit(tenant=shop, by=owner.user, draft=draft, key="k1")

    assert drafts.save(tenant=shop, by=owner.user, data={"text": "글"}, key="k1", text=draft) is None
    assert drafts.current(shop, owner.user) is None


def test_draft_written_on_a_sent_page_goes_under_the_next_key(owner: Staff, shop: Tenant) -> None:
    to = Audience(phones=[("01011112223", "")])
    compose.submit(tenant=shop, by=owner.user, draft=Asked(to=to, text="글"), key="k1")

    for text in ("다", "다른 글"):
        drafts.save(tenant=shop, by=owner.user, data={"text": text}, key="k1", text=Asked(to=to, text=text))

    (kept,) = Draft.objects.all()
    assert kept.data == {"text": "다른 글"} and kept.key == drafts.sent_with(shop, "k1")[1] != "k1"


@pytest.mark.parametrize(
    "change", [{"title": "제목"}, {"text": "글 둘"}, {"send_at": factories.now().replace(year=2027)}]
)
def test_draft_that_differs_in_anything_is_another_text(owner: Staff, shop: Tenant, change: Any) -> None:
    asked = Asked(to=Audience(phones=[("01011112223", "")]), text="글")
    dispatch = compose.submit(tenant=shop, by=owner.user, draft=asked, key="k1")

    assert drafts.says_the_same(dispatch, asked)
    assert not drafts.says_the_same(dispatch, replace(asked, **change))


def test_draft_of_a_colleague_is_not_mine(owner: Staff, in_tenant: Tenant) -> None:
    drafts.save(tenant=in_tenant, by=owner.user, data={"text": "가"})

    assert drafts.current(in_tenant, factories.make_staff(in_tenant).user) is None
