"""Tags by which dispatches to come leave people out."""

from accounts.models import Tag, Tenant
from messaging.drafting import Audience
from messaging.enums import DispatchState
from messaging.models import Dispatch

ENDED = (DispatchState.FINISHED, DispatchState.CANCELLED)


def move(tenant: Tenant, gone: Tag, kept: Tag) -> None:
    """Who leaves out one tag leaves out the other; called when two tags are merged."""
    for dispatch in _leaving_out(tenant, gone):
        audience = Audience.from_json(dispatch.audience)
        left = audience.except_
        left.tags = list(dict.fromkeys(kept.pk if pk == gone.pk else pk for pk in left.tags))
        Dispatch.objects.filter(tenant=tenant, pk=dispatch.pk).update(audience=audience.to_json())


def carries(tenant: Tenant, tag: Tag) -> bool:
    """Whether a dispatch that has not ended leaves out the tag."""
    return bool(_leaving_out(tenant, tag))


def _leaving_out(tenant: Tenant, tag: Tag) -> list[Dispatch]:
    coming = Dispatch.objects.filter(tenant=tenant, total=None).exclude(state__in=ENDED)
    return [one for one in coming if tag.pk in (one.audience.get("except") or {}).get("tags", ())]
