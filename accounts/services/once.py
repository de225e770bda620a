"""A form that is sent twice is done once: its one-time key is a row, written in the transaction of the deed."""

from django.db import IntegrityError, transaction

from accounts.models import IdempotencyKey, Tenant

# No program can send this: an Idempotency-Key is ASCII.
_FORM = "양식 "


def first_time(*, tenant: Tenant, form_key: str) -> bool:
    """Whether a form's key has not been used; a second click waits here until the first one's deed is done. A form
    without a key (an old page, a script) is taken as it comes."""
    if not form_key:
        return True
    try:
        with transaction.atomic():
            IdempotencyKey.objects.create(tenant=tenant, key=f"{_FORM}{form_key[:64]}", body_hash="")
    except IntegrityError:
        return False
    return True
