import datetime
import unicodedata

import pytest

from members import columns, import_plan, import_words, importing
from members.import_plan import Change, Existing, plan
from members.importing import Record, clean

TODAY = datetime.date(2026, 11, 22)
BORN = datetime.date(1990, 3, 5)


def cleaned(rows, mapping, titles=None, first_row=1):
    titles = titles or [f"{index}열" for index in range(len(mapping))]
    return clean(rows, first_row=first_row, titles=titles, mapping=dict(enumerate(mapping)), today=TODAY)


def one(cell, target):
    """Record and errors of a person with one more cell."""
    result = cleaned([["김민수", "01012345678", cell]], ["name", "phone", target], first_row=0)
    return result.records[0] if result.records else None, [error.code for error in result.errors]


def record(
    row=2, name="김민수", phone="01012345678", birth_date=None, memo="", groups=(), fields=None, ad=None, night=None
):
    return Record(row, name, phone, birth_date, memo, groups, fields, ad, night)


def test_clean_reads_every_kind_of_column():
    rows = [
        ["이름", "휴대폰", "생일", "메모", "반", "동의", "야간", "학년"],
        ["김민수", "010-1234-5678", datetime.date(1990, 3, 5), "단골", "오전반, VIP", "Y", "", 3.0],
    ]

    result = cleaned(rows, ["name", "phone", "birth_date", "memo", "group", "ad", "night", "field:학년"])

    assert result.errors == []
    assert result.records == [
        Record(2, "김민수", "01012345678", BORN, "단골", ("오전반", "VIP"), {"학년": "3"}, True, None)
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "010-1234-5678",
        "01012345678",
        "1012345678",
        1012345678.0,
        "1.012345678E+09",
        "+82 10 1234 5678",
        "010.1234.5678",
        " 010 1234 5678 ",
    ],
)
def test_clean_repairs_phone(cell):
    assert cleaned([["김민수", cell]], ["name", "phone"], first_row=0).records[0].phone == "01012345678"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("1.01E+10", "lost_digits"),
        ("", "empty"),
        ("010-1234-567", "too_short"),
        ("없음", "not_a_number"),
        (datetime.date(2026, 1, 1), "no_area_code"),
    ],
)
def test_clean_phone_that_cannot_be_repaired_is_an_error(cell, code):
    result = cleaned([["이름", "휴대폰"], ["김민수", cell], ["이서연", "01023456789"]], ["name", "phone"])

    assert [error.code for error in result.errors] == [code]
    assert [record.name for record in result.records] == ["이서연"]


def test_clean_error_names_the_line_the_column_and_the_value():
    result = cleaned([["이름", "휴대폰"], ["", ""], ["김민수", "010-12"]], ["name", "phone"], titles=["이름", "휴대폰"])

    assert result.errors == [importing.RowError(3, "휴대폰", "010-12", "too_short", 1)]


def test_clean_two_mistakes_in_a_row_are_two_errors_and_no_record():
    result = cleaned([["", "010-12", "2026-02-30"]], ["name", "phone", "birth_date"], first_row=0)

    assert {error.code for error in result.errors} == {"no_name", "too_short", "no_such_date"}
    assert result.records == []


def test_clean_blank_rows_are_neither_people_nor_mistakes():
    result = cleaned([["1", "", " "], ["2", "김민수", "01012345678"]], ["skip", "name", "phone"], first_row=0)

    assert (len(result.records), result.errors) == (1, [])


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("  김민수 ", "김민수"),
        (unicodedata.normalize("NFD", "김민수"), "김민수"),
        ("김\u200b민수\x07", "김민수"),
        ("김민수\u00a0", "김민수"),
        ("Kim\t Min  Su", "Kim Min Su"),
        (7.0, "7"),
    ],
)
def test_clean_name(cell, name):
    assert cleaned([[cell, "01012345678"]], ["name", "phone"], first_row=0).records[0].name == name


def test_clean_name_too_long_is_an_error():
    assert cleaned([["가" * 41, "01012345678"]], ["name", "phone"], first_row=0).errors[0].code == "name_too_long"


@pytest.mark.parametrize(
    "cell",
    [
        BORN,
        datetime.datetime(1990, 3, 5, 9, 0),
        32937.0,
        "32937",
        "1990-03-05",
        "1990.3.5",
        "1990. 3. 5.",
        "1990/3/5",
        "1990년 3월 5일",
        "1990년3월5일생",
        "90년 3월 5일",
        "90.03.05",
        "19900305",
        19900305.0,
        "900305",
        900305.0,
        "900305-1",
        "900305-1******",
        "1990-03-05 00:00:00",
        "1990-03-05T00:00:00",
        "1990-03-05 (월)",
        "1990 03 05",
        "03/05/1990",
        "1990.03.05(양)",
        "１９９０-０３-０５",
    ],
)
def test_clean_birth_date(cell):
    found, errors = one(cell, "birth_date")

    assert errors == []
    assert found.birth_date == BORN


@pytest.mark.parametrize(
    ("cell", "year"), [("260101", 2026), ("270101", 1927), ("000101", 2000), ("000101-3", 2000), ("000101-1", 1900)]
)
def test_clean_birth_date_of_two_digit_year(cell, year):
    assert one(cell, "birth_date")[0].birth_date.year == year


def test_clean_birth_date_numbers_without_zero_among_yymmdd():
    rows = [["김민수", "01012345678", 900305.0], ["이서연", "01023456789", 50301.0]]

    result = cleaned(rows, ["name", "phone", "birth_date"], first_row=0)

    assert result.records[1].birth_date == datetime.date(2005, 3, 1)


@pytest.mark.parametrize("cell", ["", "-", "없음", "0000-00-00", None])
def test_clean_birth_date_that_is_not_known(cell):
    assert one(cell, "birth_date") == (record(row=1), [])


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("2026-02-30", "no_such_date"),
        ("1990-13-01", "no_such_date"),
        ("990230", "no_such_date"),
        ("2031-01-01", "date_in_future"),
        ("1890-01-01", "date_too_old"),
        ("음력 1990.13.5", "no_such_date"),
        ("1990년 윤3월 5일", "no_leap_month"),
        ("2월 30일", "no_such_date"),
        ("봄", "date_unclear"),
        (123456789012.0, "date_unclear"),
        (-5.0, "date_unclear"),
        (datetime.time(9, 0), "date_unclear"),
    ],
)
def test_clean_birth_date_that_cannot_be(cell, code):
    assert one(cell, "birth_date") == (None, [code])


@pytest.mark.parametrize(
    ("cell", "groups"),
    [
        ("오전반", ("오전반",)),
        ("오전반, 주말반/VIP; 오전반", ("오전반", "주말반", "VIP")),
        (" , ", ()),
        (3.0, ("3",)),
    ],
)
def test_clean_groups(cell, groups):
    assert one(cell, "group")[0].groups == groups


def test_clean_group_too_long_is_an_error():
    assert one("반" * 41, "group") == (None, ["group_too_long"])


@pytest.mark.parametrize("cell", ["Y", "y", "예", "동의", "동의함", "O", "ㅇ", 1.0, "1", True, "수신", "✓", "YES"])
def test_clean_consent_given(cell):
    assert one(cell, "ad")[0].ad is True


@pytest.mark.parametrize("cell", ["N", "아니오", "거부", "X", 0.0, "0", False, "동의 안함", "미동의"])
def test_clean_consent_refused(cell):
    assert one(cell, "night")[0].night is False


@pytest.mark.parametrize(
    "cell", ["Y", "거부", "O", 1.0, True, "수신거부", "미동의", datetime.date(2025, 3, 1), "2025.03.01"]
)
def test_clean_refusal_is_no(cell):
    record = one(cell, "refusal")[0]
    assert (record.ad, record.night) == (False, False)


@pytest.mark.parametrize("cell", ["N", "X", 0.0, False, "", None, "-", "동의", "수신", "허용"])
def test_clean_refusal_that_is_none_is_no_consent(cell):
    record = one(cell, "refusal")[0]
    assert (record.ad, record.night) == (None, None)


def test_clean_refusal_unclear_is_an_error():
    assert one("글쎄", "refusal") == (None, ["refusal_unclear"])


def test_clean_consent_that_says_nothing_is_nothing():
    assert [one(cell, "ad")[0].ad for cell in ("", None, "-")] == [None, None, None]


def test_clean_consent_unclear_is_an_error():
    assert one("글쎄", "ad") == (None, ["consent_unclear"])


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("=1+1", "=1+1"),
        (12.0, "12"),
        (12.5, "12.5"),
        ("줄\r\n바꿈", "줄\n바꿈"),
        (datetime.datetime(2026, 1, 2, 15, 30), "2026-01-02 15:30"),
        (True, "Y"),
        ("A\x00B", "AB"),
    ],
)
def test_clean_memo_and_fields_are_text(cell, text):
    assert one(cell, "memo")[0].memo == text
    assert one(cell, "field:x")[0].fields == {"x": text}


def test_clean_day_number_under_a_title_of_days_is_a_date():
    assert one(45000.0, "field:가입일")[0].fields == {"가입일": "2023-03-15"}
    assert one(30.0, "field:출석일")[0].fields == {"출석일": "30"}
    assert one(45000.0, "field:회비")[0].fields == {"회비": "45000"}


@pytest.mark.parametrize(
    "title", ["가입일", "가입 일자", "등록일(년월일)", "만료일 *", "등록 일시", "Join date", "date joined"]
)
@pytest.mark.parametrize("cell", [45000.0, 45000, 45000.5, "45000", " 45000 "])
def test_clean_day_number_in_any_cell_under_any_title_of_days(title, cell):
    assert one(cell, f"field:{title}")[0].fields == {title: "2023-03-15"}


@pytest.mark.parametrize("title", ["이메일", "수강 요일", "일련번호", "회비"])
def test_clean_number_under_another_title_stays(title):
    assert one("45000", f"field:{title}")[0].fields == {title: "45000"}


@pytest.mark.parametrize("other", [230315.0, 1200.0, "50301.5", "기타"])
def test_clean_day_numbers_among_other_numbers_stay(other):
    rows = [["김민수", "01012345678", 45000.0], ["이서연", "01023456789", other], ["박지훈", "01034567890", 20230315.0]]

    found = cleaned(rows, ["name", "phone", "field:가입일"], first_row=0).records[0].fields

    assert found == {"가입일": "2023-03-15" if isinstance(other, str) else "45000"}


def births(*written):
    """Birthdays of a column, or the code of what is wrong with each."""
    rows = [["김민수", f"0101234{1000 + line}", cell] for line, cell in enumerate(written)]
    result = cleaned(rows, ["name", "phone", "birth_date"], first_row=0)
    found = {record.row: record.birth_date.isoformat() for record in result.records}
    return [(found | {error.row: error.code for error in result.errors})[line + 1] for line in range(len(written))]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (["03/04/05"], ["date_order"]),
        (["3/4/05", "25/03/85"], ["date_order", "date_order"]),
        (["03/04/05", "90/03/05"], ["2003-04-05", "1990-03-05"]),
        (["03/04/05", "90/03/05", "25/03/85"], ["date_order", "1990-03-05", "date_order"]),
        (["05/05/05", "00/03/04"], ["2005-05-05", "2000-03-04"]),
        (["03.04.05", "03-04-05"], ["2003-04-05", "2003-04-05"]),
        (["25.03.85"], ["date_order"]),
        (["90.13.05", "90/02/30", "32/13/05"], ["no_such_date"] * 3),
        (["03/05/1990", "25/03/1990", "03.05.1990"], ["1990-03-05", "date_order", "date_order"]),
    ],
)
def test_clean_birth_date_of_unclear_order(written, found):
    assert births(*written) == found


def test_clean_landline_does_not_hide_a_broken_mobile():
    rows = [["김민수", "1.01E+10", "02-123-4567"], ["이서연", "", "02-123-4567"]]

    result = cleaned(rows, ["name", "phone", "phone2"], first_row=0)

    assert [error.code for error in result.errors] == ["lost_digits"]
    assert [record.phone for record in result.records] == ["021234567"]


def test_clean_text_too_long_is_an_error():
    assert one("가" * 2001, "memo")[1] == ["memo_too_long"]
    assert one("가" * 501, "field:x")[1] == ["field_too_long"]


@pytest.mark.parametrize(
    ("first", "second", "phone", "fields"),
    [
        ("010-1234-5678", "010-9999-8888", "01012345678", {"보호자": "010-9999-8888"}),
        ("02-123-4567", "010-9999-8888", "01099998888", {"휴대폰 2": "02-123-4567"}),
        ("", "010-9999-8888", "01099998888", None),
        ("잘못", "010-9999-8888", "01099998888", None),
        ("010-1234-5678", "", "01012345678", None),
        ("010-1234-5678", "01012345678", "01012345678", None),
        ("010-1234-5678", "엄마폰", "01012345678", {"보호자": "엄마폰"}),
    ],
)
def test_clean_two_phones_uses_the_first_mobile_and_keeps_the_other(first, second, phone, fields):
    result = cleaned(
        [["김민수", first, second]], ["name", "phone", "phone2"], ["이름", "휴대폰", "보호자"], first_row=0
    )

    assert (result.records[0].phone, result.records[0].fields) == (phone, fields)


def test_problem_has_a_sentence_of_its_own_for_every_code():
    codes = [*import_words.PROBLEMS, "empty", "lost_digits", "too_short", "several_numbers"]

    assert len({import_words.problem(code) for code in codes}) == len(codes)


# --- plan -------------------------------------------------------------------------------------------------------

KNOWN = {("01012345678", "김민수"): Existing(7, None, "", {})}


def test_plan_upsert_creates_the_new_and_updates_the_known():
    new = record(row=3, name="이서연", phone="01023456789")
    changed = record(memo="단골", birth_date=BORN)

    result = plan([changed, new], KNOWN, "upsert")

    assert result.create == [new]
    assert result.update == [Change(7, changed, {"birth_date": BORN, "memo": "단골"}, ())]
    assert result.skip == []


def test_plan_family_on_one_phone_is_two_people():
    result = plan([record(), record(row=3, name="김민지")], {}, "create")

    assert [found.name for found in result.create] == ["김민수", "김민지"]


def test_plan_new_name_on_a_known_phone_is_another_person():
    assert [found.name for found in plan([record(name="김민지")], KNOWN, "upsert").create] == ["김민지"]


def test_plan_create_leaves_the_known_alone():
    assert plan([record(memo="새 메모")], KNOWN, "create")[:3] == ([], [], [(2, "exists")])


def test_plan_update_leaves_the_unknown_out():
    result = plan([record(name="이서연"), record(row=3, memo="단골")], KNOWN, "update")

    assert (result.create, [change.id for change in result.update], result.skip) == ([], [7], [(2, "not_found")])


def test_plan_update_holds_only_what_differs():
    known = {
        ("01012345678", "김민수"): Existing(7, BORN, "단골", {"학년": "3", "차": "12가3456"}, frozenset({"오전반"}))
    }
    again = record(birth_date=BORN, memo="단골", groups=("오전반", "VIP"), fields={"학년": "4"})

    result = plan([again], known, "upsert")

    assert result.update == [Change(7, again, {"fields": {"학년": "4"}}, ("VIP",))]


def test_plan_empty_cells_erase_nothing():
    known = {("01012345678", "김민수"): Existing(7, BORN, "단골", {"학년": "3"})}

    assert plan([record()], known, "upsert")[:3] == ([], [], [(2, "unchanged")])


def test_plan_consent_that_is_already_so_changes_nothing():
    known = {("01012345678", "김민수"): Existing(7, None, "", {}, ad=True)}

    assert plan([record(ad=True, night=False)], known, "upsert").skip == [(2, "unchanged")]
    assert plan([record(ad=False)], known, "upsert").update[0].values == {"ad": False}


def test_plan_everyone_joins_the_group_of_the_import():
    known = {
        ("01012345678", "김민수"): Existing(7, None, "", {}),
        ("01023456789", "이서연"): Existing(8, None, "", {}, frozenset({"신규"})),
    }
    rows = [record(groups=("신규",)), record(row=3, name="이서연", phone="01023456789")]

    result = plan(rows, known, "upsert", everyone=("신규",))

    assert [(change.id, change.groups) for change in result.update] == [(7, ("신규",))]
    assert result.skip == [(3, "unchanged")]


def test_plan_same_file_again_changes_nothing():
    first = record(birth_date=BORN, memo="단골", groups=("VIP",), fields={"학년": "3"})
    after = {("01012345678", "김민수"): Existing(7, BORN, "단골", {"학년": "3"}, frozenset({"VIP"}))}

    assert plan([first], after, "upsert")[:3] == ([], [], [(2, "unchanged")])


def test_plan_person_twice_in_the_file_is_one_and_the_later_row_counts():
    rows = [record(memo="처음", groups=("A",), ad=True), record(row=5, memo="나중", birth_date=BORN, groups=("B",))]

    result = plan(rows, {}, "upsert")

    assert result.create == [record(memo="나중", birth_date=BORN, groups=("A", "B"), ad=True)]
    assert result.skip == [(5, "twice_in_file")]


@pytest.mark.parametrize("mode", ["create", "upsert"])
@pytest.mark.parametrize("order", [(True, False), (False, True)])
def test_plan_person_twice_in_the_file_refuses_where_either_row_does(mode, order):
    rows = [record(row=2 + n, ad=yes, night=yes) for n, yes in enumerate(order)]

    assert [(made.ad, made.night) for made in plan(rows, {}, mode).create] == [(False, False)]


def test_plan_person_twice_in_the_file_keeps_the_first_where_only_creating():
    result = plan([record(memo="처음"), record(row=5, memo="나중")], {}, "create")

    assert (result.create, result.skip) == ([record(memo="처음")], [(5, "twice_in_file")])


def test_plan_puts_every_row_in_one_place():
    rows = [record(row=n, name=f"회원{n % 7}", memo=str(n)) for n in range(2, 40)]
    known = {("01012345678", f"회원{n}"): Existing(n, None, "", {}) for n in range(3)}

    for mode in (import_plan.CREATE, import_plan.UPDATE, import_plan.UPSERT):
        result = plan(rows, known, mode)
        assert len(result.create) + len(result.update) + len(result.skip) == len(rows)


def test_guess_and_clean_fit_together():
    rows = [["2026년 명단", "", ""], ["성명", "연락처", "학년"], ["김민수", 1012345678.0, 3.0]]
    found = columns.guess(rows)

    result = clean(rows, first_row=found.first_row, titles=found.titles, mapping=found.mapping, today=TODAY)

    assert result.records == [record(row=3, fields={"학년": "3"})]
