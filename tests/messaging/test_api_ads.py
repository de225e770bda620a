"""Ads over the REST API: quoted, submitted, moved out of the night, and told of."""

from datetime import timedelta

import pytest

from tests import factories
from tests.messaging.test_api import URL, draft, post
from ui import times

pytestmark = pytest.mark.django_db


@pytest.fixture
def ready(tenant, aligo_sandbox, settings):
    """A tenant in practice with three members: one agreed to ads at night too, one to ads, one to nothing."""
    settings.ALIGO_SANDBOX_URL = aligo_sandbox.url
    factories.make_sender(tenant)
    group, since = factories.make_group(tenant, "오전반"), times.now()
    factories.make_member(tenant, "김민준", "01011112222", group, ad_consent_at=since, night_consent_at=since)
    factories.make_member(tenant, "이서연", "01033334444", group, ad_consent_at=since)
    factories.make_member(tenant, "박도윤", "01055556666", group)
    return group


def at(hour: int):
    """That hour of the day after tomorrow, in Seoul."""
    return times.seoul(times.now() + timedelta(days=2)).replace(hour=hour, minute=0, second=0, microsecond=0)


def test_ad1_quote_says_who_lacks_consent_and_the_night(api, ready):
    body = post(api, f"{URL}/quote", draft(ready, ad=True, send_at=at(22).isoformat())).json()

    assert (body["recipients"], body["excluded"]["no_consent"]) == (2, 1)
    assert [notice["code"] for notice in body["notices"]] == ["night_split", "sandbox"]


def test_ad4_create_moves_it_to_the_morning_and_shows_what_was_asked(api, ready):
    asked, morning = at(22), (at(22) + timedelta(days=1)).replace(hour=8)
    only = {"phones": ["01033334444"]}

    made = post(api, URL, draft(ready, to=only, ad=True, send_at=asked.isoformat())).json()

    assert (made["state"], made["ad"]) == ("scheduled", True)
    assert (made["send_at"], made["asked_at"]) == (morning.isoformat(), asked.isoformat())
    assert [notice["code"] for notice in made["notices"]] == ["night_moved", "sandbox"]
    assert api.get(f"{URL}/{made['id']}").json()["asked_at"] == asked.isoformat()


def test_ad4_patch_to_a_night_moves_it_and_says_so(api, ready):
    only = {"phones": ["01033334444"]}
    made = post(api, URL, draft(ready, to=only, ad=True, send_at=at(12).isoformat())).json()
    assert made["asked_at"] is None

    body = {"send_at": at(23).isoformat()}
    changed = api.patch(f"{URL}/{made['id']}", body, content_type="application/json").json()

    assert changed["asked_at"] == at(23).isoformat()
    assert changed["notices"][0]["code"] == "night_moved"


def test_ad5_a_dressed_up_mark_is_422_with_its_field(api, ready):
    refused = post(api, URL, draft(ready, ad=True, text="[광고] 할인", send_at=at(12).isoformat()))

    error = refused.json()["error"]
    assert (refused.status_code, error["code"], list(error["fields"])) == (422, "ad_mark_forbidden", ["text"])


def test_ad1_a_notice_can_become_an_ad_and_back(api, ready):
    made = post(api, URL, draft(ready, send_at=at(12).isoformat())).json()

    for ad in (True, False):
        body = api.patch(f"{URL}/{made['id']}", {"ad": ad}, content_type="application/json").json()
        assert body["ad"] is ad
