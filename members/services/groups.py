"""Groups: their names and order, and who is in them. Counters move in the transaction of the change."""

from collections.abc import Iterable

from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts import audit
from accounts.audit import Actor
from accounts.models import Tenant
from members.enums import Tone
from members.exceptions import GroupHasDuePlan, GroupNameTaken, GroupNotFound, InvalidGroup, TooManyGroups
from members.models import DuePlan, Group, Member, Membership
from members.services import marks
from members.services.snapshots import stamped
from ui import times

GROUPS_MOST = 500
TOLD_MOST = 100  # members who leave a group at once and whose streams say so
NAME_LONGEST = 40


def create(*, tenant: Tenant, by: Actor, name: str, tone: str = "") -> Group:
    """A new group at the end of the list; GroupNameTaken where the name is in use."""
    name, tone = _name(name), _tone(tone)
    try:
        with transaction.atomic():
            count, last = Group.objects.filter(tenant=tenant).aggregate(n=Count("id"), last=Max("position")).values()
            if count >= GROUPS_MOST:
                raise TooManyGroups
            fresh = Group.objects.create(
                tenant=tenant, name=name, tone=tone or _next_tone(count), position=(last or 0) + 1
            )
            audit.record(tenant=tenant, by=by, kind="group.created", subject=fresh)
    except IntegrityError as error:
        raise GroupNameTaken from error
    return fresh


def update(*, tenant: Tenant, by: Actor, group: Group, name: str | None = None, tone: str | None = None) -> Group:
    """Rename or recolour; what is None stays."""
    changes = {}
    if name is not None and _name(name) != group.name:
        changes["name"] = _name(name)
    if tone and _tone(tone) != group.tone:
        changes["tone"] = _tone(tone)
    if not changes:
        return group
    try:
        with transaction.atomic():
            Group.objects.filter(tenant=tenant, pk=group.pk).update(**changes)
            audit.record(tenant=tenant, by=by, kind="group.updated", subject=group, fields=sorted(changes))
    except IntegrityError as error:
        raise GroupNameTaken from error
    for field, value in changes.items():
        setattr(group, field, value)
    return group


@transaction.atomic
def reorder(*, tenant: Tenant, by: Actor, ids: list[int]) -> None:
    """Put the groups in the order given; those not named follow in their present order."""
    rows = list(Group.objects.select_for_update().filter(tenant=tenant).order_by("position", "id"))
    place = {pk: n for n, pk in enumerate(ids)}
    rows.sort(key=lambda g: place.get(g.pk, len(place)))
    moved = []
    for position, group in enumerate(rows, start=1):
        if group.position != position:
            group.position = position
            moved.append(group)
    if moved:
        Group.objects.bulk_update(moved, ["position"])
        audit.record(tenant=tenant, by=by, kind="group.reordered", count=len(moved))


@transaction.atomic
def delete(*, tenant: Tenant, by: Actor, group: Group) -> None:
    """Take the group away; its members stay. Twice is once. Not while dues are charged to it each month."""
    marks.hold_all(Member.objects.filter(tenant=tenant, memberships__group=group))
    lock(tenant=tenant, ids={group.pk})
    if DuePlan.objects.filter(tenant=tenant, group=group, ended_at=None).exists():
        raise GroupHasDuePlan
    Membership.objects.filter(tenant=tenant, group=group).delete()
    gone, _kinds = Group.objects.filter(tenant=tenant, pk=group.pk).delete()
    if gone:
        audit.record(tenant=tenant, by=by, kind="group.deleted", subject=group, members=group.member_count)


def named(*, tenant: Tenant, by: Actor, names: Iterable[str]) -> list[Group]:
    """Groups by name, made where they are missing; in the order given."""
    return found_or_made(tenant=tenant, by=by, names=names)[0]


def found_or_made(*, tenant: Tenant, by: Actor, names: Iterable[str]) -> tuple[list[Group], list[Group]]:
    """The same, and those of them that were made here: a deed that is taken back takes no other's along."""
    wanted = list(dict.fromkeys(_name(name) for name in names))
    found = {g.name: g for g in Group.objects.filter(tenant=tenant, name__in=wanted)}
    made = []
    for name in wanted:
        if name not in found:
            found[name], is_new = _create_or_find(tenant, by, name)
            made += [found[name]] if is_new else []
    return [found[name] for name in wanted], made


def add_members(*, tenant: Tenant, by: Actor, group: Group, members: QuerySet[Member]) -> int:
    """Put all living members of a query into the group; returns how many were not in it before."""
    with transaction.atomic():
        rows = members.filter(tenant=tenant, deleted_at=None).order_by()
        marks.hold_all(rows)
        _lock(tenant, group)
        try:
            sql, params = rows.values_list("tenant_id", "id").query.sql_with_params()
        except EmptyResultSet:  # a query that can match nobody has no SQL
            return 0
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO members_membership (tenant_id, member_id, group_id, joined_at) "
                f"SELECT picked.a, picked.b, %s, %s FROM ({_as(sql)}) picked WHERE TRUE ON CONFLICT DO NOTHING",
                [group.pk, stamped(times.now()), *params],
            )
            added = cursor.rowcount
        return _moved(tenant, by, group, "group.members_added", added, added)


def remove_members(*, tenant: Tenant, by: Actor, group: Group, members: QuerySet[Member]) -> int:
    """Take all members of a query out of the group; returns how many living ones were in it. Of a few each one's stream
    hears of it; of many only the group's trail does, since it would be a row for each."""
    with transaction.atomic():
        marks.hold_all(members.filter(tenant=tenant, memberships__group=group))
        _lock(tenant, group)
        inside = Membership.objects.filter(tenant=tenant, group=group, member__in=members.order_by().values("id"))
        there = inside.filter(member__deleted_at=None)
        ids = list(there.values_list("member_id", flat=True)[: TOLD_MOST + 1])
        living = len(ids) if len(ids) <= TOLD_MOST else there.count()
        inside.delete()
        if living <= TOLD_MOST:
            subjects = [f"member:{pk}" for pk in ids]
            audit.record_all(tenant=tenant, by=by, kind="member.ungrouped", subjects=subjects, groups=[group.pk])
        return _moved(tenant, by, group, "group.members_removed", living, -living)


@transaction.atomic
def change_members(
    *, tenant: Tenant, by: Actor, group: Group, add: QuerySet[Member], remove: QuerySet[Member]
) -> tuple[int, int]:
    """Put some in and take others out; how many came and went."""
    marks.hold_all(Member.objects.filter(Q(pk__in=add.values("pk")) | Q(pk__in=remove.values("pk")), tenant=tenant))
    added = add_members(tenant=tenant, by=by, group=group, members=add)
    return added, remove_members(tenant=tenant, by=by, group=group, members=remove)


def recount(*, tenant: Tenant, ids: set[int] | None = None) -> None:
    """Set these counters (or all) of the tenant anew; after deeds on whole filters, inside their transaction, once they
    are held (`lock`)."""
    living = Q(member__deleted_at=None)
    counted = Membership.objects.filter(living, group=OuterRef("pk")).order_by().values("group").annotate(n=Count("id"))
    rows = Group.objects.filter(tenant=tenant)
    rows = rows if ids is None else rows.filter(pk__in=ids)
    rows.update(member_count=Coalesce(Subquery(counted.values("n")), 0))


def lock(*, tenant: Tenant, ids: set[int] | None = None) -> None:
    """Hold these groups (or all) until the transaction ends, always in one order."""
    rows = Group.objects.select_for_update().filter(tenant=tenant)
    rows = rows if ids is None else rows.filter(pk__in=ids)
    list(rows.order_by("id").values_list("id"))


def _lock(tenant: Tenant, group: Group) -> None:
    if not Group.objects.select_for_update().filter(tenant=tenant, pk=group.pk).first():
        raise GroupNotFound


def _moved(tenant: Tenant, by: Actor, group: Group, kind: str, count: int, change: int) -> int:
    if change:
        Group.objects.filter(pk=group.pk).update(member_count=F("member_count") + change)
        group.refresh_from_db(fields=["member_count"])
        audit.record(tenant=tenant, by=by, kind=kind, subject=group, count=abs(change))
    return count


def _create_or_find(tenant: Tenant, by: Actor, name: str) -> tuple[Group, bool]:
    try:
        with transaction.atomic():
            return create(tenant=tenant, by=by, name=name), True
    except GroupNameTaken:  # another request was faster
        return Group.objects.get(tenant=tenant, name=name), False


def _as(sql: str) -> str:
    """The query with its two columns named a and b, whatever the ORM called them."""
    return f"WITH chosen (a, b) AS ({sql}) SELECT a, b FROM chosen"


def _name(value: str) -> str:
    text = " ".join(str(value).replace("\x00", "").split())
    if not 0 < len(text) <= NAME_LONGEST:
        raise InvalidGroup(fields={"name": [InvalidGroup.message]})
    return text


def _tone(value: str) -> str:
    if value and value not in Tone.values:
        raise InvalidGroup(fields={"tone": [InvalidGroup.message]})
    return value


def _next_tone(count: int) -> str:
    return Tone.values[count % (len(Tone.values) - 1)]
