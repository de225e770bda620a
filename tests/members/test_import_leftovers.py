"""What an import leaves behind of people goes: after thirty days, and with a person who is erased."""

import datetime

import pytest
from django.core.files.storage import default_storage

from accounts import uploads
from accounts.scoping import tenant_url
from members.exceptions import UploadGone
from members.models import Contact, Import, ImportPart, Member
from members.services import erasing, import_errors, import_leftovers, kept_parts
from tests.members.test_imports import TWO, previewed, ran
from ui import times

pytestmark = pytest.mark.usefixtures("in_tenant")
WRONG = ["박지훈", "010-12", "", "", ""]


def old(row):
    month_ago = times.now() - datetime.timedelta(days=31)
    Import.objects.filter(pk=row.pk).update(created_at=month_ago, finished_at=row.finished_at and month_ago)


def test_after_thirty_days_nothing_of_the_file_is_left(tenant, django_capture_on_commit_callbacks):
    done, left = ran(tenant, [*TWO, WRONG]), previewed(tenant, [*TWO, WRONG])
    fresh = ran(tenant, [*TWO, WRONG])
    for row in (done, left):
        old(row)

    with django_capture_on_commit_callbacks(execute=True):
        assert import_leftovers.prune(tenant=tenant, today=times.today()) == 2
    assert import_leftovers.prune(tenant=tenant, today=times.today()) == 0

    for row in (done, left):
        row.refresh_from_db()
        assert (row.errors, row.sample, row.repairs, row.error_count) == ([], {}, {}, 1)
        assert not default_storage.exists(row.upload.path)
        assert not default_storage.exists(import_errors.path_of(row))
    fresh.refresh_from_db()
    assert fresh.errors and default_storage.exists(fresh.upload.path)


def test_a_preview_whose_file_is_gone_offers_nothing_more(tenant, as_owner):
    row = previewed(tenant, [*TWO, WRONG])
    old(row)

    import_leftovers.prune(tenant=tenant, today=times.today())

    page = as_owner.get(tenant_url(tenant, "members:import-detail", row.pk)).content.decode()
    assert str(UploadGone.message) in page
    doors = [tenant_url(tenant, f"members:import-{name}", row.pk) for name in ("apply", "correct", "errors")]
    assert not [door for door in doors if door in page]


def test_who_is_erased_goes_out_of_the_lines_that_could_not_be_taken(tenant, django_capture_on_commit_callbacks):
    row = ran(tenant, [*TWO, ["김민수", "010-12", "", "", ""], WRONG])
    member = Member.objects.get(name="김민수")

    with django_capture_on_commit_callbacks(execute=True):
        erasing.erase(tenant=tenant, ids=[member.pk], now=times.now())

    row.refresh_from_db()
    assert [one["who"] for one in row.errors] == ["박지훈"]
    assert not default_storage.exists(import_errors.path_of(row))


def test_who_is_erased_goes_out_of_a_preview(tenant):
    row = previewed(tenant, [*TWO, WRONG])
    assert "김민수" in str(row.sample["people"]) and "김민수" in str(row.sample["cells"])

    import_leftovers.forget(tenant=tenant, people=[("김민수", "01012345678")])

    row.refresh_from_db()
    said = str(row.sample)
    assert "김민수" not in said and "1234-5678" not in said and "12345678" not in said
    assert "이서연" in said and row.sample["header_row"] == 1


def test_who_is_erased_goes_out_of_the_contacts_that_are_kept_for_a_revert(tenant):
    ran(tenant)
    member = Member.objects.get(name="김민수")
    ran(tenant, [["이름", "휴대폰", "어머니 연락처"], ["김민수", "01012345678", "01077778888"]])
    assert Contact.objects.exists()

    kept_parts.forget(tenant=tenant, ids={member.pk})

    assert "01077778888" not in str(list(ImportPart.objects.values_list("changes", flat=True)))


def test_a_file_that_the_storage_kept_is_removed_later(tenant):
    row = ran(tenant)
    uploads.delete(tenant=tenant, by=None, upload=row.upload)  # and its process dies before the file is removed
    assert default_storage.exists(row.upload.path)

    assert [uploads.sweep(tenant=tenant) for _n in range(2)] == [1, 0]
    assert not default_storage.exists(row.upload.path)
