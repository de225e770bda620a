"""/_/…: the strings behind the look-alike, for tests and demos. JSON, no password: keep it on this machine."""

import json
import sqlite3
from collections import Counter
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from messaging.sandbox.endpoints import FIRST_BALANCE
from messaging.sandbox.faults import FAULTS
from messaging.sandbox.server import Request, Response
from messaging.sandbox.words import on_handset

if TYPE_CHECKING:
    from messaging.sandbox.app import Sandbox


def answer(sandbox: "Sandbox", request: Request) -> Response:
    """GET shows, POST changes; 422 with a sentence for what cannot be."""
    action = ACTIONS.get((request.method, request.path.removeprefix("/_/").strip("/")))
    if action is None:
        return _json({"error": "no such control"}, 404)
    try:
        return _json(action(sandbox, _given(request)))
    except (ValueError, KeyError, TypeError) as error:
        return _json({"error": str(error)}, 422)


def _given(request: Request) -> dict[str, Any]:
    if request.method == "GET":
        return dict(parse_qsl(request.query))
    # Insisting on the type keeps pages of other sites out: they cannot send it without asking first.
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise ValueError("send application/json")
    given = json.loads(request.body or b"{}")
    if not isinstance(given, dict):
        raise ValueError("send an object")
    return given


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value, ensure_ascii=False).encode(), status)


def _accounts(sandbox: "Sandbox", given: dict[str, Any]) -> Any:
    return [_account(row) for row in sandbox.store.rows("SELECT * FROM accounts ORDER BY user_id")]


def _save_account(sandbox: "Sandbox", given: dict[str, Any]) -> Any:
    """{user_id, key, ips?, senders?, balance_won?, usable?}; senders null: any well-formed number."""
    sandbox.store.save_account(
        str(given["user_id"]),
        str(given["key"]),
        ips=list(given.get("ips") or []),
        senders=given.get("senders"),
        usable=bool(given.get("usable", True)),
        balance=round(float(given.get("balance_won", FIRST_BALANCE / 100)) * 100),
    )
    row = sandbox.store.account(given["user_id"])
    assert row is not None
    return _account(row)


def _account(row: sqlite3.Row) -> dict[str, Any]:
    senders = json.loads(row["senders"]) if row["senders"] is not None else None
    shown = {"user_id": row["user_id"], "ips": json.loads(row["ips"]), "senders": senders}
    return {**shown, "balance_won": row["balance"] / 100, "usable": bool(row["usable"])}


def _switches(sandbox: "Sandbox", given: dict[str, Any]) -> Any:
    return sandbox.switches.all()


def _set_switches(sandbox: "Sandbox", given: dict[str, Any]) -> Any:
    sandbox.change_switches(given)
    return sandbox.switches.all()


def _faults(sandbox: "Sandbox", given: dict[str, Any]) -> Any:
    return {"ordered": sandbox.faults.all(), "known": FAULTS}


def _order_fault(sandbox: "Sandbox", given: dict[str, Any]) -> Any:
    """{fault, times?, skip?, user_id?, endpoint?, accept?, seconds?, count?, code?, word?}."""
    sandbox.faults.add(given)
    return sandbox.faults.all()


def _sent(sandbox: "Sandbox", given: dict[str, Any]) -> Any:
    """What was taken, without tests and cancelled ones; ?user_id= of one account, ?rows=0 without the texts."""
    user_id = given.get("user_id", "")
    where = "NOT b.test AND b.cancelled_at IS NULL AND ? IN ('', b.user_id)"
    rows = sandbox.store.rows(
        "SELECT m.mid, m.mdid, b.user_id, b.sender, b.type, b.title, m.receiver, coalesce(m.msg, b.msg) AS text,"
        f" m.word FROM messages m JOIN batches b USING (mid) WHERE {where} ORDER BY m.mdid",
        user_id,
    )
    counts = Counter((row["user_id"], row["receiver"]) for row in rows)
    texts = Counter((row["user_id"], row["receiver"], row["text"]) for row in rows)
    return {
        "batches": len({row["mid"] for row in rows}),
        "messages": len(rows),
        "receivers": len(counts),
        "repeated": [{"user_id": key[0], "receiver": key[1], "times": n} for key, n in texts.items() if n > 1],
        "rows": [_sent_row(row) for row in rows] if given.get("rows") != "0" else [],
    }


def _sent_row(row: sqlite3.Row) -> dict[str, Any]:
    return {**dict(row), "mid": str(row["mid"]), "mdid": str(row["mdid"]), "handset": on_handset(row["text"])}


def _deliver(sandbox: "Sandbox", given: dict[str, Any]) -> Any:
    """{} ends all waiting; {word, mid?, receiver?} gives texts a word of your own; {mid?, receiver?} of those only."""
    wanted = {name: value for name, value in given.items() if name in ("mid", "receiver")}
    where = " AND ".join(["1", *(f"{name} = ?" for name in wanted)])
    if "word" in given:
        change = f"UPDATE messages SET word = ? WHERE {where}"
        return {"messages": sandbox.store.change(change, given["word"], *wanted.values())}
    change = f"UPDATE batches SET final_at = 0 WHERE mid IN (SELECT mid FROM messages WHERE {where})"
    return {"batches": sandbox.store.change(change, *wanted.values())}


def _reset(sandbox: "Sandbox", given: dict[str, Any]) -> Any:
    sandbox.reset()
    return {}


ACTIONS = {
    ("GET", "accounts"): _accounts,
    ("POST", "accounts"): _save_account,
    ("GET", "switches"): _switches,
    ("POST", "switches"): _set_switches,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _order_fault,
    ("GET", "sent"): _sent,
    ("POST", "deliver"): _deliver,
    ("POST", "reset"): _reset,
}
