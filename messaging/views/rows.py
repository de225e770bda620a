"""Rows of dispatches and messages made ready for the pages: words, tones, links, what may be done next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch
from django.utils.translation import gettext as _

from accounts.models import Tenant
from accounts.scoping import tenant_url
from members.models import Member
from messaging import selectors
from messaging.enums import BatchState, DispatchState, MessageState
from messaging.models import Dispatch
from messaging.selectors.dispatches import Progress
from messaging.views import words
from ui import phones, times
from ui.times import kago, kdatetime

Counts = Mapping[str, Any]
LOST = ("failed", "rejected", "expired")
WAITING = ("queued", "sending", "accepted", "unknown")
AGAIN = (*LOST, "no_result", "cancelled")
NEVER_AGAIN = {"opted_out", "gone", "no_consent", "expired", "paid"}  # for these a resend leaves them out, whoever asks
LIVE = (DispatchState.PREPARING, DispatchState.SENDING)


def sums(counts: Counts) -> dict[str, int]:
    """The numbers people ask for: who got it, what is under way, what was lost, what never left."""
    n = {name: counts[name] or 0 for name in (*LOST, *WAITING, "delivered", "no_result", "cancelled")}
    total = counts["total"] or 0
    return {
        "queued": n["queued"],
        "waiting": sum(n[name] for name in WAITING),
        "lost": n["failed"] + n["rejected"],
        "unsent": n["cancelled"] + n["expired"],
        "settled": total - sum(n[name] for name in WAITING),
        # Only what Aligo took: nobody knows yet whether the unknown left, and the rejected and expired never did.
        "handed": n["accepted"] + n["delivered"] + n["failed"] + n["no_result"],
    }


def pace(going: Progress) -> str:
    """1분에 4,200건 · 약 3분 남음; empty where nothing has left within the minute."""
    if not going.rate or not going.eta:
        return ""
    left = (going.eta - times.now()).total_seconds()
    soon = _("곧 끝나요") if left < 60 else _("약 {count:,}분 남음").format(count=round(left / 60))
    return _("1분에 {count:,}건").format(count=going.rate) + " · " + soon


@dataclass(frozen=True)
class DispatchRow:
    dispatch: Dispatch
    counts: Counts
    title: str
    state_label: str
    is_undone: bool
    settled: int
    percent: int
    lost: int
    unsent: int
    tone: str
    live: bool
    when: Any
    when_words: str
    plan: str


def of_dispatches(found: list[Dispatch]) -> list[DispatchRow]:
    """One query for the counts of them all."""
    counts = selectors.counts_of(found)
    return [_row(dispatch, counts[dispatch.pk]) for dispatch in found]


def _row(dispatch: Dispatch, counts: Counts) -> DispatchRow:
    n, total = sums(counts), dispatch.total or 0
    planned = dispatch.state == DispatchState.SCHEDULED
    when = dispatch.send_at if planned else dispatch.first_sent_at or dispatch.created_at
    return DispatchRow(
        dispatch=dispatch,
        counts=counts,
        title=words.title(dispatch),
        state_label=words.state_label(dispatch),
        is_undone=words.is_undone(dispatch),
        settled=n["settled"],
        percent=n["settled"] * 100 // total if total else 0,
        lost=n["lost"],
        unsent=n["unsent"],
        tone="green" if dispatch.state == DispatchState.FINISHED else "",
        live=dispatch.state in LIVE,
        when=when,
        when_words=kdatetime(when) if planned else kago(when),
        plan=words.plan(dispatch),
    )


def tabs(counts: Counts, current: str) -> list[dict[str, Any]]:
    """전체, the states that have somebody in them, 제외; the one that is open stays even when empty."""
    shown = [{"value": "", "label": _("전체"), "count": counts["total"]}]
    for state in (*WAITING, *MessageState.values):
        count = counts.get(state) or 0
        if count or state == current:
            shown.append({"value": state, "label": words.message_state(state), "count": count})
    # Before it is prepared nobody has been left out, and "0" would say that nobody will be.
    if counts["total"] is not None or counts["excluded"] or current == "excluded":
        shown.append({"value": "excluded", "label": _("제외"), "count": counts["excluded"] or 0})
    return shown


def dress_messages(tenant: Tenant, found: list[Any], text: str = "") -> None:
    """Add words, why and what may be done next to each message of a page; `text` is shown elsewhere already."""
    link_members(tenant, found)
    for row in found:
        state = row.effective_state
        row.words = words.message_state(state)
        row.own_text = row.full_text if row.full_text != text else ""
        row.who = row.name or phones.mask_phone(row.phone)
        row.why = _why(row)
        row.wrong_number = row.effective_reason in ("bad_number", "no_subscriber")
        row.may_resend = state in AGAIN and not {state, row.effective_reason} & NEVER_AGAIN


def _why(row: Any) -> str:
    """What went wrong and what to do about it, where something did."""
    state = row.effective_state
    if state == BatchState.UNKNOWN:
        return _("알리고의 대답을 받지 못해 발송 목록과 맞춰 보고 있어요. 그동안은 다시 보내지 않아요.")
    if state not in AGAIN:
        return ""
    return " ".join(str(part) for part in selectors.failure_words(row.effective_reason or state))


def link_members(tenant: Tenant, found: list[Any]) -> None:
    """Add `member_url` where the member still lives; a page's members in one query."""
    ids = {row.member_id for row in found if row.member_id}
    living = set(Member.objects.filter(pk__in=ids, deleted_at=None).values_list("pk", flat=True)) if ids else set()
    for row in found:
        row.member_url = _member_url(tenant, row.member_id) if row.member_id in living else ""


def _member_url(tenant: Tenant, pk: int) -> str:
    try:
        return tenant_url(tenant, "members:member-detail", pk)
    except NoReverseMatch:  # an installation without the members' pages still shows its messages
        return ""
