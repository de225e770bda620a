"""From a draft to a stored Dispatch, and what a person may still do to it: change, stop, go on, send again."""

import hashlib
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts import audit
from accounts.models import Tenant
from messaging import exceptions as no
from messaging.drafting import Audience, Draft
from messaging.enums import BatchState, DispatchState, Source
from messaging.models import Batch, Dispatch
from messaging.selectors import audience as people
from messaging.services import closing, families, holds, nights, policies, resending, snapshots
from messaging.services.checking import Checked, check
from messaging.services.quoting import Quote, draft_of, preview, quote
from messaging.services.storing import columns, ring_for, store, undo_seconds
from messaging.text import Template

__all__ = ["Quote", "cancel", "change", "preview", "quote", "resend", "resume", "send_test", "submit"]
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
    wait = undo_seconds(tenant, draft) if undo else 0
    night = _night(tenant, draft, checked, wait)
    return store(tenant, by, draft, checked, key, undo=wait, night=night, source=source)


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
    return store(tenant, by, test, checked, None, source=Source.TEST, is_test=True)


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
    walked = snapshots.changed(dispatch, draft)
    checked = check(tenant=tenant, draft=walked)
    checked.must_be_fine()
    _must_reach_somebody(tenant, walked.to, checked)
    wait = undo_seconds(tenant, draft) if undo else 0
    night = _night(tenant, walked, checked, wait)
    changed = sorted(name for name in changes if getattr(draft, name) != getattr(before, name))
    with transaction.atomic():
        if seen and seen != version(Dispatch.objects.select_for_update(no_key=True, of=("self",)).get(pk=dispatch.pk)):
            raise no.StaleSchedule
        fields = columns(tenant, draft, checked, undo=wait, night=night)
        if draft.ad and draft.send_at == before.send_at:  # it was moved before, and stays where it is
            fields["asked_at"] = fields["asked_at"] or dispatch.asked_at
        still = Dispatch.objects.filter(tenant=tenant, pk=dispatch.pk, state=DispatchState.SCHEDULED)
        if still.update(**fields) != 1:
            raise no.NotScheduled
        audit.record(tenant=tenant, by=by, kind="dispatch.changed", subject=dispatch, fields=changed)
        had_list = dispatch.is_for_later and draft.send_at is not None
        dispatch.refresh_from_db()
        if not dispatch.is_for_later:
            snapshots.drop(tenant=tenant, dispatch=dispatch)
        elif draft.to != before.to or not had_list:
            snapshots.take(tenant=tenant, dispatch=dispatch, audience=draft.to)
        ring_for(dispatch)
    dispatch.notices = [*policies.notices(tenant), *(night.notices if night else [])]  # type: ignore[attr-defined]
    return dispatch


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
        ring_for(dispatch)
    return dispatch


def resend(
    *,
    tenant: Tenant,
    by: audit.Actor,
    dispatch: Dispatch,
    only: str = "failed",
    messages: list[int] | tuple[int, ...] = (),
    key: str | None = None,
    undo: bool = False,
) -> Dispatch:
    """A new dispatch of the same text: to those it failed for, to selected messages, or to newcomers of its audience.

    Whoever was asked for and may not get it again stands in the new dispatch's list of the excluded, with the reason.
    `undo` as in submit.
    """
    _must_be_of(tenant, dispatch)
    if key and (known := Dispatch.objects.filter(tenant=tenant, key=key).first()):
        return known
    with transaction.atomic():
        list(Dispatch.objects.select_for_update(no_key=True).filter(pk=dispatch.pk).values_list("pk"))
        planned = resending.plan(tenant, dispatch, only, messages)
        if not _first(tenant, planned.draft.to, planned.checked.template, planned.checked.title):
            raise resending.nobody(tenant, planned)
        wait = undo_seconds(tenant, planned.draft) if undo else 0
        night = _night(tenant, planned.draft, planned.checked, wait)
        again: dict[str, Any] = {"source": Source.RESEND, "resend_of": dispatch, "left": planned.blocked}
        return store(tenant, by, planned.draft, planned.checked, key, undo=wait, night=night, **again)


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
        people.bar(tenant, to, sieve, rows)
        if sieve.sort(rows, set(), render=False)[0]:
            return True
    return False


def _night(tenant: Tenant, draft: Draft, checked: Checked, wait: int = 0) -> nights.Night | None:
    """What the night makes of an ad that waits so many seconds; refuses one that would be past its validity by then."""
    night = nights.of(tenant=tenant, draft=draft, checked=checked, wait=timedelta(seconds=wait))
    if night and night.problem:
        raise night.problem
    return night
