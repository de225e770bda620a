"""The tenant's tags with how many living members carry each."""

from django.db.models import Count

from accounts.models import Tag, Tenant
from accounts.selectors import tags
from members.models import Member, MemberTag


def tag_counts(tenant: Tenant) -> dict[int, int]:
    """How many living members carry each tag."""
    rows = MemberTag.objects.filter(tenant=tenant, member__deleted_at=None).values_list("tag_id")
    return dict(rows.annotate(n=Count("id")).order_by())


def counted_tags(tenant: Tenant) -> list[Tag]:
    """All tags by name, each with `member_count`."""
    found, counts = list(tags(tenant)), tag_counts(tenant)
    for tag in found:
        tag.member_count = counts.get(tag.pk, 0)  # type: ignore[attr-defined]
    return found


def member_tags(tenant: Tenant, member: Member) -> list[Tag]:
    """The tags of a member, by name."""
    mine = MemberTag.objects.filter(tenant=tenant, member=member).values("tag_id")
    return list(tags(tenant).filter(pk__in=mine))
