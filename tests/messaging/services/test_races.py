"""Two at once on a database whose writers do not queue up by themselves."""

import threading
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django_scopes import scope

from accounts.models import Tenant
from messaging.enums import BatchState
from messaging.models import Batch
from messaging.services import compose, deliver, optouts
from tests import factories
from tests.messaging.services.test_deliver import adds_up, one_batch, submit


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
