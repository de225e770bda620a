"""The list of a schedule as it was when it was made: kept, used where asked for, compared with the present one."""

from dataclasses import dataclass, field, replace

from accounts.models import Tenant
from members.models import Member
from messaging.drafting import DUE, NOW, Audience, Draft
from messaging.models import Dispatch, Snapshot
from messaging.selectors import audience as people
from ui import times

COMPARED_MOST = 200_000  # beyond that a list that binds nobody is not kept only to be compared
NAMES = 20


@dataclass
class Difference:
    """Who came into the audience of a schedule since it was made, and who left it; names of some."""

    came: int = 0
    left: int = 0
    came_names: list[str] = field(default_factory=list)
    left_names: list[str] = field(default_factory=list)


def take(*, tenant: Tenant, dispatch: Dispatch, audience: Audience) -> Snapshot | None:
    """Keep whom the audience means now, in the caller's transaction; what was kept before is replaced."""
    drop(tenant=tenant, dispatch=dispatch)
    if not audience.has_roster:
        return None
    if audience.as_of != NOW and people.roster_size(tenant, audience, COMPARED_MOST + 1) > COMPARED_MOST:
        return None
    ids = people.roster_ids(tenant, audience)
    return Snapshot.objects.create(tenant=tenant, dispatch=dispatch, count=len(ids), packed=Snapshot.pack(ids))


def drop(*, tenant: Tenant, dispatch: Dispatch) -> None:
    """Keep no list: it goes to whom its audience means when it is prepared."""
    Snapshot.objects.filter(tenant=tenant, dispatch=dispatch).delete()


def changed(dispatch: Dispatch, draft: Draft) -> Draft:
    """What a schedule becomes by this draft, as it will be walked: with its kept list as long as nobody asks for
    another audience or for now."""
    is_later = draft.send_at is not None and draft.send_at > times.now()
    if not is_later or draft.to != Audience.from_json(dispatch.audience):
        return draft
    return replace(draft, to=thawed(dispatch, draft.to))


def thawed(dispatch: Dispatch, audience: Audience) -> Audience:
    """The audience as it is to be walked: with its kept list in the place of groups, where it goes to that."""
    if audience.as_of != NOW:
        return audience
    kept = Snapshot.objects.filter(tenant_id=dispatch.tenant_id, dispatch=dispatch).first()
    if kept is None:
        return audience
    members = list(dict.fromkeys([*audience.members, *kept.ids]))
    return replace(audience, members=members, groups=[], segments=[], all=False, as_of=DUE)


def difference(*, tenant: Tenant, dispatch: Dispatch) -> Difference | None:
    """How the audience changed since; None where nothing was kept to compare with."""
    kept = Snapshot.objects.filter(tenant=tenant, dispatch=dispatch).first()
    if kept is None:
        return None
    then, now = set(kept.ids), set(people.roster_ids(tenant, Audience.from_json(dispatch.audience)))
    came, left = sorted(now - then), sorted(then - now)
    return Difference(len(came), len(left), _names(tenant, came), _names(tenant, left))


def _names(tenant: Tenant, ids: list[int]) -> list[str]:
    """Some of their names, the latest first; who was deleted still has one."""
    rows = Member.objects.filter(tenant=tenant, pk__in=ids[-NAMES:]).order_by("-pk")
    return list(rows.values_list("name", flat=True))
