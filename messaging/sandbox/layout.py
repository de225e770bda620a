"""The frame of every page, and the headers that let nothing foreign in."""

from html import escape
from pathlib import Path

from messaging.sandbox.server import Response

# Where `npm ci` puts it; without it the system's own Korean font serves.
FONT = Path("node_modules/pretendard/dist/web/variable/pretendardvariable-dynamic-subset.css")
FONT_PATH = "/font/"
POLICY = (
    "default-src 'none'; font-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
PLACES = {"/": "문자함", "/settings": "설정"}


def page_response(html: str, status: int = 200) -> Response:
    """A page with its headers."""
    return Response(html.encode(), status, "text/html; charset=utf-8", HEADERS)


def page(title: str, body: str, *, here: str = "", query: str = "", back: bool = False, live: bool = False) -> str:
    """A whole page. `body` is HTML; `live` pages look for news by themselves."""
    mark = " data-live" if live else ""
    font = f'<link rel="stylesheet" href="{FONT_PATH}{FONT.name}">' if FONT.is_file() else ""
    return (
        '<!doctype html><html lang="ko"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · 알리고 모의 서버</title>"
        f'{font}<link rel="stylesheet" href="/static/sandbox.css"><script src="/static/inbox.js" defer></script></head>'
        f"<body>{_head(title, here, query, back)}<main{mark}>{body}</main></body></html>"
    )


def _head(title: str, here: str, query: str, back: bool) -> str:
    arrow = '<a class="back" href="/" aria-label="문자함으로 돌아가기">‹</a>' if back else ""
    links = "".join(
        f'<a href="{path}"{" aria-current=page" if path == here else ""}>{name}</a>' for path, name in PLACES.items()
    )
    search = (
        '<form class="search" role="search"><input type="search" name="q" inputmode="numeric" autocomplete="off"'
        f' aria-label="번호로 찾기" placeholder="번호로 찾기" value="{escape(query)}"></form>'
    )
    return (
        f'<header class="bar"><div class="top">{arrow}<h1>{escape(title)}</h1>'
        f'<nav aria-label="화면">{links}</nav></div>'
        f"{search if here == '/' else ''}</header>"
    )
