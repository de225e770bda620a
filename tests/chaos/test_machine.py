"""The state machine of sending under random interleavings: whatever the order, once and true.

Several workers stand at named points, one goes a step further, one dies, one sleeps past its lease while others go on;
answers are lost, people stop and go on. `CHAOS_EXAMPLES=500` looks further, each time elsewhere.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from accounts.exceptions import Refusal
from accounts.models import Tenant
from messaging import selectors
from messaging.drafting import Audience, Draft
from messaging.enums import DispatchState
from messaging.models import Attempt, Batch, Dispatch, Message, Turn
from messaging.selectors import audience as people
from messaging.services import afterwards, compose, deliver, policies, prepare, probe, reconcile, results, upkeep
from messaging.services.closing import OPEN
from tests.chaos.steps import Points, Worker
from tests.messaging import driving
from tests.messaging.services.conftest import aligo, shop  # noqa: F401
from ui import times

LOST = ["drop", "html", "empty", "truncated", "server_error", "no_msg_id", "zero_success"]
REFUSED = ["balance_out", "ip_removed", "unusable", "partial_error"]
PEOPLE = [(f"0107000{n:04d}", f"회원{n}") for n in range(1003, 1020)]
ENDED = (DispatchState.FINISHED, DispatchState.CANCELLED)
# No clock of the machine's plays a part, or the same steps would not lead to the same end.
NOON = datetime(2026, 3, 2, 12, tzinfo=times.SEOUL)
LEASE, QUIET = 18, 600  # seconds: longer than a lease (the time-out and 15); RECONCILE_AFTER
MOST = 4  # workers at a time
LOOKED_FOR = int(os.environ.get("CHAOS_EXAMPLES", "0"))
# How often each is drawn. One rule for all: Hypothesis would leave half of several rules out of each example.
WEIGHTS = {
    "a worker goes on": 8, "somebody sends": 7, "somebody works": 7, "somebody prepares": 1, "a worker dies": 2,
    "three looks": 1, "an answer is lost": 4, "Aligo refuses": 3, "Aligo is dumb": 1, "time passes": 4,
    "a person submits": 2, "a person stops": 1, "a person goes on": 2,
}  # fmt: skip
DEEDS = [deed for deed, weight in WEIGHTS.items() for _time in range(weight)]


class Pipeline(RuleBasedStateMachine):
    """One tenant, a few dispatches to the same people (so that batches look alike), up to four workers."""

    shop: Tenant
    aligo: Any

    def __init__(self) -> None:
        super().__init__()
        self.world = transaction.atomic()
        self.world._from_testcase = True  # type: ignore[attr-defined]
        self.world.__enter__()
        self.patch = pytest.MonkeyPatch()
        self.points = Points(self.patch)
        self.patch.setattr(deliver, "monotonic", lambda: times.now().timestamp())
        self.patch.setattr(people.chunks, "__defaults__", (None, 5))  # four chunks of our seventeen
        self.travel = time_machine.travel(NOON, tick=False)
        self.clock = self.travel.start()
        self.workers: list[Worker] = []
        self.calling: dict[Worker, datetime] = {}  # who has looked at its lease for the last time, and when
        self.sizes: dict[int, int] = {}
        cache.clear()  # of what an id went to: a sandbox that begins anew gives the same ids again
        self.aligo.sandbox.reset()
        self.aligo.switch(result_seconds=0)
        self.aligo.account("shop", "k" * 32)

    @initialize(own=st.booleans())
    def open_with_two(self, own: bool) -> None:
        self._submit(2, own)
        self._submit(17, own)
        self.somebody_prepares()
        self._submit(17, own)

    @rule(deed=st.sampled_from(DEEDS), data=st.data())
    def happens(self, deed: str, data: st.DataObject) -> None:
        """One of WEIGHTS."""
        self.draw = data.draw
        getattr(self, deed.lower().replace(" ", "_"))()

    # --- People ---------------------------------------------------------------------------------------------------
    def a_person_submits(self) -> None:
        if len(self.sizes) < 6:
            self._submit(self.draw(st.sampled_from([1, 2, 12, 17])), self.draw(st.booleans()))

    def _submit(self, size: int, own: bool) -> None:
        text = f"#{{이름}}님, {len(self.sizes)}" if own else f"같은 글 {len(self.sizes)}"
        dispatch = compose.submit(tenant=self.shop, by=None, draft=Draft(to=Audience(phones=PEOPLE[:size]), text=text))
        self.sizes[dispatch.pk] = size

    def a_person_stops(self) -> None:
        which = self.draw(st.sampled_from([0, *range(len(self.sizes))]))
        if which == 0:
            policies.stop_all(tenant=self.shop, by=None)
            return
        with suppress(Refusal):
            compose.cancel(tenant=self.shop, by=None, dispatch=Dispatch.objects.get(pk=list(self.sizes)[which]))

    def a_person_goes_on(self) -> None:
        policies.go_on(tenant=self.shop, by=None)

    # --- Workers --------------------------------------------------------------------------------------------------
    def somebody_prepares(self) -> None:
        for pk in self.sizes:
            prepare.prepare(tenant=self.shop, dispatch_id=pk)

    def somebody_sends(self) -> None:
        tenant, small = self.shop, self.draw(st.booleans())
        self._begin(lambda: deliver.send_next(tenant=tenant, small=small))

    def somebody_works(self) -> None:
        tasks = self._tasks()
        self._begin(tasks[self.draw(st.sampled_from(sorted(tasks)))])

    def _begin(self, task: Callable[[], object]) -> None:
        """Doomed to die so many points later; 0 lives."""
        if len(self.workers) < MOST:
            self._go(Worker(task, self.draw(st.sampled_from([0, 0, 0, 0, 1, 2, 3, 4]))))

    def a_worker_goes_on(self) -> None:
        if self.workers:
            worker = self.draw(st.sampled_from(self.workers))
            for _step in range(self.draw(st.integers(1, 4))):
                if worker in self.workers:
                    self._go(worker)

    def a_worker_dies(self) -> None:
        if self.workers:
            worker = self.draw(st.sampled_from(self.workers))
            worker.kill()
            self._forget(worker)

    def three_looks(self) -> None:
        for _look in range(reconcile.LOOKS):
            reconcile.reconcile(tenant=self.shop)

    def _tasks(self) -> dict[str, Callable[[], object]]:
        """What a worker may begin with. A turn's bell may be an old one, or rung twice."""
        tenant = self.shop
        tasks: dict[str, Callable[[], object]] = {
            "collect": lambda: results.collect_next(tenant=tenant),
            "reconcile": lambda: reconcile.reconcile(tenant=tenant),
            "look afterwards": lambda: afterwards.look(tenant=tenant),
            "probe": lambda: probe.probe(tenant=tenant),
            "upkeep": upkeep.upkeep,
        }
        for number, pk in enumerate(self.sizes):
            tasks[f"prepare {number}"] = lambda pk=pk: prepare.prepare(tenant=tenant, dispatch_id=pk)  # type: ignore[misc]
        for turn in Turn.objects.filter(tenant=tenant).values("lane", "slot", "token"):
            service = results if turn["lane"] == "results" else deliver
            name = f"turn {turn['lane']} {turn['slot']}"
            tasks[name] = lambda turn=turn, service=service: service.take_turn(tenant=tenant, **turn)  # type: ignore[misc]
        return tasks

    def _go(self, worker: Worker) -> None:
        alive = worker.go_on()
        self._forget(worker)
        if alive:
            self.workers.append(worker)
        if alive and worker.at == "deliver.looked":
            self.calling[worker] = times.now()

    def _forget(self, worker: Worker) -> None:
        self.calling.pop(worker, None)
        if worker in self.workers:
            self.workers.remove(worker)

    # --- Aligo and time -------------------------------------------------------------------------------------------
    def an_answer_is_lost(self) -> None:
        self.aligo.fault(self.draw(st.sampled_from(LOST)), accept=self.draw(st.booleans()))

    def aligo_refuses(self) -> None:
        self.aligo.fault(self.draw(st.sampled_from(REFUSED)))

    def aligo_is_dumb(self) -> None:
        self.aligo.fault("html", endpoint=self.draw(st.sampled_from(["list", "sms_list", "remain"])))

    def time_passes(self) -> None:
        """But nobody sleeps past the quiet time right before the call: that gap is Aligo's (docs/operations.md)."""
        seconds = self.draw(st.sampled_from([1, LEASE, LEASE, QUIET]))
        later = times.now() + timedelta(seconds=seconds)
        if all(later - since < timedelta(seconds=QUIET) for since in self.calling.values()):
            self.clock.shift(seconds)
            upkeep.upkeep()

    # --- What is always so ----------------------------------------------------------------------------------------
    @invariant()
    def nobody_got_a_text_twice(self) -> None:
        assert self.aligo.summary("shop")["repeated"] == []

    @invariant()
    def counts_add_up(self) -> None:
        for dispatch in Dispatch.objects.filter(pk__in=self.sizes):
            counts = selectors.counts(dispatch)
            if counts["total"] is not None:
                told = sum(count or 0 for name, count in counts.items() if name not in ("total", "excluded"))
                assert told == counts["total"]

    # --- The end --------------------------------------------------------------------------------------------------
    def teardown(self) -> None:
        try:
            self._end_well()
        finally:
            for worker in self.workers:
                worker.kill()
            self.travel.stop()
            self.patch.undo()
            transaction.set_rollback(True)
            self.world.__exit__(None, None, None)

    def _end_well(self) -> None:
        """Everybody goes on to the end, nothing fails any more: all comes to rest, sent once, and told as it is."""
        self.aligo.sandbox.faults.clear()
        self.a_person_goes_on()
        self.clock.shift(LEASE)
        self._others_go_on()
        self._wake(list(self.calling))  # they can't sleep any longer; the others are overtaken first
        for _look in range(2):
            self.clock.shift(QUIET)
            self._others_go_on()
        self._wake(list(self.workers))
        for _round in range(20):
            self._quiet_round()
            if self._rests():
                break
        self.nobody_got_a_text_twice()
        self.counts_add_up()
        assert not Attempt.objects.filter(outcome="doubled").exists()
        self._all_is_told_as_it_is()

    def _quiet_round(self) -> None:
        self.clock.shift(QUIET)
        self._others_go_on()

    def _others_go_on(self) -> None:
        """Whoever does not sleep does all there is to do."""
        upkeep.upkeep()
        probe.probe(tenant=self.shop)
        self.three_looks()
        driving.run_pipeline(self.shop, collect=False)
        while results.collect_next(tenant=self.shop):
            pass

    def _wake(self, sleepers: list[Worker]) -> None:
        for worker in sleepers:
            while worker in self.workers:
                self._go(worker)

    def _rests(self) -> bool:
        going = Dispatch.objects.exclude(state__in=ENDED)
        return not going.exists() and not Batch.objects.filter(state__in=OPEN).exists()

    def _all_is_told_as_it_is(self) -> None:
        taken = {(row["receiver"], row["text"]) for row in self.aligo.sent("shop")}
        assert set(Dispatch.objects.filter(pk__in=self.sizes).values_list("state", flat=True)) <= set(ENDED)
        stopped = set(Dispatch.objects.filter(state=DispatchState.CANCELLED).values_list("pk", flat=True))
        for dispatch, size in self.sizes.items():
            messages = list(Message.objects.filter(dispatch=dispatch).select_related("batch"))
            assert len(messages) == size or dispatch in stopped
            for message in messages:
                sent = (message.phone, message.text or message.batch.text) in taken
                told = message.state or message.batch.state
                assert told in (("delivered", "failed") if sent else ("cancelled",)), f"{message.pk} {told} {sent}"
                assert sent or dispatch in stopped


def test_pipeline_once_and_true_however_workers_interleave(
    shop: Tenant,  # noqa: F811
    aligo: Any,  # noqa: F811
    settings: Any,
) -> None:
    settings.ALIGO_TIMEOUT = 2
    settings.RECONCILE_AFTER = QUIET
    settings.RESULT_POLL_SECONDS = settings.UPKEEP_SECONDS = 1
    machine = type("Pipeline", (Pipeline,), {"shop": shop, "aligo": aligo})
    run_state_machine_as_test(machine, settings=how_far())


def how_far() -> settings:
    """The same examples in every run of the suite; others, and more, where somebody looks for trouble."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    return settings(
        max_examples=LOOKED_FOR or 50,
        stateful_step_count=40,
        derandomize=not LOOKED_FOR,
        database=None,
        deadline=None,
        suppress_health_check=checks,
        phases=[Phase.generate, Phase.shrink] if LOOKED_FOR else [Phase.generate],  # to shrink takes minutes
    )
