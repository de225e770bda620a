"""Everything that runs in a chaos run: servers, Aligo's look-alike, web, workers of the Procfile, two beats."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import requests

from tests.chaos import servers
from tests.chaos.children import ROOT, Child, free_port, listens, until
from tests.chaos.opening import SENDER, key

# With the Procfile's queues; two that send, as production has.
WORKERS = {
    "now": ["-Q", "now,upkeep"],
    "worker1": ["-Q", "send,results"],
    "worker2": ["-Q", "send,results"],
    "bulk": ["-Q", "bulk", "--concurrency", "2"],
}
# Who never comes by the points of a service; of others we can't tell.
_NEVER_AT = {
    "prepare": ("worker1", "worker2"),
    "deliver": ("bulk",),
    "results": ("now", "bulk"),
    "reconcile": ("now", "bulk"),
}
ALIGO_TIMEOUT, RECONCILE_AFTER = 2, 8
# Past the lease of a batch (the time-out and 15), and back before what it held may be queued again.
PAUSE = ALIGO_TIMEOUT + 15 + 1.5
FREEZE = "deliver.looked:pause"  # between the last look at the lease and the call: the worst moment for it
_SAID = re.compile(r"^(die|pause) at ([\w.]+)$", re.M)


def named_points() -> set[str]:
    """Every point the services name, read from their source."""
    sources = (ROOT / "messaging").rglob("*.py")
    return {name for path in sources for name in re.findall(r'\breached\("([\w.]+)"\)', path.read_text("utf-8"))}


class Stage:
    """Use as a context: whatever happens, nothing of it is left afterwards."""

    def __init__(self, dice: random.Random, names: list[str], *, roster: int) -> None:
        self.dice, self.names, self.roster = dice, names, roster
        self.folder = Path(tempfile.mkdtemp(prefix="gongji-chaos-"))
        self.postgres = servers.a_postgres(self.folder, os.environ.get("DATABASE_URL", ""))
        self.redis = servers.a_redis(self.folder, os.environ.get("REDIS_URL", ""))
        self.web_port, self.aligo_port = free_port(), free_port()
        self.url, self.aligo_url = f"http://127.0.0.1:{self.web_port}", f"http://127.0.0.1:{self.aligo_port}"
        self.env = self._environment()
        self.aligo = self._child(
            "aligo", "messaging.sandbox", "--port", str(self.aligo_port), "--db", str(self.folder / "aligo.db")
        )
        # DEBUG: pages need no collected static files then.
        self.web = self._child("web", "gunicorn", "config.wsgi", DEBUG="1")
        self.workers = {
            name: self._celery("worker", "-n", f"{name}@%h", *queues, name=name) for name, queues in WORKERS.items()
        }
        self.beats = [self._celery("beat", name=f"beat{n}") for n in (1, 2)]
        self.tenants: list[dict[str, Any]] = []
        self.missing = {*named_points(), FREEZE}  # where no worker has died (or frozen) yet
        self.died: Counter[str] = Counter()
        self.armed = False
        self.armed_for: dict[str, set[str]] = {name: set() for name in WORKERS}
        self._over = threading.Event()

    def __enter__(self) -> "Stage":
        try:
            self._raise()
        except BaseException:
            self.__exit__()
            raise
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        for child in [*self.beats, *self.workers.values(), self.web, self.aligo]:
            child.send(signal.SIGCONT)
            child.end()
        self.redis.stop()
        self.postgres.stop()
        if not os.environ.get("CHAOS_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- Going up -------------------------------------------------------------------------------------------------
    def _environment(self) -> dict[str, str]:
        ours = {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "GONGJI_DOTENV": "0",
            "GONGJI_CHAOS": "1",
            "SECRET_KEY": "chaos-only",
            "ENCRYPTION_KEYS": "3iqtJ33NiXn03gwrYB8l8sQ1ZoflplVz7zbw5Qyjaek=",
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.redis.url,
            "SITE_URL": self.url,
            "PORT": str(self.web_port),
            "EMAIL_URL": "memorymail://",
            "ALIGO_BASE_URL": self.aligo_url,
            "ALIGO_SANDBOX_URL": self.aligo_url,
            "ALIGO_TIMEOUT": str(ALIGO_TIMEOUT),
            "RECONCILE_AFTER": str(RECONCILE_AFTER),
            "RESULT_POLL_SECONDS": "1",
            "UPKEEP_SECONDS": "1",
            "WEB_CONCURRENCY": "2",
            "PYTHONUNBUFFERED": "1",
        }
        kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
        return {name: os.environ[name] for name in kept if name in os.environ} | ours

    def _child(self, name: str, *command: str, **env: str) -> Child:
        return Child(name, [sys.executable, "-m", *command], self.env | env, self.folder)

    def _celery(self, *command: str, name: str) -> Child:
        return self._child(name, "celery", "-A", "config", *command)

    def _raise(self) -> None:
        self.postgres.start()
        self.redis.start()
        self.aligo.start()
        command = [sys.executable, "-m", "tests.chaos.opening", *self.names, "--roster", str(self.roster)]
        done = subprocess.run(command, env=self.env, cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]
        self.tenants = json.loads(done.stdout.splitlines()[-1])
        until(lambda: listens(self.aligo_port), 15, "the sandbox listens")
        for name in self.names:
            self.account(name)
        for child in [self.web, *self.workers.values(), *self.beats]:
            child.start()
        until(self.web_answers, 30, "the web answers")

    def web_answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    # --- Aligo's strings ------------------------------------------------------------------------------------------
    def control(self, what: str, **given: Any) -> Any:
        """One call of the sandbox's control API."""
        answer = requests.post(f"{self.aligo_url}/_/{what}", json=given, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def look(self, what: str, **query: str) -> Any:
        return requests.get(f"{self.aligo_url}/_/{what}", params=query, timeout=30).json()

    def account(self, name: str, *, won: float = 5_000_000, ips: list[str] | None = None) -> None:
        """Open an account at Aligo, or replace what is said of it."""
        self.control("accounts", user_id=name, key=key(name), senders=[SENDER], balance_won=won, ips=ips or [])

    # --- Keeping it up --------------------------------------------------------------------------------------------
    def tend(self) -> None:
        """Start again what has died; a worker that starts is armed to die at points where none has died yet."""
        for worker in self.workers.values():
            if not worker.alive:
                self.read(worker)
                worker.start(DIE_AT=self._arms(worker.name) if self.armed else "")
        for child in (self.web, *self.beats):
            if not child.alive:
                child.start()

    def read(self, worker: Child) -> None:
        """What the worker's last life said about its end."""
        if worker.lives:
            for how, point in _SAID.findall(worker.log.read_text("utf-8", "replace")):
                self.died[f"{how} at {point}"] += 1
                self.missing.discard(point if how == "die" else f"{point}:{how}")

    def lacks(self, worker: str) -> list[str]:
        """Points that this worker may come by and where nobody has died yet."""
        return [point for point in sorted(self.missing) if worker not in _NEVER_AT.get(point.split(".")[0], ())]

    def is_harmless(self, worker: Child) -> bool:
        """Whether it could die where nobody has, but is not armed for any such point."""
        lacking = self.lacks(worker.name)
        return bool(lacking) and not worker.frozen and not self.armed_for[worker.name] & set(lacking)

    def _arms(self, worker: str) -> str:
        """A good chance at up to four of these points, and a little one at all others."""
        lacking = self.lacks(worker)
        arms = dict.fromkeys(named_points(), "0.004")
        chosen = self.dice.sample(lacking, min(4, len(lacking)))
        self.armed_for[worker] = set(chosen)
        for point in chosen:
            name, _colon, how = point.partition(":")
            arms[name] = f"0.7:{how or 'die'}"
        return ",".join(f"{name}:{chance}" for name, chance in sorted(arms.items()))

    def _watch(self) -> None:
        """Let those who froze themselves go on in time, whatever the others are busy with."""
        while not self._over.wait(0.2):
            for worker in self.workers.values():
                if worker.process is not None and worker.froze_itself():
                    worker.freeze(PAUSE)
                    self.missing.discard(FREEZE)
