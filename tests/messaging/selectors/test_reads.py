"""Counts, progress, history and the archive: exact, few queries, nothing of the neighbour."""

from typing import Any

import pytest
from django_scopes import scope

from accounts.models import Tenant
from members.models import Contact, Member
from members.timeline import events
from messaging import selectors
from messaging.drafting import Audience, Draft
from messaging.models import Dispatch
from messaging.services import compose, deliver, prepare
from tests import factories
from tests.messaging.driving import run_pipeline
from tests.messaging.services.conftest import aligo, shop  # noqa: F401
from ui import times


def sent(tenant: Tenant, phones: list[tuple[str, str]], text: str = "#{이름|회원}님") -> Any:
    draft = Draft(to=Audience(phones=phones), text=text)
    dispatch = compose.submit(tenant=tenant, by=None, draft=draft)
    run_pipeline(tenant)
    dispatch.refresh_from_db()
    return dispatch


def test_counts_of_many_is_one_query(shop: Tenant, django_assert_num_queries: Any) -> None:  # noqa: F811
    found = [sent(shop, [("01011112223", ""), ("01011110000", "")]) for _ in range(3)]

    with django_assert_num_queries(1):
        counts = selectors.counts_of(found)

    assert [counts[d.pk]["delivered"] for d in found] == [1, 1, 1]
    assert [counts[d.pk]["failed"] for d in found] == [1, 1, 1]


def test_counts_before_preparing_has_no_total(shop: Tenant) -> None:  # noqa: F811
    draft = Draft(to=Audience(phones=[("01011112223", "")]), text="글")
    dispatch = compose.submit(tenant=shop, by=None, draft=draft)

    assert selectors.counts(dispatch) == dict.fromkeys(
        ("queued", "sending", "accepted", "unknown", "delivered", "failed", "no_result", "rejected", "expired"), 0
    ) | {"total": None, "cancelled": 0, "excluded": 0}


def test_progress_while_sending(shop: Tenant) -> None:  # noqa: F811
    phones = [(f"0102{n:07d}", "이름") for n in range(3, 1003)]
    dispatch = compose.submit(tenant=shop, by=None, draft=Draft(to=Audience(phones=phones), text="#{이름}"))
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    deliver.send_next(tenant=shop, small=False)
    dispatch.refresh_from_db()

    progress = selectors.progress(dispatch, selectors.counts(dispatch))

    assert (progress.done, progress.total, progress.rate, progress.percent) == (500, 1000, 500, 50)
    assert progress.eta is not None


def test_messages_by_state_and_excluded(shop: Tenant) -> None:  # noqa: F811
    dispatch = sent(shop, [("01011112223", "가"), ("01011110000", "나"), ("1", "다")])

    assert [m.phone for m in selectors.messages(dispatch, "failed")] == ["01011110000"]
    assert [m.full_text for m in selectors.messages(dispatch, "delivered")] == ["가님"]
    assert [(e.name, e.reason) for e in selectors.excluded(dispatch)] == [("다", "bad_number")]
    assert selectors.excluded_counts(dispatch) == {"bad_number": 1}


def test_history_is_by_member_and_by_number(shop: Tenant) -> None:  # noqa: F811
    sent(shop, [("01011112223", "")], "처음")
    member = factories.make_member(shop, "김민준", "01011112223")
    sent(shop, [("01011112223", "")], "나중")
    type(member).objects.filter(pk=member.pk).update(phone="01011119999")
    member.refresh_from_db()

    assert [m.full_text for m in selectors.history(shop, member)] == ["나중"]
    member.phone = "01011112223"
    assert [m.full_text for m in selectors.history(shop, member)] == ["나중", "처음"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 2),
        ({"q": "민준"}, 1),
        ({"q": "2223"}, 1),
        ({"q": "010-1111-2223"}, 1),
        ({"phone": "01011112224"}, 1),
        ({"text": "수업"}, 2),
        ({"text": "민준님"}, 1),
        ({"sender": "02-3789-0123"}, 2),
        ({"sender": "0299999999"}, 0),
        ({"state": "delivered"}, 2),
        ({"state": "unknown"}, 0),
        ({"state": "nonsense"}, 0),
    ],
)
def test_search_messages(shop: Tenant, asked: dict[str, str], found: int) -> None:  # noqa: F811
    sent(shop, [("01011112223", "김민준"), ("01011112224", "이서연")], "#{이름}님 수업")

    assert selectors.search_messages(shop, **asked).rows().count() == found


def test_reads_see_nothing_of_the_neighbour(shop: Tenant, neighbour: Tenant) -> None:  # noqa: F811
    dispatch = sent(shop, [("01011112223", "")])
    member = factories.make_member(neighbour, "남", "01011112223")

    with scope(tenant=neighbour):
        assert not selectors.dispatches(neighbour).exists()
        assert not selectors.search_messages(neighbour).rows().exists()
        assert not selectors.history(neighbour, member).exists()
        assert not selectors.messages(dispatch).exists()


@pytest.mark.parametrize(
    "reason",
    ["bad_number", "no_subscriber", "other", "no_result", "rejected", "expired", "cancelled", "opted_out", "?"],
)
def test_failure_words_say_what_and_what_next(reason: str) -> None:
    what, then = selectors.failure_words(reason)

    assert str(what).endswith("요.")
    assert str(then).endswith("요.")


def test_what_a_member_was_sent_is_the_same_in_history_and_stream(shop: Tenant) -> None:  # noqa: F811
    first, second, other = (factories.make_member(shop, name) for name in ("지우", "지호", "민준"))
    for one in (first, second, other):
        Contact.objects.create(tenant=shop, member=one, role="mother", phone="01077770004")
    old = factories.make_member(shop, "옛지호")
    for to, text in (
        (Audience(members=[first.pk, second.pk], via="mother"), "#{이름} 안내"),
        (Audience(members=[other.pk], via="mother"), "남의 안내"),
        (Audience(members=[old.pk]), "합치기 전"),
    ):
        compose.submit(tenant=shop, by=None, draft=Draft(to=to, text=text))
    run_pipeline(shop)
    Member.objects.filter(pk=old.pk).update(merged_into=second, deleted_at=times.now())
    Dispatch.objects.filter(text="합치기 전").update(mode="sandbox")

    history = [row.full_text for row in selectors.history(shop, second)]
    stream = list(events(shop, second, None, ids=[second.pk, old.pk], kinds={"text"}).events)

    assert sorted(history) == ["지우, 지호 안내", "합치기 전"] == sorted(event.remark for event in stream)
    assert {event.remark: "연습" in event.title for event in stream} == {"지우, 지호 안내": False, "합치기 전": True}
    assert not any("같은 번호" in event.title for event in stream)


def test_a_text_that_was_dropped_because_of_payment_asks_nothing_of_anybody() -> None:
    what, then = selectors.failure_words("paid")

    assert "회비" in what and "다시 보내" not in then
