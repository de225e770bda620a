"""The page counts while one types; it must count as the server does, character by character."""

import shutil

import pytest
from django.conf import settings

from messaging import text

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SAMPLES = ["", "가a", "가\n나\r\n다", "됬 뷁 똠", "😀👨‍👩‍👧 é ①②", "₩1,000 “따옴표” …–", "🇰🇷 1️⃣ ❤️ 👍🏽", "A" * 90 + "가"]

pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="no Chromium here")]


@pytest.fixture(scope="module")
def page():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.add_script_tag(path=settings.BASE_DIR / "static/js/compose.js")
        yield page
        browser.close()


def test_measure_knows_the_characters_the_server_knows(page):
    ours = page.evaluate(
        """() => { const out = []; for (let i = 0; i < 0x30000; i++) {
            if ((i < 0xd800 || i > 0xdfff) && !measure(String.fromCodePoint(i)).bad.length) out.push(i); }
            return out; }"""
    )
    theirs = [point for first, last in text.sendable_ranges() for point in range(first, last + 1)]
    assert ours == theirs


@pytest.mark.parametrize("sample", SAMPLES)
def test_measure_counts_and_names_as_the_server_does(page, sample):
    assert page.evaluate("t => measure(t).size", sample) == text.byte_length(sample)
    assert page.evaluate("t => unsendable(t)", sample) == text.unsendable(sample)


@pytest.mark.parametrize(
    "sign", ["됬", "뷁", "é", "😀", "👨‍👩‍👧", "❤️", "🇰🇷", "–", "\u00a0", "“", "ﬁ", "1️⃣", "ả", "中", "𠮷"]
)
def test_remedy_offers_what_the_server_offers(page, sign):
    assert page.evaluate("([s, t]) => remedy(s, t)", [sign, dict(text.REPLACEMENTS)]) == text.replacement(sign)
