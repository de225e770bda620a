"""The pages of members as staff use them, and as the neighbour can't."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from accounts.enums import Role
from accounts.models import Export, Tenant
from members.models import Consent, Group, Member, SavedView
from members.services import members, uniting
from tests.conftest import sign_in
from tests.factories import make_group, make_member, make_staff

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def _inside(tenant: Tenant) -> Iterator[None]:
    with scope(tenant=tenant):
        yield


def url(path: str = "") -> str:
    return f"/t/hanbit/members/{path}"


def text(response: Any) -> str:
    return response.content.decode()


# --- the list ---------------------------------------------------------------------------------------------------------


def test_list_shows_members_with_masked_phones(tenant: Tenant, as_owner: Client) -> None:
    make_member(tenant, "김민준", "01012345678", make_group(tenant, "초등부"))

    page = text(as_owner.get(url()))

    assert "김민준" in page and "초등부" in page
    assert "010-12••-5678" in page and "01012345678" not in page


def test_list_without_members_says_what_to_do(as_owner: Client) -> None:
    assert "아직 회원이 없어요" in text(as_owner.get(url()))


def test_list_answers_htmx_with_the_rows_and_a_clean_address(tenant: Tenant, as_owner: Client) -> None:
    make_member(tenant, "김민준")
    make_member(tenant, "박서연")

    response = as_owner.get(url("?search=민준&group=&sort="), headers=HTMX)

    assert "김민준" in text(response) and "박서연" not in text(response)
    assert "<html" not in text(response)
    assert response["HX-Push-Url"] == url() + "?search=%EB%AF%BC%EC%A4%80"
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize(
    "query",
    ["group=x", "group=999", "group=" + "9" * 40, "sort=evil", "cursor=x", "search=%00", "search=" + "가" * 500],
)
def test_list_bears_any_address(tenant: Tenant, as_owner: Client, query: str) -> None:
    make_member(tenant, "김민준")

    assert as_owner.get(url(f"?{query}")).status_code == 200


def test_list_follows_its_pager(tenant: Tenant, as_owner: Client) -> None:
    for n in range(40):
        make_member(tenant, f"사람{n:02d}")

    first = as_owner.get(url("?sort=name"))
    second = as_owner.get(url("?sort=name&cursor=" + first.context["page"].next))

    assert "사람29" in text(first) and "사람30" not in text(first)
    assert "사람30" in text(second) and "사람29" not in text(second)


def test_list_costs_the_same_for_one_and_fifty(tenant: Tenant, as_owner: Client) -> None:
    group = make_group(tenant)
    SavedView.objects.create(tenant=tenant, name="미납", params={"search": "미납"})
    make_member(tenant, "김민준", "", group)
    as_owner.get(url())

    def queries(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert as_owner.get(path).status_code == 200
        return len(seen)

    before = [queries(url()), queries(url("?search=민준")), queries(url(f"?group={group.pk}&sort=name"))]
    for _ in range(49):
        make_member(tenant, "김민준", "", group)
    after = [queries(url()), queries(url("?search=민준")), queries(url(f"?group={group.pk}&sort=name"))]

    assert before == after
    assert max(after) <= 15


def test_list_never_shows_a_neighbour(tenant: Tenant, neighbour: Tenant, as_owner: Client) -> None:
    group = make_group(neighbour, "이웃그룹")
    make_member(neighbour, "이웃사람", "01077778888", group)

    for query in ("", "?search=이웃", f"?group={group.pk}", "?search=8888"):
        assert "이웃사람" not in text(as_owner.get(url(query)))
        assert "이웃그룹" not in text(as_owner.get(url(query)))


# --- one member -------------------------------------------------------------------------------------------------------


def test_add_makes_a_member_with_group_and_consent(tenant: Tenant, as_owner: Client) -> None:
    group = make_group(tenant, "초등부")
    data = {"name": "김민준", "phone": "010-1234-5678", "groups": [group.pk], "new_group": "새벽반", "ad": "on"}

    response = as_owner.post(url("add/"), data)

    member = Member.objects.get()
    assert response["Location"] == url(f"{member.pk}/")
    assert sorted(member.groups.values_list("name", flat=True)) == ["새벽반", "초등부"]
    assert Consent.objects.get().given


def test_add_keeps_what_was_typed_when_refused(as_owner: Client) -> None:
    response = as_owner.post(url("add/"), {"name": "김민준", "phone": "010-12", "memo": "형제 등원"})

    assert response.status_code == 422
    assert "형제 등원" in text(response) and 'value="010-12"' in text(response)
    assert not Member.objects.exists()


def test_add_does_not_take_a_neighbours_group(neighbour: Tenant, as_owner: Client) -> None:
    response = as_owner.post(url("add/"), {"name": "김민준", "groups": [make_group(neighbour).pk]})

    assert response.status_code == 422


def test_edit_records_only_a_changed_consent(tenant: Tenant, as_owner: Client) -> None:
    member = make_member(tenant, "김민준", ad_consent_at=timezone.now())
    form = {"name": "김서연", "phone": "", "ad": "on"}

    as_owner.post(url(f"{member.pk}/edit/"), form)
    assert Consent.objects.count() == 0
    as_owner.post(url(f"{member.pk}/edit/"), {"name": "김서연"})

    member.refresh_from_db()
    assert (member.name, member.phone, member.ad_consent_at) == ("김서연", "", None)
    assert Consent.objects.get().given is False


def test_edit_shows_what_is_stored(tenant: Tenant, as_owner: Client) -> None:
    member = make_member(tenant, "김민준", "01012345678", memo="형제 등원", fields={"반": "3반"})
    from members.models import Field

    Field.objects.create(tenant=tenant, name="반")
    page = text(as_owner.get(url(f"{member.pk}/edit/")))

    assert 'value="010-1234-5678"' in page and "형제 등원" in page and 'value="3반"' in page


def test_card_names_family_and_unreachable_numbers(tenant: Tenant, as_owner: Client) -> None:
    member = make_member(tenant, "김민준", "0237890123")
    make_member(tenant, "김서연", "0237890123")

    page = text(as_owner.get(url(f"{member.pk}/")))

    assert "문자를 받을 수 없는 번호" in page and "김서연" in page and "02-3789-0123" in page


def test_duplicate_check_warns_while_typing(tenant: Tenant, as_owner: Client) -> None:
    make_member(tenant, "김민준", "01012345678")

    assert "김민준" in text(as_owner.post(url("duplicates/"), {"phone": "010 1234 5678"}))
    assert "문자를 받을 수 없는" in text(as_owner.post(url("duplicates/"), {"phone": "02-3789-0123"}))
    assert 'class="note' not in text(as_owner.post(url("duplicates/"), {"phone": "010-12"}))
    assert 'class="note' in text(as_owner.post(url("duplicates/"), {"phone": "01012345678901"}))


def test_duplicate_check_offers_to_take_back_and_names_whom_somebody_became(tenant: Tenant, as_owner: Client) -> None:
    trashed, kept = make_member(tenant, "김민준", "01012345678"), make_member(tenant, "이서연", "01099998888")
    gone = make_member(tenant, "이서윤", "01012345678")
    with scope(tenant=tenant):
        members.trash_one(tenant=tenant, by=None, member=trashed)
        uniting.unite(tenant=tenant, by=None, kept=kept.pk, gone=gone.pk)

    note = text(as_owner.post(url("duplicates/"), {"phone": "01012345678"}))

    assert f'hx-post="{url(f"{trashed.pk}/restore/")}"' in note
    assert url(f"{kept.pk}/") in note and "이서윤" not in note
    for _press in range(2):
        assert as_owner.post(url(f"{trashed.pk}/restore/")).url == url(f"{trashed.pk}/")
    assert as_owner.post(url(f"{gone.pk}/restore/")).status_code == 404
    assert "김민준" in text(as_owner.get(url(f"{trashed.pk}/")))


def test_trash_and_restore_through_the_pages(tenant: Tenant, as_owner: Client) -> None:
    member = make_member(tenant, "김민준")

    as_owner.post(url(f"{member.pk}/trash/"))
    assert as_owner.get(url(f"{member.pk}/")).status_code == 404
    assert "김민준" in text(as_owner.get(url("trash/")))

    as_owner.post(url("trash/bulk/"), {"action": "restore", "id": member.pk})
    assert as_owner.get(url(f"{member.pk}/")).status_code == 200


@pytest.mark.parametrize("path", ["", "edit/", "trash/"])
def test_a_neighbours_member_is_not_there(neighbour: Tenant, as_owner: Client, path: str) -> None:
    stranger = make_member(neighbour, "이웃사람")
    call = as_owner.post if path == "trash/" else as_owner.get

    assert call(url(f"{stranger.pk}/{path}")).status_code == 404


# --- many at once -----------------------------------------------------------------------------------------------------


def test_bulk_puts_the_ticked_into_a_group(tenant: Tenant, as_owner: Client) -> None:
    group = make_group(tenant, "초등부")
    one, _two = make_member(tenant), make_member(tenant)

    as_owner.post(url("bulk/"), {"action": "add", "target": group.pk, "scope": "page", "id": [one.pk]})

    assert list(group.members.all()) == [one]


def test_bulk_on_all_looks_at_the_filter_again(tenant: Tenant, as_owner: Client) -> None:
    for name in ("김민준", "이민준", "박서연"):
        make_member(tenant, name)

    response = as_owner.post(url("bulk/"), {"action": "trash", "scope": "all", "search": "민준", "id": ["1"]})

    assert response["Location"].endswith("?search=%EB%AF%BC%EC%A4%80")
    assert list(Member.objects.filter(deleted_at=None).values_list("name", flat=True)) == ["박서연"]


def test_bulk_on_all_has_a_limit(tenant: Tenant, as_owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("members.views.roster.BULK_MOST", 2)
    monkeypatch.setattr("members.selectors.rosters.EXACT_TO", 1)
    for _ in range(3):
        make_member(tenant)

    as_owner.post(url("bulk/"), {"action": "trash", "scope": "all"})

    assert Member.objects.filter(deleted_at=None).count() == 3


def test_bulk_makes_a_new_group(tenant: Tenant, as_owner: Client) -> None:
    member = make_member(tenant)

    as_owner.post(url("bulk/"), {"action": "add", "new_group": "새벽반", "id": [member.pk]})

    assert Group.objects.get(name="새벽반").member_count == 1


@pytest.mark.parametrize(
    ("data", "query"),
    [
        ({"scope": "all"}, "all=1"),
        ({"scope": "all", "group": "GROUP"}, "group=GROUP"),
        ({"scope": "page", "id": "MEMBER"}, "members=MEMBER"),
        ({"scope": "all", "search": "민준"}, "members=MEMBER"),
    ],
)
def test_bulk_goes_on_to_compose(tenant: Tenant, as_owner: Client, data: dict, query: str) -> None:
    group = make_group(tenant)
    member = make_member(tenant, "김민준", "", group)
    names = {"GROUP": str(group.pk), "MEMBER": str(member.pk)}

    response = as_owner.post(url("bulk/"), {k: names.get(v, v) for k, v in data.items()} | {"action": "compose"})

    for name, value in names.items():
        query = query.replace(name, value)
    assert response["Location"].endswith(f"/messages/new/?{query}")


def test_bulk_says_when_nothing_is_chosen(tenant: Tenant, as_owner: Client) -> None:
    for data in ({"action": "add"}, {"action": "compose"}, {"action": "dance"}, {}):
        response = as_owner.post(url("bulk/"), data, follow=True)
        assert response.status_code == 200
        assert "toast error" in text(response)


def test_bulk_leaves_the_neighbour_alone(tenant: Tenant, neighbour: Tenant, as_owner: Client) -> None:
    stranger = make_member(neighbour, "이웃사람")

    as_owner.post(url("bulk/"), {"action": "trash", "id": [stranger.pk]})
    as_owner.post(url("bulk/"), {"action": "trash", "scope": "all"})

    with scope(tenant=neighbour):
        assert Member.objects.get(pk=stranger.pk).deleted_at is None


def test_export_asks_for_a_reason_and_keeps_the_filter(tenant: Tenant, as_owner: Client) -> None:
    from allauth.account.models import EmailAddress

    from accounts.models import User

    EmailAddress.objects.create(user=User.objects.get(), email=User.objects.get().email, verified=True, primary=True)
    refused = as_owner.post(url("export/"), {"reason": "", "format": "csv"}, headers=HTMX)
    made = as_owner.post(url("export/"), {"reason": "백업", "format": "csv", "search": "민준"}, headers=HTMX)

    assert refused.status_code == 422 and "이유" in text(refused)
    assert "HX-Redirect" in made
    export = Export.objects.get()
    assert (export.kind, export.params["search"], export.masked) == ("members", "민준", False)


# --- groups and views -------------------------------------------------------------------------------------------------


def test_groups_are_made_renamed_moved_and_deleted(tenant: Tenant, as_owner: Client) -> None:
    as_owner.post(url("groups/add/"), {"name": "초등부", "tone": "red"})
    as_owner.post(url("groups/add/"), {"name": "중등부"})
    first, second = Group.objects.order_by("position")

    as_owner.post(url("groups/reorder/"), {"id": second.pk, "move": "up"})
    as_owner.post(url(f"groups/{first.pk}/"), {"name": "초등", "tone": "green"})
    assert list(Group.objects.order_by("position").values_list("name", flat=True)) == ["중등부", "초등"]

    as_owner.post(url(f"groups/{first.pk}/delete/"))
    assert Group.objects.count() == 1


def test_group_of_a_name_in_use_is_refused_in_place(tenant: Tenant, as_owner: Client) -> None:
    make_group(tenant, "초등부")

    response = as_owner.post(url("groups/add/"), {"name": "초등부"})

    assert response.status_code == 422 and "이미 있어요" in text(response)


def test_group_dialog_comes_as_a_fragment(tenant: Tenant, as_owner: Client) -> None:
    group = make_group(tenant, "초등부")

    page = text(as_owner.get(url(f"groups/{group.pk}/"), headers=HTMX))

    assert "<dialog" in page and "<html" not in page


@pytest.mark.parametrize("path", ["", "delete/"])
def test_a_neighbours_group_is_not_there(neighbour: Tenant, as_owner: Client, path: str) -> None:
    assert as_owner.post(url(f"groups/{make_group(neighbour).pk}/{path}"), {"name": "x"}).status_code == 404


def test_view_is_saved_counted_and_deleted(tenant: Tenant, as_owner: Client) -> None:
    make_member(tenant, "김민준")

    as_owner.post(url("views/save/"), {"name": "민준들", "search": "민준", "shared": "on"})
    tabs = text(as_owner.get(url("views/counts/"), headers=HTMX))
    page = text(as_owner.get(url("?search=민준")))

    assert "민준들" in tabs and '<span class="n">1</span>' in tabs
    assert '<span class="n">1</span>' in page
    as_owner.post(url(f"views/{SavedView.objects.get().pk}/delete/"))
    assert not SavedView.objects.exists()


# --- who may ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "add/"),
        ("post", "add/"),
        ("get", "trash/"),
        ("post", "duplicates/"),
        ("post", "groups/add/"),
        ("post", "groups/reorder/"),
        ("post", "export/"),
    ],
)
def test_a_viewer_may_look_only(tenant: Tenant, method: str, path: str) -> None:
    viewer = sign_in(make_staff(tenant, Role.VIEWER))

    assert getattr(viewer, method)(url(path)).status_code == 403
    assert viewer.get(url()).status_code == 200


def test_a_viewer_can_neither_trash_nor_share(tenant: Tenant) -> None:
    viewer, member = sign_in(make_staff(tenant, Role.VIEWER)), make_member(tenant)

    viewer.post(url("bulk/"), {"action": "trash", "id": [member.pk]})
    viewer.post(url("views/save/"), {"name": "모두", "shared": "on"})

    assert Member.objects.get().deleted_at is None
    assert not SavedView.objects.exists()


def test_add_to_a_group_no_database_holds_is_refused(as_owner: Client) -> None:
    answer = as_owner.post(url("add/"), {"name": "김민준", "phone": "01012345678", "groups": ["9" * 19]})

    assert answer.status_code == 422
    assert not Member.objects.exists()
