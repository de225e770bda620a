"""What is asked for, from JSON and back."""

from typing import Any

import pytest

from messaging.drafting import Audience, Except, read_phone
from messaging.exceptions import BadAudience


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("01012345678", ("01012345678", "")),
        ("010-1234-5678", ("010-1234-5678", "")),
        ("김민수 010-1234-5678", ("010-1234-5678", "김민수")),
        ("김민수, 010 1234 5678", ("010 1234 5678", "김민수")),
        ("3반 김민수 +82 10-1234-5678", ("+82 10-1234-5678", "3반 김민수")),
        ("김민수010-1234-5678", ("010-1234-5678", "김민수")),
        (["010-1234-5678", "김민수"], ("010-1234-5678", "김민수")),
        (("01012345678",), ("01012345678", "")),
        ("전화 없음", ("전화 없음", "")),
        ("010 1234 5678", ("010 1234 5678", "")),
        ("+82 10 1234 5678", ("+82 10 1234 5678", "")),
        ("010 1234-5678", ("010 1234-5678", "")),
        ("02 123 4567", ("02 123 4567", "")),
        ("12 010 1234 5678", ("010 1234 5678", "12")),
    ],
)
def test_read_phone(given: Any, read: tuple[str, str]) -> None:
    assert read_phone(given) == read


def test_audience_from_json_and_back() -> None:
    audience = Audience(
        members=[1, 2],
        groups=[3],
        phones=[("010", "가")],
        all=True,
        except_=Except(members=[4], phones=[("011", "")]),
        not_in=[9],
    )

    assert Audience.from_json(audience.to_json()) == audience
    assert Audience.from_json({}) == Audience()
    assert Audience().to_json() == {}


@pytest.mark.parametrize(
    "given",
    [
        [1],
        "all",
        {"members": "1"},
        {"members": ["1"]},
        {"members": [True]},
        {"members": [0]},
        {"members": [[1]]},
        {"groups": [2**70]},
        {"phones": "010"},
        {"phones": [5]},
        {"phones": [["a", "b", "c"]]},
        {"all": "yes"},
        {"except": [1]},
        {"segments": ["1"]},
        {"as_of": "later"},
        {"except": {"recent_days": -1}},
        {"except": {"recent_days": True}},
        {"except": {"stages": ["boss"]}},
        {"except": {"unpaid": 1}},
    ],
)
def test_audience_from_json_refuses(given: Any) -> None:
    with pytest.raises(BadAudience):
        Audience.from_json(given)
