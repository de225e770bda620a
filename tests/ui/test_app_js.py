"""What the pages' one script promises: rows are picked as in a mail client, a form leaves once, danger asks first."""

import pytest
from django.conf import settings
from django.template.loader import render_to_string

ROWS = "".join(f'<tr><td><input class="check" type="checkbox" name="id" value="{n}"></td></tr>' for n in range(6))
PAGE = f"""<body><div id="toasts"></div>{render_to_string("components/confirm.html")}
<form class="select-form" action="/rows"><input type="hidden" name="scope" value="page">
  <div data-total="20000"></div><button type="button" id="all" data-select-scope="all">모두</button>
  <b data-selected-count></b><table><thead><tr><th><input type="checkbox" data-check-all></th></tr></thead>
  <tbody>{ROWS}</tbody></table></form>
<form id="once" method="post" action="/once" data-once><input name="key" data-once-key><button>보내기</button></form>
<form id="risky" method="post" action="/risky" data-confirm="지울까요?">
  <button name="go" value="1">지우기</button></form>
<button id="open" data-dialog-open="box">열기</button>
<dialog class="dialog" id="box"><button data-dialog-close>닫기</button></dialog></body>"""

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browser):
    page = browser.new_page()
    page.posted = []

    def answer(route):
        if route.request.method == "POST":
            page.posted.append((route.request.url, route.request.post_data))
            return route.fulfill(status=204)  # the page stays where it is
        return route.fulfill(body=PAGE, content_type="text/html; charset=utf-8")

    page.route("**/*", answer)
    page.goto("http://127.0.0.1/")
    page.add_script_tag(path=settings.BASE_DIR / "static/js/app.js")
    yield page
    page.close()


def picked(page):
    return [box.get_attribute("value") for box in page.locator("tbody .check:checked").all()]


def test_shift_picks_a_range_and_counts_it(page):
    page.locator("tbody .check").nth(1).click()
    page.locator("tbody .check").nth(4).click(modifiers=["Shift"])
    assert picked(page) == ["1", "2", "3", "4"]
    assert page.inner_text("[data-selected-count]") == "4"


def test_everyone_is_a_scope_that_ends_with_the_first_row_taken_out(page):
    page.check("[data-check-all]")
    page.click("#all")
    assert (page.input_value("[name=scope]"), page.inner_text("[data-selected-count]")) == ("all", "20,000")
    page.locator("tbody .check").nth(2).click()
    assert (page.input_value("[name=scope]"), page.inner_text("[data-selected-count]")) == ("page", "5")


def test_escape_lets_go_of_all_rows(page):
    page.evaluate("() => document.querySelector('#all').setAttribute('data-select-scope', 'none')")
    page.check("[data-check-all]")
    page.keyboard.press("Escape")
    assert picked(page) == []


def test_form_with_once_leaves_once_and_with_a_key(page):
    page.evaluate("() => { const f = document.querySelector('#once'); f.requestSubmit(); f.requestSubmit(); }")
    page.wait_for_timeout(150)
    assert len(page.posted) == 1
    assert len(page.posted[0][1].removeprefix("key=")) == 32


def test_risky_form_asks_and_no_means_no(page):
    page.click("#risky button")
    assert page.inner_text("#confirm-text") == "지울까요?"
    page.click("#confirm button[value=no]")
    page.wait_for_timeout(100)
    assert page.posted == []


def test_risky_form_goes_after_yes_with_its_button(page):
    page.click("#risky button")
    page.click("[data-confirm-yes]")
    page.wait_for_timeout(150)
    assert page.posted == [("http://127.0.0.1/risky", "go=1")]


def test_dialog_opens_and_closes(page):
    page.click("#open")
    assert page.locator("#box[open]").count() == 1
    page.click("#box [data-dialog-close]")
    assert page.locator("#box[open]").count() == 0


def test_toast_of_the_server_is_shown(page):
    page.evaluate(
        "() => document.dispatchEvent(new CustomEvent('toast', {detail: {text: '저장했어요', level: 'info'}}))"
    )
    assert page.locator(".toast.info").inner_text() == "저장했어요"
