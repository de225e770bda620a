"""The sieve: whose number a text may go to, and what it says there."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.merging import GONE, Kept, Row, Sieve
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


AT = datetime(2026, 3, 2, tzinfo=UTC)
PHONES = [f"0101111000{n}" for n in range(6)] + ["0111234567", "0231234567", "010" + "\u0661" * 8, "", GONE]
NAMES = ["김철수", "", "남궁민수정", "힣힣", "Kim", "가" * 30]
ROWS = st.tuples(
    st.one_of(st.none(), st.integers(1, 12)),
    st.sampled_from(NAMES),
    st.sampled_from(PHONES),
    st.none(),
    st.sampled_from([None, {}, {"반": "사자반"}, {"반": 3}]),
    st.sampled_from([AT, None]),
    st.sampled_from([AT, None]),
)
TEXTS = ["안녕하세요", "#{이름}님", "#{이름}", "#{이름|회원}#{반}", "#{반|}", "가" * 980 + "#{이름}", "힣#{이름}"]
FEW = st.sets(st.sampled_from(PHONES), max_size=2)


@given(st.lists(ROWS, max_size=30), st.integers(1, 30), st.sampled_from(TEXTS), st.booleans(), FEW, FEW, FEW, st.data())
def test_measure_finds_what_sort_finds(
    rows: list[Row], size: int, text: str, ad: bool, refused: set[str], left: set[str], had: set[str], data: Any
) -> None:
    excepted = data.draw(st.sets(st.integers(1, 12), max_size=3))
    earlier = data.draw(st.sets(st.sampled_from(sorted(excepted) or [1]), max_size=1)) & excepted

    def fresh() -> Sieve:
        return Sieve(
            parse(text), False, "한빛", set(excepted), set(left), set(earlier), set(refused), ad=ad
        )  # fmt: skip

    sorting, measuring, taken, also = fresh(), fresh(), set(had), set(had)
    for at in range(0, len(rows), size):
        chunk = rows[at : at + size]
        kept, barred = sorting.sort(chunk, taken, render=False)
        got = measuring.measure(chunk, also)

        who = Counter((one.member, one.name, one.phone, one.size, one.night) for one in kept)
        pairs = zip(got.rows, got.sizes, strict=True)
        assert Counter((*row[:3], bytes_, ad and row[6] is not None) for row, bytes_ in pairs) == who
        assert +got.left == Counter(one.reason for one in barred)
        assert Counter(got.shared) == Counter(one.phone for one in barred if one.reason == "duplicate")
        assert also == taken


def test_measure_has_the_order_of_sort_where_people_share_a_phone() -> None:
    rows = [(1, "힣힣", PHONE, None, None), (2, "김", PHONE, None, None), (3, "박", PHONE, None, None)]
    got = Sieve(parse("#{이름}님"), titled=False, shop="한빛").measure(rows, set())

    assert got.rows == [rows[1]]  # the first whose text can be sent
    assert got.left == {"unsendable": 1, "duplicate": 1}


def test_gathered_joins_whom_the_text_does_not_tell_apart() -> None:
    rows = [
        (1, "지우", PHONE, None, {"반": "사자"}, None, None, False),
        (2, "지호", PHONE, None, {"반": "곰"}, None, None, False),
        (3, "지아", PHONE, None, {"반": "사자"}, None, None, True),
        (None, "손님", PHONE, None, None, None, None),
    ]

    def names(text: str) -> list[tuple[Any, ...]]:
        sieve = Sieve(parse(text), titled=False, shop="한빛", joins=True)
        return [(row[1], tuple(pk for pk, _name in row[8][1:])) for row in sieve.gathered(rows, set())[0]]

    assert names("#{이름} 안내") == [("지우, 지호, 지아", (2, 3)), ("손님", ())]
    assert names("#{이름} #{반}") == [("지우, 지아", (3,)), ("지호", ()), ("손님", ())]
    assert names("#{휴대폰}") == names("#{이름} 안내")


CHILDREN = st.tuples(
    st.integers(1, 12), st.sampled_from(NAMES), st.sampled_from(PHONES), st.none(),
    st.sampled_from([None, {}, {"반": "사자반"}, {"반": 3}]), st.sampled_from([AT, None]), st.sampled_from([AT, None]),
    st.booleans(),
)  # fmt: skip


@given(
    st.lists(CHILDREN, max_size=30), st.lists(ROWS, max_size=5), st.sampled_from(TEXTS), st.booleans(), FEW, FEW, FEW,
    st.sets(st.integers(1, 12), max_size=3), st.integers(0, 30),
)  # fmt: skip
def test_measure_finds_what_sort_finds_of_guardians(
    children: list[Row], pasted: list[Row], text: str, ad: bool, refused: set[str], left: set[str], had: set[str],
    excepted: set[int], cut: int,
) -> None:  # fmt: skip
    children.sort(key=lambda row: row[2])
    while 0 < cut < len(children) and children[cut - 1][2] == children[cut][2]:
        cut += 1  # a chunk ends where a phone does

    def fresh() -> Sieve:
        return Sieve(parse(text), False, "한빛", set(excepted), set(left), set(), set(refused), ad=ad, joins=True)

    sorting, measuring, taken, also = fresh(), fresh(), set(had), set(had)
    for chunk in (children[:cut], [*children[cut:], *pasted]):
        kept, barred = sorting.sort(chunk, taken, render=False)
        got = measuring.measure(chunk, also)

        assert len({one.phone for one in kept}) == len(kept)
        assert sum(1 + len(one.others) for one in kept) + len(barred) == len(chunk)
        who = Counter((one.name, one.phone, one.size, one.night, one.member, *one.others) for one in kept)
        pairs = zip(got.rows, got.sizes, strict=True)
        found = [(*row[1:3], size, ad and row[6] is not None, *[pk for pk, _name in row[8]]) for row, size in pairs]
        assert Counter(found) == who
        assert +got.left == Counter(one.reason for one in barred)
        assert Counter(got.shared) == Counter(one.phone for one in barred if one.reason == "duplicate")
        assert also == taken
        agreed = {row[0] for row in chunk if row[5]}
        assert not ad or all({one.member, *one.others} <= agreed | {None} for one in kept)
