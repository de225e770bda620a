"""The law and the house rules of texting in Korea, as pure functions; each names the rule it keeps.

The ids (AD4, SN2 …) name one rule each, so that a page, a test and this file can speak of the same one.
Hours and dates are data: a changed law is a new row. Sources: 정보통신망법 제50조, 시행령 제61조 (advertising);
전기통신사업법 제84조의2 and its 고시 (sender numbers); Aligo's API page (limits).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext_lazy as _

from members import phone
from ui.times import seoul

SMS_BYTES = 90
LMS_BYTES = 2000
TITLE_BYTES = 44
IMAGES_MAX = 3
MASS_MAX = 500  # different texts in one call of /send_mass/
SAME_MAX = 1000  # receivers of one text in one call of /send/
SENDER_BYTES = 16  # SN11: Aligo's own field; every legal number is shorter
LATE = timedelta(days=1)  # behind its time, a text asks before it leaves: yesterday's notice is no notice


# --- Sender numbers -------------------------------------------------------------------------------------------------
class BadSender(ValueError):
    """A number that may not be shown as the sender; `code` is for programs, `str()` for people."""

    code = "bad_sender"
    message = _("발신번호로 쓸 수 없는 번호예요. 통신사에 등록된 번호를 확인해 주세요.")

    def __str__(self) -> str:
        return str(self.message)


class SenderEmpty(BadSender):
    code = "empty"
    message = _("발신번호가 비어 있어요. 알리고에 등록한 번호를 적어 주세요.")


class SenderNotDigits(BadSender):
    code = "not_digits"
    message = _("발신번호는 숫자만 적어 주세요.")


class SenderTooShort(BadSender):
    code = "too_short"
    message = _("발신번호 자릿수가 모자라요. 지역번호까지 모두 적었는지 확인해 주세요.")


class SenderTooLong(BadSender):
    code = "too_long"
    message = _("발신번호 자릿수가 너무 많아요. 내선번호는 빼고 적어 주세요.")


class SenderAreaCodeMissing(BadSender):
    code = "area_code_missing"
    message = _("지역번호가 빠졌어요. 02-789-0123처럼 지역번호부터 적어 주세요.")


class SenderLeadingZeroMissing(BadSender):
    code = "leading_zero_missing"
    message = _("맨 앞의 0이 빠졌어요. 010이나 02처럼 0부터 적어 주세요.")


class SenderAreaCodeGlued(BadSender):
    code = "area_code_glued"
    message = _("1588 같은 대표번호 앞에는 지역번호를 붙일 수 없어요. 대표번호 8자리만 적어 주세요.")


class SenderAreaCodeBeforeCommon(BadSender):
    code = "area_code_before_common"
    message = _("070이나 080 같은 번호 앞에는 지역번호를 붙일 수 없어요. 지역번호를 빼고 적어 주세요.")


class SenderRepresentativeLength(BadSender):
    code = "representative_length"
    message = _("1588 같은 대표번호는 8자리여야 해요. 내선번호 없이 8자리만 적어 주세요.")


class SenderSpecial(BadSender):
    code = "special_number"
    message = _("112나 1335 같은 특수번호는 공공기관만 쓸 수 있어요. 다른 번호를 적어 주세요.")


class SenderFourteen(BadSender):
    code = "fourteen"
    message = _("14로 시작하는 번호는 아직 쓸 수 없어요. 다른 번호를 적거나 관리자에게 문의해 주세요.")


class SenderMobileLength(BadSender):
    code = "mobile_length"
    message = _("010 번호는 11자리여야 해요. 빠지거나 더 들어간 숫자가 없는지 확인해 주세요.")


class SenderUnknownPrefix(BadSender):
    code = "unknown_prefix"
    message = _("앞자리가 국내 번호와 달라요. 지역번호나 010을 다시 확인해 주세요.")


class SenderLocalPart(BadSender):
    code = "local_part"
    message = _("지역번호 다음 숫자는 2부터 9까지여야 해요. 번호를 다시 확인해 주세요.")


_AREA = r"(?:02|0(?:3[1-3]|4[1-4]|5[1-5]|6[1-4]))"
_SENDER = re.compile(rf"{_AREA}[2-9]\d{{6,7}}|010\d{{8}}|01[16789]\d{{7,8}}|0[2-9]0\d{{7,9}}|1[568]\d{{6}}", re.ASCII)
_GLUED = re.compile(rf"{_AREA}1[4568]\d{{6}}")
_GLUED_COMMON = re.compile(rf"{_AREA}0[2-9]0\d{{7,9}}")
_PREFIX = re.compile(rf"01[016789]|{_AREA}|0[2-9]0")


def check_sender(digits: str, *, allow_fourteen: bool = False) -> None:
    """Refuse a digits-only sender number that breaks SN2–SN6 or SN11; each mistake has its own BadSender.

    14YY numbers exist but are not named in the KISA text, so they pass only where `allow_fourteen` says so.
    """
    if not digits:
        raise SenderEmpty
    if not (digits.isascii() and digits.isdigit()):
        raise SenderNotDigits
    if digits[0] == "1":
        return _check_without_zero(digits, allow_fourteen)
    if digits[0] != "0":
        raise SenderAreaCodeMissing if len(digits) in (7, 8) else _wrong_length(digits) or SenderLeadingZeroMissing
    _check_glue(digits)
    if digits.startswith("010") and len(digits) != 11:
        raise SenderMobileLength
    if problem := _wrong_length(digits):
        raise problem
    if not _PREFIX.match(digits):
        raise SenderUnknownPrefix
    if not _SENDER.fullmatch(digits):
        raise _misfit(digits)
    return None


def can_receive(digits: str) -> bool:
    """Whether a text may be sent there: a Korean mobile, as `members.phone` says."""
    return phone.can_receive(digits)


def _check_without_zero(digits: str, allow_fourteen: bool) -> None:
    """SN2 and SN5: what begins with 1 is a special number, a representative one, or a mobile that lost its zero."""
    if len(digits) <= 4:
        raise SenderSpecial
    if phone.is_mobile("0" + digits):
        raise SenderLeadingZeroMissing
    if digits[1] not in "4568":
        raise SenderUnknownPrefix
    if len(digits) != 8:
        raise SenderRepresentativeLength
    if digits[1] == "4" and not allow_fourteen:
        raise SenderFourteen


def _check_glue(digits: str) -> None:
    """SN5 and SN6: no area code in front of 15YY, 16YY, 18YY and 0N0 numbers."""
    if _GLUED.fullmatch(digits):
        raise SenderAreaCodeGlued
    if _GLUED_COMMON.fullmatch(digits):
        raise SenderAreaCodeBeforeCommon


def _wrong_length(digits: str) -> type[BadSender] | None:
    """SN2: 8 to 11 digits; numbers that begin with 030 or 050 up to 12."""
    longest = 12 if digits.startswith(("030", "050")) else 11
    if len(digits) < 8:
        return SenderTooShort
    return SenderTooLong if len(digits) > longest else None


def _misfit(digits: str) -> type[BadSender]:
    area = re.match(_AREA, digits)
    if area and digits[area.end()] in "01":
        return SenderLocalPart
    return SenderTooShort if len(digits) < 10 else SenderTooLong


# --- Night ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Night:
    """Since that day, ads need a night consent between `begins` and `ends`; `last_call` leaves a margin for queues."""

    since: date
    begins: time
    ends: time
    last_call: time


# AD4. The margin is ours: a text handed over at 20:59 may ring at 21:01, and then it is we who broke the law.
NIGHTS: Sequence[Night] = (Night(date(2014, 11, 29), time(21, 0), time(8, 0), time(20, 50)),)


def night_on(day: date) -> Night:
    """The night rule in force on that day (AD4)."""
    return next((night for night in reversed(NIGHTS) if night.since <= day), NIGHTS[0])


def is_night(at: datetime) -> bool:
    """AD4 (제50조③): whether an ad at that moment needs a night consent of its own, in Asia/Seoul; 08:00 is day."""
    local = seoul(at)
    night = night_on(local.date())
    return local.time() >= night.begins or local.time() < night.ends


def next_allowed(at: datetime) -> datetime:
    """AD4: that moment itself if an ad may leave then (with the margin before 21:00), else the next 08:00 in Seoul."""
    local = seoul(at)
    night = night_on(local.date())
    if local.time() < night.ends:
        return _at(local, night.ends)
    if local.time() >= night.last_call:
        tomorrow = local + timedelta(days=1)
        return _at(tomorrow, night_on(tomorrow.date()).ends)
    return at


def _at(local: datetime, clock: time) -> datetime:
    return local.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)


# --- Advertising ----------------------------------------------------------------------------------------------------
AD_MARK = "(광고)"
OPT_OUT_WORDS = "무료수신거부"
AD_TITLE_MARK_SINCE = date(2026, 3, 4)  # AD6 came with the 7th guide of KISA

_OPEN, _CLOSE = r"[(\[{<（［｛〔〈《「『【＜]", r"[)\]}>）］｝〕〉》」』】＞]"
_GAP = r"[\s./·ㆍ\-_,*~|\u200b-\u200d\ufeff\"'“”‘’]*"
_MARKISH = re.compile(rf"{_OPEN}{_GAP}광{_GAP}고{_GAP}{_CLOSE}")


def forbidden_ad_marks(text: str) -> list[str]:
    """AD5: every dressed-up mark in the text, such as (광/고), (광 고) or [광고]; only the plain (광고) is lawful."""
    return list(dict.fromkeys(m[0] for m in _MARKISH.finditer(text) if m[0] != AD_MARK))


def leading_ad_mark(text: str) -> str:
    """The mark, plain or dressed up, with which a text begins; empty where it begins otherwise."""
    found = _MARKISH.match(text.lstrip())
    return found[0] if found else ""


def ad_title(title: str) -> str:
    """AD6: an ad's title begins with the mark as its body does; an empty one stays so (Aligo takes the body's)."""
    title = title.strip()
    return f"{AD_MARK}{title}" if title and not title.startswith(AD_MARK) else title
