"""From a question to a member: steps, facts, counts, and what programs see of them."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import InternalError
from django.test import Client

from accounts.models import AuditEvent, Fact, Staff, Tenant
from members.enums import Stage
from members.exceptions import InvalidStage
from members.models import Member, StageChange
from members.selectors import roster
from members.selectors.stages import following, source_counts, stage_counts
from members.services import members
from members.services.stages import change_stage
from tests import factories
from ui import times

pytestmark = pytest.mark.usefixtures("in_tenant")


def one(member: Member) -> "Member.objects":  # type: ignore[name-defined]
    return Member.objects.filter(pk=member.pk)


def test_change_stage_keeps_each_step_and_twice_is_once(tenant: Tenant, owner: Staff) -> None:
    asked = factories.make_member(tenant, "문의", stage="inquiry", source="네이버")
    who = {"tenant": tenant, "by": owner.user, "members": one(asked)}

    assert change_stage(**who, stage="consult", on=times.today() - timedelta(days=2)) == 1
    assert change_stage(**who, stage="consult") == 0
    assert change_stage(**who, stage="active", source="친구 소개") == 1

    asked.refresh_from_db()
    assert (asked.stage, asked.stage_on, asked.source) == ("active", times.today(), "친구 소개")
    assert [(s.stage, s.source) for s in StageChange.objects.order_by("-id")] == [
        ("active", "친구 소개"),
        ("consult", "네이버"),
    ]
    facts = Fact.objects.filter(kind="stage.changed", subject=f"member:{asked.pk}").order_by("pk")
    assert [f.data["stage"] for f in facts] == ["consult", "active"]
    assert AuditEvent.objects.filter(kind="member.stage_changed").count() == 2


def test_change_stage_of_many_leaves_out_the_trash(tenant: Tenant, owner: Staff) -> None:
    some = [factories.make_member(tenant, stage="trial") for _ in range(3)]
    Member.objects.filter(pk=some[0].pk).update(deleted_at=times.now())

    assert change_stage(tenant=tenant, by=owner.user, members=Member.objects.all(), stage="active") == 2
    assert stage_counts(tenant) == {}
    assert StageChange.objects.count() == 2


@pytest.mark.parametrize(("stage", "days"), [("nowhere", 0), ("trial", 1), ("trial", -60_000)])
def test_change_stage_refuses(tenant: Tenant, owner: Staff, stage: str, days: int) -> None:
    member = factories.make_member(tenant)
    with pytest.raises(InvalidStage):
        change_stage(
            tenant=tenant, by=owner.user, members=one(member), stage=stage, on=times.today() + timedelta(days=days)
        )
    assert not StageChange.objects.exists()


def test_the_neighbour_moves_nobody(tenant: Tenant, neighbour: Tenant, neighbour_owner: Staff) -> None:
    member = factories.make_member(tenant, stage="inquiry")
    assert change_stage(tenant=neighbour, by=neighbour_owner.user, members=one(member), stage="active") == 0
    member.refresh_from_db()
    assert member.stage == "inquiry"


def test_steps_are_never_changed(tenant: Tenant, owner: Staff) -> None:
    member = factories.make_member(tenant)
    change_stage(tenant=tenant, by=owner.user, members=one(member), stage="left")
    with pytest.raises((IntegrityError, InternalError, Exception)), transaction.atomic():
        StageChange.objects.update(stage="active")
    assert StageChange.objects.get().stage == "left"


def test_a_new_member_is_active_and_a_prospect_begins_with_a_step(tenant: Tenant, owner: Staff) -> None:
    who = {"tenant": tenant, "by": owner.user}
    plain = members.create(**who, name="회원")
    asked = members.create(**who, name="문의", stage="inquiry", stage_on=date(2026, 1, 5), source="인스타그램")

    assert (plain.stage, plain.stage_on) == (Stage.ACTIVE, None)
    assert [(s.member_id, s.stage, s.on) for s in StageChange.objects.all()] == [
        (asked.pk, "inquiry", date(2026, 1, 5))
    ]
    assert stage_counts(tenant) == {"inquiry": 1}
    assert source_counts(tenant) == [("인스타그램", 1)]


def test_roster_filters_by_stage_in_any_order(tenant: Tenant) -> None:
    names = ["다", "가", "나"]
    for name in names:
        factories.make_member(tenant, name, stage="trial")
    factories.make_member(tenant, "라")

    assert [m.name for m in roster(tenant, stage="trial").page().rows] == names[::-1]
    by_name = roster(tenant, stage="trial", ordering="name")
    assert by_name.total == 3
    first = by_name.page(size=2)
    assert [m.name for m in first.rows] == ["가", "나"]
    assert [m.name for m in by_name.page(first.next, size=2).rows] == ["다"]
    assert [m.name for m in roster(tenant, stage="active").page().rows] == ["라"]
    assert [m.name for m in roster(tenant, stage="trial", search="가").page().rows] == ["가"]


def test_following_offers_each_stage_once() -> None:
    for stage in Stage:
        assert sorted(following(stage)) == sorted(set(Stage) - {stage})


def test_api_takes_shows_and_records_stages(api: Client, tenant: Tenant) -> None:
    body = {"name": "문의자", "phone": "01011112222", "stage": "inquiry", "source": "블로그", "stage_on": "2026-02-03"}
    made = api.post("/api/v1/members", body, content_type="application/json").json()
    assert (made["stage"], made["source"], made["stage_on"]) == ("inquiry", "블로그", "2026-02-03")

    path = f"/api/v1/members/{made['id']}"
    moved = api.patch(path, {"stage": "trial"}, content_type="application/json").json()
    assert (moved["stage"], moved["source"]) == ("trial", "블로그")
    assert [s.stage for s in StageChange.objects.order_by("pk")] == ["inquiry", "trial"]
    assert api.patch(path, {"stage": "gone"}, content_type="application/json").status_code == 422
    future = api.patch(path, {"stage": "left", "stage_on": "2099-01-01"}, content_type="application/json")
    assert future.status_code == 422
    assert [m["id"] for m in api.get("/api/v1/members?stage=trial").json()["results"]] == [made["id"]]
    assert api.get("/api/v1/members?stage=nowhere").status_code == 422
