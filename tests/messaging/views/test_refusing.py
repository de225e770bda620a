"""The one-tap page (AD8, AD9): one press without signing in, nothing about anybody to those who guess."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts import guessing
from accounts.models import AuditEvent, Tenant
from messaging.models import OptOut, OptOutLink, SendingPolicy
from messaging.services import optouts
from ui import times

PHONE = "01012345678"


@pytest.fixture
def link(in_tenant: Tenant) -> str:
    return "/u/" + optouts.codes_for(tenant=in_tenant, phones=[PHONE])[PHONE]


@pytest.fixture
def stranger() -> Client:
    """A phone's browser: signed in nowhere, without cookies, with the checks of CSRF on."""
    return Client(enforce_csrf_checks=True)


def refused() -> list[tuple[str, str, str]]:
    return list(OptOut.objects.order_by("pk").values_list("phone", "scope", "source"))


@pytest.mark.parametrize("slash", ["", "/"])
def test_ad9_opening_the_link_refuses_nothing(stranger: Client, link: str, slash: str) -> None:
    answer = stranger.get(link + slash)

    page = answer.content.decode()
    assert answer.status_code == 200 and refused() == []
    assert "한빛체육관" in page and "010-12••-5678" in page and PHONE not in page and "noindex" in page
    assert "no-store" in answer["Cache-Control"]


def test_ad9_one_press_refuses_ads_without_cookie_or_token(stranger: Client, link: str) -> None:
    answer = stranger.post(link, {"scope": "ads"})

    assert (answer.status_code, answer["Location"]) == (302, link)
    assert refused() == [(PHONE, "ads", "link")]
    page = stranger.get(link).content.decode()
    assert "더 보내지 않아요" in page and times.kdatetime(OptOut.objects.get().at) in page
    event = AuditEvent.objects.get(kind="optout.refused")
    assert (event.data, event.by_label) == ({"scope": "ads"}, "system")


def test_ad9_pressing_twice_is_once_and_keeps_the_first_date(stranger: Client, link: str, settings: Any) -> None:
    stranger.post(link)
    first = OptOut.objects.get().at
    settings.CLOCK_OFFSET = timedelta(days=3).total_seconds()
    stranger.post(link)

    assert OptOut.objects.get().at == first
    assert times.kdatetime(first) in stranger.get(link).content.decode()


def test_ad9_all_is_a_choice_and_covers_ads(stranger: Client, link: str) -> None:
    stranger.post(link, {"scope": "all"})
    stranger.post(link, {"scope": "ads"})

    assert refused() == [(PHONE, "all", "link")]
    assert "<form" not in stranger.get(link).content.decode().partition("<main")[2].partition("</main")[0]


def test_ad9_who_refused_ads_can_refuse_all_still(stranger: Client, link: str) -> None:
    stranger.post(link, {"scope": "ads"})
    stranger.post(link, {"scope": "all"})

    assert [scope for _phone, scope, _source in refused()] == ["ads", "all"]


def test_ad7_the_shop_is_called_as_in_its_ads(stranger: Client, link: str, in_tenant: Tenant) -> None:
    SendingPolicy.objects.create(tenant=in_tenant, ad_name="한빛 본점")

    assert "한빛 본점" in stranger.get(link).content.decode()


def test_a_link_is_of_one_tenant(stranger: Client, link: str, in_tenant: Tenant, neighbour: Tenant) -> None:
    stranger.post(link)

    with scope(tenant=neighbour):
        assert not OptOut.objects.exists()
    assert OptOut.objects.get().tenant == in_tenant


def test_a_paused_shop_can_be_refused(stranger: Client, link: str, in_tenant: Tenant) -> None:
    Tenant.objects.filter(pk=in_tenant.pk).update(paid_until=times.now() - timedelta(days=99))

    stranger.post(link)

    assert len(refused()) == 1


def test_a_code_read_aloud_is_understood(stranger: Client, in_tenant: Tenant) -> None:
    OptOutLink.objects.create(tenant=in_tenant, phone=PHONE, code="a0b1c2d3")

    assert stranger.get("/u/AOBIC2D3").status_code == 200


@pytest.mark.parametrize("code", ["zzzzzzzz", "x", "가나다", "a" * 300, "%00"])
def test_an_unknown_code_is_404_and_says_nothing(stranger: Client, link: str, code: str) -> None:
    for answer in (stranger.get(f"/u/{code}"), stranger.post(f"/u/{code}")):
        page = answer.content.decode()
        assert answer.status_code == 404
        # Not "010" alone: a page's random ids hold it now and then.
        assert "쓸 수 없는 주소" in page and "한빛" not in page
        assert not any(number in page for number in (PHONE, PHONE[-8:], "010-1234", "010-****"))


def test_guessing_ends_after_some_misses_and_only_for_that_address(stranger: Client, link: str) -> None:
    for n in range(guessing.MISSES):
        assert stranger.get(f"/u/zzzz{n:04d}", REMOTE_ADDR="203.0.113.5").status_code == 404

    assert stranger.get(link, REMOTE_ADDR="203.0.113.5").status_code == 429
    assert stranger.get(link, REMOTE_ADDR="203.0.113.6").status_code == 200


def test_guessing_from_one_network_of_ipv6_is_one_address(stranger: Client, link: str) -> None:
    for n in range(guessing.MISSES):
        stranger.get(f"/u/zzzz{n:04d}", REMOTE_ADDR=f"2001:db8:1:2::{n:x}")

    assert stranger.get(link, REMOTE_ADDR="2001:db8:1:2:ffff::1").status_code == 429
    assert stranger.get(link, REMOTE_ADDR="2001:db8:1:3::1").status_code == 200


def test_true_links_of_many_behind_one_address_are_no_guesses(stranger: Client, in_tenant: Tenant) -> None:
    codes = optouts.codes_for(tenant=in_tenant, phones=[f"0102222{n:04d}" for n in range(40)])

    assert {stranger.get(f"/u/{code}").status_code for code in codes.values()} == {200}


def test_the_trail_says_in_words_that_the_person_refused(
    stranger: Client, link: str, as_owner: Client, tenant: Tenant
) -> None:
    stranger.post(link)

    assert "문자 속 주소로 수신을 거부했어요" in as_owner.get(f"/t/{tenant.slug}/settings/audit/").content.decode()
