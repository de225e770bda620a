"""A shop with an account at the sandbox, a sender number and a scope."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django_scopes import scope

from accounts.models import Tenant
from tests import factories
from ui import times


@pytest.fixture
def aligo(aligo_sandbox: Any, settings: Any) -> Any:
    """The sandbox as the live Aligo and as the sandbox, with results known at once."""
    settings.ALIGO_BASE_URL = settings.ALIGO_SANDBOX_URL = aligo_sandbox.url
    settings.ALIGO_TIMEOUT = 1
    settings.RESULT_POLL_SECONDS = 0.01
    settings.UPKEEP_SECONDS = 0.1
    aligo_sandbox.switch(result_seconds=0)
    aligo_sandbox.account("shop", "k" * 32)
    return aligo_sandbox


@pytest.fixture
def shop(tenant: Tenant, aligo: Any) -> Iterator[Tenant]:
    """Our tenant with a live account and a default sender; the test runs in its scope."""
    factories.make_account(tenant)
    factories.make_sender(tenant)
    with scope(tenant=tenant):
        yield tenant


@pytest.fixture
def later() -> datetime:
    """Tomorrow."""
    return times.now() + timedelta(days=1)
