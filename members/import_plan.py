"""From records to a plan: who is created, updated (with what differs) or skipped. No database."""

import datetime
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from members import birthdays
from members.importing import NOTHING_MORE, More, Record

CREATE, UPDATE, UPSERT = "create", "update", "upsert"


class Existing(NamedTuple):
    """What the roster knows of a person, as far as an import may change it."""

    id: int
    birth_date: datetime.date | None
    memo: str
    fields: dict[str, str]
    groups: frozenset[str] = frozenset()
    ad: bool = False
    night: bool = False
    birthday: str = ""
    more: More = NOTHING_MORE


class Change(NamedTuple):
    """An update: `values` holds only what differs (birth_date, birthday, memo, fields, ad, night, stage, source; of the
    fields those alone), `groups` those to join, `contacts` and `tags` those to be added."""

    id: int
    record: Record
    values: dict[str, object]
    groups: tuple[str, ...]
    contacts: tuple[tuple[str, str, str], ...] = ()
    tags: tuple[str, ...] = ()


class Plan(NamedTuple):
    """`skip` holds (row, reason); every row of the file is in exactly one of the three or among the errors.

    `left` are the people of the roster among the skipped. Nothing of theirs changes, save for a consent that the row
    takes back: a refusal is heard whatever the import is meant for.
    """

    create: list[Record]
    update: list[Change]
    skip: list[tuple[int, str]]
    left: Sequence[Change] = ()


def plan(
    records: Sequence[Record],
    existing: Mapping[tuple[str, str], Existing],
    mode: str,
    everyone: tuple[str, ...] = (),
) -> Plan:
    """Who is created, updated (with what differs) or skipped (why); one person is a phone and a name together.

    A family shares a phone, so another name on a known phone is another person. A person twice in the file is one:
    where updating is allowed the later row fills in or corrects the earlier. `everyone` are groups that all join.
    """
    create: dict[tuple[str, str], Record] = {}
    known: dict[tuple[str, str], Record] = {}
    there: dict[tuple[str, str], Record] = {}
    skip: list[tuple[int, str]] = []
    for record in records:
        key = (record[2], record[1])
        place = known if key in existing else create
        earlier = place.get(key)
        if earlier is not None:
            skip.append((record[0], "twice_in_file"))
            place[key] = _refused(earlier, record) if mode == CREATE else _merged(earlier, record)
        elif place is known and mode == CREATE:
            skip.append((record[0], "exists"))
            there[key] = _refused(there.get(key, record), record)
        elif place is create and mode == UPDATE:
            skip.append((record[0], "not_found"))
        else:
            place[key] = record
    update = []
    left = [Change(existing[key].id, record, _withdrawn(existing[key], record), ()) for key, record in there.items()]
    for key, record in known.items():
        change = _change(existing[key], record, everyone)
        if change.values or change.groups or change.contacts or change.tags:
            update.append(change)
        else:
            skip.append((record.row, "unchanged"))
            left.append(change)
    return Plan(list(create.values()), update, sorted(skip), left)


def _merged(earlier: Record, later: Record) -> Record:
    born = later if later.birth_date or later.birthday else earlier
    return Record(
        earlier.row,
        earlier.name,
        earlier.phone,
        born.birth_date,
        later.memo or earlier.memo,
        tuple(dict.fromkeys(earlier.groups + later.groups)),
        {**(earlier.fields or {}), **(later.fields or {})} or None,
        _stricter(earlier.ad, later.ad),
        _stricter(earlier.night, later.night),
        born.birthday,
        _more_of_both(earlier.more, later.more),
    )


def _refused(earlier: Record, later: Record) -> Record:
    """The earlier row, less the consent that the later one takes back."""
    if later.ad is not False and later.night is not False:
        return earlier
    return earlier._replace(
        ad=False if later.ad is False else earlier.ad, night=False if later.night is False else earlier.night
    )


def _withdrawn(known: Existing, record: Record) -> dict[str, object]:
    """The consents that the row ends."""
    ends = {"ad": known.ad and record.ad is False, "night": known.night and record.night is False}
    return {kind: False for kind, is_ended in ends.items() if is_ended}


def _stricter(one: bool | None, other: bool | None) -> bool | None:
    """A no in either row is a no: a wrong yes would send an ad to somebody who refused."""
    said = [word for word in (one, other) if word is not None]
    return all(said) if said else None


def _more_of_both(earlier: More, later: More) -> More:
    if earlier is later:
        return earlier
    numbers = {(role, number): (role, number, name) for role, number, name in later.contacts}
    numbers |= {(role, number): (role, number, name) for role, number, name in earlier.contacts}
    return More(
        tuple(numbers.values()),
        later.stage or earlier.stage,
        later.source or earlier.source,
        tuple(dict.fromkeys(earlier.tags + later.tags)),
    )


def _change(known: Existing, record: Record, everyone: tuple[str, ...]) -> Change:
    """What the file would change; an empty cell says nothing and erases nothing."""
    values: dict[str, object] = {}
    if (record.birth_date or record.birthday) and _is_news(known, record):
        values["birth_date"] = record.birth_date
        if record.birthday or known.birthday:
            values["birthday"] = record.birthday
    if record.memo and record.memo != known.memo:
        values["memo"] = record.memo
    if fields := {key: value for key, value in (record.fields or {}).items() if known.fields.get(key) != value}:
        values["fields"] = fields
    if record.ad is not None and record.ad != known.ad:
        values["ad"] = record.ad
    if record.night is not None and record.night != known.night:
        values["night"] = record.night
    joined = dict.fromkeys(record.groups + everyone)
    groups = tuple(name for name in joined if name not in known.groups)
    if record.more == NOTHING_MORE:
        return Change(known.id, record, values, groups)
    return Change(known.id, record, values, groups, *_hung(known.more, record.more, values))


def _hung(
    known: More, told: More, values: dict[str, object]
) -> tuple[tuple[tuple[str, str, str], ...], tuple[str, ...]]:
    """The contacts and tags that are news; a stage and a source that are go into `values`."""
    for column in ("stage", "source"):
        said = getattr(told, column)
        if said and said != getattr(known, column):
            values[column] = said
    there = {one[:2] for one in known.contacts}
    contacts = tuple(one for one in told.contacts if one[:2] not in there)
    return contacts, tuple(name for name in told.tags if name not in known.tags)


def _is_news(known: Existing, record: Record) -> bool:
    """Whether the file's birthday says something else: 3월 5일 takes no year away from 1985-03-05."""
    if (record.birth_date, record.birthday) == (known.birth_date, known.birthday):
        return False
    told, held = birthdays.of(record.birth_date, record.birthday), birthdays.of(known.birth_date, known.birthday)
    return told is not None and not (held is not None and birthdays.agrees(told, held))
