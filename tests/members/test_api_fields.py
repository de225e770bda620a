"""Fields and birthdays over the REST API."""

import io
from typing import Any

from django.test import Client
from django_scopes import scope

from accounts.models import Tenant
from members.models import Field

JSON = "application/json"


def send(api: Client, verb: str, path: str, body: Any, status: int = 200) -> Any:
    answer = getattr(api, verb)(f"/api/v1/{path}", body, content_type=JSON)
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def test_fields_are_made_changed_and_deleted(api: Client, tenant: Tenant) -> None:
    made = send(api, "post", "fields", {"name": "요일", "kind": "choice", "choices": ["월", "수"]}, 201)
    assert (made["kind"], made["choices"], made["former"]) == ("choice", ["월", "수"], [])
    member = send(api, "post", "members", {"name": "김", "phone": "01011112222", "fields": {"요일": "월"}}, 201)

    changed = send(api, "patch", f"fields/{made['id']}", {"name": "수업 요일"})
    assert (changed["name"], changed["former"]) == ("수업 요일", ["요일"])
    assert api.get(f"/api/v1/members/{member['id']}").json()["fields"] == {"수업 요일": "월"}
    send(api, "patch", f"members/{member['id']}", {"fields": {"요일": "수"}})
    assert api.get("/api/v1/members").json()["results"][0]["fields"] == {"수업 요일": "수"}
    assert api.get(f"/api/v1/fields/{made['id']}").json()["value_count"] == 1

    refused = send(api, "patch", f"fields/{made['id']}", {"kind": "number"}, 409)
    assert refused["error"]["code"] == "values_do_not_fit"
    send(api, "patch", f"fields/{made['id']}", {"kind": "number", "clear": True})
    assert api.get(f"/api/v1/members/{member['id']}").json()["fields"] == {}
    assert api.delete(f"/api/v1/fields/{made['id']}").status_code == 204
    assert api.get("/api/v1/fields").json()["count"] == 0


def test_wrong_bodies_are_said(api: Client, tenant: Tenant) -> None:
    for body in ({"name": "생일"}, {"name": ""}, {"name": "반", "kind": "x"}, {"name": "반", "kind": "choice"}, {}):
        send(api, "post", "fields", body, 422)
    send(api, "post", "fields", {"name": "횟수", "kind": "number"}, 201)
    wrong = {"name": "김", "phone": "01011112222", "fields": {"횟수": "열둘"}}
    assert "fields" in send(api, "post", "members", wrong, 422)["error"]["fields"]
    assert send(api, "post", "fields", {"name": "횟수"}, 422)["error"]["code"] == "field_name_taken"


def test_files_go_up_and_come_down(api: Client, tenant: Tenant, neighbour: Tenant) -> None:
    row = send(api, "post", "fields", {"name": "계약서", "kind": "file"}, 201)
    file = io.BytesIO(b"%PDF-1.4 x")
    file.name = "계약서.pdf"
    kept = api.post(f"/api/v1/fields/{row['id']}/upload", {"file": file})
    assert kept.status_code == 201, kept.content
    body = {"name": "김", "phone": "01011112222", "fields": {"계약서": str(kept.json()["id"])}}
    member = send(api, "post", "members", body, 201)

    down = api.get(f"/api/v1/fields/{row['id']}/file?member={member['id']}")
    assert b"".join(down.streaming_content) == b"%PDF-1.4 x"
    assert api.get(f"/api/v1/fields/{row['id']}/file?member=999999").status_code == 404
    with scope(tenant=neighbour):
        theirs = Field.objects.create(tenant=neighbour, name="계약서", kind="file")
    assert api.get(f"/api/v1/fields/{theirs.pk}/file?member={member['id']}").status_code == 404


def test_birthdays_go_in_and_come_out(api: Client, tenant: Tenant) -> None:
    moon = {"calendar": "lunar", "year": 1985, "month": 4, "day": 15}
    made = send(api, "post", "members", {"name": "김", "phone": "01011112222", "birthday": moon}, 201)
    assert made["birthday"] == moon | {"leap": False}
    assert made["birth_date"] == "1985-06-03" and made["next_birthday"]

    plain = send(api, "patch", f"members/{made['id']}", {"birth_date": "2015-03-02"})
    assert plain["birthday"] == {"calendar": "solar", "year": 2015, "month": 3, "day": 2, "leap": False}
    same = send(api, "patch", f"members/{made['id']}", {"birth_date": "2015-03-02", "birthday": plain["birthday"]})
    assert same["birthday"] == plain["birthday"]
    partial = send(api, "patch", f"members/{made['id']}", {"birthday": {"month": 5}})
    assert (partial["birth_date"], partial["birthday"]["month"], partial["birthday"]["day"]) == (None, 5, None)
    assert send(api, "patch", f"members/{made['id']}", {"birthday": None})["next_birthday"] is None
    for wrong in ({"calendar": "moon", "month": 1}, {"month": 13}, {"day": 1}, {"month": 2, "day": 30},
                  {**moon, "leap": True}, {"month": 1, "hour": 1}, 7):  # fmt: skip
        send(api, "patch", f"members/{made['id']}", {"birthday": wrong}, 422)
