"""What became of each text: the ladder, odd words, silence, a second worker."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import notify
from accounts.models import Notice, Tenant
from messaging import selectors
from messaging.enums import BatchState, DispatchState
from messaging.models import AligoAccount, Batch, Message, ProviderWord
from messaging.providers.base import FailureReason, Fate, Outcome
from messaging.services import recording, results, words
from messaging.services.recording import Answer
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

    write(batch, rows)
    write(batch, rows)

    assert adds_up(dispatch) == {"delivered": 3}


def told(fates: dict[str, Fate]) -> dict[Fate, list[str]]:
    """An answer that tells these fates of these phones."""
    return {fate: [phone for phone, one in fates.items() if one == fate] for fate in fates.values()}


def write(batch: Batch, rows: dict[Fate, list[str]]) -> bool:
    """Write one answer; whether the batch ended."""
    recording.write(answers=[Answer(batch, rows, next_at=times.now())])
    return Batch.objects.filter(pk=batch.pk, state=BatchState.DONE).exists()


ARRIVED = Fate(Outcome.DELIVERED, "발송완료", None)
NOBODYS = Fate(Outcome.FAILED, "가입자없음", FailureReason.NO_SUBSCRIBER)
PENDING = Fate(Outcome.PENDING, "전송중", None)
PHONES = ["01022220100", "01022220101", "01022220102"]


def test_write_of_a_whole_batch_reads_no_message(shop: Tenant, aligo: Any) -> None:
    dispatch = accepted(shop)
    batch = one_batch(dispatch)
    rows = told({PHONES[0]: ARRIVED, PHONES[1]: NOBODYS, PHONES[2]: ARRIVED})

    with CaptureQueriesContext(connection) as asked:
        assert write(batch, rows)

    texts = [query["sql"] for query in asked if "messaging_message" in query["sql"]]
    assert [sql.split()[0] for sql in texts] == ["UPDATE", "UPDATE"]
    assert adds_up(dispatch) == {"delivered": 2, "failed": 1}
    failed = Message.objects.get(state="failed")
    assert (failed.phone, failed.reason, failed.provider_state) == (PHONES[1], "no_subscriber", "가입자없음")
    assert failed.result_at is not None


def test_write_of_whole_batches_keeps_their_fates_apart(shop: Tenant, aligo: Any) -> None:
    one, other = accepted(shop, text="하나"), accepted(shop, text="둘")
    fates = [dict.fromkeys(PHONES, ARRIVED) | {PHONES[0]: NOBODYS}, dict.fromkeys(PHONES, NOBODYS)]

    recording.write(
        answers=[
            Answer(one_batch(dispatch), told(fate), next_at=times.now())
            for dispatch, fate in zip([one, other], fates, strict=True)
        ]
    )

    assert (adds_up(one), adds_up(other)) == ({"delivered": 2, "failed": 1}, {"failed": 3})
    assert {one.state, other.state} == {DispatchState.FINISHED}


def test_write_beside_another_worker_s_round_writes_the_others(shop: Tenant, aligo: Any) -> None:
    one, other = accepted(shop, text="하나"), accepted(shop, text="둘")
    answers = [
        Answer(one_batch(dispatch), told(dict.fromkeys(PHONES, ARRIVED)), next_at=times.now())
        for dispatch in (one, other)
    ]
    Batch.objects.filter(dispatch=one).update(polls=1)  # written meanwhile

    recording.write(answers=answers)

    assert (adds_up(one), adds_up(other)) == ({"accepted": 3}, {"delivered": 3})


def test_write_of_some_and_then_of_all(shop: Tenant, aligo: Any) -> None:
    dispatch = accepted(shop)
    batch = one_batch(dispatch)

    early = told({PHONES[0]: NOBODYS, PHONES[1]: PENDING, PHONES[2]: PENDING})
    assert not write(batch, early)
    batch.refresh_from_db()
    assert (adds_up(dispatch), batch.polls) == ({"failed": 1, "accepted": 2}, 1)

    late = told({PHONES[0]: NOBODYS, PHONES[1]: ARRIVED, PHONES[2]: ARRIVED})
    assert write(batch, late)
    assert adds_up(dispatch) == {"failed": 1, "delivered": 2}


@pytest.mark.parametrize("stranger", ["01099999999", PHONES[0]], ids=["a stranger", "one twice"])
def test_write_of_others_than_its_receivers_leaves_the_rest_open(shop: Tenant, aligo: Any, stranger: str) -> None:
    dispatch = accepted(shop)
    batch = one_batch(dispatch)

    assert not write(batch, {ARRIVED: [PHONES[0], PHONES[1], stranger]})

    assert adds_up(dispatch) == {"delivered": 2, "accepted": 1}


def test_write_where_a_message_is_not_open_any_more_trusts_no_sum(shop: Tenant, aligo: Any) -> None:
    dispatch = accepted(shop)
    batch = one_batch(dispatch)
    Message.objects.filter(phone=PHONES[2]).update(state="failed", reason="other")  # by whom is not known
    Batch.objects.update(failed_count=1)

    write(batch, told(dict.fromkeys(PHONES, ARRIVED)))

    assert adds_up(dispatch) == {"delivered": 2, "failed": 1}


def test_collect_next_asks_a_portion_and_leaves_the_rest_due(
    shop: Tenant, aligo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatches = [accepted(shop, text=f"{n}번째 글") for n in range(4)]
    monkeypatch.setattr(results, "PORTION", 3)

    results.collect_next(tenant=shop)
    done = [adds_up(dispatch) for dispatch in dispatches]

    assert done.count({"delivered": 3}) == 3 and done.count({"accepted": 3}) == 1
    assert results.collect_next(tenant=shop) is True and results.collect_next(tenant=shop) is False


def test_collect_next_gives_back_what_it_has_no_time_for(
    shop: Tenant, aligo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatches = [accepted(shop, text=f"{n}번째 글") for n in range(3)]
    monkeypatch.setattr(results, "SLICE", -1.0)

    results.collect_next(tenant=shop)

    assert [adds_up(dispatch) for dispatch in dispatches].count({"delivered": 3}) == 1
    assert Batch.objects.filter(state=BatchState.ACCEPTED, poll_at__lte=times.now()).count() == 2


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
