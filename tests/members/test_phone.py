import pytest
from hypothesis import given
from hypothesis import strategies as st

from members import phone

SAME_PERSON = [
    "01012345678",
    "010-1234-5678",
    "010 1234 5678",
    "010.1234.5678",
    "(010) 1234-5678",
    "０１０－１２３４－５６７８",
    "+82 10-1234-5678",
    "+82 (0)10-1234-5678",
    "0082 10 1234 5678",
    "821012345678",
    "1012345678",
    "'01012345678",
    "tel:010-1234-5678",
    "\u202a010-1234-5678\u202c",
    "1012345678.0",
    "1.012345678E9",
    "1.012345678E+09",
    "8.21012345678E+11",
    1012345678,
    1012345678.0,
]


@pytest.mark.parametrize("raw", SAME_PERSON)
def test_parse_reads_every_way_of_writing(raw):
    assert phone.parse(raw) == "01012345678"


@pytest.mark.parametrize(
    ("raw", "digits"),
    [
        ("02-123-4567", "021234567"),
        ("212345678", "0212345678"),
        ("+82 2 1234 5678", "0212345678"),
        ("031-123-4567", "0311234567"),
        ("1588-0000", "15880000"),
        ("0505-1234-5678", "050512345678"),
        ("070-1234-5678", "07012345678"),
        ("016-123-4567", "0161234567"),
    ],
)
def test_parse_reads_numbers_that_are_no_mobiles_of_today(raw, digits):
    assert phone.parse(raw) == digits


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (None, "empty"),
        ("", "empty"),
        (" - ", "empty"),
        ("없음", "not_a_number"),
        ("010-1234-5678(엄마)", "not_a_number"),
        ("010١٢٣٤٥٦٧٨", "not_a_number"),
        (True, "not_a_number"),
        (float("nan"), "not_a_number"),
        ("010-1234-567", "too_short"),
        ("112", "too_short"),
        ("010-1234-56789", "too_long"),
        ("9" * 40, "too_long"),
        ("1.01234E+9", "lost_digits"),
        ("1.012345678E10", "lost_digits"),
        ("8.21012E+11", "lost_digits"),
        ("010-1234-5678/010-2222-3333", "several_numbers"),
        ("010-1234-5678, 02-123-4567", "several_numbers"),
        ("2345-6789", "no_area_code"),
        ("+1 415 555 2671", "foreign"),
        ("001 1 415 555 2671", "foreign"),
        ("037-123-4567", "unknown_prefix"),
    ],
)
def test_parse_names_the_mistake(raw, code):
    with pytest.raises(phone.BadPhone) as caught:
        phone.parse(raw)
    assert caught.value.code == code


def test_parse_error_never_repeats_the_number():
    with pytest.raises(phone.BadPhone) as caught:
        phone.parse("010-1234-567")
    assert "1234" not in str(caught.value) and str(caught.value)


def test_parse_mobile_refuses_a_landline():
    assert phone.parse_mobile("010-1234-5678") == "01012345678"
    with pytest.raises(phone.Landline):
        phone.parse_mobile("02-123-4567")


@pytest.mark.parametrize(
    ("digits", "mobile"),
    [
        ("01012345678", True),
        ("0161234567", True),
        ("01612345678", True),
        ("0101234567", False),
        ("01212345678", False),
        ("0212345678", False),
        ("15880000", False),
        ("", False),
        ("０1012345678", False),
    ],
)
def test_can_receive_mobiles_only(digits, mobile):
    assert phone.is_mobile(digits) is mobile
    assert phone.can_receive(digits) is mobile


@pytest.mark.parametrize(
    ("digits", "shown", "masked"),
    [
        ("01012345678", "010-1234-5678", "010-12••-5678"),
        ("0161234567", "016-123-4567", "016-1••-4567"),
        ("021234567", "02-123-4567", "02-1••-4567"),
        ("0212345678", "02-1234-5678", "02-12••-5678"),
        ("15880000", "1588-0000", "15••-0000"),
        ("050512345678", "0505-1234-5678", "0505-12••-5678"),
        ("0801234567", "080-123-4567", "080-1••-4567"),
        ("112", "112", "1••"),
        ("", "", ""),
    ],
)
def test_format_and_mask_known_shapes(digits, shown, masked):
    assert phone.format(digits) == shown
    assert phone.mask(digits) == masked


def test_tail_gives_the_last_digits():
    assert phone.tail("01012345678") == "5678"
    assert phone.tail("01012345678", 2) == "78"
    assert phone.tail("01012345678", 0) == ""


KOREAN = st.one_of(
    st.from_regex(r"010[0-9]{8}", fullmatch=True),
    st.from_regex(r"01[16789][0-9]{7,8}", fullmatch=True),
    st.from_regex(r"(02|031|042|055|064)[1-9][0-9]{6,7}", fullmatch=True),
    st.from_regex(r"0(70|80)[0-9]{7,8}", fullmatch=True),
    st.from_regex(r"0[35]0[0-9]{7,9}", fullmatch=True),
    st.from_regex(r"1[568][0-9]{6}", fullmatch=True),
)


@given(KOREAN)
def test_format_then_parse_comes_back(digits):
    assert phone.parse(digits) == digits
    assert phone.parse(phone.format(digits)) == digits


@given(KOREAN)
def test_mask_hides_digits_and_keeps_the_tail(digits):
    masked = phone.mask(digits)
    assert "••" in masked and masked.endswith(digits[-4:])


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.text("0123456789+-. ()eE/", max_size=24)))
def test_parse_answers_or_refuses_anything(raw):
    try:
        digits = phone.parse(raw)
    except phone.BadPhone:
        return
    assert digits.isascii() and digits.isdigit() and 8 <= len(digits) <= 12
    assert phone.parse(digits) == digits
