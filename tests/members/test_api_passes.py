"""Passes, visits and dues over the REST API: the same services, once by Idempotency-Key."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts.enums import Scope
from accounts.models import Tenant
from members import codes
from members.models import Due, Member, Pass
from tests import factories
from ui import times


@pytest.fixture(autouse=True)
def _inside(tenant: Tenant) -> Iterator[None]:
    with scope(tenant=tenant):
        yield


@pytest.fixture
def member(tenant: Tenant) -> Member:
    return factories.make_member(tenant, "김민준", "01012345678")


def post(api: Client, path: str, body: Any = None, **headers: str) -> Any:
    return api.post(f"/api/v1/{path}", json.dumps(body or {}), content_type="application/json", headers=headers)


def test_a_pass_from_beginning_to_refund(api: Client, member: Member) -> None:
    kind = post(api, "pass-types", {"name": "10회권", "sessions": 10, "months": 3, "price_won": 150_000}).json()
    body = {"member": member.pk, "type": kind["id"]}
    made, again = (post(api, "passes", body, **{"Idempotency-Key": "k1"}) for _ in range(2))
    one = made.json()

    assert (made.status_code, again.json()["id"], Pass.objects.count()) == (201, one["id"], 1)
    assert (one["state"], one["sessions_left"], one["entries"][0]["kind"]) == ("active", 10, "opened")
    until = times.today().replace(year=times.today().year + 1).isoformat()
    held = post(api, f"passes/{one['id']}/hold", {"until": until}).json()
    assert held["state"] == "held"
    assert post(api, f"passes/{one['id']}/hold", {}).status_code == 409
    assert post(api, f"passes/{one['id']}/resume").json()["ends_on"] == one["ends_on"]
    changed = post(api, f"passes/{one['id']}/adjust", {"sessions": 2, "note": "이벤트"}).json()
    assert changed["sessions_left"] == 12
    quote = api.get(f"/api/v1/passes/{one['id']}/refund-quote?percent=0").json()
    assert (quote["by"], quote["refund_won"]) == ("sessions", 150_000)
    assert post(api, f"passes/{one['id']}/refund", {"won": 200_000}).status_code == 422
    assert post(api, f"passes/{one['id']}/refund", {"won": 150_000}).json()["closed_as"] == "refunded"
    assert api.get(f"/api/v1/passes?member={member.pk}").json()["results"][0]["state"] == "closed"


def test_give_to_another_member(api: Client, member: Member, tenant: Tenant, neighbour: Tenant) -> None:
    one, other = factories.make_pass(tenant, member), factories.make_member(tenant, "박서연", "01011112222")
    stranger = factories.make_member(neighbour, "이웃")

    assert post(api, f"passes/{one.pk}/give", {"to": stranger.pk}).status_code == 404
    assert post(api, f"passes/{one.pk}/give", {"to": other.pk}).json()["received_from"] == one.pk


def test_visits_by_member_code_and_digits(api: Client, member: Member, tenant: Tenant) -> None:
    factories.make_pass(tenant, member)
    first = post(api, "visits", {"digits": "5678"}).json()
    soon = post(api, "visits", {"code": codes.code_of(tenant.pk, member.pk)}).json()

    assert (first["pass_used"]["sessions_left"], soon["again"]) == (9, True)
    assert len(api.get("/api/v1/visits").json()["results"]) == 1
    undone = post(api, f"visits/{first['visit']['id']}/undo")
    assert undone.json()["undone_at"] and Pass.objects.get().sessions_left == 10
    factories.make_member(tenant, "박서연", "01033335678")
    several = post(api, "visits", {"digits": "5678"})
    assert (several.status_code, several.json()["error"]["code"]) == (409, "several_members")
    for bad in ({}, {"member": member.pk, "digits": "5678"}, {"digits": "12"}, {"member": 0}, {"x": 1}):
        assert post(api, "visits", bad).status_code == 422, bad
    assert post(api, "visits", {"digits": "0000"}).status_code == 404
    assert api.get("/api/v1/visits?on=yesterday").status_code == 422


def test_dues_from_plan_to_payment(api: Client, member: Member, tenant: Tenant) -> None:
    group = factories.make_group(tenant)
    plan = post(api, "due-plans", {"group": group.pk, "name": "수강료", "amount_won": 120_000, "due_day": 5})
    assert plan.status_code == 201
    assert api.delete(f"/api/v1/due-plans/{plan.json()['id']}").status_code == 204
    due = post(api, "dues", {"member": member.pk, "name": "교재비", "amount_won": 30_000}).json()
    pay = {"won": 10_000, "method": "cash"}
    for _twice in range(2):
        paid = post(api, f"dues/{due['id']}/pay", pay, **{"Idempotency-Key": "p1"}).json()
    assert (paid["open_won"], len(paid["entries"])) == (20_000, 2)
    assert post(api, f"dues/{due['id']}/pay", {"won": 20_001, "method": "cash"}).status_code == 422
    assert post(api, f"dues/{due['id']}/return", {"won": 10_000}).json()["open_won"] == 30_000
    assert post(api, f"dues/{due['id']}/waive", {"won": 30_000, "note": "형제"}).json()["open_won"] == 0
    assert Due.objects.get().waived_won == 30_000
    listed = api.get(f"/api/v1/dues?member={member.pk}&month={times.today():%Y-%m}&open=true").json()
    assert listed["results"] == []
    assert api.get("/api/v1/dues?month=soon").status_code == 422


def test_reading_keys_may_not_write(tenant: Tenant, member: Member) -> None:
    _key, secret = factories.make_key(tenant, Scope.MEMBERS_READ)
    reader = Client(headers={"Authorization": f"Bearer {secret}"})

    for path in ("passes", "visits", "dues", "pass-types", "due-plans"):
        assert reader.get(f"/api/v1/{path}").status_code == 200
        assert post(reader, path, {}).status_code == 403
