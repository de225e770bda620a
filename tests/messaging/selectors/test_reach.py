"""The count shown while people are picked: the same number as the exact quote's, whatever is picked and left out."""

from datetime import timedelta
from random import Random
from typing import Any

import pytest

from accounts.models import Tenant
from members.enums import ConsentKind
from members.models import Consent, Group, Member
from messaging import selectors
from messaging.drafting import Audience, Draft, Except
from messaging.enums import OptOutScope
from messaging.models import OptOut
from messaging.selectors import roster_rows
from messaging.services import compose
from tests import factories
from tests.messaging.services.conftest import aligo, shop  # noqa: F401
from ui import times

PHONES = [*[f"0102000{n:04d}" for n in range(25)], "0111234567", "01912345678", "0237891234", "15881234", ""]


@pytest.fixture
def roster(shop: Tenant) -> tuple[list[Group], list[Member]]:  # noqa: F811
    """Sixty members of two groups, many of whom share a phone, refused, agreed to ads, or have no mobile."""
    dice, agreed = Random(5), times.now() - timedelta(days=3)
    groups = [factories.make_group(shop, name) for name in ("오전", "오후")]
    members = []
    for n in range(60):
        ad_at = agreed if dice.random() < 0.6 else None
        inside = [group for group in groups if dice.random() < 0.5]
        deleted = agreed if n % 19 == 0 else None
        person = factories.make_member(
            shop, f"사람{n}", dice.choice(PHONES), *inside, ad_consent_at=ad_at, deleted_at=deleted
        )
        if ad_at is None and n % 3 == 0:
            Consent.objects.create(
                tenant=shop, member=person, kind=ConsentKind.AD, given=False, source="화면", at=agreed
            )
        members.append(person)
    for phone, scope in [(PHONES[0], OptOutScope.ALL), (PHONES[1], OptOutScope.ADS), (PHONES[2], OptOutScope.ALL)]:
        OptOut.objects.create(tenant=shop, phone=phone, scope=scope, at=agreed)
    return groups, members


def audiences(groups: list[Group], members: list[Member]) -> dict[str, Audience]:
    one, other = (group.pk for group in groups)
    ids = [person.pk for person in members]
    pasted = [("010-2000-0003", "가"), ("01020000000", ""), ("01099998888", "나"), ("번호 아님", "다")]
    left = Except(members=ids[5:9], groups=[other], phones=[("010-2000-0005", ""), ("읽을 수 없음", "")])
    return {
        "nobody": Audience(),
        "all": Audience(all=True),
        "a group": Audience(groups=[one]),
        "both groups": Audience(groups=[one, other]),
        "members": Audience(members=ids[:30]),
        "pasted": Audience(phones=pasted),
        "everything at once": Audience(all=True, groups=[one], members=ids[:7], phones=pasted),
        "a group and pasted": Audience(groups=[one], members=ids[20:24], phones=pasted),
        "all but a group": Audience(all=True, except_=Except(groups=[one])),
        "all but some": Audience(all=True, except_=left),
        "all sorts but some": Audience(groups=[one], members=ids[3:12], phones=pasted, except_=left),
    }


@pytest.mark.parametrize("many", [0, 10_000])
@pytest.mark.parametrize("ad", [False, True])
def test_reach_is_what_the_quote_says(shop: Tenant, roster: Any, monkeypatch: Any, ad: bool, many: int) -> None:  # noqa: F811
    monkeypatch.setattr(roster_rows, "MANY", many)  # large groups are counted another way
    asked = audiences(*roster)

    said = {name: selectors.reach(shop, to, ad=ad) for name, to in asked.items()}

    quoted = {
        name: compose.quote(tenant=shop, draft=Draft(to=to, text="안녕하세요", ad=ad)).recipients
        for name, to in asked.items()
    }
    assert said == quoted
    assert len(set(said.values())) > 5  # they do not agree by all being nobody


def test_reach_of_a_roster_is_one_query(shop: Tenant, roster: Any, django_assert_num_queries: Any) -> None:  # noqa: F811
    with django_assert_num_queries(1):
        selectors.reach(shop, Audience(all=True), ad=True)
    with django_assert_num_queries(2):  # and how many the group holds
        selectors.reach(shop, Audience(groups=[roster[0][0].pk]), ad=True)
