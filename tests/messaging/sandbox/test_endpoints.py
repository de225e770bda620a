"""The look-alike looks alike: order of checks, exact types, and each switch."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.messaging.sandbox.conftest import KEY


def pairs(count, text="안녕"):
    return {f"{name}_{n}": value for n in range(1, count + 1) for name, value in (("rec", f"010{n:08}"), ("msg", text))}


def reservation(minutes):
    at = datetime.now(UTC) + timedelta(hours=9, minutes=minutes)
    return {"rdate": at.strftime("%Y%m%d"), "rtime": at.strftime("%H%M")}


# Shapes and types


def test_send_answers_with_the_types_seen_live(post):
    assert post("send", msg_type="SMS") == {
        "result_code": "1",
        "message": "success",
        "msg_id": "900000001",
        "success_cnt": 1,
        "error_cnt": 0,
        "msg_type": "SMS",
    }


def test_send_refuses_with_a_number_and_no_more(post):
    assert post("send", key="wrong") == {"result_code": -101, "message": "인증오류입니다."}


def test_answers_are_escaped_as_php_does(aligo_sandbox):
    aligo_sandbox.account(api_key=KEY, senders=[])
    fields = {"key": KEY, "user_id": "hanbit", "sender": "0237890123", "receiver": "01012345678", "msg": "a"}

    answer = requests.post(aligo_sandbox.url + "/send/", data=fields, timeout=5)

    assert answer.status_code == 200
    assert rb"\ub4f1\ub85d\/\uc778\uc99d" in answer.content
    assert answer.content.isascii()


def test_list_row_has_the_types_seen_live(post):
    post("send", msg_type="SMS")

    answer = post("list")

    (row,) = answer.pop("list")
    created = row.pop("reg_date")
    assert answer == {"result_code": 1, "message": "success", "next_yn": "N"}
    assert datetime.strptime(created, "%Y-%m-%d %H:%M:%S")
    assert row == {
        "mid": "900000001",
        "type": "SMS",
        "sender": "0237890123",
        "sms_count": "1",
        "reserve_state": "",
        "msg": "안녕",
        "fail_count": 0,
        "reserve": "",
    }


def test_sms_list_row_has_the_types_seen_live(post, aligo_sandbox):
    post("send")
    aligo_sandbox.deliver()

    (row,) = post("sms_list", mid="900000001")["list"]

    assert row["reg_date"] == row["send_date"]
    assert {name: row[name] for name in ("mdid", "type", "receiver", "sms_state", "reserve_date")} == {
        "mdid": "3300000001",
        "type": "SMS",
        "receiver": "01012345678",
        "sms_state": "발송완료",
        "reserve_date": "",
    }


def test_remain_counts_are_zero_beside_a_refusal(post):
    expected = {"result_code": -101, "message": "인증오류입니다.", "SMS_CNT": 0, "LMS_CNT": 0, "MMS_CNT": 0}
    assert post("remain", key="wrong") == expected


def test_list_shows_thirty_rows_newest_first(post):
    mids = [post("send")["msg_id"] for _ in range(31)]

    first, second = post("list"), post("list", page="2")

    assert [row["mid"] for row in first["list"] + second["list"]] == mids[::-1]
    assert (len(first["list"]), first["next_yn"], second["next_yn"]) == (30, "Y", "N")


# The order of checks


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"key": None}, -101),
        ({"user_id": None}, -101),
        ({"key": "wrong", "sender": "1"}, -101),
        ({"sender": "0200000000", "msg": ""}, -103),
        ({"sender": "02-3789-0123"}, -103),
        ({"receiver": "", "msg": ""}, -992),
        ({"receiver": ",".join(["01012345678"] * 1001)}, -992),
        ({"msg": "", "title": "가" * 23}, -993),
        ({"msg": "가" * 1001}, -993),
        ({"title": "가" * 23, "msg_type": "XXX"}, -994),
        ({"msg_type": "XXX", "rdate": "x"}, -995),
        ({"msg_type": "MMS"}, -995),
        ({"rdate": "20200101", "rtime": "0900"}, -996),
        ({"rdate": "20990101"}, -996),
        (reservation(9), -996),
        ({"userid": "another"}, -991),
    ],
)
def test_send_refuses_in_the_order_of_aligo(post, aligo_sandbox, fields, code):
    assert post("send", **fields)["result_code"] == code
    assert aligo_sandbox.sent() == []


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"cnt": "2", **pairs(1)}, -992),
        ({"cnt": "1", **pairs(2)}, -992),
        ({"cnt": "1", "rec_2": "01012345678", "msg_2": "a"}, -992),
        ({"cnt": "501", **pairs(501)}, -992),
        ({"cnt": "0"}, -992),
        ({"cnt": "1", **pairs(1), "msg_type": None}, -995),
    ],
)
def test_send_mass_refuses(post, aligo_sandbox, fields, code):
    assert post("send_mass", **{"msg_type": "SMS", **fields})["result_code"] == code
    assert aligo_sandbox.sent() == []


def test_an_account_from_another_address_is_told_so(post, aligo_sandbox):
    aligo_sandbox.account(api_key=KEY, ips=["203.0.113.0/24"])

    assert post("send", sender="1") == {"result_code": -101, "message": "인증오류입니다.-IP"}


def test_a_call_by_get_or_with_a_query_is_refused(aligo_sandbox):
    url = f"{aligo_sandbox.url}/remain/"

    answers = [requests.get(url, timeout=5), requests.post(url + "?key=a", timeout=5)]

    assert [answer.json()["result_code"] for answer in answers] == [-990, -990]


@pytest.mark.parametrize("body", [b"key=%FF&user_id=a", b"key=a&key=b&user_id=a", b"nonsense"])
def test_a_body_that_is_no_form_is_refused(aligo_sandbox, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = requests.post(f"{aligo_sandbox.url}/remain/", data=body, headers=headers, timeout=5)

    assert answer.json()["result_code"] == -991


def test_json_is_no_form(aligo_sandbox):
    assert requests.post(f"{aligo_sandbox.url}/remain/", json={}, timeout=5).json()["result_code"] == -991


def test_multipart_with_an_image_is_an_mms(post, aligo_sandbox):
    fields = {"key": KEY, "user_id": "hanbit", "sender": "0237890123", "receiver": "01012345678", "msg": "사진"}
    files = {"image1": ("a.jpg", b"\xff\xd8\r\n--x", "image/jpeg")}

    answer = requests.post(f"{aligo_sandbox.url}/send/", data=fields, files=files, timeout=5).json()

    assert answer["msg_type"] == "MMS"
    assert [row["text"] for row in aligo_sandbox.sent()] == ["사진"]


# Money


def test_send_takes_money_and_stops_when_it_is_gone(post, aligo_sandbox):
    aligo_sandbox.account(api_key=KEY, balance_won=20)

    codes = [int(post("send")["result_code"]) for _ in range(3)]

    assert codes == [1, 1, -201]
    assert post("remain")["SMS_CNT"] == 0


def test_a_test_costs_nothing(post):
    post("send", testmode_yn="Y")

    assert post("remain")["SMS_CNT"] == 10_000


# Types and bytes


@pytest.mark.parametrize(
    ("text", "kind"), [("가" * 45, "SMS"), ("가" * 45 + "a", "LMS"), ("a" * 88 + "\n", "SMS"), ("a" * 89 + "\n", "LMS")]
)
def test_send_without_a_type_chooses_by_bytes(post, text, kind):
    assert post("send", msg=text)["msg_type"] == kind


@pytest.mark.parametrize("text", ["안녕😀하세요", "됬다"])
def test_what_euc_kr_lacks_becomes_a_question_mark_on_the_handset(post, aligo_sandbox, text):
    post("send", msg=text)

    assert "?" in aligo_sandbox.sent()[0]["handset"]
    assert aligo_sandbox.sent()[0]["text"] == text


def test_a_short_text_that_is_long_follows_the_switch(post, aligo_sandbox):
    answers = {}
    for policy in ("reject", "truncate", "upgrade"):
        aligo_sandbox.switch(long_sms=policy)
        answers[policy] = post("send", msg="가" * 46, msg_type="SMS")

    assert answers["reject"]["result_code"] == -993
    assert (answers["truncate"]["msg_type"], answers["upgrade"]["msg_type"]) == ("SMS", "LMS")
    assert [len(row["text"]) for row in aligo_sandbox.sent()] == [45, 46]


def test_names_are_put_in_by_destination(post, aligo_sandbox):
    post("send", msg="%고객명%님", receiver="01011110001,01011110009", destination="01011110001|민수,01011110009|하은")

    assert [row["text"] for row in aligo_sandbox.sent()] == ["민수님", "하은님"]


# Switches


def test_over_limit_can_be_cut(post, aligo_sandbox):
    aligo_sandbox.switch(over_limit="truncate")

    assert post("send", receiver=",".join(f"010{n:08}" for n in range(1001)))["success_cnt"] == 1000


@pytest.mark.parametrize(("policy", "count"), [("accept", 2), ("collapse", 1)])
def test_duplicates_follow_the_switch(post, aligo_sandbox, policy, count):
    aligo_sandbox.switch(duplicates=policy)

    post("send", receiver="01012345678,01012345678")

    assert len(aligo_sandbox.sent()) == count


@pytest.mark.parametrize(("policy", "state"), [("fail", "발/착신 번호 에러"), ("strip", "전송중")])
def test_hyphens_follow_the_switch(post, aligo_sandbox, policy, state):
    aligo_sandbox.switch(hyphens=policy)

    mid = post("send", receiver="010-1234-5678")["msg_id"]

    assert [row["sms_state"] for row in post("sms_list", mid=mid)["list"]] == [state]


@pytest.mark.parametrize(("shown", "text"), [("first", "하나"), ("last", "둘"), ("empty", "")])
def test_the_text_of_many_follows_the_switch(post, aligo_sandbox, shown, text):
    aligo_sandbox.switch(mass_text_in_list=shown)

    post("send_mass", cnt="2", rec_1="01011112222", msg_1="하나", rec_2="01011113333", msg_2="둘", msg_type="SMS")

    assert [row["msg"] for row in post("list")["list"]] == [text]


def test_page_size_follows_the_switch(post, aligo_sandbox):
    assert post("list", page_size="29")["result_code"] == -998
    aligo_sandbox.switch(page_size="clamp")
    assert post("list", page_size="29")["result_code"] == 1


def test_user_id_names_follow_the_switch(post, aligo_sandbox):
    assert post("remain", user_id=None, userid="hanbit")["result_code"] == 1
    aligo_sandbox.switch(user_id_names="user_id")
    assert post("remain", user_id=None, userid="hanbit")["result_code"] == -101


def test_list_lag_hides_what_was_taken(post, aligo_sandbox):
    aligo_sandbox.fault("list_lag", seconds=60)
    post("send")

    assert post("list")["list"] == []
    aligo_sandbox.switch(clock_offset=61)
    assert len(post("list")["list"]) == 1


def test_test_rows_follow_the_switch(post, aligo_sandbox):
    post("send", testmode_yn="Y")
    aligo_sandbox.switch(test_rows="hidden")

    assert post("list")["list"] == []


# Reservations


def test_a_reservation_waits_and_can_be_cancelled_once(post, aligo_sandbox):
    taken = post("send", **reservation(20))
    (waiting,) = post("list")["list"]

    cancelled, again = post("cancel", mid=taken["msg_id"]), post("cancel", mid=taken["msg_id"])

    assert (taken["message"], waiting["reserve_state"]) == ("reserved", "예약대기중")
    assert (cancelled["result_code"], again["result_code"]) == (1, -803)
    assert post("remain")["SMS_CNT"] == 10_000
    assert aligo_sandbox.sent() == []


def test_cancel_has_its_own_codes(post, aligo_sandbox):
    at_once, reserved = post("send")["msg_id"], post("send", **reservation(20))["msg_id"]
    codes = [post("cancel", **mid)["result_code"] for mid in ({}, {"mid": "x"}, {"mid": at_once})]
    for offset in (16 * 60, 21 * 60):
        aligo_sandbox.switch(clock_offset=offset)
        codes.append(post("cancel", mid=reserved)["result_code"])

    assert codes == [-801, -802, -803, -804, -805]


def test_another_account_cannot_see_or_cancel(post, aligo_sandbox):
    mid = post("send", **reservation(20))["msg_id"]
    aligo_sandbox.account("neighbour", KEY)

    answers = [post(endpoint, user_id="neighbour", mid=mid) for endpoint in ("sms_list", "cancel")]

    assert [answer["result_code"] for answer in answers] == [-997, -802]


# Accounts that nobody registered


def test_a_sandbox_account_exists_from_its_first_call_with_that_key(post):
    first = post("remain", user_id="sandbox-1", key="a")
    other = post("remain", user_id="sandbox-1", key="b")

    assert (first["SMS_CNT"], other["result_code"]) == (10_000, -101)


def test_a_sandbox_account_may_use_any_sender_that_is_one(post):
    codes = [
        int(post("send", user_id="sandbox-1", sender=sender)["result_code"])
        for sender in ("0212345678", "01012345678", "15881234", "123", "0212345678901234")
    ]

    assert codes == [1, 1, 1, -103, -103]


def test_sandbox_accounts_can_be_switched_off(post, aligo_sandbox):
    aligo_sandbox.switch(trust_sandbox_accounts=False)

    assert post("remain", user_id="sandbox-1", key="a")["result_code"] == -101
