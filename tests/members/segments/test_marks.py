"""Groups, tags and own words asked together: the same people, whichever way the database finds them."""

from itertools import product
from typing import Any

import pytest
from django.db import connection

from accounts.models import Tag, Tenant
from members import segments
from members.models import Field, Group, Member, Membership, MemberTag, Segment
from members.services import tags as tagging
from tests import factories
from tests.members.segments.naive import holds, world
from ui import times

pytestmark = pytest.mark.django_db
on_postgres = pytest.mark.postgres


def asks_marks(tenant: Tenant, rule: dict[str, Any]) -> bool:
    return "members_marks" in str(segments.rows(tenant, rule).query)


def found(tenant: Tenant, rule: dict[str, Any]) -> list[int]:
    return sorted(segments.rows(tenant, rule).values_list("pk", flat=True))


def expected(tenant: Tenant, rule: dict[str, Any]) -> list[int]:
    rows = Member.objects.filter(tenant=tenant, deleted_at=None).prefetch_related("memberships", "member_tags")
    return sorted(member.pk for member in rows if holds(rule, member, times.today()))


def asking(field: str, op: str, *value: Any) -> dict[str, Any]:
    return {"field": field, "op": op} | ({"value": list(value)} if value else {})


def test_every_mixture_agrees_with_the_naive_evaluator(tenant: Tenant, in_tenant: Tenant) -> None:
    there = world(tenant, seed=11)
    (first, second, third), (tag, other) = there["groups"], there["tags"]
    words = [
        asking("fields.반", "in", "가"),
        asking("fields.반", "in", "가", "나"),
        asking("fields.차량", "not_in", "예"),
    ]
    groups = [
        asking("group", "in", first), asking("group", "in", first, second), asking("group", "all", first, third),
        asking("group", "not_in", second), asking("group", "empty"),
    ]  # fmt: skip
    tags = [asking("tag", "in", tag), asking("tag", "all", tag, other), asking("tag", "not_in", other)]
    some = 0
    for word, group, tagged in product(words, groups, tags):
        parts = [word, group, tagged, asking("fields.차량", "in", "예"), {"not": asking("tag", "empty")}]
        for rule in ({"all": parts}, {"not": {"all": parts}}, {"any": [{"all": parts[:2]}, tagged]}):
            assert found(tenant, rule) == expected(tenant, rule), rule
            some += bool(expected(tenant, rule))
    assert some > 60


@on_postgres
def test_marks_are_asked_where_a_word_and_a_group_or_tag_find_people(tenant: Tenant, in_tenant: Tenant) -> None:
    there = world(tenant, seed=1, count=1)
    word, group = asking("fields.반", "in", "가"), asking("group", "in", there["groups"][0])

    assert asks_marks(tenant, {"all": [word, group]})
    assert asks_marks(tenant, {"all": [word, asking("tag", "all", *there["tags"])]})
    assert not asks_marks(tenant, {"all": [word, asking("group", "not_in", there["groups"][0])]})
    assert not asks_marks(tenant, {"all": [group, asking("tag", "in", there["tags"][0])]})
    assert not asks_marks(tenant, {"any": [word, group]})


def test_a_word_too_long_for_the_index_is_found_all_the_same(tenant: Tenant, in_tenant: Tenant) -> None:
    long = "가" * 61
    Field.objects.create(tenant=tenant, name="반", kind="choice", choices=[long, "가"])
    group = factories.make_group(tenant)
    member = factories.make_member(tenant, "김민준", "", group, fields={"반": long})
    factories.make_member(tenant, "이서연", "", group, fields={"반": "나"})

    rule = {"all": [asking("fields.반", "in", long, "가"), asking("group", "in", group.pk)]}

    assert found(tenant, rule) == [member.pk]


def test_a_neighbour_with_the_same_words_is_not_found(tenant: Tenant, neighbour: Tenant, everywhere: None) -> None:
    there, members = {}, {}
    for one in (tenant, neighbour):
        Field.objects.create(tenant=one, name="반", kind="choice", choices=["가"])
        tag = Tag.objects.create(tenant=one, name="단골")
        group = there[one] = factories.make_group(one, "월수")
        members[one] = factories.make_member(one, "김민준", "", group, fields={"반": "가"})
        MemberTag.objects.create(tenant=one, member=members[one], tag=tag)
    rule = {"all": [asking("fields.반", "in", "가"), asking("group", "in", there[tenant].pk)]}

    everybody = Member.objects.filter(segments.to_q(tenant, rule))  # the condition alone, no tenant beside it

    assert list(everybody) == [members[tenant]]
    assert segments.read(neighbour, rule).rule is None


def test_a_segment_follows_every_change_of_what_is_carried(tenant: Tenant, in_tenant: Tenant) -> None:
    there = world(tenant, seed=1, count=0)
    group, tag = Group.objects.get(pk=there["groups"][0]), there["tags"][0]
    member = factories.make_member(tenant, fields={"반": "가"})
    rule = {"all": [asking("fields.반", "in", "가"), asking("group", "in", group.pk), asking("tag", "not_in", tag)]}

    def inside() -> bool:
        return found(tenant, rule) == [member.pk]

    assert not inside()
    joined = Membership.objects.create(tenant=tenant, member=member, group=group)
    assert inside()
    carried = MemberTag.objects.create(tenant=tenant, member=member, tag_id=tag)
    assert not inside()
    MemberTag.objects.filter(pk=carried.pk).update(tag_id=there["tags"][1])
    assert inside()
    Member.objects.filter(pk=member.pk).update(fields={"반": "나"})
    assert not inside()
    Member.objects.filter(pk=member.pk).update(fields={"반": "가"})
    assert inside()
    joined.delete()
    assert not inside()


def test_merging_tags_moves_who_is_in_a_segment(tenant: Tenant, in_tenant: Tenant) -> None:
    there = world(tenant, seed=1, count=0)
    member = factories.make_member(tenant, fields={"반": "가"})
    tagging.tag_many(tenant=tenant, by=None, members=Member.objects.filter(pk=member.pk), add=["단골"])
    rule = {"all": [asking("fields.반", "in", "가"), asking("tag", "in", there["tags"][1])]}
    segment = Segment.objects.create(tenant=tenant, name="형제인 가반", rule=rule)
    assert found(tenant, rule) == []

    tagging.move(tenant, _tag(tenant, "단골"), _tag(tenant, "형제"))

    assert found(tenant, segment.rule) == [member.pk]


def _tag(tenant: Tenant, name: str) -> Tag:
    return Tag.objects.get(tenant=tenant, name=name)


@on_postgres
def test_marks_are_written_anew_after_rows_were_loaded_past_the_triggers(tenant: Tenant, in_tenant: Tenant) -> None:
    member = factories.make_member(tenant, "김민준", "", factories.make_group(tenant), fields={"반": "가"})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE members_marks SET groups = '{}', words = '{}'")

        cursor.execute("SELECT members_mark_all()")

        cursor.execute("SELECT member_id, cardinality(groups), words FROM members_marks")
        assert cursor.fetchall() == [(member.pk, 1, [f"{tenant.pk}:반\x1f가"])]
