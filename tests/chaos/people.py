"""Those who press send: what each asks for is written down before, so that it can be looked for afterwards."""

import random
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.chaos.opening import PASSWORD, email, member

MOMENT = "%Y-%m-%dT%H:%M:%SZ"
PATIENCE = 120  # seconds that a client goes on asking with the same key
SMALL = 10  # people; a page's send to more waits for second thoughts
LONG = " 자세한 내용은 안내 데스크로 물어봐 주세요." * 3
Person = tuple[str, str]  # phone, name


@dataclass
class Order:
    """One act of sending, by one key however often it is pressed."""

    number: int
    shop: int
    people: list[Person]
    text: str
    at: float  # seconds from the beginning
    way: str = "api"  # api, twice (a double click), page, page_twice
    roster: bool = False
    then: str = ""  # cancel, once it is stored
    wait: float = 0  # seconds until it is to leave, from the first press
    send_at: str = ""  # said at every press alike, or the key would be refused as another's
    dispatches: set[int] = field(default_factory=set)

    def text_of(self, person: Person) -> str:
        return self.text.replace("#{이름}", person[1])


def plan(dice: random.Random, shops: int, roster: int, seconds: float) -> list[Order]:
    """At least 20,000 texts: few big, some middling, many small; personalised and not; the same people again."""
    sizes = [*[900] * 10, *[800] * 8, *[dice.randint(40, 160) for _ in range(40)]]
    sizes += [dice.randint(1, 10) for _ in range(160)]
    orders = [_order(dice, n, size, shops, seconds) for n, size in enumerate(sizes)]
    everybody = [member(number) for number in range(roster)]
    for n in range(10):  # look-alikes: Aligo's list shows the same receivers for all of them
        text = f"#{{이름}}님, 모두에게 {n}" if n % 2 else f"모두에게 {n}, 같은 글"
        orders.append(Order(len(orders), n % 2, everybody, text, dice.uniform(0, seconds), roster=True))
    return sorted(orders, key=lambda order: order.at)


def _order(dice: random.Random, n: int, size: int, shops: int, seconds: float) -> Order:
    first = 10_000_000 + n * 1_000 + dice.randint(0, 50)
    # A number that ends with 0002 never gets a result at the sandbox.
    people = [(f"0102{at % 10_000_000:07d}", f"손님{at}") for at in range(first, first + size) if at % 10_000 != 2]
    text = dice.choice(["#{이름}님, 안내 %d", "여러분께 %d"]) % n + dice.choice(["", "", LONG])
    way = dice.choices(["api", "twice", "page", "page_twice"], [6, 2, 1, 1])[0] if size <= SMALL else "api"
    then = "cancel" if dice.random() < 0.06 else ""
    wait = dice.choice([0, 0, 0, 0, 5]) if way == "api" and not then else 0
    shop = dice.randrange(shops) if size <= SMALL else n % shops
    return Order(n, shop, people, text, dice.uniform(0, seconds), way, then=then, wait=wait)


class People:
    """Several who work through the orders, each when its time has come, and ask again until they are answered."""

    def __init__(self, url: str, tenants: list[dict[str, Any]], names: list[str]) -> None:
        self.url, self.tenants, self.names = url, tenants, names
        self.problems: list[str] = []
        self.double_clicks = self.asked_again = 0
        self._sessions: dict[int, requests.Session] = {}
        self._threads: list[threading.Thread] = []

    def begin(self, orders: list[Order], hands: int = 5) -> None:
        queue = iter(orders)
        lock, begun = threading.Lock(), time.monotonic()
        for shop in range(len(self.tenants)):
            self._sessions[shop] = self._signed_in(shop)
        self._threads = [
            threading.Thread(target=self._work, args=(queue, lock, begun), daemon=True) for _ in range(hands)
        ]
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Wait until every order is stored."""
        for thread in self._threads:
            thread.join(PATIENCE + 30)
        assert self.problems == [], self.problems[:5]

    def _work(self, queue: Iterator[Order], lock: threading.Lock, begun: float) -> None:
        while True:
            with lock:
                order = next(queue, None)
            if order is None:
                return
            time.sleep(max(0, begun + order.at - time.monotonic()))
            try:
                self.press(order)
                if order.then == "cancel":
                    self._until(lambda order=order: self._cancel(order))
            except Exception as error:
                self.problems.append(f"order {order.number} ({order.way}): {type(error).__name__} {error}")

    # --- Pressing -------------------------------------------------------------------------------------------------
    def press(self, order: Order) -> None:
        """Until it is stored. A double click is two calls in the same moment."""
        call = self._page if order.way.startswith("page") else self._api
        if not order.way.endswith("twice"):
            order.dispatches.add(self._until(lambda: call(order)))
            return
        self.double_clicks += 1
        found: list[int] = []
        clicks = [threading.Thread(target=lambda: found.append(self._until(lambda: call(order)))) for _ in range(2)]
        for click in clicks:
            click.start()
        for click in clicks:
            click.join()
        assert len(found) == 2, "a click was never answered"
        order.dispatches.update(found)

    def once(self, order: Order) -> float:
        """Press a single time, as somebody does who will not wait; how long the answer took."""
        begun = time.monotonic()
        found = (self._page if order.way == "page" else self._api)(order)
        assert found, f"not stored at the first press ({order.way})"
        order.dispatches.add(found)
        return time.monotonic() - begun

    def _until(self, call: Any) -> int:
        """Again and again with the same key: an answer may be lost, a server down."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if found := call():
                    return int(found)
            except requests.RequestException:
                pass
            self.asked_again += 1
            time.sleep(0.5)
        raise TimeoutError("never answered")

    def _api(self, order: Order) -> int:
        """The dispatch's id, or 0 where it is to be asked again."""
        body: dict[str, Any] = {"to": {"all": True}, "text": order.text}
        if not order.roster:
            body["to"] = {"phones": [f"{name} {phone}" for phone, name in order.people]}
        if order.wait:
            order.send_at = order.send_at or time.strftime(MOMENT, time.gmtime(time.time() + order.wait))
            body["send_at"] = order.send_at
        answer = self._call(order.shop, "dispatches", body, key=f"order-{order.number}")
        if answer.status_code == 201:
            return int(answer.json()["id"])
        assert answer.status_code >= 500 or answer.json()["error"]["code"] == "in_progress", answer.text[:300]
        return 0

    def _cancel(self, order: Order) -> bool:
        (pk,) = order.dispatches
        answer = self._call(order.shop, f"dispatches/{pk}/cancel", None)
        assert answer.status_code in (200, 409) or answer.status_code >= 500, answer.text[:300]
        return answer.status_code < 500  # 409: all of it has left already

    def _call(self, shop: int, path: str, body: dict[str, Any] | None, key: str = "") -> requests.Response:
        headers = {"Authorization": f"Bearer {self.tenants[shop]['secret']}"} | (
            {"Idempotency-Key": key} if key else {}
        )
        return requests.post(f"{self.url}/api/v1/{path}", json=body, headers=headers, timeout=30)

    # --- Pages ----------------------------------------------------------------------------------------------------
    def _page(self, order: Order) -> int:
        session = self._sessions[order.shop]
        given = {
            "key": f"order{order.number:020d}",
            "text": order.text,
            "phones": "\n".join(f"{name} {phone}" for phone, name in order.people),
            "csrfmiddlewaretoken": session.cookies["csrftoken"],
        }
        address = f"{self.url}/t/{self.tenants[order.shop]['slug']}/messages/new/submit/"
        answer = requests.post(
            address, data=given, cookies=session.cookies.get_dict(), allow_redirects=False, timeout=30
        )
        found = re.fullmatch(r".*/messages/(\d+)/", answer.headers.get("Location", ""))
        assert found or answer.status_code >= 500, f"{answer.status_code} {answer.headers.get('Location')}"
        return int(found[1]) if found else 0

    def _signed_in(self, shop: int) -> requests.Session:
        session = requests.Session()
        address = f"{self.url}/accounts/login/"
        session.get(address, timeout=30)
        given = {
            "login": email(self.names[shop]),
            "password": PASSWORD,
            "csrfmiddlewaretoken": session.cookies["csrftoken"],
        }
        answer = session.post(address, data=given, allow_redirects=False, timeout=30)
        assert answer.status_code == 302, answer.text[:500]
        return session
