"""Numbers beside a member's own: written, refused, found by search."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent, Staff, Tenant
from members import selectors
from members.exceptions import ContactNotFound, InvalidMember, MemberNotFound, TooManyContacts
from members.models import Contact, Member
from members.selectors.contacts import contact, member_contacts
from members.services import contacts, members
from tests import factories

pytestmark = pytest.mark.usefixtures("in_tenant")
GUARDIAN = {"phone": "01055556666", "gets_dues": False}
MOTHER = {"role": "mother", "name": "김영희", "phone": "010-3333-7788"}


@pytest.fixture
def child(tenant: Tenant) -> Member:
    return factories.make_member(tenant, "김지우", "01011112222")


def found(tenant: Tenant, search: str) -> list[str]:
    return [m.name for m in selectors.roster(tenant, search=search).page().rows]


def test_add_keeps_a_number_and_twice_is_once(tenant: Tenant, owner: Staff, child: Member) -> None:
    first = contacts.add(tenant=tenant, by=owner.user, member=child, **MOTHER)
    again = contacts.add(tenant=tenant, by=owner.user, member=child, **MOTHER)

    assert first.pk == again.pk
    assert [(c.role, c.name, c.phone) for c in member_contacts(tenant, child)] == [("mother", "김영희", "01033337788")]
    assert AuditEvent.objects.filter(kind="contact.added").count() == 1


@pytest.mark.parametrize(
    "wrong", [{"phone": ""}, {"phone": "010-12"}, {"role": "aunt"}, {"name": "가" * 41}], ids=lambda w: next(iter(w))
)
def test_add_refuses(tenant: Tenant, owner: Staff, child: Member, wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidMember) as refusal:
        contacts.add(tenant=tenant, by=owner.user, member=child, **(MOTHER | wrong))
    assert set(refusal.value.fields) == {"contacts"}
    assert not Contact.objects.exists()


def test_add_refuses_the_eleventh(tenant: Tenant, owner: Staff, child: Member) -> None:
    for n in range(10):
        contacts.add(tenant=tenant, by=owner.user, member=child, phone=f"0102222000{n}")
    with pytest.raises(TooManyContacts):
        contacts.add(tenant=tenant, by=owner.user, member=child, phone="01022220010")


def test_a_member_is_found_by_the_guardian(tenant: Tenant, owner: Staff, child: Member) -> None:
    row = contacts.add(tenant=tenant, by=owner.user, member=child, **MOTHER)
    factories.make_member(tenant, "박서준", "01099990000")

    for search in ("7788", "88", "337788", "영희", "김영희", "010-3333-7788", "지우 7788"):
        assert found(tenant, search) == ["김지우"], search
    assert found(tenant, "3337789") == found(tenant, "박영희") == []
    members.update(tenant=tenant, by=owner.user, member=child, memo="셔틀")
    assert found(tenant, "7788") == ["김지우"]  # who writes tokens anew keeps the contacts'
    contacts.change(tenant=tenant, by=owner.user, contact=row, phone="01044445555", name="이순이")
    assert found(tenant, "7788") == found(tenant, "영희") == []
    assert found(tenant, "5555") == ["김지우"]
    contacts.remove(tenant=tenant, by=owner.user, contact=row)
    assert found(tenant, "5555") == []
    assert found(tenant, "2222") == ["김지우"]


def test_change_refuses_a_twin(tenant: Tenant, owner: Staff, child: Member) -> None:
    contacts.add(tenant=tenant, by=owner.user, member=child, **MOTHER)
    other = contacts.add(tenant=tenant, by=owner.user, member=child, **(MOTHER | {"phone": "01044445555"}))
    with pytest.raises(InvalidMember):
        contacts.change(tenant=tenant, by=owner.user, contact=other, phone=MOTHER["phone"])


def test_remove_twice_is_once(tenant: Tenant, owner: Staff, child: Member) -> None:
    row = contacts.add(tenant=tenant, by=owner.user, member=child, **MOTHER)
    contacts.remove(tenant=tenant, by=owner.user, contact=row)
    contacts.remove(tenant=tenant, by=owner.user, contact=row)
    assert AuditEvent.objects.filter(kind="contact.removed").count() == 1


def test_replace_keeps_what_stays_and_says_nothing_new_twice(tenant: Tenant, owner: Staff, child: Member) -> None:
    row = contacts.add(tenant=tenant, by=owner.user, member=child, **MOTHER)
    given = [{"role": "father", "phone": "01066667777"}, MOTHER | {"gets_dues": False}]

    assert contacts.replace(tenant=tenant, by=owner.user, member=child, contacts=given)
    assert not contacts.replace(tenant=tenant, by=owner.user, member=child, contacts=given)
    after = member_contacts(tenant, child)
    assert [(c.role, c.gets_dues) for c in after] == [("father", True), ("mother", False)]
    assert after[1].pk == row.pk


def test_insert_leaves_what_is_there_and_names_what_is_new(tenant: Tenant, owner: Staff, child: Member) -> None:
    contacts.add(tenant=tenant, by=owner.user, member=child, **MOTHER)
    people = [(child.pk, [("mother", "01033337788", ""), ("father", "01066667777", "이철수")])]

    made = contacts.insert(tenant=tenant, people=people)
    assert [member for _pk, member in made] == [child.pk]
    assert contacts.insert(tenant=tenant, people=people) == []
    assert member_contacts(tenant, child)[0].name == "김영희"


def test_the_neighbour_finds_and_changes_nothing(
    tenant: Tenant, owner: Staff, child: Member, neighbour: Tenant, neighbour_owner: Staff
) -> None:
    row = contacts.add(tenant=tenant, by=owner.user, member=child, **MOTHER)
    them: Any = {"tenant": neighbour, "by": neighbour_owner.user}
    for deed in (
        lambda: contacts.add(**them, member=child, phone="01044445555"),
        lambda: contacts.change(**them, contact=row, name="누구"),
        lambda: contacts.remove(**them, contact=row),
        lambda: contacts.replace(**them, member=child, contacts=[]),
    ):
        with pytest.raises(MemberNotFound):
            deed()
    with pytest.raises(ContactNotFound):
        contact(neighbour, row.pk)
    assert Contact.objects.get().name == "김영희"


def test_api_takes_and_shows_contacts(api: Client, tenant: Tenant) -> None:
    body = {
        "name": "김지우",
        "phone": "01011112222",
        "contacts": [MOTHER, {"phone": "01055556666", "gets_dues": False}],
    }
    made = api.post("/api/v1/members", body, content_type="application/json")
    assert made.status_code == 201
    assert [(c["role"], c["phone"], c["gets_dues"]) for c in made.json()["contacts"]] == [
        ("mother", "01033337788", True), ("guardian", "01055556666", False)
    ]  # fmt: skip

    path = f"/api/v1/members/{made.json()['id']}"
    assert len(api.patch(path, {"memo": "x"}, content_type="application/json").json()["contacts"]) == 2
    changed = api.patch(
        path, {"contacts": [{"role": "father", "phone": "01077778888"}]}, content_type="application/json"
    )
    assert [c["role"] for c in changed.json()["contacts"]] == ["father"]
    assert api.patch(path, {"contacts": [{"role": "father"}]}, content_type="application/json").status_code == 422
    wrong = api.patch(path, {"contacts": [{"phone": "12"}]}, content_type="application/json")
    assert wrong.status_code == 422
    assert api.patch(path, {"contacts": []}, content_type="application/json").json()["contacts"] == []
