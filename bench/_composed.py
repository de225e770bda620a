"""A PostgreSQL of the bench's own with the settings of docker-compose.yml: what the product is deployed with."""

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.servers import Postgres, postgres_folder


def settings() -> list[str]:
    """`name=value` of each `-c` that compose starts PostgreSQL with, the defaults of its variables filled in."""
    found = re.search(r'command: \["postgres", (.*)\]', Path("docker-compose.yml").read_text())
    assert found, "docker-compose.yml: no command of PostgreSQL"
    plain = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", found.group(1))
    return [word.strip(' "') for word in plain.split(",") if "=" in word]


@contextmanager
def server() -> Iterator[str | None]:
    """The URL of its database, or None where no PostgreSQL is installed; gone with all that is in it afterwards."""
    programs = postgres_folder()
    if programs is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="gongji-bench-") as folder:
        postgres = Postgres(Path(folder), programs, settings())
        postgres.start()
        try:
            yield postgres.url
        finally:
            postgres.stop()
