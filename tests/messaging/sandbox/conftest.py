from collections.abc import Callable
from typing import Any

import pytest
import requests

from tests.messaging.sandbox_fixture import SENDER, AligoSandbox, aligo_sandbox, aligo_server  # noqa: F401

KEY = "test-key-0123456789abcdef"


@pytest.fixture
def post(aligo_sandbox: AligoSandbox) -> Callable[..., dict[str, Any]]:  # noqa: F811
    """post("send", msg=...) calls an endpoint with good credentials and a good sender; a field None is left out."""
    aligo_sandbox.account(api_key=KEY)

    def call(endpoint: str, **fields: Any) -> dict[str, Any]:
        given = {"key": KEY, "user_id": "hanbit", **fields}
        if endpoint in ("send", "send_mass"):
            given = {"sender": SENDER, **given}
        if endpoint == "send":
            given = {"receiver": "01012345678", "msg": "안녕", **given}
        given = {name: value for name, value in given.items() if value is not None}
        return requests.post(f"{aligo_sandbox.url}/{endpoint}/", data=given, timeout=5).json()

    return call
