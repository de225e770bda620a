"""Look at a held account's /remain/: if what was wrong is right again, everything goes on."""

from accounts.models import Tenant
from messaging.enums import BatchState, HoldReason
from messaging.models import AligoAccount, Batch
from messaging.providers import provider
from messaging.providers.base import AccountRefused, Balance, ProviderError
from messaging.services import accounts, holds
from ui import times


def probe(*, tenant: Tenant) -> bool:
    """Whether the account was released."""
    account = AligoAccount.objects.filter(tenant=tenant).exclude(held_reason="").first()
    if account is None:
        return False
    now = times.now()
    AligoAccount.objects.filter(pk=account.pk).update(probe_at=holds.next_probe(account.held_at or now, now))
    try:
        balance = provider.balance(accounts.for_provider(account))
    except AccountRefused as refused:
        AligoAccount.objects.filter(pk=account.pk).update(
            held_reason=refused.reason.value, state=refused.reason.value, checked_at=now
        )
        return False
    except ProviderError:
        return False
    accounts.note_balance(account, balance)
    if account.held_reason == HoldReason.BALANCE and not _pays_for_next(tenant, balance):
        return False
    holds.release(account)
    return True


def _pays_for_next(tenant: Tenant, balance: Balance) -> bool:
    """Whether the money is enough for the batch that waits first: /remain/ answers well with an empty purse too."""
    batch = Batch.objects.filter(tenant=tenant, state=BatchState.QUEUED).order_by("pk").first()
    if batch is None:
        return True
    return {"SMS": balance.sms, "LMS": balance.lms, "MMS": balance.mms}[batch.type] >= batch.open_count
