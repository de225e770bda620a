"""발신번호: numbers registered with Aligo, which has no call that lists them; their form is checked here."""

from django.db import transaction

from accounts import audit
from accounts.models import Tenant
from accounts.scoping import enter
from messaging import exceptions as no
from messaging.models import AligoAccount, Sender
from messaging.rules import BadSender, check_sender
from ui import times


def add(*, tenant: Tenant, by: audit.Actor, number: str, label: str = "") -> Sender:
    """Add a number (any usual writing); the first becomes the default. One that is there already stays as it is."""
    digits = _digits(number)
    with enter(tenant), transaction.atomic():
        has_default = Sender.objects.filter(tenant=tenant, is_default=True).exists()
        sender, made = Sender.objects.get_or_create(
            tenant=tenant, number=digits, defaults={"label": label.strip()[:30], "is_default": not has_default}
        )
        if not made and sender.deleted_at is None:
            return sender
        if not made:
            sender.deleted_at, sender.label, sender.is_default = None, label.strip()[:30], not has_default
            sender.save(update_fields=["deleted_at", "label", "is_default"])
        audit.record(tenant=tenant, by=by, kind="sender.added", subject=sender)
    return sender


def remove(*, tenant: Tenant, by: audit.Actor, sender: Sender) -> None:
    """Hide a number; what was sent by it keeps it. The oldest of the others becomes the default."""
    with transaction.atomic():
        rows = Sender.objects.filter(tenant=tenant, deleted_at=None)
        if not rows.filter(pk=sender.pk).update(deleted_at=times.now(), is_default=False):
            return
        if sender.is_default and (heir := rows.order_by("pk").first()):
            rows.filter(pk=heir.pk).update(is_default=True)
        audit.record(tenant=tenant, by=by, kind="sender.removed", subject=sender)


def set_default(*, tenant: Tenant, by: audit.Actor, sender: Sender) -> None:
    """The number a new text begins with."""
    with transaction.atomic():
        rows = Sender.objects.filter(tenant=tenant, deleted_at=None)
        if not rows.filter(pk=sender.pk).exists():
            raise no.SenderNotRegistered
        rows.filter(is_default=True).exclude(pk=sender.pk).update(is_default=False)
        if rows.filter(pk=sender.pk, is_default=False).update(is_default=True):
            audit.record(tenant=tenant, by=by, kind="sender.made_default", subject=sender)


def confirm(account: AligoAccount, number: str) -> None:
    """The tenant's own Aligo account took a text from this number: it is registered there."""
    if account.is_live:
        rows = Sender.objects.filter(tenant_id=account.tenant_id, number=number)
        rows.exclude(confirmed_at__isnull=False, refused_at=None).update(confirmed_at=times.now(), refused_at=None)


def _digits(number: str) -> str:
    digits = "".join(char for char in str(number) if char not in " -().\t")
    try:
        check_sender(digits)
    except BadSender as error:
        raise no.SenderRefused(str(error), code=f"sender_{error.code}", fields={"number": [str(error)]}) from None
    return digits
