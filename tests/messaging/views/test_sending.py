"""모든 발송 멈추기: one switch, a bar on every page, and what leaves when it goes on."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import AuditEvent, Tenant
from messaging.enums import DispatchState
from messaging.models import AligoAccount, Dispatch, Message
from messaging.services import policies
from tests.conftest import sign_in
from tests.messaging.views.conftest import finish
from tests.messaging.views.test_dispatches import of, send
from ui import times

URL = "/t/hanbit/messages/"
STOP = f"{URL}sending/stop/"
GO_ON = f"{URL}sending/go-on/"


def stop(shop: Tenant) -> None:
    with scope(tenant=shop):
        policies.stop_all(tenant=shop, by=None)


def test_one_tap_stops_all_and_every_page_says_so(as_owner: Client, shop: Tenant, people: Any) -> None:
    assert STOP in as_owner.get("/t/hanbit/members/").content.decode()  # in the menu of every page
    as_owner.post(STOP)
    dispatch = send(shop)
    finish(shop)

    for path in ("", "members/", "messages/", "messages/new/", "settings/"):
        page = as_owner.get(f"/t/hanbit/{path}").content.decode()
        assert "모든 발송을 멈췄어요" in page and f"{URL}sending/" in page and "김대표" in page, path
    assert of(dispatch).state != DispatchState.FINISHED
    with scope(tenant=shop):
        assert not Message.objects.exclude(state="").exists()
        assert AuditEvent.objects.filter(kind="sending.stopped").count() == 1


def test_stopping_twice_keeps_who_was_first(as_owner: Client, sender_role: Client, shop: Tenant) -> None:
    as_owner.post(STOP)
    with scope(tenant=shop):
        first = policies.of(shop).stopped_at
    sender_role.post(STOP)

    with scope(tenant=shop):
        assert policies.of(shop).stopped_at == first


def test_going_on_sends_what_waited(as_owner: Client, shop: Tenant, people: Any) -> None:
    stop(shop)
    dispatch = send(shop)
    finish(shop)

    page = as_owner.get(f"{URL}sending/").content.decode()
    as_owner.post(GO_ON)
    finish(shop)

    assert "3통" in page and "바로 나감" in page
    assert of(dispatch).state == DispatchState.FINISHED
    assert "모든 발송을 멈췄어요" not in as_owner.get(URL).content.decode()


def test_what_nobody_has_counted_is_not_called_none(as_owner: Client, shop: Tenant, people: Any) -> None:
    stop(shop)
    send(shop)  # and nobody prepares it

    page, elsewhere = (as_owner.get(f"/t/hanbit/{path}").content.decode() for path in ("messages/sending/", "members/"))

    assert "0통" not in page and "받는 사람은 아직 세지 않았어요." in page and "발송 1건이 바로 나가요." in page
    assert "발송 1건이 기다리고 있어요." in elsewhere


def test_page_says_what_asks_first_and_what_stays(as_owner: Client, shop: Tenant, people: Any) -> None:
    now, day = times.now(), timedelta(days=2)
    send(shop, "가나")
    old = send(shop, "다라")
    past = send(shop, "마바", expires_at=now + timedelta(days=1))
    due = send(shop, "사아", send_at=now + timedelta(hours=1))
    later = send(shop, "자차", send_at=now + timedelta(hours=2))
    with scope(tenant=shop):
        Dispatch.objects.filter(pk=old.pk).update(due_at=now - day)
        Dispatch.objects.filter(pk=past.pk).update(expires_at=now - timedelta(minutes=1))
        Dispatch.objects.filter(pk=due.pk).update(send_at=now, planned_sms=7, planned_lms=0, planned_mms=0)
    stop(shop)
    finish(shop)

    page = as_owner.get(f"{URL}sending/")

    waiting = page.context["waiting"]
    assert (waiting.leaving, waiting.texts, waiting.late, waiting.expired) == (2, 10, 1, 1)
    text = page.content.decode()
    assert "발송 2건의 문자 10통이 바로 나가요" in text and "먼저 물어봐요" in text and "보내지 않아요" in text
    assert f"/messages/{later.pk}/" not in text


def test_late_dispatch_asks_and_a_person_lets_it_go(as_owner: Client, shop: Tenant, people: Any) -> None:
    dispatch = send(shop)
    stop(shop)
    with scope(tenant=shop):
        Dispatch.objects.update(due_at=times.now() - timedelta(days=2))
    as_owner.post(GO_ON)
    finish(shop)

    held = as_owner.get(f"{URL}{dispatch.pk}/").content.decode()
    as_owner.post(f"{URL}{dispatch.pk}/resume/")
    finish(shop)

    assert "하루가 넘게 지났어요" in held and "지금 보내도 괜찮아요" in held
    assert of(dispatch).state == DispatchState.FINISHED


def test_resuming_one_while_all_is_stopped_points_to_the_bar(as_owner: Client, shop: Tenant, people: Any) -> None:
    dispatch = send(shop)
    stop(shop)
    finish(shop)

    page = as_owner.get(f"{URL}{dispatch.pk}/").content.decode()
    refused = as_owner.post(f"{URL}{dispatch.pk}/resume/", follow=True).content.decode()

    assert "멈춘 발송 보기" in page and f"{dispatch.pk}/resume/" not in page
    assert "화면 위의" in refused
    assert of(dispatch).state in {DispatchState.HELD, DispatchState.PREPARING, DispatchState.SENDING}


@pytest.mark.parametrize("path", [STOP, GO_ON])
def test_switch_is_for_those_who_may_send(viewer: Client, neighbour_owner: Any, shop: Tenant, path: str) -> None:
    assert viewer.post(path).status_code == 403
    assert sign_in(neighbour_owner).post(path).status_code == 404


def test_viewer_sees_the_bar_and_no_switch(viewer: Client, shop: Tenant) -> None:
    stop(shop)

    page = viewer.get(f"{URL}sending/").content.decode()

    assert "모든 발송을 멈춰 두었어요" in page and GO_ON not in page and STOP not in viewer.get(URL).content.decode()


def test_silent_aligo_is_said_on_the_dispatch_and_on_every_page(as_owner: Client, shop: Tenant, people: Any) -> None:
    dispatch = send(shop)
    with scope(tenant=shop):
        AligoAccount.objects.update(troubles=2, quiet_until=times.now() + timedelta(seconds=5))
    said = "알리고가 응답하지 않아 잠시 기다려요"

    assert said in as_owner.get(f"{URL}{dispatch.pk}/").content.decode()
    assert said in as_owner.get("/t/hanbit/members/").content.decode()

    with scope(tenant=shop):
        AligoAccount.objects.update(quiet_until=times.now() - timedelta(minutes=5))
    assert said not in as_owner.get("/t/hanbit/members/").content.decode()
