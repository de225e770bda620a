"""Questions about a member's columns: text, numbers, days, words of a list, flags."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q, Value
from django.db.models.functions import Replace
from django.db.models.lookups import Contains
from django.utils.translation import gettext_lazy as _

from members.search import fold, lower
from members.segments.expressions import (
    Compared,
    OwnDay,
    OwnIs,
    OwnNumber,
    OwnText,
    Small,
    indexed,
    with_tokens,
)
from members.segments.marks import ANY, NONE, WORDS, Mark, word
from members.segments.questions import Ask, Op, Question, Takes
from ui import times

NOTHING, TEXT, PICKS = Takes.NOTHING, Takes.TEXT, Takes.PICKS
NEVER = Q(pk__lt=0)


class TextQuestion(Question):
    """Words in a column of text."""

    OPS = {
        "contains": Op(_("들어 있음"), TEXT, _("{what}에 ‘{value}’ 글자가 [있는/있고]")),
        "not_contains": Op(_("들어 있지 않음"), TEXT, _("{what}에 ‘{value}’ 글자가 [없는/없고]")),
        "is": Op(_("똑같음"), TEXT, _("{subject} ‘{value}’[인/이고]")),
        "is_not": Op(_("다름"), TEXT, _("{subject} ‘{value}’ 말고 다른 [것인/것이고]")),
        "empty": Op(_("비어 있음"), NOTHING, _("{subject} 비어 [있는/있고]")),
        "not_empty": Op(_("적혀 있음"), NOTHING, _("{subject} 적혀 [있는/있고]")),
    }

    def __init__(self, title: Any, column: str = "", *, own: str = "", names: bool = False) -> None:
        super().__init__(title)
        self.column, self.own, self.names = column, own, names

    def q(self, ask: Ask, op: str, value: Any) -> Q:
        if op.startswith("not_") or op == "is_not":
            return ~self.q(ask, {"is_not": "is"}.get(op, op.removeprefix("not_")), value)
        expression: Any = OwnText(self.own) if self.own else F(self.column)
        if op == "empty":
            return Q(Compared(expression, "=", ""))
        text = fold(value) if self.names else lower(str(value))
        lowered: Any = Small(expression)
        if self.names:
            lowered = Replace(lowered, Value(" "), Value(""))
        if op == "is":
            return Q(Compared(lowered, "=", text))
        found = Q(Contains(lowered, Value(text)))
        return found if self.own or self.column == "source" else found & with_tokens(ask.tenant.pk, text, self.names)


class NumberQuestion(Question):
    """A number: of a column, or of the tenant's own."""

    OPS = {
        "min": Op(_("이상"), Takes.NUMBER, _("{subject} {value} [이상인/이상이고]")),
        "max": Op(_("이하"), Takes.NUMBER, _("{subject} {value} [이하인/이하이고]")),
        "between": Op(_("사이"), Takes.NUMBERS, _("{subject} {value} [사이인/사이이고]")),
        "is": Op(_("딱 그만큼"), Takes.NUMBER, _("{subject} {value}[인/이고]")),
        "empty": Op(_("없음"), NOTHING, _("{subject} [없는/없고]")),
        "not_empty": Op(_("있음"), NOTHING, _("{subject} [있는/있고]")),
    }

    def __init__(self, title: Any, column: str = "", *, own: str = "", unit: Any = "") -> None:
        super().__init__(title, unit)
        self.column, self.own = column, own

    def q(self, ask: Ask, op: str, value: Any) -> Q:
        if op == "empty":
            return ~self.q(ask, "not_empty", None)
        if op == "not_empty":
            return Q(**{f"{self.column}__isnull": False}) if self.column else self._compare(">=", -(10**15))
        low, high = {"min": (value, None), "max": (None, value), "is": (value, value)}.get(op) or value
        found = Q()
        if low is not None:
            found &= self._compare(">=", low)
        if high is not None:
            found &= self._compare("<=", high)
        return found

    def _compare(self, sign: str, value: float) -> Q:
        if self.own:
            return Q(Compared(OwnNumber(self.own), sign, float(value)))
        return Q(**{f"{self.column}__{'gte' if sign == '>=' else 'lte'}": value})


class DayQuestion(Question):
    """A day: so many from today, before or after one, or missing. `moment`: a time's day, in Seoul."""

    BACK = {
        "within_last": Op(_("지난 며칠 안"), Takes.DAYS, _("{subject} 지난 {value}일 [안인/안이고]")),
        "ago_or_more": Op(_("며칠 전이거나 더 오래됨"), Takes.DAYS, _("{subject} {value}일 넘게 [지난/지났고]")),
    }
    AHEAD = {
        "within_next": Op(_("앞으로 며칠 안"), Takes.DAYS, _("{subject} 앞으로 {value}일 안에 [있는/있고]")),
        "left_or_more": Op(_("며칠 넘게 남음"), Takes.DAYS, _("{subject} {value}일 넘게 [남은/남았고]")),
        "past": Op(_("지남"), NOTHING, _("{subject} [지난/지났고]")),
        "not_past": Op(_("오늘이거나 아직 남음"), NOTHING, _("{subject} 아직 지나지 [않은/않았고]")),
    }
    FIXED = {
        "on": Op(_("그날"), Takes.DAY, _("{subject} {value}[인/이고]")),
        "since": Op(_("그날부터"), Takes.DAY, _("{subject} {value} [이후인/이후이고]")),
        "until": Op(_("그날까지"), Takes.DAY, _("{subject} {value} [이전인/이전이고]")),
        "between": Op(_("두 날 사이"), Takes.DAY_PAIR, _("{subject} {value} [사이인/사이이고]")),
    }
    BLANK = {
        "empty": Op(_("없음"), NOTHING, _("{subject} [없는/없고]")),
        "not_empty": Op(_("있음"), NOTHING, _("{subject} [있는/있고]")),
    }

    def __init__(
        self, title: Any, column: str = "", *, own: str = "", ahead: bool = True, back: bool = True,
        moment: bool = False, blank: bool = True,
    ) -> None:  # fmt: skip
        super().__init__(title)
        self.column, self.own, self.moment = column, own, moment
        kinds = [self.AHEAD] * ahead + [self.BACK] * back + [self.FIXED] + [self.BLANK] * blank
        self._ops = {name: op for kind in kinds for name, op in kind.items()}

    @property
    def ops(self) -> dict[str, Op]:
        return self._ops

    def q(self, ask: Ask, op: str, value: Any) -> Q:
        if op == "empty":
            return ~self.q(ask, "not_empty", None)
        if op == "not_empty":
            return self._between(None, None)
        return self._between(*_bounds(op, value, ask.today))

    def _between(self, first: date | None, last: date | None) -> Q:
        """Whether there is a day, and it is in the range; no end is no limit."""
        if self.own:
            return self._own_between(first, last)
        found = Q()
        if first is not None:
            found &= Q(**{f"{self.column}__gte": times.day_start(first) if self.moment else first})
        if last is not None and self.moment:
            after: datetime = times.day_start(last + timedelta(days=1))
            found &= Q(**{f"{self.column}__lt": after})
        elif last is not None:
            found &= Q(**{f"{self.column}__lte": last})
        return found or Q(**{f"{self.column}__isnull": False})

    def _own_between(self, first: date | None, last: date | None) -> Q:
        day = OwnDay(self.own)
        found = Q(Compared(day, ">=", (first or date.min).isoformat()))
        return found & Q(Compared(day, "<=", last.isoformat())) if last is not None else found


def _bounds(op: str, value: Any, today: date) -> tuple[date | None, date | None]:
    """The first and the last day that an operator means."""
    if op in DayQuestion.FIXED:
        if op == "between":
            return date.fromisoformat(value[0]), date.fromisoformat(value[1])
        day = date.fromisoformat(value)
        return {"on": (day, day), "since": (day, None), "until": (None, day)}[op]
    days = timedelta(days=value or 0)
    return {
        "within_next": (today, today + days),
        "left_or_more": (today + days, None),
        "past": (None, today - timedelta(days=1)),
        "not_past": (today, None),
        "within_last": (today - days, today),
        "ago_or_more": (None, today - days),
    }[op]


class ChoiceQuestion(Question):
    """One of a list of words: a column's choices, or the tenant's own."""

    OPS = {
        "in": Op(_("가운데 하나"), PICKS, _("{subject} {value}[인/이고]")),
        "not_in": Op(_("가운데 없음"), PICKS, _("{subject} {value_subject} [아닌/아니고]")),
    }
    OWN = {
        "empty": Op(_("비어 있음"), NOTHING, _("{subject} 비어 [있는/있고]")),
        "not_empty": Op(_("적혀 있음"), NOTHING, _("{subject} 적혀 [있는/있고]")),
    }

    def __init__(self, title: Any, choices: list[tuple[Any, Any]], column: str = "", *, own: str = "") -> None:
        super().__init__(title)
        self.choices, self.column, self.own = choices, column, own

    @property
    def ops(self) -> dict[str, Op]:
        return {**self.OPS, **self.OWN} if self.own else self.OPS

    def options(self, ask: Ask) -> list[tuple[Any, str]]:
        return [(value, str(label)) for value, label in self.choices]

    def q(self, ask: Ask, op: str, value: Any) -> Q:
        if op == "not_in":
            return ~Q(OwnIs(self.own, value, ask.tenant.pk, found=False)) if self.own else ~self.q(ask, "in", value)
        if op in ("empty", "not_empty"):
            blank = Q(Compared(OwnText(self.own), "=", ""))
            return blank if op == "empty" else ~blank
        if self.own:
            return Q(OwnIs(self.own, value, ask.tenant.pk))
        return Q(**{f"{self.column}__in": value})

    def mark(self, ask: Ask, op: str, value: Any) -> Mark | None:
        way = {"in": ANY, "not_in": NONE}.get(op)
        if not (self.own and way and indexed(value)):
            return None
        return Mark(WORDS, way, tuple(word(ask.tenant.pk, self.own, text) for text in value))


class YesNoQuestion(Question):
    """A flag: two operators, each with its own words and its own condition."""

    def __init__(self, title: Any, yes: Any, no: Any, q: Q, labels: tuple[Any, Any] = (_("예"), _("아니오"))) -> None:
        super().__init__(title)
        self._q = q
        self._ops = {"yes": Op(labels[0], NOTHING, yes), "no": Op(labels[1], NOTHING, no)}

    @property
    def ops(self) -> dict[str, Op]:
        return self._ops

    def q(self, ask: Ask, op: str, value: Any) -> Q:
        return self._q if op == "yes" else ~self._q
