"""Numbers as people read them; None is a dash, for what is not known is not zero."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import get_language

NOTHING = "–"
_KOREAN = ((10**12, "조"), (10**8, "억"), (10**4, "만"))
_ENGLISH = ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "k"))


def whole(text: Any) -> int | None:
    """What somebody typed or an address says where a whole number is meant, an id mostly: up to eighteen plain digits,
    which a database can hold; None for anything else."""
    word = str(text)
    return int(word) if word.isascii() and word.isdigit() and len(word) < 19 else None


def wholes(texts: Iterable[Any]) -> list[int]:
    """Those of several that can be ids: whole numbers above 0."""
    return [number for text in texts if (number := whole(text))]


def comma(value: int | float | Decimal | None) -> str:
    """12345 → 12,345."""
    return NOTHING if value is None else f"{value:,}"


def compact(value: int | float | Decimal | None) -> str:
    """12345 → 1.2만, 120000000 → 1.2억; in English 12.3k, 120M. Small ones stay whole: 9,876 (English 9.9k)."""
    if value is None:
        return NOTHING
    korean = (get_language() or "ko").startswith("ko")
    size = abs(Decimal(str(value)))
    sign = "-" if value < 0 else ""
    larger = None
    for unit, name in _KOREAN if korean else _ENGLISH:
        if size >= unit:
            shown = _tenth(size / unit)
            if larger and shown * unit >= larger[0]:  # 99,999,999 reads 1억 and not 10,000만
                shown, name = _tenth(size / larger[0]), larger[1]
            return f"{sign}{_plain(shown)}{name}"
        larger = (unit, name)
    return f"{value:,}"


def percent(part: int | float | None, whole: int | float | None, digits: int = 1) -> str:
    """3 of 8 → 37.5%; of nothing → a dash. Neither all nor none is claimed by rounding: 9999 of 10000 is 99.9%."""
    if not whole or part is None:
        return NOTHING
    step = Decimal(1).scaleb(-digits)
    share = Decimal(str(part)) * 100 / Decimal(str(whole))
    shown = share.quantize(step, ROUND_HALF_UP)
    if 0 < share < 100:
        shown = min(max(shown, step), 100 - step)
    return f"{_plain(shown)}%"


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)


def _plain(value: Decimal) -> str:
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
