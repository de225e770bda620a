"""발송 내역: the list, one dispatch as it goes, and what may still be done to it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.files.storage import default_storage
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from accounts import exports
from accounts.models import Export, Tenant, User
from messaging.drafting import Audience, Draft
from messaging.enums import DispatchState
from messaging.models import AligoAccount, Dispatch
from messaging.services import compose, prepare
from tests import factories
from tests.messaging import driving
from tests.messaging.views.conftest import finish
from ui import times

URL = "/t/hanbit/messages/"
PART = {"HX-Request": "true"}


def send(tenant: Tenant, text: str = "#{이름} 님, 내일 쉬어요.", **fields: Any) -> Dispatch:
    with scope(tenant=tenant):
        return compose.submit(
            tenant=tenant, by=User.objects.first(), draft=Draft(**{"to": Audience(all=True), "text": text} | fields)
        )


def part(client: Client, dispatch: Dispatch, name: str, query: str = "") -> Any:
    return client.get(f"{URL}{dispatch.pk}/{query}", headers=PART | {"HX-Target": name})


def of(dispatch: Dispatch) -> Dispatch:
    with scope(tenant=dispatch.tenant):
        return Dispatch.objects.get(pk=dispatch.pk)


@pytest.fixture
def failed(as_owner: Client, shop: Tenant, people: Any, sandbox: Any) -> Dispatch:
    """Four texts, one of them to a number that is nobody's."""
    factories.make_member(shop, "정우진", "01020000001")
    dispatch = send(shop)
    finish(shop)
    return of(dispatch)


def test_list_is_empty_and_says_what_to_do(as_owner: Client, shop: Tenant) -> None:
    assert "아직 보낸 문자가 없어요" in as_owner.get(URL).content.decode()


def test_list_shows_state_counts_and_title(as_owner: Client, failed: Dispatch) -> None:
    page = as_owner.get(URL).content.decode()

    assert "〈이름〉 님, 내일 쉬어요." in page and "완료" in page and "4명" in page


def test_list_filters_by_state(as_owner: Client, failed: Dispatch) -> None:
    assert "내일 쉬어요" not in as_owner.get(f"{URL}?state=scheduled").content.decode()
    assert "내일 쉬어요" in as_owner.get(f"{URL}?state=finished").content.decode()


def test_list_pages_by_keyset(as_owner: Client, shop: Tenant) -> None:
    rows = [Dispatch(tenant=shop, text=f"글{n:02d}번", sender="0", state="finished", total=0) for n in range(35)]
    Dispatch.objects.bulk_create(rows)

    first = as_owner.get(URL)
    following = as_owner.get(f"{URL}?cursor={first.context['found'].following}")
    back = as_owner.get(f"{URL}?cursor={following.context['found'].previous}")

    assert "글34번" in first.content.decode() and "글04번" not in first.content.decode()
    assert "글04번" in following.content.decode() and "글05번" not in following.content.decode()
    assert [r.pk for r in back.context["found"].rows] == [r.pk for r in first.context["found"].rows]


def test_list_survives_a_typed_cursor(as_owner: Client, shop: Tenant) -> None:
    for cursor in ("n", "x9", "n-1", "n99999999999999999999", "n１"):
        assert as_owner.get(URL, {"cursor": cursor}).status_code == 200


def test_pages_cost_the_same_for_one_row_and_many(
    as_owner: Client, shop: Tenant, people: Any, django_assert_max_num_queries: Any
) -> None:
    def cost(path: str) -> int:
        from django.db import connection

        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert as_owner.get(path).status_code == 200
        return len(queries)

    dispatch = send(shop)
    finish(shop)
    as_owner.get(URL)  # what is read once a process
    paths = (URL, f"{URL}{dispatch.pk}/")
    few = [cost(path) for path in paths]
    for n in range(25):
        factories.make_member(shop, f"사람{n}", f"01030{n:04d}11")
        Dispatch.objects.create(tenant=shop, text="글", sender="0", state="finished", total=0)
    more = send(shop)
    finish(shop)
    paths = (URL, f"{URL}{more.pk}/")

    assert [cost(path) for path in paths] == few


def test_detail_tells_each_failure_and_the_next_step(as_owner: Client, failed: Dispatch, people: Any) -> None:
    page = as_owner.get(f"{URL}{failed.pk}/").content.decode()

    assert "지금은 쓰이지 않는 번호" in page and "번호 고치기" in page and "실패한 1명에게 다시 보내기" in page
    assert "010-20••-0001" in page and "01020000001" not in page and "010-2000-0001" not in page


def test_detail_of_the_neighbour_is_not_found(as_owner: Client, shop: Tenant, neighbour: Tenant) -> None:
    theirs = Dispatch.objects.create(tenant=neighbour, text="이웃 글", sender="0", state="scheduled")

    assert as_owner.get(f"{URL}{theirs.pk}/").status_code == 404
    for deed in ("cancel", "resume", "resend"):
        assert as_owner.post(f"{URL}{theirs.pk}/{deed}/").status_code == 404
    assert of(theirs).state == "scheduled"


def test_deeds_are_closed_to_a_viewer(viewer: Client, as_owner: Client, failed: Dispatch) -> None:
    page = viewer.get(f"{URL}{failed.pk}/")

    assert page.status_code == 200 and "다시 보내기" not in page.content.decode()
    for deed in ("cancel", "resume", "resend"):
        assert viewer.post(f"{URL}{failed.pk}/{deed}/").status_code == 403


def test_deeds_want_post(as_owner: Client, failed: Dispatch) -> None:
    for deed in ("cancel", "resume", "resend"):
        assert as_owner.get(f"{URL}{failed.pk}/{deed}/").status_code == 405


def test_progress_polls_while_it_goes_and_stops_by_itself(as_owner: Client, shop: Tenant, people: Any) -> None:
    dispatch = send(shop)
    going = part(as_owner, dispatch, "progress")
    finish(shop)
    ended = part(as_owner, dispatch, "progress", "?seen=old")

    assert "every 2s" in going.content.decode()
    assert "hx-trigger" not in ended.content.decode() and ended["HX-Trigger"] == "dispatch-moved"
    assert "<html" not in ended.content.decode()


def test_list_of_many_follows_each_stage_and_does_not_jump_in_between(as_owner: Client, shop: Tenant) -> None:
    for n in range(35):
        factories.make_member(shop, f"사람{n:02d}", f"010400011{n:02d}")
    dispatch = send(shop)
    page = as_owner.get(f"{URL}{dispatch.pk}/").content.decode()
    assert "아직 준비하고 있어요" in page and "?seen=preparing-0-0" in page
    with scope(tenant=shop):
        prepare.prepare(tenant=shop, dispatch_id=dispatch.pk)

    prepared = part(as_owner, dispatch, "progress", "?seen=preparing-0-0")
    going = part(as_owner, dispatch, "progress", "?seen=sending-0-12")
    with scope(tenant=shop):
        Dispatch.objects.filter(pk=dispatch.pk).update(state=DispatchState.HELD, held_reason="balance")
    held = part(as_owner, dispatch, "progress", "?seen=sending-0-12")

    assert prepared["HX-Trigger"] == held["HX-Trigger"] == "dispatch-moved" and "HX-Trigger" not in going
    assert 'class="n">35<' in part(as_owner, dispatch, "messages").content.decode()


def test_list_of_one_held_before_its_people_were_known_says_so(as_owner: Client, shop: Tenant, people: Any) -> None:
    dispatch = send(shop)
    with scope(tenant=shop):
        Dispatch.objects.filter(pk=dispatch.pk).update(state=DispatchState.HELD, held_reason="group_gone")

    page = as_owner.get(f"{URL}{dispatch.pk}/").content.decode()

    assert "받는 사람을 정하기 전에 멈췄어요" in page and "아직 준비하고 있어요" not in page


def test_messages_by_state_and_excluded(as_owner: Client, failed: Dispatch) -> None:
    lost = part(as_owner, failed, "messages", "?tab=failed").content.decode()
    none = part(as_owner, failed, "messages", "?tab=excluded").content.decode()

    assert "정우진" in lost and lost.count("<li>") == 1 and "제외된 사람이 없어요" in none


def test_messages_page_by_keyset_without_numbers_in_the_address(as_owner: Client, shop: Tenant) -> None:
    for n in range(35):
        factories.make_member(shop, f"사람{n:02d}", f"010400011{n:02d}")
    dispatch = send(shop)
    finish(shop)

    first = as_owner.get(f"{URL}{dispatch.pk}/")
    following = first.context["found"].following
    second = as_owner.get(f"{URL}{dispatch.pk}/?cursor={following}")
    back = as_owner.get(f"{URL}{dispatch.pk}/?cursor={second.context['found'].previous}")

    assert "4000" not in following and len(following) < 12
    names = [[row.name for row in page.context["found"].rows] for page in (first, second, back)]
    assert names[0] == [f"사람{n:02d}" for n in range(30)] and names[1] == [f"사람{n:02d}" for n in range(30, 35)]
    assert names[2] == names[0]


def test_cancel_stops_a_scheduled_one_and_twice_is_once(as_owner: Client, shop: Tenant, people: Any) -> None:
    dispatch = send(shop, send_at=factories.now().replace(year=2027))
    assert "예약 취소" in as_owner.get(f"{URL}{dispatch.pk}/").content.decode()

    for _ in range(2):
        assert as_owner.post(f"{URL}{dispatch.pk}/cancel/").status_code == 302

    assert of(dispatch).state == DispatchState.CANCELLED


def test_cancel_of_a_finished_one_tells_why_not(as_owner: Client, failed: Dispatch) -> None:
    page = as_owner.post(f"{URL}{failed.pk}/cancel/", follow=True).content.decode()

    assert "이미 끝난 발송" in page and of(failed).state == DispatchState.FINISHED


def test_held_names_the_fix_and_resumes(as_owner: Client, shop: Tenant, people: Any, sandbox: Any) -> None:
    dispatch = send(shop)
    sandbox.fault("ip_removed", times=1)
    finish(shop)
    page = as_owner.get(f"{URL}{dispatch.pk}/").content.decode()
    assert "203.0.113.7" in page and "이어서 보내기" in page

    as_owner.post(f"{URL}{dispatch.pk}/resume/")
    driving.calm(shop)
    finish(shop)

    assert of(dispatch).state == DispatchState.FINISHED


def test_resend_of_the_failed_makes_one_new_dispatch(as_owner: Client, failed: Dispatch) -> None:
    data = {"only": "failed", "key": "r" * 32}
    first, second = (as_owner.post(f"{URL}{failed.pk}/resend/", data) for _ in range(2))

    with scope(tenant=failed.tenant):
        (again,) = Dispatch.objects.filter(resend_of=failed)
    assert first.url == second.url == f"{URL}{again.pk}/"
    finish(failed.tenant)
    assert of(again).total == 1
    assert f"{URL}{again.pk}/" in as_owner.get(f"{URL}{failed.pk}/").content.decode()


def test_resend_of_the_picked_goes_to_those_who_may_get_it(as_owner: Client, failed: Dispatch) -> None:
    page = as_owner.get(f"{URL}{failed.pk}/").content.decode()
    offered = [int(pk) for pk in re.findall(r'type="checkbox" name="messages" value="(\d+)" form="pick"', page)]
    with scope(tenant=failed.tenant):
        every = list(failed.messages.values_list("pk", flat=True))
        lost = failed.messages.get(state="failed").pk
    assert offered == [lost] and len(every) > 1

    # A page that is older than what has become of them names the others too: they are left out, with the reason.
    as_owner.post(f"{URL}{failed.pk}/resend/", {"only": "selected", "messages": every, "key": "p" * 32})

    with scope(tenant=failed.tenant):
        again = Dispatch.objects.get(resend_of=failed)
    finish(failed.tenant)
    assert of(again).total == 1
    with scope(tenant=failed.tenant):
        assert set(again.excluded.values_list("reason", flat=True)) == {"delivered"}


def test_resend_where_nothing_failed_says_so(as_owner: Client, shop: Tenant, people: Any) -> None:
    dispatch = send(shop)
    finish(shop)

    page = as_owner.post(f"{URL}{dispatch.pk}/resend/", {"only": "failed"}, follow=True).content.decode()

    assert "다시 보낼 문자가 없어요" in page


def test_export_is_asked_for_with_a_reason_and_masked(as_owner: Client, failed: Dispatch, owner: Any) -> None:
    EmailAddress.objects.create(user=owner.user, email=owner.user.email, verified=True, primary=True)
    refused = as_owner.post(f"{URL}{failed.pk}/export/", {"reason": "", "format": "csv", "masked": "on"})
    as_owner.post(f"{URL}{failed.pk}/export/", {"reason": "월말 보고", "format": "csv", "masked": "on"})

    with scope(tenant=failed.tenant):
        (row,) = Export.objects.all()
        exports.make(tenant=failed.tenant, export=row.pk)
        row.refresh_from_db()
        text = default_storage.open(row.parts[0]).read().decode("utf-8-sig")
    assert refused.status_code == 422
    assert "발송 완료" in text and "지금은 쓰이지 않는 번호" in text and "#{이름} 님" in text
    assert "김하늘" not in text and "010-2000-1111" not in text


def test_export_is_closed_to_a_sender(sender_role: Client, failed: Dispatch) -> None:
    assert sender_role.post(f"{URL}{failed.pk}/export/", {"reason": "월말 보고", "format": "csv"}).status_code == 403


def test_practice_is_not_offered_again_beside_a_live_account(as_owner: Client, shop: Tenant, failed: Any) -> None:
    assert "다시 보내기" in as_owner.get(f"{URL}{failed.pk}/").content.decode()
    with scope(tenant=shop):
        AligoAccount.objects.update(mode="live")

    page = as_owner.get(f"{URL}{failed.pk}/").content.decode()
    assert "dispatch-resend" not in page and f"/{failed.pk}/resend/" not in page and "이 내용으로 새로 쓰기" in page


def test_a_dispatch_that_reached_nobody_says_so(as_owner: Client, shop: Tenant, people: Any, group: Any) -> None:
    with scope(tenant=shop):
        later = send(shop, to=Audience(groups=[group.pk]), send_at=times.now() + timedelta(hours=1))
        group.memberships.all().delete()
        Dispatch.objects.update(send_at=times.now())
    finish(shop)

    assert "아무에게도 보내지 않았어요" in as_owner.get(f"{URL}{later.pk}/").content.decode()
