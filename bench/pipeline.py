"""From submit to all accepted through the Procfile's workers, beside the same bodies posted in a plain loop.

The floor that is judged is a sink that takes each form apart, as a server must, and so proves that every text came
exactly once. A sink that parses nothing stands beside it, told and not judged: it swallows more texts a second than
PostgreSQL can store. Then answers that take 200 ms beside the same number of bare connections, the naive way of a task
a message, and a million texts; a segment of five conditions that finds 100,000 of that million, against the first
floor. `BENCH_MILLION=0` leaves these two out.
"""

import os
import resource
import sys
import threading
import time
from collections.abc import Iterable
from typing import Any

from bench import _machine

TEXTS, MILLION, NAIVE, ROUNDS = 100_000, 1_000_000, 2_000, 3
READING, BARE, SLOW = 8766, 8767, 8768  # ports
TEXT = "#{이름}님, 안녕하세요. 이번 달 수업료를 안내드려요. 문의는 언제든 주세요."
# To the floor; to three bare connections; a million to ten times 100,000; MiB of the largest process; seconds; to the
# floor.
LIMITS = {"floor": 2.0, "slow": 1.5, "million": 1.2, "memory": 300.0, "quote": 1.0, "segment": 2.0}
Body = tuple[str, bytes]


def main() -> int:
    if not _machine.measurable():
        return _machine.NOT_MEASURED
    os.environ["ALIGO_BASE_URL"] = f"http://127.0.0.1:{READING}"
    os.environ["ALIGO_SANDBOX_URL"] = f"http://127.0.0.1:{SLOW}"
    with _machine.own_database("pipeline"):
        return _measure()


def _measure() -> int:
    people = {"bench": TEXTS, "slow": TEXTS}
    if os.environ.get("BENCH_MILLION") != "0":
        people["million"] = MILLION
    tenants = {name: _tenant(name, count) for name, count in people.items()}
    workers = [_machine.procfile()[name] for name in ("now", "worker", "bulk")]
    with _machine.processes(*_sinks(), *workers):
        time.sleep(12)  # workers shake hands with their broker
        ours, floor = _to_floors(tenants["bench"])
        _slow(tenants["slow"])
        if "million" in tenants:
            _segment(tenants["million"], floor)
            _million(tenants["million"], ours)
    _naive(tenants["bench"])
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    _row("largest process", f"{largest:7.0f} MiB", largest, "memory")
    return 1 if _BROKEN else 0


# --- Figures --------------------------------------------------------------------------------------------------------
def _to_floors(tenant: Any) -> tuple[float, float]:
    """Ours against the floor; the seconds of both."""
    quote = min(_quoted(tenant) for _round in range(ROUNDS))
    sent, floors = [], []
    for _round in range(ROUNDS):  # in turns: a machine that slows down for a while slows both
        _ask(READING, "/forget")
        sent += [_sent(tenant, TEXTS), _sent(tenant, TEXTS)]
        told = _ask(READING, "/taken")
        assert told["texts"] == 2 * TEXTS, "texts were lost or came twice"
        assert told["different"] == TEXTS, "not everybody got theirs"
        bodies = _bodies(tenant)
        floors.append(_floor(bodies, READING))
    (ours, first), (floor, share) = min(sent), min(floors)
    print(f"{TEXTS:,} personalised texts in {len(bodies)} batches, the best of {len(sent)} rounds")
    print(f"  floor: the same bodies in a loop to a sink that reads the forms{floor:10.2f} s    its share {share:.0%}")
    _row(f"  ours ({TEXTS / ours:,.0f} texts/s)", f"{ours:7.2f} s  {ours / floor:5.2f}x", ours / floor, "floor")
    bare, share = min(_floor(bodies, BARE) for _round in range(ROUNDS))
    print(f"  told: the same loop to a sink that parses nothing{bare:24.2f} s   {ours / bare:5.1f}x, share {share:.0%}")
    print(f"  {'first batch accepted after':<64}{first:7.2f} s")
    _row("  exact quote of all of them", f"{quote:7.2f} s", quote, "quote")
    return ours, floor


def _segment(tenant: Any, floor: float) -> None:
    """As many texts to a segment of a million: whom a rule means costs little beside sending to them."""
    from messaging.drafting import Audience

    to = Audience(segments=[_rule(tenant)])
    ours = min(_sent(tenant, TEXTS, to)[0] for _round in range(ROUNDS))
    name = f"a segment of {TEXTS:,} in {MILLION:,}, to the floor"
    _row(name, f"{ours:7.2f} s  {ours / floor:5.2f}x", ours / floor, "segment")


def _rule(tenant: Any) -> int:
    """Five conditions, of a group, a stage, a day, dues and an own column; every tenth member fits them all."""
    from django.db import connection
    from django_scopes import scope

    from members.models import Field, Group, Segment

    with scope(tenant=tenant), connection.cursor() as cursor:
        group = Group.objects.create(tenant=tenant, name="초등부", tone="blue", position=1)
        Field.objects.create(
            tenant=tenant, key="반", name="반", kind="choice", choices=["새싹반", "푸른반"], position=1
        )
        cursor.execute(
            "INSERT INTO members_membership (tenant_id, member_id, group_id) "
            "SELECT tenant_id, id, %s FROM members_member WHERE tenant_id = %s AND right(name, 1) IN ('0', '5')",
            [group.pk, tenant.pk],
        )
        cursor.execute("VACUUM ANALYZE members_membership")
        asked = [("group", "in", [group.pk]), ("stage", "in", ["active"]), ("last_visit_on", "within_last", 90),
                 ("fields.반", "in", ["새싹반"])]  # fmt: skip
        rule = [{"field": field, "op": op, "value": value} for field, op, value in asked]
        found = [*rule, {"field": "unpaid", "op": "no"}]
        return Segment.objects.create(tenant=tenant, name="수강생", rule={"all": found}).pk


def _slow(tenant: Any) -> None:
    """Answers that take 200 ms: ours against as many bare connections as a tenant has turns."""
    from messaging.services.turns import TURNS

    ours, _first = _sent(tenant, TEXTS)
    floor = _bare_connections(_bodies(tenant), TURNS)
    print(f"answers after 200 ms\n  floor: the same bodies over {TURNS} bare connections{floor:28.2f} s")
    _row("  ours", f"{ours:7.2f} s  {ours / floor:5.2f}x", ours / floor, "slow")


def _million(tenant: Any, of_100k: float) -> None:
    ours, _first = _sent(tenant, MILLION)
    ratio = ours / (10 * of_100k)
    _row(f"{MILLION:,} texts, to ten times {TEXTS:,}", f"{ours:7.2f} s  {ratio:5.2f}x", ratio, "million")


def _naive(tenant: Any) -> None:
    """The peer: NAIVE tasks of one message each, scaled."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE naive (id serial PRIMARY KEY, phone text, text text, mid text, sent_at timestamptz)"
        )
        cursor.execute(
            "INSERT INTO naive (phone, text) SELECT phone, name FROM members_member WHERE tenant_id = %s LIMIT %s",
            [tenant.pk, NAIVE],
        )
    os.environ["NAIVE_SINK"] = f"http://127.0.0.1:{BARE}"
    worker = [sys.executable, "-m", "celery", "-A", "bench._naive", "worker", "-Q", "naive", "-c", "2", "-l", "ERROR"]
    with _machine.processes(_machine.python("bench._sink", str(BARE)), worker):
        time.sleep(8)
        from bench._naive import send

        start = time.perf_counter()
        for pk in range(1, NAIVE + 1):
            send.delay(pk)
        _wait_until(lambda: _count("SELECT count(*) FROM naive WHERE mid IS NOT NULL") == NAIVE)
        took = (time.perf_counter() - start) * TEXTS / NAIVE
    print(f"{f'the naive way: a task and a /send/ a message ({NAIVE:,} measured)':<66}{took:7.0f} s for {TEXTS:,}")


_BROKEN: list[str] = []


def _row(name: str, figure: str, value: float, limit: str) -> None:
    kept = value <= LIMITS[limit]
    if not kept:
        _BROKEN.append(name)
    print(f"{name:<66}{figure}   limit {LIMITS[limit]:g} {'kept' if kept else 'BROKEN'}", flush=True)


# --- Sending --------------------------------------------------------------------------------------------------------
def _quoted(tenant: Any) -> float:
    from django_scopes import scope

    from messaging.services import compose

    with scope(tenant=tenant):
        return _machine.seconds(lambda: compose.quote(tenant=tenant, draft=_draft()))


def _sent(tenant: Any, count: int, to: Any = None) -> tuple[float, float]:
    """Seconds from submit until all are accepted, and until the first batch is."""
    from django_scopes import scope

    from messaging import selectors
    from messaging.services import compose

    with scope(tenant=tenant):
        start = time.perf_counter()
        dispatch = compose.submit(tenant=tenant, by=None, draft=_draft(to))
        first = accepted = 0.0
        while accepted < count:
            time.sleep(0.05)  # looking costs the database something too
            accepted = selectors.counts(dispatch)["accepted"] or 0
            first = first or (time.perf_counter() - start if accepted else 0)
        return time.perf_counter() - start, first


def _draft(to: Any = None) -> Any:
    from messaging.drafting import Audience, Draft

    return Draft(to=to or Audience(all=True), text=TEXT)


def _bodies(tenant: Any) -> list[Body]:
    """What the last dispatch of the tenant was posted as."""
    from django_scopes import scope

    from messaging.models import Batch, Dispatch, Message
    from messaging.providers.aligo import _send_body
    from messaging.providers.base import Outgoing
    from messaging.services import accounts

    with scope(tenant=tenant):
        account = accounts.for_provider(accounts.of(tenant))
        last = Dispatch.objects.filter(tenant=tenant).latest("pk")
        found = []
        for batch in Batch.objects.filter(dispatch=last):
            items = list(Message.objects.filter(batch=batch).values_list("phone", "text"))
            found.append(_send_body(account, Outgoing(sender=batch.sender, type=batch.type, items=items)))
        return found


def _floor(bodies: list[Body], port: int) -> tuple[float, float]:
    """Seconds of a plain loop over one keep-alive connection, and the sink's share of them."""
    _ask(port, "/forget")
    took = _machine.seconds(lambda: _post(bodies, port))
    return took, _ask(port, "/taken")["cpu"] / took


def _bare_connections(bodies: list[Body], count: int) -> float:
    threads = [threading.Thread(target=_post, args=(bodies[n::count], SLOW)) for n in range(count)]

    def run() -> None:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return _machine.seconds(run)


def _post(bodies: Iterable[Body], port: int) -> None:
    import requests

    session = requests.Session()
    session.headers["Content-Type"] = "application/x-www-form-urlencoded"
    for path, body in bodies:
        assert session.post(f"http://127.0.0.1:{port}{path}", data=body, timeout=30).json()["result_code"] == "1"


# --- The machine around it ------------------------------------------------------------------------------------------
def _sinks() -> list[list[str]]:
    sink = _machine.python("bench._sink")
    return [[*sink, str(READING), "--reads"], [*sink, str(BARE)], [*sink, str(SLOW), "--wait", "0.2"]]


def _ask(port: int, path: str) -> Any:
    import requests

    return requests.get(f"http://127.0.0.1:{port}{path}", timeout=30).json()


def _count(sql: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql)
        return int(cursor.fetchone()[0])


def _wait_until(done: Any) -> None:
    while not done():
        time.sleep(0.02)


def _tenant(name: str, members: int) -> Any:
    """A tenant with a roster; `slow` stays with the sandbox's account, whose sink answers late."""
    from django.db import connection
    from django_scopes import scope

    from accounts.models import Tenant
    from messaging.models import AligoAccount
    from messaging.services import senders

    tenant = Tenant.objects.create(name=name, slug=name)
    senders.add(tenant=tenant, by=None, number="0237890123")
    mode = "sandbox" if name == "slow" else "live"
    with scope(tenant=tenant):
        AligoAccount.objects.create(tenant=tenant, mode=mode, user_id=name, api_key="k" * 32)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO members_member
                (tenant_id, name, phone, memo, fields, last_visit_on, name_cho, tokens, created_at, updated_at)
            SELECT %s, '회원' || i, '010' || lpad((20000000 + i)::text, 8, '0'), '',
                jsonb_build_object('반', CASE i %% 2 WHEN 0 THEN '새싹반' ELSE '푸른반' END),
                current_date - (i %% 80), '', '', now(), now()
            FROM generate_series(1, %s) i
            """,
            [tenant.pk, members],
        )
        cursor.execute("ANALYZE")
    return tenant


if __name__ == "__main__":
    sys.exit(main())
