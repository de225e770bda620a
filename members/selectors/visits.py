"""Reads of visits: a day's, and whom digits on a tablet may mean."""

from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Count, QuerySet
from django.db.models.functions import ExtractHour

from accounts.crypto import fingerprint
from accounts.models import Tenant
from accounts.scoping import outside
from members.exceptions import KioskNotFound, VisitNotFound
from members.models import Attendance, Kiosk, Member
from members.search import with_tenant
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


def by_digits(tenant: Tenant, digits: str, most: int) -> list[Member]:
    """Living members whose number ends with these four to eight digits.

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
    found = [one for one in rows.only("tenant_id", "name", "phone")[:GATHERED] if one.phone.endswith(digits)]
    return sorted(found, key=lambda one: (one.name, one.pk))[:most]


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
