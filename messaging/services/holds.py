"""Holding what must wait for a person or a charged balance, and letting it go again."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Tenant
from members.models import Segment
from messaging.drafting import Audience
from messaging.enums import BatchState, DispatchState, HoldReason
from messaging.models import AligoAccount, Batch, Dispatch, Sender, SendingPolicy
from messaging.points import reached
from messaging.selectors.audience import gone_groups, gone_tags
from messaging.services import closing, turns
from ui import times

# Reasons that lie with the account: everything of the tenant waits, and a look at /remain/ can end it.
OF_ACCOUNT = (HoldReason.BALANCE, HoldReason.IP, HoldReason.AUTH, HoldReason.UNUSABLE)
WITH_ACCOUNT = (*OF_ACCOUNT, HoldReason.DISCONNECTED)  # what the account being fine lets go
OFTEN = timedelta(hours=1)  # how long a held account is looked at often


def refused(account: AligoAccount, dispatch_id: int, reason: str, sender: str) -> None:
    """Aligo refused: hold the account, or for an unregistered sender this dispatch alone."""
    if reason == HoldReason.SENDER:
        Sender.objects.filter(tenant_id=account.tenant_id, number=sender).update(refused_at=times.now())
        hold(account.tenant, reason, dispatch_id)
        return
    now = times.now()
    rows = AligoAccount.objects.filter(pk=account.pk)
    rows.filter(held_reason="").update(held_at=now)
    rows.update(held_reason=reason, state=reason, checked_at=now, probe_at=next_probe(now, now))
    reached("holds.account_held")
    hold(account.tenant, reason)


def hold(tenant: Tenant, reason: str, dispatch_id: int | None = None) -> int:
    """Dispatches with something unsent become held (one of them, or all of the tenant's); how many."""
    rows = Dispatch.objects.filter(tenant=tenant)
    if dispatch_id is not None:
        rows = rows.filter(pk=dispatch_id)
    return _hold(rows, reason)


def _hold(rows: QuerySet[Dispatch], reason: str) -> int:
    rows.filter(state=DispatchState.PREPARING, held_reason="").update(held_reason=reason)
    waiting = Batch.objects.filter(dispatch=OuterRef("pk"), state=BatchState.QUEUED)
    return rows.filter(Exists(waiting), state=DispatchState.SENDING).update(
        state=DispatchState.HELD, held_reason=reason
    )


def hold_what_waits(account: AligoAccount) -> None:
    """Nothing could be claimed: say of what waits for a person that it does."""
    if SendingPolicy.objects.filter(tenant=account.tenant_id).exclude(stopped_at=None).exists():
        hold(account.tenant, HoldReason.STOPPED)
    _hold_other_mode(account)


def _hold_other_mode(account: AligoAccount) -> None:
    """What is meant for phones waits while only the sandbox is connected, instead of looking delivered there.

    Practice beside a live account was written in the very moment that it was connected: it ends, as all practice did.
    """
    strange = Dispatch.objects.filter(tenant=account.tenant_id).exclude(mode=account.mode)
    going = strange.filter(state__in=[DispatchState.PREPARING, DispatchState.SENDING], held_reason="")
    if account.is_live:
        waiting = Batch.objects.filter(dispatch=OuterRef("pk"), state=BatchState.QUEUED)
        for pk in going.filter(Exists(waiting)).values_list("pk", flat=True):
            with transaction.atomic():
                closing.stop(account.tenant, pk)
    elif going.exists():
        _hold(strange, HoldReason.DISCONNECTED)


def release(account: AligoAccount) -> None:
    """The account is fine again (a probe passed, a person connected another one): everything goes on."""
    AligoAccount.objects.filter(pk=account.pk).update(
        held_reason="", held_at=None, probe_at=None, troubles=0, quiet_until=None
    )
    account.held_reason, account.held_at, account.probe_at = "", None, None
    reached("holds.account_free")
    held = Dispatch.objects.filter(held_reason__in=WITH_ACCOUNT, mode=account.mode)
    _let_go(account.tenant, held)


def release_access(tenant: Tenant) -> None:
    """The tenant has paid: what waited for that goes on."""
    if tenant.may_send:
        _let_go(tenant, Dispatch.objects.filter(held_reason=HoldReason.EXPIRED_ACCESS))


def release_stop(tenant: Tenant) -> None:
    """The tenant-wide stop is over: what it held goes on."""
    _let_go(tenant, Dispatch.objects.filter(held_reason=HoldReason.STOPPED))


def strays() -> QuerySet[Dispatch]:
    """Dispatches held for a cause that is over: they were held in the very moment it ended, or who let them go died."""
    free = AligoAccount.objects.filter(tenant=OuterRef("tenant"), mode=OuterRef("mode"), held_reason="")
    stopped = SendingPolicy.objects.filter(tenant=OuterRef("tenant")).exclude(stopped_at=None)
    over = Q(Exists(free), held_reason__in=WITH_ACCOUNT) | Q(~Exists(stopped), held_reason=HoldReason.STOPPED)
    return Dispatch.objects.filter(over, state=DispatchState.HELD)


def release_strays(tenant: Tenant) -> None:
    """What nothing keeps any more goes on."""
    _let_go(tenant, strays())


def resume(tenant: Tenant, dispatch_id: int) -> bool:
    """A person says go on: this dispatch, and with it the account if that was the cause. False if it was not held."""
    held = Dispatch.objects.filter(tenant=tenant, pk=dispatch_id).exclude(held_reason="")
    reason = held.values_list("held_reason", flat=True).first()
    if reason is None:
        return False
    held.update(due_at=times.now())  # a person has looked at it: it is not late any more
    if reason in (HoldReason.GROUP_GONE, HoldReason.SEGMENT_GONE):
        _go_on_without(tenant, held)
        return True
    account = AligoAccount.objects.filter(tenant=tenant).first()
    if reason in OF_ACCOUNT and account is not None:
        release(account)
    else:
        _let_go(tenant, held)
    return True


def _go_on_without(tenant: Tenant, held: QuerySet[Dispatch]) -> None:
    """A person has seen that a part of the audience is gone: prepare without it. A segment that is there and can't be
    asked stays, and holds it again: who is in it nobody knows."""
    data = held.values_list("audience", flat=True).first()
    if data is None:  # somebody else said so a moment ago
        return
    audience = Audience.from_json(data)
    left = audience.except_
    groups = set(gone_groups(tenant, [*audience.groups, *left.groups]))
    known = Segment.objects.filter(tenant=tenant, pk__in=[*audience.segments, *left.segments])
    segments, tags = set(known.values_list("pk", flat=True)), set(gone_tags(tenant, left.tags))
    for some in (audience, left):
        some.groups = [pk for pk in some.groups if pk not in groups]
        some.segments = [pk for pk in some.segments if pk in segments]
    left.tags = [pk for pk in left.tags if pk not in tags]
    waiting = held.filter(state=DispatchState.HELD)
    waiting.update(audience=audience.to_json(), state=DispatchState.PREPARING, held_reason="")


def next_probe(held_at, now):  # type: ignore[no-untyped-def]
    """When to look at a held account again: every minute for an hour, then every ten."""
    step = settings.RESULT_POLL_SECONDS * (1 if now - held_at < OFTEN else 10)
    return now + timedelta(seconds=step)


def _let_go(tenant: Tenant, held: QuerySet[Dispatch]) -> None:
    held = held.filter(tenant=tenant)
    lanes = set(held.filter(state=DispatchState.HELD).values_list("is_small", flat=True))
    held.filter(state=DispatchState.HELD).update(state=DispatchState.SENDING, held_reason="")
    held.filter(state=DispatchState.PREPARING).update(held_reason="")
    for small in lanes:
        turns.start(tenant, turns.NOW if small else turns.SEND)
