"""Logs hold ids only: a known phone, name, key and text go through every door and none of them comes out."""

import io
import logging
from typing import Any

import pytest
from django.test import Client, override_settings
from django_scopes import scope

from accounts.models import Tenant
from config.logging import IdsFilter, JsonFormatter
from tests import factories
from tests.messaging.driving import run_pipeline

PHONE, NAME, TEXT, KEY = "01098765432", "남궁민수정", "비밀스러운 안내예요", "q7" * 16


@pytest.fixture
def heard() -> Any:
    """Everything our formatter writes during the test, at the finest level."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(IdsFilter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", ["", "drop", "html", "ip_removed"])
def test_logs_hold_no_personal_data(heard: Any, aligo_sandbox: Any, fault: str) -> None:
    tenant: Tenant = factories.make_tenant(name="한빛", slug="hanbit-logs")
    aligo_sandbox.account(user_id="hanbit", api_key=KEY)
    with scope(tenant=tenant):
        factories.make_account(tenant, "hanbit", KEY)
        factories.make_sender(tenant)
    _key, secret = factories.make_key(tenant)
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    if fault:
        aligo_sandbox.fault(fault)

    with override_settings(ALIGO_BASE_URL=aligo_sandbox.url):
        member = api.post("/api/v1/members", {"name": NAME, "phone": PHONE}, content_type="application/json").json()
        body = {"to": {"members": [member["id"]]}, "text": TEXT}
        sent = api.post("/api/v1/dispatches", body, content_type="application/json")
        api.post("/api/v1/dispatches", b"{not json", content_type="application/json")
        api.post("/api/v1/members", {"name": NAME, "phone": f"{PHONE}99"}, content_type="application/json")
        run_pipeline(tenant)

    assert sent.status_code == 201
    logged = heard.getvalue()
    for secret_word in (PHONE, PHONE[3:], NAME, TEXT, KEY, secret):
        assert secret_word not in logged
