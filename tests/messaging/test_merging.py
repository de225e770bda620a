"""The sieve: whose number a text may go to, and what it says there."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.merging import Kept, Sieve
from messaging.text import byte_length, normalise, parse
from tests.messaging.test_text import PLAIN, SENDABLE

PHONE = "01011112222"


@pytest.mark.parametrize("phone", ["010" + "\u0661" * 8, "010" + "\u0b67" * 8, "010" + "\uff11" * 8, "010-1111-222"])
def test_sort_leaves_out_digits_of_other_scripts(phone: str) -> None:
    sieve = Sieve(parse("안녕하세요"), titled=False, shop="한빛")

    kept, left = sieve.sort([(None, "", phone, None, None), (None, "", "01011112222", None, None)], set(), render=True)

    assert [one.phone for one in kept] == ["01011112222"]
    assert [one.reason for one in left] == ["bad_number"]


def one(text: str, name: str = "", fields: dict[str, Any] | None = None, *, render: bool = True) -> Kept | str:
    """What becomes of one person: the text, or why there is none."""
    kept, left = Sieve(parse(text), titled=False, shop="한빛").sort(
        [(1, name, PHONE, None, fields)], set(), render=render
    )
    return kept[0] if kept else left[0].reason


@given(PLAIN, SENDABLE, st.dictionaries(st.just("반"), st.one_of(SENDABLE, st.integers(), st.none())))
def test_sort_counts_what_it_writes_and_writes_what_render_does(text: str, name: str, fields: dict[str, Any]) -> None:
    text = f"글: {text}#{{이름|회원}} #{{반}}\n#{{이름}}"
    kept, unwritten = one(text, name, fields), one(text, name, fields, render=False)

    values = {"이름": normalise(name), "반": normalise("" if fields.get("반") is None else str(fields["반"]))}
    assert isinstance(kept, Kept) and isinstance(unwritten, Kept)
    assert kept.text == parse(text).render(values)
    assert kept.size == byte_length(kept.text) == unwritten.size
    assert unwritten.text == ""


def test_sort_makes_a_text_long_for_a_name_of_five_syllables() -> None:
    names = ("김철수", "남궁민수", "남궁민수정")
    assert [one("가" * 41 + "#{이름}", name).type for name in names] == ["SMS", "SMS", "LMS"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "name", "outcome"),
    [
        ("#{이름}님", "힣힣", "unsendable"),
        ("#{반} 안내", "힣힣", "kept"),  # a name that the text does not use harms nobody
        ("#{이름}", "", "empty"),
        ("#{이름|회원}", "", "kept"),
        ("가" * 999 + "#{이름}", "홍길동", "too_long"),
    ],
)
def test_sort_leaves_out_whom_the_text_does_not_fit(text: str, name: str, outcome: str) -> None:
    found = one(text, name)
    assert ("kept" if isinstance(found, Kept) else found) == outcome


def test_blank_names_those_without_a_value() -> None:
    sieve = Sieve(parse("#{이름} #{반}"), titled=False, shop="한빛")
    rows = [(1, "김", PHONE, None, {"반": 0}), (2, "\x00", PHONE, None, {}), (3, "박", PHONE, None, None)]

    assert [row[0] for row in sieve.blank(rows, "이름")] == [2]
    assert [row[0] for row in sieve.blank(rows, "반")] == [2, 3]
    assert sieve.values(rows[0]) == {"이름": "김", "반": "0"}
