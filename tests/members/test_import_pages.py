"""The pages of imports, through the client."""

import re
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.enums import Role
from accounts.scoping import tenant_url
from members import sheets
from members.models import Import, Member
from members.services.import_run import apply_import, read_import
from members.services.imports import start_import
from tests.conftest import sign_in
from tests.factories import make_group, make_staff
from tests.members.test_sheets import xlsx

pytestmark = pytest.mark.usefixtures("in_tenant")
ROWS = [
    ["이름", "휴대폰", "보호자 연락처", "학년"],
    ["김민수", "010-1234-5678", "010-9999-8888", "3"],
    ["이서연", "1.01E+10", "", "4"],
]


def url(tenant, name, *args):
    return tenant_url(tenant, f"members:import-{name}", *args)


def file(rows=ROWS, name="명단.xlsx"):
    return SimpleUploadedFile(name, xlsx(("명단", rows)))


def read(tenant, pk):
    read_import(tenant=tenant, pk=pk)


def test_import_add_shows_the_form(as_owner, tenant):
    make_group(tenant, "오전반")

    text = as_owner.get(url(tenant, "add")).content.decode()

    assert "명단 올리기" in text
    assert '<option value="오전반">' in text


def test_import_from_upload_to_saved(as_owner, tenant):
    answer = as_owner.post(url(tenant, "add"), {"file": file(), "mode": "upsert", "group": "신규"})
    row = Import.objects.get()
    assert answer.url == url(tenant, "detail", row.pk)
    assert "every 1s" in as_owner.get(answer.url).content.decode()

    read(tenant, row.pk)
    preview = as_owner.get(answer.url).content.decode()
    assert "every 1s" not in preview
    assert "1명 저장하기" in preview
    assert "보호자 010-9999-8888" in preview
    assert "엑셀에서 번호 끝자리가 사라졌어요" in preview

    as_owner.post(url(tenant, "apply", row.pk))
    assert "저장하고 있어요" in as_owner.get(answer.url).content.decode()
    apply_import(tenant=tenant, pk=row.pk)
    done = as_owner.get(answer.url).content.decode()
    assert "새로 1명을 넣고 0명을 고쳤어요" in done
    member = Member.objects.get()
    assert (member.name, member.fields, member.groups.get().name) == ("김민수", {"학년": "3"}, "신규")
    assert [(c.role, c.phone) for c in member.contacts.all()] == [("guardian", "01099998888")]


def test_import_of_two_phones_asks(as_owner, tenant):
    row = start_import(tenant=tenant, by=None, file=file([["이름", "휴대폰", "집전화"], ["김", "01012345678", ""]]))
    read(tenant, row.pk)

    assert "전화번호 열이 둘이에요" in as_owner.get(url(tenant, "detail", row.pk)).content.decode()


def test_import_detail_for_htmx_is_the_stage_alone(as_owner, tenant):
    row = start_import(tenant=tenant, by=None, text="김민수 010-1234-5678")

    answer = as_owner.get(url(tenant, "detail", row.pk), headers={"HX-Request": "true"})

    assert answer.content.decode().strip().startswith('<div class="stack side" id="stage"')
    assert "HX-Request" in answer["Vary"]


def test_import_pasted(as_owner, tenant):
    as_owner.post(url(tenant, "add"), {"text": "김민수 010-1234-5678", "mode": "upsert"})
    row = Import.objects.get()
    read(tenant, row.pk)

    assert "제목 줄이 없어서" in as_owner.get(url(tenant, "detail", row.pk)).content.decode()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"%PDF-1.7", "명단 파일이 아닌 것 같아요"), (b"", "파일이 비어 있어요"), (b"PK\x03\x04", "파일이 깨져서")],
)
def test_import_add_of_a_bad_file_keeps_what_was_typed(as_owner, tenant, content, sentence):
    answer = as_owner.post(
        url(tenant, "add"), {"file": SimpleUploadedFile("a.xlsx", content), "mode": "create", "group": "신규"}
    )

    text = answer.content.decode()
    assert (answer.status_code, sentence in text, 'value="신규"' in text) == (422, True, True)
    assert Import.objects.count() == 0


def test_import_add_of_nothing_says_what_to_do(as_owner, tenant):
    answer = as_owner.post(url(tenant, "add"), {"mode": "upsert"})

    assert (answer.status_code, "명단을 붙여 넣어 주세요" in answer.content.decode()) == (422, True)


def test_import_correct_takes_the_columns_as_chosen(as_owner, tenant):
    row = start_import(tenant=tenant, by=None, file=file())
    read(tenant, row.pk)
    text = as_owner.get(url(tenant, "detail", row.pk)).content.decode()
    assert re.findall(r'<select class="select" name="(column-\d)"', text) == [f"column-{n}" for n in range(4)]

    chosen = {"column-0": "name", "column-1": "skip", "column-2": "phone", "column-3": "field:학년"}
    as_owner.post(url(tenant, "correct", row.pk), {**chosen, "mode": "create"})
    read(tenant, row.pk)

    row.refresh_from_db()
    assert (row.mapping["2"], row.mode, row.created) == ("phone", "create", 1)


def test_import_correct_takes_the_line_of_the_titles(as_owner, tenant):
    row = start_import(tenant=tenant, by=None, text="성함 번호\n김민수 010-1234-5678")
    read(tenant, row.pk)
    text = as_owner.get(url(tenant, "detail", row.pk)).content.decode()
    assert re.findall(r'name="header_row" value="(\d)"( checked)?', text) == [("0", " checked"), ("1", ""), ("2", "")]

    as_owner.post(url(tenant, "correct", row.pk), {"header_row": "1", "column-0": "name"})
    read(tenant, row.pk)

    row.refresh_from_db()
    assert (row.header_row, row.rows) == (1, 1)
    text = as_owner.get(url(tenant, "detail", row.pk)).content.decode()
    assert 'name="header_row" value="1" checked' in text


def test_import_correct_of_nonsense_says_so(as_owner, tenant):
    row = start_import(tenant=tenant, by=None, file=file())
    read(tenant, row.pk)

    answer = as_owner.post(url(tenant, "correct", row.pk), {"column-0": "name", "column-1": "name"}, follow=True)

    assert "같은 항목을 두 열에 고를 수 없어요" in answer.content.decode()


def test_import_detail_of_a_failed_one_says_why(as_owner, tenant):
    row = start_import(tenant=tenant, by=None, file=file([["이름", "주소"], ["김", "서울"]]), apply=True)
    read(tenant, row.pk)

    text = as_owner.get(url(tenant, "detail", row.pk)).content.decode()

    assert "전화번호가 있는 열을 찾지 못했어요" in text
    assert 'name="column-1"' in text


def test_import_errors_can_be_downloaded(as_owner, tenant):
    row = start_import(tenant=tenant, by=None, file=file())
    read(tenant, row.pk)

    answer = as_owner.get(url(tenant, "errors", row.pk))

    rows = sheets.read(b"".join(answer.streaming_content)).rows
    assert [line[0] for line in rows] == ["이름", "이서연"]
    assert "attachment" in answer["Content-Disposition"]
    assert "고칠 줄" in unquote(answer["Content-Disposition"])


def test_import_errors_of_a_clean_import_is_404(as_owner, tenant):
    row = start_import(tenant=tenant, by=None, text="김민수 010-1234-5678")
    read(tenant, row.pk)

    assert as_owner.get(url(tenant, "errors", row.pk)).status_code == 404


def test_import_pages_show_names_as_text(as_owner, tenant):
    row = start_import(
        tenant=tenant, by=None, file=file([["이름", "휴대폰", "<b>x</b>"], ["<script>", "010-1234-5678", "{{ 1 }}"]])
    )
    read(tenant, row.pk)

    text = as_owner.get(url(tenant, "detail", row.pk)).content.decode()

    assert ("<script>" in text.replace("<script src", ""), "&lt;script&gt;" in text) == (False, True)


def test_import_pages_are_closed_to_viewers_and_neighbours(tenant, neighbour_owner):
    row = start_import(tenant=tenant, by=None, text="김민수 010-1234-5678")
    viewer = sign_in(make_staff(tenant, Role.VIEWER))
    stranger = sign_in(neighbour_owner)

    for name, args in (("add", ()), ("detail", (row.pk,)), ("errors", (row.pk,))):
        assert viewer.get(url(tenant, name, *args)).status_code == 403
        assert stranger.get(url(tenant, name, *args)).status_code == 404
        if args:
            assert stranger.get(url(neighbour_owner.tenant, name, *args)).status_code == 404
    for name in ("apply", "correct"):
        assert viewer.post(url(tenant, name, row.pk)).status_code == 403
        assert stranger.post(url(neighbour_owner.tenant, name, row.pk)).status_code == 404
