"""Accounts with their money, the switches, and faults to order: what the control API offers, for people."""

import sqlite3
from html import escape
from typing import TYPE_CHECKING, Any

from messaging.sandbox import forms
from messaging.sandbox.layout import page, page_response
from messaging.sandbox.sending import PRICES
from messaging.sandbox.server import Request, Response
from messaging.sandbox.switches import CHOICES, DEFAULTS

if TYPE_CHECKING:
    from messaging.sandbox.app import Sandbox

LABELS = {
    "trust_sandbox_accounts": "sandbox- 계정을 첫 호출에 만들기",
    "send_code_type": "발송 성공 코드의 형",
    "cancel_code_type": "취소 성공 코드의 형",
    "user_id_names": "계정 항목의 이름",
    "long_sms": "90바이트를 넘는 SMS",
    "newline_bytes": "줄바꿈의 바이트 수",
    "over_limit": "한도를 넘는 받는 사람",
    "hyphens": "번호 안의 하이픈",
    "duplicates": "한 요청 안의 같은 번호",
    "page_size": "범위를 벗어난 page_size",
    "limit_day_direction": "limit_day의 방향",
    "mass_text_in_list": "목록에 보이는 개별 문구",
    "test_rows": "테스트 발송을 목록에",
    "alimtalk_rows": "목록에 알림톡 섞기",
    "list_lag_seconds": "목록에 늦게 보이기(초)",
    "result_seconds": "결과가 나오기까지(초)",
    "word_pending": "대기 중의 말",
    "word_delivered": "도착의 말",
    "word_bad_number": "잘못된 번호의 말",
    "word_no_subscriber": "없는 가입자의 말",
    "clock_offset": "시계 앞당기기(초)",
}
CHOICE_LABELS = {
    "True": "켜기",
    "False": "끄기",
    "string": "문자열",
    "int": "숫자",
    "both": "user_id와 userid",
    "reject": "거절",
    "truncate": "잘라내기",
    "upgrade": "LMS로 바꾸기",
    "fail": "실패한 행으로",
    "strip": "지우기",
    "accept": "그대로 받기",
    "collapse": "하나로 합치기",
    "clamp": "범위로 맞추기",
    "forward": "뒤의 날로",
    "backward": "앞의 날로",
    "first": "첫 문구",
    "last": "마지막 문구",
    "empty": "비움",
    "visible": "보이기",
    "hidden": "숨기기",
}
FAULT_LABELS = {
    "drop": "받은 뒤 대답 없이 끊기",
    "reset": "받은 뒤 연결 재설정",
    "slow": "받은 뒤 늦게 대답",
    "late": "늦게 받기",
    "html": "받은 뒤 HTML로 대답",
    "empty": "받은 뒤 빈 대답",
    "truncated": "받은 뒤 반쪽 JSON",
    "cut": "대답하다가 끊기",
    "server_error": "받은 뒤 500",
    "bad_gateway": "받은 뒤 502",
    "unavailable": "받은 뒤 503",
    "redirect": "받은 뒤 302",
    "no_msg_id": "msg_id 없는 성공",
    "zero_success": "success_cnt 0인 성공",
    "partial_error": "한 명은 바로 실패",
    "list_lag": "목록에 늦게 보이기",
    "balance_out": "잔액 부족",
    "ip_removed": "IP 미등록",
    "sender_removed": "발신번호 미등록",
    "unusable": "API 사용 불가",
    "page_shift": "목록을 읽는 중에 새 문자",
}
AMOUNTS = (10_000, 50_000, 100_000, 1_000_000)
HELP = "끝 네 자리가 0000이면 잘못된 번호, 0001이면 없는 가입자, 0002면 결과가 나오지 않아요. 나머지는 도착해요."


def answer(sandbox: "Sandbox", request: Request) -> Response:
    """Show on GET; change and come back on POST, from our own pages only."""
    if request.method != "POST":
        return page_response(_page(sandbox))
    # No session to steal, but another site's page must not order faults on this machine.
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return page_response(_page(sandbox, "다른 사이트에서 온 요청은 받지 않아요."), 403)
    try:
        _change(sandbox, forms.fields(request))
    except (ValueError, KeyError, forms.Undecodable):
        return page_response(_page(sandbox, "값을 확인하고 다시 저장해 주세요."), 422)
    return Response(b"", 303, headers={"Location": "/settings"})


def _change(sandbox: "Sandbox", form: dict[str, str]) -> None:
    deed = form.pop("deed")
    if deed == "money":
        sandbox.store.add_money(form["user_id"], int(form["amount"]) * 100)
    elif deed == "fault":
        sandbox.faults.add({"fault": form["fault"], "times": int(form["times"])})
    elif deed == "clear-faults":
        sandbox.faults.clear()
    else:
        sandbox.change_switches({name: _value(name, text) for name, text in form.items()})


def _value(name: str, text: str) -> Any:
    """The switch's value that the form's text stands for."""
    for choice in CHOICES.get(name, ()):
        if str(choice) == text:
            return choice
    return text if isinstance(DEFAULTS[name], str) else float(text)


def _page(sandbox: "Sandbox", problem: str = "") -> str:
    alert = f'<p class="alert" role="alert">{problem}</p>' if problem else ""
    accounts = sandbox.store.rows("SELECT * FROM accounts ORDER BY user_id LIMIT 200")
    cards = "".join(map(_account, accounts)) or '<p class="note">아직 계정이 없어요. 첫 호출 때 만들어져요.</p>'
    body = (
        f"{alert}<section><h2>계정</h2>{cards}</section><section><h2>일부러 고장내기</h2>{_faults(sandbox)}</section>"
        f'<section><h2>동작</h2><p class="note">{HELP}</p>{_switches(sandbox)}</section>'
    )
    return page("설정", body, here="/settings")


def _account(account: sqlite3.Row) -> str:
    counts = "".join(
        f"<div><dt>{kind}</dt><dd>{max(account['balance'], 0) // price:,}건</dd></div>"
        for kind, price in PRICES.items()
    )
    options = "".join(f'<option value="{amount}">{amount:,}원</option>' for amount in AMOUNTS)
    name = escape(account["user_id"])
    return (
        f'<form class="card" method="post" action="/settings"><h3>{name}</h3>'
        f'<p class="money">{account["balance"] / 100:,.0f}원</p><dl>{counts}</dl>'
        f'<input type="hidden" name="deed" value="money"><input type="hidden" name="user_id" value="{name}">'
        f'<div class="row"><select name="amount" aria-label="{name} 충전 금액">{options}</select>'
        "<button>충전하기</button></div></form>"
    )


def _faults(sandbox: "Sandbox") -> str:
    ordered = "".join(
        f"<li>{FAULT_LABELS.get(order['fault'], order['fault'])} · {order['times']}번</li>"
        for order in sandbox.faults.all()
    )
    options = "".join(f'<option value="{name}">{label}</option>' for name, label in FAULT_LABELS.items())
    waiting = (
        f'<ul class="orders">{ordered}</ul><form method="post" action="/settings">'
        '<input type="hidden" name="deed" value="clear-faults"><button class="quiet">모두 없던 일로</button></form>'
    )
    return (
        '<div class="card"><form method="post" action="/settings"><input type="hidden" name="deed" value="fault">'
        f'<label>다음 발송에서<select name="fault">{options}</select></label>'
        '<div class="row"><label>몇 번<input name="times" type="number" min="1" max="1000" value="1"></label>'
        f"<button>예약하기</button></div></form>{waiting if ordered else ''}</div>"
    )


def _switches(sandbox: "Sandbox") -> str:
    fields = "".join(
        f"<label>{LABELS[name]}{_field(name, value)}</label>" for name, value in sandbox.switches.all().items()
    )
    return (
        '<form class="card switches" method="post" action="/settings">'
        f'<input type="hidden" name="deed" value="switches">{fields}'
        "<button>저장하기</button></form>"
    )


def _field(name: str, value: Any) -> str:
    if name not in CHOICES:
        return f'<input name="{name}" value="{escape(f"{value:g}" if not isinstance(value, str) else value)}">'
    options = "".join(
        f'<option value="{choice}"{" selected" if choice == value else ""}>{label}</option>'
        for choice, label in [(choice, CHOICE_LABELS.get(str(choice), choice)) for choice in CHOICES[name]]
    )
    return f'<select name="{name}">{options}</select>'
