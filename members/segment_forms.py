"""The builder of a segment: a form of rows that read as sentences, to and from a rule.

Every row is a node with an id of its own. Posted are `node` (ids in the order of the page), and for each id `kind`
(all, any or cond), `in` (the id of the group it stands in), `not`, and for conditions `field`, `op` and `value`. What
is half filled in stays as it was typed; problems are shown at their row.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from members import segments
from members.segments import Takes

ROOT = "0"
NODES_MOST = 60
GROUP_LEVELS = 3
PAIRS = (Takes.NUMBERS, Takes.DAY_PAIR)
SEVERAL = (Takes.PICKS, Takes.MONTHS)


@dataclass
class Node:
    """A condition, or a group of nodes. `place` is where it stands in the rule that `to_rule` makes."""

    id: str
    kind: str = "cond"
    negated: bool = False
    parts: list["Node"] = field(default_factory=list)
    asked: str = ""
    op: str = ""
    values: list[str] = field(default_factory=list)
    place: str = ""
    problem: str = ""
    level: int = 1
    # For the page: what can be asked, and what of it is chosen.
    ops: list[tuple[str, Any]] = field(default_factory=list)
    takes: str = ""
    options: list[tuple[str, str, bool]] = field(default_factory=list)
    unit: str = ""

    @property
    def is_group(self) -> bool:
        return self.kind != "cond"

    @property
    def first(self) -> str:
        return self.values[0] if self.values else ""

    @property
    def second(self) -> str:
        return self.values[1] if len(self.values) > 1 else ""

    @property
    def may_nest(self) -> bool:
        return self.is_group and self.level < GROUP_LEVELS

    def walk(self) -> Iterator["Node"]:
        yield self
        for part in self.parts:
            yield from part.walk()


def from_post(posted: QueryDict) -> Node:
    """The nodes as they stand in the page. What does not fit together leaves an open row: it is not saved then, for
    a condition lost or in another group would mean other people."""
    root = Node(ROOT, "any" if posted.get(f"{ROOT}.kind") == "any" else "all")
    known = {ROOT: root}
    ids = list(dict.fromkeys(posted.getlist("node")))
    is_odd = len(ids) > NODES_MOST
    for pk in ids[:NODES_MOST]:
        if not (pk.isascii() and pk.isdigit() and len(pk) < 6) or pk in known:
            is_odd = True
            continue
        above = posted.get(f"{pk}.in", ROOT)
        is_odd = is_odd or above not in known or not known[above].is_group
        parent = known[above] if above in known and known[above].is_group else root
        kind = posted.get(f"{pk}.kind", "cond")
        node = Node(
            pk, kind if kind in ("all", "any") else "cond", bool(posted.get(f"{pk}.not")), level=parent.level + 1
        )
        if not node.is_group:
            node.asked, node.op = posted.get(f"{pk}.field", "")[:60], posted.get(f"{pk}.op", "")[:30]
            node.values = [value[:200] for value in posted.getlist(f"{pk}.value")[:100]]
        known[pk] = node
        parent.parts.append(node)
    if is_odd:
        root.parts.append(Node(str(max(int(pk) for pk in known) + 1), level=root.level + 1))
    return root


def from_rule(rule: Any) -> Node:
    """A stored rule as nodes; a rule that is one condition stands in a group of its own."""
    ids = iter(range(1, 10_000))
    rule = _turned(rule)
    whole = rule if isinstance(rule, dict) and ("all" in rule or "any" in rule) else {"all": [rule] if rule else []}
    root = _node(whole, ids, 1)
    root.id = ROOT
    return root


def _turned(rule: Any) -> Any:
    """Not all of them is any that is not: a whole that is turned around needs no group around it, which might be one
    level too many."""
    while isinstance(rule, dict) and isinstance(inner := rule.get("not"), dict):
        if "not" in inner:
            rule = inner["not"]
            continue
        way, other = next((pair for pair in (("all", "any"), ("any", "all")) if pair[0] in inner), ("", ""))
        if not way or not isinstance(inner[way], list):
            break
        rule = {other: [{"not": part} for part in inner[way]]}
    return rule


def _node(data: Any, ids: Iterator[int], level: int) -> Node:
    negated = False
    while isinstance(data, dict) and "not" in data:
        data, negated = data["not"], not negated
    data = data if isinstance(data, dict) else {}
    way = next((way for way in ("all", "any") if way in data), "")
    if way:
        node = Node(str(next(ids)), way, negated, level=level)
        node.parts = [_node(part, ids, level + 1) for part in data[way] if isinstance(part, dict)]
        return node
    value = data.get("value")
    values = value if isinstance(value, list) else [] if value is None else [value]
    name, op = str(data.get("field", "")), str(data.get("op", ""))
    return Node(str(next(ids)), "cond", negated, [], name, op, [str(v) for v in values], level=level)


def to_rule(root: Node, catalog: segments.Catalog) -> dict[str, Any]:
    """The rule that the nodes say; each node learns its place in it."""
    return _rule(root, "", catalog)


def _rule(node: Node, place: str, catalog: segments.Catalog) -> dict[str, Any]:
    if node.negated:
        place = f"{place}.not" if place else "not"
    node.place = place
    if node.is_group:
        inner = f"{place}.{node.kind}" if place else node.kind
        parts = [_rule(part, f"{inner}.{n}", catalog) for n, part in enumerate(node.parts)]
        found: dict[str, Any] = {node.kind: parts}
    else:
        found = {"field": node.asked, "op": node.op, "value": _value(node, catalog)}
    return {"not": found} if node.negated else found


def _value(node: Node, catalog: segments.Catalog) -> Any:
    question = catalog.questions.get(node.asked)
    takes = question.ops[node.op].takes if question and node.op in question.ops else Takes.NOTHING
    if takes is Takes.NOTHING:
        return None
    if takes in PAIRS:
        return node.values[:2]
    return node.values if takes in SEVERAL else node.first


def finished(root: Node, problems: dict[str, str]) -> Node | None:
    """The nodes without those that are not filled in yet; None where nothing is left to be asked."""
    if not root.is_group:
        return None if any(place.startswith(f"{root.place}.") for place in problems) else root
    parts = [part for node in root.parts if (part := finished(node, problems))]
    return Node(root.id, root.kind, root.negated, parts, level=root.level) if parts else None


def change(root: Node, deed: str) -> None:
    """One press: `add:ID` a condition to a group, `group:ID` a group, `remove:ID` a node."""
    name, _colon, pk = deed.partition(":")
    found = next((node for node in root.walk() if node.id == pk), None)
    if found is None:
        return
    fresh = str(max(int(node.id) for node in root.walk()) + 1)
    if name == "remove":
        for node in root.walk():
            node.parts = [part for part in node.parts if part is not found]
    elif found.is_group and name == "add":
        found.parts.append(Node(fresh, level=found.level + 1))
    elif name == "group" and found.may_nest:
        other = "any" if found.kind == "all" else "all"
        inside = [Node(str(int(fresh) + 1), level=found.level + 2)]
        found.parts.append(Node(fresh, other, parts=inside, level=found.level + 1))


def dress(root: Node, catalog: segments.Catalog, problems: dict[str, str] | None = None) -> None:
    """What the page needs to draw each row; a row whose thing changed begins with its first operator."""
    ask = catalog.ask()
    for node in root.walk():
        mine = {place: said for place, said in (problems or {}).items() if _is_at(node, place)}
        node.problem = next(iter(mine.values()), "")
        question = catalog.questions.get(node.asked)
        if node.is_group or question is None:
            continue
        node.ops = [(name, op.label) for name, op in question.ops.items()]
        if node.op not in question.ops:
            node.op = node.ops[0][0]
        takes = question.ops[node.op].takes
        node.takes, node.unit = takes.value, str(question.unit)
        if takes is Takes.PICKS:
            node.options = [(str(v), label, str(v) in node.values) for v, label in question.options(ask)]
        elif takes is Takes.MONTHS:
            node.options = [(str(m), str(m), str(m) in node.values) for m in range(1, 13)]


def _is_at(node: Node, place: str) -> bool:
    if node.is_group:
        return place == (f"{node.place}.{node.kind}" if node.place else node.kind)
    return place == node.place or place in {f"{node.place}.{part}" for part in ("field", "op", "value")}
