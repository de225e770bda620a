"""The list of exports in a real browser: a file that gets ready shows its link by itself."""

from collections.abc import Iterator
from typing import Any

import pytest
from django_scopes import scope

from accounts import exports
from accounts.models import Export, Staff, Tenant
from tests import factories
from tests.browser.conftest import signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Any, live_server: Any, owner: Staff) -> Iterator[Any]:
    with signed_in(browser, live_server, owner, timeout=30_000, locale="ko-KR", timezone_id="Asia/Seoul") as page:
        yield page


def test_link_appears_when_the_file_is_ready(page: Any, live_server: Any, tenant: Tenant, owner: Staff) -> None:
    with scope(tenant=tenant):
        factories.make_member(tenant, "김민준", "01011112222")
        row = Export.objects.create(tenant=tenant, by=owner.user, kind="members", params={}, reason="세무 신고")
    page.goto(f"{live_server.url}/t/hanbit/settings/exports/")
    page.get_by_text("만드는 중").wait_for()

    with scope(tenant=tenant):
        assert exports.make(tenant=tenant, export=row.pk)

    page.get_by_role("link", name="내려받기").wait_for(timeout=10_000)
    page.wait_for_timeout(3_500)
    assert page.get_by_text("완료").count() == 1
