"""Notes, calls and files: written, read by whom they are for, changed, taken away."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_scopes import scope

from accounts.exceptions import UploadRefused
from accounts.models import AuditEvent, Staff, Tenant
from members.exceptions import InvalidNote, MemberNotFound, NoteNotFound, NotYourNote, TooManyPinned
from members.models import Note
from members.selectors import notes as reading
from members.services import members, notes, uniting
from tests import factories
from tests.conftest import sign_in
from ui import times

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100


@pytest.fixture
def member(in_tenant: Tenant) -> Any:
    return factories.make_member(in_tenant, "김하늘")


def add(tenant: Tenant, staff: Staff, member: Any, text: str = "무릎이 안 좋아요", **more: Any) -> Note:
    note = notes.add(tenant=tenant, by=staff.user, member=member, text=text, **more)
    assert note is not None
    return note


def test_add_keeps_what_was_written_and_who_wrote_it(member: Any, tenant: Tenant, owner: Staff) -> None:
    note = add(tenant, owner, member, "  무릎이 안 좋아요\r\n살살  ")

    assert (note.text, note.by, note.kind) == ("무릎이 안 좋아요\n살살", owner.user, "note")
    event = AuditEvent.objects.get(kind="note.added")
    assert event.data == {"member": member.pk, "note": "note"}


@pytest.mark.parametrize("text", ["", "   ", "가" * 2001])
def test_add_refuses_nothing_and_too_much(text: str, member: Any, tenant: Tenant, owner: Staff) -> None:
    with pytest.raises(InvalidNote):
        notes.add(tenant=tenant, by=owner.user, member=member, text=text)


def test_add_twice_with_one_form_is_once(member: Any, tenant: Tenant, owner: Staff) -> None:
    add(tenant, owner, member, form_key="k1")

    assert notes.add(tenant=tenant, by=owner.user, member=member, text="또", form_key="k1") is None
    assert Note.objects.count() == 1


def test_add_to_the_neighbours_or_a_trashed_member_is_not_found(
    member: Any, tenant: Tenant, neighbour: Tenant, owner: Staff
) -> None:
    theirs = factories.make_member(neighbour, "남")
    gone = factories.make_member(tenant, "지움", deleted_at=times.now())

    for wrong in (theirs, gone):
        with pytest.raises(MemberNotFound):
            notes.add(tenant=tenant, by=owner.user, member=wrong, text="메모")


def test_log_call_keeps_direction_and_time_and_refuses_the_future(member: Any, tenant: Tenant, owner: Staff) -> None:
    who: dict[str, Any] = {"tenant": tenant, "by": owner.user, "member": member}
    at = times.now() - timedelta(hours=3)

    call = notes.log_call(**who, direction="in", at=at)

    assert call is not None and (call.kind, call.direction, call.at, call.text) == ("call", "in", at, "")
    with pytest.raises(InvalidNote):
        notes.log_call(**who, direction="in", at=times.now() + timedelta(days=1))
    with pytest.raises(InvalidNote):
        notes.log_call(**who, direction="sideways")


def test_attach_keeps_a_file_and_refuses_what_is_none(member: Any, tenant: Tenant, owner: Staff) -> None:
    who: dict[str, Any] = {"tenant": tenant, "by": owner.user, "member": member}

    note = notes.attach(**who, file=SimpleUploadedFile("동의서.png", PNG), text="동의서")

    assert note is not None and note.upload is not None and note.upload.kind == "png"
    with pytest.raises(UploadRefused):
        notes.attach(**who, file=SimpleUploadedFile("x.exe", b"MZ\x00\x01" * 50))
    with pytest.raises(UploadRefused):
        notes.attach(**who, file=SimpleUploadedFile("x.png", PNG + b"0" * notes.FILE_BYTES))
    assert Note.objects.count() == 1


def test_private_note_is_its_writers_alone(member: Any, tenant: Tenant, owner: Staff, api: Any) -> None:
    other = factories.make_staff(tenant, "manager")
    note = add(tenant, owner, member, "나만아는비밀", is_private=True, is_pinned=True)

    assert reading.note(tenant, owner.user, note.pk) == note
    for stranger in (other.user, None):
        with pytest.raises(NoteNotFound):
            reading.note(tenant, stranger, note.pk)
    for path in (f"/t/hanbit/members/{member.pk}/", f"/t/hanbit/members/{member.pk}/timeline/"):
        mine = sign_in(owner).get(path, headers={"HX-Request": "true"}).content.decode()
        theirs = sign_in(other).get(path, headers={"HX-Request": "true"}).content.decode()
        assert "나만아는비밀" in mine and "나만아는비밀" not in theirs
    for path in ("notes", "timeline"):
        assert "나만아는비밀" not in api.get(f"/api/v1/members/{member.pk}/{path}").content.decode()
    assert sign_in(other).post(f"/t/hanbit/members/notes/{note.pk}/delete/").status_code == 404


def test_change_is_its_writers_alone(member: Any, tenant: Tenant, owner: Staff) -> None:
    other = factories.make_staff(tenant, "manager")
    note = add(tenant, owner, member)

    with pytest.raises(NotYourNote):
        notes.change(tenant=tenant, by=other.user, note=note, text="바꿈")
    changed = notes.change(tenant=tenant, by=owner.user, note=note, text="바꿈")
    again = notes.change(tenant=tenant, by=owner.user, note=note, text="바꿈")

    assert changed.text == again.text == "바꿈" and changed.changed_at == again.changed_at
    assert AuditEvent.objects.filter(kind="note.changed").count() == 1


def test_delete_twice_is_once_and_takes_the_file(member: Any, tenant: Tenant, owner: Staff) -> None:
    note = notes.attach(tenant=tenant, by=owner.user, member=member, file=SimpleUploadedFile("a.png", PNG))
    assert note is not None and note.upload is not None

    for _ in range(2):
        notes.delete(tenant=tenant, by=owner.user, note=note)

    note.upload.refresh_from_db()
    assert note.upload.deleted_at is not None
    assert AuditEvent.objects.filter(kind="note.deleted").count() == 1
    with pytest.raises(NoteNotFound):
        notes.change(tenant=tenant, by=owner.user, note=note, text="늦음")


def test_pin_puts_ten_at_the_top_and_refuses_the_next(member: Any, tenant: Tenant, owner: Staff) -> None:
    rows = [add(tenant, owner, member, f"메모 {n}") for n in range(11)]
    for row in [*rows[:10], rows[0]]:
        notes.pin(tenant=tenant, by=owner.user, note=row, pinned=True)

    assert reading.pinned(tenant, [member.pk], owner.user).count() == 10
    with pytest.raises(TooManyPinned):
        notes.pin(tenant=tenant, by=owner.user, note=rows[10], pinned=True)
    notes.pin(tenant=tenant, by=owner.user, note=rows[0], pinned=False)
    notes.pin(tenant=tenant, by=owner.user, note=rows[10], pinned=True)


def test_colleagues_private_notes_take_no_place_at_the_top(member: Any, tenant: Tenant, owner: Staff) -> None:
    other = factories.make_staff(tenant, "manager")
    for n in range(10):
        add(tenant, other, member, f"혼자 {n}", is_private=True, is_pinned=True)
    mine = [add(tenant, owner, member, f"메모 {n}", is_pinned=True) for n in range(10)]
    eleventh = add(tenant, owner, member)

    answer = sign_in(owner).post(
        f"/t/hanbit/members/notes/{eleventh.pk}/pin/", {"pinned": "1"}, headers={"HX-Request": "true"}
    )

    assert set(reading.pinned(tenant, [member.pk], owner.user)) == set(mine)
    assert json.loads(answer["HX-Trigger"])["refused"] == {"text": str(TooManyPinned.message), "level": "error"}


def test_deeds_on_a_note_leave_what_is_being_typed_alone(member: Any, tenant: Tenant, owner: Staff) -> None:
    client, note = sign_in(owner), add(tenant, owner, member)

    for deed, data in (("pin", {"pinned": "1"}), ("pin", {"pinned": "0"}), ("delete", {})):
        body = client.post(f"/t/hanbit/members/notes/{note.pk}/{deed}/", data, headers={"HX-Request": "true"})
        told = body.content.decode()
        assert 'id="stream"' in told and 'id="pinned" hx-swap-oob' in told and 'id="composer"' not in told
    assert 'hx-target="#stream-card"' not in told


def test_notes_of_a_merged_member_are_the_kept_ones(member: Any, tenant: Tenant, owner: Staff) -> None:
    gone = factories.make_member(tenant, "김하늘")
    note, call = add(tenant, owner, gone), notes.log_call(tenant=tenant, by=owner.user, member=gone, direction="in")
    file = notes.attach(tenant=tenant, by=owner.user, member=gone, file=SimpleUploadedFile("a.png", PNG))
    uniting.unite(tenant=tenant, by=owner.user, kept=member.pk, gone=gone.pk)
    assert call is not None and file is not None
    client, base, card = sign_in(owner), "/t/hanbit/members/notes", f"/t/hanbit/members/{member.pk}/"

    assert client.post(f"{base}/{note.pk}/pin/", {"pinned": "1"}).url == card
    edited = client.post(f"{base}/{note.pk}/", {"text": "고침"})
    assert edited.url == card
    assert client.get(f"{base}/{file.pk}/file/").status_code == 302
    assert client.post(f"{base}/{call.pk}/delete/").url == card
    assert [n.text for n in reading.pinned(tenant, [member.pk, gone.pk], owner.user)] == ["고침"]
    for n in range(9):
        add(tenant, owner, member, f"메모 {n}", is_pinned=True)
    with pytest.raises(TooManyPinned):
        add(tenant, owner, member, is_pinned=True)

    members.trash_one(tenant=tenant, by=None, member=member)
    assert client.post(f"{base}/{note.pk}/pin/", {"pinned": "0"}).status_code == 404


@pytest.mark.parametrize("day", ["0026-11-01", "0001-01-01", "1999-12-31"])
def test_a_call_before_the_year_2000_is_refused(day: str, member: Any, owner: Staff, api: Any) -> None:
    data = {"kind": "call", "direction": "in", "day": day, "clock": "00:00"}
    headers = {"HX-Request": "true"}
    page = sign_in(owner).post(f"/t/hanbit/members/{member.pk}/notes/", data, headers=headers)
    body = {"kind": "call", "direction": "in", "at": f"{day}T00:00:00+09:00"}
    told = api.post(f"/api/v1/members/{member.pk}/notes", body, content_type="application/json")

    assert (page.status_code, told.status_code, Note.objects.count()) == (422, 422, 0)


def test_when_a_call_was_can_be_put_right(member: Any, tenant: Tenant, owner: Staff) -> None:
    call = notes.log_call(tenant=tenant, by=owner.user, member=member, direction="in", text="문의")
    assert call is not None
    client, url = sign_in(owner), f"/t/hanbit/members/notes/{call.pk}/"
    shown = client.get(url).content.decode()
    assert 'id="edit_text"' in shown and 'id="id_text"' not in shown
    at = call.at.astimezone(times.SEOUL)
    same = {"text": "문의함", "direction": "in", "day": at.date().isoformat(), "clock": f"{at:%H:%M}"}

    client.post(url, same)
    call.refresh_from_db()
    assert (call.text, call.at.astimezone(times.SEOUL)) == ("문의함", at)
    client.post(url, same | {"day": "2026-03-05", "clock": "09:30"})
    call.refresh_from_db()
    assert f"{call.at.astimezone(times.SEOUL):%Y-%m-%d %H:%M}" == "2026-03-05 09:30"


def test_neighbours_note_is_not_found(tenant: Tenant, neighbour: Tenant, owner: Staff, neighbour_owner: Staff) -> None:
    with scope(tenant=neighbour):
        theirs = add(neighbour, neighbour_owner, factories.make_member(neighbour, "남"))
    with scope(tenant=tenant):
        with pytest.raises(NoteNotFound):
            reading.note(tenant, owner.user, theirs.pk)
        with pytest.raises(NoteNotFound):
            notes.change(tenant=tenant, by=owner.user, note=theirs, text="x")


def test_page_writes_a_call_and_answers_with_the_stream(member: Any, owner: Staff) -> None:
    client = sign_in(owner)
    path = f"/t/hanbit/members/{member.pk}/notes/"

    body = client.post(
        path, {"kind": "call", "direction": "out", "text": "재등록 안내"}, headers={"HX-Request": "true"}
    )
    wrong = client.post(path, {"kind": "note", "text": " "}, headers={"HX-Request": "true"})
    file = client.post(path, {"kind": "file", "file": SimpleUploadedFile("a.png", PNG)})

    assert "재등록 안내" in body.content.decode() and "건 전화" in body.content.decode()
    assert body.content.decode().count('id="stream"') == 1 and wrong["HX-Retarget"] == "#composer"
    assert wrong.status_code == 422 and "메모를 적어 주세요" in wrong.content.decode()
    assert file.status_code == 302
    saved = Note.objects.get(kind="file")
    link = client.get(f"/t/hanbit/members/notes/{saved.pk}/file/")
    assert b"".join(client.get(link["Location"]).streaming_content) == PNG  # type: ignore[attr-defined]
