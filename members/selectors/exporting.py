"""The roster as rows of a file, for accounts.exports."""

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.exports import Column
from accounts.models import Tenant
from members import fields as kinds
from members.enums import FieldKind
from members.models import Field, Member
from members.selectors.marks import group_of, of_mark, segment_of
from members.selectors.own_fields import Files, held_files
from members.selectors.rosters import roster, stream

_KINDS: dict[str, str] = {FieldKind.NUMBER: "number", FieldKind.DATE: "date"}
_READ: dict[str, Callable[[str], Any]] = {FieldKind.NUMBER: kinds.as_number, FieldKind.DATE: kinds.as_date}


def export_columns(tenant: Tenant, params: dict[str, Any]) -> list[Column]:
    """The headers that an import of ours understands, then the tenant's own."""
    return [
        Column(_("이름"), "name"),
        Column(_("휴대폰"), "phone"),
        Column(_("생일"), "date"),
        Column(_("그룹"), width=24),
        Column(_("메모"), width=30),
        Column(_("광고 수신동의"), "date"),
        Column(_("등록일"), "date"),
        *[Column(row.name, _KINDS.get(row.kind, "text")) for row in _own(tenant)],
    ]


def export_rows(tenant: Tenant, params: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Members by `params` ({"ids": […]} or {"search", "group", "segment", "mark"}), the oldest first."""
    own = _own(tenant)
    for chunk in stream(_asked(tenant, params).prefetch_related("groups")):
        files = held_files(tenant, chunk, own)
        for member in chunk:
            yield (
                member.name,
                member.phone,
                member.birthday_words if member.birthday else member.birth_date,  # words that an import reads back
                ", ".join(group.name for group in member.groups.all()),
                member.memo,
                member.ad_consent_at,
                member.created_at,
                *[_cell(row, member, files) for row in own],
            )


def _asked(tenant: Tenant, params: dict[str, Any]) -> QuerySet[Member]:
    if params.get("ids"):
        return Member.objects.filter(tenant=tenant, deleted_at=None, pk__in=params["ids"])
    group = group_of(tenant, params["group"]) if params.get("group") else None
    segment = segment_of(tenant, params["segment"]) if params.get("segment") else None
    narrow = of_mark(tenant, params.get("mark", ""))
    return roster(tenant, search=params.get("search", ""), group=group, segment=segment, **narrow).rows()


def _own(tenant: Tenant) -> list[Field]:
    return list(Field.objects.filter(tenant=tenant).order_by("position", "id"))


def _cell(row: Field, member: Member, files: Files) -> Any:
    """Numbers and days as such, files by name; a value that does not fit its kind as it is."""
    value = member.fields.get(row.key, "")
    if row.kind == FieldKind.FILE:
        upload = files.get((member.pk, str(value)))
        return upload.name if upload else ""
    read = _READ.get(row.kind)
    found = read(str(value)) if read and value else None
    return value if found is None else found
