"""The base of the API, on a viewset made for the test: keys, scopes, lists, errors, idempotency."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.urls import include, path
from django.utils import timezone
from django_scopes import scope
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from accounts import api_auth
from accounts.api_base import Body, TenantViewSet
from accounts.enums import Scope
from accounts.exceptions import Refusal
from accounts.idempotency import idempotent
from accounts.models import ApiKey, IdempotencyKey, Tenant
from members.models import Group
from tests import factories


class GroupRow(serializers.ModelSerializer):
    class Meta:
        model = Group
        fields = ["id", "name", "position"]


class NewGroup(Body):
    name = serializers.CharField(max_length=40)
    position = serializers.IntegerField(default=0)


class GroupViewSet(TenantViewSet):
    scopes = {"list": Scope.MEMBERS_READ, "create": Scope.MEMBERS_WRITE, "retrieve": Scope.MEMBERS_READ}

    def list(self, request):
        order = {"name": ["name", "id"], "-position": ["-position", "-id"]}.get(
            request.query_params.get("ordering"), ["-id"]
        )
        return self.paged(Group.objects.order_by(*order), GroupRow)

    @idempotent
    def create(self, request):
        data = self.clean(NewGroup, request.data)
        if data["name"] == "안돼":
            raise Refusal("안 돼요.", code="no_way", fields={"name": ["안 돼요."]})
        with transaction.atomic():
            group = Group.objects.create(tenant=self.tenant, **data)
        if data["name"] == "터짐":
            raise RuntimeError
        return Response(GroupRow(group).data, status=201)

    def retrieve(self, request, pk):
        return Response(GroupRow(Group.objects.get(pk=pk)).data)


router = SimpleRouter(trailing_slash=False)
router.register("things", GroupViewSet, basename="things")
urlpatterns = [path("api/v1/", include(router.urls))]
pytestmark = pytest.mark.django_db
URL = "/api/v1/things"


@pytest.fixture(autouse=True)
def _urls():
    with override_settings(ROOT_URLCONF=__name__):
        yield


def fill(tenant: Tenant, count: int) -> None:
    Group.objects.bulk_create(Group(tenant=tenant, name=f"g{n:05d}", position=n % 3) for n in range(count))


def walk(api: Client, url: str, way: str = "next") -> list[str]:
    names = []
    while url:
        body = api.get(url).json()
        names += [row["name"] for row in body["results"]]
        url = body[way]
    return names


def post(api: Client, name: str = "오전반", **headers: str):
    return api.post(URL, {"name": name}, content_type="application/json", headers=headers)


def test_no_key_is_401_and_says_how(client):
    response = client.get(URL)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response.json()["error"]["code"] == "not_authenticated"


def test_wrong_or_revoked_key_is_401(tenant):
    key, secret = factories.make_key(tenant)
    assert Client(headers={"Authorization": "Bearer nonsense"}).get(URL).status_code == 401
    with scope(tenant=tenant):
        ApiKey.objects.filter(pk=key.pk).update(revoked_at=timezone.now())
    assert Client(headers={"Authorization": f"Bearer {secret}"}).get(URL).status_code == 401


def test_key_without_the_scope_is_403_and_other_actions_work(tenant):
    _key, secret = factories.make_key(tenant, Scope.MEMBERS_READ)
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    assert api.get(URL).status_code == 200
    assert post(api).status_code == 403


def test_method_that_is_not_there_is_405(api):
    response = api.delete(URL)
    assert response.status_code == 405
    assert response.json()["error"]["code"] == "method_not_allowed"


def test_use_is_noted_once_a_minute(api, tenant, in_tenant):
    api.get(URL)
    first = ApiKey.objects.get().last_used_at
    api.get(URL)
    assert first is not None
    assert ApiKey.objects.get().last_used_at == first


def test_list_holds_no_neighbours_rows(api, tenant, neighbour):
    fill(tenant, 2)
    fill(neighbour, 3)
    assert api.get(URL).json()["count"] == 2


@pytest.mark.parametrize("ordering", ["", "name", "-position"])
def test_cursor_walks_every_row_once_both_ways(api, tenant, ordering):
    fill(tenant, 13)
    url = f"{URL}?page_size=4&ordering={ordering}"
    there = walk(api, url)
    assert len(there) == len(set(there)) == 13
    last = api.get(url).json()
    while last["next"]:
        last = api.get(last["next"]).json()
    back = [row["name"] for row in last["results"]]
    while last["previous"]:
        last = api.get(last["previous"]).json()
        back = [row["name"] for row in last["results"]] + back
    assert back == there


def test_numbered_page_and_its_end(api, tenant):
    fill(tenant, 5)
    body = api.get(f"{URL}?page=2&page_size=2&ordering=name").json()
    assert [row["name"] for row in body["results"]] == ["g00002", "g00003"]
    assert [row["name"] for row in api.get(body["next"]).json()["results"]] == ["g00004"]
    assert api.get(f"{URL}?page=201&page_size=50").status_code == 422


def test_count_says_minimum_past_ten_thousand(api, tenant):
    fill(tenant, 10_001)
    body = api.get(f"{URL}?page_size=1").json()
    assert (body["count"], body["count_is_minimum"]) == (10_000, True)


@pytest.mark.parametrize("query", ["cursor=", "cursor=abc", "page=0", "page=x", "page_size=501", "page_size=%00"])
def test_bad_paging_is_422(api, tenant, query):
    assert api.get(f"{URL}?{query}").status_code == 422


def test_cursor_of_another_ordering_is_422(api, tenant):
    fill(tenant, 3)
    following = api.get(f"{URL}?page_size=1&ordering=name").json()["next"]
    assert api.get(following.replace("ordering=name", "ordering=-position")).status_code == 422


def test_cursor_hides_its_values(api, tenant):
    fill(tenant, 3)
    assert "g0000" not in api.get(f"{URL}?page_size=1&ordering=name").json()["next"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"\xff",
        b'{"name": "a\\u0000b"}',
        b'{"name": "\\ud800"}',
        b'{"name": "a", "position": 1e400}',
        b'{"name": "a", "position": 99999999999999999999}',
        b"[" * 9999,
        b"[]",
        b'"x"',
        b"{}",
    ],
)
def test_bad_body_is_422_in_our_shape(api, tenant, body):
    response = api.post(URL, body, content_type="application/json")
    assert response.status_code == 422
    assert set(response.json()["error"]) == {"code", "message", "fields"}


def test_unknown_key_is_422_and_names_what_is_known(api, tenant, in_tenant):
    body = {"name": "오전반", "positon": 3}
    answer = api.post("/api/v1/things", body, content_type="application/json")
    assert answer.status_code == 422
    said = {"positon": ["없는 항목이에요. 쓸 수 있는 항목: name, position"]}
    assert (answer.json()["error"]["code"], answer.json()["error"]["fields"]) == ("invalid", said)
    assert Group.objects.count() == 0


def test_body_longer_than_a_form_may_be_is_422(api, tenant, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    response = api.post(URL, '{"name": "a"}' + " " * 200, content_type="application/json")
    assert (response.status_code, response.json()["error"]["code"]) == (422, "invalid")


def test_other_content_type_is_422(api, tenant):
    assert api.post(URL, "name=a", content_type="application/x-www-form-urlencoded").status_code == 422


def test_refusal_keeps_its_code_and_fields(api, tenant):
    error = post(api, "안돼").json()["error"]
    assert error == {"code": "no_way", "message": "안 돼요.", "fields": {"name": ["안 돼요."]}}


def test_throttle_answers_429(api, tenant, monkeypatch):
    monkeypatch.setattr(api_auth.KeyThrottle, "rate", "2/min", raising=False)
    assert [api.get(URL).status_code for _ in range(3)] == [200, 200, 429]
    assert "Retry-After" in api.get(URL)


def test_idempotent_call_twice_is_once(api, tenant, in_tenant):
    first, second = post(api, **{"Idempotency-Key": "k1"}), post(api, **{"Idempotency-Key": "k1"})
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert Group.objects.count() == 1


def test_idempotent_refusal_is_given_again(api, tenant, in_tenant):
    answers = [post(api, "안돼", **{"Idempotency-Key": "k1"}) for _ in range(2)]
    assert [a.json()["error"]["code"] for a in answers] == ["no_way", "no_way"]
    assert IdempotencyKey.objects.get().status == 422


def test_idempotent_other_body_is_409(api, tenant):
    post(api, **{"Idempotency-Key": "k1"})
    assert post(api, "저녁반", **{"Idempotency-Key": "k1"}).json()["error"]["code"] == "idempotency_key_reused"


def test_idempotent_while_first_runs_is_409_and_abandoned_is_retaken(api, tenant, in_tenant):
    post(api, **{"Idempotency-Key": "k1"})
    Group.objects.all().delete()
    IdempotencyKey.objects.update(status=None, answer=None)
    assert post(api, **{"Idempotency-Key": "k1"}).json()["error"]["code"] == "in_progress"
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    assert post(api, **{"Idempotency-Key": "k1"}).status_code == 201
    assert Group.objects.count() == 1


def test_idempotent_bug_gives_the_key_and_the_deed_back(api, tenant, in_tenant):
    api.raise_request_exception = False
    assert post(api, "터짐", **{"Idempotency-Key": "k1"}).status_code == 500
    assert (Group.objects.count(), IdempotencyKey.objects.count()) == (0, 0)


def test_idempotent_key_is_a_tenants_own(api, neighbour, in_tenant):
    _key, secret = factories.make_key(neighbour)
    other = Client(headers={"Authorization": f"Bearer {secret}"})
    assert post(api, **{"Idempotency-Key": "k1"}).json()["id"] != post(other, **{"Idempotency-Key": "k1"}).json()["id"]


@pytest.mark.parametrize("key", ["", "x" * 201, "한글"])
def test_idempotent_bad_key_is_422(api, tenant, key):
    assert post(api, **{"Idempotency-Key": key}).status_code == 422
