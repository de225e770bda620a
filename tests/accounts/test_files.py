"""Files: what comes in is looked at, what goes out needs a right, a reason and is masked."""

import csv
import io
import zipfile
from datetime import date, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django_scopes import scope
from python_calamine import load_workbook

from accounts import exceptions as no
from accounts import exports, uploads
from accounts.enums import ExportState, Role
from accounts.exports import Column
from accounts.models import AuditEvent, Export, Notice
from tests import factories
from tests.conftest import sign_in

pytestmark = pytest.mark.django_db
ROWS = [("김민준", "01012345678", 3, date(1990, 3, 5), "=1+1"), ("이산", "0237890123", None, None, "-단골")]


@pytest.fixture(autouse=True)
def _private(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path), "base_url": None},
        },
    }


@pytest.fixture
def people(monkeypatch):
    monkeypatch.setattr(exports, "_kinds", {})
    columns = [Column("이름", "name"), Column("휴대폰", "phone"), Column("횟수", "number"), Column("생일", "date")]
    exports.register("people", title="명단", columns=[*columns, Column("메모")], rows=lambda tenant, params: iter(ROWS))


@pytest.fixture
def boss(owner):
    EmailAddress.objects.create(user=owner.user, email=owner.user.email, verified=True, primary=True)
    return owner


def ask(tenant, user, **changes):
    given = {"kind": "people", "params": {}, "reason": "세무 신고", "format": "csv", "masked": True} | changes
    return exports.request_export(tenant=tenant, by=user, **given)


def made(tenant, row):
    assert exports.make(tenant=tenant, export=row.pk)
    row.refresh_from_db()
    with uploads.default_storage.open(row.parts[0], "rb") as file:
        return file.read()


def upload(name="a.csv", content=b"name,phone\n", **changes):
    return SimpleUploadedFile(name, content, **changes)


def test_export_csv_is_masked_with_bom_and_defused(in_tenant, boss, people):
    content = made(in_tenant, ask(in_tenant, boss.user))
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[1] == ["김•준", "010-12••-5678", "3", "1990-03-05", "'=1+1"]
    assert rows[2][4] == "'-단골"


def test_export_defuses_titles_names_and_what_is_no_phone(in_tenant, boss, monkeypatch):
    monkeypatch.setattr(exports, "_kinds", {})
    columns = [Column("=cmd()", "name"), Column("휴대폰", "phone")]
    exports.register(
        "people", title="명단", columns=columns, rows=lambda tenant, params: iter([("=SUM(1)", "@SUM(1)")])
    )
    for masked in (True, False):
        content = made(in_tenant, ask(in_tenant, boss.user, masked=masked)).decode("utf-8-sig")
        cells = [cell for line in csv.reader(io.StringIO(content)) for cell in line]
        assert not [cell for cell in cells if cell[:1] in "=+-@"]


def test_export_xlsx_unmasked_opens_with_hyphens(in_tenant, boss, people):
    content = made(in_tenant, ask(in_tenant, boss.user, format="xlsx", masked=False))
    rows = load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert rows[1][:3] == ["김민준", "010-1234-5678", 3.0]
    assert rows[1][4] == "'=1+1"


def test_export_of_many_rows_is_a_zip_of_several_files(in_tenant, boss, people, monkeypatch):
    monkeypatch.setattr(exports, "ROWS_A_FILE", 1)
    row = ask(in_tenant, boss.user)
    with zipfile.ZipFile(io.BytesIO(made(in_tenant, row))) as archive:
        assert archive.namelist() == ["people-1.csv", "people-2.csv"]
    row.refresh_from_db()
    assert row.row_count == 2


def test_export_needs_right_verified_email_and_reason(in_tenant, boss, people):
    manager = factories.make_staff(in_tenant, Role.MANAGER)
    with pytest.raises(no.NotAllowed):
        ask(in_tenant, manager.user)
    manager.extra_permissions = ["member.export"]
    manager.save()
    with pytest.raises(no.EmailNotVerified):
        ask(in_tenant, manager.user)
    with pytest.raises(no.ReasonMissing):
        ask(in_tenant, boss.user, reason=" ")
    with pytest.raises(exports.UnknownExport):
        ask(in_tenant, boss.user, kind="nothing")
    assert Export.objects.count() == 0


def test_export_asked_twice_in_a_moment_is_one(in_tenant, boss, people):
    first = ask(in_tenant, boss.user, params={"ids": [1, 2]})
    assert ask(in_tenant, boss.user, params={"ids": [1, 2]}) == first
    assert AuditEvent.objects.filter(kind="export.requested").count() == 1
    others = [{"params": {"ids": [1]}}, {"masked": False}, {"format": "xlsx"}, {"reason": "다른 까닭"}]
    assert len({first.pk, *(ask(in_tenant, boss.user, **({"params": {"ids": [1, 2]}} | c)).pk for c in others)}) == 5


def test_export_asked_again_later_or_after_a_failure_is_another(in_tenant, boss, people):
    first = ask(in_tenant, boss.user)
    Export.objects.filter(pk=first.pk).update(created_at=timezone.now() - timedelta(seconds=11))
    second = ask(in_tenant, boss.user)
    Export.objects.filter(pk=second.pk).update(state=ExportState.FAILED)
    assert len({first.pk, second.pk, ask(in_tenant, boss.user).pk}) == 3


def test_export_of_a_neighbour_is_refused(neighbour, boss, people):
    with scope(tenant=neighbour), pytest.raises(no.NotAllowed):
        ask(neighbour, boss.user)


def test_make_twice_writes_once_and_tells_once(in_tenant, boss, people):
    row = ask(in_tenant, boss.user)
    assert [exports.make(tenant=in_tenant, export=row.pk) for _ in range(2)] == [True, False]
    assert Notice.objects.count() == 1


def test_make_takes_over_from_a_dead_worker(in_tenant, boss, people):
    row = ask(in_tenant, boss.user)
    Export.objects.update(state=ExportState.WORKING, lease_until=timezone.now() + timedelta(minutes=1))
    assert exports.make(tenant=in_tenant, export=row.pk) is False
    Export.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    assert exports.make(tenant=in_tenant, export=row.pk) is True


def test_download_counts_is_recorded_and_ends(in_tenant, boss, people):
    row = ask(in_tenant, boss.user)
    made(in_tenant, row)
    link = exports.link(row)
    client = sign_in(boss)
    response = client.get(link)
    assert b"".join(response.streaming_content).startswith(b"\xef\xbb\xbf")
    assert response["Cache-Control"] == "private, no-store"
    assert "attachment" in response["Content-Disposition"]
    row.refresh_from_db()
    assert row.downloaded_count == 1
    assert AuditEvent.objects.get(kind="export.downloaded").data["reason"] == "세무 신고"
    Export.objects.update(expires_at=timezone.now())
    assert client.get(link).status_code == 404
    assert exports.expire(before=timezone.now()) == 1
    assert not uploads.default_storage.exists(row.parts[0])


def test_download_by_a_neighbour_or_without_the_right_is_closed(in_tenant, boss, people, neighbour_owner):
    row = ask(in_tenant, boss.user)
    made(in_tenant, row)
    link = exports.link(row)
    assert sign_in(neighbour_owner).get(link).status_code == 404
    moved = link.replace("/hanbit/", "/neighbour/")
    assert sign_in(neighbour_owner).get(moved).status_code == 404
    assert sign_in(factories.make_staff(in_tenant, Role.MANAGER)).get(link).status_code == 403


def test_store_keeps_a_private_file_and_its_hash(in_tenant, boss):
    row = uploads.store(tenant=in_tenant, by=boss.user, file=upload("../../회원.csv"), kinds=["csv"], purpose="test")
    assert (row.name, row.kind, row.size) == ("회원.csv", "csv", 11)
    assert "회원" not in row.path
    with uploads.open_(row) as file:
        assert file.read() == b"name,phone\n"


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.xlsx", b"\x89PNG\r\n\x1a\n....", "png"),
        ("a.csv", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "xls"),
        ("a.csv", "이름,전화".encode("cp949"), "csv"),
        ("a.csv", b"\xff\xfe" + "이름".encode("utf-16-le"), "csv"),
        ("a.txt", b"010-1234-5678", "txt"),
        ("a.csv", b"\x7fELF\x00\x00", ""),
        ("a.xlsx", b"PK\x03\x04 broken", ""),
    ],
)
def test_sniff_looks_at_content(name, content, kind):
    assert uploads.sniff(upload(name, content), name) == kind


@pytest.mark.parametrize(
    ("file", "word"),
    [(upload(content=b""), "빈 파일"), (upload("a.csv", b"x" * 50), "너무 커요"), (upload("a.exe", b"MZ\x00"), "형식")],
)
def test_store_refuses(in_tenant, boss, file, word):
    with pytest.raises(no.UploadRefused) as refused:
        uploads.store(tenant=in_tenant, by=boss.user, file=file, kinds=["csv"], purpose="test", max_bytes=40)
    assert word in str(refused.value)


def test_store_on_a_full_disk_says_so(in_tenant, boss, monkeypatch):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "save", full)
    with pytest.raises(no.UploadRefused):
        uploads.store(tenant=in_tenant, by=boss.user, file=upload(), kinds=["csv"], purpose="test")


def test_upload_link_is_for_its_tenant(in_tenant, boss, neighbour_owner):
    row = uploads.store(tenant=in_tenant, by=boss.user, file=upload(), kinds=["csv"], purpose="test")
    link = uploads.link(row)
    assert b"".join(sign_in(boss).get(link).streaming_content) == b"name,phone\n"
    assert sign_in(neighbour_owner).get(link).status_code == 404
    assert sign_in(neighbour_owner).get(link.replace("/hanbit/", "/neighbour/")).status_code == 404


def test_delete_removes_the_file_once(in_tenant, boss, django_capture_on_commit_callbacks):
    row = uploads.store(tenant=in_tenant, by=boss.user, file=upload(), kinds=["csv"], purpose="test")
    with django_capture_on_commit_callbacks(execute=True):
        assert uploads.delete(tenant=in_tenant, by=boss.user, upload=row) is True
    assert uploads.delete(tenant=in_tenant, by=boss.user, upload=row) is False
    assert not uploads.default_storage.exists(row.path)
