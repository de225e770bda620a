"""What a question is: its operators, the value each takes, and how the answer is looked for.

Every Q built here is true or false for every member, never NULL, so that it can be negated.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Tenant
from members.segments.marks import Mark
from ui import times
from ui.hangul import josa
from ui.numbers import comma

if TYPE_CHECKING:
    from members.segments.catalog import Catalog

DAYS_MOST = 3650
NUMBER_MOST = 10**12
TEXT_LONGEST = 100
PICKS_MOST = 100


_NO_ENDINGS = str.maketrans("[]", "\ue000\ue001")


class Takes(StrEnum):
    """The kind of value an operator needs."""

    NOTHING = "nothing"
    DAYS = "days"  # a number of days, 0 to 3650
    NUMBER = "number"
    NUMBERS = "numbers"  # [from, to]
    DAY = "day"  # "2026-11-28"
    DAY_PAIR = "day_pair"  # [from, to]
    TEXT = "text"
    PICKS = "picks"  # some of the options
    MONTHS = "months"  # 1 to 12


class BadValue(ValueError):
    """What is wrong with a condition, as a sentence for a person."""


@dataclass(frozen=True)
class Op:
    """An operator: its label in a list of them, the value it takes, and its part of a sentence.

    `words` may name {what} (the title), {subject} (the title with 이/가), {value} and {value_subject}; `[인/이고]`
    is the ending before a noun and before a further condition.
    """

    label: Any
    takes: Takes
    words: Any


@dataclass(frozen=True)
class Ask:
    """Of whom and when: what every question needs besides its value."""

    tenant: Tenant
    catalog: "Catalog"
    today: date


class Question:
    """Something that can be asked of a member. Subclasses fill OPS and build the Q of each operator."""

    OPS: Mapping[str, Op] = {}

    def __init__(self, title: Any, unit: Any = "") -> None:
        self.title, self.unit = title, unit

    @property
    def ops(self) -> Mapping[str, Op]:
        return self.OPS

    def options(self, ask: Ask) -> list[tuple[Any, str]]:
        """What can be picked: (value, label)."""
        return []

    def q(self, ask: Ask, op: str, value: Any) -> Q:
        """The members for whom it is so."""
        raise NotImplementedError

    def mark(self, ask: Ask, op: str, value: Any) -> Mark | None:
        """The same as something that members carry, where it is such a thing."""
        return None

    def read(self, ask: Ask, op: str, value: Any) -> Any:
        """The value as it is kept; BadValue where it is none."""
        return READERS[self.ops[op].takes](self, ask, value)

    def said(self, ask: Ask, op: str, value: Any) -> str:
        """The value in words."""
        takes = self.ops[op].takes
        if takes is Takes.PICKS:
            labels = dict(self.options(ask))
            return str(_(" 또는 ")).join(_("‘{word}’").format(word=labels.get(v, v)) for v in value)
        if takes is Takes.MONTHS:
            return ", ".join(times.kmonth(date(2000, month, 1)) for month in value)
        if takes is Takes.DAY:
            return times.ymd(date.fromisoformat(value))
        if takes is Takes.DAY_PAIR:
            return " ~ ".join(times.ymd(date.fromisoformat(day)) for day in value)
        if takes is Takes.NUMBERS:
            return " ~ ".join(self._number(n) for n in value)
        if takes in (Takes.NUMBER, Takes.DAYS):
            return self._number(value) if takes is Takes.NUMBER else comma(value)
        return str(value)

    def phrase(self, ask: Ask, op: str, value: Any) -> str:
        """The condition in words, with its `[…/…]` endings still to be chosen."""
        # Brackets in people's own words are no endings.
        what, said = (text.translate(_NO_ENDINGS) for text in (str(self.title), self.said(ask, op, value)))
        return str(self.ops[op].words).format(
            what=what, subject=with_josa(what, "이/가"), value=said, value_subject=with_josa(said, "이/가")
        )

    def _number(self, value: float) -> str:
        whole = comma(int(value)) if value == int(value) else str(value)
        return f"{whole}{self.unit}"


def with_josa(word: str, pair: str) -> str:
    """The word with its particle, where Korean is spoken."""
    return josa(word, pair) if (get_language() or "ko").startswith("ko") else word


# --- reading values ---------------------------------------------------------------------------------------------------


def _nothing(_question: Question, _ask: Ask, _value: Any) -> None:
    return None


def _days(_question: Question, _ask: Ask, value: Any) -> int:
    number = _whole(value)
    if number is None or not 0 <= number <= DAYS_MOST:
        raise BadValue(_("며칠인지 0에서 3,650 사이의 숫자로 적어 주세요."))
    return number


def _whole(value: Any) -> int | None:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value.strip()) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _a_number(_question: Question, _ask: Ask, value: Any) -> int | float:
    number: Any = value
    if isinstance(value, str):
        try:
            number = float(value.replace(",", "").strip())
        except ValueError:
            number = None
    sane = isinstance(number, int | float) and not isinstance(number, bool) and abs(number) <= NUMBER_MOST
    if not sane:
        raise BadValue(_("숫자를 적어 주세요."))
    rounded = round(float(number), 6)
    return int(rounded) if rounded == int(rounded) else rounded


def _numbers(question: Question, ask: Ask, value: Any) -> list[int | float]:
    low, high = (_a_number(question, ask, part) for part in _pair(value))
    if low > high:
        raise BadValue(_("앞의 수가 뒤의 수보다 커요. 순서를 바꿔 주세요."))
    return [low, high]


def _pair(value: Any) -> list[Any]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise BadValue(_("부터와 까지, 두 값을 적어 주세요."))
    return list(value)


def _day(_question: Question, _ask: Ask, value: Any) -> str:
    try:
        day = date.fromisoformat(value.strip()) if isinstance(value, str) else None
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year <= 2199:
        raise BadValue(_("날짜를 2026-11-28처럼 적어 주세요."))
    return day.isoformat()


def _day_pair(question: Question, ask: Ask, value: Any) -> list[str]:
    first, last = (_day(question, ask, part) for part in _pair(value))
    if first > last:
        raise BadValue(_("시작 날짜가 끝 날짜보다 늦어요. 순서를 바꿔 주세요."))
    return [first, last]


def _text(_question: Question, _ask: Ask, value: Any) -> str:
    text = " ".join(value.replace("\x00", "").split()) if isinstance(value, str) else ""
    if not 0 < len(text) <= TEXT_LONGEST:
        raise BadValue(_("찾을 글자를 1자에서 100자 사이로 적어 주세요."))
    return text


def _picks(question: Question, ask: Ask, value: Any) -> list[Any]:
    asked = value if isinstance(value, list | tuple) else [value]
    known = {str(option): option for option, _label in question.options(ask)}
    picked = [v for v in asked if not isinstance(v, bool | dict | list | None) and v != ""]
    if not picked or len(picked) < len(asked) or len(picked) > PICKS_MOST:
        raise BadValue(_("하나 이상 골라 주세요."))
    if any(str(v) not in known for v in picked):
        raise BadValue(_("고른 것 가운데 지금은 없는 것이 있어요. 다시 골라 주세요."))
    return list(dict.fromkeys(known[str(v)] for v in picked))


def _months(_question: Question, _ask: Ask, value: Any) -> list[int]:
    asked = value if isinstance(value, list | tuple) else [value]
    months = [_whole(v) for v in asked]
    if not months or not all(month and 1 <= month <= 12 for month in months):
        raise BadValue(_("몇 월인지 골라 주세요."))
    return sorted({month for month in months if month})


READERS = {
    Takes.NOTHING: _nothing,
    Takes.DAYS: _days,
    Takes.NUMBER: _a_number,
    Takes.NUMBERS: _numbers,
    Takes.DAY: _day,
    Takes.DAY_PAIR: _day_pair,
    Takes.TEXT: _text,
    Takes.PICKS: _picks,
    Takes.MONTHS: _months,
}
