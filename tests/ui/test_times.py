from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.utils import translation

from ui import times

# 2026-11-21 14:30 in Seoul, a Saturday
MOMENT = datetime(2026, 11, 21, 5, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def korean_at_that_moment():
    with time_machine.travel(MOMENT, tick=False), translation.override("ko"):
        yield


def test_now_is_aware_and_utc():
    assert times.now() == MOMENT and times.now().utcoffset() == timedelta(0)


def test_now_follows_the_offset_of_the_process(settings):
    settings.CLOCK_OFFSET = 3600
    assert times.now() == MOMENT + timedelta(hours=1)


def test_today_changes_at_midnight_in_seoul():
    with time_machine.travel(datetime(2026, 11, 21, 14, 59, 59, tzinfo=UTC), tick=False):
        assert times.today() == date(2026, 11, 21)
    with time_machine.travel(datetime(2026, 11, 21, 15, 0, tzinfo=UTC), tick=False):
        assert times.today() == date(2026, 11, 22)


def test_seoul_refuses_a_naive_time():
    with pytest.raises(ValueError, match="zone"):
        times.seoul(datetime(2026, 11, 21, 5, 30))


def test_day_range_covers_a_day_of_seoul():
    begin, end = times.day_range(date(2026, 11, 21))
    assert begin == datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    assert end - begin == timedelta(days=1)


def test_dates_and_times_in_korean():
    assert times.kdate(MOMENT) == "11월 21일 (토)"
    assert times.kdate(date(2026, 11, 22)) == "11월 22일 (일)"
    assert times.ymd(MOMENT) == "2026. 11. 21."
    assert times.kmonth(MOMENT) == "11월"
    assert times.ktime(MOMENT) == "오후 2:30"
    assert times.ktime(time(0, 5)) == "오전 12:05"
    assert times.kdatetime(MOMENT) == "11월 21일 (토) 오후 2:30"
    assert times.kdatetime(MOMENT.replace(year=2025)) == "2025. 11. 21. 오후 2:30"


def test_dates_and_times_in_english():
    with translation.override("en"):
        assert times.kdate(MOMENT) == "Sat, 21 Nov"
        assert times.ymd(MOMENT) == "21 Nov 2026"
        assert times.kmonth(MOMENT) == "Nov"
        assert times.ktime(MOMENT) == "2:30 PM"
        assert times.kago(MOMENT - timedelta(days=30)) == "22 Oct"


def test_what_is_missing_is_a_dash():
    assert {times.kdate(None), times.ymd(None), times.ktime(None), times.kdatetime(None), times.kago(None)} == {"–"}


@pytest.mark.parametrize(
    ("ago", "shown"),
    [
        (timedelta(seconds=59), "방금 전"),
        (timedelta(minutes=12), "12분 전"),
        (timedelta(hours=3), "3시간 전"),
        (timedelta(hours=14, minutes=29), "14시간 전"),
        (timedelta(hours=14, minutes=31), "어제"),
        (timedelta(days=18), "11월 3일"),
        (timedelta(days=400), "2025. 10. 17."),
        (-timedelta(hours=2), "오후 4:30"),
        (-timedelta(seconds=1), "오후 2:30"),
        (-timedelta(days=3), "11월 24일"),
    ],
)
def test_kago_grows_coarser_with_age(ago, shown):
    assert times.kago(MOMENT - ago) == shown
