"""The inbox shows what phones show, and nothing that could run."""

import pytest
import requests


def test_inbox_shows_numbers_with_their_newest_text(post, aligo_sandbox):
    post("send", msg="첫 문자")
    post("send", msg="둘째 <b>문자</b>")
    aligo_sandbox.deliver()

    page = requests.get(aligo_sandbox.url, timeout=5).text

    assert page.count("010-1234-5678") == 1
    assert "둘째 &lt;b&gt;문자&lt;/b&gt;" in page
    assert "첫 문자" not in page


def test_conversation_shows_what_the_handset_shows(post, aligo_sandbox):
    post("send", msg="안녕 😀", msg_type="LMS", title="알림")
    aligo_sandbox.deliver()

    page = requests.get(aligo_sandbox.url + "/to/01012345678", timeout=5).text

    assert "[Web발신]</span>\n안녕 ?" in page
    assert "<strong>알림</strong>" in page


def test_conversation_does_not_show_what_did_not_arrive(post, aligo_sandbox):
    post("send", receiver="01012340001", msg="비밀")
    aligo_sandbox.deliver()

    page = requests.get(aligo_sandbox.url + "/to/01012340001", timeout=5).text

    assert "가입자없음" in page
    assert "비밀" not in page


def test_inbox_finds_a_number(post, aligo_sandbox):
    post("send", receiver="01011112222,01033334444")

    page = requests.get(aligo_sandbox.url + "/?q=3333", timeout=5).text

    assert "010-3333-4444" in page
    assert "010-1111-2222" not in page


@pytest.mark.parametrize(
    "path", ["/", "/to/%3Cscript%3E", "/?q=%3Cscript%3E%22", "/settings", "/nowhere", "/font/../x"]
)
def test_pages_hold_no_inline_code_and_say_so(aligo_sandbox, path):
    answer = requests.get(aligo_sandbox.url + path, timeout=5)

    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert [found for found in ("<script>", " style=", " onclick=", "<style") if found in answer.text] == []


def test_settings_add_money(post, aligo_sandbox):
    form = {"deed": "money", "user_id": "hanbit", "amount": "8400"}

    requests.post(aligo_sandbox.url + "/settings", data=form, timeout=5)

    assert post("remain")["SMS_CNT"] == 11_000


def test_settings_refuse_another_site(post, aligo_sandbox):
    form, headers = {"deed": "fault", "fault": "drop", "times": "1"}, {"Sec-Fetch-Site": "cross-site"}

    answer = requests.post(aligo_sandbox.url + "/settings", data=form, headers=headers, timeout=5)

    assert answer.status_code == 403
    assert post("send")["result_code"] == "1"


def test_settings_with_nonsense_change_nothing(aligo_sandbox):
    answer = requests.post(aligo_sandbox.url + "/settings", data={"deed": "switches", "long_sms": "x"}, timeout=5)

    assert answer.status_code == 422
    assert aligo_sandbox.sandbox.switches["long_sms"] == "reject"
