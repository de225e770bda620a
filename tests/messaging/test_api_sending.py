"""The tenant-wide stop for programs."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts.enums import Scope
from accounts.models import Tenant
from messaging.drafting import Audience, Draft
from messaging.enums import DispatchState, Source
from messaging.models import Dispatch
from messaging.services import compose
from tests import factories
from tests.messaging.driving import run_pipeline
from ui import times

URL = "/api/v1/sending"


@pytest.fixture
def shop(tenant: Tenant, aligo_sandbox: Any, settings: Any) -> Tenant:
    settings.ALIGO_BASE_URL = settings.ALIGO_SANDBOX_URL = aligo_sandbox.url
    settings.RESULT_POLL_SECONDS = 0.01
    aligo_sandbox.switch(result_seconds=0)
    factories.make_sender(tenant)
    return tenant


def submit(shop: Tenant, **fields: Any) -> Dispatch:
    with scope(tenant=shop):
        to = Audience(members=[factories.make_member(shop).pk])
        draft = Draft(**{"to": to, "text": "쉬어요."} | fields)
        return compose.submit(tenant=shop, by=None, draft=draft, source=Source.API)


def test_stop_and_go_on(api: Client, shop: Tenant) -> None:
    assert api.get(URL).json()["stopped"] is False

    stopped = api.post(f"{URL}/stop").json()
    dispatch = submit(shop)
    run_pipeline(shop)
    waiting = api.get(URL).json()["waiting"]
    gone_on = api.post(f"{URL}/go-on").json()
    run_pipeline(shop)

    assert stopped["stopped"] and stopped["stopped_at"] and stopped["stopped_by"]
    assert waiting == {"leaving": 1, "texts": 1, "nightly": 0, "late": 0, "expired": 0}
    assert gone_on["stopped"] is False and gone_on["stopped_at"] is None
    with scope(tenant=shop):
        assert Dispatch.objects.get(pk=dispatch.pk).state == DispatchState.FINISHED


def test_what_is_asked_for_meanwhile_is_told_that_it_waits(api: Client, shop: Tenant) -> None:
    api.post(f"{URL}/stop")
    with scope(tenant=shop):
        asked = {"to": {"members": [factories.make_member(shop).pk]}, "text": "쉬어요."}

    quoted = api.post("/api/v1/dispatches/quote", data=asked, content_type="application/json").json()
    sent = api.post("/api/v1/dispatches", data=asked, content_type="application/json").json()

    assert "sending_stopped" in [one["code"] for one in quoted["notices"]]
    assert "sending_stopped" in [one["code"] for one in sent["notices"]]


def test_twice_is_once_and_a_body_is_refused(api: Client, shop: Tenant) -> None:
    first = api.post(f"{URL}/stop").json()["stopped_at"]

    assert api.post(f"{URL}/stop").json()["stopped_at"] == first
    assert api.post(f"{URL}/go-on", data={"now": True}, content_type="application/json").status_code == 422


def test_reading_is_no_right_to_stop(shop: Tenant) -> None:
    _key, secret = factories.make_key(shop, Scope.MESSAGES_READ)
    reader = Client(headers={"Authorization": f"Bearer {secret}"})

    assert reader.get(URL).status_code == 200
    assert reader.post(f"{URL}/stop").status_code == reader.post(f"{URL}/go-on").status_code == 403


def test_program_is_told_why_a_held_one_does_not_resume(api: Client, shop: Tenant) -> None:
    dispatch = submit(shop, expires_at=times.now() + timedelta(days=1))
    api.post(f"{URL}/stop")
    run_pipeline(shop)

    answer = api.post(f"/api/v1/dispatches/{dispatch.pk}/resume")

    assert answer.status_code == 409 and answer.json()["error"]["code"] == "sending_stopped"
