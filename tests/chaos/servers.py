"""A PostgreSQL and a Redis of the run's own, to be stopped at will; where there are none, the given ones stand in."""

import os
import pwd
import shutil
import signal
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import redis

from tests.chaos.children import Child, free_port, listens, until


def postgres_folder() -> Path | None:
    """Where the newest server's programs are, on PATH or where Debian, Red Hat and Homebrew put them."""
    if found := shutil.which("postgres"):
        return Path(found).parent
    places = ["/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin"]
    found_all = [path for place in places for path in Path("/").glob(place[1:]) if (path / "initdb").exists()]
    return max(
        found_all,
        key=lambda path: [int(n) for n in "".join(c if c.isdigit() else " " for c in str(path)).split()],
        default=None,
    )


class Postgres:
    """A cluster of our own: an immediate restart is a crash, with recovery from its log."""

    note = "PostgreSQL: a cluster of its own"

    def __init__(self, folder: Path, programs: Path, settings: Sequence[str] = ()) -> None:
        self.port, self.data = free_port(), folder / "pg"
        # root may not run it.
        self.user = next(name for name in ("postgres", "nobody") if _exists(name)) if os.geteuid() == 0 else ""
        self.data.mkdir()
        if self.user:
            folder.chmod(0o711)
            shutil.chown(self.data, self.user)
        begin = Child(
            "initdb", [str(programs / "initdb"), "-D", str(self.data), *_INITDB], _plain(), folder, user=self.user
        )
        begin.start()
        assert begin.process is not None and begin.process.wait(60) == 0, begin.log.read_text()
        command = [str(programs / "postgres"), "-D", str(self.data), "-p", str(self.port)]
        for setting in [*_SETTINGS, *settings]:
            command += ["-c", setting]
        self.child = Child("postgres", command, _plain(), folder, user=self.user)
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/gongji"

    def start(self) -> None:
        self.child.start()
        until(self.answers, 30, "PostgreSQL comes up")
        with suppress(psycopg2.errors.DuplicateDatabase):
            _run(self.url, "CREATE DATABASE gongji")

    def crash(self) -> None:
        """What `pg_ctl restart -m immediate` does: every backend is gone at once."""
        self.child.end(signal.SIGQUIT)
        self.child.start()
        until(self.answers, 30, "PostgreSQL recovers")

    def answers(self) -> bool:
        try:
            _run(self.url, "SELECT 1")
        except psycopg2.Error:
            return False
        return True

    def stop(self) -> None:
        self.child.end(signal.SIGQUIT)


_INITDB = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
# The machine does not crash with the server: what it has written is safe without waiting for the disk.
_SETTINGS = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=200"]


class LentPostgres:
    """A database on the given server; it is not ours to stop, so its connections are cut and refused for a while."""

    note = "PostgreSQL: no server programs here, so a database on the given server; its restart is cut connections"

    def __init__(self, given: str) -> None:
        parts = urlsplit(given)
        self.name = f"gongji_chaos_{os.getpid()}"
        self.url = parts._replace(path=f"/{self.name}").geturl()

    def start(self) -> None:
        _run(self.url, f'CREATE DATABASE "{self.name}"')

    def crash(self) -> None:
        _run(self.url, f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS false')
        try:
            for _again in range(10):
                _run(self.url, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.name}'")
                threading.Event().wait(0.2)
        finally:
            _run(self.url, f'ALTER DATABASE "{self.name}" ALLOW_CONNECTIONS true')

    def answers(self) -> bool:
        return True

    def stop(self) -> None:
        _run(self.url, f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')


def _run(url: str, statement: str) -> None:
    """On the server's own database."""
    connection = psycopg2.connect(
        urlsplit(url)._replace(scheme="postgresql", path="/postgres").geturl(), connect_timeout=5
    )
    try:
        connection.autocommit = True
        connection.cursor().execute(statement)
    finally:
        connection.close()


class Redis:
    """Keeps nothing on disk: a stop wipes it too."""

    note = "Redis: one of its own"

    def __init__(self, folder: Path, program: str) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        command = [program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.child = Child("redis", [*command, "--dir", str(folder)], _plain(), folder)

    def start(self) -> None:
        self.child.start()
        until(lambda: listens(self.port), 15, "Redis comes up", every=0.02)

    def stop(self) -> None:
        self.child.end(signal.SIGKILL)

    def wipe(self) -> None:
        redis.Redis.from_url(self.url).flushdb()


class LentRedis:
    """The given Redis behind a door of ours: stopped, the door is shut and everybody inside is put out."""

    note = "Redis: no redis-server here, so the given one behind a door that can be shut"

    def __init__(self, given: str) -> None:
        self.inner = urlsplit(given)
        self.port = free_port()
        self.url = self.inner._replace(netloc=f"127.0.0.1:{self.port}").geturl()
        self.door: socket.socket | None = None
        self.inside: list[socket.socket] = []

    def start(self) -> None:
        self.door = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._let_in, args=(self.door,), daemon=True).start()

    def _let_in(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, _address = door.accept()
                far = socket.create_connection((self.inner.hostname or "127.0.0.1", self.inner.port or 6379))
                self.inside += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=_carry, args=(one, other), daemon=True).start()

    def stop(self) -> None:
        if self.door is not None:
            self.door.shutdown(socket.SHUT_RDWR)
            self.door.close()
        self.wipe()
        for one in self.inside:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.inside.clear()

    def wipe(self) -> None:
        redis.Redis.from_url(self.inner.geturl()).flushdb()


def _carry(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for one in (source, target):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def _exists(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _plain() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}


def a_postgres(folder: Path, given: str) -> Postgres | LentPostgres:
    programs = postgres_folder()
    return Postgres(folder, programs) if programs else LentPostgres(given)


def a_redis(folder: Path, given: str) -> Redis | LentRedis:
    program = shutil.which("redis-server")
    return Redis(folder, program) if program else LentRedis(given)
