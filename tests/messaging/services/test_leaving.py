"""Whom a batch may still reach, and when, asked again in the moment that it is claimed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Tenant
from members.models import Member
from members.services import consents
from messaging import selectors
from messaging.drafting import Audience, Draft
from messaging.enums import DispatchState, HoldReason
from messaging.models import Batch, Dispatch, Message
from messaging.services import compose, deliver, holds, optouts, policies, prepare, upkeep
from tests import factories
from tests.messaging import driving
from ui import times

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clock(settings: Any) -> Callable[[str], datetime]:
    def at(hour_minute: str, days: int = 1) -> datetime:
        hour, minute = map(int, hour_minute.split(":"))
        settings.CLOCK_OFFSET = 0
        moment = times.seoul(times.now() + timedelta(days=days))
        moment = moment.replace(hour=hour, minute=minute, second=0, microsecond=0)
        settings.CLOCK_OFFSET = (moment - times.now()).total_seconds()
        return moment

    return at


@pytest.fixture
def people(shop: Tenant) -> list[Member]:
    """Two who agreed to ads at night too, one to ads."""
    agreed = times.now() - timedelta(days=30)
    return [
        factories.make_member(shop, "밤하나", "01022220001", ad_consent_at=agreed, night_consent_at=agreed),
        factories.make_member(shop, "밤둘", "01022220002", ad_consent_at=agreed, night_consent_at=agreed),
        factories.make_member(shop, "낮", "01022220003", ad_consent_at=agreed),
    ]


def submit(shop: Tenant, *, ad: bool = True, **fields: Any) -> Dispatch:
    draft = Draft(**{"to": Audience(all=True), "text": "#{이름}님, 소식이에요", "ad": ad} | fields)
    dispatch = compose.submit(tenant=shop, by=None, draft=draft)
    prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)
    return dispatch


def send(shop: Tenant) -> None:
    for _n in range(20):
        if not deliver.send_next(tenant=shop, small=True):
            return
    raise AssertionError("sending does not end")


def states(dispatch: Dispatch) -> dict[str, str]:
    """phone → effective state, with the reason where there is one."""
    rows = selectors.messages(dispatch)
    return {row.phone[-1]: f"{row.effective_state} {row.effective_reason}".strip() for row in rows}


# --- Consent and refusal (AD1, AD3) -----------------------------------------------------------------------------------
def test_ad1_consent_taken_back_after_preparing_is_obeyed(
    shop: Tenant, aligo: Any, people: list[Member], clock: Any
) -> None:
    clock("12:00")
    dispatch = submit(shop)
    consents.record(tenant=shop, by=None, member=people[0], kind="ad", given=False, source="전화")

    send(shop)

    assert states(dispatch) == {"1": "cancelled no_consent", "2": "accepted", "3": "accepted"}
    assert {row["receiver"][-1] for row in aligo.sent("shop")} == {"2", "3"}


def test_ad3_refusal_of_ads_after_preparing_is_obeyed_and_notices_still_come(
    shop: Tenant, aligo: Any, people: list[Member], clock: Any
) -> None:
    clock("12:00")
    dispatch, notice = submit(shop), submit(shop, ad=False, text="휴관 안내예요")
    optouts.opt_out(tenant=shop, by=None, phone="01022220001", scope="ads")

    send(shop)

    assert states(dispatch)["1"] == "cancelled opted_out"
    assert states(notice)["1"] == "accepted"


def test_ad3_refusal_of_somebody_who_shares_the_phone_is_obeyed(
    shop: Tenant, aligo: Any, people: list[Member], clock: Any
) -> None:
    clock("12:00")
    sibling = factories.make_member(shop, "동생", "01022220002")
    dispatch = submit(shop)
    consents.record(tenant=shop, by=None, member=sibling, kind="ad", given=False, source="창구")

    send(shop)
    assert states(dispatch)["2"] == "cancelled opted_out"

    again = submit(shop)  # and when the next one is prepared
    assert "2" not in states(again)


def test_ad_to_pasted_numbers_goes_to_nobody(shop: Tenant, people: list[Member]) -> None:
    quote = compose.quote(tenant=shop, draft=Draft(to=Audience(phones=[("01099990000", "")]), text="소식", ad=True))
    assert (quote.recipients, quote.excluded) == (0, {"no_consent": 1})


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(hours=2)])
def test_members_who_left_after_it_was_prepared_are_dropped(
    shop: Tenant, aligo: Any, people: list[Member], ago: timedelta
) -> None:
    dispatch = submit(shop, ad=False)
    Dispatch.objects.update(prepared_at=times.now() - ago)
    Member.objects.filter(pk=people[2].pk).update(deleted_at=times.now())

    send(shop)

    assert states(dispatch) == {"1": "accepted", "2": "accepted", "3": "cancelled gone"}


def test_all_left_cancels_the_batch_and_finishes(shop: Tenant, aligo: Any, people: list[Member]) -> None:
    dispatch = submit(shop, ad=False)
    for member in people:
        optouts.opt_out(tenant=shop, by=None, phone=member.phone)

    send(shop)

    dispatch.refresh_from_db()
    assert (dispatch.state, selectors.counts(dispatch)["cancelled"]) == (DispatchState.FINISHED, 3)
    assert aligo.sent("shop") == []


# --- Night (AD4) ------------------------------------------------------------------------------------------------------
def test_ad4_at_night_only_those_who_agreed_to_nights_get_it_and_the_others_at_eight(
    shop: Tenant, aligo: Any, people: list[Member], clock: Any
) -> None:
    clock("20:40")
    dispatch = submit(shop)
    clock("22:30")

    send(shop)
    assert states(dispatch) == {"1": "accepted", "2": "accepted", "3": "queued"}

    clock("08:00", days=2)
    send(shop)
    assert states(dispatch)["3"] == "accepted"


def test_ad4_night_consent_taken_back_makes_its_batch_wait(
    shop: Tenant, aligo: Any, people: list[Member], clock: Any
) -> None:
    clock("20:40")
    dispatch = submit(shop)
    consents.record(tenant=shop, by=None, member=people[0], kind="night", given=False, source="전화")
    clock("22:30")

    send(shop)

    assert set(states(dispatch).values()) == {"queued"}
    assert aligo.sent("shop") == []


def test_ad4_last_call_is_ten_minutes_before_nine(shop: Tenant, aligo: Any, people: list[Member], clock: Any) -> None:
    clock("20:49")
    dispatch = submit(shop)
    clock("20:50")

    send(shop)

    assert states(dispatch)["3"] == "queued"


def test_notices_leave_at_night(shop: Tenant, aligo: Any, people: list[Member], clock: Any) -> None:
    clock("23:30")
    dispatch = submit(shop, ad=False)
    send(shop)
    assert set(states(dispatch).values()) == {"accepted"}


def test_watch_starts_no_turns_for_ads_that_wait_for_the_day(
    shop: Tenant, aligo: Any, people: list[Member], clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    Member.objects.update(night_consent_at=None)
    clock("20:40")
    submit(shop)
    clock("22:30")
    with driving.bells(monkeypatch) as bells:
        upkeep.upkeep()
        assert "messaging.deliver" not in bells.names()
        clock("08:01", days=2)
        upkeep.upkeep()
        assert "messaging.deliver" in bells.names()


# --- The tenant-wide stop ---------------------------------------------------------------------------------------------
def test_stop_holds_what_waits_and_go_on_lets_it_leave_once(shop: Tenant, aligo: Any, people: list[Member]) -> None:
    dispatch = submit(shop, ad=False)
    policies.stop_all(tenant=shop, by=None)
    policies.stop_all(tenant=shop, by=None)

    send(shop)
    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.held_reason, aligo.sent("shop")) == ("held", HoldReason.STOPPED, [])

    policies.go_on(tenant=shop, by=None)
    policies.go_on(tenant=shop, by=None)
    send(shop)
    assert [row["receiver"][-1] for row in aligo.sent("shop")] == ["1", "2", "3"]


def test_stop_holds_what_is_written_and_what_is_due_afterwards(
    shop: Tenant, aligo: Any, people: list[Member], clock: Any
) -> None:
    noon = clock("12:00")
    scheduled = compose.submit(
        tenant=shop, by=None, draft=Draft(to=Audience(all=True), text="예약", send_at=noon + timedelta(minutes=5))
    )
    policies.stop_all(tenant=shop, by=None)
    written = submit(shop, ad=False)
    clock("12:10")

    driving.run_pipeline(shop)
    scheduled.refresh_from_db()
    written.refresh_from_db()
    assert (scheduled.state, written.state, written.held_reason) == ("scheduled", "held", "stopped")

    policies.go_on(tenant=shop, by=None)
    driving.run_pipeline(shop)
    assert aligo.summary("shop")["messages"] == 6
    assert aligo.summary("shop")["repeated"] == []


def test_stop_of_the_neighbour_stops_nothing_here(shop: Tenant, aligo: Any, people: list[Member]) -> None:
    neighbour = factories.make_tenant()
    with driving.scope(tenant=neighbour):
        policies.stop_all(tenant=neighbour, by=None)
    submit(shop, ad=False)
    send(shop)
    assert aligo.summary("shop")["messages"] == 3


# --- Validity (M70) ---------------------------------------------------------------------------------------------------
def test_a_text_that_is_a_day_late_asks_a_person_first(shop: Tenant, aligo: Any, people: list[Member]) -> None:
    dispatch = submit(shop, ad=False)
    Dispatch.objects.update(due_at=times.now() - timedelta(hours=25))

    send(shop)
    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.held_reason, aligo.sent("shop")) == ("held", HoldReason.LATE, [])

    assert holds.resume(shop, dispatch.pk)
    send(shop)
    assert aligo.summary("shop")["messages"] == 3


def test_a_text_past_its_validity_ends_and_is_not_asked_about(shop: Tenant, aligo: Any, people: list[Member]) -> None:
    dispatch = submit(shop, ad=False)
    late = times.now() - timedelta(hours=25)
    Dispatch.objects.update(due_at=late, expires_at=late + timedelta(hours=1))

    send(shop)

    dispatch.refresh_from_db()
    assert (dispatch.state, selectors.counts(dispatch)["expired"]) == (DispatchState.FINISHED, 3)


# --- What the law adds to a text, by each phone -----------------------------------------------------------------------
def test_ad8_each_text_ends_in_the_address_of_its_own_phone(
    shop: Tenant, aligo: Any, people: list[Member], clock: Any
) -> None:
    clock("12:00")
    dispatch = submit(shop)
    send(shop)

    codes = optouts.codes_for(tenant=shop, phones=[member.phone for member in people])
    for row in aligo.sent("shop"):
        assert row["text"].startswith(f"(광고){shop.name}\n")
        assert row["text"].endswith("/u/" + codes[row["receiver"]])
    assert len(set(codes.values())) == 3
    assert Message.objects.filter(dispatch=dispatch).count() == 3


def test_ad8_a_hotline_makes_one_text_for_all(shop: Tenant, aligo: Any, people: list[Member], clock: Any) -> None:
    clock("12:00")
    Member.objects.update(night_consent_at=None)
    policies.change(tenant=shop, by=None, ad_hotline="0801234567")
    dispatch = submit(shop, text="겨울 할인이에요")
    send(shop)

    assert {row["text"] for row in aligo.sent("shop")} == {
        f"(광고){shop.name}\n겨울 할인이에요\n무료수신거부 080-123-4567"
    }
    assert Batch.objects.get(dispatch=dispatch).text


def test_ad6_a_titled_ad_carries_the_mark_in_both(shop: Tenant, aligo: Any, people: list[Member], clock: Any) -> None:
    clock("12:00")
    submit(shop, title="겨울 소식")
    send(shop)
    assert {row["title"] for row in aligo.sent("shop")} == {"(광고)겨울 소식"}
