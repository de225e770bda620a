"""Celery as the workers run it."""

import pytest
from celery.fixups.django import DjangoWorkerFixup

from config.celery import app


def test_a_worker_keeps_its_connection_from_task_to_task(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening one for each turn cost a third of all the work of sending."""
    fixup, closed = DjangoWorkerFixup(app), []
    monkeypatch.setattr(fixup, "_close_database", lambda: closed.append(True))

    for _task in range(1_000):
        fixup.close_database()

    assert closed == []
