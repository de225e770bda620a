"""Pages and API of merging, bulk edits, reverts and the trash."""

import re

import pytest
from django.core.files.base import ContentFile
from django_scopes import scope

from members.models import BulkEdit, Member, Merge
from members.services import fields, members
from tests.factories import make_group, make_member
from tests.members.test_imports import ran

JSON = {"content_type": "application/json"}
pytestmark = pytest.mark.django_db


@pytest.fixture
def client_of(tenant, owner, client):
    client.force_login(owner.user)
    return client


def posted(answer, start):
    """What a browser would send of the form that begins so."""
    form = answer.content.decode().partition(start)[2].partition("</form>")[0]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        at = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        if "name" in at and (at.get("type") != "checkbox" or re.search(r"\schecked\b", tag)):
            found[at["name"]] = at.get("value", "")
    for name, options in re.findall(r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def test_a_change_is_looked_at_done_and_taken_back(client_of, tenant):
    group = make_group(tenant, "오전반")
    people = [make_member(tenant, name) for name in ("김민수", "이서연")]
    url, asked = f"/t/{tenant.slug}/members/edit/", {"id": [m.pk for m in people], "scope": "page"}

    assert client_of.post(url, asked).status_code == 200
    assert client_of.post(url, asked | {"step": "preview"}).status_code == 422
    seen = client_of.post(url, asked | {"step": "preview", "groups_add": group.pk, "memo_append": "행사"})
    assert "2명 고치기" in seen.content.decode()
    client_of.post(url, asked | {"step": "apply", "groups_add": group.pk, "memo_append": "행사"})
    with scope(tenant=tenant):
        row = BulkEdit.objects.get()
        assert (row.changed, Member.objects.filter(memo="행사").count()) == (2, 2)
    told = client_of.get(f"/t/{tenant.slug}/members/edits/").content.decode()
    assert "메모 덧붙이기" in told
    assert (
        f'<form method="post" action="/t/{tenant.slug}/members/edits/{row.pk}/undo/" data-once'
        in told.partition("</main")[2]
    )
    client_of.post(f"/t/{tenant.slug}/members/edits/{row.pk}/undo/")
    with scope(tenant=tenant):
        assert not Member.objects.filter(memo="행사").exists()


def test_what_the_preview_shows_is_what_is_done(client_of, tenant):
    """Emptying a field and the source for many: the preview's form is posted as it stands."""
    with scope(tenant=tenant):
        fields.create(tenant=tenant, by=None, name="반")
    member = make_member(tenant, "김민수", fields={"반": "3반"}, source="전단")
    url = f"/t/{tenant.slug}/members/edit/"
    asked = {
        "id": member.pk,
        "scope": "page",
        "step": "preview",
        "field": "반",
        "field_empty": 1,
        "source_empty": 1,
        "source": "블로그",
        "field_value": "1반",
    }  # ticked with words beside it, it empties all the same

    seen = client_of.post(url, asked)
    client_of.post(url, posted(seen, '<form class="stack side"') | {"step": "apply"})

    member.refresh_from_db()
    assert (member.fields, member.source) == ({}, "")


def test_likely_duplicates_are_merged_and_parted(client_of, tenant):
    kept, gone = (make_member(tenant, "김민수", "01011112222", memo=f"메모{n}") for n in range(2))
    base = f"/t/{tenant.slug}/members"

    for tab in ("same", "birth", "family"):
        assert "hx-get" in client_of.get(f"{base}/likely/?tab={tab}").content.decode()
        found = client_of.get(f"{base}/likely/?tab={tab}", headers={"HX-Request": "true"}).content.decode()
        assert (f"/members/{gone.pk}/" in found) == (tab == "same")
    assert "김민수" in client_of.get(f"{base}/{kept.pk}/merge/{gone.pk}/").content.decode()
    client_of.post(f"{base}/{kept.pk}/merge/{gone.pk}/", {"choose-phone": "gone"})
    with scope(tenant=tenant):
        merge = Merge.objects.get()
    assert f'action="{base}/merges/{merge.pk}/undo/"' in client_of.get(f"{base}/{kept.pk}/").content.decode()
    assert "→" in client_of.get(f"{base}/likely/").content.decode()
    client_of.post(f"{base}/merges/{merge.pk}/undo/")
    with scope(tenant=tenant):
        assert Member.objects.filter(deleted_at=None).count() == 2


def test_fields_go_by_their_names_and_files_by_theirs(client_of, tenant):
    """In the preview and the list of bulk edits, and beside each other before a merge."""
    with scope(tenant=tenant):
        who = {"tenant": tenant, "by": None}
        row = fields.create(**who, name="옛이름")
        fields.update(**who, field=row, name="클래스")
        doc = fields.create(**who, name="계약서", kind="file")
        file = fields.keep_file(**who, field=doc, file=ContentFile(b"%PDF-1.4 x", name="계약.pdf"))
        kept = members.create(**who, name="김민수", fields={"계약서": str(file.pk)})
        gone = members.create(**who, name="김민수")
    asked = {"id": kept.pk, "scope": "page", "field": "클래스", "field_value": "3반"}
    edit = f"/t/{tenant.slug}/members/edit/"

    seen = client_of.post(edit, asked | {"step": "preview"}).content.decode()
    client_of.post(edit, asked | {"step": "apply"})
    told = client_of.get(f"/t/{tenant.slug}/members/edits/").content.decode()
    beside = client_of.get(f"/t/{tenant.slug}/members/{kept.pk}/merge/{gone.pk}/").content.decode()

    assert "<b>클래스</b>" in seen and "클래스: 3반" in told and "옛이름" not in seen + told
    assert "계약.pdf" in beside


def test_trash_is_restored_and_emptied(client_of, tenant):
    with scope(tenant=tenant):
        people = [make_member(tenant, name) for name in ("김민수", "이서연")]
        for member in people:
            members.trash_one(tenant=tenant, by=None, member=member)
    base = f"/t/{tenant.slug}/members/trash/"

    assert "일 남음" in client_of.get(base).content.decode()
    client_of.post(f"{base}bulk/", {"action": "restore", "id": people[0].pk})
    client_of.post(f"{base}bulk/", {"action": "erase", "scope": "all"})
    with scope(tenant=tenant):
        assert [m.pk for m in Member.objects.filter(deleted_at=None)] == [people[0].pk]
        assert Member.objects.get(pk=people[1].pk).erased_at


def test_import_says_what_its_revert_would_do(client_of, tenant):
    with scope(tenant=tenant):
        row = ran(tenant)
    base = f"/t/{tenant.slug}/members/imports/{row.pk}/"

    assert "되돌리기" in client_of.get(base).content.decode()
    assert client_of.get(f"{base}revert/").status_code == 200
    client_of.post(f"{base}revert/")
    assert "되돌리고 있어요" in client_of.get(base).content.decode()


def test_api_merges_and_edits(api, tenant):
    kept, gone = (make_member(tenant, "김민수", "01011112222") for _n in range(2))
    v1 = "/api/v1"

    sets = api.get(f"{v1}/members/duplicates").json()
    assert [m["id"] for m in sets["results"][0]["members"]] == [kept.pk, gone.pk]
    merge = api.post(f"{v1}/members/{kept.pk}/merge", {"gone": gone.pk}, **JSON)
    assert merge.status_code == 201
    assert api.post(f"{v1}/members/{kept.pk}/merge", {"gone": gone.pk}, **JSON).status_code == 404
    assert api.post(f"{v1}/merges/{merge.json()['id']}/undo").json()["stayed"] == []
    body = {"members": [kept.pk, gone.pk], "change": {"source": "소개"}}
    seen = api.post(f"{v1}/members/bulk-edit", body | {"preview": True}, **JSON).json()
    assert (seen["count"], seen["changed"]) == (2, 2)
    done = api.post(f"{v1}/members/bulk-edit", body, **JSON)
    assert (done.status_code, done.json()["changed"]) == (202, 2)
    assert api.post(f"{v1}/bulk-edits/{done.json()['id']}/undo").json()["state"] == "undone"
    assert api.post(f"{v1}/members/bulk-edit", {"members": [1], "change": {"ad": True}}, **JSON).status_code == 422
