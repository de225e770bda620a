"""Undecided batches for programs: ours beside Aligo's, and a person's word passed on."""

from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts.enums import Scope
from accounts.models import AuditEvent, Tenant
from messaging.enums import BatchState, DispatchState
from messaging.models import Batch
from tests import factories
from tests.messaging import driving
from tests.messaging.views.conftest import finish, group, people, sandbox, shop  # noqa: F401
from tests.messaging.views.test_dispatches import of, send
from ui import times

URL = "/api/v1/undecided"


@pytest.fixture
def unknown(shop: Tenant, people: Any, sandbox: Any) -> Batch:  # noqa: F811
    send(shop, "#{이름} 님, 내일은 쉬어요.")
    sandbox.fault("drop", times=1)
    finish(shop)
    with scope(tenant=shop):
        return Batch.objects.get(state=BatchState.UNKNOWN)


@pytest.fixture
def undecided(unknown: Batch) -> Batch:
    listed = [{"id": "900001", "type": "SMS", "count": 3, "text": "내일은", "at": "2026-03-02T10:00:00+09:00"}]
    with scope(tenant=unknown.tenant):
        Batch.objects.filter(pk=unknown.pk).update(undecided_at=times.now(), listed=listed)
    return unknown


def now(batch: Batch) -> Batch:
    with scope(tenant=batch.tenant):
        return Batch.objects.get(pk=batch.pk)


def decide(client: Client, batch: Batch, **said: Any) -> Any:
    said = {"attempt": now(batch).attempts} | said
    return client.post(f"{URL}/{batch.pk}/decide", data=said, content_type="application/json")


def test_list_shows_ours_beside_aligos(api: Client, undecided: Batch) -> None:
    body = api.get(URL).json()

    assert body["count"] == 1
    row = body["results"][0]
    assert (row["id"], row["dispatch"], row["recipients"]) == (undecided.pk, undecided.dispatch_id, 3)
    assert row["text"] == "김하늘 님, 내일은 쉬어요." and row["stays"] == ""
    at = row["listed"][0].pop("at")
    assert row["listed"] == [{"id": "900001", "type": "SMS", "count": 3, "text": "내일은"}]
    assert at.startswith("2026-03-02T10:00")


def test_list_leaves_out_what_is_still_looked_for(api: Client, unknown: Batch) -> None:
    assert api.get(URL).json()["results"] == []


def test_this_one_adopts_the_id(api: Client, undecided: Batch) -> None:
    assert decide(api, undecided, word="this", provider_id="900001").status_code == 204

    assert (now(undecided).state, now(undecided).provider_id) == (BatchState.ACCEPTED, "900001")


def test_sent_is_said_once(api: Client, undecided: Batch, sandbox: Any) -> None:  # noqa: F811
    first, second = decide(api, undecided, word="sent"), decide(api, undecided, word="sent")
    finish(undecided.tenant)

    assert first.status_code == 204 and second.json()["error"]["code"] == "not_unknown"
    assert of(undecided.dispatch).state == DispatchState.FINISHED and sandbox.summary()["repeated"] == []
    with scope(tenant=undecided.tenant):
        assert AuditEvent.objects.filter(kind="batch.decided").count() == 1


def test_again_leaves_once_more(api: Client, undecided: Batch) -> None:
    decide(api, undecided, word="again")
    driving.calm(undecided.tenant)
    finish(undecided.tenant)

    assert (now(undecided).delivered_count, now(undecided).attempts) == (3, 2)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"word": "perhaps"}, "word"),
        ({}, "word"),
        ({"word": "this"}, "provider_id"),
        ({"word": "this", "provider_id": "1"}, "provider_id"),
        ({"word": "sent", "sure": True}, "sure"),
        ({"word": "sent", "provider_id": "900001"}, "provider_id"),
        ({"word": "again", "attempt": None}, "attempt"),
    ],
)
def test_a_word_that_is_none_changes_nothing(api: Client, undecided: Batch, said: dict[str, Any], field: str) -> None:
    answer = decide(api, undecided, **said)

    assert answer.status_code == 422 and field in answer.json()["error"]["fields"]
    assert now(undecided).state == BatchState.UNKNOWN


def test_the_same_word_says_nothing_of_a_later_try(api: Client, undecided: Batch, sandbox: Any) -> None:  # noqa: F811
    decide(api, undecided, word="again", attempt=1)
    driving.calm(undecided.tenant)
    sandbox.fault("drop", times=1)
    finish(undecided.tenant)
    with scope(tenant=undecided.tenant):
        assert Batch.objects.filter(pk=undecided.pk, state=BatchState.UNKNOWN).update(undecided_at=times.now()) == 1

    late = decide(api, undecided, word="again", attempt=1)

    assert (late.status_code, late.json()["error"]["code"]) == (409, "decided_meanwhile")
    assert (now(undecided).state, now(undecided).attempts) == (BatchState.UNKNOWN, 2)


def test_what_aligos_list_may_still_settle_is_nobodys_to_decide(api: Client, unknown: Batch) -> None:
    assert decide(api, unknown, word="again").json()["error"]["code"] == "still_looking"
    assert now(unknown).state == BatchState.UNKNOWN


def test_cancelled_stays(api: Client, undecided: Batch) -> None:
    api.post(f"/api/v1/dispatches/{undecided.dispatch_id}/cancel")

    assert api.get(URL).json()["results"][0]["stays"] == "cancelled"


def test_look_again_once_in_a_while(api: Client, unknown: Batch) -> None:
    with scope(tenant=unknown.tenant):
        Batch.objects.update(looked_at=None)

    assert api.post(f"{URL}/look").status_code == 202
    assert api.post(f"{URL}/look").json()["error"]["code"] == "looked_just_now"


def test_look_where_all_is_known(api: Client, shop: Tenant) -> None:  # noqa: F811
    assert api.post(f"{URL}/look").json()["error"]["code"] == "nothing_unknown"


def test_neighbour_and_reader_decide_nothing(api: Client, undecided: Batch, neighbour: Tenant) -> None:
    _key, theirs = factories.make_key(neighbour)
    _key, reading = factories.make_key(undecided.tenant, Scope.MESSAGES_READ)
    stranger = Client(headers={"Authorization": f"Bearer {theirs}"})
    reader = Client(headers={"Authorization": f"Bearer {reading}"})

    assert stranger.get(URL).json()["results"] == []
    assert decide(stranger, undecided, word="again").status_code == 404
    assert reader.get(URL).json()["count"] == 1
    assert decide(reader, undecided, word="again").status_code == 403
    assert now(undecided).state == BatchState.UNKNOWN
