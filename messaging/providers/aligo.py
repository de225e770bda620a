"""Aligo's SMS API: its URLs, fields, codes and words, which appear nowhere else in the product.

Written from the vendor's specification (smartsms.aligo.in/admin/api/spec.html) and answers seen live.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from messaging.providers.base import (
    Accepted,
    Account,
    AccountRefused,
    Balance,
    FailureReason,
    Fate,
    Outcome,
    Outgoing,
    RefusalReason,
    Rejected,
    SentRow,
    Unclear,
)
from messaging.providers.wire import post_form

MAX_SAME_TEXT = 1_000  # numbers in one /send/
MAX_DIFFERENT_TEXTS = 500  # pairs in one /send_mass/
PAGE_SIZE = 500
MAX_PAGES = 2_000  # a list that never ends must not become an endless loop, nor a list cut short
KST = timezone(timedelta(hours=9))  # Korea has no summer time; Aligo's dates carry no zone

# Only words seen live or unmistakable. Any other word stays UNKNOWN: calling it a failure would invite a second send.
RESULT_WORDS = {
    "발송완료": (Outcome.DELIVERED, None),
    "발/착신번호에러": (Outcome.FAILED, FailureReason.BAD_NUMBER),
    "가입자없음": (Outcome.FAILED, FailureReason.NO_SUBSCRIBER),
    **dict.fromkeys(
        ["", "전송중", "발송중", "전송대기", "발송대기", "대기", "대기중", "예약대기중"], (Outcome.PENDING, None)
    ),
}


class Aligo:
    """The `Provider` that speaks to Aligo, or to anything at `account.base_url` that behaves like it."""

    def send(self, account: Account, outgoing: Outgoing) -> Accepted:
        """One call to /send/ (all texts equal, at most 1,000) or /send_mass/ (at most 500); never repeated here."""
        path, body = _send_body(account, outgoing)
        answer = _post(account, path, body)
        _raise_refusal(answer)
        return _accepted(answer, outgoing)

    def balance(self, account: Account) -> Balance:
        """/remain/. On a refusal Aligo answers zeros beside the error code, so the code is read first."""
        answer = _ask(account, "/remain/")
        sms, lms, mms = (_number(answer.get(name)) for name in ("SMS_CNT", "LMS_CNT", "MMS_CNT"))
        if sms is None or lms is None or mms is None:
            raise Unclear("no balance in the answer")
        return Balance(sms, lms, mms)

    def recent(self, account: Account, since: datetime, until: datetime | None = None) -> list[SentRow]:
        """/list/, a Korean day at a time: in which direction Aligo counts `limit_day` is undocumented."""
        rows: dict[str, SentRow] = {}
        for day in _days(since, until or datetime.now(KST)):
            for row in _pages(account, "/list/", start_date=day, limit_day="1"):
                # Alimtalk of the same account is mixed in; /sms_list/ knows nothing of it.
                if row.get("type") in ("SMS", "LMS", "MMS"):
                    # Newest first: rows that arrive between two pages push old ones down, so they come twice.
                    rows[str(row.get("mid"))] = _sent_row(row)
        return [
            row for row in rows.values() if row.created_at is None or row.created_at >= since.replace(microsecond=0)
        ]

    def results(self, account: Account, msg_id: str) -> dict[Fate, list[str]]:
        """/sms_list/, every page; rows are told apart by Aligo's own id, so a number texted twice counts twice.

        Sorted by word as they come, nothing made for a row: this loop runs a million times.
        """
        phones: dict[str, list[str]] = defaultdict(list)
        seen: set[str] = set()
        for row in _pages(account, "/sms_list/", mid=msg_id):
            mdid = str(row.get("mdid") or "")
            if mdid and mdid not in seen:
                seen.add(mdid)
                phones[str(row.get("sms_state") or "")].append(_digits(str(row.get("receiver", ""))))
        return {_fate(word): found for word, found in phones.items()}


# Bodies


def _send_body(account: Account, outgoing: Outgoing) -> tuple[str, bytes]:
    """The path and the urlencoded body; ValueError if the batch is packed wrongly."""
    items = outgoing.items
    if not items:
        raise ValueError("a batch without receivers")
    fields = [("sender", _digits(outgoing.sender)), ("msg_type", outgoing.type)]
    if outgoing.title and outgoing.type != "SMS":
        fields.append(("title", outgoing.title))
    if outgoing.test:
        fields.append(("testmode_yn", "Y"))
    first = items[0][1]
    if all(text == first for _, text in items):
        if len(items) > MAX_SAME_TEXT:
            raise ValueError("more than 1,000 receivers in one batch")
        fields += [("receiver", ",".join(_digits(phone) for phone, _ in items)), ("msg", first)]
        return "/send/", _encode(account, fields)
    if len(items) > MAX_DIFFERENT_TEXTS:
        raise ValueError("more than 500 different texts in one batch")
    fields.append(("cnt", str(len(items))))
    for number, (phone, text) in enumerate(items, 1):
        fields += [(f"rec_{number}", _digits(phone)), (f"msg_{number}", text)]
    return "/send_mass/", _encode(account, fields)


def _encode(account: Account, fields: list[tuple[str, str]]) -> bytes:
    """Form-urlencoded UTF-8, with the credentials first."""
    fields = [("key", account.api_key), ("user_id", account.user_id), *fields]
    return "&".join([f"{name}={_quote(value)}" for name, value in fields]).encode("ascii")


def _quote(value: str) -> str:
    # Escaping every byte of what is not plain is one call in C: a batch of 500 Korean texts takes a tenth of the
    # time of urllib's quote_plus, for bodies a fifth longer.
    if value.isascii() and value.isalnum():
        return value
    return "%" + value.encode().hex("%") if value else ""


def _digits(phone: str) -> str:
    return phone if phone.isascii() and phone.isdigit() else re.sub(r"[^0-9]", "", phone)


# Asking


def _post(account: Account, path: str, body: bytes) -> dict[str, Any]:
    """The JSON object of the answer; Unclear for everything else, whatever its status says."""
    status, content = post_form(account.base_url, path, body, timeout=account.timeout)
    if status >= 500:
        raise Unclear(f"HTTP {status}")
    try:
        answer = json.loads(content.decode("utf-8-sig"))
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or _number(answer.get("result_code")) is None:
        raise Unclear(f"HTTP {status} without a result")
    return answer


def _ask(account: Account, path: str, **fields: str) -> dict[str, Any]:
    answer = _post(account, path, _encode(account, list(fields.items())))
    _raise_refusal(answer)
    return answer


def _pages(account: Account, path: str, **fields: str) -> Iterator[dict[str, Any]]:
    """Rows of every page; raises rather than ending early, because absence is taken as proof."""
    for page in range(1, MAX_PAGES + 1):
        answer = _ask(account, path, page=str(page), page_size=str(PAGE_SIZE), **fields)
        rows = answer.get("list")
        if not isinstance(rows, list):
            raise Unclear("a page without its rows")
        yield from (row for row in rows if isinstance(row, dict))
        if answer.get("next_yn") != "Y":
            return
    raise Unclear("a list without an end")


# Answers


def _number(value: object) -> int | None:
    """Aligo sends the same field now as a number, now as a string."""
    try:
        return int(str(value))
    except ValueError:
        return None


def _raise_refusal(answer: dict[str, Any]) -> None:
    """Nothing on success; zero is in no document and means nothing certain."""
    code = _number(answer["result_code"])
    assert code is not None  # _post() saw to it
    detail = str(answer.get("message", ""))[:200]
    if code >= 1:
        return
    if code == 0:
        raise Unclear(detail, code=code)
    reason = _refusal_reason(code, detail)
    raise AccountRefused(reason, detail, code=code) if reason else Rejected(detail, code=code)


def _refusal_reason(code: int, message: str) -> RefusalReason | None:
    """Code and wording both count, in this order: the one about senders also contains 인증, and -101 has two senses."""
    if "-IP" in message:
        return RefusalReason.IP
    if "발신번호" in message or code == -103:
        return RefusalReason.SENDER
    if "API 인증오류" in message or code == -102:
        return RefusalReason.UNUSABLE
    if "인증오류" in message or code == -101:
        return RefusalReason.AUTH
    if code == -201 or re.search("잔여|부족|건수|포인트", message):
        return RefusalReason.BALANCE
    return None


def _accepted(answer: dict[str, Any], outgoing: Outgoing) -> Accepted:
    msg_id = answer.get("msg_id")
    msg_id = str(msg_id) if msg_id not in (None, "", 0, "0") else ""
    if not msg_id:
        raise Unclear("accepted without an id", code=1)
    errors = _number(answer.get("error_cnt")) or 0
    successes = _number(answer.get("success_cnt"))
    if successes is None:
        successes = len(outgoing.items) - errors
    if successes < 1:
        raise Unclear("accepted for nobody", code=1, msg_id=msg_id)
    return Accepted(msg_id, successes, errors, str(answer.get("msg_type") or outgoing.type))


def _sent_row(row: dict[str, Any]) -> SentRow:
    return SentRow(
        msg_id=str(row.get("mid")),
        type=str(row.get("type")),
        sender=_digits(str(row.get("sender", ""))),
        count=_number(row.get("sms_count")) or 0,
        text=str(row.get("msg", "")),
        created_at=_time(row.get("reg_date")),
    )


def _fate(raw: str) -> Fate:
    """What a word of Aligo's means, however it is spaced."""
    outcome, reason = RESULT_WORDS.get("".join(raw.split()), (Outcome.UNKNOWN, None))
    return Fate(outcome, raw, reason)


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value)).replace(tzinfo=KST)
    except ValueError:
        return None


def _days(since: datetime, until: datetime) -> list[str]:
    """YYYYMMDD of each Korean day from `since` to `until`, both included."""
    first, last = since.astimezone(KST).date(), until.astimezone(KST).date()
    return [(first + timedelta(days=n)).strftime("%Y%m%d") for n in range((last - first).days + 1)]
