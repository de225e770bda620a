"""Keeps several processes running and prints what they say: what dies is started again, what keeps dying ends it all.

    keeper = Keeper()
    keeper.add("web", ["gunicorn", "config.wsgi"])
    sys.exit(keeper.run())  # until SIGINT, SIGTERM or SIGHUP: 0; given up: 1

Each process leads a session of its own: a Ctrl-C reaches us alone, and what a dead one leaves behind can be swept up.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque

DEATHS_MOST = 5
DEATHS_WITHIN = 60.0
FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0  # seconds before it is started again; doubled with each death of the last minute
STOP_WAIT = 5.0  # seconds to finish what is in hand
LINES_KEPT = 15
LOOK_EVERY = 0.1
COLOURS = (36, 33, 32, 35)


class Kept:
    """One process: how it is started, when it died lately, its last lines."""

    def __init__(self, name: str, command: list[str], env: dict[str, str] | None) -> None:
        self.name, self.command, self.env = name, command, env
        self.process: subprocess.Popen[bytes] | None = None
        self.reader: threading.Thread | None = None
        self.start_at = 0.0
        self.deaths: deque[float] = deque(maxlen=DEATHS_MOST)
        self.tail: deque[str] = deque(maxlen=LINES_KEPT)

    def lately(self, now: float) -> int:
        return sum(now - died < DEATHS_WITHIN for died in self.deaths)

    def send(self, number: int, *, group: bool = False) -> None:
        """Signal it, or all that it has started too; what is gone already is no matter."""
        if self.process is None:
            return
        try:
            if group:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
        except (ProcessLookupError, PermissionError):
            pass


class Keeper:
    def __init__(self, first_wait: float = FIRST_WAIT) -> None:
        self.first_wait = first_wait
        self.all: list[Kept] = []
        self.asked = 0  # how often we were told to stop
        self.asked_at = float("-inf")
        self.given_up: Kept | None = None
        self.printing = threading.Lock()

    def add(self, name: str, command: list[str], env: dict[str, str] | None = None) -> None:
        self.all.append(Kept(name, command, env))

    def run(self) -> int:
        """Until a signal asks to stop (0) or something keeps dying (1); nothing of ours is left running after it."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)
        try:
            while not self.asked and not self.given_up:
                self._look()
                time.sleep(LOOK_EVERY)
        finally:
            self._stop()
        if self.given_up:
            self._say("", f"The last lines of {self.given_up.name}, which died {DEATHS_MOST} times within a minute:")
            for line in self.given_up.tail:
                self._say("", f"    {line}")
        return 1 if self.given_up else 0

    def _ask(self, number: int, frame: object) -> None:
        """Told twice in one breath (by the terminal and by make) is told once."""
        now = time.monotonic()
        self.asked += now - self.asked_at > 1
        self.asked_at = now

    def _look(self) -> None:
        now = time.monotonic()
        for kept in self.all:
            if kept.process is None:
                if now >= kept.start_at:
                    self._start(kept)
            elif kept.process.poll() is not None:
                self._died(kept, now)

    def _start(self, kept: Kept) -> None:
        kept.process = subprocess.Popen(
            kept.command,
            env=kept.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        kept.reader = threading.Thread(target=self._read, args=(kept, kept.process), daemon=True)
        kept.reader.start()

    def _read(self, kept: Kept, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                text = line.decode("utf-8", "replace").rstrip()
                kept.tail.append(text)
                self._say(kept.name, text)

    def _died(self, kept: Kept, now: float) -> None:
        how = self._gone(kept)
        kept.deaths.append(now)
        deaths = kept.lately(now)
        if deaths >= DEATHS_MOST:
            self.given_up = kept
            self._say("", f"{kept.name} {how}, the {deaths}th time within a minute: everything stops.")
            return
        wait = min(self.first_wait * 2 ** (deaths - 1), LONGEST_WAIT)
        kept.start_at = now + wait
        self._say("", f"{kept.name} {how}. Starting it again in {wait:g} s.")

    def _gone(self, kept: Kept) -> str:
        """Sweep up after one that has ended, and say how it ended."""
        assert kept.process is not None
        code = kept.process.returncode
        kept.send(signal.SIGKILL, group=True)  # workers of a dead master would hold its port
        if kept.reader:
            kept.reader.join(1)
        kept.process = None
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"stopped with status {code}"

    def _stop(self) -> None:
        """Ask all to finish; kill what has not after a while, or at once when we are asked a second time."""
        asked, until = self.asked, time.monotonic() + STOP_WAIT
        running = [kept for kept in self.all if kept.process is not None]
        self._say("", "Stopping " + ", ".join(kept.name for kept in running))
        for kept in running:
            kept.send(signal.SIGTERM)
        while running and time.monotonic() < until and self.asked == asked:
            time.sleep(LOOK_EVERY)
            running = [kept for kept in running if not self._ended(kept)]
        for kept in running:
            kept.send(signal.SIGKILL, group=True)
            assert kept.process is not None
            kept.process.wait()
            self._gone(kept)

    def _ended(self, kept: Kept) -> bool:
        if kept.process is not None and kept.process.poll() is not None:
            self._gone(kept)
        return kept.process is None

    def _say(self, name: str, text: str) -> None:
        width = max((len(kept.name) for kept in self.all), default=0)
        head = f"{time.strftime('%H:%M:%S')} {name:<{width}} |"
        if sys.stdout.isatty():
            place = next((i for i, kept in enumerate(self.all) if kept.name == name), None)
            head = f"\033[{COLOURS[place % len(COLOURS)] if place is not None else 1}m{head}\033[0m"
        try:
            with self.printing:
                print(head, text, flush=True)
        except OSError:  # nobody reads us any more; a process must not hang on that
            self.asked = self.asked or 1
