"""Korean phone numbers: read what people type, keep digits only, print with hyphens. Pure functions, no tables.

Stored form is digits only ("01012345678"); everything else is made from it.
"""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from ui import phones


class BadPhone(ValueError):
    """A number that cannot be read; `code` is for programs, `str()` for people and never holds the number."""

    code = "bad_phone"
    message = _("전화번호를 알아볼 수 없어요. 010-1234-5678처럼 적어 주세요.")

    def __str__(self) -> str:
        return str(self.message)


class EmptyPhone(BadPhone):
    code = "empty"
    message = _("전화번호가 비어 있어요. 010-1234-5678처럼 적어 주세요.")


class NotANumber(BadPhone):
    code = "not_a_number"
    message = _("전화번호가 아닌 글자가 들어 있어요. 숫자만 남겨 주세요.")


class TooShort(BadPhone):
    code = "too_short"
    message = _("전화번호 자릿수가 모자라요. 빠진 숫자가 없는지 확인해 주세요.")


class TooLong(BadPhone):
    code = "too_long"
    message = _("전화번호 자릿수가 너무 많아요. 더 들어간 숫자가 없는지 확인해 주세요.")


class LostDigits(BadPhone):
    code = "lost_digits"
    message = _("엑셀에서 번호 끝자리가 사라졌어요. 엑셀에서 셀 서식을 '텍스트'로 바꾸고 번호를 다시 적어 주세요.")


class SeveralNumbers(BadPhone):
    code = "several_numbers"
    message = _("번호가 두 개 이상 들어 있어요. 문자를 받을 번호 하나만 남겨 주세요.")


class NoAreaCode(BadPhone):
    code = "no_area_code"
    message = _("지역번호가 없어요. 02-123-4567처럼 지역번호부터 적어 주세요.")


class ForeignNumber(BadPhone):
    code = "foreign"
    message = _("해외 번호로는 문자를 보낼 수 없어요. 국내 번호를 적어 주세요.")


class UnknownPrefix(BadPhone):
    code = "unknown_prefix"
    message = _("앞자리가 국내 번호와 달라요. 010이나 지역번호로 시작하는지 확인해 주세요.")


class Landline(BadPhone):
    code = "landline"
    message = _("휴대폰 번호가 아니어서 문자를 받을 수 없어요. 010으로 시작하는 번호를 적어 주세요.")


_MOBILE = re.compile(r"010\d{8}|01[16789]\d{7,8}")
_AREA = r"(?:02|0(?:3[1-3]|4[1-4]|5[1-5]|6[1-4]))"
_OTHER = re.compile(rf"{_AREA}[1-9]\d{{6,7}}|0[35]0\d{{7,9}}|0[2-9]0\d{{7,8}}|1[4568]\d{{6}}")
_PREFIX = re.compile(rf"01[016789]|{_AREA}|0[2-9]0|1[4568]")
_MARKS = re.compile(r"[\s\-.()_~'\"’*:\u00ad\u2010-\u2015\u2212\u200b-\u200f\u202a-\u202e\u2060\ufeff·•]+")
_LABEL = re.compile(r"^(?:tel|phone|hp|h\.p|mobile|전화|휴대폰|핸드폰|연락처)\s*[.:]?\s*(?=[+\d(])", re.I)
_SEVERAL = re.compile(r"[/,;&|\n]+|\s또는\s|\s{2,}")
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})")
_WHOLE_FLOAT = re.compile(r"(\d{8,})\.0+")


def parse(raw: object) -> str:
    """The digits of one Korean number (mobile, landline or representative) as typed, pasted or left by Excel.

    Raises a BadPhone whose `code` names the mistake. Numbers whose end Excel has rounded away are never guessed.
    """
    if isinstance(raw, str):
        digits = raw.replace("-", "")  # the common case: an import of 100,000 rows is nearly all of this
        if len(digits) == 11 and digits.startswith("010") and digits.isascii() and digits.isdigit():
            return digits
        return _checked(_national(_digits(raw)))
    return _checked(_national(_digits(_from_cell(raw))))


def parse_mobile(raw: object) -> str:
    """As `parse`, but a number that cannot receive texts is refused as `landline`."""
    digits = parse(raw)
    if not is_mobile(digits):
        raise Landline
    return digits


def is_mobile(digits: str) -> bool:
    return _MOBILE.fullmatch(digits) is not None and digits.isascii()


def can_receive(digits: str) -> bool:
    """Whether a text can be delivered there: mobiles only."""
    return is_mobile(digits)


def format(digits: str) -> str:
    """010-1234-5678, 02-123-4567, 1588-0000, 0505-1234-5678; what is no number comes back as it is."""
    return phones.format_phone(digits)


def mask(digits: str) -> str:
    """010-12••-5678: enough to recognise a person one knows, not enough to call a stranger."""
    return phones.mask_phone(digits)


def tail(digits: str, n: int = 4) -> str:
    """The last n digits, by which shops call their customers."""
    return digits[-n:] if n > 0 else ""


def _from_cell(raw: object) -> str:
    """A number cell as text; whole floats are exact far beyond any phone number."""
    if raw is None:
        raise EmptyPhone
    if isinstance(raw, bool):
        raise NotANumber
    if isinstance(raw, float):
        if not raw.is_integer() or not 0 <= raw < 1e15:
            raise NotANumber
        return str(int(raw))
    return str(raw)


def _digits(raw: str) -> str:
    """Digits with a leading + if there was one; the rest of the usual marks is dropped."""
    text = unicodedata.normalize("NFKC", raw).strip()
    if not text:
        raise EmptyPhone
    text = _LABEL.sub("", text)
    text = _unscientific(text)
    if sum(len(_MARKS.sub("", part)) >= 8 for part in _SEVERAL.split(text)) > 1:
        raise SeveralNumbers
    text = re.sub(r"[/,;&|]", "", _MARKS.sub("", text))
    if not text:
        raise EmptyPhone
    bare = text.removeprefix("+")
    # str.isdigit alone would let ⑤ and Arabic digits through
    if not (bare.isascii() and bare.isdigit()):
        raise NotANumber
    return text


def _unscientific(text: str) -> str:
    if whole := _WHOLE_FLOAT.fullmatch(text):
        return whole[1]
    found = _SCIENTIFIC.fullmatch(text)
    if not found:
        return text
    lead, rest, power = found[1], found[2] or "", int(found[3])
    if len(rest) < power:  # a shorter mantissa may be zeros or may be rounded: only a person knows
        raise LostDigits
    if rest[power:].strip("0"):
        raise NotANumber
    return lead + rest[:power]


def _national(text: str) -> str:
    """+82 10…, +82 (0)10…, 0082…, 82… and numbers whose leading zero Excel ate, as dialled inside Korea."""
    if text.startswith("+") and not text.startswith("+82"):
        raise ForeignNumber
    digits = text.removeprefix("+")
    if digits.startswith("0082"):
        digits = digits[2:]
    # No Korean number begins with 8, so 82 in front of a long one is the country.
    if digits.startswith("82") and (text[0] == "+" or text.startswith("0082") or len(digits) >= 10):
        rest = digits[2:]
        return rest if rest.startswith("0") or re.fullmatch(r"1[4568]\d{6}", rest) else "0" + rest
    if digits.startswith("00"):
        raise ForeignNumber
    if not digits.startswith("0") and _known("0" + digits) and len(digits) >= 9:
        return "0" + digits
    return digits


def _known(digits: str) -> bool:
    return bool(_MOBILE.fullmatch(digits) or _OTHER.fullmatch(digits))


def _checked(digits: str) -> str:
    if _known(digits):
        return digits
    size = len(digits)
    if digits.startswith("010"):
        raise TooShort if size < 11 else TooLong
    if size in (7, 8) and digits[0] in "23456789":
        raise NoAreaCode
    if size < 9 and not (size == 8 and digits[0] != "1"):
        raise TooShort
    if size > 12:
        raise TooLong
    if digits.startswith("10") and size >= 9:
        raise TooShort if size < 10 else TooLong
    if not _PREFIX.match(digits):
        raise UnknownPrefix
    raise TooShort if size < 10 and digits.startswith("0") else TooLong
