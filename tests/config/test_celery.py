"""Celery as the workers run it."""

import pytest
from celery.fixups.django import DjangoWorkerFixup

from accounts.tasking import OurTask
from config.celery import app


def test_a_worker_keeps_its_connection_from_task_to_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening one for each turn cost a third of all the work of sending."""
    fixup, closed = DjangoWorkerFixup(app), []
    monkeypatch.setattr(fixup, "_close_database", lambda: closed.append(True))

    for _task in range(1_000):
        fixup.close_database()

    assert closed == []


def test_every_task_gives_stale_connections_back() -> None:
    """Nobody else does: a task of another base would fail with the connection of before a restart."""
    app.loader.import_default_modules()  # as a worker does: else only what other tests happened to import is there
    ours = [task for name, task in app.tasks.items() if not name.startswith(("celery.", "bench."))]
    assert len(ours) > 10
    assert [task.name for task in ours if not isinstance(task, OurTask)] == []
