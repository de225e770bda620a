"""Merge fields of a person, and the sieve that sorts an audience into who gets the text and who does not, and why.

Pure functions over plain rows, shared by the quote and by preparing, so that what was promised is what happens.
A row is (member id or None, name, phone, birthday, own fields by key), for an ad with two more: when the member agreed
to ads, and to ads at night. A row for a guardian's number (`selectors.guardians`) has all seven and an eighth: whether
it is the member's own number after all. Such rows of one phone stand side by side.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import filterfalse, groupby
from operator import itemgetter
from typing import Any, NamedTuple

from members.birthdays import merged as birthday_merged
from members.phone import is_mobile
from messaging.ads import CODE, SAMPLE_CODE
from messaging.enums import ExcludedReason
from messaging.rules import LMS_BYTES, SMS_BYTES
from messaging.text import LMS, SMS, Template, byte_length, normalise, unsendable

NAME, PHONE, BIRTHDAY, SHOP = "이름", "휴대폰", "생일", "업체"
UNPAID, LAST_DAY, SESSIONS = "미납", "만료일", "남은횟수"
PLAIN = (NAME, PHONE, BIRTHDAY, SHOP)
LEDGERS = (
    UNPAID,
    LAST_DAY,
    SESSIONS,
)  # what dues and passes say; a field of the tenant's own steps in where they don't
BUILT_IN = (*PLAIN, *LEDGERS)
OWN_NUMBER = 7  # the place in a guardian's row that says it is the member's own number
SHARED = frozenset((PHONE, SHOP))  # the same for all who share a phone
GONE = "gone"  # stands where the phone would, for members named by an audience who are in no roster any more
Row = tuple[Any, ...]
# Where a custom field's value lies, and how it goes into a text (None: as it is).
Own = tuple[str, Callable[[str], str] | None]


class Kept(NamedTuple):
    """One text to one phone; `text` is empty where only its size was asked for."""

    member: int | None
    name: str
    phone: str
    text: str
    size: int
    type: str
    night: bool = False  # agreed to ads at night
    others: tuple[int, ...] = ()  # further members the text is for, whose names stand in it too


class Left(NamedTuple):
    """One person who does not get it."""

    member: int | None
    name: str
    phone: str
    reason: str


@dataclass
class Measured:
    """Who of some rows gets the text, and its bytes for each of them; of the others how many for which reason."""

    rows: list[Row]
    sizes: list[int]
    left: Counter[str] = field(default_factory=Counter)
    shared: list[str] = field(default_factory=list)  # phones of those who share one that has the text


class _Facts(dict[str | None, tuple[str, int, bool]]):
    """Of a value: how it goes into a text, its bytes, whether it can't be sent. Names repeat, so most people cost one
    look-up. `alone` is what stands there without a value."""

    def __init__(self, alone: str = "") -> None:
        super().__init__()
        self._alone = alone

    def __missing__(self, value: str | None) -> tuple[str, int, bool]:
        if len(self) >= 100_000:  # a million different names must not stay in memory
            self.clear()
        text = normalise(value or "") or normalise(self._alone)
        facts = self[value] = (text, byte_length(text), bool(unsendable(text)))
        return facts


def _reader(name: str, shop: str, codes: dict[str, str], own: Mapping[str, Own]) -> Callable[[Row], str | None]:
    """What gets a field's value out of a row: it runs once a recipient.

    `codes` are the endings of the one-tap addresses by phone; without one a sample of the same length stands there.
    """
    if name == NAME:
        return itemgetter(1)
    if name == PHONE:
        return itemgetter(2)
    if name == SHOP:
        return lambda row: shop
    if name == CODE:
        return lambda row: codes.get(row[2], SAMPLE_CODE)
    if name == BIRTHDAY:
        return lambda row: birthday_merged(row[3]) if row[3] else None
    if name in LEDGERS:
        other = _own_reader(name, own)
        return lambda row: _own(row[4], ledger_key(name)) or other(row)
    return _own_reader(name, own)


def ledger_key(name: str) -> str:
    """Where a ledger's word lies among a row's own fields: no field of a tenant is called so."""
    return f"\0{name}"


def _own_reader(name: str, own: Mapping[str, Own]) -> Callable[[Row], str | None]:
    key, shown = own.get(name, (name, None))
    if shown is None:
        return lambda row: _own(row[4], key)
    return lambda row: shown(value) if (value := _own(row[4], key)) else None


def _own(fields: dict[str, Any] | None, name: str) -> str | None:
    value = fields.get(name) if fields else None
    return value if value is None or isinstance(value, str) else str(value)


def _of_whom(row: Row) -> tuple[str, bool]:
    """What rows have to share to be joined: the phone, as a guardian's; a pasted number is nobody's child."""
    return row[2], len(row) > OWN_NUMBER


# ASCII: what other scripts call digits reaches Aligo as no digit at all.
_is_plain = re.compile(r"010[0-9]{8}").fullmatch


@dataclass
class Sieve:
    """Sorts rows; `taken` holds phones that already have the text, and grows with what is kept."""

    template: Template
    titled: bool
    shop: str
    excepted: set[int] = field(default_factory=set)
    excepted_phones: set[str] = field(default_factory=set)
    earlier: set[int | str] = field(default_factory=set)  # those of the excepted who were sent to before
    paid: set[int] = field(default_factory=set)  # those of the excepted who owe nothing (any more)
    opted_out: set[str] = field(default_factory=set)
    ad: bool = False  # only to those who agreed
    codes: dict[str, str] = field(default_factory=dict)
    own: dict[str, Own] = field(default_factory=dict)  # every name of a custom field, the former ones too
    joins: bool = False  # children of one guardian get one text with their names joined
    telling: frozenset[str] | None = None  # fields by which children are told apart; None: those of the text
    because: dict[int | str, str] = field(default_factory=dict)  # why others of the excepted are left out

    def __post_init__(self) -> None:
        self._facts = _Facts()
        self._readers = {name: _reader(name, self.shop, self.codes, self.own) for name in self.template.fields}
        self._slots = [
            (self._readers[name], _Facts(alone) if alone else self._facts) for name, alone in self.template.pairs
        ]
        # Only a text that is all fields can come out blank; the blocks of an ad say nothing by themselves.
        self._said = self.template.inner or self.template
        self._may_be_blank = not self._said.literal.strip()
        telling = self.template.fields if self.telling is None else self.telling
        same = {NAME, CODE, *SHARED}
        self._telling = [_reader(name, self.shop, {}, self.own) for name in sorted(telling - same)]

    def values(self, row: Row) -> dict[str, str]:
        """What the fields of the text are for this person; without those that are blank."""
        found = {name: self._facts[read(row)][0] for name, read in self._readers.items()}
        return {name: text for name, text in found.items() if text}

    def blank(self, rows: Iterable[Row], name: str) -> list[Row]:
        """Those for whom a field of the text has no value."""
        facts, read = self._facts, self._readers[name]
        return [row for row in rows if not facts[read(row)][0]]

    def sort(self, rows: list[Row], taken: set[str], *, render: bool) -> tuple[list[Kept], list[Left]]:
        """Who gets it and who does not, in the order of the rows."""
        kept: list[Kept] = []
        left: list[Left] = []
        if self.joins:
            rows, left = self.gathered(rows, taken)
        made = tuple.__new__  # a NamedTuple's own is three times as slow
        slots, fixed, titled, ad = self._slots, self.template.fixed, self.titled, self.ad
        odd, excepted, joins = self._odd(rows, taken), self.excepted, self.joins
        merged, filled = render and slots, self.template.filled
        plain = filled(()) if render and not slots else ""
        for row in rows:
            member, name, phone = row[:3]
            reason = None
            # One look that nearly everybody passes; only the others are asked why. This runs a million times.
            if phone in odd or member in excepted or (ad and not row[5]):
                reason = self._barred(row, phone, taken)
            texts, size, unfit = [], fixed, self._may_be_blank
            for read, facts in slots:
                text, more, bad = facts[read(row)]
                texts.append(text)
                size += more
                unfit = unfit or bad
            if reason is None and (unfit or size > LMS_BYTES):
                reason = self._misfit(row, size)
            if reason is not None:
                left.append(Left(member, row[8][0][1] if joins else name, "" if phone == GONE else phone, reason))
                left += [Left(pk, one, phone, reason) for pk, one in row[8][1:]] if joins else ()
                continue
            taken.add(phone)
            kind = LMS if titled or size > SMS_BYTES else SMS
            text = filled(texts) if merged else plain
            others = tuple([pk for pk, _name in row[8][1:]]) if joins else ()
            kept.append(made(Kept, (member, name, phone, text, size, kind, ad and bool(row[6]), others)))
        return kept, left

    def gathered(self, rows: list[Row], taken: set[str]) -> tuple[list[Row], list[Left]]:
        """One row for the children of a phone, their names joined in order, and those who can't be among them.

        Only what the text says of all of them alike is said once: children whose fields differ stay rows of their own,
        the second of which finds the phone taken, as with all who share one. An ad names nobody who did not agree to
        ads. A ninth column holds id and name of each.
        """
        whole: list[Row] = []
        left: list[Left] = []
        odd, excepted, ad = self._odd(rows, taken), self.excepted, self.ad
        named = NAME in self.template.fields
        for (phone, is_guardians), same in groupby(rows, key=_of_whom):
            fit: list[Row] = []
            for row in same:
                reason = None
                if phone in odd or row[0] in excepted or (ad and not row[5]):
                    reason = self._barred(row, phone, taken)
                if reason is None and named and self._facts[row[1]][2]:
                    reason = ExcludedReason.UNSENDABLE.value
                if reason is None:
                    fit.append(row)
                else:
                    left.append(Left(row[0], row[1], "" if phone == GONE else phone, reason))
            if len(fit) == 1 or not is_guardians:
                whole += [(*row, *[None] * (8 - len(row)), ((row[0], row[1]),)) for row in fit]
            elif fit:
                whole += self._joined(fit)
        return whole, left

    def _joined(self, rows: list[Row]) -> list[Row]:
        alike: dict[tuple[str, ...], list[Row]] = {}
        for row in rows:
            alike.setdefault(tuple([self._facts[read(row)][0] for read in self._telling]), []).append(row)
        whole = []
        for same in alike.values():
            first = same[0]
            nights = first[6] if all(row[6] for row in same) else None
            name = ", ".join([row[1] for row in same if row[1]])
            whole.append((first[0], name, *first[2:6], nights, first[7], tuple([row[:2] for row in same])))
        return whole

    def measure(self, rows: list[Row], taken: set[str]) -> Measured:
        """What `sort` finds, for who only counts, in half of its time: a person waits for a quote.

        Those whom nothing speaks against are taken together, before the others: the order within a chunk is lost.
        """
        barred: list[Left] = []
        if self.joins:
            rows, barred = self.gathered(rows, taken)
        odd, excepted = self._odd(rows, taken), self.excepted
        fine = [row for row in rows if row[2] not in odd and row[0] not in excepted]
        asked = [row for row in rows if row[2] in odd or row[0] in excepted] if len(fine) < len(rows) else []
        found = Measured(fine, [])
        if self.ad:
            found.rows = [row for row in fine if row[5]]
            found.left[ExcludedReason.NO_CONSENT.value] = len(fine) - len(found.rows)
        found.sizes, unfit = self._sizes(found.rows)
        if unfit or max(found.sizes, default=0) > LMS_BYTES:
            # The text does not fit some of them: each is asked, in the order of the rows.
            asked, found = rows, Measured([], [])
        taken.update([row[2] for row in found.rows])
        found.left.update([one.reason for one in barred])
        found.shared += [one.phone for one in barred if one.reason == ExcludedReason.DUPLICATE]
        for row, size in zip(asked, self._sizes(asked)[0], strict=True):
            reason = self._barred(row, row[2], taken) or self._misfit(row, size)
            if reason is None:
                taken.add(row[2])
                found.rows.append(row)
                found.sizes.append(size)
                continue
            count = len(row[8]) if self.joins else 1
            found.left[reason] += count
            if reason == ExcludedReason.DUPLICATE:
                found.shared += [row[2]] * count
        return found

    def _odd(self, rows: list[Row], taken: set[str]) -> set[str]:
        """Phones of the rows that may be barred: had already, refused, left out, there twice, or written unusually."""
        phones = [row[2] for row in rows]
        once = set(phones)
        odd = once & taken | once & self.opted_out | once & self.excepted_phones
        odd.update(filterfalse(_is_plain, once))
        if len(once) < len(phones):
            odd.update(phone for phone, count in Counter(phones).items() if count > 1)
        return odd

    def _sizes(self, rows: list[Row]) -> tuple[list[int], bool]:
        """The bytes of each row's text, and whether one of the texts may be unfit to be sent."""
        sizes, unfit = [self.template.fixed] * len(rows), self._may_be_blank
        for read, known in self._slots:
            facts = [known[read(row)] for row in rows]
            sizes = [size + more for size, (_text, more, _bad) in zip(sizes, facts, strict=True)]
            unfit = unfit or any(map(itemgetter(2), facts))
        return sizes, unfit

    def is_wanted(self, row: Row) -> bool:
        """Whether nothing speaks against a text to this row, but that its phone may have one already."""
        return self._barred(row, row[2], set()) is None

    def _barred(self, row: Row, phone: str, taken: set[str]) -> str | None:
        if row[0] in self.earlier or phone in self.earlier:
            return ExcludedReason.ALREADY.value
        if row[0] in self.paid:
            return ExcludedReason.PAID.value
        if row[0] in self.excepted or phone in self.excepted_phones:
            return self.because.get(row[0]) or self.because.get(phone) or ExcludedReason.EXCEPTED.value
        if phone == GONE:
            return ExcludedReason.GONE.value
        if not phone:
            return ExcludedReason.NO_PHONE.value
        if not is_mobile(phone):
            return ExcludedReason.BAD_NUMBER.value
        if phone in self.opted_out:
            return ExcludedReason.OPTED_OUT.value
        if phone in taken:
            return ExcludedReason.DUPLICATE.value
        return ExcludedReason.NO_CONSENT.value if self.ad and not row[5] else None

    def _misfit(self, row: Row, size: int) -> str | None:
        if size > LMS_BYTES:
            return ExcludedReason.TOO_LONG.value
        values = self.values(row)
        if any(self._facts[value][2] for value in values.values()):
            return ExcludedReason.UNSENDABLE.value
        if self._may_be_blank and not self._said.render(values).strip():
            return ExcludedReason.EMPTY.value
        return None
