"""Tags of members: one, or many at once. The tags themselves are the tenant's (accounts.services.tags)."""

from collections.abc import Collection, Iterable

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from accounts import audit
from accounts.audit import Actor
from accounts.models import Tag, Tenant
from accounts.services import tags as tagging
from members import segments
from members.exceptions import MemberNotFound
from members.models import Member, MemberTag
from members.services import marks
from members.services.segments import retag


def tag_many(
    *, tenant: Tenant, by: Actor, members: QuerySet[Member], add: Iterable[str] = (), remove: Iterable[str] = ()
) -> tuple[int, int]:
    """Give all living members of a query these tags and take those away, by name; how many were given and taken.

    Tags to give are made where they are missing; those to take that nobody knows are nothing to take.
    """
    with transaction.atomic():
        given = taken = 0
        living = members.filter(tenant=tenant, deleted_at=None).order_by()
        marks.hold_all(living)
        for tag in tagging.named(tenant=tenant, by=by, names=add):
            given += _give(tag, living)
        names = {tagging.clean_name(name) for name in remove}
        for tag in Tag.objects.filter(tenant=tenant, name__in=names):
            rows = MemberTag.objects.filter(tenant=tenant, tag=tag, member__in=living.values("id"))
            taken += rows.delete()[0]
        if given or taken:
            audit.record(tenant=tenant, by=by, kind="member.tagged", count=given, taken=taken)
        return given, taken


def set_tags(*, tenant: Tenant, by: Actor, member: Member, names: Iterable[str]) -> bool:
    """Exactly these tags for one member; whether anything changed."""
    with transaction.atomic():
        if not Member.objects.select_for_update(no_key=True).filter(tenant=tenant, pk=member.pk).exists():
            raise MemberNotFound
        marks.hold([member.pk])
        wanted = {tag.pk for tag in tagging.named(tenant=tenant, by=by, names=names)}
        rows = MemberTag.objects.filter(tenant=tenant, member=member)
        had = set(rows.values_list("tag_id", flat=True))
        rows.filter(tag_id__in=had - wanted).delete()
        fresh = [MemberTag(tenant=tenant, member=member, tag_id=pk) for pk in sorted(wanted - had)]
        MemberTag.objects.bulk_create(fresh, ignore_conflicts=True)
        if had != wanted:
            audit.record(
                tenant=tenant, by=by, kind="member.tagged", subject=member, count=len(fresh), taken=len(had - wanted)
            )
        return had != wanted


def move(tenant: Tenant, gone: Tag, kept: Tag) -> None:
    """Members who carry one tag carry the other instead, segments ask for that; called when two tags are merged."""
    carriers = Member.objects.filter(tenant=tenant, member_tags__tag=gone).order_by()
    marks.hold_all(carriers)
    _give(kept, carriers)
    MemberTag.objects.filter(tenant=tenant, tag=gone).delete()
    retag(tenant, gone.pk, kept.pk)


def drop(tenant: Tenant, tag: Tag) -> None:
    """Nobody carries it any more; called before a tag is deleted."""
    marks.hold_all(Member.objects.filter(tenant=tenant, member_tags__tag=tag))
    MemberTag.objects.filter(tenant=tenant, tag=tag).delete()


def carries(tenant: Tenant, ids: Collection[int]) -> set[int]:
    """Those of these tags that a member has, or that a segment asks for."""
    had = Exists(MemberTag.objects.filter(tenant=tenant, tag=OuterRef("pk")))
    rows = Tag.objects.filter(had, tenant=tenant, pk__in=ids).values_list("pk", flat=True)
    return {*rows} | segments.users_of(tenant, "tag").keys() & set(ids)


def _give(tag: Tag, members: QuerySet[Member]) -> int:
    """As a statement of the database: a tag may go to everybody. How many did not have it."""
    try:
        sql, params = members.values_list("tenant_id", "id").query.sql_with_params()
    except EmptyResultSet:  # a query that can match nobody has no SQL
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO members_membertag (tenant_id, member_id, tag_id) SELECT picked.a, picked.b, %s "
            f"FROM (WITH chosen (a, b) AS ({sql}) SELECT a, b FROM chosen) picked WHERE TRUE ON CONFLICT DO NOTHING",
            [tag.pk, *params],
        )
        return cursor.rowcount
