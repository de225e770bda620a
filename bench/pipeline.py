"""100,000 personalised texts, from submit to all accepted, through real workers; beside it the same bodies in a loop.

The floor posts the ready-made /send_mass/ bodies over one keep-alive connection with `requests`, to the same bare sink.
Needs PostgreSQL (BENCH_DATABASE_URL) and Redis (BENCH_REDIS_URL). Makes a database of its own and drops it.
"""

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from bench import _database

TEXTS, PORT = int(os.environ.get("BENCH_TEXTS", "100000")), 8766
DATABASE = os.environ.get("BENCH_DATABASE_URL", "postgres://postgres@127.0.0.1:5432/gongji_bench_pipeline")
REDIS = os.environ.get("BENCH_REDIS_URL", "redis://127.0.0.1:6379/14")
TEXT = "#{이름}님, 안녕하세요. 이번 달 수업료를 안내드려요. 문의는 언제든 주세요."
# As the Procfile starts them.
WORKERS = (["-Q", "now"], ["-Q", "send,results,upkeep"], ["-Q", "bulk", "--concurrency", "2"])


def main() -> int:
    try:
        _database.create(DATABASE)
    except Exception as error:
        print(f"Not measured: no PostgreSQL at {urlsplit(DATABASE).hostname} ({type(error).__name__}).")
        return 0
    try:
        return _measure()
    finally:
        _database.drop(DATABASE)


def _measure() -> int:
    _environment()
    import django

    django.setup()
    from django.core.management import call_command
    from django_scopes import scope

    call_command("migrate", verbosity=0)
    tenant = _tenant()
    with _processes(), scope(tenant=tenant):
        quote, submit, first, ours = _ours(tenant)
        bodies = _bodies(tenant)
        floor = _floor(bodies)
    print(f"{TEXTS:,} personalised texts in {len(bodies)} batches")
    print(f"{'floor: the same bodies in a plain loop':<52}{floor:7.2f} s    1.00x")
    print(f"{'ours: submit to all accepted':<52}{ours:7.2f} s   {ours / floor:5.2f}x   {TEXTS / ours:,.0f} texts/s")
    print(f"{'  a text of it, in microseconds':<52}{1e6 * ours / TEXTS:7.1f} µs")
    print(f"{'  submit returns after':<52}{submit:7.2f} s")
    print(f"{'  first batch accepted after':<52}{first:7.2f} s")
    print(f"{'exact quote of all of them':<52}{quote:7.2f} s")
    print(f"{'largest process, MiB':<52}{resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024:7.0f}")
    return 0


def _ours(tenant: Any) -> tuple[float, float, float, float]:
    """Seconds: the quote, submit's return, the first batch accepted, all accepted."""
    from messaging import selectors
    from messaging.drafting import Audience, Draft
    from messaging.services import compose

    draft = Draft(to=Audience(all=True), text=TEXT)
    start = time.perf_counter()
    assert compose.quote(tenant=tenant, draft=draft).recipients == TEXTS
    quote = time.perf_counter() - start
    start = time.perf_counter()
    dispatch = compose.submit(tenant=tenant, by=None, draft=draft)
    submit = first = time.perf_counter() - start
    accepted = 0
    while accepted < TEXTS:
        time.sleep(0.02)
        now = selectors.counts(dispatch)["accepted"] or 0
        if now and not accepted:
            first = time.perf_counter() - start
        accepted = now
    return quote, submit, first, time.perf_counter() - start


def _bodies(tenant: Any) -> list[tuple[str, bytes]]:
    from messaging.models import Batch, Message
    from messaging.providers.aligo import _send_body
    from messaging.providers.base import Outgoing
    from messaging.services import accounts

    account = accounts.for_provider(accounts.of(tenant))
    found = []
    for batch in Batch.objects.filter(tenant=tenant):
        items = list(Message.objects.filter(batch=batch).values_list("phone", "text"))
        found.append(_send_body(account, Outgoing(sender=batch.sender, type=batch.type, items=items)))
    return found


def _floor(bodies: list[tuple[str, bytes]]) -> float:
    import requests

    session = requests.Session()
    session.headers["Content-Type"] = "application/x-www-form-urlencoded"
    start = time.perf_counter()
    for path, body in bodies:
        assert session.post(f"http://127.0.0.1:{PORT}{path}", data=body, timeout=30).json()["result_code"] == "1"
    return time.perf_counter() - start


def _tenant() -> Any:
    from django.db import connection
    from django_scopes import scope

    from accounts.models import Tenant
    from messaging.models import AligoAccount
    from messaging.services import senders

    tenant = Tenant.objects.create(name="bench", slug="bench")
    senders.add(tenant=tenant, by=None, number="0237890123")
    with scope(tenant=tenant):
        AligoAccount.objects.create(tenant=tenant, mode="live", user_id="bench", api_key="k" * 32)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO members_member
                (tenant_id, name, phone, memo, fields, name_cho, tokens, created_at, updated_at)
            SELECT %s, '회원' || i, '010' || lpad((20000000 + i)::text, 8, '0'), '', '{}', '', '', now(), now()
            FROM generate_series(1, %s) i
            """,
            [tenant.pk, TEXTS],
        )
        cursor.execute("ANALYZE")
    return tenant


# --- the machine around it ------------------------------------------------------------------------------------------
def _environment() -> None:
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "GONGJI_DOTENV": "0",
            "SECRET_KEY": "bench",
            "ENCRYPTION_KEYS": "3iqtJ33NiXn03gwrYB8l8sQ1ZoflplVz7zbw5Qyjaek=",
            "ALIGO_BASE_URL": f"http://127.0.0.1:{PORT}",
            "DATABASE_URL": DATABASE,
            "REDIS_URL": REDIS,
            "DEBUG": "0",
        }
    )


@contextmanager
def _processes() -> Iterator[None]:
    celery = [sys.executable, "-m", "celery", "-A", "config", "worker", "-l", "ERROR"]
    commands = [[sys.executable, "-m", "bench._sink", str(PORT)]]
    commands += [[*celery, *queues, "-n", f"bench{n}@%h"] for n, queues in enumerate(WORKERS)]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]
    try:
        time.sleep(12)  # workers shake hands with their broker
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=60)


if __name__ == "__main__":
    sys.exit(main())
