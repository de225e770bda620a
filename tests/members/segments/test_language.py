"""Every operator of every question against a naive evaluator, on whichever database the suite runs."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Tenant
from members import segments
from members.models import Field, Member, Segment
from members.segments import Takes
from tests import factories
from tests.members.segments.naive import OWN, holds, world
from ui import times

pytestmark = pytest.mark.django_db
TEXTS = ["민준", "김", "미납 상", "kim", "50%", "_", "a_b", "[대괄호]", "간판", "naver", "ABC"]


@pytest.fixture
def catalog(tenant: Tenant, in_tenant: Tenant) -> segments.Catalog:
    _everybody.clear()
    world(tenant, seed=4)
    return segments.Catalog(tenant)


def _value(question: segments.Question, ask: segments.Ask, takes: Takes) -> st.SearchStrategy[Any]:
    day = st.integers(-40, 40).map(lambda n: (ask.today + timedelta(n)).isoformat())
    number = st.sampled_from([-3, 0, 3, 10, 25, 40, 99.5, 120, 50_000])
    age = st.integers(0, 60)
    is_age = "살" in str(question.unit)
    if takes is Takes.PICKS:
        options = [value for value, _label in question.options(ask)]
        return st.lists(st.sampled_from(options), min_size=1, max_size=3, unique=True)
    return {
        Takes.NOTHING: st.none(),
        Takes.DAYS: st.integers(0, 45),
        Takes.NUMBER: age if is_age else number,
        Takes.NUMBERS: st.tuples(*[age if is_age else number] * 2).map(lambda pair: sorted(pair)),
        Takes.DAY: day,
        Takes.DAY_PAIR: st.tuples(day, day).map(lambda pair: sorted(pair)),
        Takes.TEXT: st.sampled_from(TEXTS),
        Takes.MONTHS: st.lists(st.integers(1, 12), min_size=1, max_size=4, unique=True),
    }[takes]


def _conditions(catalog: segments.Catalog) -> st.SearchStrategy[dict[str, Any]]:
    ask = catalog.ask()
    pairs = [
        (name, op)
        for name, question in catalog.questions.items()
        for op in question.ops
        if name != "segment" and name not in ("texted", "last_text")
    ]

    def of(pair: tuple[str, str]) -> st.SearchStrategy[dict[str, Any]]:
        name, op = pair
        value = _value(catalog.questions[name], ask, catalog.questions[name].ops[op].takes)
        return value.map(lambda v: {"field": name, "op": op} | ({} if v is None else {"value": v}))

    return st.sampled_from(pairs).flatmap(of)


def _rules(leaf: st.SearchStrategy[Any], level: int = 1) -> st.SearchStrategy[Any]:
    part = leaf if level == 3 else st.one_of(leaf, leaf, _rules(leaf, level + 1))
    part = st.one_of(part, part, part.map(lambda one: {"not": one}))
    parts = st.lists(part, min_size=1, max_size=3)
    return st.one_of(parts.map(lambda p: {"all": p}), parts.map(lambda p: {"any": p}))


_everybody: dict[int, list[Member]] = {}


def _expected(tenant: Tenant, rule: dict[str, Any]) -> list[str]:
    if tenant.pk not in _everybody:  # read once a test: they stay as they are
        rows = Member.objects.filter(tenant=tenant, deleted_at=None)
        _everybody[tenant.pk] = list(rows.prefetch_related("memberships", "member_tags"))
    return sorted(f"{m.pk}" for m in _everybody[tenant.pk] if holds(rule, m, times.today()))


def _found(tenant: Tenant, rule: dict[str, Any]) -> list[str]:
    return sorted(str(pk) for pk in segments.rows(tenant, rule).values_list("pk", flat=True))


def test_every_operator_agrees_with_the_naive_evaluator(tenant: Tenant, catalog: segments.Catalog) -> None:
    ask, seen = catalog.ask(), 0
    for name, question in catalog.questions.items():
        if name in ("segment", "texted", "last_text"):
            continue
        for op, operator in question.ops.items():
            for n in range(2):
                value = _example(question, ask, operator.takes, n)
                one = {"field": name, "op": op} | ({} if value is None else {"value": value})
                for rule in ({"all": [one]}, {"all": [{"not": one}]}):
                    assert _found(tenant, rule) == _expected(tenant, rule), rule
                    assert n or segments.words(segments.parse(tenant, rule)).endswith("사람")
                    seen += 1
    assert seen > 200


def _example(question: segments.Question, ask: segments.Ask, takes: Takes, n: int) -> Any:
    days = [(ask.today + timedelta(d)).isoformat() for d in (-20, -1, 0, 9)]
    options = [value for value, _label in question.options(ask)]
    age = "살" in str(question.unit)
    return {
        Takes.NOTHING: None,
        Takes.DAYS: (0, 7, 30, 45)[n],
        Takes.NUMBER: (5, 12, 30, 50)[n] if age else (0, 3, 99.5, 120)[n],
        Takes.NUMBERS: [(5, 20), (0, 9), (30, 50), (12, 12)][n]
        if age
        else [(0, 3), (3, 10), (-3, 99.5), (120, 200)][n],
        Takes.DAY: days[n],
        Takes.DAY_PAIR: [days[min(n, 1)], days[max(n, 2)]],
        Takes.TEXT: TEXTS[n * 2],
        Takes.PICKS: options[: n % 2 + 1] or None,
        Takes.MONTHS: [n * 3 + 1, (ask.today.month + n) % 12 + 1],
    }[takes]


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_random_rules_agree_with_the_naive_evaluator(
    tenant: Tenant, catalog: segments.Catalog, data: st.DataObject
) -> None:
    rule = data.draw(_rules(_conditions(catalog)))

    assert _found(tenant, rule) == _expected(tenant, rule)
    assert segments.parse(tenant, segments.parse(tenant, rule).to_json()).to_json()


def test_a_segment_may_name_others(tenant: Tenant, catalog: segments.Catalog) -> None:
    inner = {"any": [{"field": "ad_consent", "op": "yes"}, {"field": "stage", "op": "in", "value": ["left"]}]}
    other = Segment.objects.create(tenant=tenant, name="안", rule=inner)
    owes = {"field": "unpaid", "op": "yes"}

    both = {"all": [owes, {"field": "segment", "op": "in", "value": [other.pk]}]}
    without = {"all": [owes, {"field": "segment", "op": "not_in", "value": [other.pk]}]}

    assert _found(tenant, both) == _expected(tenant, {"all": [owes, inner]})
    assert _found(tenant, without) == _expected(tenant, {"all": [owes, {"not": inner}]})


def test_relative_days_are_asked_anew(tenant: Tenant, in_tenant: Tenant) -> None:
    from tests.factories import make_member

    make_member(tenant, expires_on=times.today() + timedelta(9))
    rule = segments.parse(tenant, {"all": [{"field": "expires_on", "op": "within_next", "value": 7}]})

    assert segments.rows(tenant, rule).count() == 0
    assert segments.rows(tenant, rule, times.today() + timedelta(2)).count() == 1


def test_the_sentence(tenant: Tenant, catalog: segments.Catalog) -> None:
    rule = {
        "all": [
            {"field": "stage", "op": "in", "value": ["active"]},
            {"field": "expires_on", "op": "within_next", "value": 7},
            {"field": "ad_consent", "op": "yes"},
        ]
    }
    said = segments.words(segments.parse(tenant, rule))

    assert said == "등록 회원 가운데 만료일이 앞으로 7일 안에 있고 광고 문자에 동의한 사람"


def test_brackets_in_peoples_own_words_are_no_endings(tenant: Tenant, catalog: segments.Catalog) -> None:
    rule = {
        "any": [
            {"field": "fields.비고", "op": "contains", "value": "[가/나]"},
            {"not": {"field": "phone", "op": "has"}},
        ]
    }

    said = segments.words(segments.parse(tenant, rule))

    assert said == "(비고에 ‘[가/나]’ 글자가 있는 사람 또는 번호가 있는 사람이 아닌 사람 가운데 하나)인 사람"
    assert "비고" in OWN


@pytest.mark.parametrize("typed", ["CAFÉ", "cafÉ", "CAFE\u0301"])
@pytest.mark.parametrize("op", ["contains", "is"])
@pytest.mark.parametrize("field", ["memo", "source", "fields.비고"])
def test_text_is_compared_as_the_databases_make_it_small(
    tenant: Tenant, in_tenant: Tenant, typed: str, op: str, field: str
) -> None:
    Field.objects.create(tenant=tenant, name="비고")
    member = factories.make_member(tenant, memo="CAFÉ", source="CAFÉ", fields={"비고": "CAFÉ"})

    rule = {"all": [{"field": field, "op": op, "value": typed}]}

    assert list(segments.rows(tenant, rule)) == [member]
