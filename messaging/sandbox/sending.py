"""/send/ and /send_mass/: count, bytes, title, type, time, money, in this order; then the batch is taken."""

from typing import TYPE_CHECKING, Any

from messaging.sandbox import forms
from messaging.sandbox.refusals import Refused
from messaging.sandbox.words import MOBILE, byte_count, cut, moment

if TYPE_CHECKING:
    from messaging.sandbox.endpoints import Call

PRICES = {"SMS": 840, "LMS": 2_590, "MMS": 6_000}  # hundredths of a won
MAX_SAME, MAX_DIFFERENT = 1_000, 500
SHORT, LONG, TITLE = 90, 2_000, 44
LEAD_SECONDS = 600

Pair = tuple[str, str]  # receiver, text


def send(call: "Call") -> dict[str, Any]:
    """One text to up to 1,000 numbers."""
    given = call.form.get("receiver", "")
    receivers = _within(call, given.split(",") if given else [], MAX_SAME)
    text = call.form.get("msg", "")
    names = dict(entry.partition("|")[::2] for entry in call.form.get("destination", "").split(","))
    pairs = [(receiver, text.replace("%고객명%", names.get(receiver, ""))) for receiver in receivers]
    kind, pairs = _check(call, pairs, [text], call.form.get("msg_type") or _kind_by_size(call, text))
    return _take(call, kind, pairs)


def send_mass(call: "Call") -> dict[str, Any]:
    """Up to 500 pairs of number and text, of one type."""
    form, count = call.form, call.form.get("cnt", "")
    recs = [name for name in form if name.startswith("rec_")]
    msgs = [name for name in form if name.startswith("msg_") and name != "msg_type"]
    if not count.isdigit() or not (len(recs) == len(msgs) == int(count) > 0):
        raise Refused(-992, "cnt and pairs differ")
    try:
        pairs = [(form[f"rec_{n}"], form[f"msg_{n}"]) for n in range(1, int(count) + 1)]
    except KeyError:
        raise Refused(-992, "pairs are not numbered from 1") from None
    pairs = _within(call, pairs, MAX_DIFFERENT)
    kind, pairs = _check(call, pairs, [text for _, text in pairs], form.get("msg_type", ""))
    return _take(call, kind, pairs)


def _within(call: "Call", entries: list[Any], limit: int) -> list[Any]:
    too_many = len(entries) > limit and call.sandbox.switches["over_limit"] == "reject"
    if not entries or too_many:
        raise Refused(-992, "number of receivers")
    return entries[:limit]


def _kind_by_size(call: "Call", text: str) -> str:
    if forms.has_image(call.form):
        return "MMS"
    return "SMS" if _size(call, text) <= SHORT else "LMS"


def _size(call: "Call", text: str) -> int:
    return byte_count(text, newline_bytes=call.sandbox.switches["newline_bytes"])


def _check(call: "Call", pairs: list[Pair], texts: list[str], kind: str) -> tuple[str, list[Pair]]:
    """The type really used and what each receiver gets; Refused if anything is wrong."""
    sizes = [_size(call, text) for text in texts]
    if not all(1 <= size <= LONG for size in sizes):
        raise Refused(-993, "bytes of msg")
    if _size(call, call.form.get("title", "")) > TITLE:
        raise Refused(-994, "bytes of title")
    if kind not in PRICES or (kind == "MMS") != forms.has_image(call.form):
        raise Refused(-995, "msg_type")
    pairs = _receivers(call, pairs)
    if kind == "SMS" and max(sizes) > SHORT:
        return _too_long(call, pairs)
    return kind, pairs


def _too_long(call: "Call", pairs: list[Pair]) -> tuple[str, list[Pair]]:
    policy, newline = call.sandbox.switches["long_sms"], call.sandbox.switches["newline_bytes"]
    if policy == "reject":
        raise Refused(-993, "bytes of a short msg")
    if policy == "upgrade":
        return "LMS", pairs
    return "SMS", [(receiver, cut(text, SHORT, newline_bytes=newline)) for receiver, text in pairs]


def _receivers(call: "Call", pairs: list[Pair]) -> list[Pair]:
    """Hyphens and duplicates by the switches. A wrong number is taken: it fails later, as a row."""
    switches = call.sandbox.switches
    if switches["hyphens"] == "reject" and any("-" in receiver for receiver, _ in pairs):
        raise Refused(-992, "a hyphen")
    if switches["hyphens"] == "strip":
        pairs = [(receiver.replace("-", ""), text) for receiver, text in pairs]
    if switches["duplicates"] == "reject" and len(dict(pairs)) < len(pairs):
        raise Refused(-992, "a receiver twice")
    return list(dict(reversed(pairs)).items())[::-1] if switches["duplicates"] == "collapse" else pairs


def _due(call: "Call", now: float) -> float | None:
    """When a reservation is due; None for at once."""
    day, clock = call.form.get("rdate", ""), call.form.get("rtime", "")
    if not day and not clock:
        return None
    due = moment(day + clock, "%Y%m%d%H%M") if len(day + clock) == 12 else None
    if due is None or due < now + LEAD_SECONDS:
        raise Refused(-996, "rdate and rtime")
    return due


def _take(call: "Call", kind: str, pairs: list[Pair]) -> dict[str, Any]:
    now = call.sandbox.now()
    due = _due(call, now)
    if call.form.get("testmode_yn", "N") not in ("Y", "N", ""):
        raise Refused(-995, "testmode_yn")
    partial = call.faulty("partial_error")
    errors = min(partial.count, len(pairs)) if partial else 0
    mid = None if call.faulty("balance_out") else _store(call, kind, pairs, now, due, errors)
    if mid is None:
        raise Refused(-201, "잔여건수가 부족합니다.")
    return {
        "result_code": "1" if call.sandbox.switches["send_code_type"] == "string" else 1,
        "message": "reserved" if due else "success",
        "msg_id": str(mid),
        "success_cnt": len(pairs) - errors,
        "error_cnt": errors,
        "msg_type": kind,
    }


def _store(call: "Call", kind: str, pairs: list[Pair], now: float, due: float | None, errors: int) -> int | None:
    switches, test = call.sandbox.switches, call.form.get("testmode_yn") == "Y"
    lag = call.faulty("list_lag")
    first = pairs[0][1]
    listed = {"first": first, "last": pairs[-1][1], "empty": ""}[switches["mass_text_in_list"]]
    batch = {
        "user_id": call.account["user_id"],
        "sender": call.form["sender"],
        "type": kind,
        "title": call.form.get("title", "") if kind != "SMS" else "",
        "msg": first,
        "listed": listed if call.endpoint == "send_mass" else first,
        "count": len(pairs),
        "errors": errors,
        "cost": 0 if test else PRICES[kind] * (len(pairs) - errors),
        "created_at": now,
        "due_at": due or now,
        "final_at": (due or now) + switches["result_seconds"],
        "listed_at": now + (lag.seconds if lag else switches["list_lag_seconds"]),
        "reserved": due is not None,
        "cancelled_at": None,
        "test": test,
    }
    return call.sandbox.store.accept(batch, _rows(call, pairs, first, errors))


def _rows(call: "Call", pairs: list[Pair], first: str, errors: int) -> list[tuple[str, str | None, str | None]]:
    """(receiver, text unless the batch's, word unless the number will tell)."""
    wrong = call.sandbox.switches["word_bad_number"]
    ordered = call.faulty("result_word")
    fixed = ordered.word if ordered else None
    good = len(pairs) - errors
    return [
        (
            receiver,
            text if text != first else None,
            fixed if n < good and MOBILE.fullmatch(receiver) else wrong,
        )
        for n, (receiver, text) in enumerate(pairs)
    ]
