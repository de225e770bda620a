"""Aligo's side of each call: who asks, what is wrong, and the answer with exactly the types seen live.

Codes that nobody has documented are taken from -990...-998, so that no client can come to rely on a guess.
"""

import ipaddress
import json
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from messaging.sandbox import forms, listing, sending
from messaging.sandbox.faults import Fault
from messaging.sandbox.refusals import Refused
from messaging.sandbox.server import Hangup, Request, Response
from messaging.sandbox.words import SENDER, php_json

if TYPE_CHECKING:
    from messaging.sandbox.app import Sandbox

FIRST_BALANCE = 84_000_00  # 10,000 short texts
REFILL_BELOW = 63_000_00  # a call with 1,000 pictures costs 60,000 won
HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
PAGE = "text/html; charset=utf-8"


@dataclass(slots=True)
class Call:
    """One authenticated call. `fault` is what was ordered to go wrong with it."""

    sandbox: "Sandbox"
    endpoint: str
    form: dict[str, str]
    account: sqlite3.Row
    fault: Fault | None

    def faulty(self, name: str) -> Fault | None:
        """The fault if it is this one."""
        return self.fault if self.fault and self.fault.fault == name else None


HANDLERS: dict[str, Callable[[Call], dict[str, Any]]] = {
    "send": sending.send,
    "send_mass": sending.send_mass,
    "list": listing.batches,
    "sms_list": listing.messages,
    "remain": listing.remain,
    "cancel": listing.cancel,
}
PATHS = {f"/{name}/" for name in HANDLERS}


def answer(sandbox: "Sandbox", request: Request) -> Response:
    """Aligo's answer: 200 whatever happens, unless a fault was ordered. May raise Hangup."""
    endpoint = request.path.strip("/")
    try:
        form = _form(request)
        user_id = _user_id(sandbox, form)
    except Refused as refused:
        return Response(php_json(refused.reply(endpoint)))
    fault = sandbox.faults.take(endpoint, user_id)
    if fault and (fault.fault == "late" or (fault.fault == "slow" and not fault.accept)):
        time.sleep(fault.seconds)
    try:
        reply = _reply(sandbox, request, form, user_id, fault)
    except Refused as refused:
        reply = refused.reply(endpoint)
    return disturbed(reply, fault)


def _reply(
    sandbox: "Sandbox", request: Request, form: dict[str, str], user_id: str, fault: Fault | None
) -> dict[str, Any]:
    endpoint = request.path.strip("/")
    if fault and not fault.accept:
        if fault.fault in ("slow", "late"):
            raise Hangup  # whoever waited long enough must not be told a lie
        return {"result_code": "1", "message": "success", "msg_id": "899999999", "success_cnt": 1, "error_cnt": 0}
    account = _account(sandbox, user_id, form.get("key", ""))
    _check_ip(account, request.client_ip, fault)
    call = Call(sandbox, endpoint, form, account, fault)
    if call.faulty("unusable") or not account["usable"]:
        raise Refused(-102, "API 인증오류입니다.")
    if ordered := call.faulty("code"):
        raise Refused(ordered.code, ordered.word)
    if endpoint in ("send", "send_mass"):
        _check_sender(call)
    return HANDLERS[endpoint](call)


# Who asks


def _form(request: Request) -> dict[str, str]:
    if request.method != "POST" or request.query:
        raise Refused(-990, "POST body only")
    try:
        return forms.fields(request)
    except forms.Undecodable as error:
        raise Refused(-991, f"undecodable: {error}") from None


def _user_id(sandbox: "Sandbox", form: dict[str, str]) -> str:
    policy = sandbox.switches["user_id_names"]
    names = ("user_id", "userid") if policy == "both" else (policy,)
    given = {form[name] for name in names if form.get(name)}
    if len(given) > 1:
        raise Refused(-991, "user_id and userid differ")
    if not given or not form.get("key"):
        raise Refused(-101, "인증오류입니다.")
    return given.pop()


def _account(sandbox: "Sandbox", user_id: str, key: str) -> sqlite3.Row:
    account = sandbox.store.account(user_id)
    if account is None and user_id.startswith("sandbox-") and sandbox.switches["trust_sandbox_accounts"]:
        sandbox.store.trust_account(user_id, key, FIRST_BALANCE)
        account = sandbox.store.account(user_id)
    if account is None or account["key"] != key:
        raise Refused(-101, "인증오류입니다.")
    if not sandbox.control and account["balance"] < REFILL_BELOW:
        # Nobody can add money there, and practising must not end for want of it.
        sandbox.store.add_money(user_id, FIRST_BALANCE - account["balance"])
    return account


def _check_ip(account: sqlite3.Row, client_ip: str, fault: Fault | None) -> None:
    allowed = json.loads(account["ips"])
    address = ipaddress.ip_address(client_ip)
    known = not allowed or any(address in ipaddress.ip_network(entry, strict=False) for entry in allowed)
    if not known or (fault and fault.fault == "ip_removed"):
        raise Refused(-101, "인증오류입니다.-IP")


def _check_sender(call: Call) -> None:
    sender, registered = call.form.get("sender", ""), call.account["senders"]
    known = SENDER.fullmatch(sender) if registered is None else sender in json.loads(registered)
    if not known or call.faulty("sender_removed"):
        raise Refused(-103, "등록/인증되지 않은 발신번호입니다.")


# What goes wrong on the way back


def disturbed(reply: dict[str, Any], fault: Fault | None) -> Response:
    """The answer after the ordered accident."""
    name = fault.fault if fault else ""
    if fault and name == "slow":
        time.sleep(fault.seconds)
    if name in ("drop", "reset"):
        raise Hangup(reset=name == "reset")
    if name == "zero_success":
        reply = {**reply, "success_cnt": 0, "error_cnt": reply.get("success_cnt", 0)}
    if name == "no_msg_id":
        reply = {key: value for key, value in reply.items() if key != "msg_id"}
    body = php_json(reply)
    if name == "cut":
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        raise Hangup(partial=head + body[: len(body) // 2])
    return _broken(body, name)


def _broken(body: bytes, name: str) -> Response:
    if name == "server_error":
        return Response(HTML, 500, PAGE)
    if name == "bad_gateway":
        return Response(HTML, 502, PAGE)
    if name == "unavailable":
        return Response(HTML, 503, PAGE)
    if name == "redirect":
        return Response(b"", 302, PAGE, {"Location": "/elsewhere/"})
    bodies = {"html": HTML, "empty": b"", "truncated": body[: len(body) // 2]}
    return Response(bodies.get(name, body))
