"""The sieve: whose number a text may go to."""

import pytest

from messaging.merging import Sieve
from messaging.text import parse


@pytest.mark.parametrize("phone", ["010" + "\u0661" * 8, "010" + "\u0b67" * 8, "010" + "\uff11" * 8, "010-1111-222"])
def test_sort_leaves_out_digits_of_other_scripts(phone: str) -> None:
    sieve = Sieve(parse("안녕하세요"), titled=False, shop="한빛")

    kept, left = sieve.sort([(None, "", phone, None, None), (None, "", "01011112222", None, None)], set(), render=True)

    assert [one.phone for one in kept] == ["01011112222"]
    assert [one.reason for one in left] == ["bad_number"]
