"""What staff write down about a member: notes, calls, files. A private one is its writer's alone."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts import audit, uploads
from accounts.audit import Actor, user_of
from accounts.models import Tenant, Upload
from accounts.services.once import first_time
from members.enums import CallDirection, NoteKind, UploadPurpose
from members.exceptions import InvalidNote, MemberNotFound, NoteNotFound, NotYourNote, TooManyPinned
from members.fields import FILE_KINDS
from members.models import Member, Note
from members.selectors.merged import ids_with, whole
from members.selectors.notes import pinned as pinned_notes
from members.selectors.own_fields import file_subject
from ui import times

TEXT_LONGEST = 2000
PINNED_MOST = 10
FILE_BYTES = 10 * 1024 * 1024
OLDEST = 2000  # the year of a call: 0026 is a slip of the finger
AHEAD = timedelta(minutes=5)  # how far a device's clock may be ahead of ours


def add(
    *,
    tenant: Tenant,
    by: Actor,
    member: Member,
    text: str,
    is_private: bool = False,
    is_pinned: bool = False,
    form_key: str = "",
) -> Note | None:
    """A note in the member's timeline; a pinned one stands at the top of the card. None: this form was used before."""
    values = {"text": _text(text), "is_private": is_private, "is_pinned": is_pinned}
    return _write(tenant, by, member, NoteKind.NOTE, form_key, **values)


def log_call(
    *,
    tenant: Tenant,
    by: Actor,
    member: Member,
    direction: str,
    text: str = "",
    at: datetime | None = None,
    is_private: bool = False,
    form_key: str = "",
) -> Note | None:
    """A call: which way it went, when (now unless said), and what was talked about. None: this form was used before."""
    more = {"direction": _direction(direction), "at": _at(at), "text": _text(text, empty=True)}
    return _write(tenant, by, member, NoteKind.CALL, form_key, is_private=is_private, **more)


@transaction.atomic
def attach(
    *,
    tenant: Tenant,
    by: Actor,
    member: Member,
    file: Any,
    text: str = "",
    is_private: bool = False,
    form_key: str = "",
) -> Note | None:
    """A file of at most 10 MB with a word about it; UploadRefused says what is wrong with it."""
    text = _text(text, empty=True)
    _present(tenant, member)
    if not first_time(tenant=tenant, form_key=form_key):
        return None
    upload = uploads.store(
        tenant=tenant, by=by, file=file, kinds=set(FILE_KINDS), purpose=UploadPurpose.NOTE,
        subject=file_subject(member.pk), max_bytes=FILE_BYTES,
    )  # fmt: skip
    return _write(tenant, by, member, NoteKind.FILE, "", text=text, upload=upload, is_private=is_private)


@transaction.atomic
def change(
    *,
    tenant: Tenant,
    by: Actor,
    note: Note,
    text: str | None = None,
    is_private: bool | None = None,
    direction: str | None = None,
    at: datetime | None = None,
) -> Note:
    """Change what is given; only by whoever wrote it. What a program wrote belongs to all."""
    held = _held(tenant, note)
    if held.by_id is not None and (user := user_of(by)) is not None and held.by_id != user.pk:
        raise NotYourNote
    wanted: dict[str, Any] = {}
    if text is not None:
        wanted["text"] = _text(text, empty=held.kind != NoteKind.NOTE)
    if is_private is not None and held.by_id is not None:  # nobody's private note would be lost to everybody
        wanted["is_private"] = is_private
    if held.kind == NoteKind.CALL:
        wanted |= {"direction": _direction(direction)} if direction else {}
        wanted |= {"at": _at(at)} if at else {}
    changed = [name for name, value in wanted.items() if getattr(held, name) != value]
    if changed:
        for name in changed:
            setattr(held, name, wanted[name])
        held.changed_at = times.now()
        held.save(update_fields=[*changed, "changed_at"])
        audit.record(tenant=tenant, by=by, kind="note.changed", subject=held, member=held.member_id, fields=changed)
    return held


@transaction.atomic
def delete(*, tenant: Tenant, by: Actor, note: Note) -> None:
    """Take a note away, its file too; twice is once."""
    gone = Note.objects.filter(tenant=tenant, pk=note.pk, deleted_at=None).update(deleted_at=times.now(), text="")
    if not gone:
        return
    if note.upload_id and (upload := Upload.objects.filter(tenant=tenant, pk=note.upload_id).first()):
        uploads.delete(tenant=tenant, by=by, upload=upload)
    audit.record(tenant=tenant, by=by, kind="note.deleted", subject=note, member=note.member_id)


@transaction.atomic
def pin(*, tenant: Tenant, by: Actor, note: Note, pinned: bool) -> Note:
    """Put a note at the top of the card, or back into the timeline; twice is once."""
    kept, ids = whole(tenant, note.member_id)
    Member.objects.select_for_update().get(tenant=tenant, pk=kept)  # two at once would both find room
    held = _held(tenant, note)
    if held.is_pinned == pinned:
        return held
    if pinned:
        _room(tenant, by, ids)
    held.is_pinned = pinned
    held.save(update_fields=["is_pinned"])
    kind = "note.pinned" if pinned else "note.unpinned"
    audit.record(tenant=tenant, by=by, kind=kind, subject=held, member=held.member_id)
    return held


@transaction.atomic
def _write(tenant: Tenant, by: Actor, member: Member, kind: NoteKind, form_key: str, **values: Any) -> Note | None:
    _present(tenant, member, lock=values.get("is_pinned", False))
    if not first_time(tenant=tenant, form_key=form_key):
        return None
    if values.get("is_pinned"):
        _room(tenant, by, ids_with(tenant, member))
    person = user_of(by)
    values["is_private"] = bool(values.get("is_private")) and person is not None
    values.setdefault("at", times.now())
    row = Note.objects.create(tenant=tenant, member=member, kind=kind, by=person, **values)
    audit.record(tenant=tenant, by=by, kind="note.added", subject=row, member=member.pk, note=kind.value)
    return row


def _present(tenant: Tenant, member: Member, *, lock: bool = False) -> None:
    rows = Member.objects.filter(tenant=tenant, pk=member.pk, deleted_at=None)
    if not (rows.select_for_update() if lock else rows).values_list("pk").first():
        raise MemberNotFound


def _room(tenant: Tenant, by: Actor, ids: list[int]) -> None:
    """Whether the top of the card, as this person sees it, takes one more; a colleague's private ones are in no way."""
    if pinned_notes(tenant, ids, user_of(by)).count() >= PINNED_MOST:
        raise TooManyPinned


def _held(tenant: Tenant, note: Note) -> Note:
    held = Note.objects.select_for_update().filter(tenant=tenant, pk=note.pk, deleted_at=None).first()
    if held is None:
        raise NoteNotFound
    return held


def _text(text: str, *, empty: bool = False) -> str:
    text = str(text).replace("\x00", "").replace("\r\n", "\n").strip()
    if len(text) > TEXT_LONGEST or not (text or empty):
        raise InvalidNote(fields={"text": [InvalidNote.message]})
    return text


def _direction(value: str) -> str:
    if value not in CallDirection.values:
        raise InvalidNote(fields={"direction": [InvalidNote.direction]})
    return value


def _at(at: datetime | None) -> datetime:
    now = times.now()
    if at is not None and at.year < OLDEST:
        raise InvalidNote(fields={"at": [InvalidNote.earlier]})
    if at is not None and at > now + AHEAD:
        raise InvalidNote(fields={"at": [InvalidNote.later]})
    return min(at or now, now)
