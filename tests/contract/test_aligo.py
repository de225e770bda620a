"""What we believe of Aligo, asked of the sandbox, and of Aligo itself where ALIGO_LIVE_* name an account.

ALIGO_LIVE_USER_ID, ALIGO_LIVE_KEY, ALIGO_LIVE_SENDER and ALIGO_LIVE_RECEIVER: runs against https://apis.aligo.in in
test mode, so nothing is sent and nothing is paid. pytest needs `--force-enable-socket` for it.
"""

import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import requests

from messaging.providers import provider
from messaging.providers.base import Account, AccountRefused, Outgoing, RefusalReason
from tests.messaging.sandbox_fixture import SENDER, aligo_sandbox, aligo_server  # noqa: F401


@dataclass
class Side:
    account: Account
    sender: str
    receiver: str

    def post(self, path, **fields):
        given = {"key": self.account.api_key, "user_id": self.account.user_id, **fields}
        return requests.post(self.account.base_url + path, data=given, timeout=30).json()

    def send(self, **fields):
        given = {"sender": self.sender, "receiver": self.receiver, "msg": "계약 시험", "testmode_yn": "Y"}
        return self.post("/send/", **given, **fields)


@pytest.fixture(params=["sandbox", "live"])
def side(request):
    if request.param == "sandbox":
        return Side(request.getfixturevalue("aligo_sandbox").account(), SENDER, "01012345678")
    names = ("USER_ID", "KEY", "SENDER", "RECEIVER")
    user_id, key, sender, receiver = (os.environ.get(f"ALIGO_LIVE_{name}", "") for name in names)
    if not all((user_id, key, sender, receiver)):
        pytest.skip("no live account is named")
    return Side(Account("https://apis.aligo.in", user_id, key), sender, receiver)


def test_remain_has_three_numbers(side):
    answer = side.post("/remain/")

    assert {name: type(value) for name, value in answer.items()} == {
        "result_code": int,
        "message": str,
        "SMS_CNT": int,
        "LMS_CNT": int,
        "MMS_CNT": int,
    }


def test_send_has_a_string_code_and_id(side):
    answer = side.send(msg_type="SMS")

    assert {name: type(value) for name, value in answer.items()} == {
        "result_code": str,
        "message": str,
        "msg_id": str,
        "success_cnt": int,
        "error_cnt": int,
        "msg_type": str,
    }


def test_a_wrong_key_is_minus_101(side):
    wrong = Account(side.account.base_url, side.account.user_id, "wrong")

    with pytest.raises(AccountRefused) as refused:
        provider.balance(wrong)

    assert (refused.value.code, refused.value.reason) == (-101, RefusalReason.AUTH)


def test_a_sender_that_nobody_registered_is_refused(side):
    with pytest.raises(AccountRefused) as refused:
        provider.send(side.account, Outgoing("0200000001", "SMS", [(side.receiver, "계약 시험")], test=True))

    assert refused.value.reason == RefusalReason.SENDER


def test_escaped_bodies_are_understood(side):
    batch = Outgoing(side.sender, "SMS", [(side.receiver, "100% & 시험+=?")], test=True)
    sent = provider.send(side.account, batch)

    rows = provider.recent(side.account, datetime.now(UTC) - timedelta(minutes=5))

    assert [row.text for row in rows if row.msg_id == sent.msg_id] == ["100% & 시험+=?"]


def test_list_rows_have_the_types_we_read(side):
    side.send(msg_type="SMS")

    row = side.post("/list/", page_size="30")["list"][0]

    assert {name: type(row[name]) for name in ("mid", "sms_count", "fail_count")} == {
        "mid": str,
        "sms_count": str,
        "fail_count": int,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", row["reg_date"])


def test_ids_of_results_are_strings(side):
    sent = side.send(msg_type="SMS")

    answer = side.post("/sms_list/", mid=sent["msg_id"])

    assert {type(row["mdid"]) for row in answer["list"]} == {str}
    assert answer["next_yn"] == "N"
