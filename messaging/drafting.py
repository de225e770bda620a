"""What a person or a program asks to have sent, before anything is stored: plain values, checked for shape only."""

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from members.enums import Stage
from members.phone import BadPhone, parse
from messaging.enums import Via
from messaging.exceptions import BadAudience

Phone = tuple[str, str]  # as typed, and a name
PHONES_MAX = 100_000
RECENT_MOST = 365
DUE, NOW = "due", "now"
_TAIL = re.compile(r"^(?:(?P<name>.*?)[\s,:/]+|(?P<glued>\D*?))(?P<phone>\+?[\d(][\d\s\-().]{6,})$", re.S)


@dataclass
class Except:
    """Who is left out of an audience, whatever names them: by name, or by what is true of them when it is prepared.

    `recent_days`: whose phone was texted in so many days by a dispatch that was no test.
    """

    members: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)
    dead: bool = False  # numbers that came back three times (members.services.phones)
    segments: list[int] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    recent_days: int = 0
    unpaid: bool = False
    staff: bool = False  # the numbers that staff gave as their own

    @property
    def asks(self) -> bool:
        """Whether somebody is left out by what is true of them, so that each chunk is asked about."""
        return bool(self.segments or self.tags or self.stages or self.recent_days or self.unpaid)

    def to_json(self) -> dict[str, Any]:
        whole = asdict(self) | {"phones": [list(phone) for phone in self.phones]}
        return {name: value for name, value in whole.items() if value}


@dataclass
class Audience:
    """A union of members, groups, segments and pasted numbers, minus exceptions; in order members, roster, phones.

    `not_in` are ids of dispatches: who already got (or may have got) one of them is left out. `via` says whose numbers
    the members' texts go to (a Via; empty: their own), `apart` that children of one guardian are not joined. `unpaid`
    keeps only members who are behind with dues, asked again when it is prepared and when each text leaves. `as_of`
    says which list a schedule goes to: "due", as it is when its time comes, or "now", as it was when it was scheduled.
    """

    members: list[int] = field(default_factory=list)
    groups: list[int] = field(default_factory=list)
    phones: list[Phone] = field(default_factory=list)
    all: bool = False
    except_: Except = field(default_factory=Except)
    not_in: list[int] = field(default_factory=list)
    via: str = ""
    apart: bool = False
    unpaid: bool = False
    segments: list[int] = field(default_factory=list)
    as_of: str = DUE

    @classmethod
    def from_json(cls, data: Any) -> "Audience":
        """The contract's `to`; BadAudience where its shape is wrong."""
        data = _mapping(data or {})
        return cls(
            _ids(data, "members"),
            _ids(data, "groups"),
            _phones(data),
            _flag(data.get("all", False), "all"),
            _except(_mapping(data.get("except") or {})),
            _ids(data, "not_in"),
            _via(data.get("via") or ""),
            _flag(data.get("apart", False), "apart"),
            _flag(data.get("unpaid", False), "unpaid"),
            _ids(data, "segments"),
            _one_of(data.get("as_of") or DUE, (DUE, NOW), "as_of"),
        )

    def to_json(self) -> dict[str, Any]:
        """The same as stored in a Dispatch; empty parts are left away."""
        whole: dict[str, Any] = {
            "members": self.members,
            "groups": self.groups,
            "phones": [list(phone) for phone in self.phones],
            "all": self.all,
            "except": self.except_.to_json(),
            "not_in": self.not_in,
            "via": self.via,
            "apart": self.apart,
            "unpaid": self.unpaid,
            "segments": self.segments,
            "as_of": "" if self.as_of == DUE else self.as_of,
        }
        return {name: value for name, value in whole.items() if value}

    @property
    def is_empty(self) -> bool:
        return not (self.members or self.phones or self.has_roster)

    @property
    def has_roster(self) -> bool:
        """Whether people are meant who are not named one by one, so that others may come in."""
        return bool(self.groups or self.segments or self.all)


@dataclass
class Draft:
    """One act of sending as asked for. An empty sender means the default one; no `send_at` means now.

    `each`: people who share a phone get a text each, for the reason in `each_reason`; else one text a phone.
    """

    to: Audience = field(default_factory=Audience)
    text: str = ""
    title: str = ""
    sender: str = ""
    ad: bool = False
    each: bool = False
    each_reason: str = ""
    send_at: datetime | None = None
    expires_at: datetime | None = None
    name: str = ""

    def __post_init__(self) -> None:
        if self.to.apart != bool(self.to.via and self.each):
            self.to = replace(self.to, apart=not self.to.apart)


def read_phone(value: Any) -> Phone:
    """ "010…", "김민수 010-…" or [phone, name] → (phone as typed, name)."""
    if isinstance(value, list | tuple) and 1 <= len(value) <= 2 and all(isinstance(part, str) for part in value):
        return value[0].strip()[:40], (value[1].strip() if len(value) == 2 else "")[:40]
    if not isinstance(value, str):
        raise _refused("phones")
    found = _TAIL.match(value.strip())
    if not found or is_phone(value):  # "010 1234 5678" is no person called 010
        return value.strip()[:40], ""
    return found["phone"].strip(), (found["name"] or found["glued"] or "").strip(" \t,:/")[:40]


def is_phone(value: str) -> bool:
    """Whether a number can be read in it."""
    try:
        parse(value)
    except BadPhone:
        return False
    return True


def _refused(part: str, **extra: str) -> BadAudience:
    """The refusal beside the part of `to` that is wrong."""
    return BadAudience(fields={f"to.{part}": [BadAudience.message]}, **extra)


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _refused("object")
    return value


def _list(data: dict[str, Any], name: str) -> Iterable[Any]:
    value = data.get(name) or []
    if not isinstance(value, list | tuple):
        raise BadAudience(fields={"to": [name]})
    return value


def _ids(data: dict[str, Any], name: str) -> list[int]:
    ids = list(_list(data, name))
    if not all(isinstance(n, int) and not isinstance(n, bool) and 0 < n < 2**63 for n in ids):
        raise BadAudience(fields={"to": [name]})
    return list(dict.fromkeys(ids))


def _phones(data: dict[str, Any]) -> list[Phone]:
    values = list(_list(data, "phones"))
    if len(values) > PHONES_MAX:
        raise _refused("phones", code="too_many_phones")
    return [read_phone(value) for value in values]


def _flag(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise _refused(name)
    return value


def _via(value: Any) -> str:
    """A Via; the members' own numbers go by no name, or by `self`."""
    if value == "self":
        return ""
    if value and value not in Via.values:
        raise _refused("via")
    return str(value)


def _one_of(value: Any, known: Iterable[str], part: str) -> str:
    if not isinstance(value, str) or value not in known:
        raise _refused(part)
    return value


def _except(left: dict[str, Any]) -> Except:
    days = left.get("recent_days") or 0
    if not isinstance(days, int) or isinstance(days, bool) or not 0 <= days <= RECENT_MOST:
        raise _refused("except.recent_days")
    return Except(
        _ids(left, "members"),
        _ids(left, "groups"),
        _phones(left),
        _flag(left.get("dead", False), "except"),
        _ids(left, "segments"),
        _ids(left, "tags"),
        [_one_of(stage, Stage.values, "except.stages") for stage in _list(left, "stages")],
        days,
        _flag(left.get("unpaid") or False, "except.unpaid"),
        _flag(left.get("staff") or False, "except.staff"),
    )
