"""The schema is walked with fair and hostile requests: whatever comes, the answer is the contract's, never a 5xx.

Bounded on purpose (a few examples an operation, always the same ones): `SCHEMA_EXAMPLES=200` digs deeper.
"""

import os
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode

from tests import factories

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "8"))
OPERATIONS = [
    found.ok()
    for found in schemathesis.openapi.from_dict(
        SchemaGenerator().get_schema(request=None, public=True)
    ).get_all_operations()
]


@pytest.fixture
def hands(tenant, api, settings):
    """A tenant with a row of most things, whose Aligo can't be reached."""
    settings.ALIGO_BASE_URL = settings.ALIGO_SANDBOX_URL = "http://127.0.0.1:9"
    factories.make_account(tenant)
    factories.make_sender(tenant)
    factories.make_member(tenant, "김민준", "01011112222", factories.make_group(tenant, "오전반"))
    api.raise_request_exception = False
    return api


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fair", "hostile"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.label.replace(" ", "_").replace("/api/v1/", ""))
def test_operation_never_answers_5xx(hands, operation, mode):
    if mode == GenerationMode.NEGATIVE and not _can_be_wrong(operation):
        pytest.skip("nothing in this request can be wrong")

    @given(case=operation.as_strategy(mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def walk(case):
        response = _call(hands, case)
        assert response.status_code < 500, f"{case.as_curl_command()}\n{response.content[:500]!r}"
        if response.status_code >= 400:
            assert set(response.json()["error"]) == {"code", "message", "fields"}

    walk()


def _call(client: Client, case):
    kwargs = case.as_transport_kwargs(base_url="http://testserver")
    kwargs.pop("cookies", None)
    kwargs.pop("allow_redirects", None)
    known = {k: v for k, v in kwargs.items() if k in {"method", "url", "headers", "params", "json", "data", "files"}}
    ready = requests.Request(**known).prepare()
    path = urlsplit(ready.url)
    body = ready.body.encode() if isinstance(ready.body, str) else ready.body or b""
    headers = {k: v for k, v in ready.headers.items() if k.lower() not in {"content-length", "authorization", "cookie"}}
    kind = headers.pop("Content-Type", "application/json")
    target = path.path + (f"?{path.query}" if path.query else "")
    return client.generic(ready.method, target, body, content_type=kind, headers=headers)


def _can_be_wrong(operation) -> bool:
    return bool(operation.body or list(operation.iter_parameters()))


def test_schema_page_and_its_assets_keep_the_strict_policy(client):
    page = client.get("/api/docs/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "<style" not in text
    assert "style=" not in text
    assert "unsafe" not in page["Content-Security-Policy"]
    assert client.get("/api/schema/").status_code == 200
