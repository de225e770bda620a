"""A shop in practice mode with a sender, some members in a group, and people of every role."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.enums import Role
from accounts.models import Tenant
from members.models import Group, Member
from tests import factories
from tests.conftest import sign_in
from tests.messaging import driving
from ui import times


@pytest.fixture
def sandbox(aligo_sandbox: Any, settings: Any) -> Any:
    """Practice accounts talk to this one; results are known at once."""
    settings.ALIGO_BASE_URL = settings.ALIGO_SANDBOX_URL = aligo_sandbox.url
    settings.RESULT_POLL_SECONDS = 0.01
    aligo_sandbox.switch(result_seconds=0)
    return aligo_sandbox


@pytest.fixture
def shop(tenant: Tenant, sandbox: Any) -> Tenant:
    factories.make_sender(tenant)
    return tenant


@pytest.fixture
def group(shop: Tenant) -> Group:
    return factories.make_group(shop, "초등부")


@pytest.fixture
def people(shop: Tenant, group: Group) -> list[Member]:
    return [factories.make_member(shop, name, phone, group) for name, phone in PEOPLE]


def finish(tenant: Tenant) -> None:
    """All that is under way comes to its end. Numbers that end in 0001 are nobody's at the sandbox."""
    driving.run_pipeline(tenant)
    driving.results_due(tenant)
    driving.run_pipeline(tenant)


@pytest.fixture
def viewer(tenant: Tenant) -> Client:
    return sign_in(factories.make_staff(tenant, Role.VIEWER))


@pytest.fixture
def sender_role(tenant: Tenant) -> Client:
    return sign_in(factories.make_staff(tenant, Role.SENDER))


@pytest.fixture
def later() -> datetime:
    """Tomorrow."""
    return times.now() + timedelta(days=1)


PEOPLE = [("김하늘", "01020001111"), ("이서준", "01020002222"), ("박은서", "01020003333")]
