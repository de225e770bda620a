"""Drives the pipeline in this process, with the bells of a broker kept in a list: lost, doubled or late at will."""

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django_scopes import scope

from accounts.models import Tenant
from config.celery import app
from messaging.enums import BatchState, DispatchState
from messaging.models import AligoAccount, Batch, Dispatch
from messaging.services import deliver, prepare, probe, reconcile, results, upkeep
from ui import times


class Killed(BaseException):
    """What a worker that is killed with -9 leaves behind is what an exception nobody catches leaves behind."""


def run_pipeline(tenant: Tenant, *, collect: bool = True, rounds: int = 200) -> None:
    """Everything that can be done for the tenant now, without waiting for any clock but the results'."""
    with scope(tenant=tenant):
        for _round in range(rounds):
            upkeep.upkeep()
            if not _one_round(tenant, collect) and not (collect and _first_results_come()):
                return
    raise AssertionError("the pipeline does not come to rest")


def _first_results_come() -> bool:
    """Wait for the first question for results, which is a moment after a batch was accepted; False if there is none."""
    first = Batch.objects.filter(state=BatchState.ACCEPTED, polls=0).order_by("poll_at").first()
    if first is None or first.poll_at is None:
        return False
    wait = (first.poll_at - times.now()).total_seconds()
    if wait > 1:  # a test that moves the clock, or asks itself
        return False
    time.sleep(max(wait, 0) + 0.001)
    return True


def _one_round(tenant: Tenant, collect: bool) -> bool:
    worked = False
    for pk in Dispatch.objects.filter(state=DispatchState.PREPARING).values_list("pk", flat=True):
        worked |= prepare.prepare(tenant=tenant, dispatch_id=pk)
    for small in (True, False):
        while deliver.send_next(tenant=tenant, small=small):
            worked = True
    while collect and results.collect_next(tenant=tenant):
        worked = True
    return worked


def settle(tenant: Tenant) -> int:
    """One look at unknown batches, as the watch rings for it."""
    with scope(tenant=tenant):
        return reconcile.reconcile(tenant=tenant)


def look_again(tenant: Tenant) -> bool:
    """One look at a held account."""
    with scope(tenant=tenant):
        return probe.probe(tenant=tenant)


def results_due(tenant: Tenant) -> None:
    """Bring the next question for results forward to now."""
    with scope(tenant=tenant):
        Batch.objects.filter(state=BatchState.ACCEPTED).update(poll_at=times.now())


def calm(tenant: Tenant) -> None:
    """End every wait after trouble with Aligo."""
    with scope(tenant=tenant):
        AligoAccount.objects.update(quiet_until=None)
        Batch.objects.update(not_before=None)


class Bells:
    """The queue of a broker: task names and arguments, in the order they were rung."""

    def __init__(self) -> None:
        self.rung: deque[tuple[str, tuple[Any, ...]]] = deque()

    def ring(self, name: str, args: tuple[Any, ...], **_options: Any) -> None:
        self.rung.append((name, tuple(args)))

    def names(self) -> list[str]:
        return [name for name, _args in self.rung]

    def run(self, limit: int = 1000) -> int:
        """Run tasks until none is left; how many."""
        for count in range(limit):
            if not self.rung:
                return count
            name, args = self.rung.popleft()
            app.tasks[name](*args)
        raise AssertionError("bells without end")


@contextmanager
def bells(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bells]:
    """Bells rung from now on are kept here. Use with `transactional_db` or `django_capture_on_commit_callbacks`."""
    kept = Bells()
    app.loader.import_default_modules()

    def send_task(name: str, args: tuple[Any, ...] = (), **options: Any) -> None:
        kept.ring(name, args, **options)

    monkeypatch.setattr(app, "send_task", send_task)
    yield kept


def killed_at(monkeypatch: pytest.MonkeyPatch, point: str, skip: int = 0) -> None:
    """The next worker that reaches this point dies there (after `skip` that don't)."""
    left = [skip]

    def reached(name: str) -> None:
        if name == point:
            if left[0] == 0:
                left[0] = -1
                raise Killed(name)
            left[0] -= 1

    at_points(monkeypatch, reached)


def at_points(monkeypatch: pytest.MonkeyPatch, reached: Callable[[str], None]) -> None:
    """Have this called at every named point of every service."""
    for name, module in list(sys.modules.items()):
        if name.startswith("messaging.services.") and hasattr(module, "reached"):
            monkeypatch.setattr(module, "reached", reached)
