"""Twelve people get a text: the seconds to take it back, the text there again, and then it leaves."""

import re
from typing import Any

import pytest
from django_scopes import scope

from accounts.models import Staff, Tenant
from messaging.enums import DispatchState
from messaging.models import Dispatch, Message
from messaging.services import policies
from tests import factories
from tests.browser.conftest import PHONE, WATCH_ERRORS, signed_in
from tests.messaging import driving

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TEXT = "#{이름} 님, 내일은 체육관 공사로 쉬어요."


@pytest.fixture
def shop(tenant: Tenant, aligo_sandbox: Any, settings: Any) -> Tenant:
    settings.ALIGO_BASE_URL = settings.ALIGO_SANDBOX_URL = aligo_sandbox.url
    settings.RESULT_POLL_SECONDS = 0.01
    aligo_sandbox.switch(result_seconds=0, trust_sandbox_accounts=True)
    factories.make_sender(tenant)
    group = factories.make_group(tenant, "성인부")
    for n in range(12):
        factories.make_member(tenant, f"회원{n}", f"0102000{n:02d}55", group)
    return tenant


@pytest.fixture
def page(browser: Any, live_server: Any, shop: Tenant, owner: Staff) -> Any:
    with signed_in(browser, live_server, owner, watch=WATCH_ERRORS, **PHONE) as page:
        page.base = f"{live_server.url}/t/hanbit/"
        yield page


def write_and_send(page: Any) -> None:
    page.get_by_role("checkbox", name="성인부").check()
    page.fill("#text", TEXT)
    page.fill("#name", "공사 안내")
    press_send(page)


def press_send(page: Any) -> None:
    page.locator("#send-bar button", has_text="12명에게 보내기").click()
    page.locator("dialog[open] [data-send]").click()
    page.wait_for_url(re.compile(r"/messages/\d+/$"))


def work(shop: Tenant) -> None:
    """What the workers would do by now."""
    driving.run_pipeline(shop)
    driving.results_due(shop)
    driving.run_pipeline(shop)


def states(shop: Tenant) -> list[str]:
    with scope(tenant=shop):
        return list(Dispatch.objects.order_by("pk").values_list("state", flat=True))


def test_taken_back_written_on_and_sent(page: Any, shop: Tenant, aligo_sandbox: Any) -> None:
    page.goto(f"{page.base}messages/new/")
    write_and_send(page)
    words = page.locator("[data-countdown-words]")
    words.get_by_text(re.compile(r"^[6-9]초 뒤에 보내요$")).wait_for()  # it counts
    page.get_by_role("button", name="되돌리기").click()

    page.wait_for_url(re.compile(r"/messages/new/\?draft=\d+$"))
    page.locator(".toast", has_text="쓰던 글을 그대로 불러왔어요").wait_for()
    assert page.input_value("#text") == TEXT and page.input_value("#name") == "공사 안내"
    assert page.get_by_role("checkbox", name="성인부").is_checked()
    assert states(shop) == [DispatchState.CANCELLED]

    press_send(page)
    page.get_by_role("button", name="지금 보내기").click()
    page.locator("#progress .badge", has_text="준비 중").wait_for()
    work(shop)
    page.locator("#progress", has_text="모두 끝났어요").wait_for()

    assert page.evaluate("window.broken") == []
    assert states(shop) == [DispatchState.CANCELLED, DispatchState.FINISHED]
    assert aligo_sandbox.summary()["messages"] == 12 and aligo_sandbox.summary()["repeated"] == []
    with scope(tenant=shop):
        assert Message.objects.filter(state="delivered").count() == 12


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_countdown_that_ends_starts_it_by_itself(page: Any, shop: Tenant, aligo_sandbox: Any, motion: str) -> None:
    page.emulate_media(reduced_motion=motion)
    with scope(tenant=shop):
        policies.change(tenant=shop, by=None, undo_seconds=2)
    page.goto(f"{page.base}messages/new/")
    write_and_send(page)

    page.locator("#progress .badge", has_text="준비 중").wait_for()  # no watch runs here: the page has started it
    work(shop)
    page.locator("#progress", has_text="모두 끝났어요").wait_for()

    assert page.evaluate("window.broken") == []
    assert aligo_sandbox.summary()["messages"] == 12 and aligo_sandbox.summary()["repeated"] == []


def test_stop_from_the_menu_and_on_again_from_the_bar(page: Any, shop: Tenant, aligo_sandbox: Any) -> None:
    page.goto(f"{page.base}members/")
    page.get_by_role("button", name="더보기").click()
    page.locator("dialog#more").get_by_role("button", name="모든 발송 멈추기").click()
    page.locator("dialog#confirm").get_by_role("button", name="모두 멈추기").click()
    page.wait_for_url(re.compile(r"/messages/sending/$"))

    page.goto(f"{page.base}messages/new/")
    page.locator(".banner", has_text="모든 발송을 멈췄어요").wait_for()
    write_and_send(page)
    page.locator("#progress", has_text="모든 발송을 멈춰 두어 기다리고 있어요").wait_for()
    driving.run_pipeline(shop)
    assert aligo_sandbox.summary()["messages"] == 0

    page.locator(".banner a", has_text="다시 보내기 시작").click()
    page.get_by_role("button", name="다시 보내기 시작").click()
    page.locator("dialog#confirm").get_by_role("button", name="다시 보내기 시작").click()
    page.wait_for_url(re.compile(r"/messages/$"))
    with scope(tenant=shop):  # whatever seconds were left
        Dispatch.objects.update(send_at=factories.now())
    driving.run_pipeline(shop)

    assert aligo_sandbox.summary()["messages"] == 12
    assert page.evaluate("window.broken") == []
