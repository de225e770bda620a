"""The trash: thirty days to take somebody back, then the person is erased."""

from datetime import date

from django.db import transaction
from django.db.models import F, QuerySet

from accounts import audit, facts
from accounts.audit import Actor
from accounts.models import Tenant
from accounts.ringing import ring
from config.queues import BULK
from members.birthdays import next_birthday
from members.enums import FactKind
from members.models import Member
from members.selectors.trash import KEPT, overdue
from members.services import erasing, phones
from members.services import groups as grouping
from ui import times

AT_ONCE = 200  # erased while somebody waits; more are left to a worker
CHUNK = 5000


def take_back(*, tenant: Tenant, ids: list[int], part_of: int | None = None) -> int:
    """Out of the trash, or out of the member they are part of, inside the caller's transaction, which moves the groups'
    counters; returns how many. There nobody's birthday rolled on, and numbers were found to be nobody's."""
    rows = Member.objects.filter(tenant=tenant, erased_at=None, deleted_at__isnull=False, merged_into=part_of)
    rows = rows.filter(pk__in=ids).only("phone", "birth_date", "birthday").order_by("pk")
    back, today = list(rows.select_for_update()), times.today()
    dead = phones.all_flagged(tenant=tenant, phones={member.phone for member in back})
    for member in back:
        member.next_birthday = next_birthday(member.born, today)
        member.dead_at, member.deleted_at, member.merged_into_id = dead.get(member.phone), None, None
    columns = ["next_birthday", "dead_at", "deleted_at", "merged_into"]
    Member.objects.bulk_update(back, columns, batch_size=500)
    return len(back)


def restore_all(*, tenant: Tenant, by: Actor, members: QuerySet[Member]) -> int:
    """Take members out of the trash, back into their groups; returns how many. Who is erased or merged stays away."""
    with transaction.atomic():
        back = members.filter(tenant=tenant, merged_into=None, erased_at=None, deleted_at__isnull=False)
        ids = sorted(back.order_by().values_list("pk", flat=True))
        count = sum(take_back(tenant=tenant, ids=ids[at : at + CHUNK]) for at in range(0, len(ids), CHUNK))
        if count:
            grouping.lock(tenant=tenant)
            grouping.recount(tenant=tenant)
            audit.record(tenant=tenant, by=by, kind="member.restored", count=count)
    return count


def empty(*, tenant: Tenant, by: Actor, members: QuerySet[Member]) -> int:
    """Erase members of the trash now instead of after thirty days; returns how many. There is no way back.

    Their time is up from here on, so whatever dies on the way is finished by the day's job.
    """
    with transaction.atomic():
        ours = Member.objects.filter(tenant=tenant, merged_into=None, erased_at=None, deleted_at__isnull=False)
        ours = ours.filter(pk__in=members.order_by().values("pk"))
        count = ours.update(deleted_at=F("deleted_at") - KEPT)
        if count:
            audit.record(tenant=tenant, by=by, kind="member.trash_emptied", count=count)
            ring("members.erase", tenant.pk, queue=BULK)
    if 0 < count <= AT_ONCE:
        erase_due(tenant=tenant, by=by)
    return count


def erase_due(*, tenant: Tenant, by: Actor = None) -> int:
    """Erase all whose thirty days are over, some thousand in a transaction; returns how many."""
    count = 0
    while True:
        with transaction.atomic():
            ids = list(overdue(tenant).order_by("pk").select_for_update().values_list("pk", flat=True)[:CHUNK])
            if not ids:
                return count
            count += erase_some(tenant=tenant, by=by, ids=ids)


def erase_some(*, tenant: Tenant, by: Actor, ids: list[int]) -> int:
    """Erase these and say so: a fact for each, one line in the audit trail. Inside the caller's transaction."""
    now = times.now()
    done = erasing.erase(tenant=tenant, ids=ids, now=now)
    whats = [facts.What(f"member:{pk}", f"member:{pk}", now) for pk in ids]
    facts.record_all(tenant=tenant, kind=FactKind.ERASED, facts=whats)
    audit.record(tenant=tenant, by=by, kind="member.erased", count=done)
    return done


def daily(*, tenant: Tenant, today: date) -> None:
    """The day's job: who is due is erased, and what could not go with others yet is looked at once more."""
    erase_due(tenant=tenant)
    erasing.erase_the_rest(tenant=tenant)
