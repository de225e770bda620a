"""The base of tasks: what it leaves behind on its thread."""

from typing import Any

import pytest
from django.db import OperationalError

from accounts import tasking
from accounts.models import Tenant
from messaging import tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each time that a task gives back what is stale or broken."""
    times: list[str] = []
    monkeypatch.setattr(tasking, "close_old_connections", lambda: times.append("closed"))
    return times


def test_a_task_that_can_t_even_ask_for_its_tenant_gives_the_broken_connection_back(
    tenant: Tenant, closed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or every later task of its thread would fail: nobody else closes it."""

    def broken(**_given: Any) -> Any:
        assert closed == ["closed"]
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(Tenant.objects, "filter", broken)

    with pytest.raises(OperationalError):
        tasks.plan(tenant.pk, 0)

    assert closed == ["closed", "closed"]


def test_a_task_of_a_tenant_that_is_gone_does_nothing_and_gives_back_too(closed: list[str]) -> None:
    assert tasks.plan(10**9, 0) is None
    assert closed == ["closed", "closed"]
