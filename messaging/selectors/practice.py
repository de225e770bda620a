"""Reads of practice texts: what the sandbox took for a tenant, as the phones would have received it."""

from django.db.models import Max, Min, QuerySet

from accounts.models import Tenant
from messaging.enums import MessageState
from messaging.models import Message
from messaging.models.account import sandbox_id
from messaging.selectors.messages import at_phone, with_state

# Dropped between preparing and the call, so that they never reached the sandbox.
UNSENT = (MessageState.REJECTED, MessageState.EXPIRED, MessageState.CANCELLED)


def practice_texts(tenant: Tenant) -> QuerySet[Message]:
    """Texts that went out through the tenant's practice account, also those from before it connected its own."""
    # `provider_id` set: the sandbox took the batch. With it the index of adopted batches finds them.
    taken = Message.objects.filter(tenant=tenant, batch__account=sandbox_id(tenant.pk)).exclude(batch__provider_id="")
    return taken.exclude(state__in=UNSENT)


def practice_phones(tenant: Tenant) -> QuerySet[Message]:
    """The newest practice text of each phone, newest first: one row a conversation."""
    texts = practice_texts(tenant)
    newest = texts.values("phone").annotate(last=Max("id")).values("last")
    # Named by their ends, so that no plan walks down the whole table to where somebody practised long ago.
    ends = texts.aggregate(first=Min("id"), last=Max("id"))
    between = Message.objects.filter(tenant=tenant, pk__range=(ends["first"] or 0, ends["last"] or 0))
    return with_state(between.filter(pk__in=newest)).order_by("-id")


def practice_thread(tenant: Tenant, phone: str) -> QuerySet[Message]:
    """What one phone received while practising, newest first."""
    return with_state(at_phone(practice_texts(tenant), phone)).order_by("-id")
