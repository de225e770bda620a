"""From a row of the audit trail to the page of the thing, where the thing is still there and the reader may see it.

The apps to the right know the things; they say here where each lives:

    audit_links.register("dispatch", Page(Permission.MESSAGE_VIEW, "messaging:dispatch-detail", Dispatch))
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from accounts.models import AuditEvent, Staff
from accounts.permissions import Permission, allows
from accounts.scoping import tenant_url


@dataclass(frozen=True)
class Page:
    """Who may open it, its name, the model's rows that have one, and the column its address takes ("" for a list)."""

    permission: Permission
    name: str
    model: Any
    only: dict[str, Any] = field(default_factory=dict)
    column: str = "pk"


_pages: dict[str, Page] = {}


def register(row: str, page: Page) -> None:
    """Say where the rows of a model (by its name, as in an event's subject) are shown."""
    _pages[row] = page


def links(events: Iterable[AuditEvent], staff: Staff) -> dict[str, str]:
    """Subjects as they are written in the events, and the addresses of their pages: one query a kind of thing."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for event in events:
        row, _colon, number = event.subject.partition(":")
        if number.isascii() and number.isdigit() and row in _pages and allows(staff, _pages[row].permission):
            wanted[row].add(int(number))
    return {f"{row}:{pk}": url for row, pks in wanted.items() for pk, url in _addresses(_pages[row], pks, staff)}


def _addresses(page: Page, pks: set[int], staff: Staff) -> list[tuple[int, str]]:
    rows = page.model.objects.filter(tenant=staff.tenant, pk__in=pks, **page.only)
    found = rows.values_list("pk", page.column or "pk")
    return [(pk, tenant_url(staff.tenant, page.name, *([part] if page.column else []))) for pk, part in found]
