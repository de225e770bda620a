"""The compose page's finer questions: whose number, a text each, who is left out, which list; and they come back."""

from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django_scopes import scope

from accounts.models import Tag, Tenant
from members.models import Contact, Group, Member, Segment
from members.services import segments, uniting
from messaging.models import Dispatch
from tests import factories
from tests.messaging.views.test_compose import KEY, URL, sent, typed
from ui import times

WHEN = {"later": "on", "date": f"{times.today() + timedelta(days=30)}", "time": "09:30"}


class Form(HTMLParser):
    """What a browser would send of the compose form, as it stands on the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self._inside = self._select = self._area = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("id", "")
        if given.get("form", self._inside) == "compose" and given.get("name"):
            self._field(tag, given)
        if tag == "option" and self._select and "selected" in given:
            self.values[self._select] = [given["value"]]

    def _field(self, tag: str, given: dict[str, str]) -> None:
        name = given["name"]
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            self._area, self.values[name] = name, [""]
        elif tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self.values.setdefault(name, []).append(given.get("value", "on"))

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self._select = self._area = ""
        if tag == "form":
            self._inside = ""


@pytest.fixture
def tag(shop: Tenant) -> Tag:
    return Tag.objects.create(tenant=shop, name="형제")


@pytest.fixture
def segment(shop: Tenant) -> Segment:
    with scope(tenant=shop):
        rule = {"all": [{"field": "unpaid", "op": "yes"}]}
        return segments.create(tenant=shop, by=None, name="미납자", rule=rule)


def scheduled(client: Client, shop: Tenant, **fields: Any) -> Dispatch:
    answer = client.post(f"{URL}submit/", typed(**WHEN, **fields))
    assert answer.status_code == 302, answer.content.decode()
    return sent(shop)[-1]


def form_of(client: Client, dispatch: Dispatch) -> dict[str, list[str]]:
    return Form(client.get(f"{URL}?edit={dispatch.pk}").content.decode()).values


def test_everything_said_of_the_audience_is_stored_and_comes_back(
    as_owner: Client, shop: Tenant, people: list[Member], tag: Tag, segment: Segment
) -> None:
    with scope(tenant=shop):
        Contact.objects.create(tenant=shop, member=people[0], role="mother", phone="01077770007")
    asked = {
        "segments": [segment.pk], "all": "on", "via": "mother", "each": "on", "each_reason": "자녀별 성적",
        "as_of": "now", "except_members": [people[2].pk], "except_phones": "김이모 010-9999-0002",
        "except_dead": "on", "except_segments": [segment.pk], "except_tags": [tag.pk], "except_stages": ["left"],
        "except_recent": "7", "except_unpaid": "on", "except_staff": "on",
    }  # fmt: skip

    dispatch = scheduled(as_owner, shop, **asked)
    again = form_of(as_owner, dispatch)
    as_owner.post(f"{URL}submit/", again | {"text": "바뀐 글 #{이름}"})

    (changed,) = sent(shop)
    assert changed.text == "바뀐 글 #{이름}"
    assert (changed.each_reason, changed.audience) == ("자녀별 성적", dispatch.audience)
    assert dispatch.audience == {
        "segments": [segment.pk], "all": True, "via": "mother", "apart": True, "as_of": "now",
        "except": {
            "members": [people[2].pk], "phones": [["010-9999-0002", "김이모"]], "dead": True,
            "segments": [segment.pk], "tags": [tag.pk], "stages": ["left"], "recent_days": 7, "unpaid": True,
            "staff": True,
        },
    }  # fmt: skip


def test_a_tag_that_is_gone_stays_an_exception_until_a_person_takes_it_off(
    as_owner: Client, shop: Tenant, people: list[Member], tag: Tag
) -> None:
    dispatch = scheduled(as_owner, shop, all="on", except_tags=[tag.pk])
    tag.delete()

    for address in (f"{URL}?edit={dispatch.pk}", f"{URL}?copy={dispatch.pk}"):
        page = as_owner.get(address).content.decode()
        assert "지워진 태그" in page and Form(page).values["except_tags"] == [
            str(dispatch.audience["except"]["tags"][0])
        ]
    form = form_of(as_owner, dispatch)
    assert as_owner.post(f"{URL}submit/", form).status_code == 422
    assert as_owner.post(f"{URL}submit/", form | {"except_tags": []}).status_code == 302
    assert sent(shop)[0].audience == {"all": True}


def test_people_merged_since_are_chosen_and_left_out_as_who_is_left(
    as_owner: Client, shop: Tenant, people: list[Member], group: Group
) -> None:
    twin = factories.make_member(shop, "쌍둥이", "01020004444")
    other = factories.make_member(shop, "남는사람", "01020005555")
    asked = {"members": [twin.pk], "groups": [group.pk], "except_members": [people[1].pk]}
    dispatch = scheduled(as_owner, shop, **asked)
    with scope(tenant=shop):
        uniting.unite(tenant=shop, by=None, kept=people[0].pk, gone=people[1].pk)
        uniting.unite(tenant=shop, by=None, kept=other.pk, gone=twin.pk)

    form = form_of(as_owner, dispatch)

    assert (form["members"], form["except_members"]) == ([str(other.pk)], [str(people[0].pk)])


def test_who_came_and_who_left_since_it_was_scheduled_is_shown(
    as_owner: Client, shop: Tenant, people: list[Member], segment: Segment, neighbour: Tenant
) -> None:
    late = {"unpaid_won": 9, "unpaid_since": times.today()}
    with scope(tenant=shop):
        Member.objects.filter(pk=people[0].pk).update(**late)
    dispatch = scheduled(as_owner, shop, segments=[segment.pk], as_of="now")
    url = f"/t/hanbit/messages/{dispatch.pk}/audience/"
    assert "예약할 때와 같은 사람들이에요" in as_owner.get(url).content.decode()
    with scope(tenant=shop):
        Member.objects.filter(pk=people[0].pk).update(unpaid_won=0, unpaid_since=None)
        Member.objects.filter(pk=people[1].pk).update(**late)

    page = as_owner.get(url).content.decode()

    assert "지금 명단으로 보내요" in page and "김하늘" in page and "이서준" in page and "박은서" not in page
    assert url in as_owner.get(f"/t/hanbit/messages/{dispatch.pk}/").content.decode()
    theirs = Dispatch.objects.create(tenant=neighbour, text="이웃 글", state="scheduled", sender="0212345678")
    assert as_owner.get(f"/t/hanbit/messages/{theirs.pk}/audience/").status_code == 404


def test_texts_each_and_a_wrong_number_of_days_are_refused_beside_their_field(
    as_owner: Client, shop: Tenant, people: list[Member]
) -> None:
    without = typed(all="on", each="on", each_reason="")
    assert as_owner.post(f"{URL}submit/", without).status_code == 422
    assert as_owner.post(f"{URL}submit/", typed(key=KEY[1:] + "2", all="on", except_recent="999")).status_code == 422
    assert sent(shop) == []
