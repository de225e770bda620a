"""Birthdays: spelled, said, and the day on which each falls next."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from members import birthdays as b
from members import lunar
from members.birthdays import LUNAR, SOLAR, BadBirthday, Birthday

TODAY = date(2026, 11, 28)
lunar.to_solar(2000, 1, 1)  # the tables take a second to load, which is none of Hypothesis's business
days = st.dates(date(1950, 1, 1), date(2098, 12, 31))


@st.composite
def some_birthdays(draw: st.DrawFn) -> Birthday:
    kind = draw(st.sampled_from([SOLAR, LUNAR]))
    found = Birthday(
        kind,
        draw(st.none() | st.integers(1900, 2026)),
        draw(st.integers(1, 12)),
        draw(st.none() | st.integers(1, 31 if kind == SOLAR else 30)),
        kind == LUNAR and draw(st.booleans()),
    )
    try:
        return b.checked(found, TODAY)
    except BadBirthday:
        assume(False)
        raise


@given(some_birthdays())
def test_columns_say_the_birthday_whole(birthday: Birthday) -> None:
    born, spelled = b.columns(birthday)

    assert b.of(born, spelled) == birthday
    assert len(spelled) <= 12
    assert bool(spelled) != (birthday.calendar == SOLAR and None not in (birthday.year, birthday.day))
    assert (born is None) == (None in (birthday.year, birthday.day))


@given(some_birthdays(), days)
def test_next_birthday_is_that_day_or_later_and_stays_until_it_is_over(birthday: Birthday, on: date) -> None:
    following = b.next_birthday(birthday, on)

    assert following is not None and on <= following <= on + timedelta(days=385)
    assert b.next_birthday(birthday, following) == following
    between = on + (following - on) / 2
    assert b.next_birthday(birthday, between) == following


@given(some_birthdays(), days)
def test_next_birthday_is_in_its_own_month(birthday: Birthday, on: date) -> None:
    following = b.next_birthday(birthday, on)
    assert following is not None
    if birthday.calendar == SOLAR:
        assert following.month == birthday.month
        assert following.day in (birthday.day or 1, 28)
        return
    found = lunar.to_lunar(following)
    assert found.month == birthday.month
    assert found.day == (birthday.day or 1) or (birthday.day == 30 and found.day == 29)
    assert found.leap == (birthday.leap and lunar.leap_month(found.year) == birthday.month)


@given(some_birthdays(), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_next_birthday_skips_no_year(birthday: Birthday, on: date) -> None:
    """A lunar year has one birthday, and so has a solar one."""
    seen, day = [], on
    for _ in range(5):
        following = b.next_birthday(birthday, day)
        assert following is not None
        seen.append(following)
        day = following + timedelta(days=1)
    years = [lunar.to_lunar(one).year if birthday.calendar == LUNAR else one.year for one in seen]
    assert years == list(range(years[0], years[0] + 5))


@pytest.mark.parametrize(
    ("birthday", "on", "day"),
    [
        (Birthday(SOLAR, 1985, 3, 5), TODAY, date(2027, 3, 5)),
        (Birthday(SOLAR, 1985, 11, 28), TODAY, TODAY),
        (Birthday(SOLAR, 2000, 2, 29), TODAY, date(2027, 2, 28)),
        (Birthday(SOLAR, 2000, 2, 29), date(2028, 2, 1), date(2028, 2, 29)),
        (Birthday(SOLAR, None, 5, None), TODAY, date(2027, 5, 1)),
        (Birthday(LUNAR, 1985, 4, 15), date(2026, 1, 1), date(2026, 5, 31)),
        (Birthday(LUNAR, 1979, 6, 1, True), date(2025, 1, 1), date(2025, 7, 25)),  # 2025 has that leap month
        (Birthday(LUNAR, 1979, 6, 1, True), date(2026, 1, 1), date(2026, 7, 14)),  # 2026 has not
        (Birthday(LUNAR, None, 1, 30), date(2026, 1, 1), date(2026, 3, 18)),  # of 29 days that year
        (Birthday(LUNAR, None, 12, 25), TODAY, date(2027, 2, 1)),  # of the lunar year before
    ],
)  # fmt: skip
def test_next_birthday_of(birthday: Birthday, on: date, day: date) -> None:
    assert b.next_birthday(birthday, on) == day


def test_next_birthday_beyond_the_table_is_unknown() -> None:
    assert b.next_birthday(Birthday(LUNAR, None, 4, 15), date(2100, 12, 1)) is None
    assert b.next_birthday(None, TODAY) is None


@pytest.mark.parametrize(
    ("birthday", "code"),
    [
        (Birthday(SOLAR, 1985, 2, 29), "no_such_date"),
        (Birthday(SOLAR, None, 4, 31), "no_such_date"),
        (Birthday(SOLAR, None, 13, 1), "no_such_date"),
        (Birthday(LUNAR, 1985, 4, 31), "no_such_date"),
        (Birthday(LUNAR, 1985, 4, 15, True), "no_leap_month"),
        (Birthday(LUNAR, None, 1, 15, True), "no_leap_month"),  # there is none in two hundred years
        (Birthday(SOLAR, 2026, 11, 29), "date_in_future"),
        (Birthday(LUNAR, 2026, 12, 1), "date_in_future"),
        (Birthday(SOLAR, 1899, 1, 1), "date_too_old"),
    ],
)
def test_checked_refuses_what_cannot_be(birthday: Birthday, code: str) -> None:
    with pytest.raises(BadBirthday) as error:
        b.checked(birthday, TODAY)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("birthday", "words", "merged"),
    [
        (Birthday(SOLAR, 1985, 3, 5), "1985년 3월 5일", "3월 5일"),
        (Birthday(LUNAR, 1985, 4, 15), "음력 1985년 4월 15일", "음력 4월 15일"),
        (Birthday(LUNAR, None, 4, 15, True), "음력 윤4월 15일", "음력 윤4월 15일"),
        (Birthday(SOLAR, None, 5, None), "5월 중", "5월"),
    ],
)
def test_words_and_what_a_text_says(birthday: Birthday, words: str, merged: str) -> None:
    born, spelled = b.columns(birthday)

    assert b.words(birthday) == words
    assert b.merged(spelled or born) == merged  # type: ignore[arg-type]
    assert b.next_words(date(2026, 6, 2), TODAY) == "올해 6월 2일"
    assert b.next_words(date(2027, 5, 22), TODAY) == "내년 5월 22일"
    assert b.next_words(date(2028, 2, 29), TODAY) == "2028. 2. 29."
    assert b.next_words(date(2025, 12, 31), TODAY) == "2025. 12. 31."


def test_agrees_where_less_is_said() -> None:
    whole = Birthday(SOLAR, 1985, 3, 5)
    assert b.agrees(Birthday(SOLAR, None, 3, 5), whole) and b.agrees(Birthday(SOLAR, 1985, 3, None), whole)
    assert not b.agrees(Birthday(LUNAR, None, 3, 5), whole) and not b.agrees(Birthday(SOLAR, None, 3, 6), whole)
