"""The page of fields, and their inputs in the form of a member."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_scopes import scope

from accounts.enums import Role
from accounts.models import Tenant, Upload
from members.models import DroppedField, Field, Member
from messaging.models import Dispatch, Template
from tests.conftest import sign_in
from tests.factories import make_member, make_staff

URL = "/t/hanbit/members/fields/"


def field(tenant: Tenant, name: str, kind: str = "text", **values: Any) -> Field:
    with scope(tenant=tenant):
        return Field.objects.create(tenant=tenant, name=name, kind=kind, **values)


def stored(tenant: Tenant) -> Member:
    with scope(tenant=tenant):
        return Member.objects.get()


def test_fields_are_made_renamed_moved_and_deleted(as_owner: Client, tenant: Tenant) -> None:
    as_owner.post(f"{URL}add/", {"name": "반", "kind": "text"})
    as_owner.post(f"{URL}add/", {"name": "요일", "kind": "choice", "choices": "월\r\n수\r\n"})
    with scope(tenant=tenant):
        one, two = Field.objects.order_by("position")
    make_member(tenant, fields={"반": "3반"})

    assert two.choices == ["월", "수"]
    as_owner.post(f"{URL}reorder/", {"id": two.pk, "move": "up"})
    as_owner.post(f"{URL}{one.pk}/", {"name": "클래스", "kind": "text"})
    page = as_owner.get(URL).content.decode()
    assert page.index("요일") < page.index("클래스") and "예전 이름 반" in page
    assert "1명에게 값이 있어요" in as_owner.get(f"{URL}counts/").content.decode()
    assert "1명의 값이" in as_owner.get(f"{URL}{one.pk}/delete/").content.decode()

    as_owner.post(f"{URL}{one.pk}/delete/")
    with scope(tenant=tenant):
        gone = DroppedField.objects.get()
    assert "지운 항목" in as_owner.get(URL).content.decode()
    as_owner.post(f"{URL}dropped/{gone.pk}/restore/")
    with scope(tenant=tenant):
        assert Field.objects.filter(name="클래스", key="반").exists()


def test_field_edit_asks_before_it_empties_values(as_owner: Client, tenant: Tenant) -> None:
    row = field(tenant, "횟수")
    make_member(tenant, fields={"횟수": "스무 번"})

    asked = as_owner.post(f"{URL}{row.pk}/", {"name": "횟수", "kind": "number"})
    assert asked.status_code == 422 and "스무 번" in asked.content.decode() and 'name="clear"' in asked.content.decode()
    assert stored(tenant).fields == {"횟수": "스무 번"}

    as_owner.post(f"{URL}{row.pk}/", {"name": "횟수", "kind": "number", "clear": "on"})
    assert stored(tenant).fields == {}


def test_field_edit_mends_a_choice(as_owner: Client, tenant: Tenant) -> None:
    row = field(tenant, "요일", "choice", choices=["월수", "화목"])
    make_member(tenant, fields={"요일": "월수"})

    as_owner.post(f"{URL}{row.pk}/", {"name": "요일", "kind": "choice", "choices": "월수 -> 월·수\r\n화목"})

    assert stored(tenant).fields == {"요일": "월·수"}


def test_field_saved_unchanged_takes_no_arrow_in_a_choice_for_a_mending(as_owner: Client, tenant: Tenant) -> None:
    row = field(tenant, "반", "choice", choices=["A", "A->B"])
    make_member(tenant, fields={"반": "A"})

    as_owner.post(f"{URL}{row.pk}/", {"name": "반", "kind": "choice", "choices": "A\r\nA->B"})

    with scope(tenant=tenant):
        row.refresh_from_db()
    assert (row.choices, stored(tenant).fields) == (["A", "A->B"], {"반": "A"})


def test_field_delete_names_what_says_it(as_owner: Client, tenant: Tenant) -> None:
    row = field(tenant, "반", former=["학급"])
    with scope(tenant=tenant):
        Template.objects.create(tenant=tenant, name="환영", text="#{학급} 수업이에요")
        Template.objects.create(tenant=tenant, name="남의 것", text="#{이름} 님")
        sent = {"tenant": tenant, "text": "#{반|우리} 수업", "sender": "0237890123"}
        Dispatch.objects.create(**sent, name="내일", state="scheduled")
        Dispatch.objects.create(**sent, name="어제", state="finished")

    page = as_owner.get(f"{URL}{row.pk}/delete/").content.decode()

    assert "문구 ‘환영’" in page and "예약한 문자 ‘내일’" in page
    assert "남의 것" not in page and "어제" not in page


def test_field_pages_refuse_what_cannot_be(as_owner: Client, tenant: Tenant) -> None:
    row = field(tenant, "반")
    for path, body in (("add/", {"name": "반", "kind": "text"}), (f"{row.pk}/", {"name": "생일", "kind": "text"})):
        answer = as_owner.post(URL + path, body)
        assert answer.status_code == 422 and "errorlist" in answer.content.decode()
    assert as_owner.post(f"{URL}dropped/999/restore/").status_code == 404


def test_a_viewer_sees_fields_and_changes_none(tenant: Tenant) -> None:
    row, viewer = field(tenant, "반"), sign_in(make_staff(tenant, Role.VIEWER))
    page = viewer.get(URL).content.decode()

    assert "반" in page and "항목 만들기" not in page
    for path in ("add/", "reorder/", f"{row.pk}/", f"{row.pk}/delete/"):
        assert viewer.post(URL + path).status_code == 403


# --- the form of a member ---------------------------------------------------------------------------------------------


@pytest.fixture
def own(tenant: Tenant) -> dict[str, Field]:
    kinds = {"수업": "text", "횟수": "number", "만료": "date", "요일": "choice", "셔틀": "yes_no", "계약서": "file"}
    return {
        name: field(tenant, name, kind, choices=["월", "수"] if kind == "choice" else [])
        for name, kind in kinds.items()
    }


def typed(own: dict[str, Field], **values: str) -> dict[str, str]:
    whole = {"수업": "오전", "횟수": "1,200", "만료": "2026-12-01", "요일": "수", "셔틀": "예"} | values
    return {"name": "김민준", "phone": "01012345678"} | {f"own_{own[name].pk}": text for name, text in whole.items()}


def pdf(name: str = "계약서.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, b"%PDF-1.4 x")


def test_member_form_takes_every_kind(as_owner: Client, tenant: Tenant, own: dict[str, Field]) -> None:
    body = typed(own) | {"birth_calendar": "lunar", "birth_year": "85", "birth_month": "4", "birth_day": "15"}
    as_owner.post("/t/hanbit/members/add/", body | {f"own_{own['계약서'].pk}": pdf()})

    member = stored(tenant)
    with scope(tenant=tenant):
        upload = Upload.objects.get()
    assert member.fields == {
        "수업": "오전", "횟수": "1200", "만료": "2026-12-01", "요일": "수", "셔틀": "예", "계약서": str(upload.pk),
    }  # fmt: skip
    assert member.birthday == "L19850415"
    card = as_owner.get(f"/t/hanbit/members/{member.pk}/").content.decode()
    assert "1,200" in card and "계약서.pdf" in card and "음력 1985년 4월 15일" in card
    form = as_owner.get(f"/t/hanbit/members/{member.pk}/edit/").content.decode()
    assert 'value="1200"' in form and "계약서.pdf" in form and 'value="1985"' in form

    as_owner.post(f"/t/hanbit/members/{member.pk}/edit/", typed(own, 횟수="") | {f"own_{own['계약서'].pk}_clear": "1"})
    assert set(stored(tenant).fields) == {"수업", "만료", "요일", "셔틀"}


def test_member_form_that_is_wrong_loses_nothing(as_owner: Client, tenant: Tenant, own: dict[str, Field]) -> None:
    name = f"own_{own['계약서'].pk}"
    wrong = typed(own, 횟수="열둘") | {"birth_day": "15", name: pdf()}
    answer = as_owner.post("/t/hanbit/members/add/", wrong)
    page = answer.content.decode()

    assert answer.status_code == 422
    assert "숫자가 아니에요" in page and "열둘" in page and "태어난 달을 적어 주세요" in page and "계약서.pdf" in page
    token = page.split(f'name="{name}_kept" value="')[1].split('"')[0]
    as_owner.post("/t/hanbit/members/add/", typed(own) | {f"{name}_kept": token})
    with scope(tenant=tenant):
        assert stored(tenant).fields["계약서"] == str(Upload.objects.get().pk)


def test_member_form_refuses_a_strange_file(as_owner: Client, tenant: Tenant, own: dict[str, Field]) -> None:
    file = SimpleUploadedFile("계약서.pdf", b"MZ\x00\x00 not a document")
    answer = as_owner.post("/t/hanbit/members/add/", typed(own) | {f"own_{own['계약서'].pk}": file})

    assert answer.status_code == 422 and "이 형식의 파일은" in answer.content.decode()
    with scope(tenant=tenant):
        assert not Member.objects.exists()


def test_the_card_leads_to_the_file_for_as_long_as_it_is_open(
    as_owner: Client, tenant: Tenant, neighbour: Tenant, own: dict[str, Field]
) -> None:
    as_owner.post("/t/hanbit/members/add/", typed(own) | {f"own_{own['계약서'].pk}": pdf()})
    member, field_pk = stored(tenant), own["계약서"].pk
    link = f"/t/hanbit/members/{member.pk}/files/{field_pk}/"

    assert f'href="{link}"' in as_owner.get(f"/t/hanbit/members/{member.pk}/").content.decode()
    assert b"".join(as_owner.get(link, follow=True).streaming_content) == b"%PDF-1.4 x"
    theirs = make_member(neighbour, "남")
    for pk, row in ((member.pk, 99999), (99999, field_pk), (theirs.pk, field_pk)):
        assert as_owner.get(f"/t/hanbit/members/{pk}/files/{row}/").status_code == 404


def test_a_file_that_waited_too_long_is_asked_for_again(as_owner: Client, own: dict[str, Field]) -> None:
    late = typed(own) | {f"own_{own['계약서'].pk}_kept": "expired"}

    answer = as_owner.post("/t/hanbit/members/add/", late)

    assert answer.status_code == 422 and "파일을 다시 골라 주세요" in answer.content.decode()


def test_member_form_keeps_a_value_that_its_kind_cannot_hold(as_owner: Client, tenant: Tenant) -> None:
    row = field(tenant, "만료", "date")
    member = make_member(tenant, "김", fields={"만료": "곧 끝남"})
    edit = f"/t/hanbit/members/{member.pk}/edit/"

    assert 'value="곧 끝남"' in as_owner.get(edit).content.decode()
    as_owner.post(edit, {"name": "이", "phone": member.phone, f"own_{row.pk}": "곧 끝남"})
    assert (stored(tenant).name, stored(tenant).fields) == ("이", {"만료": "곧 끝남"})
