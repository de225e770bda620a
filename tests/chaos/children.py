"""Processes of a chaos run: started, killed, frozen and started again; none outlives the run."""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_HOLDER = shutil.which("setpriv")


class Child:
    """One process, with a log file for each of its lives. Start it from a thread that lives as long as the run."""

    def __init__(self, name: str, command: list[str], env: dict[str, str], folder: Path, *, user: str = "") -> None:
        self.name, self.command, self.env, self.folder, self.user = name, command, env, folder, user
        self.process: subprocess.Popen[bytes] | None = None
        self.lives = 0
        self.frozen = False

    def start(self, **more: str) -> None:
        """Begin a new life, with `more` in its environment."""
        self.lives += 1
        self.frozen = False
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*_leash(self.user), *self.command],
                env=self.env | more,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.{self.lives}.log"

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def send(self, number: int) -> None:
        """Signal it, if it is still there."""
        if self.alive:
            os.kill(self.pid, number)

    def end(self, number: int = signal.SIGKILL, patience: float = 15) -> None:
        """End it and whatever it has started; kill what does not listen."""
        if self.process is None:
            return
        self.send(number)
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.send(signal.SIGKILL)
            self.process.wait()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def freeze(self, seconds: float) -> None:
        """Not a step further for so long; then it goes on from where it was. By a clock of its own: whoever froze it
        may be busy with a server that is down."""
        self.frozen = True
        self.send(signal.SIGSTOP)
        clock = threading.Timer(seconds, self._thaw, [self.lives])
        clock.daemon = True
        clock.start()

    def _thaw(self, life: int) -> None:
        if life == self.lives:
            self.send(signal.SIGCONT)
            self.frozen = False

    def froze_itself(self) -> bool:
        """Whether it stopped at a point where it was told to, and nobody has noticed yet."""
        try:
            state = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return False
        return state == "T" and not self.frozen

    def children(self) -> list[int]:
        """Pids of its direct children."""
        try:
            return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]
        except OSError:
            return []


def _leash(user: str) -> list[str]:
    """What makes a child die with the run, however that ends, and be another user where root will not do."""
    if _HOLDER is None:
        return []
    as_user = ["--reuid", user, "--regid", user, "--init-groups"] if user else []
    return [_HOLDER, "--pdeathsig", "KILL", *as_user, "--"]


def free_port() -> int:
    """A port nobody listens on, below those that the system gives to callers: a closed one must refuse."""
    for port in range(21_000 + os.getpid() % 5_000, 32_000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            if port not in _given:
                _given.add(port)
                return port
    raise AssertionError("no free port")


_given: set[int] = set()


def until(done: Callable[[], object], seconds: float, what: str, every: float = 0.1) -> float:
    """Wait until something is so; how long it took."""
    begun = time.monotonic()
    while not done():
        if time.monotonic() - begun > seconds:
            raise AssertionError(f"not within {seconds:g} s: {what}")
        time.sleep(every)
    return time.monotonic() - begun


def listens(port: int) -> bool:
    """Whether anybody takes connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
