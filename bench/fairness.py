"""A single text of one tenant while another's 100,000 are under way, from the API call to the sink; then with that
other tenant's Aligo stalled; and scheduled ones, from their time to the sink. Web, workers and beat as the Procfile
starts them. Fails above one second (95th percentile); what is due has two seconds and UPKEEP_SECONDS.
"""

import os
import sys
import time
from typing import Any

from bench import _machine

TEXTS, SINGLES, DUE, EVERY = 100_000, 50, 30, 0.2
SINK, WEB = 8770, 8771  # ports
LIMIT = 1.0


def main() -> int:
    if not _machine.measurable():
        return _machine.NOT_MEASURED
    os.environ.update({"ALIGO_BASE_URL": f"http://127.0.0.1:{SINK}", "PORT": str(WEB), "ALIGO_TIMEOUT": "30"})
    os.environ["SITE_URL"] = f"http://localhost:{WEB}"
    with _machine.own_database("fairness"):
        return _measure()


def _measure() -> int:
    big, _key = _tenant("big", TEXTS)
    _small, key = _tenant("small", 0)
    commands = [_machine.procfile()[name] for name in ("web", "now", "worker", "bulk", "beat")]
    with _machine.processes(_machine.python("bench._fairness_sink", str(SINK)), *commands):
        time.sleep(15)  # workers shake hands with their broker
        alone = _singles(key, "alone")
        _submit(big)
        _wait_until(lambda: _accepted(big) > 0)
        beside = _singles(key, "beside")
        assert 0 < _accepted(big) < TEXTS, "the big one was over before the singles were"
        _ask("/stall")
        _wait_until(lambda: _ask("/taken")["hanging"] >= 3)
        stalled = _singles(key, "stalled")
        due = _scheduled(key)
    rows = {
        "with nobody else": alone,
        f"beside {TEXTS:,} of a neighbour": beside,
        "the neighbour's Aligo stalled": stalled,
    }
    broken = [_row(f"a single text, {name}", times, LIMIT) for name, times in rows.items()]
    from django.conf import settings

    return max(*broken, _row("a scheduled text, the same, from its time", due, settings.UPKEEP_SECONDS + 2))


def _row(name: str, times: list[float], limit: float) -> int:
    worst = _machine.p95(times)
    kept = worst <= limit
    print(
        f"{name:<52}p50 {sorted(times)[len(times) // 2] * 1000:5.0f} ms   p95 {worst * 1000:5.0f} ms   "
        f"limit {limit:g} s {'kept' if kept else 'BROKEN'}"
    )
    return 0 if kept else 1


def _singles(key: str, word: str) -> list[float]:
    """Seconds from each call until the sink had its text."""
    import requests

    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {key}"
    began: dict[str, float] = {}
    for n in range(SINGLES):
        text = f"{word} {n}"
        began[text] = time.monotonic()
        body = {"to": {"phones": [f"0103456{n:04d}"]}, "text": text}
        answer = session.post(f"http://localhost:{WEB}/api/v1/dispatches", json=body, timeout=30)
        assert answer.status_code == 201, answer.text
        time.sleep(EVERY)
    _wait_until(lambda: set(began) <= set(_ask("/taken")["arrived"]))
    arrived = _ask("/taken")["arrived"]
    return [arrived[text] - start for text, start in began.items()]


def _scheduled(key: str) -> list[float]:
    """Seconds from the time of each scheduled text until the sink had it."""
    from datetime import UTC, datetime

    import requests

    start = time.time() + 10
    due = {f"due {n}": start + n * 0.7 for n in range(DUE)}  # all over the watch's ticks
    for n, (text, at) in enumerate(due.items()):
        when = datetime.fromtimestamp(at, UTC).isoformat()
        body = {"to": {"phones": [f"0104567{n:04d}"]}, "text": text, "send_at": when}
        headers = {"Authorization": f"Bearer {key}"}
        answer = requests.post(f"http://localhost:{WEB}/api/v1/dispatches", json=body, headers=headers, timeout=30)
        assert answer.status_code == 201, answer.text
    _wait_until(lambda: set(due) <= set(_ask("/taken")["arrived"]))
    arrived, apart = _ask("/taken")["arrived"], time.time() - time.monotonic()
    return [arrived[text] + apart - at for text, at in due.items()]


def _submit(tenant: Any) -> None:
    from django_scopes import scope

    from messaging.drafting import Audience, Draft
    from messaging.services import compose

    with scope(tenant=tenant):
        compose.submit(tenant=tenant, by=None, draft=Draft(to=Audience(all=True), text="#{이름}님, 안녕하세요."))


def _accepted(tenant: Any) -> int:
    from django_scopes import scope

    from messaging import selectors
    from messaging.models import Dispatch

    with scope(tenant=tenant):
        return selectors.counts(Dispatch.objects.get(tenant=tenant))["accepted"] or 0


def _ask(path: str) -> Any:
    import requests

    return requests.get(f"http://127.0.0.1:{SINK}{path}", timeout=10).json()


def _wait_until(done: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it does not come to pass"
        time.sleep(0.05)


def _tenant(name: str, members: int) -> tuple[Any, str]:
    """A tenant with a live account and a key to its API."""
    from django.db import connection
    from django_scopes import scope

    from accounts.enums import Scope
    from accounts.models import Tenant
    from accounts.services import keys
    from messaging.services import accounts, senders

    tenant = Tenant.objects.create(name=name, slug=name)
    senders.add(tenant=tenant, by=None, number="0237890123")
    accounts.install(tenant=tenant, by=None, user_id=name, api_key="k" * 32)
    with scope(tenant=tenant):
        _row, secret = keys.create(tenant=tenant, by=None, name="bench", scopes=list(Scope.values))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO members_member
                (tenant_id, name, phone, memo, fields, name_cho, tokens, created_at, updated_at)
            SELECT %s, '회원' || i, '010' || lpad((20000000 + i)::text, 8, '0'), '', '{}', '', '', now(), now()
            FROM generate_series(1, %s) i
            """,
            [tenant.pk, members],
        )
        cursor.execute("ANALYZE")
    return tenant, secret


if __name__ == "__main__":
    sys.exit(main())
