"""Kept texts: what compose would refuse is refused; names are once; the neighbour's are not there."""

from typing import Any

import pytest
from django_scopes import scope

from accounts.exceptions import Refusal
from accounts.models import AuditEvent, Staff, Tenant
from messaging.exceptions import InvalidTemplate, TemplateNameTaken, TemplateNotFound, TooManyTemplates, UnsendableText
from messaging.models import Template
from messaging.selectors import templates as reading
from messaging.services import templates
from tests.conftest import sign_in

TEXT = "#{이름|회원} 님, 이번 달 수강료를 안내드려요."


def make(tenant: Tenant, staff: Staff, name: str = "수강료 안내", text: str = TEXT, **more: Any) -> Template:
    return templates.create(tenant=tenant, by=staff.user, name=name, text=text, **more)


def test_create_keeps_the_words_as_typed(in_tenant: Tenant, owner: Staff) -> None:
    row = make(in_tenant, owner, "  수강료   안내 ", f"{TEXT}\r\n고맙습니다.\n\n", title="안내")

    assert (row.name, row.text, row.title, row.ad) == ("수강료 안내", f"{TEXT}\n고맙습니다.", "안내", False)
    assert AuditEvent.objects.filter(kind="template.created", subject=f"template:{row.pk}").count() == 1


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"name": " "}, InvalidTemplate),
        ({"name": "가" * 41}, InvalidTemplate),
        ({"text": "  "}, Refusal),
        ({"text": "#{이름"}, Refusal),
        ({"text": "#{없는항목} 님"}, Refusal),
        ({"text": "가" * 1001}, Refusal),
        ({"text": "반가워요 😀"}, UnsendableText),
        ({"title": "가" * 23}, Refusal),
        ({"text": "(광고) 할인해요"}, Refusal),
    ],
)
def test_create_refuses_what_could_not_be_sent(wrong: Any, error: Any, in_tenant: Tenant, owner: Staff) -> None:
    with pytest.raises(error):
        make(in_tenant, owner, **{"name": "안내", "text": TEXT, **wrong})
    assert Template.objects.count() == 0


def test_a_name_is_once(in_tenant: Tenant, owner: Staff) -> None:
    first, second = make(in_tenant, owner), make(in_tenant, owner, "둘째")

    with pytest.raises(TemplateNameTaken):
        make(in_tenant, owner)
    with pytest.raises(TemplateNameTaken):
        templates.update(tenant=in_tenant, by=owner.user, template=second, name=first.name)


def test_create_ends_at_the_most(in_tenant: Tenant, owner: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "TEMPLATES_MOST", 1)
    make(in_tenant, owner)

    with pytest.raises(TooManyTemplates):
        make(in_tenant, owner, "둘째")


def test_update_changes_what_is_given_and_delete_twice_is_once(in_tenant: Tenant, owner: Staff) -> None:
    who: dict[str, Any] = {"tenant": in_tenant, "by": owner.user}
    row = make(in_tenant, owner)

    for _ in range(2):
        changed = templates.update(**who, template=row, ad=True)
    assert (changed.ad, changed.text) == (True, TEXT)
    assert AuditEvent.objects.get(kind="template.changed").data == {"fields": ["ad"]}

    for _ in range(2):
        templates.delete(**who, template=row)
    assert AuditEvent.objects.filter(kind="template.deleted").count() == 1
    with pytest.raises(TemplateNotFound):
        templates.update(**who, template=row, name="늦음")


def test_neighbours_text_is_not_there(tenant: Tenant, neighbour: Tenant, owner: Staff, neighbour_owner: Staff) -> None:
    with scope(tenant=neighbour):
        theirs = make(neighbour, neighbour_owner)
    with scope(tenant=tenant):
        with pytest.raises(TemplateNotFound):
            reading.template(tenant, theirs.pk)
        templates.delete(tenant=tenant, by=owner.user, template=theirs)
        assert not reading.templates(tenant).exists()
    with scope(tenant=neighbour):
        assert reading.template(neighbour, theirs.pk)


def test_pages_make_find_change_and_use_a_text(tenant: Tenant, owner: Staff) -> None:
    client, base = sign_in(owner), "/t/hanbit/messages/templates/"

    wrong = client.post(f"{base}add/", {"name": "첫 문구", "text": "반가워요 😀"})
    made = client.post(f"{base}add/", {"name": "첫 문구", "text": TEXT})
    with scope(tenant=tenant):
        row = Template.objects.get()

    assert wrong.status_code == 422 and "보낼 수 없는 글자" in wrong.content.decode()
    assert made.status_code == 302
    assert "첫 문구" in client.get(f"{base}?search=수강료").content.decode()
    assert "첫 문구" not in client.get(f"{base}?search=없는말").content.decode()
    assert TEXT in client.get(f"/t/hanbit/messages/new/?template={row.pk}").content.decode()
    assert client.get("/t/hanbit/messages/new/?template=999999").status_code == 404
    assert "첫 문구" in client.get("/t/hanbit/messages/new/templates/").content.decode()
    assert client.post(f"{base}{row.pk}/", {"name": "바꾼 문구", "text": TEXT}).status_code == 302
    assert client.post(f"{base}{row.pk}/delete/").status_code == 302
    assert client.get(base).status_code == 200


def test_keep_from_the_compose_page(tenant: Tenant, owner: Staff) -> None:
    client, path = sign_in(owner), "/t/hanbit/messages/new/templates/keep/"

    kept = client.post(path, {"template_name": "새 문구", "text": TEXT, "title": "", "ad": "on"}).content.decode()
    twice = client.post(path, {"template_name": "새 문구", "text": TEXT}).content.decode()

    assert "문구로 저장했어요" in kept and "이미 있어요" in twice
    with scope(tenant=tenant):
        assert Template.objects.get().ad is True


def test_viewers_may_look_and_not_write(tenant: Tenant) -> None:
    from tests import factories

    client = sign_in(factories.make_staff(tenant, "viewer"))

    assert client.get("/t/hanbit/messages/templates/").status_code == 200
    assert client.post("/t/hanbit/messages/templates/add/", {"name": "x", "text": "x"}).status_code == 403


def test_api_keeps_lists_changes_and_forgets(api: Any, tenant: Tenant) -> None:
    def call(verb: str, path: str, body: Any = None) -> Any:
        return getattr(api, verb)(f"/api/v1/templates{path}", body, content_type="application/json")

    made = call("post", "", {"name": "안내", "text": TEXT})
    pk = made.json()["id"]

    assert made.status_code == 201
    assert call("post", "", {"name": "안내", "text": TEXT}).json()["error"]["code"] == "template_name_taken"
    assert call("post", "", {"name": "x", "text": TEXT, "folder": 1}).status_code == 422
    assert call("patch", f"/{pk}", {"title": "제목"}).json()["title"] == "제목"
    assert [t["id"] for t in api.get("/api/v1/templates?search=수강료").json()["results"]] == [pk]
    assert api.get(f"/api/v1/templates/{pk}").json()["text"] == TEXT
    assert call("delete", f"/{pk}").status_code == 204
    assert api.get(f"/api/v1/templates/{pk}").status_code == 404
