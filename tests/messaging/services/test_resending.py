"""Sending again: who may not get it stands in the list of the excluded with the reason, nobody vanishes."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Tenant
from members.models import Member
from messaging import selectors
from messaging.drafting import Audience
from messaging.enums import BatchState, DispatchState, MessageState, OptOutScope
from messaging.models import Batch, Dispatch, Excluded, Message
from messaging.services import compose, optouts, resending
from tests import factories
from tests.messaging.driving import run_pipeline
from tests.messaging.services.test_compose import draft
from ui import times

WRONG = "01011110000"  # fails at the sandbox


def sent(shop: Tenant, *phones: str, **fields: Any) -> Dispatch:
    """A finished dispatch to members with these phones."""
    members = [factories.make_member(shop, f"회원{n}", phone) for n, phone in enumerate(phones)]
    to = Audience(members=[member.pk for member in members])
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(to=to, **fields))
    run_pipeline(shop)
    dispatch.refresh_from_db()
    return dispatch


def ids(dispatch: Dispatch) -> list[int]:
    return list(Message.objects.filter(dispatch=dispatch).order_by("pk").values_list("pk", flat=True))


def left(dispatch: Dispatch) -> list[tuple[str, str]]:
    return list(Excluded.objects.filter(dispatch=dispatch).order_by("pk").values_list("name", "reason"))


def again(dispatch: Dispatch, **asked: Any) -> Dispatch:
    return compose.resend(tenant=dispatch.tenant, by=None, dispatch=dispatch, **asked)


def test_resend_of_selected_leaves_out_who_has_it_and_says_so(shop: Tenant, aligo: Any) -> None:
    dispatch = sent(shop, "01011112223", WRONG)
    Member.objects.filter(phone=WRONG).update(phone="01011114444")

    fresh = again(dispatch, only="selected", messages=ids(dispatch))
    run_pipeline(shop)

    fresh.refresh_from_db()
    assert left(fresh) == [("회원0", "delivered")]
    assert (fresh.total, fresh.excluded_count, selectors.counts(fresh)["delivered"]) == (1, 1, 1)
    assert aligo.summary("shop")["messages"] == 3 and aligo.summary("shop")["repeated"] == []


def test_resend_of_selected_that_are_all_delivered_names_the_reason(shop: Tenant, aligo: Any) -> None:
    dispatch = sent(shop, "01011112223", "01011112224")

    with pytest.raises(compose.no.NothingToResend) as refused:
        again(dispatch, only="selected", messages=ids(dispatch))

    assert "이미 받음 2명" in str(refused.value)


@pytest.mark.parametrize("state", [BatchState.QUEUED, BatchState.SENDING, BatchState.ACCEPTED, BatchState.UNKNOWN])
def test_resend_of_what_is_under_way_is_blocked(shop: Tenant, aligo: Any, state: str) -> None:
    dispatch = sent(shop, "01011112223", WRONG)
    Member.objects.filter(phone=WRONG).update(phone="01011114444")
    message = Message.objects.get(dispatch=dispatch, phone="01011112223")
    Message.objects.filter(pk=message.pk).update(state="")
    Batch.objects.filter(pk=message.batch_id).update(state=state)

    fresh = again(dispatch, only="selected", messages=ids(dispatch))

    assert left(fresh) == [("회원0", "under_way")]


def test_resend_leaves_out_members_who_left(shop: Tenant, aligo: Any) -> None:
    dispatch = sent(shop, WRONG, "01022220000")
    Member.objects.filter(phone=WRONG).update(deleted_at=times.now())
    Member.objects.filter(phone="01022220000").update(phone="01022224444")

    fresh = again(dispatch)
    run_pipeline(shop)

    fresh.refresh_from_db()
    assert left(fresh) == [("회원0", "gone")]
    assert (fresh.total, fresh.excluded_count) == (1, 1)


def test_resend_counts_both_whom_it_blocks_and_whom_preparing_drops(shop: Tenant, aligo: Any) -> None:
    dispatch = sent(shop, WRONG, "01022220000", "01033330000")
    Member.objects.filter(phone=WRONG).update(deleted_at=times.now())
    Member.objects.filter(phone="01022220000").update(phone="01022224444")
    optouts.opt_out(tenant=shop, by=None, phone="01022224444", scope=OptOutScope.ALL)

    fresh = again(dispatch)
    run_pipeline(shop)

    fresh.refresh_from_db()
    assert left(fresh) == [("회원0", "gone"), ("회원1", "opted_out")]
    assert (fresh.total, fresh.excluded_count) == (1, 2)


def test_resend_of_the_failed_leaves_out_who_got_an_earlier_one(shop: Tenant, aligo: Any) -> None:
    dispatch = sent(shop, WRONG, "01022220000")
    Member.objects.filter(phone=WRONG).update(phone="01011114444")
    again(dispatch)
    run_pipeline(shop)
    Member.objects.filter(phone="01022220000").update(phone="01022224444")

    third = again(dispatch)
    run_pipeline(shop)

    assert left(third) == [("회원0", "delivered")]
    assert [m.phone for m in selectors.messages(third)] == ["01022224444"]


def test_resend_without_a_result_goes_again_only_by_name(shop: Tenant, aligo: Any) -> None:
    dispatch = sent(shop, WRONG)
    Member.objects.filter(phone=WRONG).update(phone="01011114444")
    again(dispatch)
    run_pipeline(shop)
    Message.objects.filter(phone="01011114444").update(state=MessageState.NO_RESULT)

    with pytest.raises(compose.no.NothingToResend) as refused:
        again(dispatch)
    fresh = again(dispatch, only="selected", messages=ids(dispatch))

    assert "앞서 보냈음 1명" in str(refused.value)
    assert fresh.audience["members"]


def test_resend_past_its_validity_is_refused(shop: Tenant, aligo: Any) -> None:
    dispatch = sent(shop, WRONG, expires_at=times.now() + timedelta(hours=1))
    assert again(dispatch, key="a").expires_at == dispatch.expires_at  # still valid, and no longer than the first
    Dispatch.objects.filter(pk=dispatch.pk).update(expires_at=times.now() - timedelta(seconds=1))
    dispatch.refresh_from_db()

    for asked in ({"only": "failed"}, {"only": "newcomers"}, {"only": "selected", "messages": ids(dispatch)}):
        with pytest.raises(compose.no.ResendExpired):
            again(dispatch, **asked)


def test_resend_of_another_dispatchs_messages_reaches_nobody(shop: Tenant, aligo: Any) -> None:
    dispatch, other = sent(shop, WRONG), sent(shop, "01022220000")

    with pytest.raises(compose.no.NothingToResend):
        again(dispatch, only="selected", messages=ids(other))


def test_preview_says_what_resend_then_does(shop: Tenant, aligo: Any) -> None:
    dispatch = sent(shop, WRONG, "01022220000", "01011112223")
    Member.objects.filter(phone=WRONG).update(deleted_at=times.now())
    Member.objects.filter(phone="01022220000").update(phone="01022224444")
    asked = {"only": "selected", "messages": ids(dispatch)}

    shown = resending.preview(tenant=shop, dispatch=dispatch, **asked)
    fresh = again(dispatch, **asked)
    run_pipeline(shop)

    fresh.refresh_from_db()
    assert (shown.recipients, shown.types, shown.blocked_count) == (1, {"SMS": 1}, 2)
    assert sorted(shown.blocked) == [("delivered", 1, ["회원2"]), ("gone", 1, ["회원0"])]
    assert (fresh.total, fresh.excluded_count) == (shown.recipients, shown.blocked_count)
    assert fresh.state == DispatchState.FINISHED


def test_preview_stores_nothing(shop: Tenant, aligo: Any) -> None:
    dispatch = sent(shop, WRONG)

    resending.preview(tenant=shop, dispatch=dispatch, only="failed")

    assert Dispatch.objects.count() == 1 and Excluded.objects.count() == 0


def test_preview_and_resend_of_an_ad_leave_out_who_took_consent_back(shop: Tenant, aligo: Any) -> None:
    now = times.now()
    members = [factories.make_member(shop, f"회원{n}", f"0101111{n}000", ad_consent_at=now) for n in range(2)]
    to = Audience(members=[member.pk for member in members])
    dispatch = compose.submit(tenant=shop, by=None, draft=draft(to=to, text="할인해요.", ad=True))
    Dispatch.objects.update(state=DispatchState.PREPARING, send_at=None)  # whatever the hour is
    run_pipeline(shop, collect=False)
    Batch.objects.update(state=BatchState.REJECTED, refusal="rejected")
    Dispatch.objects.update(state=DispatchState.FINISHED)
    Member.objects.filter(pk=members[0].pk).update(ad_consent_at=None)
    dispatch.refresh_from_db()

    shown = resending.preview(tenant=shop, dispatch=dispatch, only="failed")
    fresh = again(dispatch)

    assert (shown.recipients, shown.blocked) == (1, [("no_consent", 1, ["회원0"])])
    assert fresh.ad and fresh.resend_of == dispatch
