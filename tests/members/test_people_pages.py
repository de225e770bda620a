"""Pages of contacts, stages, tags and numbers nobody has, as a person meets them."""

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from accounts.models import Export, Staff, Tag, Tenant, User
from members.models import Contact, Member, StageChange
from members.selectors.exporting import export_rows
from members.services import phones
from tests import factories

pytestmark = pytest.mark.usefixtures("in_tenant")
HX: Any = {"HX-Request": "true"}


def url(path: str = "") -> str:
    return f"/t/hanbit/members/{path}"


def test_the_form_takes_contacts_stage_and_tags(as_owner: Client, tenant: Tenant) -> None:
    typed = {
        "name": "김지우", "phone": "", "birth_calendar": "solar", "contacts": "1", "contact-0-role": "mother",
        "contact-0-phone": "010-3333-7788", "contact-0-name": "김영희", "contact-0-notices": "on",
        "contact-3-role": "father", "contact-3-phone": "", "tags": "셔틀, #형제 할인", "stage": "inquiry",
        "source": "네이버",
    }  # fmt: skip
    assert as_owner.post(url("add/"), typed).status_code == 302
    member = Member.objects.get()
    assert (member.stage, member.source) == ("inquiry", "네이버")
    assert sorted(Tag.objects.values_list("name", flat=True)) == ["셔틀", "형제 할인"]
    contact = Contact.objects.get()
    assert (contact.role, contact.phone, contact.gets_notices, contact.gets_dues) == (
        "mother",
        "01033337788",
        True,
        False,
    )

    page = as_owner.get(url(f"{member.pk}/edit/")).content.decode()
    assert "010-3333-7788" in page and "셔틀, 형제 할인" in page
    wrong = as_owner.post(url(f"{member.pk}/edit/"), typed | {"contact-0-phone": "12"})
    assert wrong.status_code == 422
    assert 'value="12"' in wrong.content.decode()


def test_the_panel_adds_changes_and_removes(as_owner: Client, tenant: Tenant) -> None:
    member = factories.make_member(tenant, "김지우")
    path = url(f"{member.pk}/contacts/")
    given = {"role": "mother", "phone": "01033337788", "name": "", "gets_notices": "on", "gets_dues": "on"}
    assert "010-3333-7788" in as_owner.post(path, given, headers=HX).content.decode()
    assert as_owner.post(path, given | {"phone": "12"}, headers=HX).status_code == 422
    row = Contact.objects.get()
    changed = as_owner.post(url(f"contacts/{row.pk}/"), given | {"role": "payer"}, headers=HX)
    assert "결제자" in changed.content.decode()
    as_owner.post(url(f"contacts/{row.pk}/remove/"), headers=HX)
    assert not Contact.objects.exists()
    assert as_owner.get(url(f"{member.pk}/")).status_code == 200


def test_the_board_moves_by_one_tap(as_owner: Client, tenant: Tenant) -> None:
    asked = factories.make_member(tenant, "문의자", stage="inquiry", source="친구 소개")
    page = as_owner.get(url("prospects/")).content.decode()
    assert "문의자" in page and "친구 소개" in page
    moved = as_owner.post(url(f"{asked.pk}/move/"), {"stage": "trial"}, headers=HX)
    assert moved.status_code == 200 and "옮겼어요" in moved.content.decode()
    assert StageChange.objects.get().stage == "trial"
    assert as_owner.post(url(f"{asked.pk}/move/"), {"stage": "nowhere"}, headers=HX).status_code == 200
    assert "문의자" in as_owner.get(url("prospects/?stage=trial")).content.decode()
    assert "문의자" in as_owner.get(url("?mark=stage:trial")).content.decode()
    assert "문의자" not in as_owner.get(url("?mark=stage:active")).content.decode()


def test_the_pager_of_the_board_stays_at_its_stage(as_owner: Client, tenant: Tenant) -> None:
    people = [factories.make_member(tenant, f"손님{n}", stage="trial") for n in range(60)]
    factories.make_member(tenant, "문의한사람", stage="inquiry")

    moved = as_owner.post(url(f"{people[0].pk}/move/?stage=trial"), {"stage": "consult"}, headers=HX)
    following = re.search(r'href="([^"]*cursor=[^"]*)"', moved.content.decode())

    assert following is not None
    page = as_owner.get(url(f"prospects/{unescape(following[1])}"), headers=HX).content.decode()
    assert "손님" in page and "문의한사람" not in page


def test_the_head_of_the_card_follows_its_panel(as_owner: Client, tenant: Tenant) -> None:
    member = factories.make_member(tenant, "김지우")

    moved = as_owner.post(url(f"{member.pk}/stage/"), {"stage": "paused"}, headers=HX)
    tagged = as_owner.post(url(f"{member.pk}/tags/"), {"add": "셔틀"}, headers=HX)

    assert "휴회" in head(moved) and "셔틀" in head(tagged)
    assert "stream" in moved["HX-Trigger"] and "stream" in tagged["HX-Trigger"]
    stream = as_owner.get(url(f"{member.pk}/timeline/"), headers=HX).content.decode()
    assert 'hx-trigger="toast from:body, stream from:body"' in stream
    assert "hx-swap-oob" not in head(as_owner.get(url(f"{member.pk}/")))


def head(answer: Any) -> str:
    return answer.content.decode().partition('<div class="who-head" id="who"')[2].partition("</div></div>")[0]


def test_what_is_typed_may_hold_anything(as_owner: Client, tenant: Tenant) -> None:
    typed = {"phone": "01012345678", "name": "김\x00", "birth_year": "00", "birth_month": "3", "birth_day": "1"}
    assert as_owner.post(url("duplicates/"), typed).status_code == 200

    as_owner.post(url("add/"), {"name": "이천년생", "birth_year": "00", "birth_month": "3", "birth_day": "1"})
    assert Member.objects.get().birth_date == date(2000, 3, 1)


def test_tags_are_made_merged_and_given_to_many(as_owner: Client, tenant: Tenant) -> None:
    one = factories.make_member(tenant, "김지우")
    for name in ("단골", "VIP"):
        assert as_owner.post(url("tags/add/"), {"name": name}).status_code == 302
    assert as_owner.post(url("tags/add/"), {"name": "단골"}).status_code == 422
    as_owner.post(url("bulk/"), {"action": "tag", "tag": "VIP", "id": [one.pk], "scope": "page"})
    vip, regular = Tag.objects.get(name="VIP"), Tag.objects.get(name="단골")
    assert "#VIP" in as_owner.get(url(f"?mark=tag:{vip.pk}")).content.decode()
    as_owner.post(url(f"tags/{vip.pk}/merge/"), {"into": regular.pk})
    assert "김지우" in as_owner.get(url(f"?mark=tag:{regular.pk}")).content.decode()
    as_owner.post(url(f"{one.pk}/tags/"), {"remove": "단골"}, headers=HX)
    assert "김지우" not in as_owner.get(url(f"?mark=tag:{regular.pk}")).content.decode()
    as_owner.post(url(f"tags/{regular.pk}/delete/"))
    assert not Tag.objects.exists()


def test_a_dead_number_is_shown_and_believed(as_owner: Client, tenant: Tenant) -> None:
    member = factories.make_member(tenant, "김지우", "01011112222")
    phones.heard(tenant=tenant, failed=["01011112222"] * 3)
    assert "김지우" in as_owner.get(url("numbers/")).content.decode()
    assert "세 번 돌아왔어요" in as_owner.get(url(f"{member.pk}/")).content.decode()
    assert "김지우" in as_owner.get(url("?mark=dead")).content.decode()
    as_owner.post(url(f"{member.pk}/alive/"))
    assert "김지우" not in as_owner.get(url("numbers/")).content.decode()


def test_the_form_warns_of_the_likely_same(as_owner: Client, tenant: Tenant, owner: Staff) -> None:
    factories.make_member(tenant, "김지우", "01011112222", birth_date="2015-04-05")
    sibling = factories.make_member(tenant, "박지호")
    Contact.objects.create(tenant=tenant, member=sibling, role="mother", phone="01033334444")
    factories.make_member(tenant, "지운이", "01033334444", deleted_at=factories.now())
    typed = {"name": "김지우", "phone": "01033334444", "birth_year": "2015", "birth_month": "4", "birth_day": "5"}
    said = as_owner.post(url("duplicates/"), typed, headers=HX).content.decode()
    for word in ("이름과 생일이 같은", "박지호", "휴지통", "지운이"):
        assert word in said, word


def test_all_of_a_narrowed_list_is_not_everybody(as_owner: Client, tenant: Tenant) -> None:
    trial = factories.make_member(tenant, "체험", stage="trial")
    factories.make_member(tenant, "회원")
    sent = as_owner.post(url("bulk/"), {"action": "compose", "scope": "all", "mark": "stage:trial"})
    assert sent.headers["Location"].endswith(f"members={trial.pk}")


@pytest.mark.parametrize("gone", ["mark", "group"])
def test_a_filter_by_what_is_gone_means_nobody(as_owner: Client, tenant: Tenant, gone: str) -> None:
    user = User.objects.get()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    members = [factories.make_member(tenant, name) for name in ("김지우", "이서연")]
    row: Any = Tag.objects.create(tenant=tenant, name="옛") if gone == "mark" else factories.make_group(tenant, "옛")
    asked = {gone: f"tag:{row.pk}" if gone == "mark" else str(row.pk), "scope": "all"}
    row.delete()

    as_owner.post(url("bulk/"), asked | {"action": "trash"})
    as_owner.post(url("edit/"), asked | {"step": "apply", "stage": "left"})
    as_owner.post(url("export/"), asked | {"reason": "확인", "format": "csv"})
    page = as_owner.get(url(), asked).content.decode()

    assert not Member.objects.exclude(deleted_at=None).exists()
    assert not Member.objects.filter(stage="left").exists()
    assert page.count("지워진") == 1, "among the filters, not among what people can be put into"
    assert not any(member.name in page for member in members)
    params = Export.objects.get().params
    assert list(export_rows(tenant, params)) == []
