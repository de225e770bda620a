"""발송 설정: how a tenant wants its texts sent, and the one switch that stops all of them."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import Tenant
from messaging.enums import HoldReason
from messaging.models import SendingPolicy
from messaging.services import holds
from ui import times

STOPPED = "sending_stopped"
CHANGEABLE = {"undo_seconds", "asks_person", "ad_name", "ad_hotline"}


def of(tenant: Tenant) -> SendingPolicy:
    """The tenant's policy; the defaults where nothing was ever changed."""
    return SendingPolicy.objects.filter(tenant=tenant).first() or SendingPolicy(tenant=tenant)


def is_stopped(tenant: Tenant) -> bool:
    """Whether somebody has stopped all sending of the tenant."""
    return SendingPolicy.objects.filter(tenant=tenant).exclude(stopped_at=None).exists()


def notices(tenant: Tenant) -> list[tuple[str, str]]:
    """(code, sentence) for whoever asks for a text to leave while all sending is stopped."""
    if not is_stopped(tenant):
        return []
    return [(STOPPED, _("모든 발송을 멈춰 두어서, 다시 시작할 때까지 나가지 않고 기다려요."))]


def change(*, tenant: Tenant, by: audit.Actor, **changes: Any) -> SendingPolicy:
    """Save what differs; values are checked by the form or serializer that asks."""
    assert set(changes) <= CHANGEABLE, "unknown field"
    before = of(tenant)
    changed = sorted(name for name, value in changes.items() if getattr(before, name) != value)
    if not changed:
        return before
    with transaction.atomic():
        row, _made = SendingPolicy.objects.update_or_create(tenant=tenant, defaults=changes)
        audit.record(tenant=tenant, by=by, kind="sending.changed", subject=row, fields=changed)
    return row


def stop_all(*, tenant: Tenant, by: audit.Actor) -> SendingPolicy:
    """Nothing leaves from now on, nothing scheduled starts; twice is once. What was handed to Aligo has left."""
    label = "" if by is None else str(by)[:80]
    with transaction.atomic():
        row, _made = SendingPolicy.objects.get_or_create(tenant=tenant)
        still = SendingPolicy.objects.filter(pk=row.pk, stopped_at=None)
        if still.update(stopped_at=times.now(), stopped_by=audit.user_of(by), stopped_by_label=label):
            holds.hold(tenant, HoldReason.STOPPED)
            audit.record(tenant=tenant, by=by, kind="sending.stopped", subject=row)
        row.refresh_from_db()
    return row


def go_on(*, tenant: Tenant, by: audit.Actor) -> SendingPolicy:
    """Everything that was stopped goes on; what is a day late by now asks first, what is past its validity stays."""
    with transaction.atomic():
        stopped = SendingPolicy.objects.filter(tenant=tenant).exclude(stopped_at=None)
        if stopped.update(stopped_at=None, stopped_by=None, stopped_by_label=""):
            holds.release_stop(tenant)
            audit.record(tenant=tenant, by=by, kind="sending.resumed", subject=of(tenant))
    return of(tenant)
