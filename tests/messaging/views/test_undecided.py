"""확인이 필요한 문자: ours beside Aligo's, three ways to decide, each with its risk said."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import AuditEvent, Tenant
from messaging.enums import BatchState, DispatchState
from messaging.models import Batch, Dispatch
from messaging.services import compose, reconcile
from tests.conftest import sign_in
from tests.messaging import driving
from tests.messaging.views.conftest import finish
from tests.messaging.views.test_dispatches import of, send
from ui import times

URL = "/t/hanbit/messages/undecided/"


@pytest.fixture
def unknown(as_owner: Client, shop: Tenant, people: Any, sandbox: Any) -> Batch:
    """A batch whose answer was lost."""
    send(shop, "내일은 쉬어요.")
    sandbox.fault("drop", times=1)
    finish(shop)
    with scope(tenant=shop):
        return Batch.objects.get(state=BatchState.UNKNOWN)


@pytest.fixture
def undecided(unknown: Batch, shop: Tenant) -> Batch:
    """Twice in Aligo's list: only a person can say which is ours."""
    listed = [
        {"id": n, "type": "SMS", "count": 3, "text": f"내일은 쉬어요. {n}", "at": times.now().isoformat()}
        for n in ("900001", "900002")
    ]
    with scope(tenant=shop):
        Batch.objects.filter(pk=unknown.pk).update(undecided_at=times.now(), listed=listed)
    return unknown


def now(batch: Batch) -> Batch:
    with scope(tenant=batch.tenant):
        return Batch.objects.get(pk=batch.pk)


def decide(client: Client, batch: Batch, word: str, **more: str) -> Any:
    said = {"word": word, "attempt": str(now(batch).attempts)} | more
    return client.post(f"{URL}{batch.pk}/decide/", said, follow=True)


def test_page_without_any_says_that_all_is_known(as_owner: Client, shop: Tenant) -> None:
    assert "확인할 문자가 없어요" in as_owner.get(URL).content.decode()


def test_page_shows_ours_beside_aligos_with_masked_receivers(as_owner: Client, undecided: Batch) -> None:
    page = as_owner.get(URL).content.decode()
    people = as_owner.get(f"{URL}{undecided.pk}/people/").content.decode()

    assert page.count("이것이 우리 문자예요") == 2 and "900001" in page and "내일은 쉬어요. 900002" in page
    assert "두 번</b> 받아요" in page and "한 번도</b> 받지 못해요" in page
    assert "김하늘" in people and "010-20••-1111" in people and "01020001111" not in page + people


def test_page_lists_what_is_still_looked_for(as_owner: Client, unknown: Batch) -> None:
    page = as_owner.get(URL).content.decode()

    assert "알리고 목록과 맞춰 보는 중" in page and "이것이 우리 문자예요" not in page


def test_page_of_a_text_that_differs_shows_the_first_ones(
    as_owner: Client, shop: Tenant, people: Any, sandbox: Any
) -> None:
    send(shop, "#{이름} 님, 내일 쉬어요.")
    sandbox.fault("drop", times=1)
    finish(shop)
    with scope(tenant=shop):
        Batch.objects.filter(state=BatchState.UNKNOWN).update(undecided_at=times.now())

    page = as_owner.get(URL).content.decode()

    assert "김하늘 님, 내일 쉬어요." in page and "사람마다 내용이 달라요" in page
    assert "알리고 목록에서 같은 문자를 찾지 못했어요" in page


def test_this_one_adopts_the_id_and_asks_for_results(as_owner: Client, undecided: Batch, sandbox: Any) -> None:
    decide(as_owner, undecided, "this", provider_id="900002")

    row = now(undecided)
    assert (row.state, row.provider_id, row.undecided_at) == (BatchState.ACCEPTED, "900002", None)
    assert row.poll_at is not None
    assert len(sandbox.summary()["repeated"]) == 0


def test_this_one_must_stand_in_aligos_list(as_owner: Client, undecided: Batch) -> None:
    for word, chosen in (("this", "123"), ("this", ""), ("perhaps", "900001"), ("", "")):
        decide(as_owner, undecided, word, provider_id=chosen)

    assert now(undecided).state == BatchState.UNKNOWN


def test_id_that_another_batch_has_is_offered_no_more_and_refused(as_owner: Client, undecided: Batch) -> None:
    with scope(tenant=undecided.tenant):
        other = Batch.objects.get(pk=undecided.pk)
        other.pk, other.number, other.state, other.provider_id = None, 99, BatchState.ACCEPTED, "900001"
        other.save()

    page = as_owner.get(URL).content.decode()
    with scope(tenant=undecided.tenant), pytest.raises(reconcile.no.TakenMeanwhile):
        reconcile.decide(tenant=undecided.tenant, by=None, batch=undecided, attempt=1, sent=True, provider_id="900001")

    assert "900002" in page and "900001" not in page
    assert now(undecided).state == BatchState.UNKNOWN


def test_sent_closes_it_without_sending_again(as_owner: Client, undecided: Batch, sandbox: Any) -> None:
    page = decide(as_owner, undecided, "sent").content.decode()
    again = decide(as_owner, undecided, "sent").content.decode()
    finish(undecided.tenant)

    assert "보낸 것으로 정했어요" in page and "이미 확인이 끝난" in again
    assert of(undecided.dispatch).state == DispatchState.FINISHED
    assert sandbox.summary()["repeated"] == []
    with scope(tenant=undecided.tenant):
        assert AuditEvent.objects.filter(kind="batch.decided").count() == 1


def test_not_sent_goes_out_once_more(as_owner: Client, undecided: Batch, sandbox: Any) -> None:
    decide(as_owner, undecided, "again")
    driving.calm(undecided.tenant)
    finish(undecided.tenant)

    with scope(tenant=undecided.tenant):
        batch = Batch.objects.get(pk=undecided.pk)
    assert batch.delivered_count == 3 and batch.attempts == 2


def test_not_sent_of_a_cancelled_dispatch_says_that_it_stays(as_owner: Client, undecided: Batch) -> None:
    with scope(tenant=undecided.tenant):
        dispatch = Dispatch.objects.get(pk=undecided.dispatch_id)
        compose.cancel(tenant=undecided.tenant, by=None, dispatch=dispatch)
    page = as_owner.get(URL).content.decode()

    decide(as_owner, undecided, "again")

    assert "취소한 발송이라 다시 보내지는 않아요" in page
    assert now(undecided).state == BatchState.CANCELLED


def test_look_again_rings_once_in_a_while(as_owner: Client, unknown: Batch, monkeypatch: Any) -> None:
    rung: list[Any] = []
    monkeypatch.setattr("messaging.services.asking.ring", lambda *args, **_options: rung.append(args))
    with scope(tenant=unknown.tenant):
        Batch.objects.update(looked_at=times.now() - timedelta(minutes=1))

    first = as_owner.post(f"{URL}look/", follow=True).content.decode()
    second = as_owner.post(f"{URL}look/", follow=True).content.decode()

    assert rung == [("messaging.reconcile", unknown.tenant_id)]
    assert "목록을 다시 보고 있어요" in first and "load delay:4s" in first and "방금 알리고 목록을 봤어요" in second


def test_dispatch_page_leads_there(as_owner: Client, undecided: Batch) -> None:
    page = as_owner.get(f"/t/hanbit/messages/{undecided.dispatch_id}/").content.decode()

    assert f"{URL}#batch-{undecided.pk}" in page and "비교하고 정하기" in page
    assert "<b>0</b> / 3건 보냄" in page and "3건은 보냈는지 확인 중" in page


def test_deciding_is_closed_to_viewers_and_neighbours(viewer: Client, neighbour_owner: Any, undecided: Batch) -> None:
    assert viewer.get(URL).status_code == 200
    assert f"{URL}{undecided.pk}/decide/" not in viewer.get(URL).content.decode()
    assert decide(viewer, undecided, "sent").status_code == 403
    stranger = sign_in(neighbour_owner)
    assert stranger.post(f"/t/neighbour/messages/undecided/{undecided.pk}/decide/", {"word": "sent"}).status_code == 404
    assert now(undecided).state == BatchState.UNKNOWN


def test_what_aligo_lists_twice_comes_here_by_itself(as_owner: Client, shop: Tenant, people: Any, sandbox: Any) -> None:
    """The same words to the same people twice: Aligo shows two, and one of them is nobody's."""
    send(shop, "내일은 쉬어요.")
    finish(shop)
    with scope(tenant=shop):
        Batch.objects.update(provider_id="")
    second = send(shop, "내일은 쉬어요.")
    sandbox.fault("drop", times=1)
    finish(shop)

    driving.settle(shop)

    page = as_owner.get(URL).content.decode()
    assert page.count("이것이 우리 문자예요") == 2 and "3명 모두 같아요" in page
    assert of(second).state == DispatchState.SENDING
