import datetime

import pytest

from members import columns
from members.columns import (
    AD,
    BIRTH,
    GROUP,
    MEMO,
    NAME,
    NIGHT,
    PHONE,
    PHONE2,
    SKIP,
    SOURCE,
    STAGE,
    TAGS,
    guess,
    target_of,
)

PEOPLE = [["김민수", "010-1234-5678"], ["이서연", "010-2345-6789"], ["박지훈", "010-3456-7890"]]


def titles(text):
    return [title.strip("\n ") for title in text.split("|")]


def targets(header, *rows):
    found = guess([header, *rows])
    return [found.mapping[index] for index in range(len(header))]


@pytest.mark.parametrize(
    "title",
    titles("""이름|성명|성함|name|Name|고객명|회원명|회원이름|학생명|학생이름|원생명|수강생|수신자|환자명|예약자명|고객성명|
    이름(필수)|*이름|이\u00a0름|성 명|Full Name|customer_name|이름 (국문)"""),
)
def test_target_of_name(title):
    assert target_of(title) == NAME


@pytest.mark.parametrize(
    "title",
    titles("""휴대폰|휴대폰번호|휴대전화|핸드폰|연락처|전화|전화번호|HP|H.P|H.P.|phone|Phone|mobile|모바일|Tel|cellphone|
    회원연락처|휴대폰 번호|phone number|Mobile No.|연락처(휴대폰)|보호자 연락처|집전화"""),
)
def test_target_of_phone(title):
    assert target_of(title) == PHONE


@pytest.mark.parametrize(
    ("title", "target"),
    [
        ("생년월일", BIRTH),
        ("생일", BIRTH),
        ("Date of Birth", BIRTH),
        ("회원생일", BIRTH),
        ("그룹", GROUP),
        ("반", GROUP),
        ("회원구분", GROUP),
        ("메모", MEMO),
        ("비고", MEMO),
        ("특이 사항", MEMO),
        ("광고수신동의", AD),
        ("마케팅 수신 동의", AD),
        ("SMS수신여부", AD),
        ("수신동의", AD),
        ("야간광고수신동의", NIGHT),
        ("번호", SKIP),
        ("No.", SKIP),
        ("주민등록번호", SKIP),
        ("", SKIP),
        ("학년", "field:학년"),
        ("주소", "field:주소"),
        ("회원번호", "field:회원번호"),
        ("수신거부", "refusal"),
        ("거부", "refusal"),
        ("수신거부여부", "refusal"),
        ("080거부", "refusal"),
        ("080 수신거부", "refusal"),
        ("광고 수신 거부(Y/N)", "refusal"),
        ("휴대폰수신거부", "refusal"),
        ("수신거부일", "refusal"),
        ("거부사유", "field:거부사유"),
        ("야간수신거부", "field:야간수신거부"),
        ("팩스", "field:팩스"),
        ("상품명", "field:상품명"),
        ("보호자명", "guardian_name"),
        ("학부모 설명", "field:학부모 설명"),
        ("보호자 관계", "field:보호자 관계"),
        ("태그", TAGS),
        ("회원 상태", STAGE),
        ("알게 된 경로", SOURCE),
        ("자녀 생일", BIRTH),
        ("보호자 생일", "field:보호자 생일"),
        ("휴대폰 기종", "field:휴대폰 기종"),
        ("최근 전화 일시", "field:최근 전화 일시"),
        ("등록일", "field:등록일"),
    ],
)
def test_target_of_other_titles(title, target):
    assert target_of(title) == target


def test_target_of_title_in_mac_spelling():
    import unicodedata

    assert target_of(unicodedata.normalize("NFD", "휴대폰")) == PHONE


def test_guess_plain_header():
    found = guess([["이름", "휴대폰", "학년"], ["김민수", "010-1234-5678", "3"]])

    assert found == columns.Guess(1, ["이름", "휴대폰", "학년"], {0: NAME, 1: PHONE, 2: "field:학년"}, [])


def test_guess_uses_the_spelling_of_a_known_field():
    found = guess([["이름", "휴대폰", "차량 번호"], ["김민수", "010-1234-5678", "12가3456"]], fields=["차량번호"])

    assert found.mapping[2] == "field:차량번호"


def test_guess_second_phone_stays_a_phone_though_its_title_is_a_field_by_now():
    rows = [["이름", "휴대폰", "보호자 연락처"], ["김민수", "010-1234-5678", ""]]

    assert guess(rows, fields=["보호자 연락처"]).mapping[2] == "guardian"


def test_guess_header_under_title_lines():
    rows = [
        ["한빛체육관 회원 명단", "", ""],
        ["", "", ""],
        ["2026년 11월", "", "담당: 김"],
        ["번호", "성명", "연락처"],
        [1.0, "김민수", 1012345678.0],
    ]

    found = guess(rows)

    assert (found.first_row, found.mapping, found.doubts) == (4, {0: SKIP, 1: NAME, 2: PHONE}, [])


def test_guess_header_of_two_lines_with_merged_cells_above():
    rows = [
        ["학생", "", "학부모", ""],
        ["이름", "휴대폰", "이름", "휴대폰"],
        ["김민수", "010-1234-5678", "김철수", "010-9999-8888"],
    ]

    found = guess(rows)

    assert found.first_row == 2
    assert found.titles == ["학생 이름", "학생 휴대폰", "학부모 이름", "학부모 휴대폰"]
    assert found.mapping == {0: NAME, 1: PHONE, 2: "guardian_name", 3: "guardian"}


def test_guess_header_of_two_lines_with_some_cells_merged_downwards():
    rows = [["이름", "연락처", "", "메모"], ["", "휴대폰", "집", ""], ["김민수", "010-1234-5678", "02-123-4567", ""]]

    found = guess(rows)

    assert found.titles == ["이름", "연락처 휴대폰", "연락처 집", "메모"]
    assert found.mapping == {0: NAME, 1: PHONE, 2: PHONE2, 3: MEMO}


def test_guess_first_person_without_phone_is_no_header():
    found = guess([["이름", "휴대폰"], ["김민수", ""], ["이서연", "010-2345-6789"]])

    assert found.first_row == 1


def test_guess_without_header_reads_the_cells():
    rows = [[i + 1.0, phone, name, datetime.date(1990, 1, 2), "저녁반 다님"] for i, (name, phone) in enumerate(PEOPLE)]

    found = guess(rows)

    assert found.first_row == 0
    assert found.mapping == {0: SKIP, 1: PHONE, 2: NAME, 3: BIRTH, 4: MEMO}
    assert found.doubts == ["no_header", "phone_guessed", "name_guessed"]


def test_guess_numbers_without_leading_zero_are_phones():
    assert guess([["김민수", 1012345678.0], ["이서연", 1023456789.0]]).mapping == {0: NAME, 1: PHONE}


def test_guess_phone_under_a_title_that_says_nothing():
    found = guess([["이름", "번호"], *PEOPLE])

    assert (found.mapping, found.doubts) == ({0: NAME, 1: PHONE}, ["phone_guessed"])


def test_guess_two_phones_takes_the_mobile_first_and_asks():
    found = guess([["이름", "전화번호", "휴대폰"], ["김민수", "02-123-4567", "010-1234-5678"]])

    assert (found.mapping, found.doubts) == ({0: NAME, 1: PHONE2, 2: PHONE}, ["two_phones"])


def test_guess_two_phones_prefers_the_members_own():
    assert targets(["보호자 휴대폰", "이름", "연락처"], ["010-1111-2222", "김민수", "010-1234-5678"]) == [
        "guardian",
        NAME,
        PHONE,
    ]


def test_guess_two_phones_prefers_the_column_that_holds_mobiles():
    rows = [["김민수", "031-123-4567", "010-1234-5678"], ["이서연", "02-123-4567", "010-2345-6789"]]

    assert targets(["이름", "휴대폰", "보호자 연락처"], *rows) == [NAME, PHONE2, PHONE]


def test_guess_third_phone_is_a_field():
    row = ["김민수", "010-1234-5678", "010-1111-2222", "02-123-4567", "02-765-4321"]

    assert targets(["이름", "휴대폰", "비상연락처", "집전화", "회사전화"], row)[2:] == [
        PHONE2,
        "field:집전화",
        "field:회사전화",
    ]


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("어머니 연락처", "mother"),
        ("엄마 폰번호", "mother"),
        ("모 연락처", "mother"),
        ("연락처(모)", "mother"),
        ("휴대폰_모", "mother"),
        ("어머님 휴대폰(필수)", "mother"),
        ("아버지 전화번호", "father"),
        ("부 휴대폰", "father"),
        ("핸드폰(부)", "father"),
        ("아빠", "father"),
        ("부", "father"),
        ("학부모 연락처", "guardian"),
        ("부모님 전화", "guardian"),
        ("보호자1 휴대전화", "guardian"),
        ("학부모님", "guardian"),
        ("어머니(보호자) HP", "mother"),
        ("결제자 연락처", "payer"),
        ("입금자 휴대폰", "payer"),
    ],
)
def test_guess_the_number_of_somebody_beside_the_member(title, role):
    header, row = ["이름", "휴대폰", title], ["김민수", "010-1234-5678", "010-9999-8888"]

    found = guess([header, row])

    assert (found.mapping, found.doubts) == ({0: NAME, 1: PHONE, 2: role}, [])


@pytest.mark.parametrize("title", ["모바일", "전화번호", "부서 연락처", "모임 전화"])
def test_guess_other_numbers_belong_to_nobody_beside_the_member(title):
    assert not {"mother", "father", "guardian"} & set(targets(["이름", "휴대폰", title], ["김", "01012345678", ""]))


def test_guess_a_family_with_names():
    header = ["이름", "학생 휴대폰", "어머니 성함", "어머니 연락처", "부 이름", "부 연락처", "보호자"]
    row = ["김민수", "010-1234-5678", "김영희", "010-1111-2222", "김철수", "010-3333-4444", "최영자"]

    assert targets(header, row) == [
        NAME, PHONE, "mother_name", "mother", "father_name", "father", "field:보호자",
    ]  # fmt: skip


def test_guess_the_only_number_is_the_members_though_it_is_the_mothers():
    assert targets(["이름", "어머니 연락처", "아버지 연락처"], ["김민수", "010-1234-5678", "010-3333-4444"]) == [
        NAME,
        PHONE,
        "father",
    ]


@pytest.mark.parametrize(
    ("cells", "target"),
    [(["재원", "퇴원", "휴원"], STAGE), (["문의", "상담중", ""], STAGE), (["초급", "중급", "고급"], "field:단계")],
)
def test_guess_a_stage_by_what_the_cells_say(cells, target):
    rows = [["이름", "휴대폰", "단계"], *(["김민수", "010-1234-5678", cell] for cell in cells)]

    assert guess(rows).mapping[2] == target


def test_guess_two_names_takes_the_one_that_holds_names():
    assert targets(
        ["고객", "이름", "휴대폰"], ["VIP", "김민수", "010-1234-5678"], ["일반", "이서연", "010-2345-6789"]
    ) == [
        "field:고객",
        NAME,
        PHONE,
    ]


def test_guess_second_memo_and_same_titles_become_fields_of_their_own():
    header = ["이름", "휴대폰", "메모", "비고", "횟수", "횟수"]

    assert targets(header, ["김민수", "010-1234-5678", "a", "b", "1", "2"])[2:] == [
        MEMO,
        "field:비고",
        "field:횟수",
        "field:횟수 6",
    ]


def test_guess_with_the_header_line_a_person_chose():
    rows = [["회원 명단", ""], ["성함", "연락처"], ["김민수", "010-1234-5678"], ["이서연", "010-2345-6789"]]

    assert guess(rows).first_row == 2
    assert guess(rows, header_row=2) == guess(rows)
    none = guess(rows, header_row=0)
    assert (none.first_row, none.titles, none.mapping, none.doubts) == (
        0, ["", ""], {0: NAME, 1: PHONE}, ["phone_guessed", "name_guessed"],
    )  # fmt: skip
    third = guess(rows, header_row=3)
    assert (third.first_row, third.titles) == (3, ["김민수", "010-1234-5678"])
    assert guess(rows, header_row=9).first_row == 0


def test_guess_with_the_lower_line_of_a_merged_header_chosen_reads_both():
    rows = [["명단"], ["회원", "보호자", ""], ["이름", "이름", "연락처"], ["김민수", "김철수", "010-1234-5678"]]
    rows = [row + [""] * (3 - len(row)) for row in rows]

    found = guess(rows, header_row=3)

    assert (found.first_row, found.titles) == (3, ["회원 이름", "보호자 이름", "보호자 연락처"])


def test_guess_nothing_to_go_by_says_so():
    found = guess([["가격", "수량"], [1000.0, 2.0], [2000.0, 3.0]])

    assert found.doubts == ["no_header", "no_phone", "name_guessed"]


def test_guess_places_are_no_names():
    assert guess([["주소", "전화"], ["서울", "010-1234-5678"]]).doubts == ["no_name"]


def test_guess_name_under_a_title_that_says_something_else():
    found = guess([["어린이", "전화"], *PEOPLE])

    assert (found.mapping[0], found.doubts) == (NAME, ["name_guessed"])


def test_guess_no_rows():
    assert guess([]) == columns.Guess(0, [], {}, ["no_header", "no_phone", "no_name"])
