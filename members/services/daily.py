"""What is done once a day for each tenant: birthdays roll on, passes run out, dues are charged, segments are counted.

Each job is safe to repeat (facts, dues and counts have unique keys), so a worker that dies in the middle costs nothing:
the watch rings again, and jobs that were through are not repeated.
"""

import logging
from collections.abc import Callable
from datetime import date, timedelta

from django.db.models import Exists, F, OuterRef, Q

from accounts import uploads
from accounts.models import Tenant
from accounts.ringing import ring
from accounts.scoping import outside
from accounts.tasking import lease
from config.queues import BULK
from members.models import Daily
from members.services import birthdays, day_watch, field_files, fields, import_leftovers, kept_parts, trash
from ui import times

log = logging.getLogger(__name__)
AT_ONCE = 50  # tenants rung for in one look of the watch, so that midnight is no storm
LEASE = 1800
AGAIN = timedelta(minutes=10)  # between two tries of a day in which a job failed or its worker died
TRIES_MOST = 30
KEPT = timedelta(days=400)  # after a pause the days since the last one are made up for (day_watch)

# name → what does it, called with `tenant` and `today`; in this order.
JOBS: dict[str, Callable[..., object]] = {
    "birthdays": birthdays.roll_on,
    "fields": fields.purge,
    "trash": trash.daily,
    "kept parts": kept_parts.prune,
    "imports": import_leftovers.prune,
    "removed files": lambda *, tenant, today: uploads.sweep(tenant=tenant),
    "files": field_files.sweep,
    "holds": day_watch.end_holds,
    "passes": day_watch.end_passes,
    "absent": day_watch.absent,
    "dues": day_watch.dues,
}


def watch() -> int:
    """Ring for tenants whose day has not been worked through; returns how many."""
    now, today = times.now(), times.today()
    with outside("the watch looks after all tenants"):
        leave = Q(finished_at__isnull=False) | Q(tries__gte=TRIES_MOST) | Q(tried_at__gt=now - AGAIN)
        over = Daily.objects.filter(leave, tenant=OuterRef("pk"), on=today)
        ids = list(Tenant.objects.exclude(Exists(over)).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
        Daily.objects.filter(on__lt=today - KEPT).delete()
    for pk in ids:
        ring("members.daily", pk, queue=BULK)
    return len(ids)


def work(*, tenant: Tenant, today: date | None = None) -> list[str]:
    """Do what is left of the tenant's day; the names of the jobs that were done now."""
    on = today or times.today()
    with lease(f"members.daily.{tenant.pk}", LEASE) as ours:
        if not ours:
            return []
        row, _new = Daily.objects.get_or_create(tenant=tenant, on=on)
        if row.finished_at:
            return []
        Daily.objects.filter(pk=row.pk).update(tries=F("tries") + 1, tried_at=times.now())
        return _do(tenant, row, on)


def _do(tenant: Tenant, row: Daily, on: date) -> list[str]:
    done, failed = [], False
    for name, job in JOBS.items():
        if name in row.done:
            continue
        try:
            job(tenant=tenant, today=on)
        except Exception:  # one job's bug keeps no other from being done; it is tried again with the next bell
            log.exception("daily job failed", extra={"job": name})
            failed = True
            continue
        row.done.append(name)
        row.save(update_fields=["done"])
        done.append(name)
    if not failed:
        row.finished_at = times.now()
        row.save(update_fields=["finished_at"])
    return done
