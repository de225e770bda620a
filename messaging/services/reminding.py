"""Notes on dues that a reminder of them went out: when a batch was taken, for whom it was really sent to."""

from accounts.models import Tenant
from members.services import dues
from messaging.enums import AccountMode, MessageState
from messaging.models import Batch, Dispatch, Joined, Message


def note(*, tenant: Tenant, batch: Batch) -> None:
    """Mark the dues of the members whom an accepted batch of a reminder reaches; a practice or a test reaches none."""
    live = Dispatch.objects.filter(
        tenant=tenant, pk=batch.dispatch_id, unpaid=True, is_test=False, mode=AccountMode.LIVE
    )
    if not live.exists():
        return
    sent = Message.objects.filter(tenant=tenant, batch=batch).exclude(state=MessageState.CANCELLED)
    members = {pk for pk in sent.values_list("member_id", flat=True) if pk is not None}
    joined = Joined.objects.filter(tenant=tenant, dispatch_id=batch.dispatch_id, phone__in=sent.values("phone"))
    members.update(joined.values_list("member_id", flat=True))
    dues.mark_reminded(tenant=tenant, members=members)
