"""Presets: each can be taken whole, once; what is used, edited or was there before is left alone."""

from typing import Any

import pytest
from django_scopes import scope

from accounts.models import AuditEvent, Staff, Tenant
from members import presets as data
from members.exceptions import PresetNotFound
from members.models import Field, Group, PassType, PresetUse, Segment
from members.services import fields, groups, members, pass_types, passes, presets
from messaging.models import Template
from messaging.services import templates
from tests import factories
from tests.conftest import sign_in
from ui import times

KINDS = (Field, Group, PassType, Segment, Template)


def take(tenant: Tenant, staff: Staff, preset: str = "gym") -> PresetUse:
    return presets.take(tenant=tenant, by=staff.user, preset=preset)


def remove(tenant: Tenant, staff: Staff, preset: str = "gym") -> set[str]:
    return {name for _part, name in presets.remove(tenant=tenant, by=staff.user, preset=preset).kept}


def counts() -> list[int]:
    return [PassType.objects.filter(retired_at=None).count() if k is PassType else k.objects.count() for k in KINDS]


@pytest.mark.parametrize("key", list(data.PRESETS))
def test_each_preset_is_taken_whole_and_removed_whole(key: str, in_tenant: Tenant, owner: Staff) -> None:
    preset = data.PRESETS[key]

    use = take(in_tenant, owner, key)

    assert presets.made_count(use) == sum(len(preset.items(part)) for part in data.parts())
    assert 8 <= Template.objects.count() <= 15
    assert set(Template.objects.filter(ad=True).values_list("name", flat=True)) == {
        t.name for t in preset.texts if t.ad
    }
    assert remove(in_tenant, owner, key) == set()
    assert counts() == [0, 0, 0, 0, 0]


@pytest.mark.parametrize("key", list(data.PRESETS))
def test_only_ads_invite_to_buy(key: str) -> None:
    """정보통신망법 제50조: a text that promotes is an ad, and only what is marked so may promote."""
    for text in data.PRESETS[key].texts:
        promotes = any(
            w in text.text for w in ("할인", "행사해요", "무료", "더 드려요", "반값", "특가", "쿠폰", "이벤트", "깎아")
        )
        assert text.ad or not promotes, text.name
        assert "(광고)" not in text.text


def test_take_twice_is_once(in_tenant: Tenant, owner: Staff) -> None:
    first, second = take(in_tenant, owner), take(in_tenant, owner)

    assert first == second
    assert PresetUse.objects.count() == AuditEvent.objects.filter(kind="preset.taken").count() == 1


def test_take_leaves_alone_what_has_the_name(in_tenant: Tenant, owner: Staff) -> None:
    who: dict[str, Any] = {"tenant": in_tenant, "by": owner.user}
    fields.create(**who, name="락커 번호", kind="number")
    groups.create(**who, name="새벽반", tone="red")
    templates.create(**who, name="휴관 안내", text="우리 글이에요.")

    take(in_tenant, owner)
    remove(in_tenant, owner)

    assert Field.objects.get().kind == "number"
    assert Group.objects.get().tone == "red"
    assert Template.objects.get().text == "우리 글이에요."


def test_two_presets_share_what_both_have(in_tenant: Tenant, owner: Staff) -> None:
    take(in_tenant, owner, "gym")
    take(in_tenant, owner, "academy")

    assert remove(in_tenant, owner, "academy") == set()
    assert Template.objects.filter(name="생일 축하").count() == 1
    assert remove(in_tenant, owner, "gym") == set()


def test_remove_keeps_what_is_used_or_edited_and_names_it(in_tenant: Tenant, owner: Staff) -> None:
    who: dict[str, Any] = {"tenant": in_tenant, "by": owner.user}
    take(in_tenant, owner)
    member = members.create(**who, name="김하늘", groups=["새벽반"], fields={"락커 번호": "12"})
    sold = PassType.objects.get(name="3개월권")
    passes.open_pass(**who, member=member, type=sold, starts_on=times.today(), reference="form:x")
    templates.update(**who, template=Template.objects.get(name="등록 환영"), text="어서 오세요.")
    pass_types.update(**who, type=PassType.objects.get(name="PT 10회"), price_won=500_000)
    Segment.objects.filter(name="곧 만료").update(
        rule={"all": [{"field": "expires_on", "op": "within_next", "value": 7}]}
    )

    kept = remove(in_tenant, owner)

    assert kept == {"락커 번호", "새벽반", "3개월권", "PT 10회", "등록 환영", "곧 만료"}
    assert counts() == [1, 1, 2, 1, 1]
    assert remove(in_tenant, owner) == set()  # twice is once
    assert AuditEvent.objects.filter(kind="preset.removed").count() == 1


def test_remove_keeps_a_field_that_a_text_says(in_tenant: Tenant, owner: Staff) -> None:
    take(in_tenant, owner)
    row = Field.objects.order_by("pk").first()
    assert row is not None
    Template.objects.create(tenant=in_tenant, name="우리 문구", text=f"#{{{row.name}}} 안내")

    assert remove(in_tenant, owner) == {row.name}
    assert Field.objects.filter(pk=row.pk).exists()


def test_taken_again_after_removal(in_tenant: Tenant, owner: Staff) -> None:
    first = take(in_tenant, owner)
    remove(in_tenant, owner)

    again = take(in_tenant, owner)

    assert again != first and presets.made_count(again) == presets.made_count(first)


def test_nothing_is_made_where_one_thing_is_refused(in_tenant: Tenant, owner: Staff, monkeypatch: Any) -> None:
    monkeypatch.setattr(groups, "GROUPS_MOST", 2)

    with pytest.raises(groups.TooManyGroups):
        take(in_tenant, owner)
    assert counts() == [0, 0, 0, 0, 0] and not PresetUse.objects.exists()


def test_unknown_preset_is_not_found(in_tenant: Tenant, owner: Staff) -> None:
    for deed in (presets.take, presets.remove):
        with pytest.raises(PresetNotFound):
            deed(tenant=in_tenant, by=owner.user, preset="bank")


def test_neighbour_has_its_own(tenant: Tenant, neighbour: Tenant, owner: Staff, neighbour_owner: Staff) -> None:
    with scope(tenant=neighbour):
        take(neighbour, neighbour_owner)
    with scope(tenant=tenant):
        assert counts() == [0, 0, 0, 0, 0]
        assert remove(tenant, owner) == set()
    with scope(tenant=neighbour):
        assert PresetUse.objects.get().removed_at is None


def test_page_shows_takes_and_removes(tenant: Tenant, owner: Staff) -> None:
    client, base = sign_in(owner), "/t/hanbit/members/presets/"

    page = client.get(base).content.decode()
    client.post(f"{base}salon/take/")
    taken = client.get(base).content.decode()
    client.post(f"{base}salon/remove/")

    assert "체육관·필라테스" in page and "재등록 할인" in page
    assert "꾸러미를 담았어요" in taken and "에 담았어요" in taken
    assert "꾸러미를 치웠어요" in client.get(base).content.decode()
    assert client.post(f"{base}bank/take/").status_code == 404
    assert sign_in(factories.make_staff(tenant, "sender")).get(base).status_code == 403
