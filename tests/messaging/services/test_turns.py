"""Places in the line: at most three a tenant, doubled and lost bells are harmless, nobody is forgotten."""

from collections import deque
from typing import Any

import pytest

from accounts.models import Tenant
from messaging.drafting import Audience, Draft
from messaging.models import AligoAccount, Dispatch, Turn
from messaging.services import accounts, compose, deliver, prepare, turns, upkeep
from tests import factories
from tests.messaging import driving
from tests.messaging.services.test_deliver import adds_up
from ui import times

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Any:
    with driving.bells(monkeypatch) as kept:
        yield kept


def submit(tenant: Tenant, count: int, text: str = "모두에게 같은 글") -> Dispatch:
    draft = Draft(to=Audience(phones=[(f"0102{n:07d}", "") for n in range(100, 100 + count)]), text=text)
    return compose.submit(tenant=tenant, by=None, draft=draft)


def test_bells_carry_a_text_to_its_result(bells: Any, shop: Tenant, aligo: Any) -> None:
    dispatch = submit(shop, 20, "#{이름|회원}님, 내일 쉬어요.")

    bells.run()
    driving.results_due(shop)
    upkeep.upkeep()
    bells.run()

    assert adds_up(dispatch) == {"delivered": 20}
    assert Turn.objects.count() == 0
    summary = aligo.summary("shop")
    assert (summary["messages"], summary["repeated"]) == (20, [])


def test_balance_is_asked_for_anew_after_a_send(bells: Any, shop: Tenant, aligo: Any) -> None:
    assert accounts.refresh_balance(tenant=shop).sms_count == 10_000
    submit(shop, 20)
    bells.run()
    aligo.account("shop", "k" * 32, balance_won=84)

    assert accounts.refresh_balance(tenant=shop).sms_count == 10  # not what was said within the minute
    aligo.account("shop", "k" * 32, balance_won=168)
    assert accounts.refresh_balance(tenant=shop).sms_count == 10


def test_bells_doubled_send_once(bells: Any, shop: Tenant, aligo: Any) -> None:
    dispatch = submit(shop, 3000)
    for _ in range(50):
        bells.rung.extend(list(bells.rung))
        if not bells.run(limit=10**6) and not bells.rung:
            break

    summary = aligo.summary("shop")
    assert (summary["messages"], summary["repeated"], summary["batches"]) == (3000, [], 3)
    assert adds_up(dispatch)["accepted"] == 3000


def test_all_bells_lost_are_rung_again(bells: Any, shop: Tenant, aligo: Any) -> None:
    dispatch = submit(shop, 5)
    for _ in range(10):
        bells.rung.clear()  # the broker was wiped
        Dispatch.objects.update(rung_at=None)
        Turn.objects.update(until=times.now())
        driving.results_due(shop)
        upkeep.upkeep()
        first = bells.rung.popleft() if bells.rung else None
        bells.rung.clear()
        if first:
            bells.rung.append(first)
            name, args = bells.rung.popleft()
            driving.app.tasks[name](*args)

    assert adds_up(dispatch) == {"delivered": 5}
    assert aligo.summary("shop")["messages"] == 5


def test_start_makes_no_more_than_three(bells: Any, shop: Tenant) -> None:
    for _ in range(3):
        turns.start(shop, turns.SEND)

    assert Turn.objects.count() == 3
    assert bells.names() == ["messaging.deliver"] * 3


def test_start_rings_a_lost_turn_with_the_same_token(bells: Any, shop: Tenant) -> None:
    turns.start(shop, turns.SEND, 1)
    Turn.objects.update(until=times.now())

    turns.start(shop, turns.SEND, 1)

    assert len(bells.rung) == 2
    assert bells.rung[0] == bells.rung[1]


def test_begin_takes_a_bell_once(bells: Any, shop: Tenant) -> None:
    turns.start(shop, turns.SEND, 1)
    token = bells.rung[0][1][3]

    assert turns.begin(shop, turns.SEND, 0, token) is not None
    assert turns.begin(shop, turns.SEND, 0, token) is None


def test_begin_of_the_neighbour_takes_nothing(bells: Any, shop: Tenant, neighbour: Tenant) -> None:
    turns.start(shop, turns.SEND, 1)

    assert turns.begin(neighbour, turns.SEND, 0, bells.rung[0][1][3]) is None


def test_small_dispatch_takes_the_now_lane(bells: Any, shop: Tenant, aligo: Any) -> None:
    big, small = submit(shop, 11), submit(shop, 10)
    for dispatch in (big, small):
        prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)

    lanes = {args[1] for name, args in bells.rung if name == "messaging.deliver"}
    assert lanes == {"now", "send"}
    assert (big.is_small, small.is_small) == (False, True)


def test_take_turn_goes_on_while_aligo_is_quick_then_goes_back(
    bells: Any, shop: Tenant, aligo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "SLICE", 60)
    dispatch = submit(shop, 8000)
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    bells.rung = deque(bell for bell in bells.rung if bell[0] == "messaging.deliver")
    tasks = len(bells.rung)

    assert bells.run() == tasks  # none of them had to ring again
    assert adds_up(dispatch) == {"accepted": 8000}


def test_tenants_take_turns(
    bells: Any, shop: Tenant, neighbour: Tenant, aligo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "SLICE", 0)  # as with an Aligo that needs longer for one batch
    aligo.account("shop2", "z" * 32)
    factories.make_account(neighbour, "shop2", "z" * 32)
    factories.make_sender(neighbour)
    mine = submit(shop, 8000)
    prepare.prepare(tenant=shop, dispatch_id=mine.pk)
    with driving.scope(tenant=neighbour):
        theirs = submit(neighbour, 11)

    bells.run()

    first = [row["user_id"] for row in aligo.sent()]
    assert first.index("shop2") == 6000  # three turns each before and after it came
    assert (adds_up(mine)["accepted"], theirs.tenant) == (8000, neighbour)


def test_upkeep_does_not_ring_for_a_held_account(bells: Any, shop: Tenant, aligo: Any) -> None:
    AligoAccount.objects.update(held_reason="ip", held_at=times.now(), probe_at=times.now())
    dispatch = submit(shop, 3)
    bells.run()
    dispatch.refresh_from_db()
    assert dispatch.state == "held"

    upkeep.upkeep()

    assert bells.names() == ["messaging.probe"]
    bells.run()
    assert adds_up(dispatch) == {"accepted": 3}
