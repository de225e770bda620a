"""The compose page from outside: what a person sees, keeps and sends."""

import io
import re
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django_scopes import scope

from accounts.models import Tenant
from messaging.enums import DispatchState, OptOutScope
from messaging.models import AligoAccount, Dispatch, Draft, OptOut
from messaging.services import accounts, planning
from tests import factories
from tests.messaging.views.conftest import finish
from ui import times

URL = "/t/hanbit/messages/new/"
KEY = "k" * 32


def typed(**fields: Any) -> dict[str, Any]:
    return {"key": KEY, "text": "안녕하세요, #{이름} 님.", "sender": "0237890123"} | fields


def sent(tenant: Tenant) -> list[Dispatch]:
    with scope(tenant=tenant):
        return list(Dispatch.objects.order_by("pk"))


def test_compose_offers_groups_fields_and_senders(as_owner: Client, shop: Tenant, people: Any) -> None:
    page = as_owner.get(URL).content.decode()

    assert "초등부" in page and 'data-insert="#{이름}"' in page and "02-3789-0123" in page
    assert "연습 모드" in page  # nobody may believe that phones ring


def test_compose_is_closed_to_a_viewer(viewer: Client, shop: Tenant) -> None:
    assert viewer.get(URL).status_code == 403
    assert viewer.post(f"{URL}submit/", typed(all="on")).status_code == 403
    assert sent(shop) == []


def test_compose_begins_with_the_members_asked_for(as_owner: Client, shop: Tenant, people: Any) -> None:
    page = as_owner.get(f"{URL}?members={people[0].pk},{people[1].pk}").content.decode()

    assert "김하늘" in page and "이서준" in page and "박은서" not in page


def test_compose_does_not_find_the_neighbours_member(as_owner: Client, shop: Tenant, neighbour: Tenant) -> None:
    theirs = factories.make_member(neighbour, "이웃사람")

    assert "이웃사람" not in as_owner.get(f"{URL}?member={theirs.pk}").content.decode()
    answer = as_owner.post(f"{URL}submit/", typed(members=[theirs.pk]))
    assert answer.status_code == 422 and sent(shop) == []


def test_quote_counts_before_a_word_is_written(as_owner: Client, shop: Tenant, people: Any, group: Any) -> None:
    page = as_owner.post(f"{URL}quote/", typed(text="", groups=[group.pk])).content.decode()

    assert "3명에게 보내기" in page


def test_quote_says_types_reasons_and_who_makes_it_long(
    as_owner: Client, shop: Tenant, people: Any, group: Any
) -> None:
    factories.make_member(shop, "알렉산드리아", "01020000009", group)
    factories.make_member(shop, "집전화", "0237891111", group)
    with scope(tenant=shop):
        OptOut.objects.create(tenant=shop, phone=people[2].phone, scope=OptOutScope.ALL, at=factories.now())

    page = as_owner.post(f"{URL}quote/", typed(text="가" * 40 + "#{이름}", groups=[group.pk])).content.decode()

    assert "단문 2 + 장문 1" in page and "알렉산드리아 92" in page
    assert "2명은 빼고 보내요" in page and "수신거부" in page and "휴대폰 번호가 아님" in page


def test_quote_brings_the_sidebar_up_to_date(as_owner: Client, shop: Tenant, people: Any) -> None:
    page = as_owner.post(f"{URL}quote/", typed(members=[people[0].pk])).content.decode()

    assert 'hx-swap-oob="outerHTML:.sidebar .balance"' in page
    assert "outerHTML:.sidebar .balance" not in as_owner.get(URL).content.decode()


def test_quote_names_who_would_get_a_blank(as_owner: Client, shop: Tenant, people: Any) -> None:
    page = as_owner.post(f"{URL}quote/", typed(text="#{생일} 축하해요", members=[people[0].pk])).content.decode()

    assert "김하늘" in page and "#{생일|" in page


def test_excluded_names_the_people_of_one_reason(as_owner: Client, shop: Tenant, people: Any) -> None:
    other = factories.make_member(shop, "집전화", "0237891111")
    data = typed(members=[people[0].pk, other.pk], reason="bad_number")

    page = as_owner.post(f"{URL}excluded/", data).content.decode()

    assert "집전화" in page and "김하늘" not in page


def test_excluded_shows_a_wrong_pasted_number_as_typed_to_be_mended(
    as_owner: Client, shop: Tenant, people: Any
) -> None:
    wrong = factories.make_member(shop, "틀린번호", "0237891111")
    data = typed(
        members=[wrong.pk], phones="김민수 010-12\n아무말\n본사 02-789-0123\n010-5555-6666", reason="bad_number"
    )

    page = as_owner.post(f"{URL}excluded/", data).content.decode()

    assert re.findall(r'data-fix-number="([^"]+)"', page) == ["김민수 010-12", "아무말", "02-789-0123"]
    assert re.search(rf'href="[^"]*/members/{wrong.pk}/" target="_blank" data-fix-member', page)
    assert "02-37••-1111" in page and "0237891111" not in page


def test_groups_and_pasted_numbers_are_left_out(as_owner: Client, shop: Tenant, people: Any) -> None:
    resting = factories.make_group(shop, "쉬는 반")
    factories.make_member(shop, "쉬는이", "01020004444", resting)
    assert f'name="except_groups" value="{resting.pk}" form="compose"' in as_owner.get(URL).content.decode()
    left = {"except_groups": [resting.pk], "except_phones": "김하늘 010-2000-1111"}

    page = as_owner.post(f"{URL}quote/", typed(all="on", **left)).content.decode()
    assert "2명에게 보내기" in page
    as_owner.post(f"{URL}draft/", typed(all="on", **left))
    page = as_owner.get(URL).content.decode()
    assert 'data-except-group="쉬는 반" checked' in page and "김하늘 010-2000-1111</textarea>" in page
    as_owner.post(f"{URL}submit/", typed(all="on", **left))

    finish(shop)
    assert sent(shop)[0].total == 2


def test_what_is_no_number_among_the_left_out_stops_it(as_owner: Client, shop: Tenant, people: Any) -> None:
    data = typed(all="on", except_phones="김하늘 010-2000-1111\n몰라")
    sentence = "읽을 수 없는 것이 있어요: 몰라"

    assert as_owner.post(f"{URL}quote/", data).content.decode().count(sentence) == 1
    page = as_owner.post(f"{URL}confirm/", data).content.decode()
    assert sentence in page and "아직 보낼 수 없어요" in page and "data-send" not in page
    refused = as_owner.post(f"{URL}submit/", data)

    page = refused.content.decode()
    assert refused.status_code == 422 and sent(shop) == []
    assert re.search(rf'<ul class="errorlist" id="except-errors"><li>[^<]*{sentence}', page)
    assert 'aria-invalid="true" aria-describedby="except-errors">김하늘 010-2000-1111\n몰라</textarea>' in page


def test_the_switch_for_shared_phones_says_whom_it_is_for(as_owner: Client, shop: Tenant) -> None:
    help_text = "켜면 내용이 서로 다를 때 회원마다 가요. 회원이 아닌 번호에는 한 통만 가요."
    assert help_text in as_owner.get(URL).content.decode()


def test_people_are_found_by_name_and_initials(as_owner: Client, shop: Tenant, people: Any) -> None:
    for asked in ("하늘", "ㄱㅎㄴ", "1111"):
        page = as_owner.post(f"{URL}people/", {"q": asked}).content.decode()
        assert "김하늘" in page and "박은서" not in page, asked


def test_people_of_the_neighbour_are_not_found(as_owner: Client, shop: Tenant, neighbour: Tenant) -> None:
    factories.make_member(neighbour, "이웃사람")

    assert "이웃사람" not in as_owner.post(f"{URL}people/", {"q": "이웃"}).content.decode()


def test_confirm_tells_how_many_which_type_and_which_sender(as_owner: Client, shop: Tenant, people: Any) -> None:
    page = as_owner.post(f"{URL}confirm/", typed(all="on")).content.decode()

    assert "3명에게 보내기" in page and "단문 3" in page and "02-3789-0123" in page and "data-send" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": ""}, "내용이 비어"),
        ({"all": ""}, "받는 사람을 골라"),
        ({"text": "됬어요"}, "보낼 수 없는 글자"),
        ({"title": "🎉 소식"}, "제목에 문자로 보낼 수 없는 글자가 있어요: 🎉"),
        ({"text": "#{없는것}"}, "없는 항목"),
        ({"later": "on", "date": "2020-01-01", "time": "09:00"}, "이미 지났어요"),
        ({"later": "on", "date": "", "time": "09:00"}, "날짜를 골라"),
    ],
)
def test_confirm_says_what_is_wrong(as_owner: Client, shop: Tenant, people: Any, fields: Any, sentence: str) -> None:
    data = {name: value for name, value in typed(**({"all": "on"} | fields)).items() if value != "" or name == "text"}

    page = as_owner.post(f"{URL}confirm/", data).content.decode()

    assert sentence in page and "data-send" not in page


def test_submit_stores_one_dispatch_and_shows_it(as_owner: Client, shop: Tenant, people: Any) -> None:
    answer = as_owner.post(f"{URL}submit/", typed(all="on", except_members=[people[1].pk]))

    (dispatch,) = sent(shop)
    assert answer.url == f"/t/hanbit/messages/{dispatch.pk}/"
    assert dispatch.audience == {"all": True, "except": {"members": [people[1].pk]}}


def test_submit_twice_sends_once(as_owner: Client, shop: Tenant, people: Any) -> None:
    first, second = (as_owner.post(f"{URL}submit/", typed(all="on")) for _ in range(2))

    assert first.url == second.url and len(sent(shop)) == 1


def test_submit_of_another_text_from_the_same_page_is_kept_and_told(
    as_owner: Client, shop: Tenant, people: Any
) -> None:
    as_owner.post(f"{URL}submit/", typed(all="on"))

    answer = as_owner.post(f"{URL}submit/", typed(all="on", text="다른 내용이에요."))

    page = answer.content.decode()
    assert answer.status_code == 422 and "다른 내용이에요." in page and KEY not in page
    assert len(sent(shop)) == 1


def test_submit_refused_loses_nothing(as_owner: Client, shop: Tenant, people: Any, group: Any) -> None:
    data = typed(text="됬어요 <b>", title="제목", name="이름표", groups=[group.pk], phones="김민수 010-1234-5678")

    answer = as_owner.post(f"{URL}submit/", data)

    page = answer.content.decode()
    assert answer.status_code == 422 and sent(shop) == []
    for kept in ("됬어요 &lt;b&gt;", "제목", "이름표", "김민수 010-1234-5678", f'value="{group.pk}" checked', KEY):
        assert kept in page, kept


def test_submit_to_a_family_sends_each_its_own_text(as_owner: Client, shop: Tenant, people: Any) -> None:
    factories.make_member(shop, "김바다", people[0].phone)
    quote = as_owner.post(f"{URL}quote/", typed(all="on")).content.decode()
    assert "3명에게 보내기" in quote and "같은 번호 중복" in quote

    asked = typed(all="on", each="on", each_reason="자녀별 성적 안내")
    assert "4명에게 보내기" in as_owner.post(f"{URL}quote/", asked).content.decode()
    as_owner.post(f"{URL}submit/", asked)
    finish(shop)

    first, other = sent(shop)
    assert (first.total, other.total, other.first_id) == (3, 1, first.pk)
    page = as_owner.get(f"/t/hanbit/messages/{first.pk}/").content.decode()
    assert f"/t/hanbit/messages/{other.pk}/" in page and "자녀별 성적 안내" in page
    assert f"/t/hanbit/messages/{first.pk}/" in as_owner.get(f"/t/hanbit/messages/{other.pk}/").content.decode()
    assert "번호를 같이 쓰는 분께" in as_owner.get("/t/hanbit/messages/").content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [({"each_reason": ""}, "까닭을 적어"), ({"each_reason": "자녀", "text": "내일 쉬어요."}, "똑같은 글이 여러 통")],
)
def test_each_without_reason_or_field_is_refused_beside_its_field(
    as_owner: Client, shop: Tenant, people: Any, fields: Any, sentence: str
) -> None:
    data = typed(all="on", each="on", **fields) if "text" not in fields else typed(all="on", each="on") | fields

    assert sentence in as_owner.post(f"{URL}confirm/", data).content.decode()
    answer = as_owner.post(f"{URL}submit/", data)
    page = answer.content.decode()
    assert answer.status_code == 422 and sentence in page and sent(shop) == []
    assert 'name="each" role="switch" checked' in page


def test_a_scheduled_family_keeps_its_wish_when_edited(as_owner: Client, shop: Tenant, people: Any) -> None:
    when = {"later": "on", "date": "2027-03-02", "time": "09:30"}
    as_owner.post(f"{URL}submit/", typed(all="on", each="on", each_reason="자녀", **when))
    (dispatch,) = sent(shop)

    page = as_owner.get(f"{URL}?edit={dispatch.pk}").content.decode()
    assert 'name="each" role="switch" checked' in page and 'name="each_reason" value="자녀"' in page

    as_owner.post(f"{URL}submit/", typed(key="e" * 32, edit=dispatch.pk, all="on", **when))
    assert [one.each_reason for one in sent(shop)] == [""]


def test_the_balance_looks_ahead(as_owner: Client, shop: Tenant, people: Any) -> None:
    """Scheduled texts count, in the sidebar, in the quote and in the list, and the one being changed counts once."""
    when = {"later": "on", "date": "2027-03-02", "time": "09:30"}
    as_owner.post(f"{URL}submit/", typed(all="on", **when))
    (dispatch,) = sent(shop)
    with scope(tenant=shop):
        planning.plan(tenant=shop, dispatch_id=dispatch.pk)
        accounts.open_sandbox(tenant=shop)
        AligoAccount.objects.update(
            sms_count=5, lms_count=2, mms_count=0, checked_at=times.now(), balance_at=times.now(), state="ok"
        )

    fresh = as_owner.post(f"{URL}quote/", typed(all="on")).content.decode()
    assert "예약까지 감안하면" in fresh and "단문 -1" in fresh and "모자라요" in fresh
    unwritten = as_owner.post(f"{URL}quote/", typed(text="", all="on")).content.decode()
    assert "보내기에는 모자라요" in fresh and "보내기에는 모자라요" not in unwritten
    assert "예약까지 감안하면 단문 2건" in fresh  # the sidebar knows nothing of what is being written
    changed = as_owner.post(f"{URL}quote/", typed(all="on", edit=dispatch.pk, **when)).content.decode()
    assert "보내고 나면" in changed and "단문 2" in changed
    assert "지금 보낸다면 단문 3" in as_owner.get("/t/hanbit/messages/").content.decode()
    assert "단문 3" in as_owner.get(f"/t/hanbit/messages/{dispatch.pk}/").content.decode()
    assert "예약까지 감안하면 단문 2건" in as_owner.get("/t/hanbit/members/").content.decode()


def test_submit_later_is_scheduled_in_seoul(as_owner: Client, shop: Tenant, people: Any) -> None:
    as_owner.post(f"{URL}submit/", typed(all="on", later="on", date="2027-03-02", time="09:30"))

    (dispatch,) = sent(shop)
    assert dispatch.state == DispatchState.SCHEDULED and dispatch.send_at.isoformat() == "2027-03-02T00:30:00+00:00"


def test_submit_reads_pasted_names_and_numbers(as_owner: Client, shop: Tenant) -> None:
    as_owner.post(f"{URL}submit/", typed(phones="김민수 010-1234-5678\n010-2222-3333, 010-4444-5555"))

    (dispatch,) = sent(shop)
    assert dispatch.audience["phones"] == [["010-1234-5678", "김민수"], ["010-2222-3333", ""], ["010-4444-5555", ""]]


def test_test_send_goes_to_the_numbers_given(as_owner: Client, shop: Tenant, people: Any) -> None:
    page = as_owner.post(f"{URL}test/", typed(all="on", test_phones="010-9999-8888")).content.decode()

    (dispatch,) = sent(shop)
    assert "시험 문자를 보냈어요" in page and dispatch.is_test and "김하늘" in dispatch.text


@pytest.mark.parametrize("phones", ["", "010-1111-1111, 010-1111-2222, 010-1111-3333, 010-1111-4444"])
def test_test_send_refuses_no_number_and_too_many(as_owner: Client, shop: Tenant, people: Any, phones: str) -> None:
    page = as_owner.post(f"{URL}test/", typed(all="on", test_phones=phones)).content.decode()

    assert "1개에서 3개까지" in page and sent(shop) == []


@pytest.mark.parametrize("phones", ["abc", "02-789-0123", "010-1111-1111, 01011"])
def test_test_send_says_that_a_number_is_wrong(as_owner: Client, shop: Tenant, people: Any, phones: str) -> None:
    page = as_owner.post(f"{URL}test/", typed(all="on", test_phones=phones)).content.decode()

    assert f"휴대폰 번호가 아니에요 ({phones.split(', ')[-1]})." in page and sent(shop) == []


def test_test_send_to_one_who_refused_says_so(as_owner: Client, shop: Tenant, people: Any) -> None:
    with scope(tenant=shop):
        OptOut.objects.create(tenant=shop, phone="01099998888", scope=OptOutScope.ALL, at=factories.now())

    page = as_owner.post(f"{URL}test/", typed(all="on", test_phones="010-9999-8888")).content.decode()

    assert "수신을 거부한 번호" in page and sent(shop) == []


def test_confirm_of_a_schedule_asks_to_schedule(as_owner: Client, shop: Tenant, people: Any) -> None:
    when = {"later": "on", "date": "2027-03-02", "time": "09:30"}

    page = as_owner.post(f"{URL}confirm/", typed(all="on", **when)).content.decode()
    assert "이대로 예약할까요?" in page and "예약하기 (3명)" in page and "보낼까요" not in page

    as_owner.post(f"{URL}submit/", typed(all="on", **when))
    (dispatch,) = sent(shop)
    page = as_owner.post(f"{URL}confirm/", typed(all="on", edit=dispatch.pk, **when)).content.decode()
    assert "이대로 예약을 바꿀까요?" in page


def test_draft_comes_back_in_another_tab(as_owner: Client, shop: Tenant, people: Any, group: Any) -> None:
    as_owner.post(f"{URL}draft/", typed(text="쓰다 만 글", groups=[group.pk], members=[people[0].pk], later="on"))

    page = as_owner.get(URL).content.decode()

    assert "쓰다 만 글" in page and "쓰던 글을 불러왔어요" in page and KEY in page
    assert f'value="{group.pk}" checked' in page and "김하늘" in page


def test_draft_written_after_going_back_is_kept_and_the_page_learns_its_key(
    as_owner: Client, shop: Tenant, people: Any
) -> None:
    as_owner.post(f"{URL}submit/", typed(all="on"))

    saved = as_owner.post(f"{URL}draft/", typed(all="on", text="뒤로 가서 쓴 글")).content.decode()

    with scope(tenant=shop):
        draft = Draft.objects.get()
    assert draft.key != KEY and saved.count(f'value="{draft.key}" hx-swap-oob="true"') == 2
    page = as_owner.get(URL).content.decode()
    assert "뒤로 가서 쓴 글" in page and f'id="compose-key" value="{draft.key}"' in page
    again = as_owner.post(f"{URL}draft/", typed(key=draft.key, all="on", text="더 쓴 글")).content.decode()
    assert "hx-swap-oob" not in again
    as_owner.post(f"{URL}submit/", typed(key=draft.key, all="on", text="더 쓴 글"))
    assert [one.text for one in sent(shop)] == ["안녕하세요, #{이름} 님.", "더 쓴 글"]


def test_draft_of_a_refused_page_is_kept(as_owner: Client, shop: Tenant, people: Any) -> None:
    as_owner.post(f"{URL}submit/", typed(all="on"))

    for text in ("다른 내용이에요.", "됬어요"):
        assert as_owner.post(f"{URL}submit/", typed(all="on", text=text)).status_code == 422
        assert text in as_owner.get(URL).content.decode()

    with scope(tenant=shop):
        assert Draft.objects.count() == 1


def test_submit_of_the_same_text_for_another_time_is_not_taken_for_a_second_press(
    as_owner: Client, shop: Tenant, people: Any
) -> None:
    as_owner.post(f"{URL}submit/", typed(all="on"))

    answer = as_owner.post(f"{URL}submit/", typed(all="on", later="on", date="2027-03-02", time="09:30"))

    assert answer.status_code == 422 and "이미 한 번 보냈어요" in answer.content.decode()


def test_draft_with_a_character_no_database_keeps_is_kept_without_it(as_owner: Client, shop: Tenant) -> None:
    fields = typed(text="안녕\0하세요", phones="010\0", groups=["7\0"])

    assert as_owner.post(f"{URL}draft/", fields).status_code < 300

    with scope(tenant=shop):
        data = Draft.objects.get().data
    assert (data["text"], data["phones"], data["groups"]) == ("안녕하세요", "010", ["7"])


def test_draft_is_each_persons_own(as_owner: Client, sender_role: Client, shop: Tenant) -> None:
    as_owner.post(f"{URL}draft/", typed(text="대표의 글"))

    assert "대표의 글" not in sender_role.get(URL).content.decode()


def test_draft_of_another_page_is_not_buried(as_owner: Client, shop: Tenant, people: Any) -> None:
    as_owner.post(f"{URL}draft/", typed(text="먼저 쓰던 글"))
    assert "쓰던 글이 따로 있어요" in as_owner.get(f"{URL}?member={people[0].pk}").content.decode()

    other = {"key": "m" * 32, "text": "한 사람에게 쓰는 글", "members": [people[0].pk]}
    as_owner.post(f"{URL}draft/", other)
    with scope(tenant=shop):
        first = Draft.objects.get(key=KEY)
    assert "한 사람에게 쓰는 글" in as_owner.get(URL).content.decode()
    assert "먼저 쓰던 글" in as_owner.get(f"{URL}?draft={first.pk}").content.decode()

    as_owner.post(f"{URL}submit/", typed(**other))
    assert "먼저 쓰던 글" in as_owner.get(URL).content.decode()


def test_draft_is_gone_once_sent(as_owner: Client, shop: Tenant, people: Any) -> None:
    as_owner.post(f"{URL}draft/", typed(all="on"))
    as_owner.post(f"{URL}submit/", typed(all="on"))

    with scope(tenant=shop):
        assert not Draft.objects.exists()


def test_discard_begins_anew(as_owner: Client, shop: Tenant) -> None:
    as_owner.post(f"{URL}draft/", typed(text="버릴 글"))

    page = as_owner.post(f"{URL}draft/discard/", {"key": KEY}, follow=True).content.decode()

    assert "버릴 글" not in page


def test_file_gives_lines_to_paste(as_owner: Client, shop: Tenant) -> None:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate(
            (["번호", "이름", "연락처"], [1, "김민수", "010-1234-5678"], [2, "이영희", 1023456789])
        ):
            sheet.write_row(at, 0, row)

    page = as_owner.post(f"{URL}file/", {"file": SimpleUploadedFile("명단.xlsx", data.getvalue())}).content.decode()

    assert "김민수 010-1234-5678" in page and "이영희 010-2345-6789" in page and "번호 2개" in page


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4 nothing", "이름,메모\n김민수,없음".encode("cp949")])
def test_file_without_numbers_says_so(as_owner: Client, shop: Tenant, content: bytes) -> None:
    answer = as_owner.post(f"{URL}file/", {"file": SimpleUploadedFile("x.xlsx", content)})

    assert answer.status_code == 200 and "text-red" in answer.content.decode()


def test_compose_copies_an_earlier_dispatch_but_not_the_neighbours(
    as_owner: Client, shop: Tenant, people: Any, neighbour: Tenant
) -> None:
    as_owner.post(f"{URL}submit/", typed(all="on", text="지난번 글"))
    theirs = Dispatch.objects.create(
        tenant=neighbour, text="이웃 글", state=DispatchState.FINISHED, sender="0212345678"
    )

    assert "지난번 글" in as_owner.get(f"{URL}?copy={sent(shop)[0].pk}").content.decode()
    assert as_owner.get(f"{URL}?copy={theirs.pk}").status_code == 404


def test_edit_changes_the_scheduled_one_and_makes_no_second(as_owner: Client, shop: Tenant, people: Any) -> None:
    as_owner.post(f"{URL}submit/", typed(all="on", later="on", date="2027-03-02", time="09:30"))
    (dispatch,) = sent(shop)
    page = as_owner.get(f"{URL}?edit={dispatch.pk}").content.decode()
    assert "예약 고치기" in page and 'value="2027-03-02"' in page and 'value="09:30"' in page

    changed = typed(
        key="e" * 32, all="on", edit=dispatch.pk, text="바뀐 글", later="on", date="2027-03-03", time="10:00"
    )
    as_owner.post(f"{URL}submit/", changed)

    (dispatch,) = sent(shop)
    assert dispatch.text == "바뀐 글" and dispatch.send_at.isoformat() == "2027-03-03T01:00:00+00:00"


def test_edit_of_one_that_left_already_is_refused_and_keeps_the_text(
    as_owner: Client, shop: Tenant, people: Any, neighbour: Tenant
) -> None:
    as_owner.post(f"{URL}submit/", typed(all="on"))
    (dispatch,) = sent(shop)
    theirs = Dispatch.objects.create(tenant=neighbour, text="이웃 글", state=DispatchState.SCHEDULED, sender="0")

    answer = as_owner.post(f"{URL}submit/", typed(key="e" * 32, all="on", edit=dispatch.pk, text="바뀐 글"))

    page = answer.content.decode()
    assert answer.status_code == 422 and "바뀐 글" in page and len(sent(shop)) == 1
    assert "예약된 내용 그대로 보내기 시작했어요" in page and "예약된 발송만" not in page
    assert as_owner.get(f"{URL}?edit={theirs.pk}").status_code == 404
    assert as_owner.post(f"{URL}submit/", typed(key="f" * 32, all="on", edit=theirs.pk)).status_code == 404


@pytest.fixture
def scheduled(as_owner: Client, shop: Tenant, people: Any) -> Dispatch:
    as_owner.post(f"{URL}submit/", typed(all="on", **WHEN))
    return sent(shop)[0]


WHEN = {"later": "on", "date": "2027-03-02", "time": "09:30"}


def test_edit_draft_opens_by_its_own_link_alone(as_owner: Client, shop: Tenant, scheduled: Dispatch) -> None:
    as_owner.post(f"{URL}draft/", typed(key="e" * 32, all="on", edit=scheduled.pk, text="고치던 글", **WHEN))

    plain = as_owner.get(URL).content.decode()
    assert "고치던 글" not in plain and "고치던 예약 이어서 고치기" in plain and "<h1>문자 보내기" in plain
    page = as_owner.get(f"{URL}?edit={scheduled.pk}").content.decode()
    assert "고치던 글" in page and "<h1>예약 고치기" in page and f'name="edit" value="{scheduled.pk}"' in page

    fresh = as_owner.post(f"{URL}draft/discard/", {"key": "e" * 32, "edit": scheduled.pk}, follow=True)
    assert "고치던 글" not in fresh.content.decode() and "<h1>예약 고치기" in fresh.content.decode()


def test_edit_draft_is_gone_once_the_schedule_is_changed(as_owner: Client, shop: Tenant, scheduled: Dispatch) -> None:
    for key in ("e" * 32, "f" * 32):
        as_owner.post(f"{URL}draft/", typed(key=key, all="on", edit=scheduled.pk, text="고친 글", **WHEN))

    as_owner.post(f"{URL}submit/", typed(key="e" * 32, all="on", edit=scheduled.pk, text="고친 글", **WHEN))

    assert [one.text for one in sent(shop)] == ["고친 글"]
    with scope(tenant=shop):
        assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("state", "sentence"),
    [(DispatchState.CANCELLED, "그 사이에 취소됐어요"), (DispatchState.SENDING, "그대로 보내기 시작했어요")],
)
def test_edit_of_one_that_is_gone_says_so_and_lets_it_go_as_a_new_one(
    as_owner: Client, shop: Tenant, scheduled: Dispatch, state: str, sentence: str
) -> None:
    change = typed(key="e" * 32, all="on", edit=scheduled.pk, text="고친 글", **WHEN)
    as_owner.post(f"{URL}draft/", change)
    with scope(tenant=shop):
        Dispatch.objects.update(state=state)

    dialog = as_owner.post(f"{URL}confirm/", change).content.decode()
    assert sentence in dialog and "data-send" not in dialog and "새 발송으로 보내기" in dialog
    refused = as_owner.post(f"{URL}submit/", change)
    for page in (refused, as_owner.get(f"{URL}?edit={scheduled.pk}")):
        assert sentence in page.content.decode() and "고친 글" in page.content.decode()
        assert "새 발송으로 보내기" in page.content.decode()

    page = as_owner.post(f"{URL}draft/anew/", change, follow=True).content.decode()
    assert "고친 글" in page and "<h1>문자 보내기" in page and 'name="edit"' not in page
    as_owner.post(f"{URL}submit/", {k: v for k, v in change.items() if k != "edit"})
    assert [one.text for one in sent(shop)][1:] == ["고친 글"]


def test_edit_link_of_one_that_is_gone_leads_to_it_and_says_so(
    as_owner: Client, shop: Tenant, scheduled: Dispatch
) -> None:
    as_owner.post(f"/t/hanbit/messages/{scheduled.pk}/cancel/")

    answer = as_owner.get(f"{URL}?edit={scheduled.pk}", follow=True)

    assert answer.redirect_chain[-1][0] == f"/t/hanbit/messages/{scheduled.pk}/"
    assert "그 사이에 취소됐어요" in answer.content.decode()


def test_preview_is_the_text_of_the_person_asked_for(as_owner: Client, shop: Tenant, people: Any) -> None:
    texts = [as_owner.post(f"{URL}preview/", typed(all="on", at=n)).content.decode() for n in (0, 2, "x", 99)]

    assert "김하늘 님" in texts[0] and "박은서 님" in texts[1] and "김하늘 님" in texts[2] and "님" not in texts[3]


def test_quote_for_one_person_shows_what_was_sent_lately(as_owner: Client, shop: Tenant, people: Any) -> None:
    as_owner.post(f"{URL}submit/", typed(all="on", text="어제 보낸 글"))
    finish(shop)

    one = as_owner.post(f"{URL}quote/", typed(members=[people[0].pk])).content.decode()
    two = as_owner.post(f"{URL}quote/", typed(members=[people[0].pk, people[1].pk])).content.decode()

    assert "어제 보낸 글" in one and "어제 보낸 글" not in two


def test_edit_keeps_groups_and_numbers_left_out_by_the_api(as_owner: Client, shop: Tenant, people: Any) -> None:
    left = {"groups": [7], "phones": [["010-9999-0001", ""], ["010-9999-0002", ""]]}
    as_owner.post(f"{URL}submit/", typed(all="on", later="on", date="2027-03-02", time="09:30"))
    (dispatch,) = sent(shop)
    with scope(tenant=shop):
        Dispatch.objects.filter(pk=dispatch.pk).update(audience={"all": True, "except": left})

    page = as_owner.get(f"{URL}?edit={dispatch.pk}").content.decode()

    assert '<input type="hidden" name="except_groups" value="7">' in page
    typed_again = {"except_groups": ["7"], "except_phones": "010-9999-0001\n010-9999-0002"}
    assert f">{typed_again['except_phones']}</textarea>" in page and "지워진 그룹" in page
    as_owner.post(
        f"{URL}submit/",
        typed(key="e" * 32, all="on", edit=dispatch.pk, later="on", date="2027-03-03", time="10:00", **typed_again),
    )
    (changed,) = sent(shop)
    assert changed.audience == {"all": True, "except": left}


@pytest.mark.parametrize("digits", ["9" * 19, "9" * 5000, "²", "١"])
def test_compose_survives_numbers_no_database_holds(as_owner: Client, shop: Tenant, people: Any, digits: str) -> None:
    for name in ("edit", "copy", "member", "members", "group", "draft"):
        assert as_owner.get(URL, {name: digits}).status_code in (200, 404, 400)
    data = typed(all="on", edit=digits, at=digits, members=[digits], groups=[digits], except_members=[digits])
    assert as_owner.post(f"{URL}preview/", data).status_code == 200
    assert as_owner.post(f"{URL}submit/", data | {"text": ""}).status_code == 422


def test_an_older_tab_does_not_overwrite_a_schedule_unasked(as_owner: Client, shop: Tenant, people: Any) -> None:
    when = {"later": "on", "date": "2027-03-02", "time": "09:30"}
    as_owner.post(f"{URL}submit/", typed(all="on", **when))
    (dispatch,) = sent(shop)
    seen = hidden(as_owner.get(f"{URL}?edit={dispatch.pk}").content.decode(), "seen")
    tab = {"all": "on", "edit": dispatch.pk, "seen": seen, **when}
    as_owner.post(f"{URL}submit/", typed(key="1" * 32, text="먼저 고친 글", **tab))

    answer = as_owner.post(f"{URL}submit/", typed(key="2" * 32, text="늦게 고친 글", **tab))
    page = answer.content.decode()
    assert answer.status_code == 422 and "다른 화면에서 이 예약을 고쳤어요" in page and "늦게 고친 글" in page
    assert [one.text for one in sent(shop)] == ["먼저 고친 글"]

    again = {"key": hidden(page, "key"), "text": "늦게 고친 글", **tab, "seen": hidden(page, "seen")}
    assert as_owner.post(f"{URL}submit/", typed(**again)).status_code == 302
    assert [one.text for one in sent(shop)] == ["늦게 고친 글"]


def hidden(page: str, name: str) -> str:
    """The value of a hidden input."""
    found = re.search(f'name="{name}"[^>]* value="([^"]*)"', page)
    assert found, name
    return found[1]


def test_count_says_how_many_are_picked_before_the_quote(as_owner: Client, shop: Tenant, people: Any) -> None:
    counted = as_owner.post("/t/hanbit/messages/new/count/", {"all": "on", "phones": "010-9999-8888"})

    assert counted.content.decode() == f"{len(people) + 1}명"


def test_count_of_nobody_is_empty(as_owner: Client, shop: Tenant) -> None:
    assert as_owner.post("/t/hanbit/messages/new/count/", {"text": "글"}).content == b""


def test_count_leaves_texts_for_each_to_the_quote(as_owner: Client, shop: Tenant, people: Any) -> None:
    assert as_owner.post("/t/hanbit/messages/new/count/", {"all": "on", "each": "on"}).status_code == 204
