"""Reads of visits: a day's, and whom digits on a tablet may mean."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from django.db import connection
from django.db.models import Count, QuerySet
from django.db.models.functions import ExtractHour

from accounts.crypto import fingerprint
from accounts.models import Tenant
from accounts.scoping import outside
from members import codes
from members.exceptions import KioskNotFound, VisitNotFound
from members.models import Attendance, Contact, Kiosk, Member
from members.search import with_tenant
from members.selectors.merged import living
from ui import times

GATHERED = 10_000  # more than the planner expects of any four digits


@dataclass
class Day:
    """How many came on a day, by hour (only hours with somebody), and how many without a pass."""

    on: date
    total: int
    without: int
    hours: list[tuple[int, int]]


def visits(tenant: Tenant, on: date) -> QuerySet[Attendance]:
    """The visits of a day, undone ones too, for whoever shows them."""
    rows = Attendance.objects.filter(tenant=tenant, on=on)
    return rows.select_related("member", "used", "kiosk", "by")


def day(tenant: Tenant, on: date) -> Day:
    rows = Attendance.objects.filter(tenant=tenant, on=on, undone_at=None).order_by()
    hours = rows.values_list(ExtractHour("at", tzinfo=times.SEOUL)).annotate(n=Count("pk")).order_by(
        ExtractHour("at", tzinfo=times.SEOUL)
    )  # fmt: skip
    found = list(hours)
    return Day(on, sum(n for _hour, n in found), rows.filter(used=None).count(), found)


def visit(tenant: Tenant, pk: int) -> Attendance:
    found = Attendance.objects.filter(tenant=tenant, pk=pk).select_related("member", "used").first()
    if found is None:
        raise VisitNotFound
    return found


class Found(NamedTuple):
    """A member whom digits may mean, and the number that ends so: their own, or that of a parent."""

    member: Member
    phone: str


def by_digits(tenant: Tenant, digits: str, most: int) -> list[Found]:
    """Living members whose number, or a contact's, ends with these four to eight digits.

    The search index knows the last four of every number; the rest is looked at in the hundred that are left of a
    million.
    """
    rows: QuerySet[Member] = Member.objects.filter(tenant=tenant, deleted_at=None)
    (token,) = with_tenant(tenant.pk, (f"p{digits[-4:]}",))
    if connection.vendor == "postgresql":
        rows = rows.filter(tokens__has_tokens=[token])
    else:
        rows = rows.filter(tokens__shows_token=token)
    # Cut and sorted here: with a small LIMIT, or an order, the planner walks the roster instead of asking the index
    # (a third of a second for a million, against four milliseconds).
    own: list[Found] = []
    others: dict[int, Member] = {}
    for one in rows.only("tenant_id", "name", "phone")[:GATHERED]:
        if one.phone.endswith(digits):
            own.append(Found(one, one.phone))
        else:
            others[one.pk] = one
    found = [*own, *_by_contacts(tenant, digits, others)]
    return sorted(found, key=lambda each: (each.member.name, each.member.pk))[:most]


def _by_contacts(tenant: Tenant, digits: str, members: dict[int, Member]) -> list[Found]:
    if not members:
        return []
    rows = Contact.objects.filter(tenant=tenant, member_id__in=members, phone__endswith=digits)
    phones = dict(rows.order_by("-position", "-id").values_list("member_id", "phone"))
    return [Found(members[pk], phone) for pk, phone in phones.items()]


def by_code(tenant: Tenant, code: str) -> Member | None:
    """The living member whose own code it is; of one who was merged, who that is today."""
    return living(tenant, codes.member_of(tenant.pk, code))


def kiosks(tenant: Tenant) -> QuerySet[Kiosk]:
    return Kiosk.objects.filter(tenant=tenant, revoked_at=None).select_related("by").order_by("pk")


def kiosk(tenant: Tenant, pk: int) -> Kiosk:
    found = Kiosk.objects.filter(tenant=tenant, pk=pk, revoked_at=None).first()
    if found is None:
        raise KioskNotFound
    return found


def kiosk_at(token: str) -> Kiosk | None:
    """The tablet that an address belongs to, with its tenant."""
    with outside("the address of a tablet names its tenant"):
        rows = Kiosk.objects.filter(token_hash=fingerprint(token), revoked_at=None)
        return rows.select_related("tenant").first()
