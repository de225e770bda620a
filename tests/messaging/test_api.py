"""The REST API of texts: the contract's shapes, what it refuses, twice is once, and the neighbour's wall."""

from datetime import timedelta

import pytest
from django.test import Client
from django_scopes import scope

from accounts.enums import Scope
from messaging.models import Dispatch, OptOut, Sender
from messaging.services import planning, templates
from tests import factories
from tests.messaging.driving import run_pipeline
from ui import times

pytestmark = pytest.mark.django_db
URL = "/api/v1/dispatches"


@pytest.fixture
def ready(tenant, aligo_sandbox, settings):
    """A tenant whose live account is the sandbox's, with a sender and two members in a group."""
    settings.ALIGO_BASE_URL = aligo_sandbox.url
    aligo_sandbox.account("shop", "k" * 32)
    factories.make_account(tenant)
    factories.make_sender(tenant)
    group = factories.make_group(tenant, "오전반")
    factories.make_member(tenant, "김민준", "01011112222", group)
    factories.make_member(tenant, "이서연", "01033334444", group)
    return group


def post(api: Client, url: str, body: dict, **headers: str):
    return api.post(url, body, content_type="application/json", headers=headers)


def draft(group, **extra):
    return {"to": {"groups": [group.pk]}, "text": "#{이름}님, 내일 쉬어요."} | extra


def test_quote_counts_and_stores_nothing(api, ready, in_tenant):
    body = post(api, f"{URL}/quote", draft(ready, to={"groups": [ready.pk], "phones": ["010-1111-2222", "12"]})).json()
    assert body["recipients"] == 2
    assert (body["excluded"]["duplicate"], body["excluded"]["bad_number"]) == (1, 1)
    assert body["types"] == {"SMS": 2, "LMS": 0, "MMS": 0}
    assert set(body["balance"]) >= {"SMS", "LMS", "MMS", "checked_at"}
    assert body["enough"] is True
    assert Dispatch.objects.count() == 0


def test_quote_names_unsendable_characters(api, ready):
    body = post(api, f"{URL}/quote", draft(ready, text="안녕 😀", title="소식 🎉")).json()
    assert body["unsendable_characters"] == ["😀", "🎉"]
    assert "unsendable_characters" in [notice["code"] for notice in body["notices"]]


def test_create_sends_and_the_results_can_be_read(api, ready, tenant, aligo_sandbox):
    made = post(api, URL, draft(ready))
    assert made.status_code == 201
    assert made.json()["counts"]["total"] is None
    run_pipeline(tenant)
    aligo_sandbox.deliver()
    one = f"{URL}/{made.json()['id']}"
    counts = api.get(one).json()["counts"]
    assert counts["total"] == 2
    assert sum(n for name, n in counts.items() if name not in {"total", "excluded"}) == 2
    rows = api.get(f"{one}/messages").json()["results"]
    assert {row["text"] for row in rows} == {"김민준님, 내일 쉬어요.", "이서연님, 내일 쉬어요."}
    assert {row["phone"] for row in rows} == {"01011112222", "01033334444"}
    state = rows[0]["state"]
    assert api.get(f"{one}/messages?state={state}").json()["count"] == 2
    assert api.get(f"{one}/messages?state=nonsense").status_code == 422


def test_excluded_lists_people_with_reasons(api, ready, tenant):
    with scope(tenant=tenant):
        OptOut.objects.create(tenant=tenant, phone="01011112222", at=times.now())
    pk = post(api, URL, draft(ready)).json()["id"]
    run_pipeline(tenant)
    rows = api.get(f"{URL}/{pk}/excluded").json()["results"]
    assert [(row["phone"], row["reason"]) for row in rows] == [("01011112222", "opted_out")]


def test_create_with_the_same_key_twice_is_once(api, ready, in_tenant):
    first, second = (post(api, URL, draft(ready), **{"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json() == second.json()
    assert Dispatch.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": ""}, "empty_text"),
        ({"text": "😀"}, "unsendable_characters"),
        ({"title": "😀"}, "unsendable_characters"),  # a title makes it an LMS, so it is always sent
        ({"sender": "0299998888"}, "sender_not_registered"),
        ({"to": {}}, "no_recipients"),
        ({"to": {"phones": ["12"]}}, "no_recipients"),
        ({"to": {"members": ["x"]}}, "invalid"),
        ({"to": {"segments": [1]}}, "unknown_segment"),
        ({"to": {"all": True, "except": {"segments": [1]}}}, "unknown_segment"),
        ({"to": {"all": True, "except": {"stages": ["gone"]}}}, "invalid"),
        ({"to": {"all": True, "except": {"recent_days": 0}}}, "invalid"),
        ({"to": {"all": True, "as_of": "yesterday"}}, "invalid"),
        ({"to": {"all": True, "exclude": {"groups": [1]}}}, "invalid"),
        ({"send_at": "2020-01-01T00:00:00+09:00"}, "send_at_past"),
        ({"send_at": "never"}, "invalid"),
        ({"template": 1}, "template_not_found"),
        ({"text": "#{없는항목}"}, "unknown_field"),
    ],
)
def test_create_refuses(api, ready, in_tenant, change, code):
    response = post(api, URL, draft(ready, **change))
    assert (response.status_code, response.json()["error"]["code"]) == (422, code)
    assert Dispatch.objects.count() == 0


def test_create_after_access_ended_is_403(api, ready, tenant):
    tenant.paid_until = times.now() - timedelta(days=1)
    tenant.save()
    assert post(api, URL, draft(ready)).json()["error"]["code"] == "expired_access"


def test_scheduled_can_be_changed_and_cancelled(api, ready):
    later = (times.now() + timedelta(days=1)).isoformat()
    pk = post(api, URL, draft(ready, send_at=later)).json()["id"]
    changed = api.patch(f"{URL}/{pk}", {"text": "모레 쉬어요."}, content_type="application/json")
    assert (changed.status_code, changed.json()["text"], changed.json()["state"]) == (200, "모레 쉬어요.", "scheduled")
    assert [api.post(f"{URL}/{pk}/cancel").json()["state"] for _ in range(2)] == ["cancelled", "cancelled"]
    assert api.patch(f"{URL}/{pk}", {"text": "x"}, content_type="application/json").status_code == 409
    assert api.get(f"{URL}?state=cancelled").json()["count"] == 1
    assert api.get(f"{URL}?state=sending").json()["count"] == 0


def test_approve_and_resume_refuse_what_is_not_waiting(api, ready):
    later = (times.now() + timedelta(days=1)).isoformat()
    pk = post(api, URL, draft(ready, send_at=later)).json()["id"]
    assert [api.post(f"{URL}/{pk}/{verb}").status_code for verb in ("approve", "resume")] == [409, 409]


def test_resend_of_the_selected_names_its_origin(api, ready, tenant, aligo_sandbox):
    pk = post(api, URL, draft(ready)).json()["id"]
    run_pipeline(tenant)
    assert post(api, f"{URL}/{pk}/resend", {}).json()["error"]["code"] == "nothing_to_resend"


def test_same_phone_each_sends_to_everybody_for_a_reason(api, ready, tenant, in_tenant):
    factories.make_member(tenant, "김하늘", "01011112222", ready)
    assert post(api, URL, draft(ready, same_phone="each")).json()["error"]["code"] == "same_phone_reason_missing"
    asked = draft(ready, same_phone="each", same_phone_reason="자녀별 안내")
    assert post(api, f"{URL}/quote", asked).json()["recipients"] == 3

    made = post(api, URL, asked).json()
    run_pipeline(tenant)

    first, other = Dispatch.objects.order_by("pk")
    assert (made["id"], made["same_phone"], made["same_phone_of"]) == (first.pk, "each", None)
    shown = api.get(f"{URL}/{other.pk}").json()
    assert (shown["same_phone_of"], shown["counts"]["total"]) == (first.pk, 1)


def test_balance_and_quote_tell_what_is_planned(api, ready, tenant, in_tenant):
    later = (times.now() + timedelta(days=1)).isoformat()
    made = post(api, URL, draft(ready, send_at=later)).json()
    planning.plan(tenant=tenant, dispatch_id=made["id"])

    balance = api.get("/api/v1/balance").json()
    assert balance["planned"] == {"SMS": 2, "LMS": 0, "MMS": 0}
    assert balance["forecast"]["SMS"] == balance["SMS"] - 2
    quote = post(api, f"{URL}/quote", draft(ready)).json()
    assert (quote["planned"]["SMS"], quote["forecast"]["SMS"]) == (2, balance["SMS"] - 4)


def test_balance_has_the_contracts_words(api, ready):
    body = api.get("/api/v1/balance?fresh=1").json()
    assert body["SMS"] > 0
    assert set(body) >= {"SMS", "LMS", "MMS", "checked_at"}


def test_senders_are_checked_and_listed(api, tenant, in_tenant):
    assert post(api, "/api/v1/senders", {"number": "12"}).status_code == 422
    assert post(api, "/api/v1/senders", {"number": "02-3789-0123"}).status_code == 201
    assert post(api, "/api/v1/senders", {"number": "0237890123"}).status_code == 201
    assert [row["number"] for row in api.get("/api/v1/senders").json()["results"]] == ["0237890123"]
    assert Sender.objects.count() == 1


def test_opt_outs_come_and_go(api, tenant, in_tenant):
    row = post(api, "/api/v1/opt-outs", {"phone": "010-1234-5678"})
    assert (row.status_code, row.json()["scope"], row.json()["phone"]) == (201, "all", "01012345678")
    assert post(api, "/api/v1/opt-outs", {"phone": "010-1234-5678"}).json()["id"] == row.json()["id"]
    assert post(api, "/api/v1/opt-outs", {"phone": "x"}).status_code == 422
    assert api.delete(f"/api/v1/opt-outs/{row.json()['id']}").status_code == 204
    assert api.delete(f"/api/v1/opt-outs/{row.json()['id']}").status_code == 404
    assert api.get("/api/v1/opt-outs").json()["count"] == 0


def test_neighbours_rows_are_not_there(api, ready, neighbour):
    pk = post(api, URL, draft(ready)).json()["id"]
    optout = post(api, "/api/v1/opt-outs", {"phone": "01012345678"}).json()["id"]
    _key, secret = factories.make_key(neighbour)
    other = Client(headers={"Authorization": f"Bearer {secret}"})
    gets = [other.get(f"{URL}/{pk}{end}").status_code for end in ("", "/messages", "/excluded")]
    posts = [other.post(f"{URL}/{pk}/{verb}").status_code for verb in ("cancel", "resume", "approve")]
    posts.append(post(other, f"{URL}/{pk}/resend", {"only": "failed"}).status_code)
    assert set(gets + posts + [other.delete(f"/api/v1/opt-outs/{optout}").status_code]) == {404}
    assert [other.get(f"/api/v1/{name}").json()["count"] for name in ("dispatches", "senders", "opt-outs")] == [0, 0, 0]


def test_reading_key_may_not_send(ready, tenant):
    _key, secret = factories.make_key(tenant, Scope.MESSAGES_READ)
    api = Client(headers={"Authorization": f"Bearer {secret}"})
    assert api.get(URL).status_code == 200
    assert post(api, URL, draft(ready)).status_code == 403


def test_list_costs_the_same_queries_for_more_rows(api, ready, django_assert_max_num_queries):
    for _ in range(4):
        post(api, URL, draft(ready))
    with django_assert_max_num_queries(6):
        assert api.get(URL).json()["count"] == 4


def test_resend_of_more_than_one_query_can_name_is_422(api, ready):
    later = (times.now() + timedelta(days=1)).isoformat()
    pk = post(api, URL, draft(ready, send_at=later)).json()["id"]
    answer = post(api, f"{URL}/{pk}/resend", {"only": "selected", "messages": list(range(1, 30_002))})
    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, ["messages"])


@pytest.mark.parametrize("verb", ["", "/quote"])
def test_misspelt_key_of_a_draft_is_refused_and_sends_nothing(api, ready, in_tenant, verb):
    answer = post(api, f"{URL}{verb}", draft(ready, sendat="2030-01-01T10:00:00+09:00"))
    assert answer.status_code == 422
    assert "send_at" in answer.json()["error"]["fields"]["sendat"][0]
    assert Dispatch.objects.count() == 0


def test_misspelt_key_of_a_change_or_a_resend_is_refused(api, ready):
    pk = post(api, URL, draft(ready, send_at=(times.now() + timedelta(days=1)).isoformat())).json()["id"]
    changed = api.patch(f"{URL}/{pk}", {"sendat": None}, content_type="application/json")
    again = post(api, f"{URL}/{pk}/resend", {"ony": "failed"})
    stopped = post(api, f"{URL}/{pk}/cancel", {"why": "비가 와서"})
    assert [a.status_code for a in (changed, again, stopped)] == [422, 422, 422]
    assert list(stopped.json()["error"]["fields"]) == ["why"]
    assert api.get(f"{URL}/{pk}").json()["state"] == "scheduled"


def test_keys_of_later_releases_are_known(api, ready):
    answer = post(api, URL, draft(ready, images=[1]))
    assert answer.json()["error"]["code"] == "not_ready"


def test_create_takes_the_words_of_a_kept_text_unless_given(api, ready, in_tenant):
    kept = templates.create(tenant=in_tenant, by=None, name="안내", text="문구의 글이에요.", title="문구의 제목")
    body = draft(ready, template=kept.pk)
    del body["text"]

    plain = post(api, URL, body).json()
    own = post(api, URL, body | {"title": "", "text": "내 글이에요."}).json()

    assert [Dispatch.objects.get(pk=plain["id"]).text, Dispatch.objects.get(pk=plain["id"]).title] == [
        "문구의 글이에요.", "문구의 제목"
    ]  # fmt: skip
    assert (Dispatch.objects.get(pk=own["id"]).text, Dispatch.objects.get(pk=own["id"]).title) == ("내 글이에요.", "")
    assert post(api, URL, {"to": body["to"]}).status_code == 422
