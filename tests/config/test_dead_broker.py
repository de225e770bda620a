"""A broker that is away costs a log line and less than a second, in the settings that production runs with."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TWICE = """
import time, django
django.setup()
{line}
for _twice in range(2):
    begun = time.monotonic()
    {call}
    print(time.monotonic() - begun)
"""


def seconds(port: int, line: str, call: str) -> list[float]:
    """What the call took, twice in a process of its own, with a Redis that should be at this port."""
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": "sqlite:///:memory:",
        "REDIS_URL": f"redis://127.0.0.1:{port}/0",
    }
    code = TWICE.format(line=line, call=call)
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    return [float(line) for line in done.stdout.split()]


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Taken, and nobody listens."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield closed.getsockname()[1]


def test_ring_where_redis_is_stopped_takes_less_than_a_second(closed_port: int) -> None:
    call = 'ring("messaging.prepare", 1, 1, queue="now")'

    assert max(seconds(closed_port, "from accounts.ringing import ring", call)) < 1


def test_readiness_is_told_at_once_where_redis_is_stopped(closed_port: int) -> None:
    call = 'assert broker() == "away"'

    assert max(seconds(closed_port, "from home.metrics import broker", call)) < 1
