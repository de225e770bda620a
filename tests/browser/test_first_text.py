"""The main job in a real browser, on a phone: sign up, bring the spreadsheet, write, send, see it delivered."""

import re
from pathlib import Path
from typing import Any

import pytest
from django_scopes import scope, scopes_disabled

from accounts.models import Staff, Tenant
from members.models import Import, Member
from members.services import import_run
from messaging.models import Message
from tests import factories
from tests.browser.conftest import AXE, PHONE, WATCH, signed_in
from tests.messaging import driving

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def roster(folder: Path) -> Path:
    """A shop's own CSV as Excel saves it here: CP949, a lost zero, a date that does not exist."""
    rows = ["회원명,휴대폰번호,생년월일,반", "김하늘,010-2000-1111,1999-03-01,초등부", "이서준,1020002222,,초등부"]
    rows += ["박은서,010-2000-0000,,초등부", "최지우,010-2000-4444,2026-02-30,초등부"]
    path = folder / "명단.csv"
    path.write_bytes("\r\n".join(rows).encode("cp949"))
    return path


def work(tenant: Tenant) -> None:
    """What the workers would do by now."""
    with scope(tenant=tenant):
        for row in Import.objects.filter(state__in=["reading", "applying"]):
            run = import_run.read_import if row.state == "reading" else import_run.apply_import
            run(tenant=tenant, pk=row.pk)
    driving.run_pipeline(tenant)
    driving.results_due(tenant)
    driving.run_pipeline(tenant)


def test_from_sign_up_to_delivered(browser: Any, live_server: Any, aligo_sandbox: Any, settings: Any, tmp_path: Path):
    settings.ALIGO_SANDBOX_URL = aligo_sandbox.url
    aligo_sandbox.switch(result_seconds=0, trust_sandbox_accounts=True)
    context = browser.new_context(**PHONE)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.set_default_timeout(10_000)

    page.goto(f"{live_server.url}/accounts/signup/")
    page.fill("input[name=business]", "새봄 요가")
    page.fill("input[name=email]", "owner@example.com")
    page.fill("input[name=password1]", "saebom yoga 9")
    page.check("input[name=agree]")
    page.get_by_role("button", name="가입하고 시작하기").click()
    page.wait_for_url(re.compile(r"/t/[\w-]+/$"))
    with scopes_disabled():
        tenant = Tenant.objects.get()
    base = page.url

    page.goto(f"{base}messages/senders/")
    page.fill("input[name=number]", "02-3789-0123")
    page.get_by_role("button", name="번호 넣기").click()
    page.locator(".sender-list", has_text="02-3789-0123").wait_for()

    page.goto(f"{base}members/imports/")
    page.set_input_files("input[type=file]", roster(tmp_path))
    page.get_by_role("button", name="올리고 확인하기").click()
    page.wait_for_url(re.compile(r"/imports/\d+/$"))
    work(tenant)
    page.get_by_role("button", name="3명 저장하기").click()
    work(tenant)
    page.goto(f"{base}members/")
    page.locator("#results", has_text="이서준").wait_for()

    page.goto(f"{base}messages/new/")
    page.get_by_role("checkbox", name="초등부").check()
    page.fill("#text", "#{이름}님, 내일은 쉬어요.")
    page.locator("#send-bar button", has_text="3명에게 보내기").click()
    page.locator("dialog[open] [data-send]").click()
    page.wait_for_url(re.compile(r"/messages/\d+/$"))
    work(tenant)
    page.locator("#progress", has_text="모두 끝났어요").wait_for()
    page.locator("#messages .badge", has_text="실패").wait_for()
    shown = page.locator("#messages").inner_text()
    broken = page.evaluate("window.broken")
    page.goto("about:blank")
    context.close()

    assert shown.count("발송 완료") >= 2 and "실패" in shown
    assert broken == []
    with scope(tenant=tenant):
        assert Member.objects.count() == 3
        assert sorted(Message.objects.values_list("phone", "state")) == [
            ("01020000000", "failed"),
            ("01020001111", "delivered"),
            ("01020002222", "delivered"),
        ]
        assert "김하늘님, 내일은 쉬어요." in set(Message.objects.values_list("text", flat=True))


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed (make run installs it)")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_main_pages_have_no_accessibility_findings(
    browser: Any, live_server: Any, tenant: Tenant, owner: Staff, scheme: str
) -> None:
    group = factories.make_group(tenant, "초등부")
    for n in range(5):
        factories.make_member(tenant, f"김하늘{n}", "", group, memo="긴 메모 " * 20)
    options = {"viewport": {"width": 390, "height": 844}, "color_scheme": scheme, "locale": "ko-KR"}
    found = []

    with signed_in(browser, live_server, owner, timeout=30_000, **options) as page:
        for path in ("", "members/", "members/groups/", "members/imports/", "messages/", "messages/new/", "settings/"):
            page.goto(f"{live_server.url}/t/hanbit/{path}")
            found += [(path, rule) for rule in page.evaluate("window.broken")]
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                found.append((path, f"scrolls sideways by {wide}"))
            page.evaluate(AXE.read_text())
            found += [(path, v) for v in page.evaluate("axe.run().then(r => r.violations.map(v => v.id))")]

    assert found == []
