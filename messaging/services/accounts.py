"""A tenant's Aligo account: the sandbox's until its own is connected; how much it can still send."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import audit
from accounts.crypto import keyed_hash
from accounts.models import Tenant
from accounts.scoping import enter
from messaging import exceptions as no
from messaging.enums import ENDED, AccountMode, AccountState, BatchState
from messaging.models import AligoAccount, Batch, Dispatch
from messaging.models.account import SANDBOX, sandbox_id
from messaging.providers import provider
from messaging.providers.base import Account, AccountRefused, Balance, ProviderError, RefusalReason, Rejected
from messaging.services import closing, holds
from ui import times

FRESH = timedelta(minutes=1)  # a balance this old is good enough to show
_REFUSALS = {
    RefusalReason.IP: no.AligoIpMissing,
    RefusalReason.AUTH: no.AligoAuthFailed,
    RefusalReason.UNUSABLE: no.AligoUnusable,
}


def open_sandbox(*, tenant: Tenant, by: audit.Actor = None) -> AligoAccount:
    """The account every new tenant has; twice is once."""
    user_id, api_key = _sandbox(tenant)
    with enter(tenant), transaction.atomic():
        account, made = AligoAccount.objects.get_or_create(
            tenant=tenant, defaults={"user_id": user_id, "api_key": api_key, "mode": AccountMode.SANDBOX}
        )
        if made:
            audit.record(tenant=tenant, by=by, kind="aligo.sandbox_opened", subject=account)
    return account


def of(tenant: Tenant) -> AligoAccount:
    """The tenant's account, a sandbox's if it has none yet."""
    return AligoAccount.objects.filter(tenant=tenant).first() or open_sandbox(tenant=tenant)


def for_provider(account: AligoAccount, *, timeout: float | None = None) -> Account:
    """What the provider needs to know; the address follows the mode."""
    base = settings.ALIGO_BASE_URL if account.is_live else settings.ALIGO_SANDBOX_URL
    return Account(base, account.user_id, account.api_key, timeout or settings.ALIGO_TIMEOUT)


def for_batches_of(account: AligoAccount, user_id: str) -> Account | None:
    """The account that batches went out with: the present one or the sandbox's; None if its key is gone."""
    if user_id == account.user_id:
        return for_provider(account)
    sandbox_id, api_key = _sandbox(account.tenant)
    if user_id == sandbox_id:
        return Account(settings.ALIGO_SANDBOX_URL, sandbox_id, api_key, settings.ALIGO_TIMEOUT)
    return None


def connect(*, tenant: Tenant, by: audit.Actor, user_id: str, api_key: str) -> AligoAccount:
    """Use the tenant's own account from now on. Asks Aligo first; what it refuses is not saved.

    What was written to practise ends here: it must not reach a phone.
    """
    user_id, api_key = user_id.strip(), api_key.strip()
    if not user_id or not api_key:
        raise no.AligoAuthFailed
    if user_id.startswith(SANDBOX):
        raise no.AligoNameTaken
    asked = Account(settings.ALIGO_BASE_URL, user_id, api_key, min(settings.ALIGO_TIMEOUT, 10))
    balance = _ask_or_refuse(asked)
    with enter(tenant), transaction.atomic():
        account = _save(tenant, AccountMode.LIVE, user_id, api_key, balance)
        stopped = _end_practice(tenant)
        audit.record(tenant=tenant, by=by, kind="aligo.connected", subject=account, practice_stopped=stopped)
        holds.release(account)
    return account


def install(*, tenant: Tenant, by: audit.Actor, user_id: str, api_key: str) -> AligoAccount:
    """Store a live account unasked, for `open_tenant`: the first look at it comes with the first balance or text."""
    with enter(tenant), transaction.atomic():
        account = _save(tenant, AccountMode.LIVE, user_id.strip(), api_key.strip(), None)
        _end_practice(tenant)
        audit.record(tenant=tenant, by=by, kind="aligo.connected", subject=account)
    return account


def disconnect(*, tenant: Tenant, by: audit.Actor) -> AligoAccount:
    """Back to the sandbox; nothing real leaves any more. The live key is forgotten; what was meant for phones waits."""
    with enter(tenant), transaction.atomic():
        account = _save(tenant, AccountMode.SANDBOX, *_sandbox(tenant), None)
        audit.record(tenant=tenant, by=by, kind="aligo.disconnected", subject=account)
        holds.release(account)
    return account


def refresh_balance(*, tenant: Tenant, fresh: bool = False, timeout: float | None = None) -> AligoAccount:
    """The account with what Aligo says now, or said within a minute. Trouble keeps the old numbers and their stamp."""
    account = of(tenant)
    if not fresh and account.checked_at and account.checked_at > times.now() - FRESH:
        return account
    account.checked_at = times.now()
    try:
        balance = provider.balance(for_provider(account, timeout=timeout))
    except AccountRefused as refused:
        account.state = refused.reason.value
        account.save(update_fields=["state", "checked_at"])
    except ProviderError:
        account.state = AccountState.DOWN
        account.save(update_fields=["state", "checked_at"])
    else:
        note_balance(account, balance)
    return account


def note_spent(tenant: Tenant) -> None:
    """Texts have left since Aligo was asked for the balance: whoever wants it next is told what it is by then."""
    old = times.now() - FRESH
    AligoAccount.objects.filter(tenant=tenant, checked_at__gt=old).update(checked_at=old)


def note_balance(account: AligoAccount, balance: Balance) -> None:
    """Save what Aligo just said."""
    account.state, account.checked_at = AccountState.OK, times.now()
    account.sms_count, account.lms_count, account.mms_count = balance.sms, balance.lms, balance.mms
    account.balance_at = account.checked_at
    account.save(update_fields=["state", "checked_at", "sms_count", "lms_count", "mms_count", "balance_at"])


def open_dispatches(tenant: Tenant, mode: str) -> int:
    """How many dispatches written under an account of this mode may still send something."""
    return _open(tenant, mode).count()


def _end_practice(tenant: Tenant) -> int:
    """Nothing written to practise leaves any more; how many dispatches that ended."""
    practice = list(_open(tenant, AccountMode.SANDBOX).values_list("pk", flat=True))
    return sum(closing.stop(tenant, pk) is not None for pk in practice)


def _open(tenant: Tenant, mode: str) -> QuerySet[Dispatch]:
    """Without those whose last text has left and whose results alone are awaited."""
    queued = Batch.objects.filter(dispatch=OuterRef("pk"), state__in=[BatchState.QUEUED, BatchState.SENDING])
    rows = Dispatch.objects.filter(tenant=tenant, mode=mode).filter(Q(total=None) | Exists(queued))
    return rows.exclude(state__in=ENDED)


def _sandbox(tenant: Tenant) -> tuple[str, str]:
    # Derived, not drawn: results of sandbox texts can be asked for after a live account took its place.
    return sandbox_id(tenant.pk), keyed_hash(f"sandbox:{tenant.pk}")[:32]


def _ask_or_refuse(asked: Account) -> Balance:
    try:
        return provider.balance(asked)
    except AccountRefused as refused:
        raise _REFUSALS.get(refused.reason, no.AligoProblem)() from None
    except Rejected:
        raise no.AligoProblem from None
    except ProviderError:
        raise no.AligoDown from None


def _save(tenant: Tenant, mode: str, user_id: str, api_key: str, balance: Balance | None) -> AligoAccount:
    now = times.now()
    account, _made = AligoAccount.objects.update_or_create(  # type: ignore[misc]
        tenant=tenant,
        defaults={
            "mode": mode,
            "user_id": user_id,
            "api_key": api_key,
            "state": AccountState.OK if balance else AccountState.UNCHECKED,
            "checked_at": now if balance else None,
            "sms_count": balance and balance.sms,
            "lms_count": balance and balance.lms,
            "mms_count": balance and balance.mms,
            "balance_at": now if balance else None,
            "connected_at": now if mode == AccountMode.LIVE else None,
            "troubles": 0,
            "quiet_until": None,
        },
    )
    return account
