"""Numbers that nobody has any more: three failures in a row, and what ends the row."""

import pytest
from django_scopes import scope

from accounts.models import Staff, Tenant
from members.models import DeadPhone, Member
from members.services import members, phones
from tests import factories

pytestmark = pytest.mark.usefixtures("in_tenant")
PHONE = "01011112222"


def test_three_failures_in_a_row_flag_the_phone_and_mark_its_members(tenant: Tenant) -> None:
    two = [factories.make_member(tenant, name, PHONE) for name in ("가", "나")]
    other = factories.make_member(tenant, "다")

    assert phones.heard(tenant=tenant, failed=[PHONE]) == 0
    assert phones.heard(tenant=tenant, failed=[PHONE]) == 0
    assert not Member.objects.exclude(dead_at=None).exists()
    assert phones.heard(tenant=tenant, failed=[PHONE]) == 1
    assert phones.heard(tenant=tenant, failed=[PHONE]) == 0  # it was flagged already
    assert set(Member.objects.exclude(dead_at=None)) == set(two)
    assert other.dead_at is None
    assert DeadPhone.objects.get().failed_count == 4


def test_a_delivered_text_ends_the_row(tenant: Tenant) -> None:
    member = factories.make_member(tenant, "가", PHONE)
    phones.heard(tenant=tenant, failed=[PHONE, PHONE])
    phones.heard(tenant=tenant, delivered=[PHONE])
    phones.heard(tenant=tenant, failed=[PHONE, PHONE])
    member.refresh_from_db()
    assert member.dead_at is None
    phones.heard(tenant=tenant, failed=[PHONE])
    phones.heard(tenant=tenant, delivered=[PHONE, "01099998888"])
    member.refresh_from_db()
    assert member.dead_at is None
    assert not DeadPhone.objects.exists()


def test_another_number_clears_the_mark_and_a_flagged_one_brings_it(tenant: Tenant, owner: Staff) -> None:
    member = factories.make_member(tenant, "가", PHONE)
    phones.heard(tenant=tenant, failed=[PHONE] * 3)
    who = {"tenant": tenant, "by": owner.user}

    assert members.update(**who, member=member, phone="01099998888").dead_at is None
    assert members.update(**who, member=member, phone=PHONE).dead_at is not None
    assert members.create(**who, name="나", phone=PHONE).dead_at is not None
    other = factories.make_member(tenant, "다", PHONE)
    assert phones.mark(tenant=tenant) == 1
    other.refresh_from_db()
    assert other.dead_at is not None
    phones.believe(**who, member=member)
    phones.believe(**who, member=member)
    assert not Member.objects.exclude(dead_at=None).exists()


def test_the_neighbours_failures_say_nothing_of_ours(tenant: Tenant, neighbour: Tenant) -> None:
    factories.make_member(tenant, "가", PHONE)
    with scope(tenant=neighbour):
        assert phones.heard(tenant=neighbour, failed=[PHONE] * 3) == 1
    assert not Member.objects.exclude(dead_at=None).exists()
    phones.heard(tenant=tenant, failed=[PHONE])
    phones.heard(tenant=tenant, delivered=[PHONE])
    assert DeadPhone._base_manager.get().tenant_id == neighbour.pk
