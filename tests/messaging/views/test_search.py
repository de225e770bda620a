"""보낸 문자 찾기: by person, number, words, result; never the neighbour's."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Tenant
from tests import factories
from tests.messaging.views.conftest import finish
from tests.messaging.views.test_dispatches import send

URL = "/t/hanbit/messages/search/"


@pytest.fixture
def archive(as_owner: Client, shop: Tenant, people: Any) -> Tenant:
    send(shop, "#{이름} 님, 수강료 안내예요.")
    finish(shop)
    return shop


def test_search_lists_nothing_until_asked(as_owner: Client, archive: Tenant) -> None:
    assert "무엇을 찾을까요" in as_owner.get(URL).content.decode()


@pytest.mark.parametrize(
    "asked",
    [{"q": "김하늘"}, {"q": "1111"}, {"q": "010-2000-1111"}, {"q": "김하늘", "text": "수강료", "state": "delivered"}],
)
def test_search_finds_by_person_number_and_words(as_owner: Client, archive: Tenant, asked: dict[str, str]) -> None:
    page = as_owner.post(URL, asked).content.decode()

    assert "김하늘 님, 수강료" in page and "박은서" not in page


@pytest.mark.parametrize(
    "asked", [{"text": "없는말"}, {"q": "김하늘", "state": "failed"}, {"q": "김하늘", "until": "2020-01-01"}]
)
def test_search_that_finds_nothing_says_so(as_owner: Client, archive: Tenant, asked: dict[str, str]) -> None:
    assert "찾는 문자가 없어요" in as_owner.post(URL, asked).content.decode()


def test_search_of_a_day_that_does_not_exist_says_so(as_owner: Client, archive: Tenant) -> None:
    answer = as_owner.post(URL, {"q": "김하늘", "since": "2026-02-31"})

    assert answer.status_code == 200 and "errorlist" in answer.content.decode()


def test_search_by_member_shows_that_persons_texts(as_owner: Client, archive: Tenant, people: Any) -> None:
    page = as_owner.get(URL, {"member": people[0].pk}).content.decode()

    assert "김하늘 님, 수강료" in page and "이서준 님" not in page


def test_search_never_shows_the_neighbours(as_owner: Client, archive: Tenant, neighbour: Tenant) -> None:
    factories.make_sender(neighbour)
    theirs = factories.make_member(neighbour, "이웃사람", "01077777777")
    send(neighbour, "#{이름} 님, 이웃 글이에요.")
    finish(neighbour)

    assert "이웃 글" not in as_owner.post(URL, {"text": "글이에요"}).content.decode()
    assert as_owner.get(URL, {"member": theirs.pk}).status_code == 404
