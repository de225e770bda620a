"""The watch of accounts: what no bell announced, what was left half done, what is too old."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import exports
from accounts.enums import ExportState, NoticeState
from accounts.models import Export, IdempotencyKey, Notice
from accounts.ringing import ring
from accounts.scoping import outside
from config.queues import BULK, UPKEEP

AT_ONCE = 100
GIVE_UP = timedelta(hours=6)
UNHEARD = timedelta(seconds=20)  # a bell gets this long before the watch rings again


def watch() -> dict[str, int]:
    """Ring for due notices and stuck exports, drop expired files and old idempotency keys; the counts of each."""
    with outside("the watch looks after all tenants"):
        return {
            "notices": _ring_notices(),
            "exports": _ring_exports(),
            "files": exports.expire(before=timezone.now()),
            "keys": _drop_keys(),
        }


def _ring_notices() -> int:
    due = Notice.objects.filter(state=NoticeState.WAITING, next_try_at__lte=timezone.now() - UNHEARD)
    rows = list(due.order_by("next_try_at").values_list("tenant_id", "pk")[:AT_ONCE])
    for tenant, pk in rows:
        ring("accounts.notify", tenant, pk, queue=UPKEEP)
    return len(rows)


def _ring_exports() -> int:
    now = timezone.now()
    waiting = Export.objects.filter(state=ExportState.WAITING, created_at__lt=now - UNHEARD)
    stuck = Export.objects.filter(state=ExportState.WORKING, lease_until__lt=now)
    # A job that dies again and again is not asked for ever.
    stuck.filter(created_at__lt=now - GIVE_UP).update(state=ExportState.FAILED, problem=str(_("만들지 못했어요.")))
    rows = list((waiting | stuck).order_by("pk").values_list("tenant_id", "pk")[:AT_ONCE])
    for tenant, pk in rows:
        ring("accounts.export", tenant, pk, queue=BULK)
    return len(rows)


def _drop_keys() -> int:
    old = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - IdempotencyKey.KEPT).order_by("created_at")
    picked = list(old.values_list("pk", flat=True)[:1000])
    return IdempotencyKey.objects.filter(pk__in=picked).delete()[0] if picked else 0
