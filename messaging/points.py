"""Named moments of the journey, so that tests can kill or freeze a worker between any two steps."""

import os
import random
import signal

from django.conf import settings


def reached(name: str) -> None:
    """Nothing. In a chaos run the process may end or freeze here, as DIE_AT says; settings refuse it elsewhere."""
    if settings.DIE_AT:
        _perhaps(name)


def _perhaps(name: str) -> None:
    chance, how = settings.DIE_AT.get(name, (0.0, ""))
    if random.random() >= chance:
        return
    settings.DIE_AT.pop(name)  # who wakes up again goes on
    # Written past every buffer: whoever is killed prints nothing afterwards.
    os.write(2, f"{how} at {name}\n".encode())
    os.kill(os.getpid(), signal.SIGSTOP if how == "pause" else signal.SIGKILL)
