"""손님 앞 화면: neither the switch nor the way back shows a customer what was on the screen before."""

from typing import Any

import pytest

from accounts.models import Staff, Tenant
from tests import factories
from tests.browser.conftest import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_back_shows_no_number(browser: Any, live_server: Any, tenant: Tenant, owner: Staff) -> None:
    member = factories.make_member(tenant, "김하늘", "01098765678")
    with signed_in(browser, live_server, owner, locale="ko-KR", timezone_id="Asia/Seoul") as page:
        page.goto(f"{live_server.url}/t/hanbit/members/{member.pk}/")
        assert "010-9876-5678" in page.content()
        page.get_by_role("button", name="손님 앞 화면").click()
        page.locator(".facing-bar").wait_for()
        page.go_back()
        page.locator(".facing-bar").wait_for()

        assert "010-9876-5678" not in page.content()
