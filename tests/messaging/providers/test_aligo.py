"""The provider against the sandbox over real HTTP: every outcome a call can have."""

import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest

from messaging.providers import provider
from messaging.providers.base import (
    Accepted,
    Account,
    AccountRefused,
    Balance,
    FailureReason,
    Outcome,
    Outgoing,
    RefusalReason,
    Rejected,
    Unavailable,
    Unclear,
)

SENDER = "0237890123"


def outgoing(count=2, *, different=False, text="안녕하세요", type="SMS", **more):
    items = [(f"0101000{n + 1000:04}", f"{text} {n}" if different else text) for n in range(count)]
    return Outgoing(sender=SENDER, type=type, items=items, **more)


def hour_ago():
    return datetime.now(UTC) - timedelta(hours=1)


# Sending


def test_send_one_text_to_many_is_accepted(aligo_sandbox):
    account = aligo_sandbox.account()

    accepted = provider.send(account, outgoing(1000))

    assert accepted == Accepted(msg_id="900000001", success_count=1000, error_count=0, type="SMS")
    assert len(aligo_sandbox.sent()) == 1000


def test_send_different_texts_reach_their_own_receivers(aligo_sandbox):
    account = aligo_sandbox.account()
    batch = outgoing(500, different=True, text="100% & 좋아요+=?/\n둘째 줄")

    provider.send(account, batch)

    assert [(row["receiver"], row["text"]) for row in aligo_sandbox.sent()] == batch.items


@pytest.mark.parametrize("code_type", ["string", "int"])
def test_send_accepts_either_type_of_result_code(aligo_sandbox, code_type):
    aligo_sandbox.switch(send_code_type=code_type)

    assert provider.send(aligo_sandbox.account(), outgoing(1)).success_count == 1


def test_send_keeps_the_title_of_a_long_text(aligo_sandbox):
    provider.send(aligo_sandbox.account(), outgoing(1, type="LMS", title="휴관 안내"))

    assert [(row["type"], row["title"]) for row in aligo_sandbox.sent()] == [("LMS", "휴관 안내")]


def test_send_strips_hyphens(aligo_sandbox):
    batch = Outgoing(sender="02-3789-0123", type="SMS", items=[("010-1234-5678", "안녕")])

    provider.send(aligo_sandbox.account(), batch)

    assert aligo_sandbox.sent()[0]["receiver"] == "01012345678"


def test_send_in_test_mode_sends_nothing(aligo_sandbox):
    provider.send(aligo_sandbox.account(), outgoing(1, test=True))

    assert aligo_sandbox.sent() == []


def test_send_reports_partial_errors(aligo_sandbox):
    account = aligo_sandbox.account()
    aligo_sandbox.fault("partial_error", count=2)

    accepted = provider.send(account, outgoing(5))

    assert (accepted.success_count, accepted.error_count) == (3, 2)


def test_send_reports_the_type_really_used(aligo_sandbox):
    aligo_sandbox.switch(long_sms="upgrade")

    assert provider.send(aligo_sandbox.account(), outgoing(1, text="가" * 46)).type == "LMS"


@pytest.mark.parametrize("batch", [outgoing(0), outgoing(1001), outgoing(501, different=True)])
def test_send_refuses_a_badly_packed_batch(batch):
    account = Account("http://127.0.0.1:1", "hanbit", "key")

    with pytest.raises(ValueError):
        provider.send(account, batch)


# Refused


def test_send_of_a_content_that_is_refused_is_rejected(aligo_sandbox):
    with pytest.raises(Rejected) as refused:
        provider.send(aligo_sandbox.account(), outgoing(1, text="가" * 1001, type="LMS"))

    assert refused.value.code == -993
    assert aligo_sandbox.sent() == []


@pytest.mark.parametrize(
    ("registration", "reason"),
    [
        ({"ips": ["203.0.113.7"]}, RefusalReason.IP),
        ({"senders": []}, RefusalReason.SENDER),
        ({"usable": False}, RefusalReason.UNUSABLE),
        ({"balance_won": 10}, RefusalReason.BALANCE),
    ],
)
def test_send_of_a_refused_account_tells_why(aligo_sandbox, registration, reason):
    account = aligo_sandbox.account(**registration)

    with pytest.raises(AccountRefused) as refused:
        provider.send(account, outgoing(2))

    assert refused.value.reason == reason
    assert aligo_sandbox.sent() == []


def test_send_with_a_wrong_key_is_refused(aligo_sandbox):
    aligo_sandbox.account(api_key="right")

    with pytest.raises(AccountRefused) as refused:
        provider.send(Account(aligo_sandbox.url, "hanbit", "wrong"), outgoing(1))

    assert (refused.value.reason, refused.value.code) == (RefusalReason.AUTH, -101)


@pytest.mark.parametrize(
    ("code", "message", "reason"),
    [
        (-101, "인증오류입니다.-IP", RefusalReason.IP),
        (-999, "등록/인증되지 않은 발신번호입니다.", RefusalReason.SENDER),
        (-101, "", RefusalReason.AUTH),
        (-102, "", RefusalReason.UNUSABLE),
        (-103, "", RefusalReason.SENDER),
        (-201, "", RefusalReason.BALANCE),
        (-999, "포인트가 부족합니다.", RefusalReason.BALANCE),
        (-999, "API 인증오류입니다.", RefusalReason.UNUSABLE),
    ],
)
def test_send_reads_code_and_wording(aligo_sandbox, code, message, reason):
    account = aligo_sandbox.account()
    aligo_sandbox.fault("code", code=code, word=message)

    with pytest.raises(AccountRefused) as refused:
        provider.send(account, outgoing(1))

    assert refused.value.reason == reason


def test_send_does_not_take_a_verification_text_for_a_bad_key(aligo_sandbox):
    account = aligo_sandbox.account()
    aligo_sandbox.fault("code", code=-950, word="인증번호 문구는 보낼 수 없습니다.")

    with pytest.raises(Rejected):
        provider.send(account, outgoing(1))


def test_send_with_zero_as_result_is_unclear(aligo_sandbox):
    account = aligo_sandbox.account()
    aligo_sandbox.fault("code", code=0)

    with pytest.raises(Unclear):
        provider.send(account, outgoing(1))


# Not sent, or not known


def test_send_to_a_closed_port_is_unavailable():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        account = Account(f"http://127.0.0.1:{taken.getsockname()[1]}", "hanbit", "key", timeout=1)

        with pytest.raises(Unavailable):
            provider.send(account, outgoing(1))


@pytest.mark.parametrize("url", ["http://", "ftp://127.0.0.1", "nonsense"])
def test_send_to_an_impossible_address_is_unavailable(url):
    with pytest.raises(Unavailable):
        provider.send(Account(url, "hanbit", "key"), outgoing(1))


@pytest.mark.parametrize(
    ("fault", "order"),
    [
        ("drop", {}),
        ("reset", {}),
        ("slow", {"seconds": 0.4}),
        ("html", {}),
        ("empty", {}),
        ("truncated", {}),
        ("cut", {}),
        ("server_error", {}),
        ("bad_gateway", {}),
        ("unavailable", {}),
        ("redirect", {}),
        ("no_msg_id", {}),
        ("zero_success", {}),
    ],
)
def test_send_whose_answer_is_lost_is_unclear_and_sent_once(aligo_sandbox, fault, order):
    account = aligo_sandbox.account(timeout=0.2)
    aligo_sandbox.fault(fault, **order)

    with pytest.raises(Unclear):
        provider.send(account, outgoing(2))

    assert len(aligo_sandbox.sent()) == 2


@pytest.mark.parametrize("fault", ["drop", "reset", "html", "bad_gateway", "zero_success"])
def test_send_that_was_never_taken_may_look_the_same(aligo_sandbox, fault):
    account = aligo_sandbox.account()
    aligo_sandbox.fault(fault, accept=False)

    with pytest.raises(Unclear):
        provider.send(account, outgoing(2))

    assert aligo_sandbox.sent() == []


def test_send_without_success_keeps_the_id_it_was_given(aligo_sandbox):
    account = aligo_sandbox.account()
    aligo_sandbox.fault("zero_success")

    with pytest.raises(Unclear) as unclear:
        provider.send(account, outgoing(1))

    assert unclear.value.msg_id == "900000001"


def test_send_over_a_kept_connection_that_dies_is_unclear(aligo_sandbox):
    account = aligo_sandbox.account()
    provider.send(account, outgoing(1))
    aligo_sandbox.fault("drop")

    with pytest.raises(Unclear):
        provider.send(account, outgoing(1))

    assert provider.send(account, outgoing(1)).success_count == 1


def test_send_keeps_its_connection(aligo_sandbox):
    account = aligo_sandbox.account()
    provider.balance(account)
    before = aligo_sandbox.server.connection_count

    for _ in range(5):
        provider.send(account, outgoing(1))

    assert aligo_sandbox.server.connection_count == before


def test_send_uses_one_connection_a_thread(aligo_sandbox):
    account = aligo_sandbox.account()
    before = aligo_sandbox.server.connection_count

    threads = [threading.Thread(target=lambda: [provider.balance(account) for _ in range(3)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert aligo_sandbox.server.connection_count == before + 4


def test_outcomes_and_values_show_no_secret(aligo_sandbox):
    account = aligo_sandbox.account(api_key="very-secret-key")
    aligo_sandbox.fault("drop")

    with pytest.raises(Unclear) as unclear:
        provider.send(account, outgoing(1))

    shown = repr(account) + repr(outgoing(1)) + repr(unclear.value) + str(unclear.value) + repr(unclear.value.__cause__)
    assert [secret for secret in ("very-secret-key", "01010001000", "안녕하세요") if secret in shown] == []
    assert unclear.value.__suppress_context__


# Balance


def test_balance_is_three_alternatives(aligo_sandbox):
    assert provider.balance(aligo_sandbox.account()) == Balance(sms=10_000, lms=3_243, mms=1_400)


def test_balance_of_a_refused_account_is_no_zero(aligo_sandbox):
    account = aligo_sandbox.account(ips=["203.0.113.7"])

    with pytest.raises(AccountRefused) as refused:
        provider.balance(account)

    assert refused.value.reason == RefusalReason.IP


def test_balance_without_an_answer_is_unclear(aligo_sandbox):
    account = aligo_sandbox.account()
    aligo_sandbox.fault("html", endpoint="remain")

    with pytest.raises(Unclear):
        provider.balance(account)


# Recent


def test_recent_lists_what_was_sent(aligo_sandbox):
    account = aligo_sandbox.account()
    accepted = provider.send(account, outgoing(3))

    (row,) = provider.recent(account, hour_ago())

    assert (row.msg_id, row.type, row.sender, row.count, row.text) == (accepted.msg_id, "SMS", SENDER, 3, "안녕하세요")
    assert datetime.now(UTC) - row.created_at < timedelta(minutes=1)


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_recent_spans_days_whichever_way_they_are_counted(aligo_sandbox, direction):
    account = aligo_sandbox.account()
    aligo_sandbox.switch(limit_day_direction=direction, clock_offset=-86_400)
    yesterday = provider.send(account, outgoing(1)).msg_id
    aligo_sandbox.switch(clock_offset=0)
    today = provider.send(account, outgoing(1)).msg_id

    rows = provider.recent(account, datetime.now(UTC) - timedelta(hours=25))

    assert {row.msg_id for row in rows} == {yesterday, today}


def test_recent_reads_every_page_while_rows_arrive(aligo_sandbox):
    account = aligo_sandbox.account()
    sent = {provider.send(account, outgoing(1)).msg_id for _ in range(501)}
    aligo_sandbox.fault("page_shift")

    listed = [row.msg_id for row in provider.recent(account, hour_ago())]

    assert sent <= set(listed)
    assert len(listed) == len(set(listed))


def test_recent_leaves_out_what_is_older_and_what_is_no_text(aligo_sandbox):
    account = aligo_sandbox.account()
    aligo_sandbox.switch(alimtalk_rows=True)
    provider.send(account, outgoing(1))

    assert provider.recent(account, datetime.now(UTC) + timedelta(seconds=5)) == []


def test_recent_does_not_see_another_account(aligo_sandbox):
    provider.send(aligo_sandbox.account("neighbour"), outgoing(1))

    assert provider.recent(aligo_sandbox.account("hanbit"), hour_ago()) == []


def test_recent_with_a_broken_page_raises_rather_than_ending(aligo_sandbox):
    account = aligo_sandbox.account()
    for _ in range(501):
        provider.send(account, outgoing(1))
    aligo_sandbox.fault("html", endpoint="list", skip=1)

    with pytest.raises(Unclear):
        provider.recent(account, hour_ago())


# Results


def test_results_tell_what_became_of_each(aligo_sandbox):
    account = aligo_sandbox.account()
    phones = ["01010001234", "01010000000", "01010000001", "01010000002", "010100012345"]
    msg_id = provider.send(account, Outgoing(SENDER, "SMS", [(phone, "안녕") for phone in phones])).msg_id
    aligo_sandbox.deliver()

    told = provider.results(account, msg_id)

    assert [(fate.outcome, fate.reason, phones) for fate, phones in told.items()] == [
        (Outcome.DELIVERED, None, ["01010001234"]),
        (Outcome.FAILED, FailureReason.BAD_NUMBER, ["01010000000", "010100012345"]),
        (Outcome.FAILED, FailureReason.NO_SUBSCRIBER, ["01010000001"]),
        (Outcome.PENDING, None, ["01010000002"]),
    ]
    assert next(iter(told)).raw == "발송완료"


def test_results_of_a_number_texted_twice_name_it_twice(aligo_sandbox):
    account = aligo_sandbox.account()
    msg_id = provider.send(account, Outgoing(SENDER, "SMS", [("01010001234", "안녕")] * 2)).msg_id

    assert list(provider.results(account, msg_id).values()) == [["01010001234"] * 2]


def test_results_are_pending_at_first(aligo_sandbox):
    account = aligo_sandbox.account()
    msg_id = provider.send(account, outgoing(1)).msg_id

    assert [fate.outcome for fate in provider.results(account, msg_id)] == [Outcome.PENDING]


def test_results_with_a_new_word_are_unknown_and_keep_it(aligo_sandbox):
    account = aligo_sandbox.account()
    msg_id = provider.send(account, outgoing(1)).msg_id
    aligo_sandbox.deliver(word="전송실패(기타)")

    assert list(provider.results(account, msg_id)) == [(Outcome.UNKNOWN, "전송실패(기타)", None)]


def test_results_read_both_pages_of_a_full_batch(aligo_sandbox):
    account = aligo_sandbox.account()
    msg_id = provider.send(account, outgoing(1000)).msg_id

    [phones] = provider.results(account, msg_id).values()
    assert len(set(phones)) == len(phones) == 1000


def test_results_of_an_unknown_id_are_rejected(aligo_sandbox):
    with pytest.raises(Rejected):
        provider.results(aligo_sandbox.account(), "1")
