"""The preview of an import in a real browser: answer what is asked on a phone, lose nothing by a hasty save."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django_scopes import scope

from accounts.models import Staff, Tenant
from members.models import Import, Member
from members.services.import_run import apply_import, read_import
from members.services.imports import start_import
from tests.browser.conftest import signed_in
from tests.members.test_sheets import xlsx

PHONE = {"width": 390, "height": 844}
ROWS = [
    ["이름", "휴대폰", "생일"],
    ["김민수", "010-1234-5678", "03/04/05"],
    ["이서연", "1.01E+10", "2001-02-03"],
]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Any, live_server: Any, owner: Staff) -> Iterator[Any]:
    wrong: list[str] = []
    with signed_in(browser, live_server, owner, viewport=PHONE, locale="ko-KR") as opened:
        opened.on("pageerror", lambda error: wrong.append(str(error)) if "Transition" not in str(error) else None)
        yield opened
    assert wrong == []


def test_preview_fits_a_phone_with_long_names_and_titles(page: Any, live_server: Any, tenant: Tenant) -> None:
    name, title = "김수한무거북이와두루미" * 3, "회원이나보호자가받을수있는휴대폰" * 2
    rows = [["이름", title, "생일"], [name, "010-12", "1990-01-02"], [name, "010-2345-6789", "1990-02-30"]]
    with scope(tenant=tenant):
        row = start_import(tenant=tenant, by=None, file=ContentFile(xlsx(("명단", rows)), name="명단.xlsx"))
        read_import(tenant=tenant, pk=row.pk)

        page.goto(f"{live_server.url}/t/hanbit/members/imports/{row.pk}/")

        page.locator(".repair .errors-table").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_preview_shows_on_a_phone_what_comes_along(page: Any, live_server: Any, tenant: Tenant) -> None:
    rows = [["이름", "휴대폰", "어머니 연락처", "태그"], ["김민수", "010-1234-5678", "010-3333-7788", "셔틀"]]
    with scope(tenant=tenant):
        row = start_import(tenant=tenant, by=None, file=ContentFile(xlsx(("명단", rows)), name="명단.xlsx"))
        read_import(tenant=tenant, pk=row.pk)

        page.goto(f"{live_server.url}/t/hanbit/members/imports/{row.pk}/")

        page.locator("td.more", has_text="010-3333-7788").wait_for()
        assert page.locator("td.more").inner_text().count("셔틀") == 1
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_preview_asks_before_it_saves_without_what_was_typed(page: Any, live_server: Any, tenant: Tenant) -> None:
    with scope(tenant=tenant):
        row = start_import(tenant=tenant, by=None, file=ContentFile(xlsx(("명단", ROWS)), name="명단.xlsx"))
        read_import(tenant=tenant, pk=row.pk)
        page.goto(f"{live_server.url}/t/hanbit/members/imports/{row.pk}/")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]

        page.get_by_label("3번째 줄 휴대폰").fill("010-2345-6789")
        page.locator("label", has_text="일/월/년").click()
        # No one can be saved yet, so there is nothing to press in haste.
        assert page.locator("[data-apply] button").count() == 0
        page.get_by_role("button", name="고친 대로 다시 읽기").click()
        page.wait_for_selector("text=파일을 읽고 있어요")
        read_import(tenant=tenant, pk=row.pk)

        page.get_by_role("button", name="2명 저장하기").wait_for()
        page.locator(".repaired input.input").fill("010-9999-8888")
        page.get_by_role("button", name="2명 저장하기").click()
        page.get_by_text("아직 다시 읽지 않은 내용이 있어요").wait_for()
        page.keyboard.press("Escape")
        assert Import.objects.get().state == "preview"

        page.get_by_role("button", name="2명 저장하기").click()
        page.get_by_role("button", name="계속하기").click()
        page.wait_for_selector("text=저장하고 있어요")
        apply_import(tenant=tenant, pk=row.pk)
        page.wait_for_selector("text=명단을 저장했어요")
        assert sorted(Member.objects.values_list("phone", flat=True)) == ["01012345678", "01023456789"]
        assert str(Member.objects.get(name="김민수").birth_date) == "2005-04-03"
