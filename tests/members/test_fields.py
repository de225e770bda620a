"""What a custom field can hold, and the names it is known by."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from members import fields
from members.cells import Unreadable
from members.fields import Spec


@dataclass
class Row:
    key: str
    name: str
    former: list[str] = field(default_factory=list)
    kind: str = "text"
    choices: list[str] = field(default_factory=list)


def spec(kind: str, *choices: str) -> Spec:
    return Spec("key", "이름", kind, choices)


@pytest.mark.parametrize(
    ("kind", "cell", "stored"),
    [
        ("text", "  3반 ", "3반"),
        ("number", "1,200", "1200"),
        ("number", 12.0, "12"),
        ("number", "12.50", "12.5"),
        ("number", "-3", "-3"),
        ("number", "-0.0", "0"),
        ("number", "３０,000원", "30000"),
        ("date", "2026. 3. 5.", "2026-03-05"),
        ("date", "2026년 11월 28일", "2026-11-28"),
        ("date", "20261128", "2026-11-28"),
        ("date", 45000.0, "2023-03-15"),
        ("yes_no", "Y", "예"),
        ("yes_no", "○", "예"),
        ("yes_no", "아니요", "아니오"),
        ("choice", " 오전 반", "오전반"),
        ("file", "12", "12"),
        ("number", "", ""),
        ("date", None, ""),
    ],
)
def test_read(kind: str, cell: object, stored: str) -> None:
    assert fields.read(spec(kind, "오전반", "오후반"), cell) == stored


@pytest.mark.parametrize(
    ("kind", "cell", "code"),
    [
        ("number", "열둘", "field_number"),
        ("number", "NaN", "field_number"),
        ("number", "1e400", "field_number"),
        ("number", "1" * 30, "field_number"),
        ("date", "2026-02-30", "field_date"),
        ("date", "03/04/05", "field_date"),
        ("date", "곧", "field_date"),
        ("yes_no", "글쎄요", "field_yes_no"),
        ("choice", "저녁반", "field_choice"),
        ("file", "계약서.pdf", "field_file"),
        ("text", "가" * 501, "field_too_long"),
    ],
)
def test_read_what_does_not_fit(kind: str, cell: object, code: str) -> None:
    with pytest.raises(Unreadable) as error:
        fields.read(spec(kind, "오전반"), cell)
    assert error.value.code == code


@given(st.sampled_from(["text", "number", "date", "yes_no", "choice"]), st.text(max_size=40) | st.floats() | st.dates())
def test_read_again_changes_nothing(kind: str, cell: object) -> None:
    try:
        once = fields.read(spec(kind, "오전반"), cell)
    except Unreadable:
        return
    assert fields.read(spec(kind, "오전반"), once) == once


def test_shown_and_merged() -> None:
    assert fields.shown(spec("number"), "1200000.5") == "1,200,000.5"
    assert fields.shown(spec("number"), "열둘") == "열둘"
    assert fields.shown(spec("date"), "2026-11-28") == "2026. 11. 28."
    assert fields.merged(spec("date"), "2026-11-28") == "2026년 11월 28일"
    assert fields.merged(spec("number"), "30000") == "30,000"


def test_known_names_present_before_former_before_keys() -> None:
    one, two = Row("반", "클래스", ["반", "수업"]), Row("수업 2", "수업")
    found = fields.known_names([one, two])
    assert {name: row.key for name, row in found.items()} == {
        "클래스": "반",
        "수업": "수업 2",
        "반": "반",
        "수업 2": "수업 2",
    }


def test_free_key_is_like_the_name() -> None:
    assert fields.free_key("반", {"학년"}) == "반"
    assert fields.free_key("반", {"반", "반 2"}) == "반 3"
    assert len(fields.free_key("가" * 30, {"가" * 30})) == 30
