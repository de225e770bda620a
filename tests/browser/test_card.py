"""The card and what stands around it: usable by everybody, and half-typed notes stay while others are worked on."""

from collections.abc import Iterator
from typing import Any

import pytest
from django_scopes import scope

from accounts.models import Staff, Tenant
from members.models import Field, Member
from members.services import notes
from tests import factories
from tests.browser.conftest import AXE, PHONE, WATCH_ERRORS, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def member(tenant: Tenant, owner: Staff) -> Member:
    group = factories.make_group(tenant, "초등부")
    member = factories.make_member(tenant, "김하늘", "01098765678", group, memo="무릎", fields={"반": "3반"})
    factories.make_member(tenant, "문의한사람", "01011112222", stage="inquiry", source="블로그")
    with scope(tenant=tenant):
        Field.objects.create(tenant=tenant, name="반")
        Field.objects.create(tenant=tenant, name="요일", kind="choice", choices=["월", "수"])
        Field.objects.create(tenant=tenant, name="계약서", kind="file")
        who: dict[str, Any] = {"tenant": tenant, "by": owner.user, "member": member}
        notes.add(**who, text="처음 메모")
        notes.log_call(**who, direction="in", text="문의 전화")
    return member


@pytest.fixture
def page(browser: Any, live_server: Any, owner: Staff, member: Member) -> Iterator[Any]:
    with signed_in(browser, live_server, owner, watch=WATCH_ERRORS, **PHONE) as page:
        page.base = f"{live_server.url}/t/hanbit/members/"
        yield page


def found(page: Any) -> list[str]:
    page.evaluate(AXE.read_text())
    wrong = page.evaluate("axe.run().then(r => r.violations.map(v => v.id + ' ' + v.nodes[0].html.slice(0, 150)))")
    return [*wrong, *page.evaluate("window.broken")]


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed (make run installs it)")
def test_pages_around_a_member_have_no_accessibility_findings(page: Any, member: Member) -> None:
    wrong = []
    for path in (f"{member.pk}/edit/", "add/", "fields/", "prospects/", "presets/"):
        page.goto(page.base + path)
        wrong += [(path, one) for one in found(page)]

    page.goto(f"{page.base}{member.pk}/")
    page.locator(".event", has_text="문의 전화").wait_for()
    wrong += [("card", one) for one in found(page)]
    page.locator(".event", has_text="문의 전화").locator("details.menu > summary").click()
    page.locator(".event", has_text="문의 전화").get_by_role("link", name="고치기").click()
    page.locator("dialog[open] #edit_text").wait_for()
    wrong += [("note dialog", one) for one in found(page)]

    assert wrong == []


def test_notes_are_mended_one_after_the_other(page: Any, member: Member) -> None:
    page.goto(f"{page.base}{member.pk}/")
    for old, new in (("처음 메모", "고친 메모"), ("문의 전화", "다시 온 전화")):
        row = page.locator(".event", has_text=old)
        row.locator("details.menu > summary").click()
        row.get_by_role("link", name="고치기").click()
        page.fill("dialog[open] #edit_text", new)
        page.locator("dialog[open]").get_by_role("button", name="저장하기").click()
        page.locator(".event", has_text=new).wait_for()

    assert page.locator("dialog[open]").count() == 0
    assert page.evaluate("window.broken") == []


def test_a_half_typed_note_stays_while_another_is_pinned(page: Any, member: Member) -> None:
    page.goto(f"{page.base}{member.pk}/")
    row = page.locator(".event", has_text="처음 메모")
    row.wait_for()
    page.fill("#composer textarea", "아직 쓰는 중")

    row.locator("details.menu > summary").click()
    row.get_by_role("button", name="맨 위에 두기").click()
    page.locator("#pinned", has_text="처음 메모").wait_for()
    page.locator("#pinned").get_by_role("button", name="맨 위에서 내리기").click()
    page.locator("#pinned", has_text="처음 메모").wait_for(state="detached")

    assert page.input_value("#composer textarea") == "아직 쓰는 중"
    assert page.evaluate("window.broken") == []
