"""Reads of a tenant's own columns. How many have a value is counted by walking the roster: for a page that can wait."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection
from django.db.models import QuerySet

from accounts.models import Tenant, Upload
from accounts.scoping import tenant_url
from members import fields as kinds
from members.enums import FieldKind, UploadPurpose
from members.exceptions import FieldNotFound
from members.models import DroppedField, Field, Member
from members.selectors.merged import parts_of
from ui.numbers import whole

CHUNK = 5_000
Files = dict[tuple[int, str], Upload]


class OwnValue(NamedTuple):
    """A custom field of a member as the card shows it; `url` where it is a file."""

    name: str
    text: str
    url: str = ""


def own_values(tenant: Tenant, member: Member) -> list[OwnValue]:
    """The member's custom fields that have a value, in the tenant's order."""
    rows = [row for row in Field.objects.filter(tenant=tenant) if member.fields.get(row.key)]
    files = held_files(tenant, [member], rows)
    return [_shown(tenant, member, row, files) for row in rows]


def held_files(tenant: Tenant, members: Iterable[Member], fields: Iterable[Field]) -> Files:
    """The files that members have in fields of that kind, by member and the id that is stored; few questions, or none.

    Only a member's own, or of one who is part of it: a text that an undo brings back may be any upload's id.
    """
    keys = [row.key for row in fields if row.kind == FieldKind.FILE]
    held = {(member.pk, str(member.fields[key])) for member in members for key in keys if member.fields.get(key)}
    held = {(pk, text) for pk, text in held if whole(text) is not None}
    if not held:
        return {}
    whose = {file_subject(part): pk for part, pk in parts_of(tenant, {pk for pk, _text in held}).items()}
    rows = Upload.objects.filter(
        tenant=tenant, purpose=UploadPurpose.FIELD, pk__in={int(text) for _pk, text in held}, deleted_at=None
    ).select_related("tenant")
    found = {(whose.get(upload.subject), str(upload.pk)): upload for upload in rows}
    return {one: found[one] for one in held if one in found}


def is_held(tenant: Tenant, key: str) -> bool:
    """Whether any member has a value under a key; those in the trash too, who may come back."""
    rows = Member.objects.filter(tenant=tenant)
    if connection.vendor == "postgresql":
        return rows.filter(fields__has_key=key).exists()
    # SQLite compares keys as they are escaped, and Django and our bulk writers escape differently.
    return any(key in fields for fields in rows.exclude(fields={}).values_list("fields", flat=True).iterator(CHUNK))


def file_subject(member_id: int) -> str:
    """How a file says whose it is."""
    return f"member:{member_id}"


def _shown(tenant: Tenant, member: Member, row: Field, files: Files) -> OwnValue:
    value = str(member.fields[row.key])
    if row.kind != FieldKind.FILE:
        return OwnValue(row.name, kinds.shown(kinds.spec(row), value))
    upload = files.get((member.pk, value))
    if upload is None:
        return OwnValue(row.name, "–")
    return OwnValue(row.name, upload.name, tenant_url(tenant, "members:member-file", member.pk, row.pk))


def field(tenant: Tenant, pk: int) -> Field:
    """A field of the tenant, or FieldNotFound."""
    found = Field.objects.filter(tenant=tenant, pk=pk).first()
    if found is None:
        raise FieldNotFound
    return found


def field_names(tenant: Tenant) -> dict[str, str]:
    """Key → what the field is called today, those that were deleted too."""
    gone = DroppedField.objects.filter(tenant=tenant).values_list("key", "name")
    return dict(gone) | dict(Field.objects.filter(tenant=tenant).values_list("key", "name"))


def dropped_fields(tenant: Tenant) -> QuerySet[DroppedField]:
    """Deleted fields that can be taken back, the last first."""
    return DroppedField.objects.filter(tenant=tenant).order_by("-id")


def value_count(tenant: Tenant, field: Field) -> int:
    """How many living members have a value in it."""
    if connection.vendor != "postgresql":
        return value_counts(tenant).get(field.key, 0)
    return Member.objects.filter(tenant=tenant, deleted_at=None, fields__has_key=field.key).count()


def value_counts(tenant: Tenant) -> dict[str, int]:
    """Key → how many living members have a value, of all keys in one walk."""
    if connection.vendor != "postgresql":  # SQLite gives keys as they were escaped, which is not the same everywhere
        held = Member.objects.filter(tenant=tenant, deleted_at=None).exclude(fields={}).values_list("fields", flat=True)
        return dict(Counter(key for fields in held.iterator() for key in fields))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.key, count(*) FROM members_member m, jsonb_object_keys(m.fields) AS f(key) "
            "WHERE m.tenant_id = %s AND m.deleted_at IS NULL GROUP BY f.key",
            [tenant.pk],
        )
        return dict(cursor.fetchall())
