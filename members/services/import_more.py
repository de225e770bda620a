"""What an import hangs on members beside their own columns: numbers of parents, steps of their stage, tags.

A roster says how things stand, not that they happened today: no fact is recorded, so nobody is texted because of a
file. Everything runs inside the import's transaction, and is taken back with it (`import_parts`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import compress

from accounts.models import Tag, Tenant, User
from accounts.services import tags as tagging
from members.import_plan import Change, Existing, Plan
from members.importing import NOTHING_MORE, More, Record
from members.models import MemberTag, StageChange
from members.services import contacts
from members.services.bulk_rows import fill
from members.services.snapshots import find_anew, rows_of, stamped
from ui import times

CHUNK = 20_000
Known = dict[tuple[str, str], Existing]


def known_more(tenant: Tenant, found: Known) -> Known:
    """The same people with all that `More` holds of them."""
    ids = [known.id for known in found.values()]
    columns: dict[int, tuple[str, str]] = {}
    numbers: dict[int, list[tuple[str, str, str]]] = {}
    tags: dict[int, list[str]] = {}
    names = dict(Tag.objects.filter(tenant=tenant).values_list("pk", "name"))
    for at in range(0, len(ids), CHUNK):
        part = ids[at : at + CHUNK]
        for pk, stage, source in rows_of("members_member", "t.id, t.stage, t.source", tenant, part):
            columns[pk] = (stage, source)
        for pk, *number in rows_of("members_contact", "t.member_id, t.role, t.phone, t.name", tenant, part):
            numbers.setdefault(pk, []).append((number[0], number[1], number[2]))
        for pk, tag in rows_of("members_membertag", "t.member_id, t.tag_id", tenant, part):
            if tag in names:  # one that was made after they were read
                tags.setdefault(pk, []).append(names[tag])
    return {
        key: known._replace(
            more=More(tuple(numbers.get(known.id, ())), *columns.get(known.id, ("", "")), tuple(tags.get(known.id, ())))
        )
        for key, known in found.items()
    }


def named_tags(tenant: Tenant, by: User | None, plan: Plan) -> tuple[dict[str, int], list[Tag]]:
    """Name → id of every tag the plan gives, and those of them that were made now. Raises TooManyTags."""
    told = {record.more.tags: None for record in plan.create} | {change.tags: None for change in plan.update}
    names = dict.fromkeys(name for tags in told for name in tags)
    found, made = tagging.found_or_made(tenant=tenant, by=by, names=names)
    return {tag.name: tag.pk for tag in found}, made


def hang_on_new(
    *, tenant: Tenant, by: User | None, ids: Sequence[int], records: Sequence[Record], tags: Mapping[str, int],
    now: datetime,
) -> None:  # fmt: skip
    """Of members who were just written, with what they are found by; most have nothing of this."""
    rich = [record.more is not NOTHING_MORE for record in records]
    if not any(rich):
        return
    new = [(pk, record.more) for pk, record in zip(compress(ids, rich), compress(records, rich), strict=True)]
    contacts.insert(tenant=tenant, people=[(pk, more.contacts) for pk, more in new if more.contacts])
    _tag(tenant, ((tags[name], pk) for pk, more in new for name in more.tags))
    _step(tenant, by, ((pk, more.stage, more.source) for pk, more in new if more.stage), now)


def hang_on_known(
    *, tenant: Tenant, by: User | None, changes: Sequence[Change], tags: Mapping[str, int], now: datetime
) -> None:
    """Of members whose columns are written by now."""
    people = [(change.id, change.contacts) for change in changes if change.contacts]
    if people:
        made = contacts.insert(tenant=tenant, people=people)
        find_anew(tenant=tenant, ids={member for _contact, member in made})
    _tag(tenant, ((tags[name], change.id) for change in changes for name in change.tags))
    moved = {change.id: str(change.values["stage"]) for change in changes if "stage" in change.values}
    if moved:
        heard = rows_of("members_member", "t.id, t.source", tenant, list(moved))
        _step(tenant, by, ((pk, moved[pk], source) for pk, source in heard), now)


def _tag(tenant: Tenant, pairs: Iterable[tuple[int, int]]) -> None:
    """In the order of the unique key. The roster is locked, but a person may have given the same tag just now."""
    rows = [MemberTag(tenant=tenant, tag_id=tag, member_id=member) for tag, member in sorted(pairs)]
    MemberTag.objects.bulk_create(rows, batch_size=2000, ignore_conflicts=True)


def _step(tenant: Tenant, by: User | None, steps: Iterable[tuple[int, str, str]], now: datetime) -> None:
    stamp, today = stamped(now), times.today().isoformat()
    fill(
        StageChange,
        ("tenant_id", "member_id", "stage", "on", "source", "by_id", "at"),
        ((tenant.pk, pk, stage, today, source, by and by.pk, stamp) for pk, stage, source in steps),
    )
