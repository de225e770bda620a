"""Facts: rows that say what happened, each once."""

import pytest
from django.db import DatabaseError, transaction
from django_scopes import scope

from accounts import facts
from accounts.models import Fact, Tenant
from members.enums import FactKind
from tests.factories import make_member

pytestmark = pytest.mark.django_db


def test_a_fact_names_its_subject_and_keeps_ids(in_tenant: Tenant) -> None:
    member = make_member(in_tenant)

    facts.record(tenant=in_tenant, kind=FactKind.VISITED, subject=member, key="visit:1", visit=1)

    row = Fact.objects.get()
    assert (row.kind, row.subject, row.data) == ("member.visited", f"member:{member.pk}", {"visit": 1})


def test_the_same_key_twice_is_one_fact_and_another_kind_another(in_tenant: Tenant) -> None:
    what = [facts.What("member:1", "due:1"), facts.What("member:1", "due:1"), facts.What("member:2", "due:2")]

    facts.record_all(tenant=in_tenant, kind=FactKind.DUE_PAID, facts=what)
    facts.record_all(tenant=in_tenant, kind=FactKind.DUE_PAID, facts=what)
    facts.record(tenant=in_tenant, kind=FactKind.DUE_UNPAID, subject="member:1", key="due:1")

    assert sorted(Fact.objects.values_list("kind", "key")) == [
        ("due.paid", "due:1"),
        ("due.paid", "due:2"),
        ("due.unpaid", "due:1"),
    ]


def test_the_neighbour_s_fact_of_the_same_key_is_its_own(in_tenant: Tenant, neighbour: Tenant) -> None:
    facts.record(tenant=in_tenant, kind=FactKind.DUE_PAID, subject="member:1", key="due:1")
    with scope(tenant=neighbour):
        facts.record(tenant=neighbour, kind=FactKind.DUE_PAID, subject="member:9", key="due:1")
        assert [row.subject for row in Fact.objects.all()] == ["member:9"]


def test_an_unknown_kind_is_a_mistake_of_ours(in_tenant: Tenant) -> None:
    with pytest.raises(LookupError):
        facts.record(tenant=in_tenant, kind="member.flew", subject="member:1", key="1")
    assert not Fact.objects.exists()


def test_facts_are_not_changed_afterwards(in_tenant: Tenant) -> None:
    facts.record(tenant=in_tenant, kind=FactKind.VISITED, subject="member:1", key="visit:1")
    with pytest.raises(DatabaseError), transaction.atomic():
        Fact.objects.update(subject="member:2")
    with pytest.raises(DatabaseError), transaction.atomic():
        Fact.objects.all().delete()


def test_kinds_have_titles_to_choose_from() -> None:
    assert str(facts.kinds()["pass.used_up"]) == "횟수를 다 씀"
    assert set(FactKind.values) <= set(facts.kinds())
