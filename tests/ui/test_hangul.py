import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.hangul import CHOSUNG, chosung, is_chosung, josa


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("김민수", "ㄱㅁㅅ"),
        ("남궁민수정", "ㄴㄱㅁㅅㅈ"),
        ("까치 Kim 3", "ㄲㅊ Kim 3"),
        ("힣", "ㅎ"),
        ("ㄳ", "ㄱㅅ"),
        ("", ""),
    ],
)
def test_chosung_known_names(name, initials):
    assert chosung(name) == initials


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1))
def test_chosung_of_hangul_is_found_as_chosung(name):
    initials = chosung(name)
    assert len(initials) == len(name) and set(initials) <= set(CHOSUNG)
    assert is_chosung(initials)


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("ㄱㅁㅅ", True),
        (" ㄱ ㅁㅅ ", True),
        ("ㄳ", True),
        ("김ㅁㅅ", False),
        ("ㅏ", False),
        ("kim", False),
        ("", False),
    ],
)
def test_is_chosung_only_initials(query, answer):
    assert is_chosung(query) is answer


@pytest.mark.parametrize(
    ("word", "pair", "joined"),
    [
        ("수정", "은/는", "수정은"),
        ("민수", "은/는", "민수는"),
        ("민수", "이/가", "민수가"),
        ("서울", "으로/로", "서울로"),
        ("부산", "으로/로", "부산으로"),
        ("제주", "으로/로", "제주로"),
        ("11월", "을/를", "11월을"),
        ("3", "을/를", "3을"),
        ("2", "을/를", "2를"),
        ("Kim", "은/는", "Kim은"),
        ("Lee", "은/는", "Lee는"),
        ("'수정'", "이/가", "'수정'이"),
        ("한빛(주)", "은/는", "한빛(주)는"),
        ("", "은/는", "는"),
    ],
)
def test_josa_fits_the_sound(word, pair, joined):
    assert josa(word, pair) == joined
