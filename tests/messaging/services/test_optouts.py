"""One-tap codes: one for each phone of a tenant, for good, whoever makes them first."""

import re
import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django_scopes import scope

from accounts.models import Tenant
from messaging.models import OptOutLink
from messaging.services import optouts
from tests import factories

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


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_end_with_the_same_codes() -> None:
    """The slower one waits for the faster one's rows and reads them; asking in another order is no deadlock."""
    shop, found, begun = factories.make_tenant(name="한빛체육관", slug="hanbit"), {}, threading.Event()

    def other() -> None:
        with scope(tenant=shop):
            begun.set()
            found.update(optouts.codes_for(tenant=shop, phones=PHONES[::-1]))
        connection.close()

    worker = threading.Thread(target=other)
    with scope(tenant=shop), transaction.atomic():
        mine = optouts.codes_for(tenant=shop, phones=PHONES)
        worker.start()
        assert begun.wait(10)
        worker.join(0.3)
        assert worker.is_alive() and not found  # it waits for this transaction
    worker.join(10)

    assert found == mine
