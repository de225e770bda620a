"""After the storm: what was asked for, what Aligo's look-alike took, and what we say, text by text. Ids only."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import psycopg2
import requests

from tests.chaos.people import Order
from tests.chaos.stage import Stage

Text = tuple[str, str, str]  # account, phone, text
_FATES = {"0000": "failed", "0001": "failed"}  # by the number's end, as the sandbox has it
_WORDS = {"발/착신 번호 에러": "failed", "발송완료": "delivered"}
_OURS = """
    SELECT m.id, m.dispatch_id, a.user_id, m.phone, coalesce(nullif(m.text, ''), b.text),
           coalesce(nullif(m.state, ''), b.state)
    FROM messaging_message m JOIN messaging_batch b ON b.id = m.batch_id
    JOIN messaging_aligoaccount a ON a.tenant_id = m.tenant_id
"""
_BUSY = """
    SELECT (SELECT count(*) FROM messaging_batch b JOIN messaging_dispatch d ON d.id = b.dispatch_id
            WHERE b.state IN ('queued', 'sending', 'accepted', 'unknown')
            AND (b.state <> 'queued' OR (d.state, d.held_reason) <> ('held', 'balance')))
         + (SELECT count(*) FROM messaging_dispatch WHERE state IN ('scheduled', 'preparing', 'sending'))
"""


@dataclass
class Verdict:
    """`wrong` is empty where all is true."""

    texts: int = 0
    batches: int = 0
    states: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def say(self, kind: str, ids: Iterable[Any]) -> None:
        """Something is wrong with these: a line each, at most thirty of a kind."""
        found = sorted(map(str, ids))
        self.wrong += [f"{kind}: {one}" for one in found[:30]]
        if len(found) > 30:
            self.wrong.append(f"{kind}: and {len(found) - 30} more")


def rows(stage: Stage, sql: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(stage.postgres.url, connect_timeout=5)
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()
    finally:
        connection.close()


def is_busy(stage: Stage) -> int:
    """How much is under way, without what waits for money."""
    return int(rows(stage, _BUSY)[0][0])


def judge(stage: Stage, orders: list[Order], held: int) -> Verdict:
    """`held` is the shop that nobody charged."""
    verdict = Verdict()
    ours = rows(stage, _OURS)
    sent = stage.look("sent")
    verdict.texts, verdict.batches = sent["messages"], sent["batches"]
    verdict.states.update(row[5] for row in ours)
    _stored_once(verdict, stage, orders, ours)
    _once_and_true(verdict, ours, sent["rows"])
    _ended(verdict, stage, orders, held, ours)
    _adds_up(verdict, stage, orders, ours)
    return verdict


def _stored_once(verdict: Verdict, stage: Stage, orders: list[Order], ours: list[tuple[Any, ...]]) -> None:
    """A dispatch an order, whose messages are exactly the order's people."""
    verdict.say("order stored more than once", [o.number for o in orders if len(o.dispatches) != 1])
    known = {pk for order in orders for pk in order.dispatches}
    verdict.say(
        "dispatch nobody asked for", {row[0] for row in rows(stage, "SELECT id FROM messaging_dispatch")} - known
    )
    texts: dict[int, Counter[tuple[str, str]]] = {}
    for _pk, dispatch, _account, phone, text, _state in ours:
        texts.setdefault(dispatch, Counter())[phone, text] += 1
    for order in orders:
        wanted = Counter((person[0], order.text_of(person)) for person in order.people)
        for dispatch in order.dispatches:
            found = texts.get(dispatch, Counter[tuple[str, str]]())
            if found != wanted and not (order.then == "cancel" and not found - wanted):
                verdict.say("messages of another audience", [f"order {order.number}, dispatch {dispatch}"])


def _once_and_true(verdict: Verdict, ours: list[tuple[Any, ...]], sent: list[dict[str, Any]]) -> None:
    """No text twice; what we call delivered or failed was taken and fared so; what we call unsent was not taken."""
    taken = Counter[Text]()
    fates: dict[Text, str] = {}
    for row in sent:
        text = (row["user_id"], row["receiver"], row["text"])
        taken[text] += 1
        fates[text] = _WORDS[row["word"]] if row["word"] else _FATES.get(row["receiver"][-4:], "delivered")
    lost, twice, untrue = [], [], []
    for pk, dispatch, account, phone, text, state in ours:
        times = taken.pop((account, phone, text), 0)
        name = f"message {pk} of dispatch {dispatch} ({state})"
        if times > 1:
            twice.append(f"{name}, {times} times")
        elif state in ("delivered", "failed") and not times:
            lost.append(name)
        elif times and state != fates[account, phone, text]:
            untrue.append(f"{name}, at Aligo {fates[account, phone, text]}")
    verdict.say("lost: called sent, never taken", lost)
    verdict.say("TWICE", twice)
    verdict.say("untrue state", untrue)
    verdict.say(
        "taken, but no message of ours",
        [f"{row['mid']}/{row['mdid']}" for row in sent if (row["user_id"], row["receiver"], row["text"]) in taken],
    )


def _ended(verdict: Verdict, stage: Stage, orders: list[Order], held: int, ours: list[tuple[Any, ...]]) -> None:
    """All was sent, but what a person stopped and what waits for money."""
    states = {
        pk: (state, reason)
        for pk, state, reason in rows(stage, "SELECT id, state, held_reason FROM messaging_dispatch")
    }
    shops = {pk: order for order in orders for pk in order.dispatches}
    for pk, dispatch, _account, _phone, _text, state in ours:
        order = shops.get(dispatch)
        may = {"delivered", "failed"}
        if order and order.then == "cancel":
            may.add("cancelled")
        if order and order.shop == held and states[dispatch] == ("held", "balance"):
            may.add("queued")
        if state not in may:
            verdict.say("never sent", [f"message {pk} of dispatch {dispatch} ({state}, {states[dispatch]})"])
    ends = Counter(state for state, _reason in states.values())
    verdict.states.update({f"dispatch {name}": count for name, count in ends.items()})
    waiting = {shops[pk].shop for pk, (state, _reason) in states.items() if state == "held" and pk in shops}
    if waiting != {held}:
        verdict.say("held shops are", [waiting])


def _adds_up(verdict: Verdict, stage: Stage, orders: list[Order], ours: list[tuple[Any, ...]]) -> None:
    """The counts that the API tells of every dispatch."""
    states: dict[int, Counter[str]] = {}
    for row in ours:
        states.setdefault(row[1], Counter())[row[5]] += 1
    for order in orders:
        for pk in order.dispatches:
            counts = _told(stage, order.shop, pk)["counts"]
            total, told = counts.pop("total"), +Counter({n: c for n, c in counts.items() if n != "excluded"})
            if told != states.get(pk, Counter()) or total != told.total():
                verdict.say(
                    "counts don't add up", [f"dispatch {pk}: total {total}, told {told}, found {states.get(pk)}"]
                )


def _told(stage: Stage, shop: int, pk: int) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {stage.tenants[shop]['secret']}"}
    answer = requests.get(f"{stage.url}/api/v1/dispatches/{pk}", headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text[:300]
    return answer.json()  # type: ignore[no-any-return]
