"""One-tap codes: one for each phone of a tenant, for good, whoever makes them first."""

import re
from typing import Any

from django_scopes import scope

from accounts.models import Tenant
from messaging.models import OptOutLink
from messaging.services import optouts

PHONES = [f"010{n:08d}" for n in range(20_000_000, 20_000_040)]


def test_ad9_a_phone_keeps_its_code(in_tenant: Tenant) -> None:
    first = optouts.codes_for(tenant=in_tenant, phones=PHONES[:3])
    again = optouts.codes_for(tenant=in_tenant, phones=PHONES)

    assert set(again) == set(PHONES)
    assert {phone: again[phone] for phone in first} == first
    assert len(set(again.values())) == OptOutLink.objects.count() == len(PHONES)


def test_codes_are_readable_and_of_their_length(in_tenant: Tenant) -> None:
    codes = optouts.codes_for(tenant=in_tenant, phones=PHONES).values()

    assert all(re.fullmatch(r"[0-9a-hjkmnp-tv-z]{8}", code) for code in codes)


def test_codes_of_two_tenants_differ_for_one_phone(in_tenant: Tenant, neighbour: Tenant) -> None:
    ours = optouts.codes_for(tenant=in_tenant, phones=PHONES[:1])
    with scope(tenant=neighbour):
        theirs = optouts.codes_for(tenant=neighbour, phones=PHONES[:1])

    assert ours != theirs


def test_a_code_that_somebody_has_is_drawn_again(in_tenant: Tenant, monkeypatch: Any) -> None:
    taken = optouts.codes_for(tenant=in_tenant, phones=PHONES[:1])[PHONES[0]]
    draws = iter([[taken], ["zzzzzzzz"]])
    monkeypatch.setattr(optouts, "_random_codes", lambda count: next(draws))

    assert optouts.codes_for(tenant=in_tenant, phones=[PHONES[1]]) == {PHONES[1]: "zzzzzzzz"}


def test_codes_of_5000_phones_take_one_query_when_known(in_tenant: Tenant, django_assert_max_num_queries: Any) -> None:
    many = [f"010{n:08d}" for n in range(30_000_000, 30_005_000)]
    optouts.codes_for(tenant=in_tenant, phones=many)

    with django_assert_max_num_queries(1):
        assert len(optouts.codes_for(tenant=in_tenant, phones=many)) == 5_000
