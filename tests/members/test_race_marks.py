"""Deeds on many and deeds on one, of the same people at the same moment: all are done, none in a ring with another.

Each writes what PostgreSQL keeps of groups, tags and own words (decision 0018); `conftest` compares it afterwards.
"""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Tag, Tenant
from accounts.services import tags as tenant_tags
from members.models import Field, Group, Import, Member, Membership, MemberTag
from members.services import bulk_edits, fields, groups, import_parts, members, tags
from members.services.import_revert import revert
from members.services.import_run import apply_import
from members.services.imports import apply_import as ask_to_apply
from members.services.imports import revert_import
from tests import factories
from tests.members.test_imports import previewed
from tests.members.test_races import at_once

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize("_round", range(3)),
]
COUNT = 60
Roster = dict[str, Any]


@pytest.fixture
def there(in_tenant: Tenant) -> Roster:
    made = [factories.make_group(in_tenant, name) for name in ("월수", "화목")]
    for name in ("단골", "형제"):
        Tag.objects.create(tenant=in_tenant, name=name)
    Field.objects.create(tenant=in_tenant, name="반", kind="choice", choices=["가", "나"])
    people = [
        factories.make_member(in_tenant, f"김민준{n}", f"0101234{n:04d}", fields={"반": "가"}) for n in range(COUNT)
    ]
    return {"tenant": in_tenant, "groups": made, "people": people}


def everybody(there: Roster) -> Any:
    return Member.objects.filter(tenant=there["tenant"])


def one_by_one(there: Roster) -> Callable[[], None]:
    """A person at the desk, who goes through them from the end."""

    def deed() -> None:
        for n, member in enumerate(reversed(there["people"])):
            members.update(
                tenant=there["tenant"], by=None, member=member, groups=["화목"] if n % 2 else ["월수", "화목"],
                tags=["형제"], fields={"반": "나"},
            )  # fmt: skip

    return deed


def test_desk_and_groups_and_tags_of_all(there: Roster, _round: int) -> None:
    tenant, (first, second) = there["tenant"], there["groups"]
    all_of_them: Roster = {"tenant": tenant, "by": None, "members": everybody(there)}

    said = at_once(
        tenant,
        one_by_one(there),
        lambda: groups.add_members(group=first, **all_of_them),
        lambda: groups.remove_members(group=second, **all_of_them),
        lambda: tags.tag_many(add=["단골", "새 손님"], remove=["형제"], **all_of_them),
    )

    assert said == [""] * 4
    for group in Group.objects.all():
        assert group.member_count == Membership.objects.filter(group=group).count()
    assert MemberTag.objects.values("member").distinct().count() == COUNT


@pytest.mark.parametrize("deed", [{"add": ["단골"]}, {"remove": ["형제"]}, {"add": ["새 손님"]}])
def test_desk_and_one_tag_of_all(there: Roster, deed: dict[str, list[str]], _round: int) -> None:
    tenant = there["tenant"]
    tags.tag_many(tenant=tenant, by=None, members=everybody(there), add=["형제"])

    def desk() -> None:
        for n, member in enumerate(there["people"]):
            names = [*deed.get("add", ["단골"]), "형제"] if n % 2 else []
            members.update(tenant=tenant, by=None, member=member, tags=names)

    said = at_once(tenant, desk, lambda: tags.tag_many(tenant=tenant, by=None, members=everybody(there), **deed))

    assert said == ["", ""]


def test_desk_and_a_tag_that_is_deleted(there: Roster, _round: int) -> None:
    tenant = there["tenant"]
    tags.tag_many(tenant=tenant, by=None, members=everybody(there), add=["단골"])
    gone = Tag.objects.get(name="단골")

    said = at_once(
        tenant,
        lambda: [members.update(tenant=tenant, by=None, member=one, tags=[]) for one in there["people"]],
        lambda: tenant_tags.delete(tenant=tenant, by=None, tag=gone),
    )

    assert said == ["", ""]
    assert not MemberTag.objects.exists()


def test_desk_and_some_put_in_and_others_taken_out(there: Roster, _round: int) -> None:
    tenant, (first, _second) = there["tenant"], there["groups"]
    ids = [member.pk for member in there["people"]]
    groups.add_members(tenant=tenant, by=None, group=first, members=Member.objects.filter(pk__in=ids[:30]))

    said = at_once(
        tenant,
        one_by_one(there),
        lambda: groups.change_members(
            tenant=tenant, by=None, group=first, add=Member.objects.filter(pk__in=ids[30:]),
            remove=Member.objects.filter(pk__in=ids[:30]),
        ),
    )  # fmt: skip

    assert said == ["", ""]
    first.refresh_from_db()
    assert first.member_count == Membership.objects.filter(group=first).count() >= 1


def test_desk_and_bulk_edit_and_group(there: Roster, _round: int) -> None:
    tenant, (first, second) = there["tenant"], there["groups"]
    field = Field.objects.get()
    change = {"groups_add": [second.pk], "tags_add": ["단골"], "fields": {field.key: "나"}}

    said = at_once(
        tenant,
        one_by_one(there),
        lambda: bulk_edits.edit(tenant=tenant, by=None, members=everybody(there), change=change),
        lambda: groups.add_members(tenant=tenant, by=None, group=first, members=everybody(there)),
    )

    assert said == [""] * 3
    assert Membership.objects.filter(group=second).count() == COUNT
    assert set(Member.objects.values_list(f"fields__{field.key}", flat=True)) == {"나"}


def test_import_and_its_revert_and_groups_and_tags_of_all(
    there: Roster, monkeypatch: pytest.MonkeyPatch, _round: int
) -> None:
    monkeypatch.setattr(import_parts, "PART", 10)  # a revert begins with the last part
    tenant, (first, _second) = there["tenant"], there["groups"]
    rows = [["이름", "휴대폰", "그룹", "반", "태그"]]
    rows += [[f"김민준{n}", f"0101234{n:04d}", "화목", "나" if n % 3 else "가", "단골"] for n in reversed(range(COUNT))]
    rows += [[f"박서연{n}", f"0105678{n:04d}", "화목", "나", "단골"] for n in range(COUNT)]
    row = previewed(tenant, rows, mode="upsert")
    ask_to_apply(tenant=tenant, by=None, pk=row.pk)
    all_of_them: Roster = {"tenant": tenant, "by": None, "members": everybody(there)}

    said = at_once(
        tenant,
        lambda: apply_import(tenant=tenant, pk=row.pk),
        lambda: groups.add_members(group=first, **all_of_them),
        lambda: tags.tag_many(add=["형제", "단골"], **all_of_them),
    )

    assert said == [""] * 3
    assert (Import.objects.get().updated, Import.objects.get().created) == (COUNT, COUNT)
    assert Membership.objects.filter(member__in=there["people"]).count() == 2 * COUNT
    revert_import(tenant=tenant, by=None, pk=row.pk)

    assert at_once(
        tenant,
        lambda: revert(tenant=tenant, pk=row.pk),
        lambda: groups.remove_members(group=first, **all_of_them),
        lambda: tags.tag_many(remove=["단골"], **all_of_them),
    ) == [""] * 3  # fmt: skip
    assert Import.objects.get().state == "reverted"


def test_desk_and_a_group_and_a_tag_that_go(there: Roster, _round: int) -> None:
    tenant, (first, _second) = there["tenant"], there["groups"]
    groups.add_members(tenant=tenant, by=None, group=first, members=everybody(there))
    tags.tag_many(tenant=tenant, by=None, members=everybody(there), add=["단골"])
    gone, kept = Tag.objects.get(name="단골"), Tag.objects.get(name="형제")
    field = Field.objects.get()

    said = at_once(
        tenant,
        one_by_one(there),
        lambda: groups.delete(tenant=tenant, by=None, group=first),
        lambda: tenant_tags.merge(tenant=tenant, by=None, gone=gone, kept=kept),
        lambda: fields.update(tenant=tenant, by=None, field=field, kind="text"),
    )

    assert said == [""] * 4
    assert set(Membership.objects.values_list("group__name", flat=True)) == {"월수", "화목"}
    assert set(MemberTag.objects.values_list("tag__name", flat=True)) == {"형제"}
