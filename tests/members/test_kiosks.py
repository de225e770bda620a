"""A tablet for check-in: its address is the whole right, and whoever guesses learns nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts import guessing
from accounts.models import Tenant
from members import codes
from members.models import Attendance, Kiosk, Member, Pass
from members.services import contacts, kiosks, uniting
from tests import factories
from ui import times

KEY = "a" * 32


@pytest.fixture
def token(tenant: Tenant) -> str:
    with scope(tenant=tenant):
        return kiosks.create(tenant=tenant, by=None, name="입구")[1]


@pytest.fixture
def member(tenant: Tenant) -> Member:
    member = factories.make_member(tenant, "김민준", "01012345678")
    factories.make_pass(tenant, member, sessions=12)
    return member


def post(path: str, **data: str) -> Any:
    return Client(enforce_csrf_checks=True).post(path, data)


def test_digits_then_one_tap(token: str, member: Member) -> None:
    found = post(f"/k/{token}/look/", digits="5678").json()
    (person,) = found["people"]
    assert (person["name"], person["phone"]) == ("김○준", "12••-5678")
    assert "김민준" not in str(found) and str(member.phone) not in str(found)

    done = [post(f"/k/{token}/in/", ticket=person["ticket"], key=KEY).json() for _twice in range(2)]

    assert done[0] == {"say": "김○준님, 반가워요.", "sub": "11회 남았어요.", "tone": "green"}
    assert done[1]["say"] == "김○준님, 이미 출석했어요."
    with scope(tenant=member.tenant):
        assert Attendance.objects.get().way == "digits"
        assert Pass.objects.get().sessions_left == 11
        assert Kiosk.objects.get().used_at is not None


def test_a_code_from_camera_or_scanner(token: str, member: Member) -> None:
    code = codes.code_of(member.tenant_id, member.pk)

    assert post(f"/k/{token}/in/", code=code, key=KEY).json()["sub"] == "11회 남았어요."
    assert post(f"/k/{token}/in/", code=code[:-1] + "0", key="b" * 32).status_code in {404, 200}
    assert post(f"/k/{token}/in/", code="https://example.com", key="c" * 32).status_code == 404


def test_several_are_told_apart_and_too_many_are_asked_for_more(token: str, tenant: Tenant) -> None:
    for n in range(2):
        factories.make_member(tenant, "박서연", f"0103{n}335678")
    assert len(post(f"/k/{token}/look/", digits="5678").json()["people"]) == 2
    for n in range(9):
        factories.make_member(tenant, "이도윤", f"0104{n}445678")

    assert post(f"/k/{token}/look/", digits="5678").json()["more"] is True
    assert len(post(f"/k/{token}/look/", digits="40445678"[-8:]).json().get("people", [1])) == 1


def came_an_hour_ago(tenant: Tenant) -> None:
    with scope(tenant=tenant):
        Attendance.objects.update(at=times.now() - timedelta(hours=1))


def test_a_second_session_of_a_day_is_asked_for(token: str, member: Member) -> None:
    code = codes.code_of(member.tenant_id, member.pk)
    post(f"/k/{token}/in/", code=code, key=KEY)
    came_an_hour_ago(member.tenant)
    asked = post(f"/k/{token}/in/", code=code, key="b" * 32).json()
    assert asked == {"ask": True, "say": "오늘 이미 출석했어요. 한 번 더 쓸까요?"}
    with scope(tenant=member.tenant):
        assert Pass.objects.get().sessions_left == 11

    for _twice in range(2):
        assert post(f"/k/{token}/in/", code=code, key="b" * 32, sure="1").json()["sub"] == "10회 남았어요."
    assert "ask" not in post(f"/k/{token}/in/", code=code, key="c" * 32).json()  # a moment later it is the same visit


def test_who_has_a_pass_without_counting_is_not_asked(token: str, tenant: Tenant) -> None:
    member = factories.make_member(tenant, "김민준")
    factories.make_pass(tenant, member, sessions=None, days=30)
    code = codes.code_of(tenant.pk, member.pk)
    post(f"/k/{token}/in/", code=code, key=KEY)
    came_an_hour_ago(tenant)

    assert post(f"/k/{token}/in/", code=code, key="b" * 32).json()["say"] == "김○준님, 반가워요."


def test_words_for_what_is_over(token: str, tenant: Tenant) -> None:
    none = factories.make_member(tenant, "최하은", "01099998888")
    (person,) = post(f"/k/{token}/look/", digits="8888").json()["people"]
    said = post(f"/k/{token}/in/", ticket=person["ticket"], key=KEY).json()

    assert said["tone"] == "amber" and "카운터" in said["sub"]
    with scope(tenant=tenant):
        assert Attendance.objects.get(member=none).used is None


@pytest.mark.parametrize("digits", ["", "123", "123456789", "12a4", "１２３４", "----"])
def test_odd_digits_are_nobody(token: str, member: Member, digits: str) -> None:
    assert post(f"/k/{token}/look/", digits=digits).status_code == 422


@pytest.mark.parametrize("key", ["", "short", "<script>aaaaaaaaaaaa", "k" * 60])
def test_a_check_in_needs_a_key(token: str, member: Member, key: str) -> None:
    code = codes.code_of(member.tenant_id, member.pk)

    assert post(f"/k/{token}/in/", code=code, key=key).status_code == 422


def test_tickets_are_of_use_on_their_own_tablet_only(token: str, member: Member, neighbour: Tenant) -> None:
    with scope(tenant=neighbour):
        other = kiosks.create(tenant=neighbour, by=None, name="옆집")[1]
    (person,) = post(f"/k/{token}/look/", digits="5678").json()["people"]

    assert post(f"/k/{other}/in/", ticket=person["ticket"], key=KEY).status_code == 404
    assert post(f"/k/{other}/look/", digits="5678").status_code == 404
    assert post(f"/k/{other}/in/", code=codes.code_of(member.tenant_id, member.pk), key=KEY).status_code == 404


def test_a_tablet_that_was_taken_back_is_closed(token: str, tenant: Tenant, member: Member) -> None:
    assert Client().get(f"/k/{token}/").status_code == 200
    with scope(tenant=tenant):
        kiosk = Kiosk.objects.get()
        for _twice in range(2):
            kiosks.revoke(tenant=tenant, by=None, kiosk=kiosk)

    assert Client().get(f"/k/{token}/").status_code == 404
    assert post(f"/k/{token}/look/", digits="5678").status_code == 410


def test_only_the_hash_of_an_address_is_kept(token: str, tenant: Tenant) -> None:
    with scope(tenant=tenant):
        assert token not in str(Kiosk.objects.values().get())


def test_guessing_addresses_comes_to_rest(member: Member, token: str) -> None:
    for n in range(31):
        assert Client().get(f"/k/guess{n}/").status_code in {404, 429}

    assert post("/k/guess/look/", digits="5678").status_code == 429


def test_guessing_digits_comes_to_rest_but_members_do_not_feel_it(token: str, member: Member) -> None:
    for n in range(kiosks.MISSES + 5):  # a busy day: each look is followed by a check-in
        factories.make_member(member.tenant, "박서연", f"0109999{n:04d}")
        (person,) = post(f"/k/{token}/look/", digits=f"9999{n:04d}").json()["people"]
        assert post(f"/k/{token}/in/", ticket=person["ticket"], key=f"{n:032d}").status_code == 200
    for n in range(kiosks.MISSES):
        post(f"/k/{token}/look/", digits=f"{n:04d}")

    assert post(f"/k/{token}/look/", digits="5678").status_code == 429


def test_a_ticket_played_again_gives_no_further_try(token: str, member: Member) -> None:
    (person,) = post(f"/k/{token}/look/", digits="5678").json()["people"]
    post(f"/k/{token}/in/", ticket=person["ticket"], key=KEY)
    for n in range(kiosks.MISSES):
        post(f"/k/{token}/look/", digits=f"{n:04d}")
        post(f"/k/{token}/in/", ticket=person["ticket"], key=KEY)

    assert post(f"/k/{token}/look/", digits="5678").status_code == 429


def test_while_digits_rest_codes_go_on_and_the_rest_ends(
    token: str, member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = times.now()
    for n in range(kiosks.MISSES):
        post(f"/k/{token}/look/", digits=f"{n:04d}")
    assert post(f"/k/{token}/look/", digits="5678").status_code == 429
    assert post(f"/k/{token}/in/", code=codes.code_of(member.tenant_id, member.pk), key=KEY).status_code == 200
    later = start + timedelta(seconds=kiosks.SECONDS)
    monkeypatch.setattr(guessing, "window", lambda seconds: int(later.timestamp()) // seconds)

    assert post(f"/k/{token}/look/", digits="5678").status_code == 200


def test_a_code_of_a_merged_member_is_whom_it_is_now(token: str, api: Client, member: Member) -> None:
    code = codes.code_of(member.tenant_id, member.pk)
    kept = factories.make_member(member.tenant, "김서준")
    with scope(tenant=member.tenant):
        uniting.unite(tenant=member.tenant, by=None, kept=kept.pk, gone=member.pk)

    assert post(f"/k/{token}/in/", code=code, key=KEY).json()["say"] == "김○준님, 반가워요."
    visit = api.post("/api/v1/visits", {"code": code}, content_type="application/json").json()
    assert visit["visit"]["member"] == kept.pk


def test_a_child_comes_in_by_the_number_of_its_mother(token: str, tenant: Tenant) -> None:
    child = factories.make_member(tenant, "박하은", "01011110000")
    with scope(tenant=tenant):
        contacts.add(tenant=tenant, by=None, member=child, role="mother", name="이지은", phone="01022223333")
    (person,) = post(f"/k/{token}/look/", digits="3333").json()["people"]

    assert (person["name"], person["phone"]) == ("박○은", "22••-3333")
    assert post(f"/k/{token}/in/", ticket=person["ticket"], key=KEY).status_code == 200
    assert post(f"/k/{token}/look/", digits="12223333").status_code == 404


def test_staff_make_and_take_back(as_owner: Client, tenant: Tenant) -> None:
    page = f"/t/{tenant.slug}/members/kiosks/"
    as_owner.post(page, {"name": "입구 태블릿"})
    shown, again = as_owner.get(page).content.decode(), as_owner.get(page).content.decode()

    assert "/k/" in shown and "<svg" in shown
    assert "/k/" not in again  # once
    assert as_owner.post(page, {"name": " "}).status_code == 422
