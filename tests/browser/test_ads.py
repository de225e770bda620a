"""An ad in a real browser: written with its blocks in sight, refused by the link in the text, and never sent again."""

from typing import Any

import pytest
from django_scopes import scope

from accounts.enums import Role
from accounts.models import Tenant
from messaging.models import Dispatch, Message, OptOut
from tests import factories
from tests.browser.conftest import AXE, PHONE, signed_in
from tests.browser.test_first_text import work
from tests.messaging.conftest import clock  # noqa: F401  (a fixture)
from ui import times

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(live_server: Any, aligo_sandbox: Any, settings: Any, clock: Any) -> Tenant:  # noqa: F811
    """In practice, by day, with two members who agreed to ads and one who did not."""
    settings.ALIGO_SANDBOX_URL, settings.SITE_URL = aligo_sandbox.url, live_server.url
    aligo_sandbox.switch(result_seconds=0, trust_sandbox_accounts=True)
    clock("12:00")
    tenant = factories.make_tenant(name="한빛체육관", slug="hanbit")
    since = times.now()
    with scope(tenant=tenant):
        factories.make_sender(tenant)
        for name, phone in (("김하늘", "01020001111"), ("이서준", "01020002222")):
            factories.make_member(tenant, name, phone, ad_consent_at=since)
        factories.make_member(tenant, "박은서", "01020003333")
    return tenant


@pytest.fixture
def staff_page(browser: Any, live_server: Any, shop: Tenant) -> Any:
    with signed_in(browser, live_server, factories.make_staff(shop, Role.OWNER), **PHONE) as page:
        yield page
        broken = page.evaluate("broken")
    assert broken == []


def write(page: Any, base: str, text: str) -> None:
    """An ad to everybody, up to the last question."""
    page.goto(f"{base}messages/new/?new=1")
    page.check("input[name=all]", force=True)
    page.fill("#text", text)
    page.check("#ad", force=True)


def send(page: Any, shop: Tenant) -> None:
    page.locator(".send-bar .btn").click()
    page.locator("#send-now [data-send]").click()
    page.wait_for_url("**/messages/*/")
    work(shop)


def sent_to(shop: Tenant) -> list[str]:
    """Whom the newest dispatch went to."""
    with scope(tenant=shop):
        return sorted(Message.objects.filter(dispatch=Dispatch.objects.latest("pk")).values_list("name", flat=True))


def test_ad9_an_ad_is_refused_by_its_link_and_the_next_leaves_that_person_out(
    browser: Any, live_server: Any, shop: Tenant, staff_page: Any
) -> None:
    page, base = staff_page, f"{live_server.url}/t/hanbit/"
    page.goto(f"{base}messages/new/?new=1")
    assert not page.locator("[data-ad-part]").first.is_visible()

    write(page, base, " (광고) #{이름}님, 겨울 할인 20%")
    page.locator("#quote", has_text="동의한 기록이 없는 1명은 빠져요").wait_for()
    bubble = page.locator("[data-bubble]").inner_text()
    assert bubble == f"(광고)한빛체육관\n김하늘님, 겨울 할인 20%\n무료수신거부 {live_server.url}/u/xxxxxxxx"
    longest = page.locator("#quote dd", has_text="바이트").inner_text()
    assert longest == page.locator("[data-bytes]").inner_text() + "바이트"  # the page counts as the server does
    page.fill("#title", "할인")
    assert page.locator("[data-title-bytes]").inner_text() == "10"
    page.fill("#title", "")
    send(page, shop)
    assert sent_to(shop) == ["김하늘", "이서준"]

    with scope(tenant=shop):
        thread = Message.objects.get(phone="01020001111").pk
    page.goto(f"{base}messages/practice/{thread}/")
    link = page.locator(".bubble a").get_attribute("href")

    stranger = browser.new_context(**PHONE, java_script_enabled=False)  # no log-in, no cookie, no script
    phone = stranger.new_page()
    phone.goto(link)
    assert "한빛체육관" in phone.locator("h1").inner_text() and "010-20••-1111" in phone.content()
    with scope(tenant=shop):
        assert not OptOut.objects.exists()
    phone.get_by_role("button", name="광고 문자 그만 받기").click()
    assert "더 보내지 않아요" in phone.locator("h1").inner_text()
    with scope(tenant=shop):
        assert list(OptOut.objects.values_list("phone", "scope", "source")) == [("01020001111", "ads", "link")]
    stranger.close()

    write(page, base, "새 상품이 왔어요")
    page.locator("#quote", has_text="1명에게 보내기").wait_for()
    send(page, shop)
    assert sent_to(shop) == ["이서준"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: run tools/assets.py")
def test_ad_pages_have_no_barrier(browser: Any, live_server: Any, shop: Tenant, theme: str) -> None:
    from messaging.services import optouts

    with scope(tenant=shop):
        code = optouts.codes_for(tenant=shop, phones=["01020001111"])["01020001111"]
    context = browser.new_context(**PHONE, color_scheme=theme)
    page = context.new_page()
    for path in (code, "zzzzzzzz"):
        page.goto(f"{live_server.url}/u/{path}")
        assert page.evaluate("document.documentElement.scrollWidth <= 390")
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
        assert [(one["id"], one["nodes"][0]["target"]) for one in found] == []
    page.goto("about:blank")
    context.close()
