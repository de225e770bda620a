"""The tenant's one set of tags, and what members do with it."""

from typing import Any

import pytest
from django.test import Client

from accounts.exceptions import InvalidTag, TagNameTaken, TagNotFound
from accounts.models import Staff, Tag, Tenant
from accounts.services import tags
from members.models import Member, MemberTag
from members.selectors import in_use, roster
from members.selectors.tags import counted_tags, member_tags, tag_counts
from members.services import segments
from members.services.tags import set_tags, tag_many
from messaging.models import Dispatch
from tests import factories

pytestmark = pytest.mark.usefixtures("in_tenant")


def names(tenant: Tenant, member: Member) -> list[str]:
    return [tag.name for tag in member_tags(tenant, member)]


def test_create_rename_and_refuse(tenant: Tenant, owner: Staff) -> None:
    who = {"tenant": tenant, "by": owner.user}
    regular = tags.create(**who, name=" #단골  손님 ", tone="green")
    assert (regular.name, regular.tone) == ("단골 손님", "green")
    with pytest.raises(TagNameTaken):
        tags.create(**who, name="단골 손님")
    for wrong in ("", "#", "가" * 21):
        with pytest.raises(InvalidTag):
            tags.create(**who, name=wrong)
    with pytest.raises(InvalidTag):
        tags.update(**who, tag=regular, tone="pink")
    tags.create(**who, name="형제")
    with pytest.raises(TagNameTaken):
        tags.update(**who, tag=regular, name="형제")
    assert tags.update(**who, tag=regular, name="단골").name == "단골"


def test_tag_many_gives_and_takes_by_name(tenant: Tenant, owner: Staff) -> None:
    one, two, gone = (factories.make_member(tenant) for _ in range(3))
    Member.objects.filter(pk=gone.pk).update(deleted_at=factories.now())
    who = {"tenant": tenant, "by": owner.user, "members": Member.objects.all()}

    assert tag_many(**who, add=["셔틀", "형제"]) == (4, 0)
    assert tag_many(**who, add=["셔틀"], remove=["형제", "모르는 태그"]) == (0, 2)
    assert names(tenant, one) == names(tenant, two) == ["셔틀"]
    assert names(tenant, gone) == []
    assert tag_many(tenant=tenant, by=owner.user, members=Member.objects.none(), add=["셔틀"]) == (0, 0)
    assert [m.pk for m in roster(tenant, tag=Tag.objects.get(name="셔틀")).page().rows] == [two.pk, one.pk]


def test_set_tags_is_exactly_these(tenant: Tenant, owner: Staff) -> None:
    member = factories.make_member(tenant)
    who = {"tenant": tenant, "by": owner.user, "member": member}
    assert set_tags(**who, names=["나", "가"])
    assert not set_tags(**who, names=["가", "나"])
    assert set_tags(**who, names=["다"])
    assert names(tenant, member) == ["다"]


def test_merge_moves_everybody_and_twice_is_refused(tenant: Tenant, owner: Staff) -> None:
    both, first = factories.make_member(tenant), factories.make_member(tenant)
    who = {"tenant": tenant, "by": owner.user}
    set_tags(**who, member=both, names=["단골", "VIP"])
    set_tags(**who, member=first, names=["VIP"])
    kept, gone = Tag.objects.get(name="단골"), Tag.objects.get(name="VIP")

    tags.merge(**who, gone=gone, kept=kept)
    assert names(tenant, both) == names(tenant, first) == ["단골"]
    assert [(t.name, t.member_count) for t in counted_tags(tenant)] == [("단골", 2)]  # type: ignore[attr-defined]
    with pytest.raises(TagNotFound):
        tags.merge(**who, gone=gone, kept=kept)
    with pytest.raises(InvalidTag):
        tags.merge(**who, gone=kept, kept=kept)


def test_merge_moves_what_segments_and_schedules_ask(tenant: Tenant, owner: Staff) -> None:
    who = {"tenant": tenant, "by": owner.user}
    kept, gone, other, spare = (tags.create(**who, name=name) for name in ("단골", "VIP", "형제", "셔틀"))

    def rule(one: list[int], two: list[int]) -> dict[str, Any]:
        inner = {"any": [{"field": "tag", "op": "not_in", "value": two}]}
        return {"all": [{"not": {"field": "tag", "op": "in", "value": one}}, inner]}

    segment = segments.create(**who, name="가끔", rule=rule([gone.pk, kept.pk], [other.pk, gone.pk]))
    audience = {"all": True, "except": {"tags": [gone.pk], "unpaid": True}}
    texts = [
        Dispatch.objects.create(tenant=tenant, text="안내", sender="021234567", state=state, audience=audience, total=n)
        for state, n in (("scheduled", None), ("held", None), ("finished", 3))
    ]
    assert in_use.tags(tenant)[gone.pk] == ["조건그룹 ‘가끔’", "예약한 문자 ‘안내’"]
    assert tags.in_use(tenant, [gone.pk, spare.pk]) == {gone.pk}

    tags.merge(**who, gone=gone, kept=kept)

    segment.refresh_from_db()
    assert segment.rule == rule([kept.pk], [other.pk, kept.pk])
    for text in texts:
        text.refresh_from_db()
    assert [text.audience["except"]["tags"] for text in texts] == [[kept.pk], [kept.pk], [gone.pk]]


def test_the_pages_say_what_asks_about_a_tag(as_owner: Client, tenant: Tenant, owner: Staff) -> None:
    who = {"tenant": tenant, "by": owner.user}
    tag, _other = tags.create(**who, name="단골"), tags.create(**who, name="VIP")
    segments.create(**who, name="가끔", rule={"all": [{"field": "tag", "op": "in", "value": [tag.pk]}]})
    url = f"/t/{tenant.slug}/members/tags/"

    assert "조건그룹 ‘가끔’에서 쓰고 있어요" in as_owner.get(url).content.decode()
    assert "조건그룹 ‘가끔’에서도" in as_owner.get(f"{url}{tag.pk}/").content.decode()


def test_delete_takes_it_off_and_twice_is_once(tenant: Tenant, owner: Staff) -> None:
    member = factories.make_member(tenant)
    set_tags(tenant=tenant, by=owner.user, member=member, names=["단골"])
    tag = Tag.objects.get()
    tags.delete(tenant=tenant, by=owner.user, tag=tag)
    tags.delete(tenant=tenant, by=owner.user, tag=tag)
    assert not Tag.objects.exists()
    assert not MemberTag.objects.exists()


def test_the_neighbour_changes_nothing(tenant: Tenant, owner: Staff, neighbour: Tenant, neighbour_owner: Staff) -> None:
    tag, other = (tags.create(tenant=tenant, by=owner.user, name=name) for name in ("단골", "형제"))
    them = {"tenant": neighbour, "by": neighbour_owner.user}
    with pytest.raises(TagNotFound):
        tags.update(**them, tag=tag, name="훔침")
    with pytest.raises(TagNotFound):
        tags.merge(**them, gone=tag, kept=other)
    tags.delete(**them, tag=tag)
    assert tag_many(**them, members=Member.objects.all(), remove=["단골"]) == (0, 0)
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["단골", "형제"]


def test_api_of_tags(api: Client, tenant: Tenant) -> None:
    made = api.post("/api/v1/tags", {"name": "단골", "tone": "red"}, content_type="application/json")
    assert made.status_code == 201
    pk = made.json()["id"]
    assert api.post("/api/v1/tags", {"name": "단골"}, content_type="application/json").status_code == 422
    member = api.post(
        "/api/v1/members", {"name": "김", "phone": "01011112222", "tags": ["단골", "셔틀"]},
        content_type="application/json",
    ).json()  # fmt: skip
    assert member["tags"] == ["단골", "셔틀"]
    shown = api.get("/api/v1/tags").json()["results"]
    assert [(t["name"], t["member_count"]) for t in shown] == [("단골", 1), ("셔틀", 1)]
    assert [m["id"] for m in api.get("/api/v1/members?tag=단골").json()["results"]] == [member["id"]]
    assert api.get("/api/v1/members?tag=없음").status_code == 404
    assert api.patch(f"/api/v1/tags/{pk}", {"name": "오랜 단골"}, content_type="application/json").status_code == 200
    path = f"/api/v1/members/{member['id']}"
    assert api.patch(path, {"tags": ["셔틀"]}, content_type="application/json").json()["tags"] == ["셔틀"]
    assert api.delete(f"/api/v1/tags/{pk}").status_code == 204
    assert tag_counts(tenant) == {Tag.objects.get(name="셔틀").pk: 1}
