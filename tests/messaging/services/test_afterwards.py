"""What was sent again after an answer was lost: if the first had been taken after all, it is found and said."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Tenant
from messaging.models import Attempt
from messaging.services import afterwards, upkeep
from tests.messaging import driving
from tests.messaging.services.test_deliver import adds_up, send
from tests.messaging.services.test_reconcile import by_hand, lost


@pytest.fixture(autouse=True)
def _quiet_is_over(settings: Any) -> None:
    settings.RECONCILE_AFTER = 0


def sent_again(shop: Tenant, aligo: Any) -> Any:
    """Lost, absent in three looks, sent again."""
    dispatch = lost(shop, aligo, sent=False, text="모두에게 같은 글")
    for _look in range(3):
        driving.settle(shop)
    send(shop)
    assert adds_up(dispatch) == {"accepted": 3}
    return dispatch


def later(settings: Any, **span: int) -> None:
    settings.CLOCK_OFFSET = timedelta(**span).total_seconds()


def test_look_confirms_in_two_looks_what_was_never_taken(shop: Tenant, aligo: Any, settings: Any) -> None:
    sent_again(shop, aligo)
    assert not afterwards.due().exists()
    later(settings, minutes=61)

    assert afterwards.look(tenant=shop) == 0
    assert list(Attempt.objects.values_list("outcome", flat=True).order_by("number")) == ["absent", "accepted"]
    assert not afterwards.due().exists()  # until a day has passed

    later(settings, hours=25)
    assert afterwards.look(tenant=shop) == 0
    assert list(Attempt.objects.values_list("outcome", flat=True).order_by("number")) == ["confirmed", "accepted"]


def test_look_finds_what_aligo_had_taken_after_all(shop: Tenant, aligo: Any, settings: Any) -> None:
    sent_again(shop, aligo)
    first = Attempt.objects.get(outcome="absent")
    # Aligo shows it at last: the same receivers under an id that no batch has, at the time of the first attempt.
    late = by_hand(shop, ["01022220100", "01022220101", "01022220102"], "모두에게 같은 글")
    later(settings, minutes=61)

    assert afterwards.look(tenant=shop) == 1
    assert afterwards.look(tenant=shop) == 0

    first.refresh_from_db()
    assert (first.outcome, first.code) == ("doubled", late)


def test_look_while_aligo_is_away_concludes_nothing(shop: Tenant, aligo: Any, settings: Any) -> None:
    sent_again(shop, aligo)
    later(settings, minutes=61)
    settings.ALIGO_BASE_URL = "http://127.0.0.1:9"

    assert afterwards.look(tenant=shop) == 0
    assert afterwards.due().exists()


def test_watch_rings_for_it(shop: Tenant, aligo: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent_again(shop, aligo)
    rung: list[Any] = []
    monkeypatch.setattr(upkeep, "ring", lambda *args, queue: rung.append(args))
    upkeep.ring_afterwards()
    later(settings, minutes=61)
    upkeep.ring_afterwards()
    assert rung == [("messaging.look_afterwards", shop.pk)]
