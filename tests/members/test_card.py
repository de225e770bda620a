"""The card: its first line, its constant price, and what each person may do on it."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from accounts.models import Staff, Tenant
from members.models import Member
from members.selectors.card import answer
from members.services import consents, notes, passes
from tests import factories
from tests.conftest import sign_in
from ui import times

TODAY = date(2026, 11, 28)
HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"sessions_left": 11, "expires_on": date(2027, 3, 14), "unpaid_won": 30_000},
         ["11회 남음", "2027. 3. 14.까지", "회비 30,000원 미납"]),
        ({"sessions_left": 1}, ["1회 남음"]),
        ({"sessions_left": 0}, ["남은 횟수 없음"]),
        ({"expires_on": date(2026, 12, 4)}, ["12월 4일 (금)까지"]),
        ({"expires_on": TODAY}, ["오늘까지"]),
        ({"expires_on": date(2026, 11, 20)}, ["11월 20일 (금)에 끝났어요"]),
        ({"unpaid_won": 1}, ["쓰고 있는 이용권이 없어요", "회비 1원 미납"]),
        ({}, ["쓰고 있는 이용권이 없어요"]),
    ],
)  # fmt: skip
def test_answer_says_how_much_is_left(state: dict[str, Any], said: list[str]) -> None:
    assert [part.text for part in answer(Member(**state), TODAY)] == said


def full(tenant: Tenant, staff: Staff, times_over: int) -> Member:
    who: dict[str, Any] = {"tenant": tenant, "by": staff.user}
    member = factories.make_member(tenant, "김하늘", "01098765678", factories.make_group(tenant))
    for n in range(times_over):
        notes.add(**who, member=member, text=f"메모 {n}", is_pinned=n < 5)
        passes.open_pass(
            **who, member=member, name="10회권", sessions=10, starts_on=times.today(), reference=f"{member.pk}.{n}"
        )
        consents.record(**who, member=member, kind="ad", given=n % 2 == 0, source="가입서")
        factories.make_member(tenant, f"가족{n}", "01098765678")
    return member


def test_card_costs_the_same_however_much_there_is(tenant: Tenant, owner: Staff, as_owner: Client) -> None:
    with scope(tenant=tenant):
        little, much = full(tenant, owner, 1), full(tenant, owner, 12)

    def cost(member: Member) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert as_owner.get(f"/t/hanbit/members/{member.pk}/").status_code == 200
        return len(seen)

    cost(little)
    assert cost(much) <= cost(little) <= 32


def test_answer_alone_is_as_fresh_as_the_ledger(tenant: Tenant, owner: Staff, as_owner: Client) -> None:
    with scope(tenant=tenant):
        member = factories.make_member(tenant, "김하늘")
        path = f"/t/hanbit/members/{member.pk}/answer/"
        before = as_owner.get(path, headers=HTMX).content.decode()
        passes.open_pass(
            tenant=tenant, by=owner.user, member=member, name="10회권", sessions=10,
            starts_on=times.today() - timedelta(days=1), reference="form:1",
        )  # fmt: skip

    assert "쓰고 있는 이용권이 없어요" in before
    assert "10회 남음" in as_owner.get(path, headers=HTMX).content.decode()


def test_viewer_sees_the_card_and_no_way_to_change_it(tenant: Tenant, owner: Staff) -> None:
    with scope(tenant=tenant):
        member = full(tenant, owner, 1)
    body = sign_in(factories.make_staff(tenant, "viewer")).get(f"/t/hanbit/members/{member.pk}/").content.decode()

    assert "메모 0" in body
    assert 'id="composer"' not in body and "휴지통으로 옮기기" not in body


def test_parts_of_a_card_whose_member_is_gone_do_not_ask_again(tenant: Tenant) -> None:
    """They listen to "toast", which says that a deed is done; a refusal is no such word."""
    member = factories.make_member(tenant, deleted_at=times.now())
    client = sign_in(factories.make_staff(tenant, "viewer"))

    for part in ("timeline", "answer"):
        response = client.get(f"/t/hanbit/members/{member.pk}/{part}/", headers=HTMX)

        assert response.status_code == 404
        assert list(json.loads(response["HX-Trigger"])) == ["refused"]
