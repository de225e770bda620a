"""연습 문자함: a tenant's own practice texts by phone, and nobody else's."""

import re
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import Tenant
from messaging.models import Batch, Message
from messaging.services import accounts
from tests import factories
from tests.conftest import sign_in
from tests.messaging.views.conftest import finish
from tests.messaging.views.test_dispatches import send

URL = "/t/hanbit/messages/practice/"


@pytest.fixture
def practised(as_owner: Client, shop: Tenant, people: Any) -> Tenant:
    send(shop, "#{이름} 님, 수강료 안내예요.")
    finish(shop)
    return shop


def text_of(tenant: Tenant, name: str) -> Message:
    with scope(tenant=tenant):
        return Message.objects.get(name=name)


def phones(page: str) -> int:
    return len(re.findall(r'id="talk-\d', page))


def content(client: Client, path: str = URL, **headers: str) -> str:
    response = client.get(path, **headers)
    assert response.status_code == 200
    return response.content.decode()


def test_practice_shows_every_phone_and_the_newest_as_it_arrived(as_owner: Client, practised: Tenant) -> None:
    page = content(as_owner)

    assert phones(page) == 3
    assert "[Web발신]" in page and "박은서 님, 수강료 안내예요." in page and "발송 완료" in page
    assert "010-20••-3333" in page and "01020003333" not in page and "010-2000-3333" not in page


def test_practice_opens_the_phone_that_a_text_went_to(as_owner: Client, practised: Tenant) -> None:
    pk = text_of(practised, "김하늘").pk
    part = content(as_owner, f"{URL}{pk}/", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="practice")

    assert "<html" not in part and "is-open" in part
    assert re.search(r'id="talk-\d+"[^>]*aria-current="true"[^<]*<[^<]*<[^<]*<[^<]*<b[^>]*>김하늘', part)


def test_practice_of_nothing_says_what_to_do(as_owner: Client, shop: Tenant, viewer: Client) -> None:
    assert "아직 온 문자가 없어요" in content(as_owner) and "연습으로 보내기" in content(as_owner)
    assert "연습으로 보내기" not in content(viewer)


def test_practice_tells_why_a_text_did_not_arrive(as_owner: Client, shop: Tenant, group: Any) -> None:
    factories.make_member(shop, "없는번호", "01099990001", group)
    send(shop, "휴관 안내")
    finish(shop)

    page = content(as_owner)

    assert "도착하지 않았어요" in page and "지금은 쓰이지 않는 번호예요." in page


def test_practice_leaves_out_what_went_out_for_real_or_never(as_owner: Client, practised: Tenant) -> None:
    with scope(tenant=practised):
        Message.objects.filter(name="이서준").update(state="cancelled")
        assert phones(content(as_owner)) == 2
        Batch.objects.update(account="live")

    assert "아직 온 문자가 없어요" in content(as_owner)


def test_practice_stays_when_the_shop_connects_its_own(as_owner: Client, practised: Tenant, sandbox: Any) -> None:
    sandbox.account("shop", "k" * 32)
    accounts.connect(tenant=practised, by=None, user_id="shop", api_key="k" * 32)

    page = content(as_owner)

    assert "연습하던 때의 문자만" in page and "박은서 님" in page


def test_practice_is_paged_by_phone(as_owner: Client, shop: Tenant, group: Any) -> None:
    for n in range(31):
        factories.make_member(shop, f"회원{n}", f"0103000{n + 10:04d}", group)
    send(shop, "안녕하세요")
    finish(shop)

    first = content(as_owner)
    cursor = re.search(r"\?cursor=(n\d+)", first)
    assert cursor and phones(first) == 30
    assert phones(content(as_owner, f"{URL}?cursor={cursor[1]}")) == 1


def test_practice_pages_a_long_thread(as_owner: Client, shop: Tenant, group: Any) -> None:
    factories.make_member(shop, "김하늘", "01020001111", group)
    for n in range(31):
        send(shop, f"글 {n}번")
    finish(shop)

    first = content(as_owner)
    older = re.search(r'href="([^"]*older=n\d+)"', first)
    assert older and first.count("<article") == 30
    assert content(as_owner, older[1].replace("&amp;", "&")).count("<article") == 1


def test_practice_looks_again_only_while_something_may_change(as_owner: Client, shop: Tenant, people: Any) -> None:
    send(shop, "안녕하세요")
    finish(shop)
    assert 'hx-trigger="every 4s"' not in content(as_owner)

    with scope(tenant=shop):
        Message.objects.update(state="")
        Batch.objects.update(state="accepted")
    assert 'hx-trigger="every 4s"' in content(as_owner)


def test_practice_never_shows_the_neighbours(
    as_owner: Client, practised: Tenant, neighbour: Tenant, neighbour_owner: Any
) -> None:
    theirs = sign_in(neighbour_owner)

    assert "수강료" not in content(theirs, f"/t/{neighbour.slug}/messages/practice/")
    assert theirs.get(f"/t/{neighbour.slug}/messages/practice/{text_of(practised, '김하늘').pk}/").status_code == 404
    assert theirs.get(URL).status_code == 404


def test_practice_is_for_all_who_may_see_texts(viewer: Client, client: Client, practised: Tenant) -> None:
    assert "박은서" in content(viewer)
    assert viewer.post(URL).status_code == 405
    assert client.get(URL).status_code == 302
