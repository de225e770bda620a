"""A rule is whole or refused: with a sentence at the place that is wrong, and never meaning everybody."""

from typing import Any

import pytest

from accounts.models import Tenant
from members import segments
from members.enums import FieldKind
from members.exceptions import InvalidRule
from members.models import Field, Group, Segment
from members.selectors.segments import said
from members.services import groups
from members.services import segments as services
from tests import factories

pytestmark = pytest.mark.django_db
OWES = {"field": "unpaid", "op": "yes"}


def nested(levels: int) -> dict[str, Any]:
    rule: dict[str, Any] = {"all": [OWES]}
    for _n in range(levels - 1):
        rule = {"any": [rule]}
    return rule


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({}, ""),
        (None, ""),
        ([], ""),
        ("all", ""),
        ({"all": []}, "all"),
        ({"all": "x"}, "all"),
        ({"all": [OWES], "any": [OWES]}, ""),
        ({"some": [OWES]}, ""),
        ({"not": {}}, "not"),
        ({"all": [OWES, {"any": []}]}, "all.1.any"),
        ({"all": [{"field": "shoe_size", "op": "is"}]}, "all.0.field"),
        ({"all": [{"field": ["unpaid"], "op": "yes"}]}, "all.0.field"),
        ({"all": [{"field": "unpaid", "op": "maybe"}]}, "all.0.op"),
        ({"all": [{"field": "unpaid"}]}, "all.0.op"),
        ({"all": [{"field": "expires_on", "op": "within_next", "value": -1}]}, "all.0.value"),
        ({"all": [{"field": "expires_on", "op": "within_next", "value": 99_999}]}, "all.0.value"),
        ({"all": [{"field": "expires_on", "op": "within_next", "value": True}]}, "all.0.value"),
        ({"all": [{"field": "expires_on", "op": "on", "value": "2026-02-30"}]}, "all.0.value"),
        ({"all": [{"field": "expires_on", "op": "between", "value": ["2026-02-03", "2026-02-01"]}]}, "all.0.value"),
        ({"all": [{"field": "unpaid_won", "op": "between", "value": [5]}]}, "all.0.value"),
        ({"all": [{"field": "unpaid_won", "op": "min", "value": "nan"}]}, "all.0.value"),
        ({"all": [{"field": "unpaid_won", "op": "min", "value": 10**30}]}, "all.0.value"),
        ({"all": [{"field": "age", "op": "min", "value": 400}]}, "all.0.value"),
        ({"all": [{"field": "birthday", "op": "month", "value": [13]}]}, "all.0.value"),
        ({"all": [{"field": "stage", "op": "in", "value": ["boss"]}]}, "all.0.value"),
        ({"all": [{"field": "stage", "op": "in", "value": []}]}, "all.0.value"),
        ({"all": [{"field": "memo", "op": "contains", "value": " "}]}, "all.0.value"),
        ({"all": [{"field": "memo", "op": "contains", "value": {"a": 1}}]}, "all.0.value"),
        ({"all": [{"field": "group", "op": "in", "value": [2**70]}]}, "all.0.value"),
        ({"all": [{"field": "fields.없는 것", "op": "is", "value": "x"}]}, "all.0.field"),
        ({"all": [OWES] * 21}, "all"),
        (nested(4), "any.0.any.0.any.0.all"),
    ],
)
def test_bad_rules_are_refused_at_their_place(tenant: Tenant, in_tenant: Tenant, rule: Any, place: str) -> None:
    factories.make_member(tenant)

    found = segments.read(tenant, rule)

    assert found.rule is None
    assert list(found.problems) == [place] and found.problems[place].endswith(("요.", "요?"))
    with pytest.raises(InvalidRule) as refused:
        segments.rows(tenant, rule)
    assert list(refused.value.fields) == [f"rule.{place}" if place else "rule"]


def test_what_was_deleted_breaks_the_rule_and_is_named(tenant: Tenant, in_tenant: Tenant) -> None:
    group = factories.make_group(tenant)
    Field.objects.create(tenant=tenant, name="반", kind=FieldKind.TEXT)
    in_group = {"all": [{"field": "group", "op": "not_in", "value": [group.pk]}]}
    in_class = {"all": [{"not": {"field": "fields.반", "op": "is", "value": "가"}}]}
    one = Segment.objects.create(tenant=tenant, name="그룹 밖", rule=in_group)
    two = Segment.objects.create(tenant=tenant, name="반 밖", rule=in_class)

    assert segments.using(tenant, group=group.pk) == [one]
    assert segments.using(tenant, group=group.pk + 1) == []
    assert segments.using(tenant, field="반") == [two]

    groups.delete(tenant=tenant, by=None, group=group)
    Field.objects.all().delete()
    assert list(segments.read(tenant, in_group).problems) == ["all.0.value"]
    assert list(segments.read(tenant, in_class).problems) == ["all.0.not.field"]


def test_a_neighbours_group_is_no_group(tenant: Tenant, neighbour: Tenant, everywhere: None) -> None:
    theirs = factories.make_group(neighbour)
    factories.make_member(neighbour, "이웃", "", theirs)

    found = segments.read(tenant, {"all": [{"field": "group", "op": "in", "value": [theirs.pk]}]})

    assert found.rule is None
    assert Group.objects.count() == 1


def test_a_segment_can_not_name_itself_nor_a_circle(tenant: Tenant, in_tenant: Tenant) -> None:
    one = Segment.objects.create(tenant=tenant, name="하나", rule={"all": [OWES]})
    two = Segment.objects.create(tenant=tenant, name="둘", rule={"all": [_in(one)]})
    three = Segment.objects.create(tenant=tenant, name="셋", rule={"all": [_in(two)]})

    assert segments.read(tenant, {"all": [_in(three)]}).rule
    assert list(segments.read(tenant, {"all": [_in(one)]}, own=one.pk).problems) == ["all.0.value"]
    assert list(segments.read(tenant, {"all": [_in(three)]}, own=one.pk).problems) == ["all.0.value"]

    # Even if a circle were stored, it holds nobody and ends.
    Segment.objects.filter(pk=one.pk).update(rule={"all": [_in(three)]})
    assert segments.read(tenant, {"all": [_in(two)]}).rule is None


def _in(segment: Segment) -> dict[str, Any]:
    return {"field": "segment", "op": "in", "value": [segment.pk]}


def test_segments_that_name_each_other_many_times_end_at_sixty_conditions(tenant: Tenant, in_tenant: Tenant) -> None:
    below = Segment.objects.create(tenant=tenant, name="0", rule={"all": [OWES] * 20})
    for n in range(1, 8):
        below = Segment.objects.create(tenant=tenant, name=str(n), rule={"all": [_in(below)] * 20})

    catalog = segments.Catalog(tenant)
    read = {one.name: catalog.read_segment(one.pk) for one in catalog.segments.values()}

    assert [name for name, found in read.items() if found.rule] == ["0"]
    assert "60개" in read["1"].problems[""]
    assert segments.read(tenant, {"all": [_in(below)]}).rule is None


def test_a_segment_may_not_grow_beyond_what_others_bear(tenant: Tenant, in_tenant: Tenant) -> None:
    small = Segment.objects.create(tenant=tenant, name="작은", rule={"all": [OWES]})
    middle = Segment.objects.create(tenant=tenant, name="가운데", rule={"all": [_in(small)] * 2})
    Segment.objects.create(tenant=tenant, name="큰", rule={"all": [_in(middle)] * 2})

    with pytest.raises(InvalidRule) as refused:
        services.update(tenant=tenant, by=None, segment=small, rule={"all": [OWES] * 15})
    services.update(tenant=tenant, by=None, segment=small, rule={"all": [OWES] * 13})

    assert "‘큰’" in refused.value.fields["rule"][0]


def test_a_list_says_of_each_what_it_asks_whoever_names_it(tenant: Tenant, in_tenant: Tenant) -> None:
    above = Segment.objects.create(tenant=tenant, name="위", rule={"all": [OWES]})
    below = Segment.objects.create(tenant=tenant, name="아래", rule={"all": [_in(above)]})
    catalog = segments.Catalog(tenant)

    told = [said(tenant, row, catalog) for row in (above, below, above)]

    assert told == [said(tenant, row) for row in (above, below, above)]
    assert "고쳐" not in told[1] and "위" in told[1]
