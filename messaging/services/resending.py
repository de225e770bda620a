"""Whom a resend goes to: never one whose fate is unknown, never one whom another resend has in hand."""

from dataclasses import replace

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Tenant
from messaging import exceptions as no
from messaging.drafting import Audience
from messaging.enums import BatchState, MessageState
from messaging.models import Dispatch, Message

# What surely did not arrive, and what never left.
_LOST = Q(state__in=[MessageState.FAILED, MessageState.REJECTED, MessageState.EXPIRED]) | Q(
    state="", batch__state__in=[BatchState.REJECTED, BatchState.EXPIRED]
)
_STOPPED = Q(state=MessageState.CANCELLED) | Q(state="", batch__state=BatchState.CANCELLED)


def audience(tenant: Tenant, dispatch: Dispatch, only: str, messages: list[int] | tuple[int, ...]) -> Audience:
    """The failed, the selected (never one under way or unknown) or the newcomers of a dispatch; read under its lock."""
    if only == "newcomers":
        before = Audience.from_json(dispatch.audience)
        # Newcomers of newcomers: who got the first one is no newcomer to the third.
        earlier = [dispatch.pk, *_resends(tenant, dispatch, and_others=True)]
        return replace(before, not_in=[*before.not_in, *_prepared(tenant, earlier)])
    found: QuerySet[Message] = Message.objects.filter(tenant=tenant, dispatch=dispatch)
    if only == "selected":
        open_states = [BatchState.QUEUED, BatchState.SENDING, BatchState.UNKNOWN, BatchState.ACCEPTED]
        found = found.filter(pk__in=messages).exclude(state="", batch__state__in=open_states)
    elif only == "failed":
        found = _not_resent(tenant, dispatch, found.filter(_LOST))
    else:
        raise no.BadAudience(_("다시 보낼 대상을 골라 주세요."), fields={"only": [_("다시 보낼 대상을 골라 주세요.")]})
    members, phones = [], []
    for member, phone, name in found.order_by("pk").values_list("member_id", "phone", "name"):
        if member:
            members.append(member)
        else:
            phones.append((phone, name))
    return Audience(members=members, phones=phones)


def _not_resent(tenant: Tenant, dispatch: Dispatch, lost: QuerySet[Message]) -> QuerySet[Message]:
    """Without those whom an earlier resend has in hand: two people who press at the same time send once."""
    resends = _prepared(tenant, _resends(tenant, dispatch))
    had = Message.objects.filter(tenant=tenant, dispatch__in=resends).exclude(_LOST | _STOPPED)
    members = had.filter(member_id__isnull=False).values("member_id")
    return lost.exclude(phone__in=had.values("phone")).exclude(member_id__in=members)


def _resends(tenant: Tenant, dispatch: Dispatch, *, and_others: bool = False) -> list[int]:
    """Ids of its resends, of their resends, and so on; with those to others who share a phone, if asked."""
    found: list[int] = []
    level = [dispatch.pk]
    while level:
        after = Q(resend_of__in=level) | Q(first__in=level) if and_others else Q(resend_of__in=level)
        rows = Dispatch.objects.filter(after, tenant=tenant)
        level = list(rows.values_list("pk", flat=True))
        found += level
    return found


def _prepared(tenant: Tenant, ids: list[int]) -> list[int]:
    """The ids; NotPrepared if it isn't known yet whom one of them will reach, who would then get it twice."""
    if Dispatch.objects.filter(tenant=tenant, pk__in=ids, total=None).exists():
        raise no.NotPrepared
    return ids
