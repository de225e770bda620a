"""Things to tell a person: a row in the transaction of the deed, delivered afterwards by a channel (e-mail now).

The channel for a kind is its template `emails/<kind>.txt`: first line the subject, the rest the words.
"""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.crypto import SecretUnreadable, decrypt, encrypt
from accounts.enums import NoticeState
from accounts.models import Notice, Tenant
from accounts.ringing import ring
from config.queues import UPKEEP

WAITS = [timedelta(minutes=m) for m in (1, 5, 30, 120, 720)]
CLAIM = timedelta(minutes=2)


def tell(
    *,
    tenant: Tenant,
    to: str,
    kind: str,
    context: dict[str, Any],
    key: str,
    language: str = "ko",
    sealed: dict[str, str] | None = None,
) -> Notice:
    """Store a notice and ring; the same key twice is one notice. `sealed` values (links' tokens) lie encrypted and are
    wiped once told."""
    if sealed:
        context = context | {"sealed": {name: encrypt(value) for name, value in sealed.items()}}
    with transaction.atomic():
        row, fresh = Notice.objects.get_or_create(
            tenant=tenant,
            key=key,
            defaults={"to": to, "kind": kind, "context": context, "language": language, "next_try_at": timezone.now()},
        )
        if fresh:
            ring("accounts.notify", tenant.pk, row.pk, queue=UPKEEP)
    return row


def deliver(*, tenant: Tenant, notice: int) -> bool:
    """Send one waiting notice; False if it was not its turn. A failing mail server is tried again five times."""
    now = timezone.now()
    mine = Notice.objects.filter(tenant=tenant, pk=notice, state=NoticeState.WAITING, next_try_at__lte=now)
    if not mine.update(next_try_at=now + CLAIM):
        return False
    row = Notice.objects.get(pk=notice)
    try:
        _mail(row)
    except Exception as error:  # any trouble of the mail server; the row says when to try again
        _postpone(row, error)
        return False
    row.state, row.sent_at = NoticeState.SENT, timezone.now()
    row.attempts += 1
    row.context.pop("sealed", None)
    row.save(update_fields=["state", "sent_at", "attempts", "context"])
    return True


def _postpone(row: Notice, error: Exception) -> None:
    row.attempts += 1
    hopeless = row.attempts > len(WAITS) or isinstance(error, SecretUnreadable)
    row.state = NoticeState.FAILED if hopeless else NoticeState.WAITING
    row.next_try_at = None if hopeless else timezone.now() + WAITS[row.attempts - 1]
    row.save(update_fields=["attempts", "state", "next_try_at"])


def _mail(row: Notice) -> None:
    context = {k: v for k, v in row.context.items() if k != "sealed"}
    context |= {name: decrypt(value) for name, value in row.context.get("sealed", {}).items()}
    context |= {"site_url": settings.SITE_URL, "tenant": row.context.get("tenant") or row.tenant.name}
    with translation.override(row.language):
        subject, _, text = render_to_string(f"emails/{row.kind}.txt", context).strip().partition("\n")
        page = render_to_string("emails/base.html", {"text": text.strip(), "subject": subject} | context)
    mail = EmailMultiAlternatives(f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{subject}", text.strip(), to=[row.to])
    mail.attach_alternative(page, "text/html")
    mail.send()
