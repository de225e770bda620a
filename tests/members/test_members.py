"""Members and their consents: services work, refuse, do the same twice, and leave the neighbour alone."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from accounts.models import AuditEvent, Staff, Tenant
from members import selectors
from members.exceptions import InvalidMember, MemberNotFound, TooManyFields
from members.models import Consent, Field, Group, Member
from members.services import consents
from members.services import members as services
from tests.factories import make_group, make_member


@pytest.fixture
def who(in_tenant: Tenant, owner: Staff) -> dict:
    return {"tenant": in_tenant, "by": owner.user}


def counts(tenant: Tenant) -> dict[str, int]:
    return dict(Group.objects.filter(tenant=tenant).values_list("name", "member_count"))


def test_create_stores_what_was_typed_in_its_plain_form(who: dict) -> None:
    member = services.create(
        **who,
        name="  김 민준 ",
        phone="+82 10-1234-5678",
        birth_date=date(2015, 3, 2),
        memo="형제 등원",
        groups=["초등부", "초등부", "학부모"],
        fields={"반": "3반", "빈칸": ""},
        consents=[{"kind": "ad", "given": True, "source": "신청서"}],
    )

    member.refresh_from_db()
    assert (member.name, member.phone, member.fields) == ("김 민준", "01012345678", {"반": "3반"})
    assert member.ad_consent_at is not None and member.night_consent_at is None
    assert counts(who["tenant"]) == {"초등부": 1, "학부모": 1}
    assert [f.name for f in selectors.fields(who["tenant"])] == ["반"]
    assert selectors.roster(who["tenant"], search="5678").total == 1
    assert AuditEvent.objects.filter(kind="member.created", subject=f"member:{member.pk}").count() == 1


def test_create_twice_makes_a_family(who: dict) -> None:
    services.create(**who, name="김민준", phone="010-1234-5678")
    services.create(**who, name="김서연", phone="010-1234-5678")

    found = selectors.duplicates(who["tenant"], "01012345678", "김서연")
    assert [member.name for member in found] == ["김서연", "김민준"]


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "\u200b\ufeff"}, "name"),
        ({"name": "가" * 41}, "name"),
        ({"name": "김", "phone": "전화 없음"}, "phone"),
        ({"name": "김", "phone": "010-123"}, "phone"),
        ({"name": "김", "memo": "가" * 2001}, "memo"),
        ({"name": "김", "fields": {"": "x"}}, "fields"),
        ({"name": "김", "fields": {"반": "가" * 501}}, "fields"),
    ],
)
def test_create_refuses_and_writes_nothing(who: dict, bad: dict, field: str) -> None:
    with pytest.raises(InvalidMember) as refused:
        services.create(**who, groups=["초등부"], **bad)

    assert list(refused.value.fields) == [field]
    assert not Member.objects.exists() and not Group.objects.exists()


def test_create_drops_control_characters(who: dict) -> None:
    member = services.create(**who, name="김\x00민\u200d준\n", phone="", memo="첫 줄\r\n둘째\x07 줄")

    assert "\x00" not in member.name and "\n" not in member.name
    assert member.memo == "첫 줄\n둘째 줄"


def test_create_keeps_a_landline_as_contact(who: dict) -> None:
    assert services.create(**who, name="김민준", phone="02-3789-0123").phone == "0237890123"


def test_fields_of_a_tenant_end_at_fifty(who: dict) -> None:
    services.create(**who, name="김", fields={f"칸{n}": "x" for n in range(50)})

    with pytest.raises(TooManyFields):
        services.create(**who, name="이", fields={"하나 더": "x"})
    assert Field.objects.count() == 50


def test_update_changes_only_what_is_given(who: dict) -> None:
    member = services.create(**who, name="김민준", phone="01012345678", memo="메모", fields={"반": "3", "칸": "7"})

    services.update(**who, member=member, name="김서연", fields={"반": "", "새": "x"})

    member.refresh_from_db()
    assert (member.name, member.phone, member.memo) == ("김서연", "01012345678", "메모")
    assert member.fields == {"칸": "7", "새": "x"}
    assert selectors.roster(who["tenant"], search="서연").total == 1
    assert selectors.roster(who["tenant"], search="민준").total == 0


def test_update_with_the_same_values_writes_no_history(who: dict) -> None:
    member = services.create(**who, name="김민준", groups=["초등부"])
    before = AuditEvent.objects.count()

    services.update(**who, member=member, name="김민준", groups=["초등부"])

    assert AuditEvent.objects.count() == before


def test_update_replaces_groups_and_moves_counters(who: dict) -> None:
    member = services.create(**who, name="김민준", groups=["초등부", "학부모"])

    services.update(**who, member=member, groups=["학부모", "졸업"])

    assert counts(who["tenant"]) == {"초등부": 0, "학부모": 1, "졸업": 1}


def test_trash_twice_is_once_and_restore_brings_groups_back(who: dict) -> None:
    member = services.create(**who, name="김민준", groups=["초등부"])

    services.trash_one(**who, member=member)
    services.trash_one(**who, member=member)
    assert counts(who["tenant"]) == {"초등부": 0}
    with pytest.raises(MemberNotFound):
        selectors.member(who["tenant"], member.pk)

    services.restore(**who, member=member)
    services.restore(**who, member=member)
    assert counts(who["tenant"]) == {"초등부": 1}
    assert selectors.member(who["tenant"], member.pk).name == "김민준"
    assert AuditEvent.objects.filter(kind="member.trashed").count() == 1


def test_trash_of_many_recounts_groups(who: dict) -> None:
    for name in ("김민준", "김서연", "박도윤"):
        services.create(**who, name=name, groups=["초등부"])

    found = selectors.roster(who["tenant"], search="김").rows()
    assert services.trash(**who, members=found) == 2
    assert services.trash(**who, members=found) == 0
    assert counts(who["tenant"]) == {"초등부": 1}


def test_deeds_leave_the_neighbour_alone(who: dict, neighbour: Tenant) -> None:
    stranger = make_member(neighbour, "김민준")
    everybody = Member.objects.filter(id=stranger.pk)

    services.trash_one(**who, member=stranger)
    services.restore(**who, member=stranger)
    services.trash(**who, members=everybody)

    with pytest.raises(MemberNotFound):
        selectors.member(who["tenant"], stranger.pk)
    with pytest.raises(Member.DoesNotExist):
        services.update(**who, member=stranger, name="도둑")
    from django_scopes import scope

    with scope(tenant=neighbour):
        assert selectors.member(neighbour, stranger.pk).name == "김민준"


def test_consent_given_and_withdrawn_is_all_kept(who: dict) -> None:
    member = make_member(who["tenant"])

    consents.record(**who, member=member, kind="ad", given=True, source="신청서")
    consents.record(**who, member=member, kind="ad", given=False, source="전화")

    member.refresh_from_db()
    assert member.ad_consent_at is None
    assert [c.given for c in selectors.consents(who["tenant"], member)] == [False, True]


def test_consent_said_twice_is_once(who: dict) -> None:
    member = make_member(who["tenant"])

    consents.record(**who, member=member, kind="ad", given=True, source="신청서")
    assert consents.record(**who, member=member, kind="ad", given=True, source="신청서") is None

    assert Consent.objects.count() == 1


def test_consent_of_the_past_does_not_overrule_a_later_word(who: dict) -> None:
    member = make_member(who["tenant"])
    consents.record(**who, member=member, kind="ad", given=False, source="전화")

    consents.record(
        **who, member=member, kind="ad", given=True, source="옛 신청서", at=timezone.now() - timedelta(days=90)
    )

    member.refresh_from_db()
    assert member.ad_consent_at is None
    assert Consent.objects.count() == 2


def test_consent_of_an_unknown_kind_is_refused(who: dict) -> None:
    with pytest.raises(InvalidMember):
        consents.record(**who, member=make_member(who["tenant"]), kind="mail", given=True, source="x")


def test_member_of_a_group_made_at_once_is_found_in_it(who: dict) -> None:
    group = make_group(who["tenant"], "초등부")
    services.create(**who, name="김민준", groups=["초등부"])
    group.refresh_from_db()

    assert [m.name for m in selectors.roster(who["tenant"], group=group).page().rows] == ["김민준"]
