"""발송 설정: what is typed is checked and kept, and an ad is shown as it would leave."""

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import AuditEvent, Tenant
from messaging.models import SendingPolicy
from messaging.services import policies

URL = "/t/hanbit/messages/policy/"
GOOD = {"undo_seconds": "30", "asks_person": "on", "ad_name": "한빛", "ad_hotline": "080-123-4567"}


def now(tenant: Tenant) -> SendingPolicy:
    with scope(tenant=tenant):
        return policies.of(tenant)


def test_page_begins_with_the_defaults(as_owner: Client, shop: Tenant) -> None:
    page = as_owner.get(URL).content.decode()

    assert 'value="10"' in page and "(광고)한빛체육관" in page and "무료수신거부" in page and "/u/" in page


def test_what_is_saved_is_kept_and_told_in_the_trail(as_owner: Client, shop: Tenant) -> None:
    page = as_owner.post(f"{URL}save/", GOOD, follow=True).content.decode()

    row = now(shop)
    assert (row.undo_seconds, row.asks_person, row.ad_name, row.ad_hotline) == (30, True, "한빛", "0801234567")
    assert "저장했어요" in page and "080-123-4567" in page
    with scope(tenant=shop):
        event = AuditEvent.objects.get(kind="sending.changed")
    assert event.data["fields"] == ["ad_hotline", "ad_name", "asks_person", "undo_seconds"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"undo_seconds": "61"}, "60"),
        ({"undo_seconds": "-1"}, "0"),
        ({"undo_seconds": "열"}, "undo_seconds"),
        ({"ad_hotline": "02-123-4567"}, "080으로 시작하는"),
        ({"ad_hotline": "080-12-345"}, "080으로 시작하는"),
        ({"ad_name": "한빛🎉"}, "보낼 수 없는 글자"),
        ({"ad_name": "(광고)한빛"}, "저절로 들어가요"),
        ({"ad_name": "가" * 31}, "30"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_kept(
    as_owner: Client, shop: Tenant, wrong: dict[str, str], said: str
) -> None:
    answer = as_owner.post(f"{URL}save/", GOOD | wrong)

    assert answer.status_code == 422 and "errorlist" in answer.content.decode() and said in answer.content.decode()
    assert now(shop).pk is None


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ({"ad_name": "새이름", "ad_hotline": "080 999 8888"}, ["(광고)새이름", "080-999-8888", "무료로 수신거부"]),
        ({"ad_name": "", "ad_hotline": ""}, ["(광고)한빛체육관", "/u/xxxxxxxx", "사람마다 달라요"]),
    ],
)
def test_preview_follows_what_is_typed(as_owner: Client, shop: Tenant, typed: dict[str, str], shown: list[str]) -> None:
    page = as_owner.post(f"{URL}preview/", typed).content.decode()

    assert all(words in page for words in shown)
    assert now(shop).pk is None


def test_shop_name_that_cannot_be_sent_is_named(as_owner: Client, shop: Tenant) -> None:
    Tenant.objects.filter(pk=shop.pk).update(name="한빛🎉")

    assert "광고에 적을 이름을 따로 적어 주세요" in as_owner.get(URL).content.decode()


def test_page_is_for_those_who_may_change_settings(viewer: Client, sender_role: Client, shop: Tenant) -> None:
    for client in (viewer, sender_role):
        assert client.get(URL).status_code == client.post(f"{URL}save/", GOOD).status_code == 403


def test_tabs_lead_there(as_owner: Client, shop: Tenant) -> None:
    assert f'href="{URL}"' in as_owner.get("/t/hanbit/settings/").content.decode()
