"""A number that three real texts did not find: on the card, in the list, left out, and forgotten with a new one."""

from typing import Any

from django.test import Client
from django_scopes import scope

from accounts.models import Tenant
from messaging import selectors
from messaging.enums import DispatchState
from messaging.models import Dispatch, Excluded
from tests import factories
from tests.messaging.services.conftest import aligo  # noqa: F401
from tests.messaging.views.conftest import finish

NOBODYS, SOMEBODYS, NEW = "01033330001", "01033330012", "01033330013"  # the sandbox knows no subscriber of …0001
CARD, LISTED = "이 번호로 보낸 문자가 세 번 돌아왔어요", "/t/hanbit/members/?mark=dead"


def send(client: Client, tenant: Tenant, key: str, **fields: Any) -> Dispatch:
    typed = {"key": key * 32, "text": "안녕하세요, #{이름} 님.", "sender": "0237890123", "all": "on"} | fields
    assert client.post("/t/hanbit/messages/new/submit/", typed).status_code == 302
    for _question in range(9):
        finish(tenant)
        with scope(tenant=tenant):
            dispatch = Dispatch.objects.latest("pk")
        if dispatch.state == DispatchState.FINISHED:
            return dispatch
    raise AssertionError("its results do not come")


def test_a_number_nobody_has_any_more(tenant: Tenant, as_owner: Client, aligo: Any) -> None:  # noqa: F811
    factories.make_account(tenant)
    factories.make_sender(tenant)
    gone = factories.make_member(tenant, "김옛날", NOBODYS)
    factories.make_member(tenant, "이지금", SOMEBODYS)
    card = f"/t/hanbit/members/{gone.pk}/"

    for key in "12":
        send(as_owner, tenant, key)
    assert CARD not in as_owner.get(card).content.decode()
    third = send(as_owner, tenant, "3")
    with scope(tenant=tenant):
        assert selectors.counts(third)["failed"] == 1
    page = as_owner.get(LISTED).content.decode()
    assert CARD in as_owner.get(card).content.decode()
    assert "김옛날" in page and "이지금" not in page

    fourth = send(as_owner, tenant, "4", except_dead="on")
    with scope(tenant=tenant):
        assert [row.phone for row in selectors.messages(fourth)] == [SOMEBODYS]
        assert list(Excluded.objects.filter(dispatch=fourth).values_list("name", "reason")) == [("김옛날", "excepted")]

    changed = {"name": "김옛날", "phone": NEW, "birth_calendar": "solar", "stage": "active"}
    assert as_owner.post(f"{card}edit/", changed).status_code == 302
    assert CARD not in as_owner.get(card).content.decode()
    assert "김옛날" not in as_owner.get(LISTED).content.decode()
    fifth = send(as_owner, tenant, "5", except_dead="on")
    with scope(tenant=tenant):
        assert {row.phone: row.effective_state for row in selectors.messages(fifth)} == {
            SOMEBODYS: "delivered",
            NEW: "delivered",
        }
