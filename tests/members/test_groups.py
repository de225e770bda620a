"""Groups, saved views and audiences."""

from typing import Any

import pytest
from django.utils import timezone
from django_scopes import scope

from accounts.models import AuditEvent, Staff, Tenant
from members import selectors
from members.exceptions import GroupNameTaken, GroupNotFound, InvalidGroup, InvalidView, TooManyGroups, ViewNotFound
from members.models import Group, Member, Membership
from members.services import groups as services
from members.services import views
from tests.factories import make_group, make_member, make_user


@pytest.fixture
def who(in_tenant: Tenant, owner: Staff) -> dict:
    return {"tenant": in_tenant, "by": owner.user}


def everybody() -> Any:
    return Member.objects.all()


def test_create_puts_the_group_last(who: dict) -> None:
    services.create(**who, name="초등부")
    services.create(**who, name=" 중등부 ", tone="red")

    groups = list(selectors.group_list(who["tenant"]))
    assert [(g.name, g.position) for g in groups] == [("초등부", 1), ("중등부", 2)]
    assert groups[1].tone == "red"


def test_create_refuses_a_name_in_use(who: dict) -> None:
    services.create(**who, name="초등부")

    with pytest.raises(GroupNameTaken):
        services.create(**who, name="초등부")
    assert Group.objects.count() == 1


def test_create_allows_the_neighbours_name(who: dict, neighbour: Tenant) -> None:
    make_group(neighbour, "초등부")

    assert services.create(**who, name="초등부").tenant == who["tenant"]


@pytest.mark.parametrize("name", ["", "   ", "가" * 41])
def test_create_refuses_a_name_that_is_none(who: dict, name: str) -> None:
    with pytest.raises(InvalidGroup):
        services.create(**who, name=name)


def test_create_stops_at_the_limit(who: dict, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "GROUPS_MOST", 1)
    services.create(**who, name="초등부")

    with pytest.raises(TooManyGroups):
        services.create(**who, name="중등부")


def test_update_renames_and_refuses_a_name_in_use(who: dict) -> None:
    group, _other = services.create(**who, name="초등부"), services.create(**who, name="중등부")

    services.update(**who, group=group, name="초등", tone="green")
    with pytest.raises(GroupNameTaken):
        services.update(**who, group=group, name="중등부")

    group.refresh_from_db()
    assert (group.name, group.tone) == ("초등", "green")


def test_reorder_puts_the_named_first(who: dict) -> None:
    a, b, c = (services.create(**who, name=name) for name in "가나다")

    services.reorder(**who, ids=[c.pk, a.pk])

    assert list(selectors.group_list(who["tenant"])) == [c, a, b]


def test_delete_twice_is_once_and_members_stay(who: dict) -> None:
    group = make_group(who["tenant"])
    member = make_member(who["tenant"], "김민준", "", group)

    services.delete(**who, group=group)
    services.delete(**who, group=group)

    assert selectors.member(who["tenant"], member.pk)
    assert AuditEvent.objects.filter(kind="group.deleted").count() == 1


def test_add_members_counts_only_newcomers(who: dict) -> None:
    group = make_group(who["tenant"])
    make_member(who["tenant"], "김민준", "", group)
    make_member(who["tenant"], "박서연")
    make_member(who["tenant"], "지운이", deleted_at=timezone.now())

    assert services.add_members(**who, group=group, members=everybody()) == 1
    assert services.add_members(**who, group=group, members=everybody()) == 0

    group.refresh_from_db()
    assert group.member_count == 2 == Membership.objects.count()


def test_remove_members_counts_only_the_living(who: dict) -> None:
    group = make_group(who["tenant"])
    make_member(who["tenant"], "김민준", "", group)
    make_member(who["tenant"], "지운이", "", group, deleted_at=timezone.now())
    make_member(who["tenant"], "박서연")

    assert services.remove_members(**who, group=group, members=everybody()) == 1
    assert services.remove_members(**who, group=group, members=everybody()) == 0

    group.refresh_from_db()
    assert (group.member_count, Membership.objects.count()) == (0, 0)


def test_add_members_of_a_whole_search(who: dict) -> None:
    group = make_group(who["tenant"])
    for name in ("김민준", "이민준", "박서연"):
        make_member(who["tenant"], name)

    found = selectors.roster(who["tenant"], search="민준", ordering="name").rows()
    assert services.add_members(**who, group=group, members=found) == 2


def test_members_of_the_neighbour_stay_out(who: dict, neighbour: Tenant) -> None:
    group, theirs = make_group(who["tenant"]), make_group(neighbour)
    stranger = make_member(neighbour, "김민준", "", theirs)
    with scope(tenant=[who["tenant"], neighbour]):
        leaked = Member.objects.filter(pk=stranger.pk)

    assert services.add_members(**who, group=group, members=leaked) == 0
    with pytest.raises(GroupNotFound):
        services.add_members(**who, group=theirs, members=everybody())
    with pytest.raises(GroupNotFound):
        selectors.group(who["tenant"], theirs.pk)
    with pytest.raises(GroupNotFound):
        selectors.group_named(who["tenant"], str(theirs.pk))


def test_recount_sets_every_counter_right(who: dict) -> None:
    full, empty = make_group(who["tenant"], member_count=9), make_group(who["tenant"], member_count=9)
    member = make_member(who["tenant"])
    Membership.objects.create(tenant=who["tenant"], member=member, group=full)

    services.recount(tenant=who["tenant"])

    full.refresh_from_db()
    empty.refresh_from_db()
    assert (full.member_count, empty.member_count) == (1, 0)


# --- saved views ------------------------------------------------------------------------------------------------------


def test_view_saved_twice_is_overwritten(who: dict) -> None:
    views.save(**who, name="미납", params={"search": "미납", "cursor": "x"})
    view = views.save(**who, name="미납", params={"search": "미납 3월"})

    assert [v.params for v in selectors.saved_views(who["tenant"], who["by"])] == [{"search": "미납 3월"}]
    assert views.query(view).startswith("search=")


def test_view_of_another_person_stays_theirs(who: dict) -> None:
    other = make_user()
    mine = views.save(tenant=who["tenant"], by=other, name="내 것", params={})
    shared = views.save(tenant=who["tenant"], by=other, name="모두", params={}, shared=True)

    assert list(selectors.saved_views(who["tenant"], who["by"])) == [shared]
    with pytest.raises(ViewNotFound):
        selectors.saved_view(who["tenant"], who["by"], mine.pk)


def test_view_without_a_name_is_refused(who: dict) -> None:
    with pytest.raises(InvalidView):
        views.save(**who, name="  ", params={})


def test_view_deleted_twice_is_once(who: dict) -> None:
    view = views.save(**who, name="미납", params={})

    views.delete(**who, view=view)
    views.delete(**who, view=view)

    assert AuditEvent.objects.filter(kind="view.deleted").count() == 1
