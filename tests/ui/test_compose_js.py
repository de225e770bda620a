"""The page counts while one types; it must count as the server does, character by character."""

import pytest
from django.conf import settings

from messaging import text

SAMPLES = ["", "가a", "가\n나\r\n다", "됬 뷁 똠", "😀👨‍👩‍👧 é ①②", "₩1,000 “따옴표” …–", "🇰🇷 1️⃣ ❤️ 👍🏽", "A" * 90 + "가"]
SAMPLE_PEOPLE = """[{"label": "김하늘", "fields": {"이름": "김하늘", "반": ""}},
    {"label": "이서준", "fields": {"이름": "이서준", "반": "새벽반"}}]"""
FORM = (
    f"<form data-compose data-samples='{SAMPLE_PEOPLE}' "
    """data-fields='["이름", "반"]'
    data-replacements='{"됬": "됐"}' data-ad-head="(광고) " data-ad-foot="&#10;거부 080">
    <textarea data-text></textarea><input data-title><input type="checkbox" data-ad><b data-kind></b><b data-bytes></b>
    <div data-bubble></div><b data-sample-name></b><button type="button" data-sample="next"></button>
    <button type="button" data-insert="#{이름}">이름</button><div data-bad hidden><div data-bad-list></div></div>
    <div data-unknown hidden><b data-unknown-list></b></div></form>"""
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page()
    page.set_content(FORM)
    page.add_script_tag(path=settings.BASE_DIR / "static/js/compose.js")
    yield page
    page.close()


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


@pytest.mark.parametrize("body", ["₩5,000 / ₩", "₩ 5,000, ₩3만", "₩12,000원 됬어요", "₩1.5만 –"])
def test_mend_changes_what_the_server_changes(page, body):
    mended = page.evaluate("([b, t]) => mend(b, unsendable(b), t)", [body, dict(text.REPLACEMENTS)])
    assert mended == text.replace_unsendable(body)[0]


def shown(page, body):
    page.fill("[data-text]", body)
    return page.evaluate("() => document.querySelector('[data-bubble]').textContent")


def test_preview_fills_merge_fields_from_the_member_shown(page):
    assert shown(page, "#{이름}님 #{반|전체반}") == "김하늘님 전체반"
    page.locator("[data-sample=next]").click()
    assert shown(page, "#{이름}님 #{반|전체반}") == "이서준님 새벽반"
    page.locator("[data-sample=next]").click()


def test_preview_marks_what_goes_out_blank_and_shows_no_field(page):
    assert shown(page, "#{이름}님 #{반}에서 만나요#{반|}") == "김하늘님 에서 만나요"
    assert page.locator("[data-bubble] .tok-gap").count() == 1
    page.evaluate("() => document.querySelector('form').dataset.samples = '[]'")
    page.wait_for_function("document.querySelector('[data-bubble]').textContent.startsWith('#{이름}님 #{반}')")
    page.evaluate("s => document.querySelector('form').dataset.samples = s", SAMPLE_PEOPLE)
    page.wait_for_function("document.querySelector('[data-bubble]').textContent.startsWith('김하늘')")


def test_counter_turns_long_after_ninety_bytes_and_with_a_title(page):
    shown(page, "가" * 45)
    assert page.inner_text("[data-kind]") == "SMS"
    shown(page, "가" * 45 + "a")
    assert (page.inner_text("[data-kind]"), page.inner_text("[data-bytes]")) == ("LMS", "91")
    shown(page, "가")
    page.fill("[data-title]", "제목")
    assert page.inner_text("[data-kind]") == "LMS"
    page.fill("[data-title]", "")


def test_counter_counts_what_an_ad_carries(page):
    shown(page, "세일")
    page.check("[data-ad]")
    assert page.inner_text("[data-bytes]") == str(text.byte_length("(광고) 세일\n거부 080"))
    page.uncheck("[data-ad]")


def test_bad_character_is_named_and_one_press_mends_it(page):
    shown(page, "오시면 됬고요")
    assert page.locator("[data-bad] [data-swap]").all_inner_texts() == ["됬→됐"]
    page.locator("[data-swap]").click()
    assert page.input_value("[data-text]") == "오시면 됐고요"
    assert page.locator("[data-bad]").get_attribute("hidden") is not None


def test_bad_character_of_the_title_says_where_it_is(page):
    shown(page, "됬")
    page.fill("[data-title]", "🎉")
    assert page.locator("[data-bad] [data-swap]").all_inner_texts() == ["제목🎉→빼기", "됬→됐"]
    page.fill("[data-title]", "")


def test_unknown_field_is_named(page):
    shown(page, "#{이름} #{없는것|몰라}")
    assert page.inner_text("[data-unknown-list]") == "#{없는것|몰라}"


def test_insert_puts_the_field_at_the_cursor(page):
    page.fill("[data-text]", "앞뒤")
    page.evaluate("() => document.querySelector('[data-text]').setSelectionRange(1, 1)")
    page.locator("[data-insert]").click()
    assert page.input_value("[data-text]") == "앞#{이름}뒤"
