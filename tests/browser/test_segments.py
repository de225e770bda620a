"""The builder of segments on a slow line: what is chosen is never overtaken by the count beside it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django_scopes import scope

from accounts.models import Staff, Tag, Tenant
from members.models import Field, Segment
from tests import factories
from tests.browser.conftest import PHONE, WATCH_ERRORS, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SLOW = {"offline": False, "latency": 700, "downloadThroughput": -1, "uploadThroughput": -1}


@pytest.fixture
def page(browser: Any, live_server: Any, tenant: Tenant, owner: Staff) -> Iterator[Any]:
    with scope(tenant=tenant):
        group = factories.make_group(tenant, "초등부")
        Field.objects.create(tenant=tenant, name="셔틀", kind="yes_no")
        Tag.objects.create(tenant=tenant, name="단골")
        for n in range(3):
            factories.make_member(tenant, f"김하늘{n}", "", group, fields={"셔틀": "예" if n else "아니오"})
    with signed_in(browser, live_server, owner, watch=WATCH_ERRORS, **PHONE) as page:
        page.goto(f"{live_server.url}/t/hanbit/members/segments/add/")
        page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
        yield page


def choose(page: Any, field: str, op: str) -> None:
    page.locator("select[name$='.field']").last.select_option(label=field)
    page.locator("select[name$='.op']").nth(page.locator("select[name$='.field']").count() - 1).select_option(label=op)


def test_the_keyboard_stays_where_it_was(page: Any) -> None:
    field = page.locator("select[name$='.field']").first
    field.focus()
    field.select_option(label="그룹")
    page.locator("select[name$='.op']").first.wait_for()

    assert page.evaluate("document.activeElement.name").endswith(".field")


def test_a_segment_is_built_on_a_slow_line(page: Any, tenant: Tenant) -> None:
    page.get_by_label("이름", exact=True).fill("셔틀 타는 초등부")
    choose(page, "그룹", "가운데 하나라도 있음")
    page.get_by_label("초등부", exact=True).check()
    page.get_by_role("button", name="조건 넣기").click()  # at once: the count of the tick above is still to come
    page.locator("select[name$='.field']").nth(1).wait_for()
    choose(page, "셔틀", "가운데 하나")
    page.get_by_label("예", exact=True).check()

    page.locator("#found", has_text="2명").wait_for()
    page.get_by_role("button", name="저장하기").last.click()
    page.wait_for_url("**/segments/*/")

    with scope(tenant=tenant):
        (segment,) = Segment.objects.all()
        assert (segment.name, segment.member_count) == ("셔틀 타는 초등부", 2)
    assert page.evaluate("window.broken") == []
