"""다시 보내기: first who gets it and who does not, then the new dispatch with the reasons in its list."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django_scopes import scope

from accounts.models import Tenant
from members.models import Member
from messaging.drafting import Audience
from messaging.models import Dispatch, Draft, Message
from tests import factories
from tests.messaging.views.conftest import finish
from tests.messaging.views.test_dispatches import URL, failed, send  # noqa: F401  (failed is a fixture)
from ui import times


def preview(client: Client, dispatch: Dispatch, query: str = "only=failed") -> str:
    return client.get(f"{URL}{dispatch.pk}/resend/preview/?{query}").content.decode()


def test_preview_says_how_many_and_who_is_left_out(as_owner: Client, shop: Tenant, failed: Dispatch) -> None:  # noqa: F811
    with scope(tenant=shop):
        ids = "&".join(f"messages={pk}" for pk in Message.objects.values_list("pk", flat=True))
        Member.objects.filter(phone="01020000001").update(phone="01020005555")

    dialog = preview(as_owner, failed, f"only=selected&{ids}")

    assert "1명에게 다시 보내기" in dialog and "단문 1" in dialog
    assert "이미 받음" in dialog and "3명" in dialog and "김하늘" in dialog
    with scope(tenant=shop):
        assert Dispatch.objects.count() == 1


def test_preview_of_the_deleted_says_that_nobody_is_left(as_owner: Client, shop: Tenant, failed: Dispatch) -> None:  # noqa: F811
    with scope(tenant=shop):
        Member.objects.filter(phone="01020000001").update(deleted_at=times.now())

    dialog = preview(as_owner, failed)
    page = as_owner.post(f"{URL}{failed.pk}/resend/", {"only": "failed"}, follow=True).content.decode()

    for shown in (dialog, page):
        assert "다시 보낼 문자가 없어요. (회원 명단에서 지워짐 1명)" in shown
    assert "다시 보내기</button>" not in dialog


def test_expired_text_is_not_sent_again_but_written_anew(as_owner: Client, shop: Tenant, failed: Dispatch) -> None:  # noqa: F811
    with scope(tenant=shop):
        Dispatch.objects.update(expires_at=times.now() - timedelta(minutes=1))

    page = as_owner.get(f"{URL}{failed.pk}/").content.decode()
    dialog = preview(as_owner, failed)

    assert "/resend/" not in page and f"new/?copy={failed.pk}" in page
    assert "유효 기한이 지나" in dialog and f"new/?copy={failed.pk}" in dialog


def test_blocked_stand_in_the_new_dispatchs_list(as_owner: Client, shop: Tenant, failed: Dispatch) -> None:  # noqa: F811
    with scope(tenant=shop):
        ids = list(Message.objects.values_list("pk", flat=True))
        Member.objects.filter(phone="01020000001").update(phone="01020005555")
    answer = as_owner.post(f"{URL}{failed.pk}/resend/", {"only": "selected", "messages": ids, "key": "r" * 32})
    finish(shop)

    left = as_owner.get(f"{answer.url}?tab=excluded").content.decode()

    assert left.count("이미 받음") == 3 and "박은서" in left


def test_newcomers_are_offered_where_the_audience_can_grow(as_owner: Client, shop: Tenant, failed: Dispatch) -> None:  # noqa: F811
    assert "그 뒤에 들어온 분께 보내기" in as_owner.get(f"{URL}{failed.pk}/").content.decode()
    assert "앞서 보냈음 4명" in preview(as_owner, failed, "only=newcomers")
    factories.make_member(shop, "새사람", "01020009999")

    assert "1명에게 보내기" in preview(as_owner, failed, "only=newcomers")
    to_one = send(shop, to=Audience(members=[factories.make_member(shop, "한사람", "01020008888").pk]))
    finish(shop)
    assert "그 뒤에 들어온 분께 보내기" not in as_owner.get(f"{URL}{to_one.pk}/").content.decode()


def test_preview_is_for_those_who_may_send(viewer: Client, failed: Dispatch) -> None:  # noqa: F811
    assert viewer.get(f"{URL}{failed.pk}/resend/preview/").status_code == 403


def many_failed(shop: Tenant) -> Dispatch:
    """A text that reached nobody of twelve: their numbers are nobody's at the sandbox."""
    ids = [factories.make_member(shop, f"회원{n}", f"0103{n:03d}0001").pk for n in range(12)]
    dispatch = send(shop, to=Audience(members=ids))
    finish(shop)
    return dispatch


def test_resend_to_many_can_be_taken_back(as_owner: Client, shop: Tenant, sandbox: Any) -> None:
    first = many_failed(shop)
    asked = {"only": "failed", "key": "r" * 32}
    sent = len(sandbox.sent())

    answer = as_owner.post(f"{URL}{first.pk}/resend/", asked)
    twice = as_owner.post(f"{URL}{first.pk}/resend/", asked)
    waiting = as_owner.get(answer.url).content.decode()
    back = as_owner.post(f"{answer.url}undo/", follow=True)
    finish(shop)

    assert twice.url == answer.url and "10초 뒤에 보내요" in waiting
    assert back.redirect_chain[-1][0] == f"{URL}{first.pk}/"
    assert "다시 보내지 않았어요." in back.content.decode() and "실패한 12명에게 다시 보내기" in back.content.decode()
    assert len(sandbox.sent()) == sent
    with scope(tenant=shop):
        assert not Draft.objects.exists()

    again = as_owner.post(f"{URL}{first.pk}/resend/", asked)  # the page before it was taken back
    assert again.url not in (answer.url, f"{URL}{first.pk}/")


def test_button_counts_whom_no_resend_has_reached(as_owner: Client, shop: Tenant, failed: Dispatch) -> None:  # noqa: F811
    before = as_owner.get(f"{URL}{failed.pk}/").content.decode()
    with scope(tenant=shop):
        Member.objects.filter(phone="01020000001").update(phone="01020005555")
    as_owner.post(f"{URL}{failed.pk}/resend/", {"only": "failed"})
    finish(shop)

    after = as_owner.get(f"{URL}{failed.pk}/").content.decode()

    assert "실패한 1명에게 다시 보내기" in before
    assert "실패한" not in after  # the person has it under the number of today
