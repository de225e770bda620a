"""연습 문자함: a tenant's practice texts as phones show them, from our own record: the sandbox's page has no walls."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from accounts.permissions import Permission, requires
from accounts.requests import TenantRequest
from messaging import selectors
from messaging.enums import Type
from messaging.models import Message
from messaging.views import paging, rows
from messaging.views.answers import page, practice_url, wants_part
from ui import times

# A text that has no result by then gets none soon: the page stops asking.
WATCHED = timedelta(minutes=5)


@require_safe
@requires(Permission.MESSAGE_VIEW)
def practice(request: TenantRequest) -> HttpResponse:
    """Every phone with its newest text; where there is room, the newest phone is open beside them."""
    return _show(request, None)


# By a text's id: what a person's number is must not stand in an address.
@require_safe
@requires(Permission.MESSAGE_VIEW)
def practice_thread(request: TenantRequest, pk: int) -> HttpResponse:
    """The phone that this text went to."""
    return _show(request, get_object_or_404(selectors.practice_texts(request.tenant), pk=pk))


def _show(request: TenantRequest, opened: Message | None) -> HttpResponse:
    cursor = request.GET.get("cursor", "")
    phones = paging.by_id(selectors.practice_phones(request.tenant), cursor)
    current = opened or next(iter(phones.rows), None)
    texts = paging.Slice([])
    if current:
        of_phone = selectors.practice_thread(request.tenant, current.phone)
        texts = paging.by_id(of_phone, request.GET.get("older", ""))
    _dress(request, phones.rows + texts.rows)
    context: dict[str, Any] = {
        "phones": phones,
        "texts": texts,
        "current": current,
        "opened": opened is not None,
        "keep": _query(cursor=cursor),
        "later_url": _query(cursor=cursor, older=texts.previous),
        "earlier_url": _query(cursor=cursor, older=texts.following),
        "live": any(row.waiting for row in texts.rows),
        "inbox_url": practice_url(request.tenant),
    }
    part = "#practice" if wants_part(request, "practice") else ""
    return page(request, f"messaging/practice.html{part}", context)


def _query(**given: str) -> str:
    wanted = {name: value for name, value in given.items() if value}
    return f"?{urlencode(wanted)}" if wanted else ""


def _dress(request: TenantRequest, found: list[Any]) -> None:
    """Add to each text its words, whether it arrived, and whether that may still change while one looks on."""
    rows.dress_messages(request.tenant, found)
    recent = times.now() - WATCHED
    for row in found:
        row.absent = row.effective_state in rows.LOST
        row.waiting = row.effective_state in rows.WAITING and bool(row.sent_at) and row.sent_at > recent
        row.kind = Type(row.type).label
