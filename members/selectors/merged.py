"""Who a member is made of: nobody re-points when two are merged, so the card's readers look at all of these."""

from collections.abc import Iterable
from typing import Any

from accounts.models import Tenant
from members.models import Member

CHUNK = 5_000


def ids_with(tenant: Tenant, member: Member) -> list[int]:
    """The member's id and those of everybody merged into it, however many steps back; the member's own first.

    For passes, dues, visits, notes, texts and the timeline: `filter(tenant=tenant, member_id__in=ids_with(…))`.
    """
    found, layer = [member.pk], [member.pk]
    while layer:
        rows = Member.objects.filter(tenant=tenant, merged_into__in=layer).exclude(pk__in=found)
        layer = list(rows.order_by("id").values_list("id", flat=True))
        found += layer
    return found


def parts_of(tenant: Tenant, ids: Iterable[int]) -> dict[int, int]:
    """Everybody who is part of one of these: whose id → of whom, however many steps back; these themselves too."""
    found = {pk: pk for pk in ids}
    layer = list(found)
    while layer:
        rows = Member.objects.filter(tenant=tenant, merged_into__in=layer).values_list("id", "merged_into_id")
        fresh = {pk: found[goal] for pk, goal in rows if goal is not None and pk not in found}
        found, layer = found | fresh, list(fresh)
    return found


def whole(tenant: Tenant, member_id: int) -> tuple[int, list[int]]:
    """Whom a line in this member's ledger counts for today, and the ids whose lines count for that one."""
    kept = kept_id(tenant, member_id)
    return kept, ids_with(tenant, Member(pk=kept))


def kept_id(tenant: Tenant, member_id: int) -> int:
    """Who a member is today: the id itself, or of whom it was merged into."""
    return kept_of(tenant, [member_id]).get(member_id, member_id)


def living(tenant: Tenant, member_id: int | None) -> Member | None:
    """The member on whose card this one's lines stand today, if that one is in the roster."""
    if member_id is None:
        return None
    return Member.objects.filter(tenant=tenant, pk=kept_id(tenant, member_id), deleted_at=None).first()


def kept_of(tenant: Tenant, ids: Iterable[int]) -> dict[int, int]:
    """For each of the ids that was merged: the id of whom it is part of today."""
    goals = _steps(tenant, ids)
    layer = set(goals.values())
    while layer:
        further = _steps(tenant, layer)
        goals = {pk: further.get(goal, goal) for pk, goal in goals.items()}
        layer = set(further.values())
    return goals


def with_cards(tenant: Tenant, rows: list[Any]) -> list[Any]:
    """The rows (dues, visits), each with `card_id`: the member on whose card it stands today."""
    kept = kept_of(tenant, {row.member_id for row in rows})
    for row in rows:
        row.card_id = kept.get(row.member_id, row.member_id)
    return rows


def _steps(tenant: Tenant, ids: Iterable[int]) -> dict[int, int]:
    listed = list(ids)
    found: dict[int, int] = {}
    for at in range(0, len(listed), CHUNK):
        rows = Member.objects.filter(tenant=tenant, pk__in=listed[at : at + CHUNK]).exclude(merged_into=None)
        found |= {pk: goal for pk, goal in rows.values_list("id", "merged_into_id") if goal is not None}
    return found
