"""/list/, /sms_list/, /remain/ and /cancel/."""

import sqlite3
from typing import TYPE_CHECKING, Any

from messaging.sandbox.refusals import Refused
from messaging.sandbox.sending import PRICES
from messaging.sandbox.words import moment, stamp

if TYPE_CHECKING:
    from messaging.sandbox.endpoints import Call
    from messaging.sandbox.switches import Switches

DAY = 86_400
CANCEL_LEAD_SECONDS = 300
FIRST_PAGE, SMALLEST, LARGEST = 30, 30, 500


def batches(call: "Call") -> dict[str, Any]:
    """One row a request, newest first."""
    page, size = _paging(call)
    if page > 1 and call.faulty("page_shift"):
        _newcomer(call)
    first, last = _days(call)
    rows = call.sandbox.store.rows(
        "SELECT * FROM batches WHERE user_id = ? AND created_at >= ? AND created_at < ? AND listed_at <= ?"
        " AND (NOT test OR ?) ORDER BY mid DESC LIMIT ? OFFSET ?",
        *(call.account["user_id"], first, last, call.sandbox.now(), call.sandbox.switches["test_rows"] == "visible"),
        *(size + 1, (page - 1) * size),
    )
    shown = [_batch_row(row, call.sandbox.now()) for row in rows[:size]]
    if page == 1 and call.sandbox.switches["alimtalk_rows"]:
        shown.insert(0, _alimtalk_row(call))
    return {"result_code": 1, "message": "success", "list": shown, "next_yn": "Y" if len(rows) > size else "N"}


def messages(call: "Call") -> dict[str, Any]:
    """One row a receiver of one request."""
    page, size = _paging(call)
    batch = _batch(call, call.form.get("mid", ""))
    if batch is None:
        raise Refused(-997, "mid")
    first = batch["first_mdid"] + (page - 1) * size
    end = batch["first_mdid"] + batch["count"]
    rows = call.sandbox.store.rows(
        "SELECT * FROM messages WHERE mdid >= ? AND mdid < ? ORDER BY mdid", first, min(first + size, end)
    )
    now, switches = call.sandbox.now(), call.sandbox.switches
    common = _common_fields(batch)
    shown = [_message_row(common, row, state_word(switches, batch, row, now)) for row in rows]
    return {"result_code": 1, "message": "success", "list": shown, "next_yn": "Y" if first + size < end else "N"}


def remain(call: "Call") -> dict[str, Any]:
    """What the money buys of each type."""
    counts = {f"{kind}_CNT": int(call.account["balance"] // price) for kind, price in PRICES.items()}
    return {"result_code": 1, "message": "success", **counts}


def cancel(call: "Call") -> dict[str, Any]:
    """Undo a reservation until five minutes before it is due."""
    mid, now = call.form.get("mid", ""), call.sandbox.now()
    if not mid:
        raise Refused(-801, "mid가 없습니다.")
    batch = _batch(call, mid)
    if batch is None:
        raise Refused(-802, "mid가 올바르지 않습니다.")
    if not batch["reserved"] or batch["cancelled_at"]:
        raise Refused(-803, "대기중인 예약이 없습니다.")
    if batch["due_at"] <= now:
        raise Refused(-805, "이미 발송되어 취소할 수 없습니다.")
    if batch["due_at"] - now < CANCEL_LEAD_SECONDS:
        raise Refused(-804, "발송 5분전까지만 취소할 수 있습니다.")
    call.sandbox.store.cancel(batch["mid"], batch["user_id"], batch["cost"], now)
    code = "1" if call.sandbox.switches["cancel_code_type"] == "string" else 1
    return {"result_code": code, "message": "success", "cancel_date": stamp(now)}


def state_word(switches: "Switches", batch: sqlite3.Row, message: sqlite3.Row, now: float) -> str:
    """The word for one text at this moment."""
    if message["word"] is not None:
        return str(message["word"])
    if batch["cancelled_at"]:
        return "예약취소"
    if now < batch["due_at"]:
        return "예약대기중"
    if now < batch["final_at"]:
        return str(switches["word_pending"])
    names = {"0000": "word_bad_number", "0001": "word_no_subscriber", "0002": "word_pending"}
    return str(switches[names.get(message["receiver"][-4:], "word_delivered")])


def _paging(call: "Call") -> tuple[int, int]:
    page, size = call.form.get("page", "1"), call.form.get("page_size", str(FIRST_PAGE))
    if not page.isdigit() or int(page) < 1 or not size.isdigit():
        raise Refused(-998, "page")
    clamped = min(max(int(size), SMALLEST), LARGEST)
    if clamped != int(size) and call.sandbox.switches["page_size"] == "reject":
        raise Refused(-998, "page_size")
    return int(page), clamped


def _days(call: "Call") -> tuple[float, float]:
    """From and to (not included); without a date the latest day that has rows."""
    newest = call.sandbox.store.row("SELECT max(created_at) FROM batches WHERE user_id = ?", call.account["user_id"])
    latest = stamp((newest and newest[0]) or call.sandbox.now(), "%Y%m%d")
    start = moment(call.form.get("start_date") or latest, "%Y%m%d")
    count = call.form.get("limit_day") or "1"
    if start is None or not count.isdigit() or int(count) < 1:
        raise Refused(-998, "start_date or limit_day")
    length = int(count) * DAY
    if call.sandbox.switches["limit_day_direction"] == "forward":
        return start, start + length
    return start + DAY - length, start + DAY


def _batch(call: "Call", mid: str) -> sqlite3.Row | None:
    """The account's own batch."""
    if not mid.isascii() or not mid.isdigit() or len(mid) > 18:
        return None
    user_id = call.account["user_id"]
    return call.sandbox.store.row("SELECT * FROM batches WHERE mid = ? AND user_id = ?", int(mid), user_id)


def _batch_row(batch: sqlite3.Row, now: float) -> dict[str, Any]:
    """Types as seen live: ids and sms_count are strings, fail_count is a number and knows no carrier failures."""
    waiting = batch["reserved"] and now < batch["due_at"] and not batch["cancelled_at"]
    return {
        "mid": str(batch["mid"]),
        "type": batch["type"],
        "sender": batch["sender"],
        "sms_count": str(batch["count"]),
        "reserve_state": "예약대기중" if waiting else "예약취소" if batch["cancelled_at"] else "",
        "msg": batch["listed"],
        "fail_count": batch["errors"],
        "reg_date": stamp(batch["created_at"]),
        "reserve": stamp(batch["due_at"]) if batch["reserved"] else "",
    }


def _common_fields(batch: sqlite3.Row) -> dict[str, Any]:
    """What the rows of one batch share; the named-but-empty ones hold the order of the fields."""
    return {
        "mdid": "",
        "type": batch["type"],
        "sender": batch["sender"],
        "receiver": "",
        "sms_state": "",
        "reg_date": stamp(batch["created_at"]),
        "send_date": stamp(batch["due_at"]),
        "reserve_date": stamp(batch["due_at"], "%Y-%m-%d %H:%M") if batch["reserved"] else "",
    }


def _message_row(common: dict[str, Any], message: sqlite3.Row, word: str) -> dict[str, Any]:
    return {**common, "mdid": str(message["mdid"]), "receiver": message["receiver"], "sms_state": word}


def _alimtalk_row(call: "Call") -> dict[str, Any]:
    now = stamp(call.sandbox.now())
    texts = {"mid": "899000001", "type": "AT", "sender": "0212345678", "sms_count": "1", "reserve_state": ""}
    return {**texts, "msg": "알림톡", "fail_count": 0, "reg_date": now, "reserve": ""}


def _newcomer(call: "Call") -> None:
    """A text of somebody else's program on the same account, arriving just now."""
    now = call.sandbox.now()
    batch = {
        "user_id": call.account["user_id"],
        "sender": "0212345678",
        "type": "SMS",
        "title": "",
        "msg": "끼어든 문자",
    }
    times = {"created_at": now, "due_at": now, "final_at": now, "listed_at": now, "cancelled_at": None}
    counts = {"listed": "끼어든 문자", "count": 1, "errors": 0, "cost": 0, "reserved": False, "test": False}
    call.sandbox.store.accept({**batch, **times, **counts}, [("01099999999", None, None)])
