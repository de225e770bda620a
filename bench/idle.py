"""What the watch costs when nothing is to be done: a tick beside 1,000,000 future schedules of 1,000 tenants.

Also there: 200,000 finished dispatches, and 100,000 batches that wait (held for money, or ads that wait for the day).
Fails above 20 ms of database time a tick (95th percentile), and where a plan reads a big table from end to end.
"""

import os
import sys
import time
from collections import defaultdict
from typing import Any

from bench import _machine

SCHEDULED, FINISHED, WAITING, TENANTS = 1_000_000, 200_000, 100_000, 1_000
TICKS, LIMIT_MS = 20, 20.0
BIG = ("messaging_dispatch", "messaging_batch", "messaging_message")


def main() -> int:
    if not _machine.measurable():
        return _machine.NOT_MEASURED
    os.environ.setdefault("ALIGO_BASE_URL", "http://127.0.0.1:9")
    with _machine.own_database("idle"):
        _fill()
        return _measure()


def _measure() -> int:
    from django.db import connection

    from config.celery import app
    from messaging.services import upkeep

    rung: list[str] = []
    app.send_task = lambda name, **_kwargs: rung.append(name)
    spent: dict[str, list[float]] = defaultdict(list)
    plans: dict[str, str] = {}

    def tick() -> float:
        before = sum(map(sum, spent.values()))
        with connection.execute_wrapper(_watch(spent, plans)):
            upkeep.upkeep()
        return 1000 * (sum(map(sum, spent.values())) - before)

    tick()  # the first one asks for the plans
    ticks = _machine.quietest(lambda: [tick() for _n in range(TICKS)], LIMIT_MS)
    worst = _machine.p95(ticks)
    print(f"{SCHEDULED:,} future schedules, {WAITING:,} waiting batches, {TENANTS:,} tenants; bells rung: {len(rung)}")
    for sql, times in sorted(spent.items(), key=lambda pair: -sum(pair[1]))[:5]:
        print(f"  {1000 * sum(times) / len(times):6.2f} ms  {sql[:150]}")
    scans = sorted({table for plan in plans.values() for table in BIG if f"Seq Scan on {table}" in plan})
    kept = worst <= LIMIT_MS and not scans
    print(
        f"database time of a tick, p50 {sorted(ticks)[TICKS // 2]:.1f} ms, p95 {worst:.1f} ms   limit {LIMIT_MS:g} ms"
    )
    print(f"plans that read a big table whole: {', '.join(scans) or 'none'}   {'kept' if kept else 'BROKEN'}")
    return 0 if kept else 1


def _watch(spent: dict[str, list[float]], plans: dict[str, str]) -> Any:
    """Counts the time of each statement, and asks once for its plan."""

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent[sql].append(time.perf_counter() - start)
            if sql not in plans and sql.startswith(("SELECT", "UPDATE")):
                with context["connection"].connection.cursor() as cursor:
                    cursor.execute("EXPLAIN " + sql, params)
                    plans[sql] = "\n".join(row[0] for row in cursor.fetchall())

    return wrapper


def _fill() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for statement in _STATEMENTS:
            cursor.execute(statement)


_TENANTS = f"""
    INSERT INTO accounts_tenant (name, slug, phone, edition, is_operator, help_on, created_at)
    SELECT 't' || i, 't' || i, '', 'portal', false, true, now() FROM generate_series(1, {TENANTS}) i
"""
_ACCOUNTS = """
    INSERT INTO messaging_aligoaccount (tenant_id, mode, user_id, api_key, state, held_reason, troubles, probe_at)
    SELECT id, 'live', slug, '', 'ok', CASE WHEN id % 10 = 0 THEN 'balance' ELSE '' END, 0, now() + interval '1 hour'
    FROM accounts_tenant
"""
_DISPATCHES = """
    INSERT INTO messaging_dispatch
        (tenant_id, name, text, title, sender, ad, mode, audience, state, held_reason, source, each_reason, is_small,
         is_test, total, excluded_count, cursor, by_label, created_at, send_at, plan_at, finished_at, prepared_at)
    SELECT (SELECT min(id) FROM accounts_tenant) + {tenant}, '', 'x', '', '0237890123', {ad}, 'live', '{{}}', '{state}',
        '{held}', 'api', '', false, false, {total}, 0, '{{}}', '', now(), {send_at}, now() + interval '3 hours',
        {finished}, {finished}
    FROM generate_series(1, {count}) i
"""
_BATCHES = """
    INSERT INTO messaging_batch
        (tenant_id, dispatch_id, number, type, title, text, sender, size, is_small, night_ok, state, receivers_hash,
         account, attempts, provider_id, refusal, looks, listed, polls, delivered_count, failed_count, no_result_count,
         rejected_count, expired_count, cancelled_count)
    SELECT d.tenant_id, d.id, n, 'SMS', '', '', d.sender, 500, false, false, 'queued', md5(d.id::text || n), '', 0, '',
        '', 0, '[]', 0, 0, 0, 0, 0, 0, 0
    FROM messaging_dispatch d, generate_series(1, 100) n WHERE d.state = 'held'
"""


def _dispatches(count: int, state: str, *, held: str = "", send_at: str = "NULL", done: bool = False) -> str:
    return _DISPATCHES.format(
        tenant=f"i % {TENANTS}" if not held else f"10 * (i % {TENANTS // 10}) + 9",
        ad="false",
        state=state,
        held=held,
        total="NULL" if state == "scheduled" else 500,
        send_at=send_at,
        finished="now()" if done else "NULL",
        count=count,
    )


_STATEMENTS = (
    _TENANTS,
    _ACCOUNTS,
    _dispatches(SCHEDULED, "scheduled", send_at="now() + (i % 300 + 1) * interval '1 day'"),
    _dispatches(FINISHED, "finished", done=True),
    _dispatches(WAITING // 100, "held", held="balance"),
    _BATCHES,
    # Ads that wait for the day are not held: their dispatches go on. A tenth of the waiting ones.
    "UPDATE messaging_dispatch SET state = 'sending', held_reason = '' WHERE state = 'held' AND id % 10 = 0",
    "UPDATE messaging_batch b SET not_before = now() + interval '9 hours' FROM messaging_dispatch d "
    "WHERE d.id = b.dispatch_id AND d.state = 'sending'",
    "VACUUM ANALYZE",
)

if __name__ == "__main__":
    sys.exit(main())
