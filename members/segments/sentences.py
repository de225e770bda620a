"""A rule as a Korean sentence: 등록 회원 가운데 만료일이 앞으로 7일 안에 있고 광고 문자에 동의한 사람."""

import re

from django.utils.translation import gettext as _

from members.enums import Stage
from members.segments.questions import Ask
from members.segments.reading import Condition, Many, Node, Not, Rule

_ENDINGS = re.compile(r"\[([^\[\]/]*)/([^\[\]/]*)\]")
BEFORE_NOUN, BEFORE_MORE = 1, 2
_BACK = str.maketrans("\ue000\ue001", "[]")  # see `Question.phrase`


def words(rule: Rule) -> str:
    """Who is meant, as a noun phrase that ends in 사람."""
    ask, root = rule.catalog.ask(), rule.root
    first = ""
    if isinstance(root, Many) and root.way == "all" and len(root.parts) > 1:
        stage = next((part for part in root.parts if _is_stage(part)), None)
        if stage is not None:
            labels = dict(Stage.choices)
            names = str(_("·")).join(str(labels[value]) for value in stage.value)  # type: ignore[union-attr]
            first = _("{stage} 회원 가운데 ").format(stage=names)
            root = Many("all", tuple(part for part in root.parts if part is not stage))
    who = _("{who} 사람").format(who=_said(root, ask, BEFORE_NOUN))
    return (first + who).translate(_BACK)


def phrase(rule: Rule, condition: Condition) -> str:
    """One condition, as it would stand before a noun."""
    return _said(condition, rule.catalog.ask(), BEFORE_NOUN).translate(_BACK)


def _is_stage(part: Node) -> bool:
    return isinstance(part, Condition) and part.field == "stage" and part.op == "in"


def _said(node: Node, ask: Ask, form: int) -> str:
    if isinstance(node, Condition):
        question = ask.catalog.questions[node.field]
        return _ending(question.phrase(ask, node.op, node.value), form)
    if isinstance(node, Not):
        inner = _said(node.part, ask, BEFORE_NOUN)
        return _ending(_("{who} 사람이 [아닌/아니고]").replace("{who}", inner), form)
    if len(node.parts) == 1:
        return _said(node.parts[0], ask, form)
    if node.way == "all":
        *firsts, last = node.parts
        return " ".join([*(_said(part, ask, BEFORE_MORE) for part in firsts), _said(last, ask, form)])
    either = str(_(" 사람 또는 ")).join(_said(part, ask, BEFORE_NOUN) for part in node.parts)
    return _ending(_("({who} 사람 가운데 하나)[인/이고]").replace("{who}", either), form)


def _ending(text: str, form: int) -> str:
    return _ENDINGS.sub(lambda found: found[form], text)
