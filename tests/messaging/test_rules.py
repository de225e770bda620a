from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging import rules
from ui.times import SEOUL


@pytest.mark.parametrize(
    "digits",
    [
        "0237890123",
        "027890123",
        "0317890123",
        "01012345678",
        "0161234567",
        "07078901234",
        "0807890123",
        "15880000",
        "16440000",
        "18990000",
        "050512345678",
        "03012345678",
    ],
)
def test_check_sender_lets_lawful_numbers_pass(digits):
    rules.check_sender(digits)


@pytest.mark.parametrize(
    ("digits", "code"),
    [
        ("", "empty"),
        ("02-789-0123", "not_digits"),
        ("٠٢٧٨٩٠١٢٣", "not_digits"),
        ("7890123", "area_code_missing"),
        ("23456789", "area_code_missing"),
        ("1012345678", "leading_zero_missing"),
        ("237890123", "leading_zero_missing"),
        ("0215880000", "area_code_glued"),
        ("03116440000", "area_code_glued"),
        ("0207012345678", "area_code_before_common"),
        ("1588000", "representative_length"),
        ("158800001", "representative_length"),
        ("112", "special_number"),
        ("1335", "special_number"),
        ("14001234", "fourteen"),
        ("0101234567", "mobile_length"),
        ("010123456789", "mobile_length"),
        ("0378901234", "unknown_prefix"),
        ("0212345678", "local_part"),
        ("0278901", "too_short"),
        ("02789012", "too_short"),
        ("02789012345", "too_long"),
        ("070123456789", "too_long"),
        ("0505123456789", "too_long"),
        ("27890123456789", "too_long"),
    ],
)
def test_check_sender_names_each_mistake(digits, code):
    with pytest.raises(rules.BadSender) as caught:
        rules.check_sender(digits)
    assert caught.value.code == code
    assert str(caught.value)


def test_check_sender_14yy_only_by_setting():
    rules.check_sender("14001234", allow_fourteen=True)


def test_bad_sender_sentences_are_all_different():
    kinds = rules.BadSender.__subclasses__()
    assert len({str(kind.message) for kind in kinds}) == len({kind.code for kind in kinds}) == len(kinds)


@given(st.text("0123456789", max_size=16))
def test_check_sender_passes_only_legal_lengths(digits):
    try:
        rules.check_sender(digits)
    except rules.BadSender:
        return
    assert 8 <= len(digits) <= (12 if digits.startswith(("030", "050")) else 11)
    assert len(digits) <= rules.SENDER_BYTES


def at(hour, minute=0, second=0):
    return datetime(2026, 11, 21, hour, minute, second, tzinfo=SEOUL)


@pytest.mark.parametrize(
    ("moment", "night"),
    [
        (at(7, 59, 59), True),
        (at(8), False),
        (at(20, 59, 59), False),
        (at(21), True),
        (at(0), True),
        (datetime(2026, 11, 21, 12, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 20, 23, 0, tzinfo=UTC), False),
    ],
)
def test_is_night_counts_hours_in_seoul(moment, night):
    assert rules.is_night(moment) is night


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        (at(8), at(8)),
        (at(20, 49, 59), at(20, 49, 59)),
        (at(20, 50), datetime(2026, 11, 22, 8, 0, tzinfo=SEOUL)),
        (at(23, 30), datetime(2026, 11, 22, 8, 0, tzinfo=SEOUL)),
        (at(0, 30, 5), at(8)),
        (datetime(2026, 12, 31, 15, 0, tzinfo=UTC), datetime(2027, 1, 1, 8, 0, tzinfo=SEOUL)),
    ],
)
def test_ad4_next_allowed_moves_the_night_to_eight(moment, allowed):
    assert rules.next_allowed(moment) == allowed


def test_ad4_next_allowed_refuses_a_naive_time():
    with pytest.raises(ValueError, match="zone"):
        rules.next_allowed(datetime(2026, 11, 21, 22, 0))


@given(st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)))
def test_ad4_next_allowed_is_never_night_and_never_earlier(moment):
    allowed = rules.next_allowed(moment)
    assert not rules.is_night(allowed)
    assert allowed >= moment
    assert rules.next_allowed(allowed) == allowed


@pytest.mark.parametrize(
    "mark",
    [
        "(광/고)",
        "(광 고)",
        "(광.고)",
        "[광고]",
        '("광고")',
        "(광고 )",
        "（광고）",
        "<광고>",
        "【광고】",
        "(광\u200b고)",
    ],
)
def test_ad5_forbidden_marks_finds_variants(mark):
    assert rules.forbidden_ad_marks(f"{mark} 겨울 할인") == [mark]


@pytest.mark.parametrize("text", ["(광고)한빛체육관", "광고 회의는 3시예요", "(광고문의)", "관광 고객님께", ""])
def test_ad5_forbidden_marks_leaves_lawful_text(text):
    assert rules.forbidden_ad_marks(text) == []


@pytest.mark.parametrize(
    ("text", "mark"),
    [("(광고)할인", "(광고)"), ("\n [광고] 할인", "[광고]"), ("오늘 (광고) 회의", ""), ("(광고문의)", ""), ("", "")],
)
def test_ad5_leading_mark_is_found_only_at_the_beginning(text, mark):
    assert rules.leading_ad_mark(text) == mark


def test_ad6_title_gets_the_mark_once():
    assert rules.ad_title("겨울 할인") == "(광고)겨울 할인"
    assert rules.ad_title("(광고)겨울 할인") == "(광고)겨울 할인"
    assert rules.ad_title(" ") == ""
