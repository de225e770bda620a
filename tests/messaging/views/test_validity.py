"""이 시각이 지나면 보내지 않기: the compose page says until when a text is worth sending."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import Tenant
from messaging.models import Dispatch, Draft
from ui import times

URL = "/t/hanbit/messages/"
KEY = "c" * 32


def typed(**fields: Any) -> dict[str, Any]:
    return {"key": KEY, "all": "on", "text": "오늘 저녁 수업이 있어요."} | fields


def until(hours: float) -> dict[str, str]:
    at = times.seoul(times.now() + timedelta(hours=hours))
    return {"until": "on", "until_date": at.strftime("%Y-%m-%d"), "until_time": at.strftime("%H:%M")}


def test_text_is_sent_with_the_time_until_which_it_holds(as_owner: Client, shop: Tenant, people: Any) -> None:
    wanted = until(3)
    as_owner.post(f"{URL}new/submit/", typed(**wanted))

    with scope(tenant=shop):
        at = times.seoul(Dispatch.objects.get().expires_at)  # type: ignore[arg-type]
    assert at.strftime("%Y-%m-%d %H:%M") == f"{wanted['until_date']} {wanted['until_time']}"


def test_switch_that_is_off_means_no_limit(as_owner: Client, shop: Tenant, people: Any) -> None:
    as_owner.post(f"{URL}new/submit/", typed(**{k: v for k, v in until(3).items() if k != "until"}))

    with scope(tenant=shop):
        assert Dispatch.objects.get().expires_at is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"until": "on", "until_date": "", "until_time": "10:00"}, "언제까지 보낼지"),
        (until(-3), "유효 기한이 보낼 때보다 빨라요"),
    ],
)
def test_limit_that_makes_no_sense_is_said_beside_it_and_kept(
    as_owner: Client, shop: Tenant, people: Any, given: dict[str, str], said: str
) -> None:
    answer = as_owner.post(f"{URL}new/submit/", typed(**given))

    assert answer.status_code == 422 and said in answer.content.decode()
    with scope(tenant=shop):
        assert Dispatch.objects.count() == 0
        assert Draft.objects.get().data["until_time"] == given["until_time"]


def test_changing_a_schedule_shows_and_changes_the_limit(as_owner: Client, shop: Tenant, people: Any) -> None:
    at = times.seoul(times.now() + timedelta(hours=1))
    later = {"later": "on", "date": at.strftime("%Y-%m-%d"), "time": at.strftime("%H:%M")}
    as_owner.post(f"{URL}new/submit/", typed(**later, **until(3)))
    with scope(tenant=shop):
        pk = Dispatch.objects.get().pk

    page = as_owner.get(f"{URL}new/?edit={pk}")
    data = page.context["data"]
    changed = typed(**later, **until(5)) | {"edit": pk, "seen": data["seen"], "key": "d" * 32}
    as_owner.post(f"{URL}new/submit/", changed)

    assert data["until"] and data["until_date"]
    with scope(tenant=shop):
        expires = Dispatch.objects.get().expires_at
    assert expires and timedelta(hours=4.9) < expires - times.now() < timedelta(hours=5.1)
