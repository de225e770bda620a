"""Files in fields: one member's alone, never a colleague's note or a roster, and gone when nobody has them."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django_scopes import scope

from accounts.models import Tenant, Upload
from members.exceptions import InvalidMember
from members.models import BulkEdit, Field, Member, Note
from members.selectors import held_files, own_values
from members.services import bulk_edits, field_files, fields, members, notes, trash, uniting
from members.services.daily import JOBS
from tests.factories import make_member
from ui import times

pytestmark = pytest.mark.django_db
JSON = {"content_type": "application/json"}


@pytest.fixture(autouse=True)
def _private(settings: Any, tmp_path: Any) -> None:
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": backend, "OPTIONS": {"location": str(tmp_path), "base_url": None}}
    }


@pytest.fixture
def who(in_tenant: Tenant) -> dict[str, Any]:
    return {"tenant": in_tenant, "by": None}


def pdf(name: str = "계약서.pdf") -> ContentFile:
    return ContentFile(b"%PDF-1.4 x", name=name)


def kept_file(who: dict[str, Any], name: str = "계약서.pdf") -> Upload:
    row = Field.objects.filter(name="계약서").first() or fields.create(**who, name="계약서", kind="file")
    return fields.keep_file(**who, field=row, file=pdf(name))


def age(upload: Upload, days: int = 31) -> None:
    Upload.objects.filter(pk=upload.pk).update(created_at=times.now() - timedelta(days=days))


def is_there(upload: Upload) -> bool:
    return default_storage.exists(upload.path)


def sweep(who: dict[str, Any]) -> int:
    return field_files.sweep(tenant=who["tenant"], today=times.today())


def test_a_note_s_file_or_another_member_s_is_refused(who: dict[str, Any], owner: Any) -> None:
    taken = kept_file(who)
    first = members.create(**who, name="김민수", fields={"계약서": str(taken.pk)})
    note = notes.attach(tenant=who["tenant"], by=owner.user, member=first, file=pdf(), is_private=True)
    assert note is not None and note.upload is not None
    other = make_member(who["tenant"], "이서연")

    for upload in (taken, note.upload):
        with pytest.raises(InvalidMember):
            members.update(**who, member=other, fields={"계약서": str(upload.pk)})
        with pytest.raises(InvalidMember):
            members.create(**who, name="박지우", fields={"계약서": str(upload.pk)})
    members.update(**who, member=first, memo="그대로", fields={"계약서": str(taken.pk)})  # one's own may be said again


def test_a_file_is_nothing_for_many(who: dict[str, Any]) -> None:
    upload, member = kept_file(who), make_member(who["tenant"])

    for text in (str(upload.pk), ""):
        with pytest.raises(InvalidMember):
            bulk_edits.edit(**who, members=Member.objects.all(), change={"fields": {"계약서": text}})
    member.refresh_from_db()
    assert (member.fields, BulkEdit.objects.count()) == ({}, 0)


def test_pages_and_api_show_nobody_s_private_file(tenant: Tenant, owner: Any, client: Client, api: Client) -> None:
    with scope(tenant=tenant):
        member = make_member(tenant)
        fields.create(tenant=tenant, by=None, name="계약서", kind="file")
        note = notes.attach(tenant=tenant, by=owner.user, member=member, file=pdf(), is_private=True)
        assert note is not None
        number = str(note.upload_id)
    client.force_login(owner.user)

    asked = {"id": member.pk, "scope": "page", "step": "apply", "field": "계약서", "field_value": number}
    assert client.post(f"/t/{tenant.slug}/members/edit/", asked).status_code == 422
    body = {"fields": {"계약서": number}}
    assert api.patch(f"/api/v1/members/{member.pk}", body, **JSON).status_code == 422
    many = {"members": [member.pk], "change": body}
    assert api.post("/api/v1/members/bulk-edit", many, **JSON).status_code == 422
    with scope(tenant=tenant):
        member.refresh_from_db()
        assert member.fields == {}


def test_erasing_takes_every_file_and_its_name(who: dict[str, Any], django_capture_on_commit_callbacks: Any) -> None:
    first, second, note_file = kept_file(who), kept_file(who, "새 계약서.pdf"), pdf("김민수 진단서.pdf")
    member = members.create(**who, name="김민수", fields={"계약서": str(first.pk)})
    members.update(**who, member=member, fields={"계약서": str(second.pk)})
    note = notes.attach(**who, member=member, file=note_file)
    fields.drop(**who, field=Field.objects.get())
    members.trash_one(**who, member=member)
    assert note is not None and note.upload is not None

    with django_capture_on_commit_callbacks(execute=True):
        trash.empty(**who, members=Member.objects.all())

    assert not any(map(is_there, (first, second, note.upload)))
    assert set(Upload.objects.values_list("name", flat=True)) == {""}
    assert Note.objects.get().upload_id is None


def test_sweep_removes_what_nobody_has(who: dict[str, Any], django_capture_on_commit_callbacks: Any) -> None:
    never_saved, replaced, held, fresh = (kept_file(who) for _n in range(4))
    member = members.create(**who, name="김민수", fields={"계약서": str(replaced.pk)})
    members.update(**who, member=member, fields={"계약서": str(held.pk)})
    for upload in (never_saved, replaced, held):
        age(upload)

    with django_capture_on_commit_callbacks(execute=True):
        assert sweep(who) == 2

    assert [is_there(upload) for upload in (never_saved, replaced, held, fresh)] == [False, False, True, True]
    assert sweep(who) == 0
    assert [*JOBS].index("files") > [*JOBS].index("fields")


def test_sweep_spares_a_deleted_field_and_what_a_merge_may_bring_back(who: dict[str, Any]) -> None:
    mine, theirs = kept_file(who), kept_file(who)
    kept = members.create(**who, name="김민수", fields={"계약서": str(mine.pk)})
    gone = members.create(**who, name="김민수", fields={"계약서": str(theirs.pk)})
    uniting.unite(**who, kept=kept.pk, gone=gone.pk, choose={"fields.계약서": "gone"})
    fields.drop(**who, field=Field.objects.get())
    age(mine)
    age(theirs)

    assert sweep(who) == 0


def test_a_text_that_an_undo_brings_back_names_no_private_file(
    tenant: Tenant, owner: Any, client: Client, api: Client
) -> None:
    with scope(tenant=tenant):
        row = fields.create(tenant=tenant, by=None, name="사진", kind="text")
        member = make_member(tenant, "김민수")
        note = notes.attach(tenant=tenant, by=owner.user, member=member, file=pdf("비밀.pdf"), is_private=True)
        assert note is not None
        members.update(tenant=tenant, by=None, member=member, fields={"사진": str(note.upload_id)})
        edit = bulk_edits.edit(tenant=tenant, by=None, members=Member.objects.all(), change={"fields": {"사진": ""}})
        fields.update(tenant=tenant, by=None, field=row, kind="file")
        bulk_edits.undo(tenant=tenant, by=None, pk=edit.pk)
        member.refresh_from_db()
        assert [(one.text, one.url) for one in own_values(tenant, member)] == [("–", "")]
    client.force_login(owner.user)

    url = f"/t/{tenant.slug}/members/{member.pk}/"
    assert client.get(f"{url}files/{row.pk}/")["Location"] == url
    assert api.get(f"/api/v1/fields/{row.pk}/file?member={member.pk}").status_code == 404


def test_a_file_is_shown_to_its_member_and_of_whom_that_is_a_part_alone(who: dict[str, Any]) -> None:
    upload = kept_file(who)
    kept, other = make_member(who["tenant"], "김민수"), make_member(who["tenant"], "이서연")
    gone = members.create(**who, name="김민수", fields={"계약서": str(upload.pk)})
    uniting.unite(**who, kept=kept.pk, gone=gone.pk)
    Member.objects.filter(pk=other.pk).update(fields=gone.fields)
    kept.refresh_from_db()
    other.refresh_from_db()

    held = held_files(who["tenant"], [kept, other], Field.objects.all())

    assert held == {(kept.pk, str(upload.pk)): upload}
