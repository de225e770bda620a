"""Birthdays in the cells of a roster."""

from datetime import date, datetime

import pytest

from members import births
from members.cells import Unreadable

TODAY = date(2026, 11, 28)


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("1985-04-15", (date(1985, 4, 15), "")),
        ("양력 1985.4.15", (date(1985, 4, 15), "")),
        (datetime(1985, 4, 15), (date(1985, 4, 15), "")),
        ("음력 1985.4.15", (date(1985, 6, 3), "L19850415")),
        ("1985-04-15(음)", (date(1985, 6, 3), "L19850415")),
        ("1985년 4월 15일 음력", (date(1985, 6, 3), "L19850415")),
        ("(음)850415", (date(1985, 6, 3), "L19850415")),
        ("음 19850415", (date(1985, 6, 3), "L19850415")),
        ("음력 2025년 윤6월 15일", (date(2025, 8, 8), "M20250615")),
        ("윤달 2025-06-15", (date(2025, 8, 8), "M20250615")),
        ("음력 4월 15일", (None, "L----0415")),
        ("3월 5일", (None, "S----0305")),
        ("03-05", (None, "S----0305")),
        ("3/5", (None, "S----0305")),
        ("1985년 4월", (None, "S198504--")),
        ("5월", (None, "S----05--")),
        ("5월 중", (None, "S----05--")),
        ("음력 1985년 4월 중", (None, "L198504--")),
        ("없음", (None, "")),
        ("-", (None, "")),
    ],
)
def test_read(cell: object, found: tuple[date | None, str]) -> None:
    assert births.read(cell, TODAY) == found


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("음력 1985.13.1", "no_such_date"),
        ("13-05", "no_such_date"),
        ("2월 30일", "no_such_date"),
        ("1985년 윤4월 15일", "no_leap_month"),
        ("음력 2026.12.1", "date_in_future"),
        (3.1, "date_unclear"),  # 3.10 that Excel took for a number
        ("음력 언젠가", "date_unclear"),
    ],
)
def test_read_what_cannot_be(cell: object, code: str) -> None:
    with pytest.raises(Unreadable) as error:
        births.read(cell, TODAY)
    assert error.value.code == code


def test_read_by_what_stands_beside() -> None:
    assert births.read("1985-04-15", TODAY, births.SAYS_LUNAR) == (date(1985, 6, 3), "L19850415")
    assert births.read(datetime(1985, 4, 15), TODAY, births.SAYS_LUNAR) == (date(1985, 6, 3), "L19850415")
    assert births.read("양력 1985-04-15", TODAY, births.SAYS_LUNAR) == (date(1985, 4, 15), "")
    assert births.read("2025-06-15", TODAY, births.SAYS_LEAP) == (date(2025, 8, 8), "M20250615")


def test_of_cell_and_of_title() -> None:
    said = [births.of_cell(cell) for cell in ("음력", "양", "윤달", "", None, "Y")]
    assert said == [births.SAYS_LUNAR, births.SAYS_SOLAR, births.SAYS_LEAP, None, None, births.SAYS_LUNAR]
    with pytest.raises(Unreadable):
        births.of_cell("글쎄요")
    assert births.of_title("생일(음력)").lunar and not births.of_title("생일(음력/양력)").lunar
