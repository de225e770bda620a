"""Two tenants, ours and the neighbour's; the sandbox over real HTTP; nothing else is faked but the clock."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django_scopes import scope, scopes_disabled

from accounts import guessing
from accounts.enums import Role
from accounts.models import Staff, Tenant
from tests import factories
from tests.messaging.sandbox_fixture import aligo_sandbox, aligo_server  # noqa: F401  (fixtures for every test)


def _flushes(item: pytest.Item) -> bool:
    """Whether the database is emptied after the test, instead of a transaction rolled back."""
    mark = item.get_closest_marker("django_db")
    asked = {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(asked or (mark and (mark.kwargs.get("transaction") or mark.args[:1] == (True,))))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need PostgreSQL say so where there is none. Files with a test that empties the database come last:
    it takes what migrations wrote (the terms) with it, and a worker runs file by file."""
    emptying = {item.path for item in items if _flushes(item)}
    items.sort(key=lambda item: item.path in emptying)
    if connection.vendor != "postgresql":
        for item in items:
            if "postgres" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: set DATABASE_URL"))


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    """Rate limits and balances of one test are not the next one's."""
    yield
    if settings.REDIS_URL:  # the table of the embedded default is undone with the test's own rows
        cache.clear()


@pytest.fixture(autouse=True)
def _one_span(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong guesses are counted by spans of the clock: none ends in the middle of a test."""
    real, spans = guessing.window, dict[int, int]()
    monkeypatch.setattr(guessing, "window", lambda seconds: spans.setdefault(seconds, real(seconds)))


# Members whose marks are not what their groups, tags and own columns say.
_UNTRUE = """
SELECT m.id, k.* FROM members_member m FULL JOIN members_marks k ON k.member_id = m.id WHERE k.member_id IS NULL
OR m.id IS NULL
OR (SELECT array_agg(v ORDER BY v) FROM unnest(k.groups) v) IS DISTINCT FROM
   (SELECT array_agg(group_id ORDER BY group_id) FROM members_membership WHERE member_id = m.id)
OR (SELECT array_agg(v ORDER BY v) FROM unnest(k.tags) v) IS DISTINCT FROM
   (SELECT array_agg(tag_id ORDER BY tag_id) FROM members_membertag WHERE member_id = m.id)
OR (SELECT array_agg(v ORDER BY v) FROM unnest(k.words) v) IS DISTINCT FROM
   (SELECT array_agg(v ORDER BY v) FROM unnest(members_own_words(m.tenant_id, m.fields)) v)
LIMIT 5
"""


@pytest.fixture(autouse=True)
def _marks_are_true(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test did: what PostgreSQL keeps for its index says the same as the tables (decision 0018)."""
    asked = {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    if connection.vendor != "postgresql" or not (asked or request.node.get_closest_marker("django_db")):
        yield
        return
    request.getfixturevalue("transactional_db" if _flushes(request.node) else "db")
    yield
    if connection.connection and not connection.needs_rollback:
        with connection.cursor() as cursor:
            cursor.execute(_UNTRUE)
            assert not cursor.fetchall()


@pytest.fixture(scope="session", autouse=True)
def _flush_past_ledgers() -> Iterator[None]:
    """SQLite empties tables with DELETE, which the append-only triggers refuse: lift them around a flush only."""
    ops = type(connection.ops)
    original = ops.execute_sql_flush

    def flush(self: Any, sql_list: list[str]) -> None:
        if self.connection.vendor != "sqlite":
            return original(self, sql_list)
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
            original(self, sql_list)
            for _name, sql in triggers:
                cursor.execute(sql)
        return None

    ops.execute_sql_flush = flush
    yield
    ops.execute_sql_flush = original


@pytest.fixture
def tenant(db: None) -> Tenant:
    return factories.make_tenant(name="한빛체육관", slug="hanbit")


@pytest.fixture
def neighbour(db: None) -> Tenant:
    return factories.make_tenant(name="이웃미용실", slug="neighbour")


@pytest.fixture
def owner(tenant: Tenant) -> Staff:
    return factories.make_staff(tenant, Role.OWNER)


@pytest.fixture
def neighbour_owner(neighbour: Tenant) -> Staff:
    return factories.make_staff(neighbour, Role.OWNER)


@pytest.fixture
def in_tenant(tenant: Tenant) -> Iterator[Tenant]:
    """The test body runs inside the tenant's scope."""
    with scope(tenant=tenant):
        yield tenant


@pytest.fixture
def everywhere() -> Iterator[None]:
    """The test body may read rows of all tenants."""
    with scopes_disabled():
        yield


@pytest.fixture
def as_owner(owner: Staff) -> Client:
    return sign_in(owner)


@pytest.fixture
def api(tenant: Tenant) -> Client:
    """A client that carries an API key with every scope."""
    _key, secret = factories.make_key(tenant)
    return Client(headers={"Authorization": f"Bearer {secret}"})


def sign_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
