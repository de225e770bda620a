"""The pages of segments and their API, from outside."""

from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts.enums import Role
from accounts.models import Tenant
from members import segments
from members.models import Segment
from members.segment_forms import from_rule
from members.services import segments as services
from tests import factories
from tests.conftest import sign_in
from ui import times

pytestmark = pytest.mark.django_db
OWES: dict[str, Any] = {"all": [{"field": "unpaid", "op": "yes"}]}
API = "/api/v1/segments"


@pytest.fixture
def url(tenant: Tenant) -> str:
    return f"/t/{tenant.slug}/members/segments/"


@pytest.fixture
def segment(tenant: Tenant) -> Segment:
    with scope(tenant=tenant):
        factories.make_member(tenant, "미납이", unpaid_won=5_000, unpaid_since=times.today())
        factories.make_member(tenant, "다냈다")
        return services.create(tenant=tenant, by=None, name="미납 회원", rule=OWES)


def filled(**fields: str) -> dict[str, Any]:
    rows = {"1.field": "expires_on", "1.op": "within_next", "1.value": "7", "2.field": "stage", "2.op": "in"}
    return {"name": "곧 만료", "0.kind": "all", "node": ["1", "2"], "2.value": ["active", "trial"]} | rows | fields


def members_in(tenant: Tenant, rule: Any) -> list[str]:
    return list(segments.rows(tenant, rule).values_list("name", flat=True))


def test_pages_show_the_segment(as_owner: Client, url: str, segment: Segment) -> None:
    listed = as_owner.get(url).content.decode()
    shown = as_owner.get(f"{url}{segment.pk}/").content.decode()
    roster = as_owner.get(f"{url[:-9]}?segment={segment.pk}").content.decode()

    assert "미납 회원" in listed and "회비를 안 낸 사람" in listed
    assert "미납이" in shown and "다냈다" not in shown
    assert "미납이" in roster and "다냈다" not in roster


def test_builder_saves_what_it_says(as_owner: Client, tenant: Tenant, url: str) -> None:
    answer = as_owner.post(f"{url}add/", filled())

    with scope(tenant=tenant):
        saved = Segment.objects.get()
    assert answer.status_code == 302
    assert saved.rule == {
        "all": [
            {"field": "expires_on", "op": "within_next", "value": 7},
            {"field": "stage", "op": "in", "value": ["active", "trial"]},
        ]
    }
    again = as_owner.get(f"{url}{saved.pk}/edit/").content.decode()
    assert 'value="7"' in again and "checked" in again


def test_builder_keeps_what_is_half_filled(as_owner: Client, tenant: Tenant, url: str) -> None:
    answer = as_owner.post(f"{url}add/", filled(**{"1.value": ""}))
    page = answer.content.decode()

    assert answer.status_code == 422
    assert "며칠인지" in page and 'value="곧 만료"' in page and 'value="trial" checked' in page
    with scope(tenant=tenant):
        assert not Segment.objects.exists()


@pytest.mark.parametrize(
    "rule",
    [
        {"not": {"all": [OWES["all"][0], {"field": "stage", "op": "in", "value": ["active"]}]}},
        {"not": {"any": [{"all": [{"any": [OWES["all"][0]]}]}]}},
        {"not": {"not": OWES}},
        {"not": OWES["all"][0]},
    ],
)
def test_a_rule_turned_around_comes_through_the_builder_as_the_same(
    as_owner: Client, tenant: Tenant, url: str, segment: Segment, rule: Any
) -> None:
    with scope(tenant=tenant):
        factories.make_member(tenant, "쉬는이", stage="paused")
        row = services.create(tenant=tenant, by=None, name="아닌 사람", rule=rule)
        before = set(members_in(tenant, rule))
    posted: dict[str, Any] = {"name": "아닌 사람", "node": []}
    root = from_rule(rule)
    for node in root.walk():
        for part in node.parts:
            posted["node"].append(part.id)
            posted[f"{part.id}.in"] = node.id
        fields = {"kind": node.kind, "field": node.asked, "op": node.op, "value": node.values}
        posted |= {f"{node.id}.{name}": value for name, value in fields.items()}
        posted |= {f"{node.id}.not": "on"} if node.negated else {}

    assert as_owner.post(f"{url}{row.pk}/edit/", posted).status_code == 302

    row.refresh_from_db()
    with scope(tenant=tenant):
        assert set(members_in(tenant, row.rule)) == before


@pytest.mark.parametrize(
    "odd",
    [
        {"2.in": "9"},
        {"node": ["1", "2", "3"], "3.in": "1"},
        {"node": ["1", "x", "2"]},
        {"node": [str(n) for n in range(1, 70)]},
        {"node": ["1", "3", "4", "5", "2"], "3.kind": "any", "4.kind": "any", "4.in": "3", "5.kind": "all", "5.in": "4",
         "2.in": "5"},
    ],
)  # fmt: skip
def test_what_does_not_fit_together_is_not_saved_as_something_else(
    as_owner: Client, tenant: Tenant, url: str, odd: dict[str, Any]
) -> None:
    answer = as_owner.post(f"{url}add/", filled() | {"1.value": "7"} | odd)

    assert answer.status_code == 422
    with scope(tenant=tenant):
        assert not Segment.objects.exists()


def test_draft_counts_what_is_finished(as_owner: Client, url: str, segment: Segment) -> None:
    rows = {"node": ["1", "2"], "1.field": "unpaid", "1.op": "yes", "2.field": "expires_on", "2.op": "within_next"}

    found = as_owner.post(f"{url}draft/", rows).content.decode()

    assert "1명" in found and "미납이" in found and "덜 적은 조건 1개" in found


@pytest.mark.parametrize(
    ("deed", "seen"),
    [("add:0", 'name="2.in"'), ("group:0", 'name="3.in"'), ("remove:1", "조건 넣기"), ("x", "조건 넣기")],
)
def test_draft_changes_by_a_press(as_owner: Client, url: str, deed: str, seen: str) -> None:
    rows = {"node": ["1"], "1.field": "unpaid", "1.op": "yes", "do": deed}

    page = as_owner.post(f"{url}draft/", rows).content.decode()

    assert seen in page and 'hx-swap-oob="true"' in page
    assert ('name="1.field"' in page) is (deed != "remove:1")


def test_a_viewer_may_look_and_not_change(tenant: Tenant, url: str, segment: Segment) -> None:
    client = sign_in(factories.make_staff(tenant, Role.VIEWER))

    assert client.get(f"{url}{segment.pk}/").status_code == 200
    assert client.get(f"{url}add/").status_code == 403
    assert client.post(f"{url}{segment.pk}/delete/").status_code == 403


def test_delete_and_duplicate(as_owner: Client, tenant: Tenant, url: str, segment: Segment) -> None:
    as_owner.post(f"{url}{segment.pk}/duplicate/")
    as_owner.post(f"{url}{segment.pk}/delete/")

    with scope(tenant=tenant):
        assert list(Segment.objects.values_list("name", flat=True)) == ["미납 회원 2"]


def test_a_gone_segment_filters_nobody_in(as_owner: Client, url: str, segment: Segment) -> None:
    page = as_owner.get(f"{url[:-9]}?segment={segment.pk + 1}").content.decode()

    assert "미납이" not in page and "다냈다" not in page


def test_api_from_making_to_deleting(api: Client, segment: Segment) -> None:
    body = {"name": "동의", "rule": {"all": [{"field": "ad_consent", "op": "yes"}]}}
    made = api.post(API, body, content_type="application/json")
    one = f"{API}/{segment.pk}"

    assert made.status_code == 201 and made.json()["member_count"] == 0
    assert api.get(API).json()["count"] == 2
    assert [row["name"] for row in api.get(f"{one}/members").json()["results"]] == ["미납이"]
    assert api.get(f"{one}/counts").json()["results"] == [{"on": times.today().isoformat(), "count": 1}]
    assert api.patch(one, {"name": "미납"}, content_type="application/json").json()["name"] == "미납"
    found = api.post(f"{API}/preview", {"rule": OWES}, content_type="application/json").json()
    assert found == {"count": 1, "count_is_minimum": False, "sample": ["미납이"], "words": "회비를 안 낸 사람"}
    assert api.delete(one).status_code == 204 and api.get(one).status_code == 404


def test_api_names_the_place_that_is_wrong(api: Client) -> None:
    rule = {"all": [{"field": "group", "op": "in", "value": [1]}]}

    for path, body in ((API, {"name": "하나", "rule": rule}), (f"{API}/preview", {"rule": rule})):
        answer = api.post(path, body, content_type="application/json")
        assert answer.status_code == 422
        assert list(answer.json()["error"]["fields"]) == ["rule.all.0.value"]


def test_api_tells_what_can_be_asked(api: Client) -> None:
    fields = {row["field"]: row for row in api.get(f"{API}/fields").json()}

    assert {"expires_on", "group", "unpaid", "texted"} <= set(fields)
    assert {"op": "within_next", "label": "앞으로 며칠 안", "value": "days"} in fields["expires_on"]["ops"]
    assert {"value": "trial", "label": "체험"} in fields["stage"]["options"]
