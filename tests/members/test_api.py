"""Members and groups over the REST API."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from accounts.enums import Scope
from accounts.models import Tenant
from members.models import Group, Member
from tests.factories import make_group, make_key, make_member

MEMBERS, GROUPS = "/api/v1/members", "/api/v1/groups"


@pytest.fixture(autouse=True)
def _inside(tenant: Tenant) -> Iterator[None]:
    with scope(tenant=tenant):
        yield


def post(api: Client, path: str, body: Any, **headers: str) -> Any:
    return api.post(path, json.dumps(body), content_type="application/json", headers=headers)


def patch(api: Client, path: str, body: Any) -> Any:
    return api.patch(path, json.dumps(body), content_type="application/json")


WHOLE = {
    "name": "김민준",
    "phone": "010-1234-5678",
    "birth_date": "2015-03-02",
    "memo": "형제 등원",
    "groups": ["초등부"],
    "fields": {"반": "3반"},
    "consents": [{"kind": "ad", "given": True, "source": "신청서", "at": "2026-01-02T10:00:00+09:00"}],
}


def test_create_answers_with_the_whole_member(api: Client) -> None:
    response = post(api, MEMBERS, WHOLE)

    made = response.json()
    assert response.status_code == 201
    assert (made["name"], made["phone"], made["birth_date"]) == ("김민준", "01012345678", "2015-03-02")
    assert (made["groups"], made["fields"], made["can_receive"]) == (["초등부"], {"반": "3반"}, True)
    assert made["consents"] == [{"kind": "ad", "given": True, "at": "2026-01-02T10:00:00+09:00"}]
    assert api.get(f"{MEMBERS}/{made['id']}").json() == made


def test_create_of_a_family_is_no_conflict(api: Client) -> None:
    assert [post(api, MEMBERS, WHOLE | {"name": n}).status_code for n in ("김민준", "김서연")] == [201, 201]


def test_create_with_a_key_is_done_once(api: Client) -> None:
    one = post(api, MEMBERS, WHOLE, **{"Idempotency-Key": "a"})
    two = post(api, MEMBERS, WHOLE, **{"Idempotency-Key": "a"})

    assert one.json() == two.json()
    assert Member.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "가" * 41}, "name"),
        ({"phone": ""}, "phone"),
        ({"phone": "abc"}, "phone"),
        ({"phone": 5}, "phone"),
        ({"birth_date": "2015-02-30"}, "birth_date"),
        ({"groups": "초등부"}, "groups"),
        ({"groups": [""]}, "groups"),
        ({"fields": []}, "fields"),
        ({"fields": {"가" * 31: "x"}}, "fields"),
        ({"consents": [{"kind": "mail", "given": True, "source": "x"}]}, "consents"),
        ({"consents": {}}, "consents"),
    ],
)
def test_create_refuses_a_bad_body(api: Client, change: dict, field: str) -> None:
    response = post(api, MEMBERS, WHOLE | change)

    assert response.status_code == 422
    assert any(name.split(".")[0] == field for name in response.json()["error"]["fields"])
    assert not Member.objects.exists()


def test_patch_changes_only_what_is_sent(api: Client) -> None:
    made = post(api, MEMBERS, WHOLE).json()

    answer = patch(api, f"{MEMBERS}/{made['id']}", {"memo": "", "groups": ["중등부"]}).json()

    assert answer | {"updated_at": ""} == made | {"memo": "", "groups": ["중등부"], "updated_at": ""}
    assert patch(api, f"{MEMBERS}/{made['id']}", {"name": ""}).status_code == 422


def test_delete_is_the_trash(api: Client) -> None:
    made = post(api, MEMBERS, WHOLE).json()

    assert api.delete(f"{MEMBERS}/{made['id']}").status_code == 204
    assert api.delete(f"{MEMBERS}/{made['id']}").status_code == 404
    assert Member.objects.get().deleted_at is not None


def test_list_searches_filters_and_orders(api: Client, tenant: Tenant) -> None:
    group = make_group(tenant, "초등부")
    make_member(tenant, "김민준", "01012345678", group)
    make_member(tenant, "이민준", "01099990000")
    make_member(tenant, "박서연", "01055550000", group)

    def names(query: str) -> list[str]:
        return [row["name"] for row in api.get(f"{MEMBERS}?{query}").json()["results"]]

    assert names("search=민준") == ["이민준", "김민준"]
    assert names("search=ㄱㅁㅈ") == ["김민준"]
    assert names("search=5678") == ["김민준"]
    assert names("group=초등부&ordering=name") == ["김민준", "박서연"] == names(f"group={group.pk}&ordering=created_at")
    assert names("ordering=-phone") == ["이민준", "박서연", "김민준"]
    assert api.get(f"{MEMBERS}?ordering=evil").status_code == 422
    assert api.get(f"{MEMBERS}?group=없음").status_code == 404


@pytest.mark.parametrize("query", ["ordering=name", "search=민준", "group=초등부&ordering=-phone", "group=초등부"])
def test_list_follows_next_and_previous(api: Client, tenant: Tenant, query: str) -> None:
    group = make_group(tenant, "초등부")
    for n in range(7):
        make_member(tenant, f"민준{n % 3}", "", group)

    seen, link, last = [], f"{MEMBERS}?{quote(query, safe='=&')}&page_size=3", {}
    while link:
        last = api.get(link).json()
        seen += [row["id"] for row in last["results"]]
        link = last["next"]

    assert len(seen) == len(set(seen)) == 7
    assert last["count"] == 7 and "count_is_minimum" not in last
    assert [row["id"] for row in api.get(last["previous"]).json()["results"]] == seen[3:6]


def test_list_pages_by_number(api: Client, tenant: Tenant) -> None:
    for _ in range(5):
        make_member(tenant)

    pages = [api.get(f"{MEMBERS}?page={n}&page_size=2").json()["results"] for n in (1, 2, 3, 4)]

    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert api.get(f"{MEMBERS}?page=5000&page_size=50").status_code == 422
    assert api.get(f"{MEMBERS}?page=0").status_code == 422
    assert api.get(f"{MEMBERS}?cursor=x").status_code == 422
    assert api.get(f"{MEMBERS}?page_size=501").status_code == 422


def test_list_says_when_its_count_is_a_minimum(api: Client, tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("members.selectors.rosters.EXACT_TO", 2)
    monkeypatch.setattr("members.api.COUNTED", 2)
    monkeypatch.setattr("accounts.api_lists.COUNTED", 2)
    for _ in range(5):
        make_member(tenant)

    body = api.get(MEMBERS).json()

    assert (body["count"], body["count_is_minimum"], len(body["results"])) == (2, True, 5)


def test_list_costs_the_same_for_one_and_fifty(api: Client, tenant: Tenant) -> None:
    group = make_group(tenant)

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            api.get(MEMBERS)
        return len(seen)

    make_member(tenant, "김민준", "", group)
    api.get(MEMBERS)
    before = queries()
    for _ in range(49):
        make_member(tenant, "김민준", "", group)

    assert queries() == before <= 8


def test_another_tenants_objects_are_not_there(api: Client, neighbour: Tenant) -> None:
    group = make_group(neighbour, "이웃그룹")
    stranger = make_member(neighbour, "이웃사람", "01077778888", group)

    for path in (f"{MEMBERS}/{stranger.pk}", f"{GROUPS}/{group.pk}"):
        assert api.get(path).status_code == 404
        assert patch(api, path, {"name": "도둑"}).status_code == 404
        assert api.delete(path).status_code == 404
    assert post(api, f"{GROUPS}/{group.pk}/members", {"add": [stranger.pk]}).status_code == 404
    for query in ("", "?search=이웃", "?search=8888"):
        assert api.get(MEMBERS + query).json()["count"] == 0
    assert api.get(GROUPS).json()["results"] == []


def test_groups_are_made_changed_and_deleted(api: Client) -> None:
    made = post(api, GROUPS, {"name": "초등부"})

    assert made.status_code == 201 and made.json()["member_count"] == 0
    assert post(api, GROUPS, {"name": "초등부"}).json()["error"]["code"] == "group_name_taken"
    path = f"{GROUPS}/{made.json()['id']}"
    assert patch(api, path, {"name": "초등"}).json()["name"] == "초등"
    assert [row["name"] for row in api.get(GROUPS).json()["results"]] == ["초등"]
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_group_members_are_added_and_removed(api: Client, tenant: Tenant, neighbour: Tenant) -> None:
    group = make_group(tenant)
    inside, outside = make_member(tenant, "김민준", "", group), make_member(tenant)
    stranger = make_member(neighbour)
    body = {"add": [outside.pk, stranger.pk, outside.pk], "remove": [inside.pk]}

    answer = post(api, f"{GROUPS}/{group.pk}/members", body)

    assert answer.json() == {"added": 1, "removed": 1, "unknown": [stranger.pk], "member_count": 1}
    assert list(group.members.all()) == [outside]
    assert Group.objects.get(pk=group.pk).member_count == 1
    assert post(api, f"{GROUPS}/{group.pk}/members", {"add": ["x"]}).status_code == 422


def test_a_key_may_do_only_what_its_scopes_say(tenant: Tenant) -> None:
    _key, secret = make_key(tenant, Scope.MEMBERS_READ)
    reader = Client(headers={"Authorization": f"Bearer {secret}"})

    assert reader.get(MEMBERS).status_code == 200
    assert post(reader, MEMBERS, WHOLE).status_code == 403
    assert Client().get(MEMBERS).status_code == 401


def test_patch_with_half_a_consent_names_what_is_missing(api: Client) -> None:
    made = post(api, MEMBERS, {"name": "김민준", "phone": "010-1111-2222"}).json()

    answer = patch(api, f"{MEMBERS}/{made['id']}", {"consents": [{"kind": "ad"}]})

    assert answer.status_code == 422
    assert set(answer.json()["error"]["fields"]) == {"consents.0.given", "consents.0.source"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (WHOLE | {"birthdate": "2015-03-02"}, "birthdate"),
        (WHOLE | {"consents": [{"kind": "ad", "given": True, "source": "신청서", "when": "2026-01-02"}]}, "when"),
    ],
)
def test_create_with_a_misspelt_key_is_refused_and_names_the_known(api: Client, body: Any, field: str) -> None:
    answer = post(api, MEMBERS, body)

    assert answer.status_code == 422
    assert [(name.split(".")[-1], "쓸 수 있는 항목" in said[0]) for name, said in _fields(answer)] == [(field, True)]
    assert not Member.objects.exists()


def test_groups_refuse_misspelt_keys(api: Client, tenant: Tenant) -> None:
    group = make_group(tenant, "초등부")
    member = make_member(tenant, "김민준", "01012345678")
    calls = [
        post(api, GROUPS, {"name": "중등부", "colour": "red"}),
        patch(api, f"{GROUPS}/{group.pk}", {"nmae": "중등부"}),
        post(api, f"{GROUPS}/{group.pk}/members", {"ad": [member.pk]}),
    ]

    assert [call.status_code for call in calls] == [422, 422, 422]


def _fields(answer: Any) -> list[tuple[str, list[str]]]:
    return list(answer.json()["error"]["fields"].items())
