"""One Chromium a module, on the test server; a page that breaks the policy or throws fails its test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Staff
from tests.conftest import sign_in

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WATCH = (
    "window.broken = []; document.addEventListener('securitypolicyviolation', e => broken.push(e.effectiveDirective));"
)
WATCH_ERRORS = WATCH + "addEventListener('error', e => broken.push(e.message))"
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "locale": "ko-KR", "timezone_id": "Asia/Seoul"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if not CHROMIUM:
        pytest.skip("no Chromium here")
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread; Django would take every query here for one of async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--disable-sync"])
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@contextmanager
def signed_in_context(
    browser: Any, live_server: Any, staff: Staff, *, watch: str = WATCH, timeout: int = 10_000, **options: Any
) -> Iterator[Any]:
    """A browser's window with this person's log-in, for tests that open their pages themselves."""
    with browser.new_context(**options) as context:
        context.set_default_timeout(timeout)
        context.add_init_script(watch)
        session = sign_in(staff).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        try:
            yield context
        finally:
            for page in context.pages:
                page.goto("about:blank")  # nothing may ask the server once the test's database is gone


@contextmanager
def signed_in(browser: Any, live_server: Any, staff: Staff, **options: Any) -> Iterator[Any]:
    """A page with this person's log-in, closed whatever happens; `window.broken` is what it did wrong."""
    with signed_in_context(browser, live_server, staff, **options) as context:
        yield context.new_page()
