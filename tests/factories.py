"""One small function a model, no surprises: what a test doesn't name is plain."""

import itertools
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django_scopes import scope

from accounts.crypto import fingerprint
from accounts.enums import Role, Scope
from accounts.models import ApiKey, Staff, Tenant, User
from members.models import Due, Group, Member, Membership, Pass
from members.search import derive
from members.services import dues, passes
from messaging.enums import AccountMode
from messaging.models import AligoAccount, Sender
from ui import times

_serial = itertools.count(1)
PASSWORD = "correct horse 9"


def make_tenant(**fields: Any) -> Tenant:
    n = next(_serial)
    return Tenant.objects.create(**{"name": f"업체{n}", "slug": f"t{n}"} | fields)


def make_user(**fields: Any) -> User:
    n = next(_serial)
    return User.objects.create_user(
        **{"email": f"user{n}@example.com", "password": PASSWORD, "name": "김대표"} | fields
    )


def make_staff(tenant: Tenant, role: str = Role.OWNER, user: User | None = None, **fields: Any) -> Staff:
    return Staff.objects.create(tenant=tenant, user=user or make_user(), role=role, **fields)


def make_key(tenant: Tenant, *scopes: str) -> tuple[ApiKey, str]:
    """An API key row and the secret to send as `Authorization: Bearer …`."""
    secret = f"gj_test_{next(_serial)}"
    key = ApiKey.objects.create(
        tenant=tenant, name="test", prefix="gj_test", key_hash=fingerprint(secret), scopes=list(scopes or Scope.values)
    )
    return key, secret


def make_group(tenant: Tenant, name: str = "", **fields: Any) -> Group:
    return Group.objects.create(tenant=tenant, name=name or f"그룹{next(_serial)}", **fields)


def make_member(tenant: Tenant, name: str = "김민준", phone: str = "", *groups: Group, **fields: Any) -> Member:
    n = next(_serial)
    with scope(tenant=tenant):
        phone = phone or f"0105{n:07d}"
        cho, tokens = derive(tenant.pk, name, phone, fields.get("memo", ""))
        member = Member.objects.create(tenant=tenant, name=name, phone=phone, name_cho=cho, tokens=tokens, **fields)
        for group in groups:
            Membership.objects.create(tenant=tenant, member=member, group=group)
            Group.objects.filter(pk=group.pk).update(member_count=group.members.filter(deleted_at=None).count())
    return member


def make_pass(tenant: Tenant, member: Member, **fields: Any) -> Pass:
    """A pass of ten sessions without an end, by the service, so that its ledger is there."""
    with scope(tenant=tenant):
        return passes.open_pass(
            tenant=tenant, by=None, member=member, reference=f"test:{next(_serial)}",
            **{"name": "10회권", "sessions": 10} | fields,
        )  # fmt: skip


def make_due(tenant: Tenant, member: Member, **fields: Any) -> Due:
    """A due that is a day late, by the service."""
    with scope(tenant=tenant):
        values = {"name": "수강료", "amount_won": 50_000, "due_on": times.today() - timedelta(days=1)} | fields
        return dues.add(tenant=tenant, by=None, member=member, reference=f"test:{next(_serial)}", **values)


def make_account(tenant: Tenant, user_id: str = "shop", api_key: str = "k" * 32, **fields: Any) -> AligoAccount:
    """A live account; `ALIGO_BASE_URL` decides whom it talks to."""
    return AligoAccount.objects.create(
        tenant=tenant, **{"mode": AccountMode.LIVE, "user_id": user_id, "api_key": api_key} | fields
    )


def make_sender(tenant: Tenant, number: str = "0237890123", **fields: Any) -> Sender:
    return Sender.objects.create(tenant=tenant, number=number, **{"is_default": True} | fields)


def now() -> Any:
    return timezone.now()
