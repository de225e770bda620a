"""Two at once on a database whose writers do not queue up by themselves."""

import threading
from contextlib import suppress
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django_scopes import scope

from accounts.exceptions import Refusal
from accounts.models import Tenant
from messaging.drafting import Audience
from messaging.enums import BatchState, DispatchState
from messaging.models import Batch, Dispatch, Draft
from messaging.services import compose, deliver, optouts, second_thoughts, upkeep
from tests import factories
from tests.messaging import driving
from tests.messaging.services.test_compose import draft
from tests.messaging.services.test_deliver import adds_up, one_batch, submit
from ui import times


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_cancel_while_a_batch_comes_back_leaves_nothing_queued(shop: Tenant, aligo: Any) -> None:
    dispatch = submit(shop)
    Batch.objects.filter(dispatch=dispatch).update(state=BatchState.SENDING)
    begun = threading.Event()

    def stop() -> None:
        with scope(tenant=shop):
            begun.set()
            compose.cancel(tenant=shop, by=None, dispatch=dispatch)
        connections.close_all()

    worker = threading.Thread(target=stop)
    with transaction.atomic():
        rows = Batch.objects.filter(dispatch=dispatch)
        deliver.back_to_queue(rows)  # has looked whether it was stopped; now somebody stops it
        worker.start()
        begun.wait(5)
        worker.join(0.5)
        assert worker.is_alive()  # waits for us
    worker.join(10)

    assert connection.vendor == "postgresql"
    assert one_batch(dispatch).state == BatchState.CANCELLED
    assert adds_up(dispatch) == {"cancelled": 3}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_end_with_the_same_codes() -> None:
    """The slower one waits for the faster one's rows and reads them; asking in another order is no deadlock."""
    phones = [f"010{n:08d}" for n in range(20_000_000, 20_000_040)]
    shop, found, begun = factories.make_tenant(), {}, threading.Event()

    def other() -> None:
        with scope(tenant=shop):
            begun.set()
            found.update(optouts.codes_for(tenant=shop, phones=phones[::-1]))
        connections.close_all()

    worker = threading.Thread(target=other)
    with scope(tenant=shop), transaction.atomic():
        mine = optouts.codes_for(tenant=shop, phones=phones)
        worker.start()
        assert begun.wait(10)
        worker.join(0.3)
        assert worker.is_alive() and not found  # it waits for this transaction
    worker.join(10)

    assert found == mine


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(8))
def test_undo_go_watch_and_change_at_the_same_moment(shop: Tenant, aligo: Any, _round: int) -> None:
    person = factories.make_user()
    to = Audience(members=[factories.make_member(shop).pk for _n in range(12)])
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(to=to, text="내일 쉬어요."), undo=True)
    Dispatch.objects.update(send_at=times.now(), undo_until=times.now())
    gate, started, undone = threading.Barrier(4), [], []

    def at_once(deed: Any) -> None:
        with scope(tenant=shop):
            mine = Dispatch.objects.get(pk=dispatch.pk)
            gate.wait(5)
            with suppress(Refusal):
                deed(mine)
        connections.close_all()

    deeds = [
        lambda mine: started.append(second_thoughts.start_now(tenant=shop, by=None, dispatch=mine)),
        lambda mine: undone.append(second_thoughts.undo(tenant=shop, by=person, dispatch=mine, data={"text": "내일"})),
        lambda mine: compose.change(tenant=shop, by=None, dispatch=mine, text="모레 쉬어요."),
        lambda _mine: upkeep.start_due(),
    ]
    workers = [threading.Thread(target=at_once, args=[deed]) for deed in deeds]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(10)
    driving.run_pipeline(shop)

    dispatch.refresh_from_db()
    assert len(started) == 1 and not (started[0] and undone)
    assert aligo.summary("shop")["messages"] == (0 if undone else 12) and aligo.summary("shop")["repeated"] == []
    assert dispatch.state == (DispatchState.CANCELLED if undone else DispatchState.FINISHED)
    assert Draft.objects.count() == len(undone)
