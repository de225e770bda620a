"""What presets are made of. Names and words become a tenant's own data, so they are Korean and not translated."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Field:
    name: str
    kind: str = "text"  # members.enums.FieldKind
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    name: str
    tone: str  # members.enums.Tone


@dataclass(frozen=True)
class Pass:
    """A kind of pass: months, or sessions within months. Prices are the shop's own."""

    name: str
    months: int | None = None
    sessions: int | None = None
    refund_rule: str = "sports"


@dataclass(frozen=True)
class Segment:
    """A rule of members.segments that needs no column of the tenant's own."""

    name: str
    rule: dict[str, Any]


@dataclass(frozen=True)
class Text:
    """A text to be kept. `ad`: it invites to buy or to come; all others only inform (정보통신망법 제50조)."""

    name: str
    text: str
    title: str = ""
    ad: bool = False


@dataclass(frozen=True)
class Preset:
    key: str
    title: Any
    about: Any
    icon: str
    fields: tuple[Field, ...] = ()
    groups: tuple[Group, ...] = ()
    passes: tuple[Pass, ...] = ()
    segments: tuple[Segment, ...] = ()
    texts: tuple[Text, ...] = ()

    def items(self, part: str) -> tuple[Any, ...]:
        """The items of one part; a part nobody has items for is empty."""
        found: tuple[Any, ...] = getattr(self, part, ())
        return found


def every(*conditions: tuple[Any, ...]) -> dict[str, Any]:
    """(field, op[, value]) … as a rule that asks for all of them."""
    return {"all": [dict(zip(("field", "op", "value"), one, strict=False)) for one in conditions]}


# What several trades look for.
EXPIRING = Segment("곧 만료", every(("expires_on", "within_next", 14)))
EXPIRED = Segment("최근 만료", every(("expires_on", "past"), ("expires_on", "within_last", 60)))
FEW_LEFT = Segment("횟수가 얼마 안 남음", every(("sessions_left", "max", 2), ("sessions_left", "min", 1)))
ABSENT = Segment("2주 넘게 안 나옴", every(("last_visit_on", "ago_or_more", 14), ("expires_on", "not_past")))
UNPAID = Segment("회비 미납", every(("unpaid", "yes")))
BIRTHDAY = Segment("이번 달 생일", every(("birthday", "this_month")))
