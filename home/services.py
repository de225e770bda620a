"""What joins the apps when somebody comes in: a person agrees, a tenant opens with a sandbox to practise in."""

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext
from django_scopes import scope

from accounts.crypto import rotate
from accounts.enums import NoticeState, Scope
from accounts.models import Notice, Staff, Tenant, User
from accounts.scoping import outside
from accounts.services import keys, profiles, staff, tenants
from members.models import Group
from members.services import members
from messaging.models import AligoAccount
from messaging.services import accounts, senders


def welcome(*, user: User, name: str, language: str, ip: str | None) -> User:
    """What a new person said about themselves, and the versions of the terms they agreed to."""
    user.name, user.language = name, language
    user.save(update_fields=["name", "language"])
    profiles.agree(by=user, ip=ip)
    return user


def open_for(*, user: User, business: str) -> Staff:
    """A tenant that can be used at once: its owner, a trial, a sandbox account. Twice is refused (AlreadyOwner)."""
    with transaction.atomic():
        row = tenants.open_tenant(owner=user, name=business.strip())
        with scope(tenant=row.tenant):
            accounts.open_sandbox(tenant=row.tenant, by=user)
    return row


def join(*, user: User, token: str) -> Staff:
    """Take an invitation while signing up."""
    return staff.accept(by=user, token=token)


def install(
    *, name: str, email: str, password: str, aligo: tuple[str, str], sender: str, paid_until: datetime | None
) -> tuple[Tenant, str]:
    """`open_tenant`: a tenant with its owner, live account, sender and a key with every scope; all or nothing.

    A person who exists keeps their password. Nobody is asked over the network.
    """
    with transaction.atomic():
        owner = User.objects.filter(email__iexact=email).first() or User.objects.create_user(email, password)
        EmailAddress.objects.update_or_create(
            user=owner, email=owner.email, defaults={"verified": True, "primary": True}
        )
        tenant = tenants.open_tenant(owner=owner, name=name, paid_until=paid_until).tenant
        with scope(tenant=tenant):
            if all(aligo):
                accounts.install(tenant=tenant, by=owner, user_id=aligo[0], api_key=aligo[1])
            else:
                accounts.open_sandbox(tenant=tenant, by=owner)
            if sender:
                senders.add(tenant=tenant, by=owner, number=sender)
            _key, secret = keys.create(tenant=tenant, by=owner, name="open_tenant", scopes=Scope.values)
    return tenant, secret


def rotate_secrets() -> dict[str, int]:
    """Re-encrypt every stored secret under the newest key; how many of each. Row by row: a crash loses nothing."""
    with outside("keys are rotated for all tenants"):
        return {
            "aligo": _rotate_aligo(),
            "authenticators": _rotate_authenticators(),
            "notices": _rotate_notices(),
        }


def _rotate_aligo() -> int:
    rows = AligoAccount.objects.exclude(api_key="")
    for row in rows.iterator():
        row.save(update_fields=["api_key"])  # reading opens with any key, saving closes with the newest
    return rows.count()


def _rotate_authenticators() -> int:
    count = 0
    for row in Authenticator.objects.iterator():
        sealed = {k: rotate(v) for k, v in row.data.items() if k in {"secret", "seed"} and v}
        sealed |= {k: [rotate(code) for code in v] for k, v in row.data.items() if k == "migrated_codes"}
        if sealed:
            row.data = {**row.data, **sealed}
            row.save(update_fields=["data"])
            count += 1
    return count


def _rotate_notices() -> int:
    count = 0
    for row in Notice.objects.filter(state=NoticeState.WAITING).iterator():
        if sealed := row.context.get("sealed"):
            row.context = {**row.context, "sealed": {k: rotate(v) for k, v in sealed.items()}}
            row.save(update_fields=["context"])
            count += 1
    return count


# Numbers beginning 010-0000 belong to nobody. The last one fails in the sandbox, so that a failure can be seen too.
SAMPLE = (
    ("김하늘", "01000000101"), ("이서준", "01000000102"), ("박은서", "01000000103"), ("최지우", "01000000104"),
    ("정도윤", "01000000105"), ("강수아", "01000000106"), ("조민재", "01000000107"), ("윤채원", "01000000108"),
    ("장시우", "01000000109"), ("임유나", "01000000110"), ("한지호", "01000000111"), ("오가람", "01000000000"),
)  # fmt: skip


def add_sample_roster(*, tenant: Tenant, by: User) -> int:
    """Twelve people who do not exist, in a group of their own; how many were added. Once, and in practice mode only."""
    name = gettext("연습 명단")
    with transaction.atomic():
        account = AligoAccount.objects.select_for_update().filter(tenant=tenant).first()
        live = account is not None and account.is_live
        if live or Group.objects.filter(tenant=tenant, name=name).exists():
            return 0
        for person, phone in SAMPLE:
            members.create(tenant=tenant, by=by, name=person, phone=phone, groups=[name])
    return len(SAMPLE)
