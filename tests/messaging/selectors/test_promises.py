"""The week's figures of the promise: what was handed over, twice, and what is in doubt."""

from datetime import timedelta
from typing import Any

from accounts.models import Tenant
from messaging.models import Attempt, Batch
from messaging.selectors import promises
from tests.messaging import driving
from tests.messaging.services.conftest import aligo, shop  # noqa: F401
from tests.messaging.services.test_deliver import send, submit
from ui import times


def test_kept_counts_the_week_and_what_went_twice(shop: Tenant, aligo: Any) -> None:  # noqa: F811
    sent = submit(shop)
    send(shop)
    aligo.fault("drop")
    submit(shop, text="대답이 없는 글")
    send(shop)
    assert promises.kept(shop) == promises.Promise(sent=3, doubled=0, unknown=3)

    Attempt.objects.filter(batch__dispatch=sent).update(outcome="doubled", ended_at=times.now())
    assert promises.kept(shop).doubled == 3

    Batch.objects.update(accepted_at=times.now() - timedelta(days=8))
    assert promises.kept(shop).sent == 0


def test_kept_of_the_neighbour_is_empty(shop: Tenant, neighbour: Tenant, aligo: Any) -> None:  # noqa: F811
    submit(shop)
    send(shop)
    with driving.scope(tenant=neighbour):
        assert promises.kept(neighbour) == promises.Promise(0, 0, 0)
