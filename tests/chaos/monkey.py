"""What goes wrong in a chaos run, and when: written down before by one dice, so that a seed tells the whole storm."""

import heapq
import itertools
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import psycopg2
import redis
from celery import Celery
from kombu.exceptions import OperationalError

from tests.chaos.children import listens, until
from tests.chaos.people import Order, People
from tests.chaos.stage import ALIGO_TIMEOUT, PAUSE, RECONCILE_AFTER, Stage

LATE = ALIGO_TIMEOUT + 1
LAG = RECONCILE_AFTER / 2
# The answer is lost or unreadable, whether the batch was taken or not.
LOST = [
    "drop", "reset", "cut", "html", "empty", "truncated", "server_error", "bad_gateway", "unavailable", "redirect",
    "no_msg_id", "zero_success", "slow", "late",
]  # fmt: skip
ELSEWHERE = ["html", "empty", "truncated", "bad_gateway", "drop"]  # when Aligo is asked instead of sent to
TAKEN = ["list_lag", "partial_error"]
REFUSED = ["balance_out", "ip_removed", "unusable"]
# Each must have happened in a run, by the beginning of its name.
MUST = [
    "worker killed", "die at", "pause at deliver.looked", "worker paused", "web process killed", "beat killed",
    "task doubled", "broker wiped", "Redis stopped", "send pressed without Redis", "PostgreSQL restarted",
    "Aligo refusing", "IP removed", "balance out", *(f"Aligo: {fault}" for fault in LOST), "Aligo: list_lag",
]  # fmt: skip


class Monkey:
    """`storm` lets everything happen that the dice said; `count` tells how often each thing did."""

    def __init__(self, stage: Stage, people: People, dice: random.Random, *, charged: int, moved: int) -> None:
        self.stage, self.people, self.dice = stage, people, dice
        self.charged, self.moved = charged, moved  # shops: whose money runs out, whose address Aligo forgets
        self.count: Counter[str] = Counter()
        self.ordered: Counter[str] = Counter()
        self.waiting: list[dict[str, Any]] = []  # orders that Aligo forgot when it closed
        self.presses: list[Order] = []
        self.slowest_press = 0.0
        self._agenda: list[tuple[float, int, Callable[[], object]]] = []
        self._numbers = itertools.count()
        self._serial = itertools.count(5_000)
        self.tasks = Celery("chaos", broker=stage.redis.url, set_as_current=False)

    # --- When -----------------------------------------------------------------------------------------------------
    def plan(self, seconds: float) -> None:
        """Lay down what happens from now on. What leaves a key in progress for a minute comes early."""
        deeds = {
            self.kill_worker: (14, 1),
            self.kill_web: (3, 0.4),
            self.kill_beat: (2, 1),
            self.pause_worker: (3, 0.8),
            self.wipe_broker: (4, 1),
            self.press_without_redis: (4, 1),
            self.restart_postgres: (3, 0.5),
            self.close_aligo: (3, 0.9),
            self.double_tasks: (14, 1),
            self.order_lag: (10, 0.9),
            self.order_elsewhere: (10, 0.9),
            self.order_refusal: (6, 0.9),
        }
        for deed, (times, part) in deeds.items():
            for _time in range(times):
                self.at(self.dice.uniform(2, seconds * part), deed)
        losses = [(fault, taken) for fault in LOST for taken in (True, False)]
        for fault, taken in [*losses, *self.dice.sample(losses, 14)]:
            self.at(self.dice.uniform(2, seconds * 0.9), partial(self.order_loss, fault, taken))
        self.at(seconds * 0.25, self.remove_address)
        self.at(seconds * 0.6, self.restore_address)
        self.at(seconds * 0.8, self.charge)

    def at(self, seconds: float, deed: Callable[[], object]) -> None:
        heapq.heappush(self._agenda, (time.monotonic() + seconds, next(self._numbers), deed))

    def encore(self, seconds: float) -> None:
        """Points where no worker has died yet: texts whose fate nobody knows, and workers armed for just these."""
        end = time.monotonic() + seconds
        while self.stage.missing and time.monotonic() < end:
            for worker in self.stage.workers.values():
                if self.stage.is_harmless(worker):
                    worker.end()
            # By several: the turns of those whose workers die are taken again after a lease only.
            for shop in self.dice.sample([0, 1, 5, 6, 7], 4):
                self._order(*self.dice.choice([("reset", False), ("reset", True), ("balance_out", True)]))
                self.press("api", shop)
            self.at(6, self.stage.tend)
            self.run()

    def run(self) -> None:
        """Do what is due and keep everything running, until nothing is planned any more."""
        while self._agenda:
            while self._agenda and self._agenda[0][0] <= time.monotonic():
                heapq.heappop(self._agenda)[2]()
            self.stage.tend()
            time.sleep(0.05)

    def calm(self) -> None:
        """The storm is over: nothing is ordered any more, and every worker starts anew without arms."""
        self.close_aligo()
        self.waiting.clear()
        self.run()
        self.stage.armed = False
        for worker in self.stage.workers.values():
            worker.end()
        self.count["worker killed at random"] += len(self.stage.workers)
        self.stage.tend()
        self.count += self.stage.died

    # --- Our own processes ----------------------------------------------------------------------------------------
    def missed(self) -> list[str]:
        """Kinds of faults that never happened."""
        return [kind for kind in MUST if not any(name.startswith(kind) for name in self.count)]

    def kill_worker(self) -> None:
        worker = self.dice.choice(list(self.stage.workers.values()))
        if worker.alive and not worker.frozen:
            worker.end()
            self.count["worker killed at random"] += 1

    def kill_web(self) -> None:
        if pids := self.stage.web.children():
            os.kill(self.dice.choice(pids), signal.SIGKILL)
            self.count["web process killed"] += 1

    def kill_beat(self) -> None:
        self.dice.choice(self.stage.beats).end()
        self.count["beat killed"] += 1

    def pause_worker(self) -> None:
        """For longer than its lease; whatever it was doing, it goes on with afterwards."""
        worker = self.dice.choice([self.stage.workers["worker1"], self.stage.workers["worker2"]])
        if not worker.alive or worker.frozen or any(one.frozen for one in self.stage.workers.values()):
            return
        worker.freeze(PAUSE)
        self.count["worker paused past its lease"] += 1

    def double_tasks(self) -> None:
        """The same task twice: of a turn that is under way, of a dispatch, of a tenant, of the watch."""
        with suppress(psycopg2.Error, OperationalError):  # a server is down just now
            tasks = self._tasks()
            for name, args, queue in self.dice.sample(tasks, min(4, len(tasks))):
                for _twice in range(2):
                    self.tasks.send_task(name, args=args, queue=queue, retry=False)
                self.count["task doubled"] += 1

    def _tasks(self) -> list[tuple[str, list[Any], str]]:
        with psycopg2.connect(self.stage.postgres.url, connect_timeout=3) as connection, connection.cursor() as cursor:
            cursor.execute("SELECT tenant_id, lane, slot, token FROM messaging_turn")
            found: list[tuple[str, list[Any], str]] = [
                ("messaging.results" if row[1] == "results" else "messaging.deliver", list(row), row[1])
                for row in cursor.fetchall()
            ]
            cursor.execute("SELECT tenant_id, id FROM messaging_dispatch ORDER BY id DESC LIMIT 20")
            found += [("messaging.prepare", list(row), "bulk") for row in cursor.fetchall()]
        connection.close()
        for tenant in self.stage.tenants:
            found += [(name, [tenant["tenant"]], "results") for name in ("messaging.reconcile", "messaging.probe")]
        return [*found, ("messaging.upkeep", [], "upkeep"), ("messaging.upkeep", [], "upkeep")]

    # --- Servers --------------------------------------------------------------------------------------------------
    def wipe_broker(self) -> None:
        with suppress(redis.RedisError):
            self.stage.redis.wipe()
            self.count["broker wiped"] += 1

    def restart_postgres(self) -> None:
        self.stage.postgres.crash()
        self.count["PostgreSQL restarted"] += 1

    def press_without_redis(self) -> None:
        """A person presses send while Redis is down, and is answered within two seconds."""
        self._open_redis()
        until(self.stage.web_answers, 30, "the web answers")
        self.stage.redis.stop()
        self.count["Redis stopped"] += 1
        seconds = self.press("page" if self.count["Redis stopped"] % 2 else "api")
        self.slowest_press = max(self.slowest_press, seconds)
        self.count["send pressed without Redis"] += 1
        self.at(1.5, self._open_redis)

    def press(self, way: str, shop: int = 0) -> float:
        number = next(self._serial)
        order = Order(number, shop, [(f"0104{number:07d}", "손님")], f"따로 보낸 글 {number}", 0, way)
        self.presses.append(order)
        return self.people.once(order)

    def _open_redis(self) -> None:
        if not listens(self.stage.redis.port):  # two presses in a row
            self.stage.redis.start()

    # --- Aligo ----------------------------------------------------------------------------------------------------
    def close_aligo(self) -> None:
        """Nobody takes connections there for a while."""
        if not listens(self.stage.aligo_port):
            return
        self._settle_orders()
        self.stage.aligo.end(signal.SIGTERM)
        self.count["Aligo refusing connections"] += 1
        self.at(2, self._open_aligo)

    def _open_aligo(self) -> None:
        self.stage.aligo.start()
        until(lambda: listens(self.stage.aligo_port), 15, "the sandbox listens again", every=0.02)
        again, self.waiting = self.waiting, []
        for order in again:
            self._order(**order)

    def _settle_orders(self) -> None:
        """Count what was ordered and has been met; what has not is ordered anew when Aligo is open again."""
        left = self.stage.look("faults")["ordered"]
        self.waiting = [{name: order[name] for name in _ORDERED} for order in left]
        self.count += self.ordered - Counter(_word(order) for order in left)
        self.ordered.clear()

    def _order(self, fault: str, accept: bool = True, **how: Any) -> None:
        order = {"fault": fault, "accept": accept, **how}
        try:
            self.stage.control("faults", **order)
        except OSError:  # closed just now
            self.at(1, lambda: self._order(**order))
        else:
            self.ordered[_word(order)] += 1

    def order_loss(self, fault: str, taken: bool) -> None:
        self._order(fault, accept=taken, seconds=LATE)

    def order_lag(self) -> None:
        self._order(self.dice.choice(TAKEN), seconds=LAG, count=2)

    def order_elsewhere(self) -> None:
        self._order(self.dice.choice(ELSEWHERE), endpoint=self.dice.choice(["list", "sms_list", "remain"]))

    def order_refusal(self) -> None:
        self._order(self.dice.choice(REFUSED))

    def empty_purses(self, *purses: tuple[int, float]) -> None:
        """Money for a part of what they will send."""
        for shop, won in purses:
            self._account(shop, "balance out half-way", won=won)

    def remove_address(self) -> None:
        self._account(self.moved, "IP removed", ips=["203.0.113.9"])

    def restore_address(self) -> None:
        self._account(self.moved, "")

    def charge(self) -> None:
        self._account(self.charged, "")

    def _account(self, shop: int, word: str, **changes: object) -> None:
        """Later, where Aligo is closed just now."""
        try:
            self.stage.account(self.stage.names[shop], **changes)  # type: ignore[arg-type]
            self.count.update([word] if word else [])
        except OSError:
            self.at(0.5, lambda: self._account(shop, word, **changes))


_ORDERED = ("fault", "accept", "seconds", "count", "endpoint")


def _word(order: dict[str, Any]) -> str:
    place = f" at /{order['endpoint']}/" if order.get("endpoint") else ""
    return f"Aligo: {order['fault']}{place}{'' if order.get('accept', True) else ', not taken'}"
