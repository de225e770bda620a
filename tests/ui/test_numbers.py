import pytest
from django.utils import translation

from ui.numbers import comma, compact, percent, whole, wholes


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12), ("007", 7), (5, 5), ("0", 0), ("9" * 18, 10**18 - 1), ("9" * 19, None), ("-1", None), ("1.0", None),
     ("１２", None), ("²", None), ("", None), (None, None), ("1\x00", None)],
)  # fmt: skip
def test_whole_reads_plain_digits_that_a_database_can_hold(text, number):
    assert whole(text) == number


def test_wholes_are_those_that_can_be_ids():
    assert wholes(["3", "x", "0", None, "12"]) == [3, 12]


def test_comma_groups_by_thousands():
    assert comma(1234567) == "1,234,567"
    assert comma(-1000) == "-1,000"
    assert comma(0) == "0"
    assert comma(None) == "–"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0"),
        (999, "999"),
        (9876, "9,876"),
        (9999, "9,999"),
        (10000, "1만"),
        (12345, "1.2만"),
        (1_000_000, "100만"),
        (12_345_678, "1,234.6만"),
        (99_999_999, "1억"),
        (120_000_000, "1.2억"),
        (1_500_000_000_000, "1.5조"),
        (-12345, "-1.2만"),
        (None, "–"),
    ],
)
def test_compact_in_korean(value, shown):
    with translation.override("ko"):
        assert compact(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(999, "999"), (1000, "1k"), (12345, "12.3k"), (999_999, "1M"), (120_000_000, "120M"), (2 * 10**9, "2B")],
)
def test_compact_in_english(value, shown):
    with translation.override("en"):
        assert compact(value) == shown


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (3, 8, "37.5%"),
        (1, 2, "50%"),
        (0, 5, "0%"),
        (5, 5, "100%"),
        (99_999, 100_000, "99.9%"),
        (1, 100_000, "0.1%"),
        (1, 0, "–"),
        (None, 5, "–"),
    ],
)
def test_percent_never_rounds_to_all_or_none(part, whole, shown):
    assert percent(part, whole) == shown


def test_percent_without_decimals():
    assert percent(1, 3, 0) == "33%"
