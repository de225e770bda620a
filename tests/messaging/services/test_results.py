"""What became of each text: the ladder, odd words, silence, a second worker."""

from datetime import timedelta
from typing import Any

import pytest

from accounts import notify
from accounts.models import Notice, Tenant
from messaging import selectors
from messaging.enums import BatchState, DispatchState
from messaging.models import AligoAccount, Batch, Message, ProviderWord
from messaging.services import results, words
from tests import factories
from tests.messaging import driving
from tests.messaging.services.test_deliver import adds_up, one_batch, send, submit
from ui import times


def accepted(tenant: Tenant, **fields: Any) -> Any:
    dispatch = submit(tenant, **fields)
    send(tenant)
    driving.results_due(tenant)
    return dispatch


def test_collect_next_writes_results_and_finishes(shop: Tenant, aligo: Any) -> None:
    dispatch = accepted(shop)

    assert results.collect_next(tenant=shop) is True
    assert results.collect_next(tenant=shop) is False

    dispatch.refresh_from_db()
    assert (dispatch.state, adds_up(dispatch)) == (DispatchState.FINISHED, {"delivered": 3})
    batch = one_batch(dispatch)
    assert (batch.state, batch.poll_at) == (BatchState.DONE, None)
    assert set(Message.objects.values_list("provider_state", flat=True)) == {"발송완료"}


def test_collect_next_keeps_an_unknown_word_and_asks_again(shop: Tenant, aligo: Any) -> None:
    aligo.fault("result_word", word="처음 보는 말")
    dispatch = accepted(shop)

    results.collect_next(tenant=shop)

    assert adds_up(dispatch) == {"accepted": 3}
    assert set(Message.objects.values_list("state", "provider_state")) == {("", "처음 보는 말")}
    aligo.deliver("발송완료")
    driving.results_due(shop)
    results.collect_next(tenant=shop)
    assert adds_up(dispatch) == {"delivered": 3}


def test_collect_next_after_80_hours_is_no_result_and_never_success(shop: Tenant, aligo: Any) -> None:
    aligo.switch(result_seconds=10**7)
    dispatch = accepted(shop)
    Batch.objects.update(accepted_at=times.now() - timedelta(hours=80, minutes=1))

    results.collect_next(tenant=shop)

    dispatch.refresh_from_db()
    assert (dispatch.state, adds_up(dispatch)) == (DispatchState.FINISHED, {"no_result": 3})
    assert {m.effective_reason for m in selectors.messages(dispatch, "no_result")} == {"no_result"}


def test_collect_next_gives_up_after_80_hours_even_if_nobody_answers(shop: Tenant, aligo: Any, settings: Any) -> None:
    dispatch = accepted(shop)
    Batch.objects.update(accepted_at=times.now() - timedelta(hours=81))
    settings.ALIGO_BASE_URL = "http://127.0.0.1:9"

    results.collect_next(tenant=shop)

    assert adds_up(dispatch) == {"no_result": 3}


def test_collect_next_of_a_dead_aligo_asks_later(shop: Tenant, aligo: Any, settings: Any) -> None:
    dispatch = accepted(shop)
    settings.ALIGO_BASE_URL = "http://127.0.0.1:9"

    results.collect_next(tenant=shop)

    batch = one_batch(dispatch)
    assert (batch.state, batch.polls) == (BatchState.ACCEPTED, 0)
    assert batch.poll_at > times.now()


def test_next_poll_climbs_the_ladder(settings: Any) -> None:
    settings.RESULT_POLL_SECONDS = 60
    start = times.now()
    batch = Batch(accepted_at=start)

    minutes = [round((results.next_poll(batch, n) - start).total_seconds() / 60) for n in range(1, 7)]

    assert minutes == [3, 10, 30, 60, 60, 60]


def test_next_poll_after_a_standstill_is_no_burst(settings: Any) -> None:
    settings.RESULT_POLL_SECONDS = 60
    batch = Batch(accepted_at=times.now() - timedelta(hours=5))

    assert results.next_poll(batch, 1) > times.now() + timedelta(seconds=50)


def test_write_twice_counts_once(shop: Tenant, aligo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dispatch = accepted(shop)
    batch = one_batch(dispatch)
    rows = results.provider.results(results.accounts.for_provider(results.accounts.of(shop)), batch.provider_id)

    results.write(batch=batch, rows=rows)
    results.write(batch=batch, rows=rows)

    assert adds_up(dispatch) == {"delivered": 3}


@pytest.mark.parametrize("point", ["results.answered", "results.written"])
def test_collect_next_killed_anywhere_can_be_repeated(
    shop: Tenant, aligo: Any, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    dispatch = accepted(shop)
    driving.killed_at(monkeypatch, point)
    with pytest.raises(driving.Killed):
        results.collect_next(tenant=shop)
    assert adds_up(dispatch) == {"accepted": 3}

    driving.results_due(shop)
    results.collect_next(tenant=shop)

    assert adds_up(dispatch) == {"delivered": 3}


def test_collect_next_asks_the_account_it_was_sent_with(shop: Tenant, aligo: Any) -> None:
    dispatch = accepted(shop)
    batch = one_batch(dispatch)
    AligoAccount.objects.update(user_id="another", api_key="z" * 32)

    results.collect_next(tenant=shop)

    batch.refresh_from_db()
    assert (batch.state, batch.polls) == (BatchState.ACCEPTED, 0)


def test_unknown_word_is_counted_and_told_to_the_operators_once(
    shop: Tenant, aligo: Any, mailoutbox: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    operator = factories.make_tenant(is_operator=True)
    owner = factories.make_staff(operator)
    aligo.fault("result_word", word="스팸차단")
    accepted(shop)

    results.collect_next(tenant=shop)
    driving.results_due(shop)
    results.collect_next(tenant=shop)

    word = ProviderWord.objects.get()
    assert (word.word, word.seen_count) == ("스팸차단", 3)
    with driving.scope(tenant=operator):
        notice = Notice.objects.get()
        assert (notice.to, notice.kind) == (owner.user.email, "unknown_word")
        notify.deliver(tenant=operator, notice=notice.pk)
    assert "스팸차단" in mailoutbox[0].body


def test_unknown_word_seen_again_later_is_counted_again(shop: Tenant, aligo: Any) -> None:
    words.note(word="스팸차단", count=3)
    ProviderWord.objects.update(last_at=times.now() - timedelta(hours=2))

    words.note(word="스팸차단", count=2)
    words.note(word="스팸차단", count=2)  # the same batch asked again a minute later

    assert ProviderWord.objects.get().seen_count == 5
