"""Time as people in Korea read it: every "day", "hour" and "night" is Asia/Seoul, and goes through here.

Stored times are aware and UTC. CLOCK_OFFSET (seconds) moves the clock of a process in tests; settings refuse it
elsewhere.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

SEOUL = ZoneInfo("Asia/Seoul")
NOTHING = "–"

_WEEKDAYS = "월화수목금토일"
_ENGLISH_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def now() -> datetime:
    """This moment, aware, in UTC, on the clock of this process."""
    return datetime.now(UTC) + timedelta(seconds=getattr(settings, "CLOCK_OFFSET", 0))


def today() -> date:
    """The day it is in Seoul."""
    return now().astimezone(SEOUL).date()


def seoul(at: datetime) -> datetime:
    """That moment on a clock in Seoul; a naive time is a bug and is refused."""
    if at.tzinfo is None:
        raise ValueError("A time without its zone cannot be placed in Seoul.")
    return at.astimezone(SEOUL)


def day_start(day: date) -> datetime:
    """00:00 of that day in Seoul, aware."""
    return datetime.combine(day, time(), tzinfo=SEOUL)


def day_range(day: date) -> tuple[datetime, datetime]:
    """The day in Seoul as [from, until), for queries on stored times."""
    return day_start(day), day_start(day + timedelta(days=1))


def kdate(value: date | datetime | None) -> str:
    """11월 21일 (금); in English Fri, 21 Nov."""
    day = _day(value)
    if day is None:
        return NOTHING
    if _korean():
        return f"{day.month}월 {day.day}일 ({_WEEKDAYS[day.weekday()]})"
    return f"{_ENGLISH_WEEKDAYS[day.weekday()]}, {day.day} {_ENGLISH_MONTHS[day.month - 1]}"


def ymd(value: date | datetime | None) -> str:
    """2026. 11. 21.; in English 21 Nov 2026."""
    day = _day(value)
    if day is None:
        return NOTHING
    if _korean():
        return f"{day.year}. {day.month}. {day.day}."
    return f"{day.day} {_ENGLISH_MONTHS[day.month - 1]} {day.year}"


def kday(value: date | datetime | None) -> str:
    """3월 14일, with the year where it is not this one; in English 14 Mar."""
    day = _day(value)
    if day is None:
        return NOTHING
    return _month_day(day) if day.year == today().year else ymd(day)


def kmonth(value: date | datetime) -> str:
    """11월; in English Nov."""
    day = seoul(value).date() if isinstance(value, datetime) else value
    return f"{day.month}월" if _korean() else _ENGLISH_MONTHS[day.month - 1]


def ktime(value: datetime | time | None) -> str:
    """오후 2:30; in English 2:30 PM. A bare time is taken as Seoul's."""
    if value is None:
        return NOTHING
    at = seoul(value) if isinstance(value, datetime) else value
    clock = f"{at.hour % 12 or 12}:{at.minute:02d}"
    if _korean():
        return f"{'오전' if at.hour < 12 else '오후'} {clock}"
    return f"{clock} {'AM' if at.hour < 12 else 'PM'}"


def kdatetime(value: datetime | None) -> str:
    """11월 21일 (금) 오후 2:30, with the year where it is not this one."""
    if value is None:
        return NOTHING
    day = kdate(value) if seoul(value).year == today().year else ymd(value)
    return f"{day} {ktime(value)}"


def kago(value: datetime | None) -> str:
    """방금 전, 12분 전, 3시간 전, 어제, 11월 3일, 2025. 3. 4.; what is still to come is a time or a date."""
    if value is None:
        return NOTHING
    moment, then = seoul(now()), seoul(value)
    seconds = (moment - then).total_seconds()
    if 0 <= seconds < 60:
        return _("방금 전")
    if 0 <= seconds < 3600:
        return _("{count}분 전").format(count=int(seconds // 60))
    days = (moment.date() - then.date()).days
    if days == 0:
        return _("{count}시간 전").format(count=int(seconds // 3600)) if seconds > 0 else ktime(then)
    if days == 1:
        return _("어제")
    return _month_day(then) if then.year == moment.year else ymd(then)


def _month_day(day: date) -> str:
    if _korean():
        return f"{day.month}월 {day.day}일"
    return f"{day.day} {_ENGLISH_MONTHS[day.month - 1]}"


def _day(value: date | datetime | None) -> date | None:
    return seoul(value).date() if isinstance(value, datetime) else value


def _korean() -> bool:
    # No language is active in tasks and commands: they speak the source language.
    return (get_language() or "ko").startswith("ko")
