import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging import text


def encodes(char):
    try:
        return len(char.encode("euc_kr")) <= 2
    except UnicodeEncodeError:
        return False


RANGES = text.sendable_ranges()
SENDABLE = st.text(st.one_of(*[st.characters(min_codepoint=a, max_codepoint=b) for a, b in RANGES[::97]]))
PLAIN = SENDABLE.filter(lambda value: "#{" not in value and "\r" not in value)


# --- bytes ---
def test_sendable_ranges_are_what_the_codec_says():
    ours = {point for a, b in RANGES for point in range(a, b + 1)}
    points = (point for point in range(0x110000) if not 0xD800 <= point < 0xE000)
    assert ours == {point for point in points if encodes(chr(point))}


@given(PLAIN)
def test_byte_length_is_the_sum_of_euc_kr_with_breaks_as_two(value):
    assert text.byte_length(value) == sum(2 if c == "\n" else len(c.encode("euc_kr")) for c in value)


@given(st.text())
def test_byte_length_counts_the_unsendable_as_two(value):
    value = text.normalise(value)
    assert text.byte_length(value) == sum(1 if c.isascii() and c != "\n" else 2 for c in value)


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ("", 0),
        ("abc", 3),
        ("가나다라마", 10),
        ("가·나", 6),
        ("a\nb", 4),
        ("a\r\nb", 4),
        ("가\r\n나", 6),
        ("…", 2),
        ("한글 ab\n", 9),
    ],
)
def test_byte_length_known_texts(value, size):
    assert text.byte_length(value) == size


def test_normalise_joins_breaks_and_jamo_and_keeps_spaces():
    assert text.normalise("a\r\nb\rc\u2028d  \x00") == "a\nb\nc\nd  "
    assert text.normalise("\u1112\u1161\u11ab") == "한"


@given(st.text())
def test_normalise_twice_is_once(value):
    once = text.normalise(value)
    assert text.normalise(once) == once and "\r" not in once


@given(SENDABLE, st.integers(0, 60))
def test_cut_is_the_longest_beginning_that_fits(value, limit):
    value = text.normalise(value)
    short = text.cut(value, limit)
    assert value.startswith(short) and text.byte_length(short) <= limit
    assert short == value or text.byte_length(value[: len(short) + 1]) > limit


def test_default_title_is_the_first_line_with_words():
    assert text.default_title("\n  11월 안내 \n본문") == "11월 안내"
    assert text.default_title("가" * 30) == "가" * 22
    assert text.default_title("a" + "가" * 30) == "a" + "가" * 21
    assert text.default_title("") == ""


# --- type ---
@pytest.mark.parametrize(
    ("value", "title", "images", "kind"),
    [
        ("가" * 45, "", (), "SMS"),
        ("가" * 45 + "a", "", (), "LMS"),
        ("가" * 44 + "\n", "", (), "SMS"),
        ("가" * 44 + "\na", "", (), "LMS"),
        ("짧은 글", "제목", (), "LMS"),
        ("짧은 글", "", ["a.jpg"], "MMS"),
        ("짧은 글", "제목", 3, "MMS"),
        ("가" * 1000, "", (), "LMS"),
    ],
)
def test_choose_type_at_the_edges(value, title, images, kind):
    assert text.choose_type(value, title, images) == kind


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("가" * 1000 + "a",), "too_long"),
        (("가", "나" * 22 + "a"), "title_too_long"),
        (("가", "", 4), "too_many_images"),
    ],
)
def test_choose_type_refuses_what_is_too_much(arguments, code):
    with pytest.raises(text.TextError) as caught:
        text.choose_type(*arguments)
    assert caught.value.code == code
    assert str(caught.value) and "{" not in str(caught.value)


# --- unsendable ---
@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("됬고 뷁 됬", ["됬", "뷁"]),
        ("똠양꿍 힣", ["똠", "힣"]),
        ("“안녕” … · € ㈜ ★ ♥ ①", []),
        ("😀😀👍🏽", ["😀", "👍🏽"]),
        ("가족 👨‍👩‍👧‍👦!", ["👨‍👩‍👧‍👦"]),
        ("❤️ ♥️ 1️⃣ 🇰🇷", ["❤️", "♥️", "1️⃣", "🇰🇷"]),
        ("A\u00a0B–C—D₩é", ["\u00a0", "–", "—", "₩", "é"]),
    ],
)
def test_unsendable_names_each_once_in_order(value, found):
    assert text.unsendable(value) == found


@given(st.text())
def test_unsendable_is_empty_only_if_all_encodes(value):
    assert (text.unsendable(value) == []) == all(encodes(c) for c in value)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A–B—C", "A-B-C"),
        ("a\u00a0b\u200bc\ufeff", "a bc"),
        ("₩10,000 / ₩", "10,000원 / 원"),
        ("₩5,000원, ₩3만, ₩1,200, 그리고", "5,000원, 3만원, 1,200원, 그리고"),
        ("café ﬁn", "cafe fin"),
        ("❤️ ♥️ ⭐", "♥ ♥ ★"),
        ("축하해요🎉👍🏽", "축하해요"),
        ("1️⃣ 첫째 ☎️", "1 첫째 ☎"),
        ("안 됬어요", "안 됐어요"),
        ("똠양꿍 뷁 汉", "똠양꿍 뷁 汉"),
        ("#{됬|됬}–", "#{됬|됐}-"),
    ],
)
def test_replace_unsendable_offers_what_is_safe(before, after):
    assert text.replace_unsendable(before)[0] == after


def test_replace_unsendable_tells_what_it_changed():
    changes = text.replace_unsendable("–가–나❤️뷁")[1]
    assert changes == [text.Change("–", "-", 2), text.Change("❤️", "♥", 1)]


def test_replace_unsendable_leaves_a_good_text_alone():
    assert text.replace_unsendable("좋아요 ♥ #{이름}") == ("좋아요 ♥ #{이름}", [])


@given(st.text())
def test_replace_unsendable_leaves_only_what_a_person_must_say(value):
    value = value.replace("#{", "")
    after, changes = text.replace_unsendable(value)
    assert all(text.replacement(sign) is None for sign in text.unsendable(after))
    assert not any(text.unsendable(change.new) for change in changes)


def test_replacements_need_replacing_and_can_be_sent():
    for sign, new in text.REPLACEMENTS.items():
        assert text.unsendable(sign) and not text.unsendable(new), sign


# --- merge fields ---
def test_parse_finds_fields_and_fallbacks():
    template = text.parse("#{이름|회원}님, #{ 반 }: #{메모|}")
    assert template.fields == {"이름", "반", "메모"}
    assert template.parts[0] == text.Field("이름", "회원")
    assert template.literal == "회원님, : "


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("안녕 #{이름", "unclosed_field"),
        ("#{", "unclosed_field"),
        ("#{이\n름}", "unclosed_field"),
        ("#{가 #{나}}", "unclosed_field"),
        ("#{}", "empty_field"),
        ("#{ |회원}", "empty_field"),
    ],
)
def test_parse_refuses_a_broken_field(value, code):
    with pytest.raises(text.TextError) as caught:
        text.parse(value)
    assert caught.value.code == code
    assert str(caught.value)


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"이름": "남궁민수정", "반": "화목"}, "남궁민수정님 화목 100%"),
        ({"이름": "", "반": None}, "회원님  100%"),
        ({}, "회원님  100%"),
        ({"이름": "#{반}", "반": 0}, "#{반}님 0 100%"),
        ({"이름": "%s", "반": "{}"}, "%s님 {} 100%"),
    ],
)
def test_render_fills_or_falls_back(values, shown):
    assert text.parse("#{이름|회원}님 #{반} 100%").render(values) == shown


def test_missing_names_fields_without_value_or_fallback():
    template = text.parse("#{이름|회원} #{반} #{반} #{메모|} #{날짜}")
    assert template.missing({"날짜": ""}) == ["반", "날짜"]
    assert template.missing({"날짜": "3일", "반": 0}) == []


@given(PLAIN)
def test_render_of_a_plain_text_is_itself(value):
    value = text.normalise(value)
    assert text.parse(value).render({}) == value
