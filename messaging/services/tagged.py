"""Tags by which dispatches to come leave people out."""

from collections.abc import Collection

from accounts.models import Tag, Tenant
from messaging.drafting import Audience
from messaging.models import Dispatch
from messaging.selectors.naming import to_come


def move(tenant: Tenant, gone: Tag, kept: Tag) -> None:
    """Who leaves out one tag leaves out the other; called when two tags are merged."""
    coming = to_come(tenant).order_by("pk").select_for_update(no_key=True)  # a change meanwhile would be written over
    for dispatch in (one for one in coming if gone.pk in _left_out(one)):
        audience = Audience.from_json(dispatch.audience)
        left = audience.except_
        left.tags = list(dict.fromkeys(kept.pk if pk == gone.pk else pk for pk in left.tags))
        Dispatch.objects.filter(tenant=tenant, pk=dispatch.pk).update(audience=audience.to_json())


def carries(tenant: Tenant, ids: Collection[int]) -> set[int]:
    """Those of these tags that a dispatch to come leaves out."""
    return {pk for one in to_come(tenant) for pk in _left_out(one)}.intersection(ids)


def _left_out(one: Dispatch) -> list[int]:
    return (one.audience.get("except") or {}).get("tags") or []
