"""Two deeds of one member at the same moment, on two connections: one comes after the other, and sees it."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django_scopes import scope

from accounts.exceptions import Refusal
from accounts.models import Tenant
from members.models import Due, DueEntry, Member, Pass, PassEntry
from members.services import attendance, dues, passes
from tests import factories
from ui import times

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("_round", range(4)),
]


@pytest.fixture
def member(in_tenant: Tenant) -> Member:
    return factories.make_member(in_tenant, "김민준")


def at_once(tenant: Tenant, *deeds: Callable[[], Any]) -> list[str]:
    """Do them all when all are ready; the code of each refusal, "" for what was done, sorted."""
    gate, said = threading.Barrier(len(deeds)), []

    def do(deed: Callable[[], Any]) -> None:
        try:
            with scope(tenant=tenant):
                gate.wait(10)
                deed()
            said.append("")
        except Refusal as refusal:
            said.append(str(refusal.code))
        finally:
            connections.close_all()

    workers = [threading.Thread(target=do, args=[deed]) for deed in deeds]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(20)
    return sorted(said)


def test_the_last_session_is_used_once(member: Member, _round: int) -> None:
    one = factories.make_pass(member.tenant, member, sessions=1)
    who: dict[str, Any] = {"tenant": member.tenant, "by": None, "one": one}

    said = at_once(member.tenant, *(lambda n=n: passes.use(**who, reference=f"visit:{n}") for n in range(3)))

    assert said == ["", "pass_used_up", "pass_used_up"]
    assert (Pass.objects.get().sessions_left, PassEntry.objects.filter(kind="used").count()) == (0, 1)


def test_two_taps_at_once_are_one_visit(member: Member, _round: int) -> None:
    factories.make_pass(member.tenant, member, sessions=5)
    who: dict[str, Any] = {"tenant": member.tenant, "by": None, "member": member, "way": "digits"}

    said = at_once(member.tenant, *(lambda n=n: attendance.check_in(**who, key=f"k{n}") for n in range(3)))

    assert said == ["", "", ""]
    assert Pass.objects.get().sessions_left == 4


def test_two_payments_are_never_more_than_is_owed(member: Member, _round: int) -> None:
    due = factories.make_due(member.tenant, member, amount_won=50_000)
    who: dict[str, Any] = {"tenant": member.tenant, "by": None, "due": due, "method": "cash"}

    said = at_once(
        member.tenant,
        lambda: dues.pay(**who, won=30_000, reference="a"),
        lambda: dues.pay(**who, won=30_000, reference="b"),
    )

    assert said == ["", "overpaid"]
    assert (Due.objects.get().open_won, DueEntry.objects.filter(kind="paid").count()) == (20_000, 1)
    assert Member.objects.get().unpaid_won == 20_000


def test_a_visit_and_a_hold_of_one_day_are_one_or_the_other(member: Member, _round: int) -> None:
    one = factories.make_pass(member.tenant, member, days=30)
    who: dict[str, Any] = {"tenant": member.tenant, "by": None, "one": one}

    said = at_once(
        member.tenant,
        lambda: passes.use(**who, reference="visit:1"),
        lambda: passes.hold(**who, reference="hold", from_on=times.today()),
    )

    assert said in (["", "hold_over_visit"], ["", "pass_on_hold"])
    kinds = set(PassEntry.objects.values_list("kind", flat=True))
    assert kinds in ({"opened", "used"}, {"opened", "held"})
