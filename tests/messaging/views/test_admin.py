"""The operators' desk shows where things are, and no key, text or whole number."""

from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import Tenant
from messaging.enums import BatchState, OptOutScope
from messaging.models import Batch, OptOut, ProviderWord
from messaging.services import policies
from tests import factories
from tests.messaging.views.conftest import finish
from tests.messaging.views.test_dispatches import send


@pytest.fixture
def desk(db: None) -> Client:
    client = Client()
    user = factories.make_user(is_staff=True, is_superuser=True)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.parametrize("table", ["aligoaccount", "sender", "dispatch", "batch", "message", "excluded", "optout"])
def test_admin_lists_show_no_secrets(desk: Client, as_owner: Client, shop: Tenant, people: Any, table: str) -> None:
    factories.make_member(shop, "집전화", "0237891111")
    OptOut.objects.create(tenant=shop, phone="01088887777", scope=OptOutScope.ALL, at=factories.now())
    send(shop, "비밀스러운 글이에요.")
    finish(shop)

    page = desk.get(f"/admin/messaging/{table}/")

    text = page.content.decode()
    assert page.status_code == 200 and "한빛체육관" in text
    for secret in ("비밀스러운", "01020001111", "010-2000-1111", "01088887777"):
        assert secret not in text


def test_admin_dispatch_hides_the_text_and_cannot_be_changed(
    desk: Client, as_owner: Client, shop: Tenant, people: Any
) -> None:
    dispatch = send(shop, "비밀스러운 글이에요.")

    page = desk.get(f"/admin/messaging/dispatch/{dispatch.pk}/change/")

    assert page.status_code == 200 and "비밀스러운" not in page.content.decode()
    assert desk.post(f"/admin/messaging/dispatch/{dispatch.pk}/change/", {"name": "x"}).status_code == 403
    assert desk.get("/admin/messaging/dispatch/add/").status_code == 403


def test_admin_finds_what_waits_for_a_person_without_its_text(
    desk: Client, as_owner: Client, shop: Tenant, people: Any
) -> None:
    send(shop, "비밀스러운 글이에요.")
    finish(shop)
    with scope(tenant=shop):
        listed = [{"id": "1", "type": "SMS", "count": 3, "text": "비밀스러운", "at": None}]
        Batch.objects.update(state=BatchState.UNKNOWN, undecided_at=factories.now(), listed=listed)
        pk = Batch.objects.get().pk

    waiting = desk.get("/admin/messaging/batch/?undecided_at__isempty=0").content.decode()
    settled = desk.get("/admin/messaging/batch/?undecided_at__isempty=1").content.decode()
    one = desk.get(f"/admin/messaging/batch/{pk}/change/").content.decode()

    assert f"/admin/messaging/batch/{pk}/" in waiting and f"/admin/messaging/batch/{pk}/" not in settled
    assert "비밀스러운" not in waiting + one


def test_admin_shows_words_nobody_knows_and_who_has_stopped(desk: Client, shop: Tenant) -> None:
    now = factories.now()
    ProviderWord.objects.create(word="전송보류", first_at=now, last_at=now, seen_count=7)
    with scope(tenant=shop):
        policies.stop_all(tenant=shop, by=None)

    assert "전송보류" in desk.get("/admin/messaging/providerword/").content.decode()
    stopped = desk.get("/admin/messaging/sendingpolicy/?stopped_at__isempty=0").content.decode()
    assert "한빛체육관" in stopped
    assert desk.get("/admin/messaging/providerword/add/").status_code == 403
