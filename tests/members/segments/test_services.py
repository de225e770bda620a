"""Segments are kept, changed, copied, deleted; counted once a day."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import AuditEvent, Tenant
from members.exceptions import InvalidRule, InvalidSegment, SegmentInUse, SegmentNameTaken, TooManySegments
from members.models import Segment, SegmentCount
from members.selectors import roster
from members.selectors.segments import find, segment_list, trends
from members.services import daily
from members.services import segments as services
from tests import factories
from ui import times

pytestmark = pytest.mark.django_db
OWES: dict[str, Any] = {"all": [{"field": "unpaid", "op": "yes"}]}
CONSENTS: dict[str, Any] = {"all": [{"field": "ad_consent", "op": "yes"}]}


def create(tenant: Tenant, name: str = "미납", rule: Any = None) -> Segment:
    return services.create(tenant=tenant, by=None, name=name, rule=rule or OWES)


def owing(tenant: Tenant, **fields: Any) -> Any:
    return factories.make_member(tenant, unpaid_won=5_000, unpaid_since=times.today(), **fields)


def test_create_counts_at_once(tenant: Tenant, in_tenant: Tenant) -> None:
    owing(tenant)
    factories.make_member(tenant)

    segment = create(tenant)

    assert segment.member_count == 1
    assert list(SegmentCount.objects.values_list("on", "count")) == [(times.today(), 1)]
    assert AuditEvent.objects.filter(kind="segment.created").count() == 1


def test_create_refuses(tenant: Tenant, in_tenant: Tenant) -> None:
    create(tenant)

    with pytest.raises(SegmentNameTaken):
        create(tenant)
    with pytest.raises(InvalidSegment):
        create(tenant, " ")
    with pytest.raises(InvalidRule):
        create(tenant, "빈 것", {"all": []})
    Segment.objects.bulk_create(Segment(tenant=tenant, name=f"조건{n}", rule=OWES) for n in range(49))
    with pytest.raises(TooManySegments):
        create(tenant, "하나 더")


def test_update_counts_another_rule_anew(tenant: Tenant, in_tenant: Tenant) -> None:
    owing(tenant)
    segment = create(tenant)

    services.update(tenant=tenant, by=None, segment=segment, name="동의", rule=CONSENTS)
    services.update(tenant=tenant, by=None, segment=segment, name="동의", rule=CONSENTS)

    segment.refresh_from_db()
    assert (segment.name, segment.member_count) == ("동의", 0)
    assert AuditEvent.objects.filter(kind="segment.updated").count() == 1


def test_delete_says_who_uses_it(tenant: Tenant, in_tenant: Tenant) -> None:
    segment = create(tenant)
    user = create(tenant, "둘", {"all": [{"field": "segment", "op": "in", "value": [segment.pk]}]})

    with pytest.raises(SegmentInUse) as refused:
        services.delete(tenant=tenant, by=None, segment=segment)
    assert "‘둘’" in str(refused.value)
    services.delete(tenant=tenant, by=None, segment=user)
    services.delete(tenant=tenant, by=None, segment=segment)
    services.delete(tenant=tenant, by=None, segment=segment)

    assert not Segment.objects.exists()
    assert AuditEvent.objects.filter(kind="segment.deleted").count() == 2


def test_duplicate_has_a_name_of_its_own(tenant: Tenant, in_tenant: Tenant) -> None:
    segment = create(tenant, "가" * 40)

    copies = [services.duplicate(tenant=tenant, by=None, segment=segment) for _n in range(2)]

    assert [copy.rule for copy in copies] == [OWES, OWES]
    assert len({segment.name, *(copy.name for copy in copies)}) == 3


def test_the_day_counts_once_and_leaves_out_what_broke(tenant: Tenant, in_tenant: Tenant) -> None:
    segment, group = create(tenant), factories.make_group(tenant)
    broken = create(tenant, "그룹", {"all": [{"field": "group", "op": "not_in", "value": [group.pk]}]})
    group.delete()
    owing(tenant)
    tomorrow = times.today() + timedelta(days=1)

    assert "segments" in daily.work(tenant=tenant, today=tomorrow)
    services.count_all(tenant=tenant, today=tomorrow)

    assert list(SegmentCount.objects.filter(on=tomorrow).values_list("segment_id", "count")) == [(segment.pk, 1)]
    assert roster(tenant, segment=broken).page().rows == []
    assert roster(tenant, segment=broken).problem


def test_change_against_last_month(tenant: Tenant, in_tenant: Tenant) -> None:
    segment = create(tenant)
    for days, count in ((40, 3), (30, 5), (10, 9)):
        day = times.today() - timedelta(days=days)
        SegmentCount.objects.create(tenant=tenant, segment=segment, on=day, count=count)
    Segment.objects.filter(pk=segment.pk).update(member_count=17)

    (trend,) = trends(tenant, list(segment_list(tenant)))

    assert (trend.change, trend.since_month, trend.values) == (12, True, [3, 5, 9, 0])


def test_find_tells_count_names_and_words(tenant: Tenant, in_tenant: Tenant) -> None:
    for n in range(7):
        owing(tenant, name=f"회원{n}")

    found = find(tenant, OWES)

    assert (found.count, found.names, found.words) == (
        7, ["회원6", "회원5", "회원4", "회원3", "회원2"], "회비를 안 낸 사람",
    )  # fmt: skip


def test_a_roster_of_a_segment_pages_by_key(tenant: Tenant, in_tenant: Tenant) -> None:
    rows = [owing(tenant) for _n in range(7)]
    factories.make_member(tenant)
    segment = create(tenant)

    seen, cursor = [], ""
    while True:
        page = roster(tenant, segment=segment).page(cursor, size=3)
        seen += [row.pk for row in page.rows]
        if not (cursor := page.next):
            break

    assert seen == [row.pk for row in reversed(rows)]
