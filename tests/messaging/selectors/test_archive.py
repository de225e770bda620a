"""The archive: pages found piece by piece are the same rows as one plain look through everything."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db.models import Q
from django_scopes import scope

from accounts.models import Tenant
from messaging import selectors
from messaging.enums import BatchState, DispatchState, MessageState
from messaging.models import Batch, Dispatch, Message
from messaging.selectors import archive
from ui import times

NAMES, TEXTS = ["김민준", "이서연", "박민준", ""], ["", "내일은 쉬어요."]
MIDDLE = times.now() - timedelta(days=20)
STATES = [BatchState.DONE, BatchState.ACCEPTED, BatchState.REJECTED]


@pytest.fixture
def stored(tenant: Tenant) -> Iterator[Tenant]:
    """Sixty batches of three texts, one a day, with one text for all or a text each."""
    dice = Random(3)
    with scope(tenant=tenant):
        for number in range(60):
            _batch(tenant, dice, times.now() - timedelta(days=60 - number))
        yield tenant


def _batch(tenant: Tenant, dice: Random, at: datetime) -> None:
    dispatch = Dispatch.objects.create(tenant=tenant, text="글", sender="0237890123", state=DispatchState.FINISHED)
    Dispatch.objects.filter(pk=dispatch.pk).update(created_at=at)
    state = dice.choice(STATES)
    batch = Batch.objects.create(
        tenant=tenant,
        dispatch=dispatch,
        number=1,
        type="SMS",
        text=dice.choice(TEXTS),
        sender=dice.choice(["0237890123", "0298765432"]),
        size=3,
        state=state,
        failed_count=1 if state == BatchState.DONE else 0,
        delivered_count=2 if state == BatchState.DONE else 0,
        rejected_count=3 if state == BatchState.REJECTED else 0,
    )
    words = ["delivered", "failed", "delivered"] if state == BatchState.DONE else ["", "", ""]
    for n, word in enumerate(words):
        Message.objects.create(
            tenant=tenant,
            dispatch=dispatch,
            batch=batch,
            name=dice.choice(NAMES),
            phone=f"0101000{dice.choice(['1234', '0000', '9934'])[:3]}{n}",
            text="" if batch.text else dice.choice(["수업료 37,000원", "내일 쉬어요?", "50% 할인"]),
            state=word,
        )


ASKED: list[dict[str, Any]] = [
    {},
    {"person": "민준"},
    {"person": "없는이"},
    {"phone": "1230"},
    {"phone": "01010001231"},
    {"phone": "31"},
    {"text": "쉬어요"},
    {"text": "50%"},
    {"text": "어디에도 없는 말"},
    {"sender": "02-9876-5432"},
    {"state": MessageState.FAILED},
    {"state": MessageState.REJECTED},
    {"state": BatchState.ACCEPTED},
    {"state": "nonsense"},
    {"since": MIDDLE, "person": "민준"},
    {"until": MIDDLE, "text": "쉬어요", "state": "delivered"},
]


def plainly(tenant: Tenant, asked: dict[str, Any]) -> list[int]:
    """The same by one look at every row."""
    found = Message.objects.filter(tenant=tenant)
    digits = asked.get("phone", "")
    found = found.filter(phone=digits) if len(digits) >= 10 else found.filter(phone__endswith=digits)
    found = found.filter(name__contains=asked.get("person", ""))
    if text := asked.get("text"):
        found = found.filter(Q(text__contains=text) | Q(text="", batch__text__contains=text))
    if sender := asked.get("sender"):
        found = found.filter(batch__sender=sender.replace("-", ""))
    if state := asked.get("state"):
        found = found.filter(Q(state=state) | Q(state="", batch__state=state))
    if since := asked.get("since"):
        found = found.filter(dispatch__created_at__gte=since)
    if until := asked.get("until"):
        found = found.filter(dispatch__created_at__lt=until)
    return list(found.order_by("-batch_id", "-id").values_list("pk", flat=True))


@pytest.mark.parametrize("asked", ASKED, ids=map(repr, range(len(ASKED))))
@pytest.mark.parametrize("look", [7, 40, 10_000])
def test_pages_forth_and_back_are_all_of_it(
    stored: Tenant, asked: dict[str, Any], look: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "LOOK", look)
    monkeypatch.setattr(archive, "FIRST", 2)
    search = selectors.search_messages(stored, **asked)
    wanted = plainly(stored, asked)

    forth, last = walked(search, "", "following")
    back, _first = walked(search, last, "previous")

    assert forth == wanted
    assert sorted(back) == sorted(wanted)
    assert sorted(search.rows().values_list("pk", flat=True)) == sorted(wanted)


def walked(search: archive.Archive, cursor: str, direction: str) -> tuple[list[int], str]:
    """Ids of all pages from this cursor on, and the last cursor used."""
    ids: list[int] = []
    for _n in range(500):
        page = search.page(cursor, size=4)
        ids += [row.pk for row in page.rows]
        if not getattr(page, direction):
            return ids, cursor
        cursor = getattr(page, direction)
    raise AssertionError("no end")


def test_page_that_ended_early_says_how_far_it_looked(stored: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "LOOK", 30)
    page = selectors.search_messages(stored, text="어디에도 없는 말").page()

    assert page.rows == [] and page.following.startswith("b")
    assert page.looked_to is not None and page.looked_to < times.now() - timedelta(days=9)


def test_page_of_everything_says_nothing_of_how_far(stored: Tenant) -> None:
    page = selectors.search_messages(stored, text="어디에도 없는 말").page()

    assert page.rows == [] and not page.following and page.looked_to is None


@pytest.mark.parametrize("cursor", ["n", "x5", "n-1", "n99999999999999999999", "n1٣"])
def test_page_of_an_unreadable_cursor_is_the_first(stored: Tenant, cursor: str) -> None:
    search = selectors.search_messages(stored)

    assert [row.pk for row in search.page(cursor).rows] == [row.pk for row in search.page().rows]
