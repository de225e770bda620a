"""Import of 100,000 rows of .xlsx, upload by HTTP to finished, against reading the sheet and one COPY of the same rows.

The floor's COPY keeps the indexes of the members' table, without which no list or search would find the rows; the bare
one is shown beside it. Needs PostgreSQL (BENCH_DATABASE_URL, default the local one) and, for the queue, Redis
(BENCH_REDIS_URL). Makes a database of its own and drops it. Fails above LIMIT times the floor.
"""

import datetime
import io
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from bench import _database
from bench._machine import NOT_MEASURED

ROWS, ROUNDS, LIMIT, PORT = 100_000, 3, 3.0, 8765
DATABASE = os.environ.get("BENCH_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/gongji_bench_import")
REDIS = os.environ.get("BENCH_REDIS_URL", "redis://127.0.0.1:6379/12")
SURNAMES, GIVEN = "김이박최정강조윤장임한오서신권황안송전홍", "민서지우하은도윤연예준수아진현영호경성재"


def main() -> int:
    try:
        _database.create(DATABASE)
    except Exception as error:
        print(f"Not measured: no PostgreSQL at {urlsplit(DATABASE).hostname} ({type(error).__name__}).")
        return NOT_MEASURED
    try:
        with tempfile.TemporaryDirectory() as folder:
            return _measure(Path(folder))
    finally:
        _database.drop(DATABASE)


def _measure(folder: Path) -> int:
    _environment(folder)
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    path = folder / "roster.xlsx"
    _write_roster(path)
    ours, bare, indexed = [], [], []
    with _processes():
        for _round in range(ROUNDS):
            ours.append(_import_once(path))
            read = _read_once(path)
            bare.append(read + _copy_once(indexes=False))
            indexed.append(read + _copy_once(indexes=True))
    return _table(ours, bare, indexed)


def _table(ours: list[float], bare: list[float], indexed: list[float]) -> int:
    floor, kept, mine = (statistics.median(times) for times in (bare, indexed, ours))
    print(f"{ROWS:,} rows .xlsx, median of {ROUNDS} rounds")
    print(f"{'floor: calamine + COPY of the same rows':<52}{kept:6.2f} s   1.00x")
    print(f"{'  the same into a table without any index':<52}{floor:6.2f} s   {floor / kept:.2f}x")
    print(f"{'ours: upload by HTTP to finished':<52}{mine:6.2f} s   {mine / kept:.2f}x")
    print(f"limit {LIMIT:.1f}x: {'kept' if mine <= LIMIT * kept else 'BROKEN'}")
    return 0 if mine <= LIMIT * kept else 1


def _write_roster(path: Path) -> None:
    import xlsxwriter

    dice = random.Random(1)
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet, day = book.add_worksheet("회원"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, ["이름", "휴대폰", "생년월일", "메모", "그룹"])
        for line in range(1, ROWS + 1):
            sheet.write_string(line, 0, dice.choice(SURNAMES) + dice.choice(GIVEN) + dice.choice(GIVEN))
            sheet.write_string(line, 1, f"010-{2000 + line // 10_000:04d}-{line % 10_000:04d}")
            born = datetime.datetime(1950 + dice.randrange(60), 1 + dice.randrange(12), 1 + dice.randrange(28))
            sheet.write_datetime(line, 2, born, day)
            sheet.write_string(line, 3, f"메모 {dice.randrange(1000)}")
            sheet.write_string(line, 4, dice.choice(["오전반", "오후반", "주말반"]))


def _import_once(path: Path) -> float:
    """Seconds from the first byte of the upload until the API says that it is finished."""
    import requests
    from django_scopes import scope

    from accounts.enums import Scope
    from accounts.models import Tenant
    from accounts.services import keys

    tenant = Tenant.objects.create(name="bench", slug=f"b{time.time_ns()}")
    with scope(tenant=tenant):
        _key, secret = keys.create(tenant=tenant, by=None, name="bench", scopes=Scope.values)
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {secret}"
    url = f"http://127.0.0.1:{PORT}/api/v1/imports"
    session.get(url, timeout=30)
    start = time.perf_counter()
    with path.open("rb") as file:
        answer = session.post(url, files={"file": (path.name, file)}, data={"mode": "upsert"}, timeout=60)
    answer.raise_for_status()
    while True:
        shown = session.get(f"{url}/{answer.json()['id']}", timeout=60).json()
        if shown["state"] in ("finished", "failed"):
            break
        time.sleep(0.05)
    seconds = time.perf_counter() - start
    if (shown["state"], shown["created"]) != ("finished", ROWS):
        sys.exit(f"The import ended as {shown['state']} with {shown['created']} members: {shown['problem']}")
    time.sleep(2)  # the worker sorts the search index after the end: not part of anybody's floor
    return seconds


def _read_once(path: Path) -> float:
    from python_calamine import CalamineWorkbook

    start = time.perf_counter()
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    seconds = time.perf_counter() - start
    assert len(rows) == ROWS + 1
    return seconds


def _copy_once(*, indexes: bool) -> float:
    """Seconds of one COPY of the members the last import made."""
    from django.db import connection

    from members.models import Member

    with connection.cursor() as cursor:
        cursor.execute("SELECT max(tenant_id) FROM members_member")
        tenant = cursor.fetchone()[0]
        data = io.BytesIO()
        cursor.copy_expert(f"COPY (SELECT * FROM members_member WHERE tenant_id = {tenant}) TO STDOUT", data)
        data.seek(0)
        table = Member._meta.db_table
        including = "INCLUDING DEFAULTS INCLUDING INDEXES" if indexes else ""
        cursor.execute(f"CREATE TABLE bench_copy (LIKE {table} {including})")
        start = time.perf_counter()
        cursor.copy_expert("COPY bench_copy FROM STDIN", data, 1 << 20)
        seconds = time.perf_counter() - start
        cursor.execute("DROP TABLE bench_copy")
    return seconds


# --- the machine around it ------------------------------------------------------------------------------------------


def _environment(folder: Path) -> None:
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "GONGJI_DOTENV": "0",
            "SECRET_KEY": "bench",
            "ENCRYPTION_KEYS": "3iqtJ33NiXn03gwrYB8l8sQ1ZoflplVz7zbw5Qyjaek=",
            "SITE_URL": f"http://127.0.0.1:{PORT}",
            "DATABASE_URL": DATABASE,
            "REDIS_URL": REDIS,
            "DEBUG": "0",
        }
    )


@contextmanager
def _processes() -> Iterator[None]:
    """A web process and a bulk worker, as the Procfile starts them."""
    web = [sys.executable, "-m", "gunicorn", "config.wsgi", "-b", f"127.0.0.1:{PORT}", "--log-level", "error"]
    worker = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "config",
        "worker",
        "-Q",
        "bulk",
        "--concurrency",
        "2",
        "-l",
        "ERROR",
    ]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in (web, worker)]
    try:
        _wait()
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=30)


def _wait() -> None:
    import requests

    for _try in range(100):
        try:
            requests.get(f"http://127.0.0.1:{PORT}/healthz", timeout=30)
        except requests.RequestException:
            time.sleep(0.2)
        else:
            time.sleep(3)  # the worker shakes hands with its broker
            return
    sys.exit("The web process did not start.")


if __name__ == "__main__":
    sys.exit(main())
