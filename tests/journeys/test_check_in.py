"""From a tablet that is made to a member who is greeted, texted about and greeted again: over HTTP, as each sees it."""

import json
import re
from datetime import timedelta
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import Fact, Staff, Tenant
from members.models import Attendance, Kiosk, Member, Pass
from tests import factories
from tests.conftest import sign_in
from ui import times

pytestmark = pytest.mark.django_db(transaction=True)


def call(url: str, **data: str) -> tuple[int, dict[str, Any]]:
    """A tablet has no session and no cookie."""
    try:
        with urlopen(Request(url, data=urlencode(data).encode() if data else None), timeout=20) as answer:
            body, status = answer.read().decode(), answer.status
    except HTTPError as refused:
        body, status = refused.read().decode(), refused.code
    return status, json.loads(body) if body.startswith("{") else {"html": body}


def test_a_member_buys_checks_in_and_is_undone(live_server: Any, tenant: Tenant, owner: Staff) -> None:
    staff: Client = sign_in(owner)
    home = f"/t/{tenant.slug}/members/"
    member = factories.make_member(tenant, "김민준", "01012345678")

    # The shop sets a tablet up, and sells a pass of two sessions.
    staff.post(f"{home}kiosks/", {"name": "입구"})
    token = re.search(r"/k/([\w-]+)/", staff.get(f"{home}kiosks/").content.decode())[1]  # type: ignore[index]
    today = times.today()
    sold = {"starts_on": f"{today}", "name": "체험 2회", "sessions": "2", "days": "30", "price_won": "20000"}
    staff.post(f"{home}{member.pk}/passes/add/", sold | {"key": "a" * 32})

    # The member comes, and comes again the next hour.
    kiosk = f"{live_server.url}/k/{token}"
    assert "휴대폰 번호 뒷자리" in call(f"{kiosk}/")[1]["html"]
    person = call(f"{kiosk}/look/", digits="5678")[1]["people"][0]
    assert call(f"{kiosk}/in/", ticket=person["ticket"], key="1" * 32)[1]["sub"] == "1회 남았어요."
    with scope(tenant=tenant):
        Attendance.objects.update(at=times.now() - timedelta(hours=1))
    person = call(f"{kiosk}/look/", digits="5678")[1]["people"][0]
    assert call(f"{kiosk}/in/", ticket=person["ticket"], key="2" * 32)[1]["ask"]
    said = call(f"{kiosk}/in/", ticket=person["ticket"], key="2" * 32, sure="1")[1]
    assert said["tone"] == "amber" and "다 썼어요" in said["sub"]

    # The counter sees both, undoes the second, and whoever listens has been told.
    page = staff.get(f"{home}visits/").content.decode()
    assert "2번 왔어요" in page
    with scope(tenant=tenant):
        last = Attendance.objects.latest("pk")
        staff.post(f"{home}visits/{last.pk}/undo/")
        assert Pass.objects.get().sessions_left == Member.objects.get().sessions_left == 1
        kinds = set(Fact.objects.values_list("kind", flat=True))
    assert {"member.visited", "pass.used_up"} <= kinds

    # A tablet that was taken back is of no use.
    with scope(tenant=tenant):
        kiosk_id = Kiosk.objects.get().pk
    staff.post(f"{home}kiosks/{kiosk_id}/revoke/")
    assert call(f"{kiosk}/look/", digits="5678")[0] == 410
