"""What DRF raises reaches clients in our words, in both languages, under the codes it had."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation
from rest_framework import exceptions

from accounts.api_errors import handle
from tests.house.test_translations import compiled  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db
HANDS_OFF = {"name": "김민수", "phone": "01012345678"}


def error(response):
    assert response.status_code >= 400
    return response.json()["error"]


def fields(api, url, body):
    response = api.post(url, body, content_type="application/json")
    assert (response.status_code, error(response)["code"]) == (422, "invalid")
    return error(response)["fields"]


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"name": None}, {"name": ["null은 쓸 수 없어요. 값을 보내 주세요."]}),
        ({"name": ""}, {"name": ["비워 둘 수 없어요. 내용을 적어 주세요."]}),
        ({"name": ["김"]}, {"name": ["글자로 보내 주세요."]}),
        ({"name": "가" * 41}, {"name": ["40자까지 쓸 수 있어요. 줄여서 보내 주세요."]}),
        ({"birth_date": "어제"}, {"birth_date": ["날짜를 2026-05-01처럼 보내 주세요."]}),
        ({"birth_date": 5}, {"birth_date": ["날짜를 2026-05-01처럼 보내 주세요."]}),
        ({"groups": "오전반"}, {"groups": ["목록으로 보내 주세요."]}),
        ({"groups": ["반"] * 101}, {"groups": ["100개까지 보낼 수 있어요. 줄여서 보내 주세요."]}),
        ({"fields": []}, {"fields": ["JSON 객체로 보내 주세요."]}),
        ({"consents": {}}, {"consents.non_field_errors": ["목록으로 보내 주세요."]}),
        ({"consents": [1]}, {"consents.0.non_field_errors": ["JSON 객체로 보내 주세요."]}),
        (
            {"consents": [{"kind": "x", "given": "x", "at": "x"}]},
            {
                "consents.0.kind": ["쓸 수 없는 값이에요. /api/docs/에 적힌 값 가운데 하나를 보내 주세요."],
                "consents.0.given": ["true나 false로 보내 주세요."],
                "consents.0.source": ["꼭 있어야 하는 값이에요. 함께 보내 주세요."],
                "consents.0.at": ["날짜와 시각을 2026-05-01T09:00:00+09:00처럼 보내 주세요."],
            },
        ),
    ],
)
def test_field_that_is_wrong_says_what_to_send(api, change, found):
    assert fields(api, "/api/v1/members", HANDS_OFF | change) == found


def test_body_that_is_no_object(api):
    assert fields(api, "/api/v1/members", []) == {"non_field_errors": ["JSON 객체로 보내 주세요."]}


@pytest.mark.usefixtures("compiled")
def test_sentences_follow_the_language_of_the_call(api):
    api.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"

    found = fields(api, "/api/v1/groups", {"name": "가" * 41, "tone": "x"})

    assert found["name"] == ["At most 40 characters are allowed. Make it shorter."]
    assert found["tone"] == ["This value can't be used. Send one of those listed at /api/docs/."]


@pytest.mark.parametrize(
    ("body", "kind", "said"),
    [
        ("{", "application/json", "JSON을 읽을 수 없어요. UTF-8로 적은 올바른 JSON인지 확인해 주세요."),
        ("a=1", "text/plain", "이 형식은 받지 않아요. 쓸 수 있는 Content-Type: application/json"),
    ],
)
def test_body_that_cannot_be_read(api, body, kind, said):
    response = api.post("/api/v1/groups", body, content_type=kind)

    assert (response.status_code, error(response)["code"], error(response)["message"]) == (422, "invalid", said)


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b"x", "multipart/form-data", "올린 내용을 읽을 수 없어요. multipart/form-data로 다시 보내 주세요."),
        (
            b"<a/>",
            "text/xml",
            "이 형식은 받지 않아요. 쓸 수 있는 Content-Type: "
            "multipart/form-data, application/x-www-form-urlencoded, application/json",
        ),
    ],
)
def test_upload_that_cannot_be_read(api, content, kind, said):
    response = api.post("/api/v1/imports", content, content_type=kind)

    assert (response.status_code, error(response)["message"]) == (422, said)


def test_upload_without_its_file_or_with_a_nul(api):
    lacking = error(api.post("/api/v1/imports", {"mode": "create"}))["fields"]
    file = SimpleUploadedFile("명단.csv", b"a")
    nul = error(api.post("/api/v1/imports", {"file": file, "group": "a\x00b"}))["fields"]

    assert lacking == {"file": ["파일을 함께 보내 주세요."]}
    assert nul == {"group": ["쓸 수 없는 글자(NUL)가 들어 있어요. 지우고 다시 해 주세요."]}


def test_upload_of_too_many_parts_is_422(api, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 2

    response = api.post("/api/v1/imports", {"a": "1", "b": "2", "c": "3"})

    assert (response.status_code, error(response)["code"]) == (422, "invalid")
    assert error(response)["message"] == "보낸 내용이 너무 크거나 항목이 너무 많아요. 나누어 보내 주세요."


def test_what_stands_before_the_body(api, client):
    method, accept = api.delete("/api/v1/groups"), api.get("/api/v1/groups", headers={"Accept": "text/csv"})
    no_key, bad_key = client.get("/api/v1/groups"), client.get("/api/v1/groups", headers={"Authorization": "Bearer x"})
    gone, nowhere = api.get("/api/v1/imports/99"), api.get("/api/v1/nothing")

    assert [(r.status_code, error(r)["code"], error(r)["message"]) for r in (method, accept, no_key, bad_key)] == [
        (405, "method_not_allowed", "이 주소에서는 쓸 수 없는 방식이에요. 쓸 수 있는 방식: GET, POST"),
        (406, "not_acceptable", "그 형식으로는 답할 수 없어요. 쓸 수 있는 Accept: application/json"),
        (401, "not_authenticated", "API 키를 보내 주세요: Authorization: Bearer 키"),
        (401, "not_authenticated", "API 키가 올바르지 않아요. 설정에서 새 키를 만들어 주세요."),
    ]
    assert [(r.status_code, error(r)["message"]) for r in (gone, nowhere)] == [
        (404, "찾을 수 없어요. 주소와 번호를 확인해 주세요.")
    ] * 2


@pytest.mark.parametrize(
    "make",
    [
        exceptions.ParseError, exceptions.AuthenticationFailed, exceptions.NotAuthenticated,
        exceptions.PermissionDenied, exceptions.NotFound, lambda: exceptions.MethodNotAllowed("PUT"),
        exceptions.NotAcceptable, lambda: exceptions.UnsupportedMediaType("text/xml"), exceptions.Throttled,
        exceptions.APIException,
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.usefixtures("compiled")
def test_no_sentence_of_drf_is_left(make, language):
    with translation.override(language):
        raised = make()
        assert handle(raised, {}).data["error"]["message"] != str(raised.detail)
