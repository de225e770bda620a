"""The control API over HTTP, and the process that serves it."""

import os
import re
import signal
import subprocess
import sys

import pytest
import requests


def test_sent_counts_repeated_texts(post, aligo_sandbox):
    for _ in range(2):
        post("send")
    post("send", msg="다른 말")

    sent = requests.get(aligo_sandbox.url + "/_/sent?rows=0", timeout=5).json()

    assert sent == {
        "batches": 3,
        "messages": 3,
        "receivers": 1,
        "repeated": [{"user_id": "hanbit", "receiver": "01012345678", "times": 2}],
        "rows": [],
    }


def test_deliver_gives_some_a_word(post, aligo_sandbox):
    mid = post("send", receiver="01011112222,01033334444")["msg_id"]

    requests.post(aligo_sandbox.url + "/_/deliver", json={"word": "새 말", "receiver": "01033334444"}, timeout=5)
    requests.post(aligo_sandbox.url + "/_/deliver", json={"mid": mid}, timeout=5)

    assert [row["sms_state"] for row in post("sms_list", mid=mid)["list"]] == ["발송완료", "새 말"]


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("switches", {"nonsense": 1}),
        ("switches", {"long_sms": "nonsense"}),
        ("faults", {"fault": "nonsense"}),
        ("accounts", {}),
    ],
)
def test_control_refuses_nonsense_with_a_sentence(aligo_sandbox, action, given):
    answer = requests.post(f"{aligo_sandbox.url}/_/{action}", json=given, timeout=5)

    assert answer.status_code == 422
    assert answer.json()["error"]


def test_control_refuses_what_a_foreign_page_could_send(aligo_sandbox):
    answer = requests.post(aligo_sandbox.url + "/_/reset", data="{}", headers={"Content-Type": "text/plain"}, timeout=5)

    assert answer.status_code == 422


def test_faults_pass_the_first_calls_and_other_accounts(post, aligo_sandbox):
    aligo_sandbox.fault("balance_out", skip=1, times=2)
    aligo_sandbox.fault("balance_out", user_id="neighbour")

    codes = [int(post("send")["result_code"]) for _ in range(4)]

    assert codes == [1, -201, -201, 1]


def test_process_keeps_its_state_and_stops_on_sigterm(tmp_path):
    command = [sys.executable, "-m", "messaging.sandbox", "--port", "0", "--db", str(tmp_path / "sandbox.sqlite3")]
    counts = []
    for _ in range(2):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."})
        url = re.search(r"http://\S+(?=/)", process.stdout.readline())[0]
        form = {"key": "k", "user_id": "sandbox-1", "sender": "0212345678", "receiver": "01012345678", "msg": "안녕"}
        requests.post(url + "/send/", data=form, timeout=5)
        counts.append(requests.get(url + "/_/sent", timeout=5).json()["messages"])
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
        process.stdout.close()

    assert counts == [1, 2]
