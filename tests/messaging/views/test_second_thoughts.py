"""되돌리기: a page's send to many can be taken back for some seconds, and the text is there again."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import Tenant
from messaging.enums import DispatchState
from messaging.models import Dispatch, Draft, Message
from messaging.services import policies
from tests import factories
from tests.conftest import sign_in
from tests.messaging.views.conftest import finish
from tests.messaging.views.test_dispatches import of
from ui import times

URL = "/t/hanbit/messages/"
PART = {"HX-Request": "true", "HX-Target": "progress"}


@pytest.fixture
def crowd(shop: Tenant, group: Any) -> Any:
    for n in range(12):
        factories.make_member(shop, f"회원{n}", "", group)
    return group


@pytest.fixture
def waiting(as_owner: Client, shop: Tenant, crowd: Any) -> Dispatch:
    """A text to twelve people that was sent this moment, with everything a page can say."""
    until = times.seoul(times.now() + timedelta(hours=5))
    typed = {
        "key": "k" * 32, "groups": [crowd.pk], "text": "#{이름} 님, 내일 쉬어요.\r\n감사합니다.", "title": "휴무",
        "name": "휴무 알림", "phones": "엄마 010-9999-8888\n010-9999-7777", "except_phones": "010-1234-5678",
        "each": "on", "each_reason": "자녀별", "until": "on", "until_date": until.strftime("%Y-%m-%d"),
        "until_time": until.strftime("%H:%M"), "sender": "0237890123",
    }  # fmt: skip
    answer = as_owner.post(f"{URL}new/submit/", typed)
    with scope(tenant=shop):
        dispatch = Dispatch.objects.get()
    assert answer.url == f"{URL}{dispatch.pk}/"
    return dispatch


def ripe(dispatch: Dispatch) -> None:
    with scope(tenant=dispatch.tenant):
        Dispatch.objects.filter(pk=dispatch.pk).update(send_at=times.now(), undo_until=times.now())


def test_page_counts_down_calmly(as_owner: Client, waiting: Dispatch) -> None:
    page = as_owner.get(f"{URL}{waiting.pk}/").content.decode()

    assert "10초 뒤에 보내요" in page and "곧 보내요" in page
    assert f"{URL}{waiting.pk}/undo/" in page and "지금 보내기" in page and "countdown.js" in page
    assert "예약 취소" not in page and "예약 고치기" not in page  # one way out, and it loses nothing
    assert "보내기 시작했어요" not in page


def test_list_says_that_it_leaves_soon(as_owner: Client, waiting: Dispatch) -> None:
    assert "곧 보내요" in as_owner.get(URL).content.decode()


def test_undo_brings_all_that_was_typed_back(as_owner: Client, waiting: Dispatch, shop: Tenant, crowd: Any) -> None:
    page = as_owner.post(f"{URL}{waiting.pk}/undo/", follow=True)

    data = page.context["data"]
    assert data["text"] == "#{이름} 님, 내일 쉬어요.\n감사합니다." and data["title"] == "휴무"
    assert data["groups"] == [str(crowd.pk)] and data["name"] == "휴무 알림" and data["sender"] == "0237890123"
    assert data["phones"].split("\n") == ["엄마 010-9999-8888", "010-9999-7777"]
    assert data["except_phones"] == "010-1234-5678" and data["each"] and data["each_reason"] == "자녀별"
    assert data["until"] and data["until_time"] and not data.get("edit") and not data.get("later")
    assert "보내지 않았어요. 쓰던 글을 그대로 불러왔어요." in page.content.decode()
    assert of(waiting).state == DispatchState.CANCELLED
    ripe(waiting)
    finish(shop)
    with scope(tenant=shop):
        assert Message.objects.count() == 0


def test_text_that_was_taken_back_can_be_sent(as_owner: Client, waiting: Dispatch, shop: Tenant) -> None:
    """From the page that came, and from the page before it, by the back button."""
    as_owner.post(f"{URL}{waiting.pk}/undo/")
    with scope(tenant=shop):
        key = Draft.objects.get().key
    for used in (key, "k" * 32):
        as_owner.post(f"{URL}new/submit/", {"key": used, "all": "on", "text": f"내일 쉬어요. {used[:3]}"})

    with scope(tenant=shop):
        assert Dispatch.objects.exclude(pk=waiting.pk).count() == 2
        assert not Draft.objects.exists()


def test_undo_too_late_says_so_and_leads_to_the_dispatch(as_owner: Client, waiting: Dispatch) -> None:
    as_owner.post(f"{URL}{waiting.pk}/go/", {"now": "1"})

    page = as_owner.post(f"{URL}{waiting.pk}/undo/", follow=True)

    assert page.redirect_chain[-1][0] == f"{URL}{waiting.pk}/"
    assert "되돌릴 수 없어요" in page.content.decode()


def test_go_at_the_end_of_the_countdown_starts_it(as_owner: Client, waiting: Dispatch) -> None:
    early = as_owner.post(f"{URL}{waiting.pk}/go/", headers=PART).content.decode()
    ripe(waiting)
    answers = [as_owner.post(f"{URL}{waiting.pk}/go/", headers=PART).content.decode() for _twice in range(2)]

    assert "초 뒤에 보내요" in early and all("countdown" not in answer for answer in answers)
    assert 'id="progress"' in answers[1]
    assert of(waiting).state == DispatchState.PREPARING


def test_now_does_not_wait(as_owner: Client, waiting: Dispatch, shop: Tenant) -> None:
    assert as_owner.post(f"{URL}{waiting.pk}/go/", {"now": "1"}).url == f"{URL}{waiting.pk}/"
    finish(shop)

    assert of(waiting).state == DispatchState.FINISHED


def test_now_while_all_is_stopped_says_where_to_go_on(as_owner: Client, waiting: Dispatch, shop: Tenant) -> None:
    with scope(tenant=shop):
        policies.stop_all(tenant=shop, by=None)

    page = as_owner.post(f"{URL}{waiting.pk}/go/", {"now": "1"}, follow=True).content.decode()

    assert "다시 보내기 시작" in page and "멈춰 두어 기다리고 있어요" in page
    assert of(waiting).state == DispatchState.SCHEDULED


def test_neither_is_open_to_viewers_and_neighbours(viewer: Client, neighbour_owner: Any, waiting: Dispatch) -> None:
    stranger = sign_in(neighbour_owner)
    for deed in ("undo", "go"):
        assert viewer.post(f"{URL}{waiting.pk}/{deed}/").status_code == 403
        assert stranger.post(f"/t/neighbour/messages/{waiting.pk}/{deed}/").status_code == 404
    shown = viewer.get(f"{URL}{waiting.pk}/").content.decode()

    assert "초 뒤에 보내요" in shown and "data-countdown=" not in shown and "/undo/" not in shown


def test_ten_people_get_it_at_once(as_owner: Client, shop: Tenant, people: Any) -> None:
    page = as_owner.post(f"{URL}new/submit/", {"key": "k" * 32, "all": "on", "text": "내일 쉬어요."}, follow=True)

    assert "보내기 시작했어요" in page.content.decode() and "초 뒤에 보내요" not in page.content.decode()
