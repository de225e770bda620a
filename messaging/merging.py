"""Merge fields of a person, and the sieve that sorts an audience into who gets the text and who does not, and why.

Pure functions over plain rows, shared by the quote and by preparing, so that what was promised is what happens.
A row is (member id or None, name, phone, birth date, own fields), for an ad with two more: when the member agreed to
ads, and to ads at night.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from members.phone import is_mobile
from messaging.ads import CODE, SAMPLE_CODE
from messaging.enums import ExcludedReason
from messaging.rules import LMS_BYTES, SMS_BYTES
from messaging.text import LMS, SMS, Template, normalise, unsendable

NAME, PHONE, BIRTHDAY, SHOP = "이름", "휴대폰", "생일", "업체"
BUILT_IN = (NAME, PHONE, BIRTHDAY, SHOP)
SHARED = frozenset((PHONE, SHOP))  # the same for all who share a phone
GONE = "gone"  # stands where the phone would, for members named by an audience who are in no roster any more
Row = tuple[Any, ...]


class Kept(NamedTuple):
    """One text to one phone; `text` is empty where only its size was asked for."""

    member: int | None
    name: str
    phone: str
    text: str
    size: int
    type: str
    night: bool = False  # agreed to ads at night


class Left(NamedTuple):
    """One person who does not get it."""

    member: int | None
    name: str
    phone: str
    reason: str


class _Clean(dict[Any, str]):
    """Values as they go into a text; names repeat, so most people cost one look-up."""

    def __missing__(self, value: Any) -> str:
        if len(self) >= 100_000:  # a million different names must not stay in memory
            self.clear()
        clean = self[value] = normalise(str(value))
        return clean


class _Unsendable(dict[str, bool]):
    def __missing__(self, value: str) -> bool:
        if len(self) >= 100_000:
            self.clear()
        bad = self[value] = bool(unsendable(value))
        return bad


def values_for(template: Template, shop: str, codes: dict[str, str]) -> Callable[[Row], dict[str, str]]:
    """A function from a row to the values its text needs, and no more: it runs once a recipient.

    `codes` are the endings of the one-tap addresses by phone; without one a sample of the same length stands there.
    """
    wanted, clean = template.fields, _Clean()
    if not wanted:
        nothing: dict[str, str] = {}
        return lambda row: nothing
    if wanted == {NAME}:
        return lambda row: {NAME: clean[row[1]]}
    own = wanted - set(BUILT_IN) - {CODE}

    def values(row: Row) -> dict[str, str]:
        found = {NAME: clean[row[1]], PHONE: row[2], SHOP: shop}
        if CODE in wanted:
            found[CODE] = codes.get(row[2], SAMPLE_CODE)
        if BIRTHDAY in wanted and row[3]:
            found[BIRTHDAY] = f"{row[3].month}월 {row[3].day}일"
        if own and row[4]:
            for name in own:
                value = row[4].get(name)
                if value not in (None, ""):
                    found[name] = clean[value if isinstance(value, str) else str(value)]
        return found

    return values


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
    opted_out: set[str] = field(default_factory=set)
    ad: bool = False  # only to those who agreed
    codes: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = values_for(self.template, self.shop, self.codes)
        self._size = self.template.sizer()
        self._bad = _Unsendable()
        # Only a text that is all fields can come out blank; the blocks of an ad say nothing by themselves.
        self._said = self.template.inner or self.template
        self._may_be_blank = not self._said.literal.strip()

    def sort(self, rows: Iterable[Row], taken: set[str], *, render: bool) -> tuple[list[Kept], list[Left]]:
        """Who gets it and who does not, in the order of the rows."""
        kept, left = [], []
        values, measure, merge, bad = self.values, self._size, self.template.render, self._bad.__getitem__
        excepted, gone, refused = self.excepted, self.excepted_phones, self.opted_out
        plain = "" if self.template.fields or not render else merge({})
        merged, ad = render and not plain, self.ad
        for row in rows:
            member, name, phone = row[:3]
            reason = None
            # One look that nearly everybody passes; only the others are asked why. This runs a million times.
            if (
                phone in taken or phone in refused or phone in gone or member in excepted or not _is_plain(phone)
                or (ad and not row[5])
            ):  # fmt: skip
                reason = self._barred(row, phone, taken)
            if reason is None:
                found = values(row)
                size = measure(found)
                if size > LMS_BYTES or self._may_be_blank or any(map(bad, found.values())):
                    reason = self._misfit(found, size)
            if reason is not None:
                left.append(Left(member, name, "" if phone == GONE else phone, reason))
                continue
            taken.add(phone)
            kind = LMS if self.titled or size > SMS_BYTES else SMS
            kept.append(Kept(member, name, phone, merge(found) if merged else plain, size, kind, ad and bool(row[6])))
        return kept, left

    def _barred(self, row: Row, phone: str, taken: set[str]) -> str | None:
        if row[0] in self.earlier or phone in self.earlier:
            return ExcludedReason.ALREADY.value
        if row[0] in self.excepted or phone in self.excepted_phones:
            return ExcludedReason.EXCEPTED.value
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

    def _misfit(self, values: dict[str, str], size: int) -> str | None:
        if size > LMS_BYTES:
            return ExcludedReason.TOO_LONG.value
        for value in values.values():
            if self._bad[value]:
                return ExcludedReason.UNSENDABLE.value
        if self._may_be_blank and not self._said.render(values).strip():
            return ExcludedReason.EMPTY.value
        return None
