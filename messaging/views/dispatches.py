"""발송 내역: every dispatch with its state, one dispatch as it goes, and what a person may still do to it."""

import math
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts import exports
from accounts.exceptions import Refusal
from accounts.permissions import Permission, allows, customer_safe, requires
from accounts.requests import TenantRequest
from messaging import ads, selectors
from messaging.drafting import Audience
from messaging.enums import AccountMode, DispatchState
from messaging.forms import ExportForm
from messaging.models import AligoAccount, Batch, Dispatch
from messaging.rules import ad_title
from messaging.selectors import nights, settling, stops
from messaging.selectors.dispatches import Counts
from messaging.services import compose as composing
from messaging.services import policies, resending
from messaging.views import paging, rows, words
from messaging.views.aligo import HOME_URL
from messaging.views.answers import attempt, blame, go, page, wants_part
from ui import times

TABS = [
    ("", gettext_lazy("전체")),
    (DispatchState.SENDING, gettext_lazy("보내는 중")),
    (DispatchState.SCHEDULED, gettext_lazy("예약")),
    (DispatchState.HELD, gettext_lazy("멈춤")),
    (DispatchState.FINISHED, gettext_lazy("완료")),
    (DispatchState.CANCELLED, gettext_lazy("취소")),
]


@require_safe
@requires(Permission.MESSAGE_VIEW)
@customer_safe
def dispatch_list(request: TenantRequest) -> HttpResponse:
    state = request.GET.get("state", "")
    found = selectors.dispatches(request.tenant)
    if state in DispatchState.values:
        wanted = [state] if state != DispatchState.SENDING else [DispatchState.PREPARING, DispatchState.SENDING]
        found = found.filter(state__in=wanted)
    piece = paging.by_id(found, request.GET.get("cursor", ""))
    context = {"found": piece, "rows": rows.of_dispatches(piece.rows), "state": state, "tabs": TABS}
    part = "#results" if wants_part(request, "results") else ""
    return page(request, f"messaging/dispatches.html{part}", context)


@require_safe
@requires(Permission.MESSAGE_VIEW)
@customer_safe
def dispatch_detail(request: TenantRequest, pk: int) -> HttpResponse:
    """The page, its progress alone (asked for every few seconds while it goes) or its list alone."""
    dispatch = _dispatch(pk)
    if wants_part(request, "progress"):
        return progress_part(request, dispatch)
    known = _known(dispatch)
    if wants_part(request, "messages"):
        return page(request, "messaging/dispatch_detail.html#messages", _list(request, known))
    context = _list(request, known) | _progress(known)
    context |= {
        "source_words": words.source(dispatch),
        **_as_it_leaves(dispatch),
        "may_export": allows(request.staff, Permission.MEMBER_EXPORT),
        "export_form": ExportForm(),
        "others": list(dispatch.others.order_by("id")),
        "plan_words": words.plan(dispatch),
        "text_title": _("보낸 내용") if dispatch.first_sent_at else _("보낼 내용"),
        "resends": list(dispatch.resends.order_by("-id")[:20]),
        "is_sandbox": dispatch.mode == AccountMode.SANDBOX,
    }
    return page(request, "messaging/dispatch_detail.html", context)


@require_POST
@requires(Permission.MESSAGE_SEND)
@customer_safe
def dispatch_cancel(request: TenantRequest, pk: int) -> HttpResponse:
    dispatch = _dispatch(pk)
    planned = dispatch.state == DispatchState.SCHEDULED
    attempt(
        request,
        lambda: composing.cancel(tenant=request.tenant, by=request.user, dispatch=dispatch),
        _("예약을 취소했어요. 아무에게도 보내지 않아요.") if planned else _("남은 문자를 보내지 않아요."),
    )
    return go(request, "messaging:dispatch-detail", pk)


@require_POST
@requires(Permission.MESSAGE_SEND)
@customer_safe
def dispatch_resume(request: TenantRequest, pk: int) -> HttpResponse:
    dispatch = _dispatch(pk)
    attempt(
        request,
        lambda: composing.resume(tenant=request.tenant, by=request.user, dispatch=dispatch),
        _("이어서 보내요."),
    )
    return go(request, "messaging:dispatch-detail", pk)


@require_POST
@requires(Permission.MEMBER_EXPORT)
def dispatch_export(request: TenantRequest, pk: int) -> HttpResponse:
    """Queue a file of the texts and their results; it is fetched from the list of exports."""
    dispatch, form = _dispatch(pk), ExportForm(request.POST)
    if form.is_valid():
        params = {"dispatch": dispatch.pk, "masked": form.cleaned_data["masked"]}
        try:
            exports.request_export(
                tenant=request.tenant, by=request.user, kind="dispatch", params=params, **form.cleaned_data
            )
        except Refusal as refusal:
            blame(form, refusal)
        else:
            messages.success(request, _("파일을 만들고 있어요. 다 되면 이 목록에서 내려받을 수 있어요."))
            return go(request, "accounts:exports")
    context = {"dispatch": dispatch, "export_form": form}
    return page(request, "messaging/dispatch_detail.html#export", context, status=422)


def _as_it_leaves(dispatch: Dispatch) -> dict[str, str]:
    """Text and title; an ad's with the blocks of today. What each person got stands in the list."""
    if not dispatch.ad:
        return {"text": dispatch.text, "subject": dispatch.title}
    around = ads.blocks(policies.of(dispatch.tenant), dispatch.tenant.name)
    return {"text": ads.shown(dispatch.text, around), "subject": ad_title(dispatch.title)}


def _dispatch(pk: int) -> Dispatch:
    return get_object_or_404(Dispatch, pk=pk)


def progress_part(request: TenantRequest, dispatch: Dispatch) -> HttpResponse:
    """How far a dispatch is, alone; says to the page when its list should follow."""
    context = _progress(_known(dispatch))
    response = page(request, "messaging/dispatch_detail.html#progress", context)
    # The list follows where it is short, and where a stage begins or all ends (people are known, it is held, it is
    # finished); in between a long one must not jump under a reader's eyes.
    seen = request.GET.get("seen", "")
    if seen != context["stamp"]:
        is_short = dispatch.total is not None and dispatch.total <= paging.SIZE
        if is_short or not context["poll"] or seen.partition("-")[0] != dispatch.state:
            response["HX-Trigger"] = "dispatch-moved"
    return response


@dataclass(frozen=True)
class Known:
    """What both halves of the page need to know of a dispatch, asked for once."""

    dispatch: Dispatch
    counts: Counts
    account: AligoAccount | None

    @property
    def same_mode(self) -> bool:
        """Whether a resend would go where the first one went: to phones, or to the practice inbox."""
        return self.dispatch.mode == (self.account.mode if self.account else AccountMode.SANDBOX)

    @property
    def is_past(self) -> bool:
        """Whether it is too late for its text, so that it is not sent again."""
        return self.dispatch.expires_at is not None and self.dispatch.expires_at <= times.now()


def _known(dispatch: Dispatch) -> Known:
    return Known(dispatch, selectors.counts(dispatch), selectors.balance(dispatch.tenant))


def _progress(known: Known) -> dict[str, Any]:
    dispatch, counts = known.dispatch, known.counts
    sums = rows.sums(counts)
    return sums | {
        "dispatch": dispatch,
        "same_mode": known.same_mode,
        "title": words.title(dispatch),
        "counts": counts,
        "pace": rows.pace(selectors.progress(dispatch, counts)),
        "undecided": _undecided(dispatch) if counts["unknown"] else None,
        "countdown": _countdown(dispatch),
        "is_silent": dispatch.is_open and stops.is_silent(known.account),
        "again": resending.unreached(tenant=dispatch.tenant, dispatch=dispatch, failed=sums["lost"]),
        "newcomers": _may_have_newcomers(dispatch),
        "may_resend": dispatch.state == DispatchState.FINISHED and known.same_mode and not known.is_past,
        "morning": nights.morning(dispatch),
        "splits_until": nights.splits_until(dispatch),
        "state_label": words.state_label(dispatch),
        "bar_tone": "green" if dispatch.state == DispatchState.FINISHED else "",
        "poll": _poll_seconds(dispatch),
        "stamp": f"{dispatch.state}-{sums['settled']}-{sums['handed']}",
        "state_words": words.dispatch_state(dispatch),
        "fix": words.account_fix(dispatch.held_reason) if dispatch.state == DispatchState.HELD else None,
        "egress_ips": settings.EGRESS_IPS,
        "aligo_url": HOME_URL,
        "may_stop": dispatch.is_open and (dispatch.total is None or sums["queued"] > 0),
        "stop_question": _stop_question(dispatch, sums["queued"]),
    }


def _undecided(dispatch: Dispatch) -> Batch | None:
    """The first of its batches that waits for a person's word."""
    return settling.undecided(dispatch.tenant).filter(dispatch=dispatch).first()


def _countdown(dispatch: Dispatch) -> dict[str, Any] | None:
    """How long it can still be taken back, of how long at first; held up where all is stopped."""
    if not words.waits(dispatch) or not dispatch.undo_until:
        return None
    left = max((dispatch.undo_until - times.now()).total_seconds(), 0)
    total = max((dispatch.undo_until - dispatch.created_at).total_seconds(), 1)
    stopped = policies.is_stopped(dispatch.tenant)
    return {"seconds": math.ceil(left), "left": round(left * 1000), "total": round(total * 1000), "stopped": stopped}


def _may_have_newcomers(dispatch: Dispatch) -> bool:
    """Whether its audience can have grown since: it named groups or everybody."""
    return (
        Audience.from_json(dispatch.audience).has_roster
        and dispatch.state == DispatchState.FINISHED
        and not dispatch.is_test
    )


def _stop_question(dispatch: Dispatch, queued: int) -> str:
    if dispatch.state == DispatchState.SCHEDULED:
        return _("예약을 취소할까요? 아무에게도 보내지 않아요.")
    if dispatch.total is None:
        return _("보내지 않고 멈출까요?")
    return _("아직 보내지 않은 {count:,}건을 보내지 않을까요? 이미 나간 문자는 되돌릴 수 없어요.").format(count=queued)


def _poll_seconds(dispatch: Dispatch) -> int:
    """How soon to look again: often at first, calmly later, never where nothing moves by itself. 0: not at all."""
    if dispatch.state == DispatchState.HELD:
        return 15
    if countdown := _countdown(dispatch):
        return int(countdown["seconds"]) + 3
    if dispatch.state == DispatchState.SCHEDULED and dispatch.send_at:
        return 10 if (dispatch.send_at - times.now()).total_seconds() < 600 else 0
    if dispatch.state not in rows.LIVE:
        return 0
    age = (times.now() - (dispatch.first_sent_at or dispatch.created_at)).total_seconds()
    return 2 if age < 120 else 5 if age < 900 else 30


def _list(request: TenantRequest, known: Known) -> dict[str, Any]:
    tab, cursor = request.GET.get("tab", ""), request.GET.get("cursor", "")
    dispatch, counts = known.dispatch, known.counts
    if tab == "excluded":
        found = paging.by_id(selectors.excluded(dispatch), cursor, newest=False)
        rows.link_members(request.tenant, found.rows)
    else:
        found = paging.by_id(selectors.messages(dispatch, state=tab or None), cursor, column="phone")
        rows.dress_messages(request.tenant, found.rows, dispatch.text)
    again = any(getattr(row, "may_resend", False) for row in found.rows)
    shown = {"dispatch": dispatch, "same_mode": known.same_mode, "is_past": known.is_past}
    shown["countdown"] = words.waits(dispatch)
    shown["may_pick"] = again and shown["same_mode"] and not shown["is_past"]
    return shown | {"counts": counts, "found": found, "current_tab": tab, "tabs": rows.tabs(counts, tab)}
