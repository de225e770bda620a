"""An ad on its own page: the mark, the blocks, and what the night did or does."""

from typing import Any

from django.test import Client
from django_scopes import scope

from accounts.models import Tenant
from messaging.drafting import Audience, Draft
from messaging.models import Dispatch
from messaging.selectors import nights
from messaging.services import compose
from tests import factories
from tests.messaging import driving
from ui import times


def submit(shop: Tenant, *phones: str, **fields: Any) -> Dispatch:
    with scope(tenant=shop):
        draft = Draft(
            to=Audience(phones=[(phone, "") for phone in phones]),
            text="#{이름}님, 할인",
            title="할인",
            ad=True,
            **fields,
        )
        return compose.submit(tenant=shop, by=None, draft=draft)


def page_of(client: Client, dispatch: Dispatch) -> str:
    return client.get(f"/t/hanbit/messages/{dispatch.pk}/").content.decode()


def test_ad5_ad8_the_page_shows_the_ad_as_it_leaves(as_owner: Client, shop: Tenant, clock: Any) -> None:
    clock("12:00")
    factories.make_member(shop, "김하늘", "01020001111", ad_consent_at=times.now())

    page = page_of(as_owner, submit(shop, "01020001111"))

    assert "(광고)할인</b>(광고)한빛체육관\n#{이름}님, 할인\n무료수신거부 http://testserver/u/xxxxxxxx" in page
    assert "밤에는 광고를" not in page


def test_ad4_a_moved_ad_says_where_it_was_moved_to(as_owner: Client, shop: Tenant, clock: Any) -> None:
    clock("22:00")
    factories.make_member(shop, "김하늘", "01020001111", ad_consent_at=times.now())

    page = page_of(as_owner, submit(shop, "01020001111"))

    assert "오전 8:00로 옮겼어요" in page and "정했던 때" in page


def test_ad4_a_scheduled_ad_says_who_gets_it_at_night_and_who_in_the_morning(
    as_owner: Client, shop: Tenant, clock: Any
) -> None:
    clock("12:00")
    now = times.now()
    factories.make_member(shop, "김하늘", "01020001111", ad_consent_at=now, night_consent_at=now)
    factories.make_member(shop, "이서준", "01020002222", ad_consent_at=now)
    night = times.seoul(now).replace(hour=22, minute=0)

    split = page_of(as_owner, submit(shop, "01020001111", "01020002222", send_at=night))
    by_day = page_of(as_owner, submit(shop, "01020001111", "01020002222", send_at=night.replace(hour=15)))

    assert "오후 10:00에, 나머지 분께는" in split and "오전 8:00에 보내요" in split
    assert "나머지 분께는" not in by_day


def test_ad4_at_night_it_says_who_waits_for_the_morning(as_owner: Client, shop: Tenant, clock: Any) -> None:
    clock("22:00")
    now = times.now()
    factories.make_member(shop, "김하늘", "01020001111", ad_consent_at=now, night_consent_at=now)
    factories.make_member(shop, "이서준", "01020002222", ad_consent_at=now)
    dispatch = submit(shop, "01020001111", "01020002222")
    driving.run_pipeline(shop, collect=False)

    page = page_of(as_owner, dispatch)
    assert "나머지는" in page and "오전 8:00에 이어서 보내요" in page

    clock("12:00")
    with scope(tenant=shop):
        assert nights.morning(Dispatch.objects.get()) is None
