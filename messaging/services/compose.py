"""From a draft to a stored Dispatch, and what a person may still do to it: change, stop, go on, send again."""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, Q

from accounts import audit
from accounts.models import Tenant, User
from accounts.ringing import ring
from config.queues import BULK, NOW
from messaging import exceptions as no
from messaging.drafting import Audience, Draft
from messaging.enums import BatchState, DispatchState, Source
from messaging.merging import Left
from messaging.models import Batch, Dispatch, Excluded, SendingPolicy
from messaging.models import Draft as Kept
from messaging.selectors import audience as people
from messaging.services import accounts, closing, drafts, families, holds, nights, planning, policies, resending, turns
from messaging.services.checking import Checked, check
from messaging.services.quoting import Quote, draft_of, preview, quote
from messaging.text import Template, normalise
from ui import times

__all__ = [
    "Quote",
    "cancel",
    "change",
    "preview",
    "quote",
    "resend",
    "resume",
    "send_test",
    "start_now",
    "submit",
    "undo",
]
CHANGEABLE = {"to", "text", "title", "sender", "ad", "each", "each_reason", "send_at", "expires_at", "name"}


def submit(
    *,
    tenant: Tenant,
    by: audit.Actor,
    draft: Draft,
    key: str | None = None,
    source: str = Source.PAGE,
    undo: bool = False,
) -> Dispatch:
    """Store what is to be sent and ring for it. The same key twice is the same Dispatch; refuses what can't go out.

    With `undo`, what would leave now for more than ten people waits for second thoughts as long as the tenant wants.
    """
    if key and (known := Dispatch.objects.filter(tenant=tenant, key=key).first()):
        return known
    checked = check(tenant=tenant, draft=draft)
    checked.must_be_fine()
    _must_reach_somebody(tenant, draft.to, checked)
    night = _night(tenant, draft, checked)
    return _store(tenant, by, draft, checked, key, undo=undo, night=night, source=source)


def send_test(*, tenant: Tenant, by: audit.Actor, draft: Draft, phones: list[str]) -> Dispatch:
    """The text as the first recipient would get it, to one's own phones, now.

    An ad leaves with its blocks; consent and night are not asked of one's own phone.
    """
    checked = check(tenant=tenant, draft=draft)
    # The words alone: what is sent as the test's own text is put between the blocks there.
    bare = replace(checked, template=replace(checked.typed, ad=draft.ad))
    sample = preview(tenant=tenant, draft=draft, count=1, checked=bare)
    text = sample[0].text if sample and "#{" not in sample[0].text else draft.text
    to = Audience(phones=[(p, "") for p in phones])
    test = replace(draft, text=text, to=to, each=False, send_at=None, expires_at=None)
    checked = check(tenant=tenant, draft=test)
    checked.must_be_fine()
    _must_reach_somebody(tenant, test.to, checked, own=True)
    return _store(tenant, by, test, checked, None, source=Source.TEST, is_test=True)


def version(dispatch: Dispatch) -> str:
    """A word that differs whenever what would be sent differs: a page that shows an older one is stale."""
    return hashlib.sha256(repr(draft_of(dispatch)).encode()).hexdigest()[:32]


def change(
    *,
    tenant: Tenant,
    by: audit.Actor,
    dispatch: Dispatch,
    seen: str | None = None,
    undo: bool = False,
    **changes: Any,
) -> Dispatch:
    """Another text, audience or time while it is scheduled, to the last moment; `send_at=None` sends it now.

    `seen` is the `version` that the person saw: StaleSchedule if somebody else changed it since. `undo` as in submit.
    """
    assert set(changes) <= CHANGEABLE, "unknown field"
    _must_be_of(tenant, dispatch)
    before = draft_of(dispatch)
    draft = replace(before, **changes)
    if dispatch.state != DispatchState.SCHEDULED:
        raise no.NotScheduled
    checked = check(tenant=tenant, draft=draft)
    checked.must_be_fine()
    _must_reach_somebody(tenant, draft.to, checked)
    night = _night(tenant, draft, checked)
    changed = sorted(name for name in changes if getattr(draft, name) != getattr(before, name))
    with transaction.atomic():
        if seen and seen != version(Dispatch.objects.select_for_update(no_key=True, of=("self",)).get(pk=dispatch.pk)):
            raise no.StaleSchedule
        fields = _columns(tenant, draft, checked, undo=undo, night=night)
        if draft.ad and draft.send_at == before.send_at:  # it was moved before, and stays where it is
            fields["asked_at"] = fields["asked_at"] or dispatch.asked_at
        still = Dispatch.objects.filter(tenant=tenant, pk=dispatch.pk, state=DispatchState.SCHEDULED)
        if still.update(**fields) != 1:
            raise no.NotScheduled
        audit.record(tenant=tenant, by=by, kind="dispatch.changed", subject=dispatch, fields=changed)
        dispatch.refresh_from_db()
        _ring(dispatch)
    dispatch.notices = night.notices if night else []  # type: ignore[attr-defined]
    return dispatch


def start_now(*, tenant: Tenant, by: audit.Actor, dispatch: Dispatch, skip: bool = False) -> bool:
    """Start what is due at this moment, not at the next tick; with `skip` also what still waits for second thoughts.

    False if it isn't due, has begun or all is stopped: whoever asks, however often, it starts once.
    """
    _must_be_of(tenant, dispatch)
    now = times.now()
    due = Q(send_at__lte=now) | Q(undo_until__isnull=False) if skip else Q(send_at__lte=now)
    stopped = SendingPolicy.objects.filter(tenant=tenant).exclude(stopped_at=None)
    with transaction.atomic():
        rows = Dispatch.objects.filter(due, ~Exists(stopped), tenant=tenant, pk=dispatch.pk)
        started = rows.filter(state=DispatchState.SCHEDULED).update(state=DispatchState.PREPARING, rung_at=now)
        dispatch.refresh_from_db()
        if started:
            if skip:
                audit.record(tenant=tenant, by=by, kind="dispatch.hurried", subject=dispatch)
            _ring(dispatch)
    if skip and not started and policies.is_stopped(tenant):
        raise no.SendingStopped
    return bool(started)


def undo(*, tenant: Tenant, by: User, dispatch: Dispatch, data: dict[str, Any]) -> Kept:
    """Take back what waits for second thoughts: nothing leaves, and `data`, the page as it was typed, is a draft again.

    Twice is the same draft.
    """
    _must_be_of(tenant, dispatch)
    waiting = Dispatch.objects.filter(tenant=tenant, pk=dispatch.pk, state=DispatchState.SCHEDULED)
    ended = {"state": DispatchState.CANCELLED, "total": 0, "finished_at": times.now()}
    key = hashlib.sha256(f"undone {dispatch.pk}".encode()).hexdigest()[:32]
    with transaction.atomic():
        if waiting.exclude(undo_until=None).update(**ended):
            audit.record(tenant=tenant, by=by, kind="dispatch.undone", subject=dispatch)
            drafts.save(tenant=tenant, by=by, data=data, key=key)
    draft = Kept.objects.filter(tenant=tenant, user=by, key=key).first()
    if draft is None:
        raise no.TooLateToUndo
    return draft


def cancel(*, tenant: Tenant, by: audit.Actor, dispatch: Dispatch) -> Dispatch:
    """Stop what has not left yet. What has left stays, and its results still come. Twice is once."""
    _must_be_of(tenant, dispatch)
    with transaction.atomic():
        unprepared = dispatch.total is None
        stopped = closing.stop(tenant, dispatch.pk)
        if stopped is None:
            dispatch.refresh_from_db()
            if dispatch.state == DispatchState.CANCELLED:
                return dispatch
            raise no.NotOpen
        if dispatch.first_sent_at and not stopped and not unprepared and not _is_under_way(tenant, dispatch):
            raise no.AllSent  # and nothing of the above is kept
        audit.record(tenant=tenant, by=by, kind="dispatch.cancelled", subject=dispatch, batches=stopped)
    dispatch.refresh_from_db()
    for other in families.open_others(dispatch):
        with suppress(no.AllSent, no.NotOpen):  # it got away meanwhile; its own page says so
            cancel(tenant=tenant, by=by, dispatch=other)
    return dispatch


def _is_under_way(tenant: Tenant, dispatch: Dispatch) -> bool:
    """Whether a batch under way may still turn out not to have left."""
    rows = Batch.objects.filter(tenant=tenant, dispatch=dispatch)
    return rows.filter(state__in=[BatchState.SENDING, BatchState.UNKNOWN]).exists()


def resume(*, tenant: Tenant, by: audit.Actor, dispatch: Dispatch) -> Dispatch:
    """Go on with a held dispatch; if the cause is still there, Aligo says so again and it is held again."""
    _must_be_of(tenant, dispatch)
    if not tenant.may_send:
        raise no.AccessExpired
    if policies.is_stopped(tenant):
        raise no.SendingStopped
    with transaction.atomic():
        if not holds.resume(tenant, dispatch.pk):
            raise no.NotHeld
        audit.record(tenant=tenant, by=by, kind="dispatch.resumed", subject=dispatch)
        dispatch.refresh_from_db()
        _ring(dispatch)
    return dispatch


def resend(
    *,
    tenant: Tenant,
    by: audit.Actor,
    dispatch: Dispatch,
    only: str = "failed",
    messages: list[int] | tuple[int, ...] = (),
    key: str | None = None,
) -> Dispatch:
    """A new dispatch of the same text: to those it failed for, to selected messages, or to newcomers of its audience.

    Whoever was asked for and may not get it again stands in the new dispatch's list of the excluded, with the reason.
    """
    _must_be_of(tenant, dispatch)
    if key and (known := Dispatch.objects.filter(tenant=tenant, key=key).first()):
        return known
    with transaction.atomic():
        list(Dispatch.objects.select_for_update(no_key=True).filter(pk=dispatch.pk).values_list("pk"))
        planned = resending.plan(tenant, dispatch, only, messages)
        if not _first(tenant, planned.draft.to, planned.checked.template, planned.checked.title):
            raise resending.nobody(tenant, planned)
        night = _night(tenant, planned.draft, planned.checked)
        again: dict[str, Any] = {"source": Source.RESEND, "resend_of": dispatch, "left": planned.blocked}
        return _store(tenant, by, planned.draft, planned.checked, key, night=night, **again)


def _must_be_of(tenant: Tenant, dispatch: Dispatch) -> None:
    if dispatch.tenant_id != tenant.pk:
        raise Dispatch.DoesNotExist


def _must_reach_somebody(tenant: Tenant, to: Audience, checked: Checked, *, own: bool = False) -> None:
    if to.is_empty or not _first(tenant, to, checked.template, checked.title, own=own):
        refusal = no.NobodyAgreed if _only_consent_lacks(tenant, to, checked) else no.NoRecipients
        raise refusal(fields={"to": [refusal.message]})


def _only_consent_lacks(tenant: Tenant, to: Audience, checked: Checked) -> bool:
    """Whether somebody would get it if it were no ad."""
    plain = replace(checked.typed, ad=False)
    return checked.template.ad and not to.is_empty and _first(tenant, to, plain, checked.title)


def _first(tenant: Tenant, to: Audience, template: Template, title: str, *, own: bool = False) -> bool:
    """Whether anybody is left of the audience after sorting; looks no further than the first."""
    sieve = people.sieve(tenant, to, template, titled=bool(title), own=own)
    for rows, _after in people.chunks(tenant, to, template, size=500):
        people.bar_earlier(tenant, to, sieve, rows)
        if sieve.sort(rows, set(), render=False)[0]:
            return True
    return False


def _night(tenant: Tenant, draft: Draft, checked: Checked) -> nights.Night | None:
    """What the night makes of an ad; refuses one that would be past its validity in the morning."""
    night = nights.of(tenant=tenant, draft=draft, checked=checked)
    if night and night.problem:
        raise night.problem
    return night


def _columns(
    tenant: Tenant, draft: Draft, checked: Checked, *, undo: bool = False, night: nights.Night | None = None
) -> dict[str, Any]:
    now = times.now()
    later: datetime | None = draft.send_at if draft.send_at and draft.send_at > now else None
    moved = night if night and night.moves else None
    if moved:
        later = moved.morning
    fields = {
        "name": draft.name.strip()[:60],
        "text": normalise(draft.text),
        "title": checked.title,
        "sender": checked.sender,
        "ad": draft.ad,
        "each_reason": draft.each_reason.strip()[:100] if draft.each else "",
        "audience": draft.to.to_json(),
        "send_at": later,
        "asked_at": moved.asked_at if moved else None,
        "undo_until": None,
        "expires_at": draft.expires_at,
        "due_at": later or now,
        "state": DispatchState.SCHEDULED if later else DispatchState.PREPARING,
        "is_small": people.roster_size(tenant, draft.to, turns.SMALL + 1) <= turns.SMALL,
        "rung_at": None if later else now,
        "plan_at": now + planning.PATIENCE if later else None,
    }
    return fields | _second_thoughts(tenant, fields) if undo else fields


def _second_thoughts(tenant: Tenant, fields: dict[str, Any]) -> dict[str, Any]:
    """A send to many waits as a schedule of some seconds does: whatever can be done to one can be done to it."""
    seconds = policies.of(tenant).undo_seconds
    until = times.now() + timedelta(seconds=seconds)
    too_late = fields["expires_at"] and fields["expires_at"] <= until
    if not seconds or too_late or fields["is_small"] or fields["state"] != DispatchState.PREPARING:
        return {}
    return {"state": DispatchState.SCHEDULED, "send_at": until, "undo_until": until, "rung_at": None}


def _store(
    tenant: Tenant,
    by: audit.Actor,
    draft: Draft,
    checked: Checked,
    key: str | None,
    *,
    undo: bool = False,
    night: nights.Night | None = None,
    left: Iterable[Left] = (),
    **extra: Any,
) -> Dispatch:
    fields = _columns(tenant, draft, checked, undo=undo, night=night) | {"mode": accounts.of(tenant).mode} | extra
    label = "" if by is None else str(by)[:80]
    try:
        with transaction.atomic():
            dispatch = Dispatch.objects.create(
                tenant=tenant, key=key or None, by=audit.user_of(by), by_label=label, **fields
            )
            _leave_out(dispatch, left)
            later = dispatch.send_at and not dispatch.undo_until
            kind = "dispatch.scheduled" if later else "dispatch.submitted"
            audit.record(tenant=tenant, by=by, kind=kind, subject=dispatch)
            _ring(dispatch)
    except IntegrityError:
        if not key:
            raise
        return Dispatch.objects.get(tenant=tenant, key=key)  # the second click was a moment later
    dispatch.notices = night.notices if night else []  # type: ignore[attr-defined]
    return dispatch


def _leave_out(dispatch: Dispatch, left: Iterable[Left]) -> None:
    """Rows for those who are known not to get it before it is prepared; preparing adds its own and counts them all."""
    rows = [
        Excluded(
            tenant_id=dispatch.tenant_id,
            dispatch_id=dispatch.pk,
            member_id=one.member,
            name=one.name[:40],
            phone=one.phone[:40],
            reason=one.reason,
        )
        for one in left
    ]
    if rows:
        Excluded.objects.bulk_create(rows, batch_size=people.CHUNK)
        dispatch.excluded_count = len(rows)
        dispatch.save(update_fields=["excluded_count"])


def _ring(dispatch: Dispatch) -> None:
    if dispatch.state == DispatchState.PREPARING:
        ring("messaging.prepare", dispatch.tenant_id, dispatch.pk, queue=NOW if dispatch.is_small else BULK)
    elif not dispatch.undo_until:
        ring("messaging.plan", dispatch.tenant_id, dispatch.pk, queue=BULK)
