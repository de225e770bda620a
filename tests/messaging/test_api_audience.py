"""Whom a program means: segments, who is left out by what is true of them, and as of when."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import Tag, Tenant
from members.enums import Stage
from members.models import Due, MemberTag, Segment
from messaging.models import Dispatch
from tests.factories import make_member, make_staff
from tests.messaging import test_api
from tests.messaging.test_api import URL, draft, post
from ui import times

pytestmark = pytest.mark.django_db
ready = test_api.ready  # its tenant, account and group


def quote(api: Client, ready: Any, to: dict[str, Any]) -> dict[str, Any]:
    response = post(api, f"{URL}/quote", draft(ready, to=to))
    assert response.status_code == 200, response.json()
    return response.json()


@pytest.fixture
def trial(in_tenant: Tenant) -> Segment:
    rule = {"all": [{"field": "stage", "op": "in", "value": [Stage.TRIAL.value]}]}
    return Segment.objects.create(tenant=in_tenant, name="체험", rule=rule)


def test_a_segment_is_whoever_fits(api: Client, ready: Any, in_tenant: Tenant, trial: Segment) -> None:
    make_member(in_tenant, "가", stage=Stage.TRIAL)
    make_member(in_tenant, "나")

    assert quote(api, ready, {"segments": [trial.pk]})["recipients"] == 1


def test_staff_are_left_out_where_a_program_says_so(api: Client, ready: Any, in_tenant: Tenant) -> None:
    make_staff(in_tenant, "manager", phone=make_member(in_tenant, "가").phone)
    everybody = quote(api, ready, {"all": True})["recipients"]

    told = quote(api, ready, {"all": True, "except": {"staff": True}})

    assert (told["recipients"], told["excluded"]["excepted"]) == (everybody - 1, 1)


def test_who_is_left_out_is_counted_with_the_reason(api: Client, ready: Any, in_tenant: Tenant, trial: Segment) -> None:
    make_member(in_tenant, "가", stage=Stage.TRIAL)
    left = make_member(in_tenant, "나", stage=Stage.LEFT)
    tagged = make_member(in_tenant, "다")
    tag = Tag.objects.create(tenant=in_tenant, name="직원")
    MemberTag.objects.create(tenant=in_tenant, member=tagged, tag=tag)
    everybody = quote(api, ready, {"all": True})["recipients"]

    except_ = {"segments": [trial.pk], "tags": [tag.pk], "stages": [left.stage]}
    found = quote(api, ready, {"all": True, "except": except_})

    assert found["recipients"] == everybody - 3
    assert {name: found["excluded"][name] for name in ("segment", "tag", "stage")} == {
        "segment": 1,
        "tag": 1,
        "stage": 1,
    }


def test_who_owes_can_be_left_out(api: Client, ready: Any, in_tenant: Tenant) -> None:
    owing = make_member(in_tenant, "가", unpaid_won=1000, unpaid_since=times.today())
    today = times.today()
    Due.objects.create(
        tenant=in_tenant,
        member=owing,
        name="회비",
        month=today.replace(day=1),
        amount_won=1000,
        open_won=1000,
        due_on=today,
    )

    found = quote(api, ready, {"members": [owing.pk], "all": True, "except": {"unpaid": True}})

    assert found["excluded"]["unpaid"] == 1


def test_a_schedule_can_keep_the_list_of_now(api: Client, ready: Any, tenant: Tenant, trial: Segment) -> None:
    with scope(tenant=tenant):
        make_member(tenant, "가", stage=Stage.TRIAL)
    later = (times.now() + timedelta(days=1)).isoformat()

    response = post(api, URL, draft(ready, to={"segments": [trial.pk], "as_of": "now"}, send_at=later))

    assert response.status_code == 201, response.json()
    with scope(tenant=tenant):
        assert Dispatch.objects.get(pk=response.json()["id"]).audience["as_of"] == "now"


def test_the_neighbour_s_segment_is_unknown(api: Client, ready: Any, neighbour: Tenant) -> None:
    with scope(tenant=neighbour):
        theirs = Segment.objects.create(tenant=neighbour, name="남", rule={"all": []})

    response = post(api, URL, draft(ready, to={"segments": [theirs.pk]}))

    assert (response.status_code, response.json()["error"]["code"]) == (422, "unknown_segment")
