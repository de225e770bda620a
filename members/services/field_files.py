"""Files that members have in fields: each is one member's alone, and goes when nobody has it any more.

What a member has in such a field is the id of an Upload, so whoever could name any id could read any file: a
colleague's private one, a roster. Only a file that came for a field may be named, and only by its first member.
"""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import QuerySet

from accounts import uploads
from accounts.models import Tenant, Upload
from members import import_words
from members.enums import UploadPurpose
from members.exceptions import InvalidMember
from members.models import Member, Merge
from members.selectors.merged import kept_of
from members.selectors.own_fields import file_subject
from ui import times

KEPT = timedelta(days=30)
CHUNK = 1000


def is_free(tenant: Tenant, upload: str, member: Member | None) -> bool:
    """Whether the member, or one who is just being made, may have this file."""
    whose = ["", file_subject(member.pk)] if member else [""]
    return _of_fields(tenant).filter(pk=int(upload), subject__in=whose).exists()


def claim(*, tenant: Tenant, member: Member, files: Collection[str]) -> None:
    """Make these files the member's own; InvalidMember where another got one of them in the same moment."""
    wanted = {int(upload) for upload in files}
    if not wanted:
        return
    mine = _of_fields(tenant).filter(pk__in=wanted, subject__in=["", file_subject(member.pk)])
    if mine.update(subject=file_subject(member.pk)) < len(wanted):
        raise InvalidMember(fields={"fields": [import_words.problem("field_file")]})


def sweep(*, tenant: Tenant, today: date) -> int:
    """Daily: remove files that came more than thirty days ago and that nobody has: replaced, cleared, never saved. What
    the undo of a merge would bring back stays for as long as that is kept. Returns how many."""
    old = _of_fields(tenant).filter(created_at__lt=times.day_start(today) - KEPT).order_by("pk")
    kept = _kept_for_undo(tenant)
    count = last = 0
    while rows := list(old.filter(pk__gt=last)[:CHUNK]):
        last = rows[-1].pk
        held = _held(tenant, {row.subject for row in rows})
        nobodys = [row.pk for row in rows if str(row.pk) not in held.get(row.subject, ())]
        gone = [pk for pk in nobodys if str(pk) not in kept]
        count += uploads.erase(tenant=tenant, rows=Upload.objects.filter(tenant=tenant, pk__in=gone))
    return count


def _of_fields(tenant: Tenant) -> QuerySet[Upload]:
    return Upload.objects.filter(tenant=tenant, purpose=UploadPurpose.FIELD, deleted_at=None)


def _held(tenant: Tenant, subjects: Collection[str]) -> dict[str, set[str]]:
    """Subject → all that the member, or whoever it is part of today, has in fields."""
    ids = {int(one.partition(":")[2]) for one in subjects if one}
    kept = kept_of(tenant, ids)
    rows = Member.objects.filter(tenant=tenant, pk__in=ids | set(kept.values())).values_list("pk", "fields")
    values = {pk: {str(value) for value in fields.values()} for pk, fields in rows}
    return {file_subject(pk): values.get(pk, set()) | values.get(kept.get(pk, pk), set()) for pk in ids}


def _kept_for_undo(tenant: Tenant) -> set[str]:
    rows = Merge.objects.filter(tenant=tenant).exclude(before={}).values_list("before", flat=True)
    return {str(value) for before in rows for value in before["was"].get("fields", {}).values()}
