"""Writes a plan into the roster, set by set: COPY on PostgreSQL, executemany on SQLite. Runs inside its caller's
transaction and knows nothing of files."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import F

from accounts.models import Tenant, User
from members import birthdays, search
from members.enums import ConsentKind, Stage
from members.import_plan import Change, Plan
from members.importing import NOTHING_MORE, Record
from members.models import Field, Group, Member, Membership
from members.services import consents, import_more, marks
from members.services import groups as grouping
from members.services.bulk_rows import fill
from members.services.consents import Word
from members.services.fields import register_keys
from members.services.import_parts import Parts
from members.services.snapshots import CHO_LONGEST, rows_of, stamped
from members.services.values import contacts_of
from ui import times

LOCK = 0x47494D50  # one import of a tenant at a time; the second half of the key is the tenant
CHUNK = 20_000
REPORT_EVERY = 5000
# The search index takes new entries into a list of its own and sorts them in later (see `settle_search`).
PENDING_LIST = "256MB"


class Written(NamedTuple):
    created: int
    updated: int


def lock_roster(tenant: Tenant, *, wait: bool = True) -> bool:
    """Until the transaction ends no other import of this tenant decides who is new; False if one does now and nobody
    wants to wait for it. SQLite has one writer anyway."""
    if connection.vendor != "postgresql":
        return True
    deed = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {deed}(%s, %s)", [LOCK, tenant.pk % 2**31])
        return wait or bool(cursor.fetchone()[0])


def write(
    *,
    tenant: Tenant,
    by: User | None,
    plan: Plan,
    everyone: tuple[str, ...],
    source: str,
    now: datetime,
    parts: Parts,
    fresh: Mapping[str, str] = MappingProxyType({}),
    report: Callable[[int], None] = lambda done: None,
) -> Written:
    """Create and update all people of the plan with their groups, fields and consents; the counts of both.

    `fresh` names the fields that are new, by key; `parts` notes what is done, so that it can be taken back: what is
    written to known members belongs into `parts.updating`. `report` hears how many members are written. Raises
    TooManyGroups or TooManyFields.
    """
    # All at once: the chunks below come in the order of the file.
    marks.hold_members(change.id for change in (*plan.update, *(one for one in plan.left if one.values)))
    groups = _groups(tenant, by, plan, everyone, parts)
    parts.made("fields", _fields(tenant, plan, fresh))
    tags, made = import_more.named_tags(tenant, by, plan)
    parts.made("tags", made)
    ids = _insert_members(tenant, plan.create, now, report)
    parts.created(ids)
    joined = _join_new(tenant, _memberships(plan.create, ids, groups, everyone), now)
    import_more.hang_on_new(tenant=tenant, by=by, ids=ids, records=plan.create, tags=tags, now=now)
    changed = _write_known(tenant, by, plan.update, groups, tags, now, parts, joined)
    # They said no, or yes, and nothing else of theirs is written.
    heard = _write_known(tenant, by, [one for one in plan.left if one.values], groups, tags, now, parts, joined)
    for group, count in sorted(joined.items()):  # in one order, so that two big deeds wait instead of deadlocking
        Group.objects.filter(pk=group).update(member_count=F("member_count") + count)
    heard += [one for one in plan.left if not one.values]
    _consents(tenant, by, _first(plan.create, ids), [*changed, *heard], source, now, parts)
    parts.leaving(change.id for change in plan.left)
    parts.finish()
    return Written(len(ids), len(changed))


def _join_new(tenant: Tenant, pairs: Iterable[tuple[int, int]], now: datetime) -> Counter[int]:
    """Put new members into groups, (member, group); how many into each."""
    # In the order of the unique key, so that each of its pages is written once.
    sorted_pairs, at = sorted(pairs, key=itemgetter(1)), stamped(now)
    columns = ("tenant_id", "member_id", "group_id", "joined_at")
    fill(Membership, columns, ((tenant.pk, *pair, at) for pair in sorted_pairs))
    return Counter(group for _member, group in sorted_pairs)


def _write_known(
    tenant: Tenant, by: User | None, changes: Sequence[Change], groups: Mapping[str, int], tags: Mapping[str, int],
    now: datetime, parts: Parts, joined: Counter[int],
) -> list[Change]:  # fmt: skip
    """Change those who are still living, and say whom; `joined` counts how many came into each group."""
    done: list[Change] = []
    for start in range(0, len(changes), CHUNK):
        part = changes[start : start + CHUNK]
        with parts.updating([change.id for change in part]) as living:
            part = [change for change in part if change.id in living]
            done += part
            _update_members(tenant, part, now)
            pairs = [(change.id, groups[name]) for change in part for name in change.groups]
            parts.joined = _join(tenant, pairs, now)
            import_more.hang_on_known(tenant=tenant, by=by, changes=part, tags=tags, now=now)
        joined.update(group for _row, _member, group in parts.joined)
    return done


def settle_search() -> None:
    """After the commit: sort what a large import left beside the search index into it, so that no search has to."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for index in ("members_tokens", "members_own", "members_marks_all"):
                cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [index])


def _groups(tenant: Tenant, by: User | None, plan: Plan, everyone: tuple[str, ...], parts: Parts) -> dict[str, int]:
    """Name → id of every group the plan names; those that are new are made."""
    names = dict.fromkeys(everyone if plan.create else ())
    for groups in {record.groups: None for record in plan.create} | {change.groups: None for change in plan.update}:
        names.update(dict.fromkeys(groups))
    found, made = grouping.found_or_made(tenant=tenant, by=by, names=names)
    parts.made("groups", made)
    return {group.name: group.pk for group in found}


def _fields(tenant: Tenant, plan: Plan, fresh: Mapping[str, str]) -> list[Field]:
    """Make the fields that people of the plan have and the tenant has not: a column of nothing makes none."""
    used: set[str] = set()
    for record in plan.create:
        if record[6]:
            used.update(record[6])
    for change in plan.update:
        used.update(change.record.fields or ())
    return register_keys(tenant=tenant, names={key: name for key, name in fresh.items() if key in used})


def _insert_members(
    tenant: Tenant, records: Sequence[Record], now: datetime, report: Callable[[int], None]
) -> list[int]:
    if not records:
        return []
    ids = _new_ids(len(records))
    if connection.vendor == "postgresql" and len(records) > 1000:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('gin_pending_list_limit', %s, true)", [PENDING_LIST])
    columns: tuple[str, ...] = _MEMBER_COLUMNS
    rows = _member_rows(tenant.pk, ids, records, stamped(now), report)
    if any(record[10] is not NOTHING_MORE for record in records):
        rows, columns = _staged(rows, records), (*columns, "stage", "stage_on", "source")
    fill(Member, columns, rows)
    return ids


def _staged(rows: Iterator[tuple[Any, ...]], records: Sequence[Record]) -> Iterator[tuple[Any, ...]]:
    """The same with the stage each has; who is nothing else is a member from the start."""
    today = times.today().isoformat()
    for row, record in zip(rows, records, strict=True):
        more = record.more
        yield (*row, more.stage or Stage.ACTIVE.value, today if more.stage else None, more.source)


_MEMBER_COLUMNS = (
    "id", "tenant_id", "name", "phone", "birth_date", "memo", "fields", "ad_consent_at", "night_consent_at",
    "name_cho", "tokens", "created_at", "updated_at", "birthday", "next_birthday",
)  # fmt: skip


def _member_rows(
    tenant: int, ids: list[int], records: Sequence[Record], stamp: str, report: Callable[[int], None]
) -> Iterator[tuple[Any, ...]]:
    derive, first, following = search.derive, ids[0], _Following(times.today())
    for pk, (_row, name, phone, born, memo, _groups, fields, ad, night, said, more) in zip(ids, records, strict=True):
        if pk % REPORT_EVERY == 0:
            report(pk - first)
        near = [(whose, number) for _role, number, whose in more[0]] if more[0] else ()
        cho, tokens = derive(tenant, name, phone, memo, near)
        yield (
            pk, tenant, name, phone, born and born.isoformat(), memo, _json(fields) if fields else "{}",
            stamp if ad else None, stamp if night else None, cho[:CHO_LONGEST], tokens, stamp, stamp,
            said, following[born, said],
        )  # fmt: skip


class _Following(dict[tuple[date | None, str], str | None]):
    """(birth_date, birthday) → the next birthday as text; many people share one."""

    def __init__(self, today: date) -> None:
        super().__init__({(None, ""): None})
        self._today = today

    def _plain(self, born: date) -> date | None:
        """The same, quicker, of a plain solar day; None where the year has no such day."""
        try:
            day = born.replace(year=self._today.year)
            return day if day >= self._today else born.replace(year=self._today.year + 1)
        except ValueError:
            return None

    def __missing__(self, born: tuple[date | None, str]) -> str | None:
        day = self._plain(born[0]) if born[0] and not born[1] else None
        day = day or birthdays.next_birthday(birthdays.of(*born), self._today)
        found = self[born] = day.isoformat() if day else None
        return found


def _new_ids(count: int) -> list[int]:
    """Ids taken in advance, so that rows and what points at them can be written without reading back."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # The sequence by its oid: looked up by name it would be looked up once a row.
            cursor.execute("SELECT pg_get_serial_sequence('members_member', 'id')::regclass::oid")
            sequence = cursor.fetchone()[0]
            numbers = "SELECT nextval(%s::oid::regclass) FROM generate_series(1, %s)"
            cursor.execute(f"SELECT ARRAY({numbers})", [sequence, count])  # one row, not one a number
            return cursor.fetchone()[0]
        # The transaction holds SQLite's only write lock, so nobody takes the same ones.
        cursor.execute("SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'members_member'), 0)")
        last = cursor.fetchone()[0]
        return list(range(last + 1, last + 1 + count))


def _memberships(
    records: Sequence[Record], ids: list[int], groups: dict[str, int], everyone: tuple[str, ...]
) -> Iterator[tuple[int, int]]:
    known: dict[tuple[str, ...], tuple[int, ...]] = {}
    for record, pk in zip(records, ids, strict=True):
        names = record[5]
        numbers = known.get(names)
        if numbers is None:
            numbers = known[names] = tuple(groups[name] for name in dict.fromkeys(names + everyone))
        for number in numbers:
            yield pk, number


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


_UPDATE_PG = """
UPDATE members_member m SET
    birth_date = CASE WHEN v.born THEN v.birth_date ELSE m.birth_date END,
    birthday = CASE WHEN v.born THEN v.birthday ELSE m.birthday END,
    next_birthday = CASE WHEN v.born THEN v.next_birthday ELSE m.next_birthday END,
    memo = coalesce(v.memo, m.memo),
    tokens = coalesce(v.tokens, m.tokens), fields = coalesce(m.fields || v.fields, m.fields),
    ad_consent_at = CASE v.ad WHEN true THEN %s::timestamptz WHEN false THEN NULL ELSE m.ad_consent_at END,
    night_consent_at = CASE v.night WHEN true THEN %s::timestamptz WHEN false THEN NULL ELSE m.night_consent_at END,
    stage = coalesce(v.stage, m.stage), source = coalesce(v.source, m.source),
    stage_on = CASE WHEN v.stage IS NULL THEN m.stage_on ELSE v.stage_on END,
    updated_at = %s::timestamptz
FROM jsonb_to_recordset(%s::jsonb)
    AS v(id bigint, born boolean, birth_date date, birthday text, next_birthday date, memo text, tokens text,
         fields jsonb, ad boolean, night boolean, stage text, stage_on date, source text)
WHERE m.id = v.id AND m.tenant_id = %s AND m.deleted_at IS NULL
"""
# One by one: SQLite would look for each member through the whole list of changes.
_UPDATE_LITE = """
UPDATE members_member SET
    birth_date = CASE WHEN %(born)s THEN %(birth_date)s ELSE birth_date END,
    birthday = CASE WHEN %(born)s THEN %(birthday)s ELSE birthday END,
    next_birthday = CASE WHEN %(born)s THEN %(next_birthday)s ELSE next_birthday END,
    memo = coalesce(%(memo)s, memo),
    tokens = coalesce(%(tokens)s, tokens), fields = coalesce(%(fields)s, fields),
    ad_consent_at = CASE %(ad)s WHEN 1 THEN %(stamp)s WHEN 0 THEN NULL ELSE ad_consent_at END,
    night_consent_at = CASE %(night)s WHEN 1 THEN %(stamp)s WHEN 0 THEN NULL ELSE night_consent_at END,
    stage = coalesce(%(stage)s, stage), source = coalesce(%(source)s, source),
    stage_on = CASE WHEN %(stage)s IS NULL THEN stage_on ELSE %(stage_on)s END,
    updated_at = %(stamp)s
WHERE id = %(id)s AND tenant_id = %(tenant)s AND deleted_at IS NULL
"""


def _update_members(tenant: Tenant, changes: Sequence[Change], now: datetime) -> None:
    following = _Following(times.today())
    known = contacts_of(tenant.pk, [change.id for change in changes if "memo" in change.values])
    rows = [_changed(tenant, change, known.get(change.id, []), following) for change in changes if change.values]
    stamp = stamped(now)
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_UPDATE_PG, [stamp, stamp, stamp, _json(rows), tenant.pk])
            return
        nothing = dict.fromkeys(
            [
                "born",
                "birth_date",
                "birthday",
                "next_birthday",
                "memo",
                "tokens",
                "fields",
                "ad",
                "night",
                "stage",
                "stage_on",
                "source",
            ]
        )
        # PostgreSQL joins them to what is there; here nobody else can have written meanwhile.
        own = [row["id"] for row in rows if "fields" in row]
        held = {pk: json.loads(text) for pk, text in rows_of("members_member", "t.id, t.fields", tenant, own)}
        for row in rows:
            fields = {"fields": _json(held[row["id"]] | row["fields"])} if "fields" in row else {}
            cursor.execute(_UPDATE_LITE, {**nothing, **row, **fields, "stamp": stamp, "tenant": tenant.pk})


def _changed(tenant: Tenant, change: Change, contacts: list[tuple[str, str]], following: _Following) -> dict[str, Any]:
    """The columns of one member that change, as JSON holds them."""
    row, record = {"id": change.id, **change.values}, change.record
    if "memo" in row:
        row["tokens"] = search.derive(tenant.pk, record.name, record.phone, record.memo, contacts)[1]
    if "birth_date" in row:
        born = (record.birth_date, record.birthday)
        row |= {"born": True, "birth_date": born[0] and str(born[0]), "birthday": born[1]}
        row["next_birthday"] = following[born]
    if "stage" in row:
        row["stage_on"] = times.today().isoformat()
    return row


def _join(tenant: Tenant, pairs: list[tuple[int, int]], now: datetime) -> list[tuple[int, int, int]]:
    """Put members into groups; (membership, member, group) of each who was not in it yet."""
    if not pairs:
        return []
    if connection.vendor == "postgresql":
        member, group = "(v.value ->> 0)::bigint", "(v.value ->> 1)::bigint"
        source = "jsonb_array_elements(%s::jsonb) v"
    else:
        member, group = "v.value ->> 0", "v.value ->> 1"
        source = "json_each(%s) v"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO members_membership (tenant_id, member_id, group_id, joined_at) "
            f"SELECT %s, {member}, {group}, %s FROM {source} WHERE true ON CONFLICT DO NOTHING "
            "RETURNING id, member_id, group_id",
            [tenant.pk, stamped(now), json.dumps(pairs)],
        )
        return list(cursor.fetchall())


def _consents(
    tenant: Tenant, by: User | None, first: Iterable[Word], heard: Sequence[Change], source: str, now: datetime,
    parts: Parts,
) -> None:  # fmt: skip
    """The ledger: what the new say first, and what is news of the known."""
    news = _news(tenant, heard)
    consents.write(tenant=tenant, by=by, words=[*first, *news], source=source, now=now)
    parts.saying(word.member for word in news)


def _first(records: Sequence[Record], ids: list[int]) -> Iterator[Word]:
    """What the new say of consent."""
    for place, kind in ((7, ConsentKind.AD), (8, ConsentKind.NIGHT)):
        yield from (
            Word(pk, kind.value, bool(record[place]))
            for record, pk in zip(records, ids, strict=True)
            if record[place] is not None
        )


def _news(tenant: Tenant, changes: Sequence[Change]) -> list[Word]:
    """Every change of mind of the known, and every no that is not their last word: nobody who refused may share a phone
    with an ad, so a no counts where there was no consent to end, too."""
    wanted = [
        Word(change.id, kind.value, agrees)
        for kind in ConsentKind
        for change in changes
        if (agrees := getattr(change.record, kind.value)) is False or (agrees and kind.value in change.values)
    ]
    said = consents.said(tenant, {word.member for word in wanted if word.refuses})
    return [word for word in wanted if not (word.refuses and _refuses(said.get((word.member, word.kind))))]


def _refuses(words: Sequence[Word] | None) -> bool:
    return words is not None and words[-1].refuses
