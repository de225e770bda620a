"""What `make run` does when a process dies, on real processes of a moment's life."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

TOOLS = Path(settings.BASE_DIR) / "tools"
SLEEP = "import time; print('up', flush=True); time.sleep(60)"
DIES = "import sys; print('no database', flush=True); sys.exit(3)"
# A master with a child of its own that outlives it, as gunicorn's workers do for a while.
MASTER = (
    "import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
    "print('child', child.pid, flush=True); time.sleep(60)"
)
POLITE = (
    "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(0)); print('ready', flush=True); time.sleep(60)"
)
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


class Running:
    """A keeper in a process of its own, and what it has said so far."""

    def __init__(self, **programs: str) -> None:
        lines = "\n".join(f"k.add({name!r}, [sys.executable, '-c', {code!r}])" for name, code in programs.items())
        code = f"import sys; sys.path.insert(0, {str(TOOLS)!r})\nfrom keeper import Keeper\nk = Keeper(0.05)\n{lines}\n"
        # Pids of what it keeps, so that a test can kill one.
        code += (
            "start = k._start\n"
            "def told(kept):\n    start(kept)\n    k._say('', f'pid {kept.name} {kept.process.pid}')\n"
            "k._start = told\nsys.exit(k.run())"
        )
        self.process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        self.said: list[str] = []
        self.watchdog = threading.Timer(30, self.process.terminate)
        self.watchdog.start()

    def until(self, words: str) -> str:
        """The next line that says these words."""
        for line in self.process.stdout:
            self.said.append(line.split("|", 1)[1].strip())
            if words in line:
                return self.said[-1]
        raise AssertionError(f"never said {words!r}: {self.said}")

    def find(self, words: str) -> str:
        """The first line that says these words, come or still to come."""
        return next((line for line in self.said if words in line), None) or self.until(words)

    def pid(self, name: str) -> int:
        return int(self.find(f"pid {name}").split()[-1])

    def child(self) -> int:
        return int(self.find("child").split()[-1])

    def end(self) -> int:
        rest = self.process.communicate(timeout=20)[0]
        self.said += [line.split("|", 1)[1].strip() for line in rest.splitlines()]
        return self.process.returncode


def alive(pid: int) -> bool:
    """Whether a process still runs; one that has ended and is not yet buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def gone(*pids: int) -> bool:
    until = time.monotonic() + 5
    while any(map(alive, pids)) and time.monotonic() < until:
        time.sleep(0.05)
    return not any(map(alive, pids))


@pytest.fixture
def keep() -> Iterator[type[Running]]:
    made: list[Running] = []

    def start(**programs: str) -> Running:
        made.append(Running(**programs))
        return made[-1]

    yield start
    for running in made:
        running.watchdog.cancel()
        if running.process.poll() is None:
            running.process.terminate()
            running.process.communicate(timeout=20)


pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")


def test_what_dies_is_started_again_and_the_others_go_on(keep):
    running = keep(web=SLEEP, worker=SLEEP)
    web, worker = running.pid("web"), running.pid("worker")

    os.kill(worker, signal.SIGKILL)

    assert running.until("worker was killed") == "worker was killed by SIGKILL. Starting it again in 0.05 s."
    again = int(running.until("pid worker").split()[-1])
    assert again != worker
    assert alive(web) and alive(again)


def test_what_is_stopped_politely_is_started_again_too(keep):
    running = keep(beat=POLITE)
    beat = running.pid("beat")
    running.find("ready")

    os.kill(beat, signal.SIGTERM)

    assert running.until("beat stopped").startswith("beat stopped with status 0. Starting it again")


def test_what_a_dead_master_leaves_is_swept_up(keep):
    running = keep(web=MASTER)
    web, child = running.pid("web"), running.child()

    os.kill(web, signal.SIGKILL)
    running.until("pid web")

    assert gone(web, child)


def test_what_dies_five_times_within_a_minute_stops_all_and_says_why(keep):
    running = keep(web=DIES, worker=SLEEP)
    worker = running.pid("worker")

    assert running.end() == 1

    assert "web stopped with status 3, the 5th time within a minute: everything stops." in running.said
    assert running.said[-6:] == ["The last lines of web, which died 5 times within a minute:", *["no database"] * 5]
    assert sum("Starting it again" in line for line in running.said) == 4
    assert gone(worker)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_everything(keep, number):
    running = keep(web=MASTER, worker=SLEEP)
    pids = [running.pid("web"), running.pid("worker"), running.child()]

    running.process.send_signal(number)

    assert running.end() == 0
    assert gone(*pids)


def test_second_signal_kills_what_does_not_listen(keep):
    running = keep(web=DEAF)
    web = running.pid("web")
    running.find("deaf")

    started = time.monotonic()
    running.process.send_signal(signal.SIGINT)
    time.sleep(1.2)
    running.process.send_signal(signal.SIGINT)

    assert running.end() == 0
    assert time.monotonic() - started < 4
    assert gone(web)
