"""Ads from the draft to what is stored (AD1–AD9): the blocks, the marks, who agreed, and the night."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.exceptions import Refusal
from accounts.models import Tenant
from members.models import Field, Member
from messaging.drafting import Audience, Draft, Except
from messaging.enums import DispatchState
from messaging.models import Dispatch, Message, SendingPolicy
from messaging.selectors import stops
from messaging.services import compose, optouts, policies
from messaging.views import words
from tests import factories
from tests.messaging.driving import results_due, run_pipeline
from ui import times

HEAD, TAIL = "(광고)한빛체육관\n", "\n무료수신거부 http://testserver/u/xxxxxxxx"


@pytest.fixture
def noon(clock: Any) -> datetime:
    return clock("12:00")


@pytest.fixture
def people(shop: Tenant) -> list[Member]:
    """One who agreed to ads at night too, two to ads, one to nothing."""
    agreed = times.now() - timedelta(days=30)
    return [
        factories.make_member(shop, "밤에도", "01022220001", ad_consent_at=agreed, night_consent_at=agreed),
        factories.make_member(shop, "낮에만", "01022220002", ad_consent_at=agreed),
        factories.make_member(shop, "낮에도", "01022220003", ad_consent_at=agreed),
        factories.make_member(shop, "안 받음", "01022220004"),
    ]


def ad(**fields: Any) -> Draft:
    return Draft(**{"to": Audience(all=True), "text": "#{이름}님, 겨울 할인 20%", "ad": True} | fields)


def submit(shop: Tenant, **fields: Any) -> Dispatch:
    return compose.submit(tenant=shop, by=None, draft=ad(**fields))


def refusal(shop: Tenant, **fields: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        submit(shop, **fields)
    assert not Dispatch.objects.exists()
    return caught.value


def notices(shop: Tenant, **fields: Any) -> list[str]:
    quote = compose.quote(tenant=shop, draft=ad(**fields))
    return [code for code, _said in quote.notices]


def to(*members: Member) -> Audience:
    return Audience(members=[member.pk for member in members])


# --- Blocks and marks -----------------------------------------------------------------------------------------------
def test_ad7_ad8_quote_counts_the_blocks_and_shows_them(shop: Tenant, people: Any, noon: Any) -> None:
    quote = compose.quote(tenant=shop, draft=ad())

    text = f"{HEAD}밤에도님, 겨울 할인 20%{TAIL}"
    assert quote.samples[0].text == text
    assert (quote.longest_bytes, quote.types) == (6 + 10 + 2 + 23 + 2 + 13 + 28, {"SMS": 3})
    assert quote.missing == {}  # the code of the address is no field that anybody forgot


def test_ad7_name_and_hotline_of_the_tenant_stand_in_the_blocks(shop: Tenant, people: Any, noon: Any) -> None:
    SendingPolicy.objects.create(tenant=shop, ad_name="한빛 본점", ad_hotline="0801234567")

    text = compose.quote(tenant=shop, draft=ad()).samples[0].text

    assert text == "(광고)한빛 본점\n밤에도님, 겨울 할인 20%\n무료수신거부 080-123-4567"


def test_ad7_a_name_that_no_phone_can_show_is_refused_with_where_to_mend_it(
    shop: Tenant, people: Any, noon: Any
) -> None:
    SendingPolicy.objects.create(tenant=shop, ad_name="한빛🏋")

    assert "발송 설정" in str(refusal(shop))


def test_ad5_what_is_stored_is_what_was_typed(shop: Tenant, people: Any, noon: Any) -> None:
    dispatch = submit(shop, title="할인")

    assert (dispatch.text, dispatch.title, dispatch.ad) == ("#{이름}님, 겨울 할인 20%", "할인", True)


def test_ad5_a_typed_mark_is_not_doubled(shop: Tenant, people: Any, noon: Any) -> None:
    text = compose.quote(tenant=shop, draft=ad(text=" (광고) #{이름}님, 할인\n")).samples[0].text

    assert text == f"{HEAD}밤에도님, 할인{TAIL}"


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("ad_mark_forbidden", {"text": "할인 (광/고)"}),
        ("ad_mark_forbidden", {"title": "[광고] 할인"}),
        ("empty_text", {"text": "(광고) "}),
        ("ad_not_switched_on", {"text": "(광고) 할인", "ad": False}),
        ("ad_not_switched_on", {"text": "[광 고] 할인", "ad": False}),
        ("ad_not_switched_on", {"title": "(광고)할인", "ad": False}),
        ("title_too_long", {"title": "가" * 20}),  # 40 bytes, and the mark's 6
        ("too_long", {"text": "가" * 980}),  # 1,960 bytes, and the blocks'
    ],
)
def test_ad5_ad6_refuses_with_a_sentence(shop: Tenant, people: Any, noon: Any, code: str, fields: Any) -> None:
    caught = refusal(shop, **fields)

    assert caught.code == code and str(caught)


@pytest.mark.parametrize("text", ["오늘 (광고) 회의가 있어요", "광고 회의는 3시예요"])
def test_ad5_a_notice_may_speak_of_ads(shop: Tenant, text: str, people: Any) -> None:
    assert submit(shop, text=text, ad=False).ad is False


def test_ad5_a_text_of_blanks_is_no_ad(shop: Tenant, people: Any, noon: Any) -> None:
    """The blocks alone say nothing to anybody."""
    Field.objects.create(tenant=shop, name="별명")
    quote = compose.quote(tenant=shop, draft=ad(text="#{별명}"))

    assert (quote.recipients, quote.excluded) == (0, {"empty": 3, "no_consent": 1})


# --- Consent --------------------------------------------------------------------------------------------------------
def test_ad1_only_who_agreed_is_counted(shop: Tenant, people: Any, noon: Any) -> None:
    pasted = Audience(all=True, phones=[("010-9999-0000", "지나가던 사람")])

    quote = compose.quote(tenant=shop, draft=ad(to=pasted))

    assert (quote.recipients, quote.excluded) == (3, {"no_consent": 2})
    assert compose.quote(tenant=shop, draft=ad(to=pasted, ad=False)).recipients == 5


def test_ad1_to_nobody_who_agreed_is_refused_and_says_what_lacks(shop: Tenant, people: Any, noon: Any) -> None:
    caught = refusal(shop, to=to(people[3]))

    assert caught.code == "no_recipients" and "받기로 한 사람이 없어요" in str(caught)


def test_ad3_who_refused_ads_gets_notices_still(shop: Tenant, people: Any, noon: Any) -> None:
    optouts.opt_out(tenant=shop, by=None, phone="01022220002", scope="ads")

    assert compose.quote(tenant=shop, draft=ad()).excluded == {"no_consent": 1, "opted_out": 1}
    assert compose.quote(tenant=shop, draft=ad(ad=False)).excluded == {}


def test_ad1_people_who_share_a_phone_never_get_the_same_ad_twice(shop: Tenant, noon: Any, aligo: Any) -> None:
    """The address at its end is the phone's, and makes no other text of it."""
    Field.objects.create(tenant=shop, name="학년")
    family = [
        factories.make_member(shop, name, "01022220001", ad_consent_at=noon, fields={"학년": grade})
        for name, grade in (("첫째", "1"), ("쌍둥이", "1"), ("막내", "2"))
    ]
    draft = ad(to=to(*family), text="#{학년}학년 할인", each=True, each_reason="학년별 안내")
    quote = compose.quote(tenant=shop, draft=draft)

    compose.submit(tenant=shop, by=None, draft=draft)
    run_pipeline(shop)

    assert quote.recipients == Message.objects.count() == 2
    assert set(Message.objects.values_list("name", flat=True)) == {"첫째", "막내"}


# --- Night ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("clock_says", ["20:50", "21:00", "23:59"])
def test_ad4_an_ad_asked_for_at_night_is_moved_to_the_morning_and_says_so(
    shop: Tenant, people: Any, clock: Any, clock_says: str
) -> None:
    now = clock(clock_says)
    day = to(*people[1:3])

    dispatch = submit(shop, to=day)

    morning = (now + timedelta(days=1)).replace(hour=8, minute=0)
    assert (dispatch.state, dispatch.send_at) == (DispatchState.SCHEDULED, morning)
    assert abs(dispatch.asked_at - now) < timedelta(minutes=1)
    assert notices(shop, to=day) == ["night_moved"]
    assert "오전 8:00" in dispatch.notices[0][1]  # type: ignore[attr-defined]


def test_ad4_a_schedule_at_night_is_moved_and_remembers_what_was_asked(
    shop: Tenant, people: Any, noon: datetime
) -> None:
    asked = (noon + timedelta(days=2)).replace(hour=7, minute=30)

    dispatch = submit(shop, to=to(people[1]), send_at=asked)

    assert (dispatch.send_at, dispatch.asked_at) == (asked.replace(hour=8, minute=0), asked)


def test_ad4_by_day_nothing_is_moved(shop: Tenant, people: Any, clock: Any) -> None:
    clock("20:49")

    assert submit(shop).state == DispatchState.PREPARING and notices(shop) == []


def test_ad4_a_notice_at_night_leaves_at_night(shop: Tenant, people: Any, clock: Any) -> None:
    clock("22:00")

    assert submit(shop, ad=False).state == DispatchState.PREPARING and notices(shop, ad=False) == []


def test_ad4_some_with_a_night_consent_get_it_at_night(shop: Tenant, people: Any, clock: Any) -> None:
    clock("22:00")

    dispatch = submit(shop)

    assert (dispatch.state, dispatch.send_at, dispatch.asked_at) == (DispatchState.PREPARING, None, None)
    quote = compose.quote(tenant=shop, draft=ad())
    assert quote.notices == dispatch.notices  # type: ignore[attr-defined]
    assert [code for code, _said in quote.notices] == ["night_split"]
    assert "1명" in quote.notices[0][1] and "나머지 2명" in quote.notices[0][1]


def test_ad4_all_with_a_night_consent_is_nothing_to_tell(shop: Tenant, people: Any, clock: Any) -> None:
    clock("22:00")
    only = to(people[0])

    assert submit(shop, to=only).state == DispatchState.PREPARING and notices(shop, to=only) == []


def test_ad4_what_would_be_past_its_validity_in_the_morning_is_refused(shop: Tenant, people: Any, clock: Any) -> None:
    until = clock("22:00") + timedelta(hours=1)

    assert refusal(shop, expires_at=until).code == "expires_too_soon"
    assert notices(shop, expires_at=until) == ["expires_too_soon"]
    assert submit(shop, to=to(people[0]), expires_at=until).expires_at == until


def test_ad4_the_seconds_for_second_thoughts_may_end_in_the_night(
    shop: Tenant, people: Any, clock: Any, settings: Any
) -> None:
    for n in range(11):
        factories.make_member(shop, f"회원{n}", f"010333300{n:02d}", ad_consent_at=times.now() - timedelta(days=9))
    many = Audience(all=True, except_=Except(members=[people[0].pk]))  # nobody who agreed to nights
    now = clock("20:50")
    settings.CLOCK_OFFSET -= 5  # five seconds before; the second thoughts last ten

    def submitted(**fields: Any) -> Dispatch:
        return compose.submit(tenant=shop, by=None, draft=ad(**fields), undo=True)

    moved = submitted(to=many)
    assert (moved.state, moved.send_at) == (
        DispatchState.SCHEDULED,
        (now + timedelta(days=1)).replace(hour=8, minute=0),
    )
    assert [code for code, _said in moved.notices] == ["night_moved"]  # type: ignore[attr-defined]

    # Where there are no seconds to wait, there is still time.
    assert submit(shop, to=many).state == DispatchState.PREPARING
    assert submitted(to=to(*people[1:3])).state == DispatchState.PREPARING
    assert submitted(to=many, expires_at=now).state == DispatchState.PREPARING
    at = now - timedelta(seconds=2)
    assert submitted(to=many, send_at=at).send_at == at


def test_ad4_what_a_stop_keeps_back_at_night_leaves_in_the_morning(shop: Tenant, people: Any, clock: Any) -> None:
    clock("20:30")
    policies.stop_all(tenant=shop, by=None)
    submit(shop), submit(shop, ad=False)
    assert (stops.waiting(shop).leaving, stops.waiting(shop).nightly) == (2, 0)

    clock("22:00")

    assert (stops.waiting(shop).leaving, stops.waiting(shop).nightly) == (1, 1)
    assert "광고 1건은 밤이라" in words.go_on_question(stops.waiting(shop))

    Dispatch.objects.filter(ad=True).update(expires_at=times.now() + timedelta(hours=1))  # over before the morning
    assert (stops.waiting(shop).nightly, stops.waiting(shop).expired) == (0, 1)


def test_ad4_changing_to_a_night_moves_it_and_back_to_a_day_forgets_it(
    shop: Tenant, people: Any, noon: datetime
) -> None:
    day, night = noon + timedelta(days=1), (noon + timedelta(days=1)).replace(hour=22)
    dispatch = submit(shop, to=to(people[1]), send_at=day)

    compose.change(tenant=shop, by=None, dispatch=dispatch, send_at=night)
    assert (dispatch.send_at, dispatch.asked_at) == ((day + timedelta(days=1)).replace(hour=8), night)
    assert [code for code, _said in dispatch.notices] == ["night_moved"]  # type: ignore[attr-defined]

    compose.change(tenant=shop, by=None, dispatch=dispatch, text="다른 할인")
    assert dispatch.asked_at == night

    compose.change(tenant=shop, by=None, dispatch=dispatch, send_at=day)
    assert (dispatch.send_at, dispatch.asked_at) == (day, None)


# --- Tests to one's own phone ---------------------------------------------------------------------------------------
def test_a_test_of_an_ad_asks_neither_consent_nor_night_and_has_its_blocks_once(
    shop: Tenant, people: Any, clock: Any, aligo: Any
) -> None:
    clock("22:00")

    test = compose.send_test(tenant=shop, by=None, draft=ad(), phones=["010-7777-0000"])

    assert (test.state, test.ad, test.text) == (DispatchState.PREPARING, True, "밤에도님, 겨울 할인 20%")
    run_pipeline(shop)
    text = Message.objects.get(dispatch=test).text
    assert text.startswith(f"{HEAD}밤에도님, 겨울 할인 20%{TAIL[:-8]}") and text.count("광고") == 1
    assert test.notices == []  # type: ignore[attr-defined]


def test_ad4_an_ad_sent_again_at_night_waits_for_the_morning(shop: Tenant, people: Any, clock: Any, aligo: Any) -> None:
    clock("12:00")
    lost = factories.make_member(shop, "결번", "01029990001", ad_consent_at=times.now())
    first = submit(shop, to=to(lost))
    run_pipeline(shop)
    results_due(shop)
    run_pipeline(shop)
    clock("22:00")

    again = compose.resend(tenant=shop, by=None, dispatch=first)

    assert (again.state, again.ad) == (DispatchState.SCHEDULED, True)
    assert again.asked_at and times.seoul(again.send_at).hour == 8  # type: ignore[arg-type]
