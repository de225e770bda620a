"""The tenant's own columns: made, renamed, given a kind, put in order, deleted and taken back.

What members have in them lies under the key, which never changes: renaming touches one row (docs/decisions/0012).
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from accounts import audit, uploads
from accounts.audit import Actor, user_of
from accounts.models import Tenant, Upload
from members import fields as kinds
from members import import_words
from members.cells import Unreadable
from members.enums import FieldKind, UploadPurpose
from members.exceptions import FieldNameTaken, FieldNotFound, InvalidField, InvalidMember, TooManyFields
from members.models import DroppedField, Field, Member
from members.selectors.own_fields import value_count
from members.services import field_files, field_values, segments
from ui import times

KEPT = timedelta(days=30)  # how long a deleted field can be taken back
# --- by name, whatever it is called today ----------------------------------------------------------------------------


def taken_keys(tenant: Tenant) -> set[str]:
    """Keys under which values of the tenant's members lie, those of deleted fields too."""
    living = Field.objects.filter(tenant=tenant).values_list("key", flat=True)
    return set(living) | set(DroppedField.objects.filter(tenant=tenant).values_list("key", flat=True))


def register(*, tenant: Tenant, names: Iterable[str]) -> dict[str, Field]:
    """Each name → its field: by its present or a former name, or made now as a field of text (kinds.usable_name)."""
    wanted = list(dict.fromkeys(names))
    if not wanted:
        return {}
    known = kinds.known_names(Field.objects.filter(tenant=tenant))
    usable = {name: name if name in known else kinds.usable_name(name) for name in wanted}
    if fresh := [name for name in dict.fromkeys(usable.values()) if name not in known]:
        taken, keyed = taken_keys(tenant), {}
        for name in fresh:
            key = kinds.free_key(name, taken)
            taken.add(key)
            keyed[key] = name
        register_keys(tenant=tenant, names=keyed)
        known = kinds.known_names(Field.objects.filter(tenant=tenant))
    return {name: known[usable[name]] for name in wanted}


def register_keys(*, tenant: Tenant, names: Mapping[str, str]) -> list[Field]:
    """Make fields of text under these keys (key → name); those that are there already stay as they are. Returns those
    that were made."""
    if not names:
        return []
    known = set(Field.objects.filter(tenant=tenant).values_list("key", flat=True))
    fresh = {key: name for key, name in names.items() if key not in known}
    if len(known) + len(fresh) > kinds.FIELDS_MOST:
        raise TooManyFields
    rows = [
        Field(tenant=tenant, key=key, name=name, position=position)
        for position, (key, name) in enumerate(fresh.items(), start=_next_position(tenant))
    ]
    made = []
    for row in rows:
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:  # somebody else made it in the same moment
            continue
        made.append(row)
    return made


def stored(*, tenant: Tenant, values: Mapping[str, str], member: Member | None = None) -> dict[str, str]:
    """A member's values by any name → by key, each as its kind holds it; "" takes one away. Unknown names become fields
    where they have a value. Raises InvalidMember with a sentence for each that does not fit. Whoever writes them to a
    member calls `claim_files` in the same transaction."""
    found = register(tenant=tenant, names=[name for name, text in values.items() if text])
    if len(found) < len(values):
        known = kinds.known_names(Field.objects.filter(tenant=tenant))
        usable = {name: name if name in known else kinds.usable_name(name) for name in values}
        found |= {name: known[word] for name, word in usable.items() if word in known}
    out, problems = {}, []
    for name, row in found.items():
        try:
            out[row.key] = kinds.read(kinds.spec(row), values[name])
            if row.kind == FieldKind.FILE and not _may_hold(tenant, row.key, out[row.key], member):
                raise Unreadable("field_file")
        except Unreadable as error:
            problems.append(f"{name}: {import_words.problem(error.code)}")
    if problems:
        raise InvalidMember(fields={"fields": problems})
    return out


def claim_files(*, tenant: Tenant, member: Member, values: Mapping[str, str], before: Mapping[str, str]) -> None:
    """Make the files among a member's new values its own."""
    fresh = {key: text for key, text in values.items() if text and text != before.get(key)}
    if any(map(str.isdigit, fresh.values())):
        keys = Field.objects.filter(tenant=tenant, kind=FieldKind.FILE).values_list("key", flat=True)
        field_files.claim(tenant=tenant, member=member, files=[fresh[key] for key in keys if key in fresh])


def _may_hold(tenant: Tenant, key: str, upload: str, member: Member | None) -> bool:
    """No file, the one that is there already, or one that is free."""
    there = member is not None and member.fields.get(key) == upload
    return not upload or there or field_files.is_free(tenant, upload, member)


# --- deeds ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def create(*, tenant: Tenant, by: Actor, name: str, kind: str = FieldKind.TEXT, choices: Iterable[str] = ()) -> Field:
    """A new field at the end. Its key is its name, or like it where deleted values lie under that name."""
    rows = list(Field.objects.filter(tenant=tenant))
    clean = _name(name, rows)
    if len(rows) >= kinds.FIELDS_MOST:
        raise TooManyFields
    row = Field(
        tenant=tenant,
        key=kinds.free_key(clean, taken_keys(tenant)),
        name=clean,
        kind=_kind(kind),
        choices=_choices(kind, choices),
        position=_next_position(tenant),
    )
    _save_new(row)
    audit.record(tenant=tenant, by=by, kind="field.created", subject=row)
    return row


@transaction.atomic
def update(
    *,
    tenant: Tenant,
    by: Actor,
    field: Field,
    name: str | None = None,
    kind: str | None = None,
    choices: Iterable[str] | None = None,
    renamed: Mapping[str, str] | None = None,
    clear: bool = False,
) -> Field:
    """Rename it, give it another kind or other choices; `renamed` (old → new) mends the wording of choices, at members
    and in segments too. Values that exist have to fit: ValuesDoNotFit says how many do not and changes nothing, unless
    `clear` empties those."""
    row = _held(tenant, field.pk)
    before = (row.name, row.kind, list(row.choices))
    if name is not None and name != row.name:
        _rename(row, _name(name, Field.objects.filter(tenant=tenant).exclude(pk=row.pk)))
    old_kind = row.kind
    row.kind = row.kind if kind is None else _kind(kind)
    words = {old: new for old, new in (renamed or {}).items() if old in row.choices}
    if kind is not None or choices is not None or words:
        given = row.choices if choices is None else choices
        row.choices = _choices(row.kind, [words.get(choice, choice) for choice in given])
    changed = [
        column
        for column, old, new in zip(("name", "kind", "choices"), before, (row.name, row.kind, row.choices), strict=True)
        if old != new
    ]
    if {"kind", "choices"} & set(changed):
        field_values.recast(
            tenant=tenant, key=row.key, spec=kinds.spec(row), old_kind=old_kind, clear=clear, words=words
        )
        segments.reword(tenant=tenant, key=row.key, words=words)
    if changed:
        row.save(update_fields=[*changed, "former"])
        audit.record(tenant=tenant, by=by, kind="field.updated", subject=row, fields=changed)
    return row


@transaction.atomic
def reorder(*, tenant: Tenant, by: Actor, ids: list[int]) -> None:
    """The order in which fields are shown; ids that are not the tenant's are passed over, those left out come last."""
    rows = list(Field.objects.select_for_update().filter(tenant=tenant).order_by("position", "id"))
    place = {pk: n for n, pk in enumerate(ids)}
    rows.sort(key=lambda row: place.get(row.pk, len(place)))
    moved = [row for n, row in enumerate(rows) if row.position != n]
    for n, row in enumerate(rows):
        row.position = n
    if moved:
        Field.objects.bulk_update(moved, ["position"])
        audit.record(tenant=tenant, by=by, kind="field.reordered", subject="field", count=len(moved))


@transaction.atomic
def drop(*, tenant: Tenant, by: Actor, field: Field) -> DroppedField | None:
    """Delete a field. Its values stay where they are for 30 days, so that it can be taken back whole; twice is once."""
    row = Field.objects.select_for_update().filter(tenant=tenant, pk=field.pk).first()
    if row is None:
        return None
    held = value_count(tenant, row)
    dropped = DroppedField.objects.create(
        tenant=tenant, key=row.key, name=row.name, former=row.former, kind=row.kind, choices=row.choices,
        position=row.position, value_count=held, by=user_of(by),
    )  # fmt: skip
    audit.record(tenant=tenant, by=by, kind="field.deleted", subject=row, count=held)
    row.delete()
    return dropped


@transaction.atomic
def restore(*, tenant: Tenant, by: Actor, pk: int) -> Field:
    """Take a deleted field back with all that members have in it."""
    gone = DroppedField.objects.select_for_update().filter(tenant=tenant, pk=pk).first()
    if gone is None:
        raise FieldNotFound
    rows = list(Field.objects.filter(tenant=tenant))
    if len(rows) >= kinds.FIELDS_MOST:
        raise TooManyFields
    row = Field(
        tenant=tenant, key=gone.key, name=_untaken(gone.name, rows), kind=gone.kind, choices=gone.choices,
        former=[name for name in gone.former if name not in kinds.known_names(rows)], position=gone.position,
    )  # fmt: skip
    _save_new(row)
    gone.delete()
    audit.record(tenant=tenant, by=by, kind="field.restored", subject=row)
    return row


def keep_file(*, tenant: Tenant, by: Actor, field: Field, file: Any) -> Upload:
    """Keep a file for a field that holds files; its id becomes a member's value. Raises UploadRefused."""
    if field.kind != FieldKind.FILE:
        raise _wrong("file", InvalidField.no_file)
    return uploads.store(tenant=tenant, by=by, file=file, kinds=set(kinds.FILE_KINDS), purpose=UploadPurpose.FIELD)


def purge(*, tenant: Tenant, today: date) -> int:
    """Daily: let go of the values of fields that were deleted 30 days ago; returns of how many fields."""
    due = DroppedField.objects.filter(tenant=tenant, dropped_at__lt=times.day_start(today) - KEPT)
    rows = list(due)
    for row in rows:
        field_values.remove(tenant=tenant, key=row.key)
        row.delete()
    return len(rows)


# --- checks -----------------------------------------------------------------------------------------------------------


def _held(tenant: Tenant, pk: int) -> Field:
    row = Field.objects.select_for_update().filter(tenant=tenant, pk=pk).first()
    if row is None:
        raise FieldNotFound
    return row


def _rename(row: Field, name: str) -> None:
    if name != row.name:
        row.former = [old for old in dict.fromkeys([row.name, *row.former]) if old != name]
        row.name = name


def _name(value: str, others: Iterable[Field]) -> str:
    """A name that means this field alone: no other field has it, or had it while texts were written."""
    name = kinds.plain_name(value)
    if not 0 < len(name) <= kinds.NAME_MAX:
        raise _wrong("name", InvalidField.no_name)
    if kinds.NEVER & set(name):
        raise _wrong("name", InvalidField.bad_name)
    if name in kinds.RESERVED:
        raise _wrong("name", InvalidField.reserved % {"name": name})
    return _untaken(name, others)


def _untaken(name: str, others: Iterable[Field]) -> str:
    other = kinds.known_names(others).get(name)
    if other is not None:
        said: Any = FieldNameTaken.message
        if other.name != name:
            said = FieldNameTaken.former % {"name": name, "now": other.name}
        raise FieldNameTaken(said, fields={"name": [said]})
    return name


def _kind(kind: str) -> str:
    if kind not in FieldKind.values:
        raise _wrong("kind", InvalidField.message)
    return str(kind)


def _choices(kind: str, choices: Iterable[str]) -> list[str]:
    if kind != FieldKind.CHOICE:
        return []
    found = list(dict.fromkeys(" ".join(str(choice).split()) for choice in choices))
    found = [choice for choice in found if choice]
    if not found:
        raise _wrong("choices", InvalidField.no_choices)
    if len(found) > kinds.CHOICES_MOST:
        raise _wrong("choices", InvalidField.many_choices)
    if any(len(choice) > kinds.CHOICE_MAX for choice in found):
        raise _wrong("choices", InvalidField.long_choice)
    return found


def _wrong(field: str, sentence: Any) -> InvalidField:
    return InvalidField(sentence, fields={field: [sentence]})


def _next_position(tenant: Tenant) -> int:
    last = Field.objects.filter(tenant=tenant).order_by("-position").values_list("position", flat=True).first()
    return 0 if last is None else last + 1


def _save_new(row: Field) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:  # somebody else made it in the same moment
        raise FieldNameTaken(fields={"name": [FieldNameTaken.message]}) from error
