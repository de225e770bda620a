"""From JSON to a Rule, or to what is wrong with it and where; from a Rule to the members it means.

What can't be read never means everybody: a rule is whole or it is refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Tenant
from members.exceptions import InvalidRule
from members.models import Member, Segment
from members.segments import catalog as catalogs
from members.segments.columns import NEVER
from members.segments.marks import Carries, Mark, worth_it
from members.segments.questions import Ask, BadValue

LEVELS_MOST = 3
CONDITIONS_MOST = 20
NESTED_MOST = 60  # conditions of a rule and of the segments it names, all in all
WAYS = ("all", "any")


@dataclass(frozen=True)
class Condition:
    field: str
    op: str
    value: Any = None

    def to_json(self) -> dict[str, Any]:
        found = {"field": self.field, "op": self.op}
        return found if self.value is None else {**found, "value": self.value}


@dataclass(frozen=True)
class Many:
    """All of the parts, or any of them."""

    way: str
    parts: tuple["Node", ...]

    def to_json(self) -> dict[str, Any]:
        return {self.way: [part.to_json() for part in self.parts]}


@dataclass(frozen=True)
class Not:
    part: "Node"

    def to_json(self) -> dict[str, Any]:
        return {"not": self.part.to_json()}


Node = Condition | Many | Not


@dataclass(frozen=True)
class Rule:
    """A rule that was read: it means what it says for this tenant, now."""

    root: Node
    catalog: "Catalog"

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        return self.root.to_json()

    def conditions(self) -> Iterator[Condition]:
        return conditions_of(self.root)


@dataclass
class Read:
    """What came of reading: the rule where all is well; else its problems, by their place (`all.0.value`). `size`
    counts its conditions with those of the segments it names."""

    rule: Rule | None = None
    problems: dict[str, str] = field(default_factory=dict)
    size: int = 0


class Catalog(catalogs.Catalog):
    """The catalog of a tenant that also knows who is in its saved segments. `own`: the segment whose rule is read."""

    def __init__(self, tenant: Tenant, own: int | None = None) -> None:
        super().__init__(tenant)
        self.asked_by = own
        self._read: dict[int, Read] = {}

    def q_of_segment(self, ask: Ask, pk: int) -> Q:
        found = self.read_segment(pk)
        return q_of(found.rule.root, ask) if found.rule else NEVER

    def read_segment(self, pk: int) -> Read:
        """The rule of a saved segment; each is read once."""
        if pk not in self._read:
            self._read[pk] = Read(problems={"": _("자기 자신을 다시 가리켜요.")})  # found on the way: a circle
            self._read[pk] = _reading(self, self.segments[pk].rule)
        return self._read[pk]


def read(tenant: Tenant, data: Any, *, own: int | None = None) -> Read:
    """Read a rule and keep what is wrong with it. `own`: the id of the segment whose rule it is."""
    catalog = Catalog(tenant, own)
    if own:
        catalog._read[own] = Read(problems={"": _("이 조건그룹이 자기 자신을 가리키게 돼요. 다른 것을 골라 주세요.")})
    return _reading(catalog, data)


def parse(tenant: Tenant, data: Any, *, own: int | None = None) -> Rule:
    """The rule; InvalidRule with a sentence at each place that is wrong."""
    found = read(tenant, data, own=own)
    if found.rule is None:
        raise InvalidRule(found.problems)
    return found.rule


def to_q(tenant: Tenant, rule: Rule | dict[str, Any], today: date | None = None) -> Q:
    """The rule as conditions on members, on this day."""
    whole = rule if isinstance(rule, Rule) else parse(tenant, rule)
    return q_of(whole.root, whole.catalog.ask(today))


def rows(tenant: Tenant, rule: Rule | dict[str, Any], today: date | None = None) -> QuerySet[Member]:
    """The living members it means, unordered."""
    return Member.objects.filter(to_q(tenant, rule, today), tenant=tenant, deleted_at=None)


def q_of(node: Node, ask: Ask) -> Q:
    """One node of a rule as conditions."""
    if isinstance(node, Condition):
        return ask.catalog.questions[node.field].q(ask, node.op, node.value)
    if isinstance(node, Not):
        return ~q_of(node.part, ask)
    if node.way == "any":
        return reduce(or_, (q_of(part, ask) for part in node.parts), NEVER)
    marks = [_mark_of(part, ask) for part in node.parts]
    carried = [mark for mark in marks if mark]
    together = worth_it(carried)
    found = Q(Carries(carried)) if together else Q()
    others = (q_of(part, ask) for part, mark in zip(node.parts, marks, strict=True) if not (together and mark))
    return reduce(and_, others, found)


def _mark_of(node: Node, ask: Ask) -> Mark | None:
    if not isinstance(node, Condition):
        return None
    return ask.catalog.questions[node.field].mark(ask, node.op, node.value)


def conditions_of(node: Node) -> Iterator[Condition]:
    if isinstance(node, Condition):
        yield node
    else:
        for part in node.parts if isinstance(node, Many) else [node.part]:
            yield from conditions_of(part)


def named(data: Any) -> Iterator[tuple[str, Any]]:
    """(field, value) of every condition of a stored rule, whether or not it can be read any more."""
    if isinstance(data, dict):
        if isinstance(data.get("field"), str):
            yield data["field"], data.get("value")
        for part in data.values():
            yield from named(part)
    elif isinstance(data, list):
        for part in data:
            yield from named(part)


# --- reading ----------------------------------------------------------------------------------------------------------


def _reading(catalog: Catalog, data: Any) -> Read:
    problems: dict[str, str] = {}
    root = _node(catalog, data, "", 1, problems)
    if root is None or problems:
        return Read(problems=problems or {"": _("조건을 하나 이상 넣어 주세요.")})
    if len(list(conditions_of(root))) > CONDITIONS_MOST:
        return Read(problems={"": _("조건은 20개까지 넣을 수 있어요. 조건을 줄여 주세요.")})
    size = _size(root, catalog)
    if size > NESTED_MOST:
        return Read(problems={"": _("조건그룹 안의 조건까지 모두 60개를 넘어요. 조건을 줄여 주세요.")})
    return Read(Rule(root, catalog), size=size)


def _node(catalog: Catalog, data: Any, place: str, level: int, problems: dict[str, str]) -> Node | None:
    if not isinstance(data, dict):
        problems[place] = _("조건을 읽을 수 없어요. 다시 골라 주세요.")
        return None
    if "field" in data:
        return _condition(catalog, data, place, problems)
    way = next(iter(data), "")
    if len(data) != 1 or way not in (*WAYS, "not"):
        problems[place] = (
            _("조건을 하나 이상 넣어 주세요.") if not data else _("all, any, not 가운데 하나로 적어 주세요.")
        )
        return None
    if way == "not":
        part = _node(catalog, data["not"], _at(place, "not"), level, problems)
        return Not(part) if part else None
    return _many(catalog, data[way], way, _at(place, way), level, problems)


def _many(catalog: Catalog, parts: Any, way: str, place: str, level: int, problems: dict[str, str]) -> Node | None:
    if level > LEVELS_MOST:
        problems[place] = _("묶음은 3단계까지 겹칠 수 있어요.")
        return None
    if not isinstance(parts, list) or not parts:
        problems[place] = _("조건을 하나 이상 넣어 주세요.")
        return None
    if len(parts) > CONDITIONS_MOST:
        problems[place] = _("조건은 20개까지 넣을 수 있어요. 조건을 줄여 주세요.")
        return None
    read = [_node(catalog, part, f"{place}.{n}", level + 1, problems) for n, part in enumerate(parts)]
    return Many(way, tuple(part for part in read if part))


def _condition(catalog: Catalog, data: dict[str, Any], place: str, problems: dict[str, str]) -> Node | None:
    name, op = data.get("field"), data.get("op")
    question = catalog.questions.get(name) if isinstance(name, str) else None
    if question is None:
        gone = isinstance(name, str) and name.startswith(catalogs.OWN)
        sentence = _("이 항목은 지워졌어요. 다른 항목을 골라 주세요.") if gone else _("무엇을 볼지 골라 주세요.")
        problems[_at(place, "field")] = sentence
        return None
    if not isinstance(op, str) or op not in question.ops:
        problems[_at(place, "op")] = _("어떤 조건인지 골라 주세요.")
        return None
    try:
        value = question.read(catalog.ask(), op, data.get("value"))
    except BadValue as error:
        problems[_at(place, "value")] = str(error)
        return None
    if name == "segment" and (sentence := _wrong_segments(catalog, value)):
        problems[_at(place, "value")] = sentence
        return None
    return Condition(str(name), op, value)


def _wrong_segments(catalog: Catalog, ids: list[int]) -> str:
    """What is wrong with the segments that a condition names: they point back, or can't be read themselves."""
    for pk in ids:
        found = catalog.read_segment(pk)
        if found.rule is None:
            circle = found.problems.get("", "")
            said = _("조건그룹 ‘{name}’의 조건부터 고쳐 주세요.").format(name=catalog.segments[pk].name)
            return circle if pk == catalog.asked_by else said
    return ""


def _size(node: Node, catalog: Catalog) -> int:
    """Each segment that is named was read before this, and knows its own size: they may name each other many times."""
    named = [pk for one in conditions_of(node) if one.field == "segment" for pk in one.value]
    return len(list(conditions_of(node))) + sum(catalog.read_segment(pk).size for pk in named)


def _at(place: str, part: str) -> str:
    return f"{place}.{part}" if place else part


def users_of(tenant: Tenant, kind: str) -> dict[int, list[str]]:
    """Group (or tag) → names of the segments whose rule asks about it, in one query."""
    found: dict[int, list[str]] = {}
    for one in Segment.objects.filter(tenant=tenant).order_by("position", "id"):
        ids = {pk for name, value in named(one.rule) if name == kind for pk in (value or []) if isinstance(pk, int)}
        for pk in ids:
            found.setdefault(pk, []).append(one.name)
    return found


def with_other(rule: Any, field: str, others: Mapping[Any, Any]) -> Any:
    """A stored rule whose conditions on a field ask for other values: for each of `others`, what takes its place."""
    if isinstance(rule, list):
        return [with_other(part, field, others) for part in rule]
    if not isinstance(rule, dict):
        return rule
    if rule.get("field") != field:
        return {name: with_other(part, field, others) for name, part in rule.items()}
    value: Any = rule.get("value")
    if isinstance(value, list):
        return rule | {"value": list(dict.fromkeys(others.get(one, one) for one in value))}
    return rule | {"value": others.get(value, value)}


def broken_by(tenant: Tenant, pk: int, data: Any) -> list[Segment]:
    """Segments that name this one, through others too, and could not be asked any more with this rule of it."""
    before, after = Catalog(tenant), Catalog(tenant)
    after.segments[pk].rule = data
    others = [one for one in after.segments.values() if one.pk != pk]
    return [one for one in others if before.read_segment(one.pk).rule and not after.read_segment(one.pk).rule]


def using(tenant: Tenant, *, but: int = 0, **what: Any) -> list[Segment]:
    """Segments whose rule asks about one thing: `group=`, `tag=`, `segment=` (ids) or `field=` (a column's key)."""
    ((kind, value),) = what.items()
    field, value = (f"{catalogs.OWN}{value}", None) if kind == "field" else (kind, value)

    def asks(one: Segment) -> bool:
        return any(
            name == field and (value is None or value == picked or (isinstance(picked, list) and value in picked))
            for name, picked in named(one.rule)
        )

    return [
        one for one in Segment.objects.filter(tenant=tenant).exclude(pk=but).order_by("position", "id") if asks(one)
    ]
