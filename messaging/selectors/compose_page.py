"""What the compose page shows beside the quote: real people to preview with, and who is left out by name."""

from dataclasses import dataclass, replace

from accounts.models import Tenant
from members import phone
from messaging.drafting import Audience, Phone
from messaging.merging import Left
from messaging.selectors import audience as people
from messaging.text import Template, TextError, parse

SAMPLES = 20
LOOK = 200  # rows looked through at a time: most audiences fill their samples from the first


@dataclass(frozen=True)
class Person:
    """One recipient with the value of every merge field, so that the page can fill the text while it is typed."""

    member: int | None
    name: str
    phone: str
    fields: dict[str, str]


def people_to_preview(
    tenant: Tenant, audience: Audience, count: int = SAMPLES, *, ad: bool = False, text: str = ""
) -> list[Person]:
    """The first people of the audience who would get a text, or an ad; children joined as in this text."""
    if audience.is_empty:
        return []
    every = replace(parse("".join(f"#{{{name}|-}}" for name in people.known_fields(tenant))), ad=ad)
    sieve = people.sieve(tenant, audience, every, titled=False, telling=_fields(text))
    taken: set[str] = set()
    found: list[Person] = []
    for rows, _after in people.chunks(tenant, audience, every, size=LOOK):
        people.bar(tenant, audience, sieve, rows)
        whole = sieve.gathered(rows, taken)[0] if sieve.joins else rows
        by_phone = {row[2]: row for row in reversed(whole)}
        for kept in sieve.sort(rows, taken, render=False)[0]:
            found.append(Person(kept.member, kept.name, kept.phone, sieve.values(by_phone[kept.phone])))
            if len(found) == count:
                return found
    return found


def _fields(text: str) -> frozenset[str]:
    try:
        return parse(text).fields
    except TextError:  # half written
        return frozenset()


def left_out(
    tenant: Tenant, audience: Audience, template: Template, *, titled: bool, reason: str, most: int
) -> list[Left]:
    """Up to `most` people who would not get it for that reason, in the order of the audience."""
    sieve = people.sieve(tenant, audience, template, titled=titled)
    taken: set[str] = set()
    found: list[Left] = []
    for rows, _after in people.chunks(tenant, audience, template):
        people.bar(tenant, audience, sieve, rows)
        found += [left for left in sieve.sort(rows, taken, render=False)[1] if left.reason == reason]
        if len(found) >= most:
            break
    return found[:most]


def as_typed(pasted: list[Phone], numbers: set[str]) -> dict[str, str]:
    """How each of these numbers of left-out people stands in the pasted list."""
    found: dict[str, str] = {}
    for raw, _name in pasted:
        if len(found) == len(numbers):
            break
        number = _number(raw) or raw
        if number in numbers:
            found.setdefault(number, raw)
    return found


def _number(raw: str) -> str:
    try:
        return phone.parse(raw)
    except phone.BadPhone:
        return ""
