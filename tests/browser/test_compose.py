"""Compose in a real browser: pick, write, confirm, send, and watch it arrive; nothing typed is lost."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django_scopes import scope

from accounts.models import Staff, Tenant
from messaging.models import Dispatch, Template
from tests import factories
from tests.browser.conftest import PHONE, signed_in_context
from tests.messaging import driving

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def shop(tenant: Tenant, owner: Staff, aligo_sandbox: Any, settings: Any) -> Tenant:
    settings.ALIGO_BASE_URL = settings.ALIGO_SANDBOX_URL = aligo_sandbox.url
    aligo_sandbox.switch(result_seconds=0)
    factories.make_sender(tenant)
    group = factories.make_group(tenant, "초등부")
    for name, phone in (("김하늘", "01020001111"), ("이서준", "01020002222"), ("박은서", "01020003333")):
        factories.make_member(tenant, name, phone, group)
    return tenant


@pytest.fixture
def visit(browser: Any, live_server: Any, owner: Staff, shop: Tenant) -> Iterator[Any]:
    """Open a page of the shop as its owner on a phone; fails the test on script errors and CSP violations."""
    wrong: list[str] = []
    with signed_in_context(browser, live_server, owner, **PHONE) as context:

        def opened(path: str) -> Any:
            page = context.new_page()
            # A page move that is overtaken by the next one ends its animation with an error of the browser's own.
            page.on("pageerror", lambda error: wrong.append(str(error)) if "Transition" not in str(error) else None)
            page.goto(f"{live_server.url}/t/hanbit/messages/{path}")
            return page

        yield opened
        for page in context.pages:
            wrong += page.evaluate("window.broken")
            page.goto("about:blank")
            page.wait_for_timeout(300)  # what the page says as it is left must be stored before the tables are emptied
    assert wrong == []


def dispatches(tenant: Tenant) -> list[Dispatch]:
    with scope(tenant=tenant):
        return list(Dispatch.objects.all())


def write(page: Any, text: str = "#{이름} 님, 내일은 쉬어요.") -> None:
    page.get_by_role("checkbox", name="초등부").check()
    page.fill("#text", text)


def test_compose_to_delivered(visit: Any, shop: Tenant) -> None:
    page = visit("new/")
    write(page)
    page.locator(".bubble", has_text="내일은 쉬어요").first.wait_for()
    page.locator("#send-bar button", has_text="3명에게 보내기").click()
    page.locator("dialog[open]", has_text="단문 3").wait_for()
    page.locator("dialog[open] [data-send]").dblclick(no_wait_after=True)
    page.wait_for_url(re.compile(r"/messages/\d+/$"))

    (dispatch,) = dispatches(shop)
    driving.run_pipeline(shop)
    driving.results_due(shop)
    driving.run_pipeline(shop)
    page.locator("#progress", has_text="모두 끝났어요").wait_for()
    page.locator("#messages", has_text="김하늘").wait_for()

    assert page.locator("#progress[hx-trigger]").count() == 0  # it stopped looking by itself
    assert page.locator("#messages .badge", has_text="발송 완료").count() == 3
    assert dispatch.text == "#{이름} 님, 내일은 쉬어요."


def test_a_kept_text_is_put_where_one_writes(visit: Any, shop: Tenant) -> None:
    with scope(tenant=shop):
        Template.objects.create(tenant=shop, name="환영", title="환영해요", text="#{이름} 님,\n어서 오세요.")
    page = visit("new/")
    page.fill("#text", "쓰던 글")
    page.get_by_role("button", name="문구 고르기").click()
    page.locator("[data-use-template]", has_text="환영").click()
    page.locator(".bubble", has_text="어서 오세요").first.wait_for()

    assert page.input_value("#text") == "#{이름} 님,\n어서 오세요."


def test_members_are_added_by_keyboard_and_left_out_by_name(visit: Any, shop: Tenant) -> None:
    page = visit("new/")
    find = page.locator("#people-q")
    find.press_sequentially("ㄱㅎㄴ")
    page.locator("#people-found [role=option]", has_text="김하늘").wait_for()
    find.press("Enter")
    page.locator("[data-to-count]", has_text="1명").wait_for()
    assert page.locator(".chip", has_text="김하늘").count() == 1 and find.input_value() == ""

    page.get_by_role("checkbox", name="초등부").check()
    page.locator("[data-to-count]", has_text="3명").wait_for()
    page.locator("[data-sample-except]").click()
    page.locator("[data-to-count]", has_text="2명").wait_for()

    assert page.locator(".chip.off").count() == 1 and dispatches(shop) == []


def test_groups_and_numbers_are_left_out_in_the_dialog(visit: Any, shop: Tenant) -> None:
    resting = factories.make_group(shop, "쉬는 반")
    factories.make_member(shop, "쉬는이", "01020004444", resting)
    page = visit("new/")
    page.get_by_role("checkbox", name="모든 회원").check()
    page.locator("[data-to-count]", has_text="4명").wait_for()
    page.locator("[data-dialog-open=who]").first.click()
    dialog = page.locator("#who")
    dialog.get_by_role("checkbox", name="쉬는 반").check()
    dialog.locator("#except-phones").fill("010-2000-1111")
    page.locator("[data-to-count]", has_text="2명").wait_for()
    dialog.get_by_role("button", name="다 골랐어요").click()

    assert page.locator("[data-except-others] > li").count() == 2
    page.locator("[data-except-others]").get_by_role("button", name="쉬는 반 다시 넣기").click()
    page.locator("[data-to-count]", has_text="3명").wait_for()
    assert not page.locator("[data-except-group]").first.is_checked()


def test_wrong_pasted_numbers_are_mended_where_they_are_named(visit: Any, shop: Tenant) -> None:
    page = visit("new/")
    page.locator(".more-to summary").click()
    page.fill("#phones", "010-1234-5678\n김민수 010-12\n아무말")
    page.fill("#text", "내일은 쉬어요.")
    page.locator("[data-to-count]", has_text="1명").wait_for()
    page.locator(".excluded summary").click()
    page.locator("[data-reason=bad_number]").click()
    page.locator("[data-fix-number]").first.fill("김민수 010-9999-5678")
    page.locator("[data-fix-number]").first.press("Enter")
    page.locator("[data-to-count]", has_text="2명").wait_for()
    page.locator(".excluded summary", has_text="1명은 빼고").wait_for()
    page.locator("li:has([data-fix-number=아무말]) [data-fix-drop]").click()
    page.locator(".excluded").wait_for(state="detached")

    assert page.locator("#phones").input_value() == "010-1234-5678\n김민수 010-9999-5678"


def test_unsendable_signs_are_mended_with_one_press(visit: Any, shop: Tenant) -> None:
    page = visit("new/")
    write(page, "내일 됬어요 😊")
    page.locator("[data-bad-fix]").click()

    assert page.locator("#text").input_value() == "내일 됐어요 ^^" and page.locator("[data-bad]").is_hidden()


def test_a_tab_closed_at_once_loses_nothing(visit: Any, shop: Tenant) -> None:
    page = visit("new/")
    write(page, "쓰다가 닫은 글")
    page.close(run_before_unload=True)

    again = visit("new/")
    for _ in range(20):  # the beacon arrives a moment after the tab is gone
        if again.locator("#text").input_value():
            break
        again.wait_for_timeout(100)
        again.reload()

    assert again.locator("#text").input_value() == "쓰다가 닫은 글"
    assert again.get_by_role("checkbox", name="초등부").is_checked()


def test_a_text_written_after_going_back_is_kept_and_sent(visit: Any, shop: Tenant) -> None:
    page = visit("new/")
    write(page)
    page.locator("#send-bar button", has_text="3명에게 보내기").click()
    page.locator("dialog[open] [data-send]").click(no_wait_after=True)
    page.wait_for_url(re.compile(r"/messages/\d+/$"))

    page.go_back()
    write(page, "뒤로 가서 쓴 글")
    page.locator(".saved", has_text="저장").wait_for()
    assert visit("new/").locator("#text").input_value() == "뒤로 가서 쓴 글"
    page.evaluate("document.querySelectorAll('dialog[open]').forEach(d => d.close())")
    page.locator("#send-bar button", has_text="3명에게 보내기").click()
    page.locator("dialog[open] [data-send]").click(no_wait_after=True)
    page.wait_for_url(re.compile(r"/messages/\d+/$"))

    assert {one.text for one in dispatches(shop)} == {"#{이름} 님, 내일은 쉬어요.", "뒤로 가서 쓴 글"}


@pytest.mark.parametrize("address", ["new/", "new/?new=1"])
def test_going_back_after_sending_shows_everybody_who_got_it(visit: Any, shop: Tenant, address: str) -> None:
    factories.make_member(shop, "따로온이", "01020004444")
    page = visit(address)
    write(page)
    page.fill("#title", "휴관")
    page.locator(".more-to summary").click()
    page.fill("#phones", "김민수 010-7777-0001\n010-7777-0002")
    page.locator("#people-q").press_sequentially("따로")
    page.locator("#people-found [role=option]", has_text="따로온이").click()
    page.locator("[data-dialog-open=who]").first.click()
    page.fill("#except-phones", "010-2000-1111")
    page.locator("#who").get_by_role("button", name="다 골랐어요").click()
    page.locator("#send-bar button", has_text="5명에게 보내기").click()
    page.locator("dialog[open] [data-send]").click(no_wait_after=True)
    page.wait_for_url(re.compile(r"/messages/\d+/$"))

    page.go_back()

    page.locator("#send-bar button", has_text="5명에게 보내기").wait_for()
    assert page.locator("#phones").is_visible() and page.locator("#title").input_value() == "휴관"
    assert page.locator("[data-chips] .chip", has_text="따로온이").count() == 1
    assert page.locator("[data-except-others] > li").count() == 1


def test_what_is_missing_is_said_before_sending(visit: Any, shop: Tenant) -> None:
    page = visit("new/")
    page.locator("#send-bar button").click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_text("받는 사람을 골라 주세요.").wait_for()

    assert dialog.locator("[data-send]").count() == 0 and dispatches(shop) == []


def test_no_sideways_scroll_on_a_small_phone(visit: Any, shop: Tenant) -> None:
    factories.make_group(shop, "주말 새벽 수영 특강 심화반 신청자와 보호자 모두")
    for path in ("new/", "", "search/", "aligo/", "senders/", "opt-outs/"):
        page = visit(path)
        page.set_viewport_size({"width": 320, "height": 640})
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, path
        page.close()
