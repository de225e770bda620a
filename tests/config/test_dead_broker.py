"""A bell that nobody can ring costs a log line and less than a second, in the settings that production runs with."""

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RING = """
import time, django
django.setup()
from accounts.ringing import ring
for _twice in range(2):
    begun = time.monotonic()
    ring("messaging.prepare", 1, 1, queue="now")
    print(time.monotonic() - begun)
"""


def ring_at(port: int) -> list[float]:
    """Seconds that two bells took, in a process of its own."""
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": "sqlite:///:memory:",
        "REDIS_URL": f"redis://127.0.0.1:{port}/0",
    }
    done = subprocess.run([sys.executable, "-c", RING], env=env, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stderr.count("bell not rung") == 2, done.stderr[-2000:]
    return [float(line) for line in done.stdout.split()]


def test_ring_where_redis_is_stopped_takes_less_than_a_second() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # taken, and nobody listens

        assert max(ring_at(closed.getsockname()[1])) < 1
