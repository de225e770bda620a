"""What a revert did to whom, for its page."""

from typing import Any

from accounts.models import Tenant
from members.models import Import, Member

SHOWN = 100


def left_rows(tenant: Tenant, row: Import) -> list[dict[str, Any]]:
    """The first of those a revert left as they were or put into the trash: {member, name, kind, why, deleted}."""
    left = row.reverted.get("left", [])[:SHOWN]
    people = Member.objects.filter(tenant=tenant).in_bulk([one["member"] for one in left])
    return [one | {"person": people[one["member"]]} for one in left if one["member"] in people]
