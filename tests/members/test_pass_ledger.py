"""Whatever happens to passes in whatever order: the ledger adds up to the columns, and twice is once."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as DjangoCase

from accounts.exceptions import Refusal
from members import passes as rules
from members.models import Member, Pass, PassEntry
from members.services import day_watch, pass_ends, pass_ledger
from members.services import passes as services
from tests import factories
from ui import times

START = date(2026, 11, 28)

# An event: what, on which pass, with which small numbers, how many days go by before it.
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["open", "open", "use", "use", "use", "return", "hold", "resume", "adjust", "give", "refund"]),
        st.integers(0, 3),
        st.integers(-3, 12),
        st.sampled_from([0, 0, 1, 3, 8]),
    ),
    min_size=3,
    max_size=14,
)


class Shop:
    """Two members whose passes change hands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tenant, self.day = factories.make_tenant(), START
        monkeypatch.setattr(times, "today", lambda: self.day)
        self.members = [factories.make_member(self.tenant, name) for name in ("김민준", "박서연")]
        self.uses: list[str] = []

    def do(self, what: str, which: int, n: int, serial: str) -> None:
        passes = list(Pass.objects.filter(tenant=self.tenant).order_by("pk"))
        who: dict[str, Any] = {"tenant": self.tenant, "by": None, "reference": serial}
        if what == "open":
            days = (n + 4) * 3 if which % 2 else None
            services.open_pass(
                **who, member=self.members[which % 2], name="권", sessions=n + 4 if which != 3 else None,
                days=days if which != 3 else 20, price_won=1000 * (n + 4), starts_on=self.day - timedelta(days=which),
            )  # fmt: skip
            return
        if not passes:
            return
        one = passes[which % len(passes)]
        if what == "use":
            self.uses.append(serial)
            services.use(**who, one=one)
        elif what == "return" and self.uses:
            services.give_back(**who | {"reference": self.uses[n % len(self.uses)]}, one=one)
        elif what == "hold":
            services.hold(**who, one=one, until=self.day + timedelta(days=n) if n > 0 else None)
        elif what == "resume":
            services.resume(**who, one=one)
        elif what == "adjust":
            services.adjust(**who, one=one, days=n if one.ends_on else 0, sessions=n if one.sessions else 0, note="x")
        elif what == "give":
            pass_ends.give(**who, one=one, to=self.members[n % 2])
        elif what == "refund":
            pass_ends.refund(**who, one=one, won=pass_ends.quote(self.tenant, one).refund_won)

    def seen(self) -> Any:
        entries = PassEntry.objects.filter(tenant=self.tenant).order_by("pk").values_list("kind", "of_id", "reference")
        return list(entries), list(Pass.objects.order_by("pk").values()), list(Member.objects.order_by("pk").values())

    def check(self) -> None:
        for one in Pass.objects.filter(tenant=self.tenant):
            sums = rules.state(one.starts_on, one.sessions is not None, pass_ledger.lines(one))
            assert (one.ends_on, one.sessions_left) == (sums.ends_on, sums.sessions_left)
            assert (one.held_from, one.held_until) == (sums.held_from, sums.held_until)
            assert (one.closed_on, one.closed_as) == (sums.closed_on, sums.closed_as)
            assert (one.sessions_left or 0) >= 0 and sums.won >= 0 and (sums.days >= 0 or one.ends_on is None)
        for member in Member.objects.filter(tenant=self.tenant):
            still = list(Pass.objects.filter(member=member, closed_on=None))
            assert (member.expires_on, member.sessions_left) == pass_ledger.sums(still, self.day)
        held = sum(rules.state(p.starts_on, True, pass_ledger.lines(p)).won for p in Pass.objects.all())
        paid = PassEntry.objects.filter(kind__in=["opened", "refunded"]).values_list("won", flat=True)
        assert held == sum(paid)  # money neither appears nor vanishes where a pass changes hands


class LedgerTest(DjangoCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(EVENTS)
    def test_any_order_adds_up_and_twice_is_once(self, events: list[tuple[str, int, int, int]]) -> None:
        from django_scopes import scopes_disabled

        with pytest.MonkeyPatch.context() as patch, scopes_disabled():
            shop = Shop(patch)
            for serial, (what, which, n, wait) in enumerate(events):
                if wait:
                    shop.day += timedelta(days=wait)
                    day_watch.end_passes(tenant=shop.tenant, today=shop.day)  # the sums know the date
                for twice in (False, True):
                    before = shop.seen()
                    try:
                        shop.do(what, which, n, f"e{serial}")
                    except Refusal:
                        assert shop.seen() == before  # a refusal leaves nothing behind
                    if twice:
                        assert shop.seen() == before
                shop.check()
