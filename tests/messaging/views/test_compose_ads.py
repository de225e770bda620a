"""Ads on the compose page: the locked blocks, who is left out, and what the night does."""

from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import Tenant
from messaging.models import Dispatch, SendingPolicy
from tests import factories
from tests.messaging.views.test_compose import URL, sent, typed
from ui import times


@pytest.fixture
def fans(shop: Tenant, group: Any) -> list[Any]:
    """One agreed to ads at night too, one to ads, one to nothing."""
    since = times.now()
    return [
        factories.make_member(shop, "밤에도", "01020001111", group, ad_consent_at=since, night_consent_at=since),
        factories.make_member(shop, "낮에만", "01020002222", group, ad_consent_at=since),
        factories.make_member(shop, "안받음", "01020003333", group),
    ]


def ad(**fields: Any) -> dict[str, Any]:
    return typed(ad="on", all="on", text="겨울 할인 20%") | fields


def test_ad7_ad8_the_blocks_stand_around_the_editor(as_owner: Client, shop: Tenant) -> None:
    page = as_owner.get(URL).content.decode()

    assert 'data-ad-head="(광고)한빛체육관\n"' in page
    assert 'data-ad-foot="\n무료수신거부 http://testserver/u/xxxxxxxx"' in page
    assert page.index('class="locked"') < page.index('id="text"') < page.rindex("무료수신거부 http")


def test_ad8_the_hotline_of_the_shop_ends_its_ads(as_owner: Client, shop: Tenant) -> None:
    with scope(tenant=shop):
        SendingPolicy.objects.create(tenant=shop, ad_name="한빛 본점", ad_hotline="0801234567")

    page = as_owner.get(URL).content.decode()

    assert "(광고)한빛 본점" in page and "무료수신거부 080-123-4567" in page and "xxxxxxxx" not in page


def test_ad1_quote_says_who_lacks_consent_and_names_them(as_owner: Client, shop: Tenant, fans: Any, clock: Any) -> None:
    clock("12:00")

    page = as_owner.post(f"{URL}quote/", ad()).content.decode()
    assert "동의한 기록이 없는 1명은 빠져요" in page and "2명에게 보내기" in page and "안받음" not in page

    names = as_owner.post(f"{URL}excluded/", ad(reason="no_consent")).content.decode()
    assert "안받음" in names and "낮에만" not in names and "받기로 했어요" in names


def test_ad1_the_people_to_preview_with_are_those_who_get_it(as_owner: Client, shop: Tenant, fans: Any) -> None:
    page = as_owner.post(f"{URL}quote/", ad()).content.decode()

    assert "낮에만" in page and "안받음" not in page


def test_ad4_at_night_the_dialog_asks_to_schedule_for_the_morning(
    as_owner: Client, shop: Tenant, fans: Any, clock: Any
) -> None:
    clock("22:00")
    only = {"all": "", "members": [fans[1].pk]}

    page = as_owner.post(f"{URL}confirm/", ad(title="할인", **only)).content.decode()
    assert "이대로 예약할까요?" in page and "오전 8:00" in page and "예약하기 (1명)" in page
    assert "(광고)할인" in page and "(광고)한빛체육관" in page and "밤(20:50~08:00)" in page

    done = as_owner.post(f"{URL}submit/", ad(**only), follow=True).content.decode()
    assert "에 보내도록 예약했어요" in done
    assert times.seoul(sent(shop)[0].send_at).hour == 8


def test_ad4_at_night_who_agreed_gets_it_now(as_owner: Client, shop: Tenant, fans: Any, clock: Any) -> None:
    clock("22:00")

    page = as_owner.post(f"{URL}confirm/", ad()).content.decode()

    assert "이대로 보낼까요?" in page and "1명에게는 정한 때에, 나머지 1명에게는" in page


def test_ad5_a_notice_with_a_mark_says_what_to_switch_on(as_owner: Client, shop: Tenant, fans: Any) -> None:
    page = as_owner.post(f"{URL}confirm/", typed(all="on", text="[광고] 할인")).content.decode()

    assert "광고 문자예요" in page and "아직 보낼 수 없어요" in page


def test_ad1_to_nobody_who_agreed_the_dialog_says_what_lacks(as_owner: Client, shop: Tenant, fans: Any) -> None:
    page = as_owner.post(f"{URL}confirm/", ad(all="", members=[fans[2].pk])).content.decode()

    assert "광고 문자를 받기로 한 사람이 없어요" in page


def test_an_ad_stays_one_when_copied_changed_and_pressed_twice(
    as_owner: Client, shop: Tenant, fans: Any, clock: Any
) -> None:
    clock("22:00")
    only = {"all": "", "members": [fans[1].pk]}
    for _press in range(2):
        as_owner.post(f"{URL}submit/", ad(**only))
    dispatch = sent(shop)[0]
    assert len(sent(shop)) == 1

    for query in (f"copy={dispatch.pk}", f"edit={dispatch.pk}"):
        assert 'name="ad" role="switch" checked' in as_owner.get(f"{URL}?{query}").content.decode()
    edit = ad(**only, edit=dispatch.pk, text="다른 할인", later="on", date="2026-12-24", time="12:00")
    as_owner.post(f"{URL}submit/", edit | {"key": "e" * 32, "ad": ""})
    with scope(tenant=shop):
        assert Dispatch.objects.get().ad is False


def test_a_test_of_an_ad_has_its_blocks_once(as_owner: Client, shop: Tenant, fans: Any, clock: Any) -> None:
    clock("22:00")

    page = as_owner.post(f"{URL}test/", ad(test_phones="010-5555-0000")).content.decode()

    assert "시험 문자를 보냈어요" in page
    assert (sent(shop)[0].text, sent(shop)[0].ad) == ("겨울 할인 20%", True)
