"""The inbox: what every phone received, as a phone shows it. Escaped by hand, with no inline code."""

import sqlite3
from datetime import datetime
from html import escape
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote

from messaging.sandbox import settings_page
from messaging.sandbox.layout import FONT, FONT_PATH, page, page_response
from messaging.sandbox.listing import state_word
from messaging.sandbox.server import Request, Response
from messaging.sandbox.words import KST, on_handset

if TYPE_CHECKING:
    from messaging.sandbox.app import Sandbox

STATIC = Path(__file__).parent / "static"
ASSETS = {"/static/sandbox.css": "text/css; charset=utf-8", "/static/inbox.js": "text/javascript; charset=utf-8"}
CONVERSATIONS, LOOKED_AT, BUBBLES = 60, 3_000, 200
SELECT = (
    "SELECT m.*, coalesce(m.msg, b.msg) AS text, b.sender, b.type, b.title, b.due_at, b.final_at, b.cancelled_at,"
    " b.test FROM messages m JOIN batches b USING (mid)"
)
WEEKDAYS = "월화수목금토일"


def answer(sandbox: "Sandbox", request: Request) -> Response:
    """A page, one of its assets, or 404."""
    path = unquote(request.path)
    if path in ASSETS:
        return Response((STATIC / Path(path).name).read_bytes(), 200, ASSETS[path], {"Cache-Control": "no-cache"})
    if path.startswith(FONT_PATH):
        return _font_file(path.removeprefix(FONT_PATH))
    if path == "/settings":
        return settings_page.answer(sandbox, request)
    if request.method not in ("GET", "HEAD"):
        return page_response(_missing(), 404)
    if path == "/":
        return page_response(_inbox(sandbox, parse_qs(request.query).get("q", [""])[0]))
    if path.startswith("/to/"):
        return page_response(_conversation(sandbox, path.removeprefix("/to/")))
    return page_response(_missing(), 404)


def _missing() -> str:
    return page("없는 화면", '<p class="empty">없는 화면이에요. <a href="/">문자함으로 가기</a></p>')


def _font_file(name: str) -> Response:
    """A piece of the font that the front end's packages brought along, if they did."""
    file = (FONT.parent / name).resolve()
    kind = {".css": "text/css; charset=utf-8", ".woff2": "font/woff2"}.get(file.suffix)
    if kind is None or not file.is_relative_to(FONT.parent.resolve()) or not file.is_file():
        return page_response(_missing(), 404)
    return Response(file.read_bytes(), 200, kind, {"Cache-Control": "max-age=86400"})


def _inbox(sandbox: "Sandbox", query: str) -> str:
    """Numbers with their newest text, the latest first."""
    digits = "".join(char for char in query if char.isdigit())
    rows = sandbox.store.rows(f"{SELECT} WHERE m.receiver LIKE ? ORDER BY m.mdid DESC LIMIT {LOOKED_AT}", f"%{digits}%")
    newest: dict[str, sqlite3.Row] = {}
    for row in rows:
        newest.setdefault(row["receiver"], row)
    shown = list(newest.values())[:CONVERSATIONS]
    items = "".join(_conversation_item(sandbox, row) for row in shown)
    more = len(newest) > CONVERSATIONS or len(rows) == LOOKED_AT
    note = '<p class="note">최근 대화만 보여요. 나머지는 번호로 찾아 주세요.</p>' if more else ""
    body = f'<ul class="conversations">{items}</ul>{note}' if shown else _nothing(query)
    return page("문자함", body, here="/", query=query, live=True)


def _nothing(query: str) -> str:
    if query:
        return f'<p class="empty">‘{escape(query)}’ 번호로 간 문자가 없어요.</p>'
    return '<p class="empty">아직 도착한 문자가 없어요.<br>문자를 보내면 여기에 휴대폰처럼 보여요.</p>'


def _conversation_item(sandbox: "Sandbox", row: sqlite3.Row) -> str:
    number = row["receiver"]
    trouble = _trouble(sandbox, row)
    snippet = f'<em class="{_mood(sandbox, trouble)}">{escape(trouble)}</em>' if trouble else _snippet(row["text"])
    return (
        f'<li><a href="/to/{quote(number, safe="")}">'
        f'<span class="avatar avatar-{_hue(number)}" aria-hidden="true">{escape(number[-2:])}</span>'
        f'<span class="who">{escape(hyphened(number))}</span><time>{_when(sandbox, row["due_at"])}</time>'
        f'<span class="snippet">{snippet}</span></a></li>'
    )


def _conversation(sandbox: "Sandbox", number: str) -> str:
    """The newest texts to one number, the newest at the bottom."""
    rows = sandbox.store.rows(f"{SELECT} WHERE m.receiver = ? ORDER BY m.mdid DESC LIMIT {BUBBLES}", number)[::-1]
    days = "".join(
        f'<h2 class="day">{day}</h2>' + "".join(_bubble(sandbox, row) for row in of_day)
        for day, of_day in groupby(rows, key=lambda row: _day(row["due_at"]))
    )
    body = f'<div class="thread">{days}</div>' if rows else _nothing(number)
    return page(hyphened(number), body, back=True, live=True)


def _bubble(sandbox: "Sandbox", row: sqlite3.Row) -> str:
    foot = f"<footer>{_at(row['due_at']):%H:%M} · {row['type']} · {escape(hyphened(row['sender']))}</footer>"
    if trouble := _trouble(sandbox, row):
        told = f'<p class="{_mood(sandbox, trouble)}">도착하지 않음 · {escape(trouble)}</p>'
        return f'<article class="bubble absent">{told}{foot}</article>'
    title = f"<strong>{escape(on_handset(row['title']))}</strong>" if row["title"] else ""
    text = f'<span class="web">[Web발신]</span>\n{escape(on_handset(row["text"]))}'
    return f'<article class="bubble">{title}<p>{text}</p>{foot}</article>'


def _trouble(sandbox: "Sandbox", row: sqlite3.Row) -> str:
    """Why the phone does not show it; empty if it does."""
    if row["test"]:
        return "테스트 발송"
    word = state_word(sandbox.switches, row, row, sandbox.now())
    return "" if word == sandbox.switches["word_delivered"] else word


def _mood(sandbox: "Sandbox", trouble: str) -> str:
    calm = (sandbox.switches["word_pending"], "예약대기중", "예약취소", "테스트 발송")
    return "waiting" if trouble in calm else "trouble"


def _snippet(text: str) -> str:
    return escape(on_handset(text)[:80])


def hyphened(number: str) -> str:
    """A number as people write it; what is no number stays as it is."""
    if not number.isdigit() or not 8 <= len(number) <= 11:
        return number
    if len(number) == 8:
        return f"{number[:4]}-{number[4:]}"
    area = 2 if number.startswith("02") else 3
    return f"{number[:area]}-{number[area:-4]}-{number[-4:]}"


def _hue(number: str) -> int:
    return sum(map(ord, number)) % 6


def _at(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, KST)


def _day(moment: float) -> str:
    day = _at(moment)
    return f"{day.year}년 {day.month}월 {day.day}일 {WEEKDAYS[day.weekday()]}요일"


def _when(sandbox: "Sandbox", moment: float) -> str:
    """The time for today's, the day for older ones."""
    at, now = _at(moment), _at(sandbox.now())
    return f"{at:%H:%M}" if at.date() == now.date() else f"{at.month}월 {at.day}일"
