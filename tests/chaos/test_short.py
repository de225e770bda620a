"""The short form of the chaos run: in one process, bells lost and doubled, workers killed, Aligo failing in every way.

Nothing is lost, nothing goes twice, counts add up at every look. The seed is printed by the test's name.
"""

import random
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Tenant
from messaging import selectors
from messaging.drafting import Audience, Draft
from messaging.enums import BatchState
from messaging.models import AligoAccount, Batch, Dispatch, Message
from messaging.services import compose, deliver, prepare, probe, reconcile, results, upkeep
from tests.chaos.stage import named_points
from tests.messaging import driving
from tests.messaging.services.conftest import aligo, shop  # noqa: F401
from ui import times

# With or without the batch being taken; and those that always mean "not taken" or "taken".
LOST = [
    "drop",
    "reset",
    "html",
    "empty",
    "truncated",
    "cut",
    "server_error",
    "bad_gateway",
    "unavailable",
    "no_msg_id",
    "zero_success",
]
REFUSED = ["balance_out", "ip_removed", "unusable", "partial_error"]


@pytest.mark.parametrize("seed", range(2))
def test_chaos_loses_nothing_and_repeats_nothing(
    shop: Tenant,  # noqa: F811
    aligo: Any,  # noqa: F811
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
) -> None:
    settings.RECONCILE_AFTER = 0
    dice = random.Random(seed)
    _deaths(monkeypatch, dice)
    dispatches = [_submit(shop, dice, n) for n in range(6)]

    for _step in range(120):
        if dice.random() < 0.2:
            aligo.fault(dice.choice(LOST), accept=dice.random() < 0.5)
        if dice.random() < 0.1:
            aligo.fault(dice.choice(REFUSED))
        _do_something(shop, dice)
        for dispatch in dispatches:
            _is_true(dispatch)

    monkeypatch.setattr(dice, "random", lambda: 1.0)  # the storm is over
    aligo.sandbox.faults.clear()
    for _round in range(12):
        _quiet_round(shop)

    wanted = Message.objects.count()
    summary = aligo.summary("shop")
    assert (summary["messages"], summary["repeated"]) == (wanted, [])
    for dispatch in dispatches:
        counts = _is_true(dispatch)
        assert counts["queued"] == counts["sending"] == counts["unknown"] == 0
        assert counts["total"] == dispatch.audience_size


def _submit(tenant: Tenant, dice: random.Random, n: int) -> Any:
    size = dice.choice([1, 5, 30, 700])
    phones = [(f"0107{n:03d}{i + 1003:04d}", f"회원{i}") for i in range(size)]
    text = dice.choice(["#{이름}님 안녕하세요", f"모두에게 같은 글 {n}"])
    dispatch: Any = compose.submit(tenant=tenant, by=None, draft=Draft(to=Audience(phones=phones), text=text))
    dispatch.audience_size = size
    return dispatch


def _deaths(monkeypatch: pytest.MonkeyPatch, dice: random.Random) -> None:
    """One worker in ten dies at each point it reaches."""

    points = named_points()

    def reached(name: str) -> None:
        assert name in points
        if dice.random() < 0.1:
            raise driving.Killed(name)

    driving.at_points(monkeypatch, reached)


def _do_something(tenant: Tenant, dice: random.Random) -> None:
    """Whatever a worker may do next, in any order, as often as it likes."""
    deeds = [
        lambda: [
            prepare.prepare(tenant=tenant, dispatch_id=pk) for pk in Dispatch.objects.values_list("pk", flat=True)
        ],
        lambda: deliver.send_next(tenant=tenant, small=dice.choice([True, False])),
        lambda: deliver.send_next(tenant=tenant, small=False),
        lambda: results.collect_next(tenant=tenant),
        lambda: reconcile.reconcile(tenant=tenant),
        lambda: probe.probe(tenant=tenant),
        upkeep.upkeep,
        _time_passes,
        lambda: driving.results_due(tenant),
        lambda: driving.calm(tenant),
    ]
    with suppress(driving.Killed):
        dice.choice(deeds)()


def _time_passes() -> None:
    """Leases of the dead end, quiet times too."""
    past = times.now() - timedelta(seconds=1)
    Batch.objects.filter(state=BatchState.SENDING).update(lease_until=past)
    Dispatch.objects.exclude(lease_until=None).update(lease_until=past)
    AligoAccount.objects.update(probe_at=past)


def _quiet_round(tenant: Tenant) -> None:
    _time_passes()
    upkeep.upkeep()
    reconcile.reconcile(tenant=tenant)
    probe.probe(tenant=tenant)
    driving.calm(tenant)
    driving.run_pipeline(tenant, collect=False)


def _is_true(dispatch: Dispatch) -> dict[str, Any]:
    dispatch.refresh_from_db()
    counts = selectors.counts(dispatch)
    if counts["total"] is not None:
        assert sum(v for k, v in counts.items() if k not in ("total", "excluded")) == counts["total"]
        assert Message.objects.filter(dispatch=dispatch).count() == counts["total"]
    return counts
