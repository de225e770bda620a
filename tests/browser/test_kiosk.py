"""A tablet for check-in in a real browser: fingers, a scanner, a server that is away for a while."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django_scopes import scope

from accounts.models import Tenant
from members import codes
from members.models import Attendance, Member
from members.services import kiosks
from tests import factories
from ui import times

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = [(1024, 768), (768, 1024), (390, 844), (844, 390)]


@pytest.fixture
def address(live_server: Any, tenant: Tenant) -> str:
    with scope(tenant=tenant):
        return f"{live_server.url}/k/{kiosks.create(tenant=tenant, by=None, name='입구')[1]}/"


@pytest.fixture
def member(tenant: Tenant) -> Member:
    member = factories.make_member(tenant, "김민준", "01012345678")
    factories.make_pass(tenant, member, sessions=12)
    return member


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1024, "height": 768}, locale="ko-KR")
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None)
    yield opened
    context.close()
    assert wrong == []


def visits(tenant: Tenant) -> int:
    with scope(tenant=tenant):
        return Attendance.objects.count()


def test_fingers(page: Any, address: str, member: Member) -> None:
    page.goto(address)
    for digit in "5678":
        page.locator(f"[data-key='{digit}']").click()
    person = page.locator(".kiosk-person")
    person.wait_for()
    assert person.inner_text().split() == ["김○준", "12••-5678"]
    person.click()
    page.locator(".answer h1:has-text('반가워요')").wait_for()
    assert page.locator("[data-sub]").inner_text() == "11회 남았어요."
    page.locator(".keypad").wait_for()  # by itself
    assert page.locator("[data-say]").inner_text() == "" and visits(member.tenant) == 1


def test_a_scanner_types_the_code_and_enter(page: Any, address: str, member: Member) -> None:
    page.goto(address)
    page.keyboard.type(codes.code_of(member.tenant_id, member.pk), delay=5)
    page.keyboard.press("Enter")
    page.locator(".answer h1:has-text('반가워요')").wait_for()
    assert visits(member.tenant) == 1


def test_a_lost_answer_is_sent_again_and_is_one_visit(page: Any, address: str, member: Member) -> None:
    page.goto(address)
    lost = []

    def lose(route: Any) -> None:
        if not lost:
            lost.append(route.fetch().status)  # the server did it, the tablet never hears
            route.abort()
        else:
            route.continue_()

    page.route("**/in/", lose)
    page.keyboard.type(codes.code_of(member.tenant_id, member.pk), delay=5)
    page.keyboard.press("Enter")
    page.locator("[data-offline]:not([hidden])").wait_for()
    page.locator(".answer h1:has-text('이미 출석')").wait_for()
    assert lost == [200] and visits(member.tenant) == 1
    assert page.locator("[data-offline]").is_hidden()


def test_a_second_session_of_a_day_is_used_by_who_says_so(page: Any, address: str, member: Member) -> None:
    code = codes.code_of(member.tenant_id, member.pk)
    page.goto(address)
    page.keyboard.type(code, delay=5)
    page.keyboard.press("Enter")
    page.locator(".answer h1:has-text('반가워요')").wait_for()
    with scope(tenant=member.tenant):
        Attendance.objects.update(at=times.now() - timedelta(hours=1))
    page.keyboard.type(code, delay=5)
    page.keyboard.press("Enter")
    page.locator("h1:has-text('한 번 더 쓸까요')").wait_for()
    assert visits(member.tenant) == 1
    page.locator("[data-sure]").click()
    page.locator("[data-sub]:has-text('10회 남았어요')").wait_for()
    assert visits(member.tenant) == 2


def test_a_camera_that_is_refused_is_explained(page: Any, address: str) -> None:
    page.goto(address)
    page.locator("[data-camera]").click()
    page.locator("[data-hint]:has-text('카메라를 쓸 수 없어요')").wait_for()


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_fits_every_way_it_is_held(page: Any, address: str, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    page.goto(address)
    page.locator(".keypad").wait_for()
    keys = page.locator(".keypad button")
    boxes = [keys.nth(n).bounding_box() for n in range(12)]

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert all(box["width"] >= 38 and box["height"] >= 38 and box["x"] + box["width"] <= width for box in boxes)
    assert boxes[-1]["y"] + boxes[-1]["height"] <= height + 1
