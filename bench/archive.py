"""Five million texts stored: lists, details, searches and histories as whole pages, and quotes of 100,000 people.

    python -m bench.archive [--keep] [WORD …]    --keep leaves the database; words name the rows to measure

Server time through Django's test client, middleware and templates included. Leaves with 1 above a limit. Needs
PostgreSQL (BENCH_DATABASE_URL); makes a database of its own and drops it.
"""

import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench import _machine

PAGE_MS, QUOTE_MS, RUNS = 150, 1_000, 20


@dataclass
class Case:
    """One row of the table: what is asked for, a different one each time where people would ask differently."""

    label: str
    ask: list[Callable[[], Any]]
    limit: float = PAGE_MS
    note: str = ""


def main() -> int:
    if not _machine.measurable():
        return _machine.NOT_MEASURED
    with _machine.own_database("archive", keep="--keep" in sys.argv):
        from bench import _archive_data as data

        data.build()
        words = [word for word in sys.argv[1:] if not word.startswith("--")]
        return _measure([case for case in _cases() if not words or any(word in case.label for word in words)])


def _measure(cases: list[Case]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    print(f"5,000,000 texts, load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'':44}{'p50 ms':>9}{'p95 ms':>9}{'limit':>8}{'queries':>9}")
    failed = []
    for case in cases:
        with CaptureQueriesContext(connection) as captured:
            for ask in case.ask:
                ask()  # warms up on the way
            count = len(captured) // len(case.ask)
        times = _machine.quietest(lambda case=case: _times(case), case.limit)  # type: ignore[misc]
        p95 = _machine.p95(times)
        wrong = "over" if p95 > case.limit else ""
        print(
            f"{case.label:44}{statistics.median(times):9.1f}{p95:9.1f}{case.limit:8,.0f}{count:9}  {wrong}{case.note}",
            flush=True,
        )
        failed += [case.label] * bool(wrong)
    print(f"above the limit: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def _times(case: Case) -> list[float]:
    return [1_000 * _machine.seconds(case.ask[n % len(case.ask)]) for n in range(RUNS)]


# --- what is asked ----------------------------------------------------------------------------------------------------


def _cases() -> list[Case]:
    from django.conf import settings
    from django.test import Client
    from django_scopes import scope

    from accounts.models import Tenant, User
    from bench import _archive_data as data

    tenant = Tenant.objects.get(slug=data.SLUG)
    client = Client(SERVER_NAME="localhost")
    client.force_login(User.objects.get(email=data.OWNER), backend=settings.AUTHENTICATION_BACKENDS[0])
    with scope(tenant=tenant):
        pages = Pages(client, tenant)
        return [*pages.lists(), *pages.details(), *pages.searches(), *pages.histories(), *pages.quotes()]


class Pages:
    """The tenant's pages as a browser asks for them."""

    def __init__(self, client: Any, tenant: Any) -> None:
        from members.models import Group, Member
        from messaging.models import Dispatch

        self.client, self.root = client, f"/t/{tenant.slug}"
        self.dispatches = Dispatch.objects.filter(tenant=tenant).order_by("id")
        self.groups = [
            str(pk) for pk in Group.objects.filter(tenant=tenant).order_by("id").values_list("pk", flat=True)
        ]
        people = Member.objects.filter(tenant=tenant).order_by("id")
        self.people = [people[n] for n in range(1_000, 100_000, 5_000)]

    def get(self, path: str) -> Callable[[], Any]:
        return lambda: self._fine(self.client.get(f"{self.root}{path}"))

    def post(self, path: str, **fields: str) -> Callable[[], Any]:
        return lambda: self._fine(self.client.post(f"{self.root}{path}", fields))

    @staticmethod
    def _fine(response: Any) -> Any:
        assert response.status_code == 200, response.status_code
        return response

    def lists(self) -> list[Case]:
        tabs = ["", "sending", "finished", "cancelled"]
        deep = self.dispatches[1_000].pk
        return [
            *[Case(f"dispatch list {tab}".strip(), [self.get(f"/messages/?state={tab}")]) for tab in tabs],
            Case("dispatch list, a page deep inside", [self.get(f"/messages/?cursor=n{deep}")]),
        ]

    def details(self) -> list[Case]:
        done = self.dispatches.filter(state="finished")
        small, big = done.filter(total__lt=100).first(), done.filter(total=100_000).first()
        going = self.dispatches.filter(state="sending").last()
        assert small and big and going
        tabs = ["failed", "no_result", "delivered", "excluded", "cancelled"]
        deep = big.messages.order_by("phone")[50_000].pk
        return [
            Case("detail, 30 texts", [self.get(f"/messages/{small.pk}/")]),
            Case("detail, under way", [self.get(f"/messages/{going.pk}/")]),
            Case("detail, 100,000 texts", [self.get(f"/messages/{big.pk}/")]),
            *[Case(f"detail, 100,000 texts, {tab}", [self.get(f"/messages/{big.pk}/?tab={tab}")]) for tab in tabs],
            Case("detail, 100,000 texts, deep inside", [self.get(f"/messages/{big.pk}/?cursor=n{deep}")]),
        ]

    def searches(self) -> list[Case]:
        from bench import _archive_data as data

        names = [row.name for row in self.people]
        phones = [row.phone for row in self.people]
        asked: dict[str, list[dict[str, str]]] = {
            "whole name": [{"q": name} for name in names],
            "two syllables of a name": [{"q": name[1:]} for name in names],
            "surname": [{"q": word} for word in "김이박최"],
            "a name nobody has": [{"q": "뷁쉙"}],
            "whole number": [{"q": phone} for phone in phones],
            "last 8 digits": [{"q": phone[-8:]} for phone in phones],
            "last 4 digits": [{"q": phone[-4:]} for phone in phones],
            "last 3 digits": [{"q": phone[-3:]} for phone in phones],
            "a number nobody has": [{"q": "01000000000"}, {"q": "00000000"}],
            "a common word": [{"text": word} for word in ("수업", "이번 주", "고맙습니다")],
            "a merged word": [{"text": f"{name[1:]}님"} for name in names],
            "a rare word, written": [{"text": data.RARE_WORD}],
            "a rare word, merged": [{"text": data.RARE_AMOUNT}],
            "a word that is nowhere": [{"text": "뷁쉙뷁"}],
            "sender": [{"sender": number} for number in data.SENDERS],
            **{f"result {state}": [{"state": state}] for state in ("delivered", "failed", "no_result", "rejected")},
            "a month long ago": [{"since": "2024-06-01", "until": "2024-06-30"}],
            "since last month": [{"since": _day(30)}],
            "until a year ago": [{"until": _day(365)}],
            "name and result": [{"q": name[1:], "state": "failed"} for name in names],
            "name and word": [{"q": name, "text": "수업"} for name in names],
            "last 4 digits and word": [{"q": phone[-4:], "text": "이용권"} for phone in phones],
            "word, sender and days": [{"text": "셔틀", "sender": data.SENDERS[1], "since": _day(400)}],
            "rare sender, result and days": [{"sender": data.SENDERS[2], "state": "no_result", "until": _day(30)}],
            "all that can be asked": [
                {"q": names[0], "text": "수업", "sender": data.SENDERS[0], "state": "delivered", "since": _day(900)}
            ],
        }
        return [
            Case(f"search: {label}", [self.post("/messages/search/", **one) for one in many])
            for label, many in asked.items()
        ]

    def histories(self) -> list[Case]:
        return [
            Case("history of a member", [self.get(f"/messages/search/?member={row.pk}") for row in self.people]),
            Case("texts on the member's page", [self.get(f"/members/{row.pk}/texts/") for row in self.people]),
        ]

    def quotes(self) -> list[Case]:
        every, half, tenth = self.groups
        text = {"text": "#{이름}님, 이번 달 수업료를 안내드려요.", "sender": "0237890123"}
        picked = {"all": {"all": "on"}, "a group": {"groups": every}, "all, an ad": {"all": "on", "ad": "on"}}
        counted = picked | {
            "a group, an ad": {"groups": every, "ad": "on"},
            "half of them": {"groups": half},
            "all but a group": {"all": "on", "except_groups": tenth},
            "a group but a group": {"groups": every, "except_groups": tenth},
        }
        count, quote = "/messages/new/count/", "/messages/new/quote/"
        return [
            *[Case(f"live count of 100,000: {who}", [self.post(count, **to, **text)]) for who, to in counted.items()],
            *[
                Case(f"exact quote of 100,000: {who}", [self.post(quote, **to, **text)], QUOTE_MS)
                for who, to in picked.items()
            ],
        ]


def _day(ago: int) -> str:
    return time.strftime("%Y-%m-%d", time.localtime(time.time() - ago * 86_400))


if __name__ == "__main__":
    sys.exit(main())
