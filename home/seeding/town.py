"""The town: a busy tenant, its neighbour, the operator, and who signs in to each."""

from dataclasses import dataclass
from datetime import timedelta
from random import Random

from allauth.account.models import EmailAddress
from django.db import transaction
from django_scopes import scope

from accounts import audit
from accounts.enums import Role
from accounts.models import Staff, Tenant, User
from accounts.services import access, profiles
from home.seeding import edits, passes, people, segments, texts, written
from messaging.services import accounts as aligo
from ui import times

PASSWORD = "gongji-demo-1"
SEED = 20261122


@dataclass(frozen=True)
class Login:
    who: str
    email: str
    password: str = PASSWORD


LOGINS = [
    Login("한빛체육관 대표", "demo@example.com"),
    Login("한빛체육관 관리자 (해오름학원에서도 일해요)", "manager@example.com"),
    Login("한빛체육관 발송 담당", "sender@example.com"),
    Login("한빛체육관 보기 전용", "viewer@example.com"),
    Login("해오름학원 대표", "neighbour@example.com"),
    Login("운영자 (/admin/)", "admin@example.com"),
]


def exists() -> bool:
    return Tenant.objects.filter(slug="hanbit").exists()


def build(members: int) -> None:
    """Everything or nothing, in one transaction."""
    die = Random(SEED)
    with transaction.atomic():
        shop = _tenant("한빛체육관", "hanbit", 23, phone="0237890123")
        school = _tenant("해오름학원", "haeoreum", 5)
        operator = _tenant("공지 운영사", "gongji", None, is_operator=True)
        owner = _person(shop, "demo@example.com", "김지현", Role.OWNER)
        manager = _person(shop, "manager@example.com", "박서준", Role.MANAGER)
        Staff.objects.create(tenant=school, user=manager, role=Role.SENDER)
        _person(shop, "sender@example.com", "이도윤", Role.SENDER)
        _person(shop, "viewer@example.com", "최하은", Role.VIEWER)
        teacher = _person(school, "neighbour@example.com", "정우진", Role.OWNER)
        _person(operator, "admin@example.com", "운영자", Role.OWNER, is_staff=True, is_superuser=True)
        _fill(shop, owner, members, ["초등부", "중등부", "성인반", "선수반", "체험", "쉬는 회원"], "학년", "gym", die)
        _fill(school, teacher, max(members // 20, 30), ["국어", "영어", "수학"], "반", "academy", die)
        with scope(tenant=operator):
            aligo.open_sandbox(tenant=operator)


def _tenant(name: str, slug: str, days: int | None, **fields: object) -> Tenant:
    tenant = Tenant.objects.create(name=name, slug=slug, **fields)
    until = times.now() + timedelta(days=days) if days is not None else None
    access.set_access(tenant=tenant, by=None, paid_until=until)
    return tenant


def _person(tenant: Tenant, email: str, name: str, role: str, **fields: bool) -> User:
    user = User.objects.create_user(email, PASSWORD, name=name, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    Staff.objects.create(tenant=tenant, user=user, role=role)
    profiles.agree(by=user, ip=None)
    return user


def _fill(tenant: Tenant, owner: User, count: int, groups: list[str], field: str, trade: str, die: Random) -> None:
    with scope(tenant=tenant):
        aligo.open_sandbox(tenant=tenant, by=owner)
        audit.record(tenant=tenant, by=owner, kind="tenant.created", subject=tenant)
        made = people.make(tenant, count, groups, field, die)
        texts.make(tenant, owner, made, die)
        passes.make(tenant, made, die)
        written.make(tenant, owner, made, trade, die)
        segments.make(tenant, die)
        edits.make(tenant, owner, made, die)
