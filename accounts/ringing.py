"""Ringing a bell never fails a request: the row is the message, and the watch finds what no bell announced."""

import logging
from typing import Any

from django.db import transaction

from config.celery import app
from config.logging import request_id

log = logging.getLogger(__name__)


def ring(name: str, *args: Any, queue: str) -> None:
    """Enqueue a task by name after the present transaction commits; a dead broker costs a log line, not a page."""
    header = request_id.get()
    transaction.on_commit(lambda: _send(name, args, queue, header), robust=True)


def _send(name: str, args: tuple[Any, ...], queue: str, header: str) -> None:
    try:
        app.send_task(name, args=args, queue=queue, retry=False, ignore_result=True, headers={"request_id": header})
    except Exception as error:  # any broker trouble at all: the row is committed and upkeep will find it
        log.warning("bell not rung", extra={"task": name, "error": type(error).__name__})
