"""Imports over the REST API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.enums import Scope
from members.models import Import, Member
from members.services.import_revert import revert
from members.services.import_run import apply_import, read_import
from members.services.imports import start_import
from tests import factories
from tests.members.test_sheets import xlsx

URL = "/api/v1/imports"
ROWS = [["이름", "휴대폰", "생일"], ["김민수", "010-1234-5678", ""], ["이서연", "1.01E+10", "2026-02-30"]]


def upload(api, rows=ROWS, **fields):
    file = SimpleUploadedFile("명단.xlsx", xlsx(("명단", rows)))
    return api.post(URL, {"file": file, **fields})


def test_create_import_then_get_it_finished(api, tenant, in_tenant):
    made = upload(api, mode="upsert", group="신규")

    assert (made.status_code, made.json()["state"]) == (202, "reading")
    assert api.get(f"{URL}/{made.json()['id']}").json()["header_row"] is None
    read_import(tenant=tenant, pk=made.json()["id"])
    shown = api.get(f"{URL}/{made.json()['id']}").json()
    assert {k: shown[k] for k in ("state", "rows", "created", "updated", "skipped", "error_count")} == {
        "state": "finished", "rows": 2, "created": 1, "updated": 0, "skipped": 0, "error_count": 1,
    }  # fmt: skip
    assert [(e["row"], e["column"], e["value"]) for e in shown["errors"]] == [
        (3, "생일", "2026-02-30"),
        (3, "휴대폰", "1.01E+10"),
    ]
    assert all(error["problem"].endswith("요.") for error in shown["errors"])
    assert shown["header_row"] == 1
    assert Member.objects.get().groups.get().name == "신규"


def test_list_imports_newest_first(api, tenant, in_tenant):
    pks = [upload(api).json()["id"] for _ in range(2)]

    shown = api.get(URL).json()

    assert (shown["count"], [row["id"] for row in shown["results"]]) == (2, pks[::-1])
    assert "errors" not in shown["results"][0]


def test_create_import_that_stops_at_the_preview_then_apply(api, tenant, in_tenant):
    pk = upload(api, apply="false").json()["id"]
    read_import(tenant=tenant, pk=pk)
    assert api.get(f"{URL}/{pk}").json()["state"] == "preview"
    assert Member.objects.count() == 0

    applied = api.post(f"{URL}/{pk}/apply")
    apply_import(tenant=tenant, pk=pk)

    assert (applied.status_code, api.get(f"{URL}/{pk}").json()["state"]) == (202, "finished")
    assert api.post(f"{URL}/{pk}/apply").status_code == 202
    assert Member.objects.count() == 1


def test_apply_import_that_failed_is_409(api, tenant, in_tenant):
    pk = upload(api, [["이름"], ["김민수"]]).json()["id"]
    read_import(tenant=tenant, pk=pk)

    assert api.get(f"{URL}/{pk}").json()["problem"]
    assert api.post(f"{URL}/{pk}/apply").json()["error"]["code"] == "import_not_ready"


@pytest.mark.django_db(transaction=True)  # a test's own transaction would hide a lock taken outside of one
def test_revert_import_is_409_with_a_sentence(api, tenant, in_tenant):
    pk = upload(api).json()["id"]

    answer = api.post(f"{URL}/{pk}/revert")

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "import_not_revertible")


@pytest.mark.django_db(transaction=True)
def test_revert_import_is_202_and_then_tells_what_it_did(api, tenant, in_tenant):
    pk = upload(api).json()["id"]
    read_import(tenant=tenant, pk=pk)
    made = Member.objects.count()

    answer = api.post(f"{URL}/{pk}/revert")
    assert (answer.status_code, answer.json()["state"]) == (202, "applying")
    revert(tenant=tenant, pk=pk)

    shown = api.get(f"{URL}/{pk}").json()
    assert (shown["state"], shown["reverted"]["removed"], Member.objects.count()) == ("reverted", made, 0)
    assert api.post(f"{URL}/{pk}/revert").json()["state"] == "reverted"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"%PDF-1.7", "unknown_kind"),
        (b"", "empty_file"),
        (b"PK\x03\x04broken", "broken_file"),
        (b"<html>", "web_page_file"),
    ],
)
def test_create_import_of_a_bad_file_is_422(api, content, code, everywhere):
    answer = api.post(URL, {"file": SimpleUploadedFile("a.xlsx", content)})

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    assert Import.objects.count() == 0


@pytest.mark.parametrize(
    "fields",
    [{"mode": "replace"}, {"apply": "perhaps"}, {"group": "가" * 41}, {"group": "a\x00b"}, {"file": "not a file"}],
)
def test_create_import_with_a_bad_field_is_422(api, fields):
    file = SimpleUploadedFile("명단.xlsx", xlsx(("명단", ROWS)))

    answer = api.post(URL, {"file": file} | fields)

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (422, list(fields))


def test_create_import_without_file_is_422(api):
    assert api.post(URL, {}).status_code == 422
    assert api.post(URL, "{}", content_type="application/json").status_code == 422


def test_create_import_with_the_same_key_makes_one(api, everywhere):
    answers = [
        api.post(
            URL,
            {"file": SimpleUploadedFile("a.csv", "이름,휴대폰\n김민수,01012345678".encode())},
            headers={"Idempotency-Key": "one"},
        )
        for _ in range(2)
    ]

    assert answers[0].json() == answers[1].json()
    assert Import.objects.count() == 1


def test_import_of_a_neighbour_is_404(api, neighbour, everywhere):
    row = start_import(tenant=neighbour, by=None, text="김민수 010-1234-5678")

    answers = [api.get(f"{URL}/{row.pk}"), api.post(f"{URL}/{row.pk}/apply"), api.post(f"{URL}/{row.pk}/revert")]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_import_needs_the_right_to_write(client, tenant):
    _key, secret = factories.make_key(tenant, Scope.MEMBERS_READ)

    answer = client.post(URL, {}, headers={"Authorization": f"Bearer {secret}"})

    assert answer.status_code == 403
    assert client.get(f"{URL}/1").status_code == 401
