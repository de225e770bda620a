"""Several workers in one thread, each stopping at every named point: who goes on, freezes or dies is up to the test."""

from collections.abc import Callable
from contextvars import copy_context

import pytest
from django.db import connection
from greenlet import getcurrent, greenlet

from tests.messaging.driving import Killed, at_points


class Worker(greenlet):
    """One task of the pipeline, under way. `at` is the point where it waits; `doomed` points further on it dies."""

    def __init__(self, task: Callable[[], object], doomed: int) -> None:
        super().__init__(self._run)
        self.gr_context = copy_context()  # the tenant's scope
        self.task, self.doomed, self.at = task, doomed, ""

    def _run(self) -> None:
        try:
            self.task()
        except Killed:
            self.at = "killed"

    def go_on(self) -> bool:
        """To the next point; False if it has ended."""
        self.switch()
        return not self.dead

    def kill(self) -> None:
        """As -9 would: nothing of it runs any further."""
        if self and not self.dead:
            self.throw(Killed)


class Points:
    """Stands in for `reached` in all services. Inside a transaction nobody waits: the database would have others wait
    too; but workers die there."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.depth = len(connection.atomic_blocks)
        at_points(monkeypatch, self.reached)

    def reached(self, name: str) -> None:
        worker = getcurrent()
        if not isinstance(worker, Worker):
            return
        worker.doomed -= 1
        if worker.doomed == 0:
            raise Killed(name)
        if len(connection.atomic_blocks) == self.depth:
            worker.at = name
            assert worker.parent is not None
            worker.parent.switch()
