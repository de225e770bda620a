"""Refusals that come as a file: all that can be read is refused, and what can't be is named."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import AuditEvent, Tenant
from messaging.models import OptOut
from messaging.optout_forms import numbers_of
from messaging.services import optouts
from tests.members.test_sheets import xlsx

URL = "/t/hanbit/messages/opt-outs/file/"
LIST = [
    ["수신거부 번호", "일시"],
    ["010-1111-2222", "2026-11-20"],
    [1033334444.0, ""],
    ["02-555-0199", "전화"],
    ["", ""],
]


def upload(client: Client, data: bytes, name: str = "080.xlsx", **fields: str) -> Any:
    form = {"file": SimpleUploadedFile(name, data), "source": "080", "scope": "ads"} | fields
    return client.post(URL, form)


def rows() -> list[tuple[str, str, str]]:
    return list(OptOut.objects.order_by("phone").values_list("phone", "scope", "source"))


def test_ad3_a_list_of_the_080_service_refuses_ads(as_owner: Client, in_tenant: Tenant) -> None:
    page = upload(as_owner, xlsx(("목록", LIST))).content.decode()

    assert rows() == [("01011112222", "ads", "080"), ("01033334444", "ads", "080")]
    assert "새로 2개" in page and "4행" in page and "02-555-0199 전화" in page and "수신거부 번호 일시" not in page
    assert AuditEvent.objects.get(kind="optout.imported").data == {"count": 2, "scope": "ads"}


def test_a_list_of_known_numbers_keeps_their_dates_and_says_so(as_owner: Client, in_tenant: Tenant) -> None:
    first = optouts.opt_out(tenant=in_tenant, by=None, phone="01011112222", scope="ads", source="link")

    page = upload(as_owner, b"01011112222\n01033334444\n01033334444\n", "list.txt").content.decode()

    assert "새로 1개" in page and "이미 있던 번호 1개" in page
    assert OptOut.objects.get(pk=first.pk).at == first.at and rows()[0] == ("01011112222", "ads", "link")


def test_a_list_may_refuse_all_texts(as_owner: Client, in_tenant: Tenant) -> None:
    upload(as_owner, "이름,번호\n김민수,010-1111-2222\n".encode("cp949"), "list.csv", scope="all", source="import")

    assert rows() == [("01011112222", "all", "import")]


def test_a_book_of_several_sheets_says_which_was_read(as_owner: Client, in_tenant: Tenant) -> None:
    book = xlsx(("10월", LIST), ("11월", [["010-5555-6666"]]), ("빈 시트", []))

    page = upload(as_owner, book).content.decode()

    assert "‘10월’ 시트만 읽었어요" in page and "(11월)" in page and len(rows()) == 2


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "빈 파일"),
        (b"no numbers here", "휴대폰 번호를 찾지 못했어요"),
        (b"%PDF-1.7 ...", ""),
        (b"PK\x03\x04 broken", ""),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(
    as_owner: Client, in_tenant: Tenant, data: bytes, sentence: str
) -> None:
    answer = upload(as_owner, data)

    page = answer.content.decode()
    assert answer.status_code == 422 and "errorlist" in page and sentence in page and rows() == []


def test_without_a_file_nothing_is_written(as_owner: Client, in_tenant: Tenant) -> None:
    answer = as_owner.post(URL, {"source": "080", "scope": "ads"})

    assert answer.status_code == 422 and "파일을 골라 주세요" in answer.content.decode()


def test_a_file_is_for_those_who_may_change_settings(viewer: Client, sender_role: Client, in_tenant: Tenant) -> None:
    assert [upload(client, b"01011112222").status_code for client in (viewer, sender_role)] == [403, 403]
    assert rows() == []


def test_every_number_of_a_row_is_refused() -> None:
    found = numbers_of([["엄마", "010-1111-2222", "010-3333-4444"], ["메모만 있는 줄"], [None, ""]])

    assert found.phones == ["01011112222", "01033334444"]
    assert found.unread == [(2, "메모만 있는 줄")]


def test_one_number_is_told_what_it_is_refused(as_owner: Client, in_tenant: Tenant) -> None:
    done = as_owner.post("/t/hanbit/messages/opt-outs/add/", {"phone": "010-1111-2222", "scope": "ads"}, follow=True)

    assert "광고 문자를 보내지 않아요" in done.content.decode()
