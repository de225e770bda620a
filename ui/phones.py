"""How a stored Korean phone number (digits only) is printed. Reading and checking what people type is members.phone."""

from ui import facing

SERVICE = ("30", "50")  # 030x and 050x: the fourth digit belongs to the service number


def format_phone(digits: str | None) -> str:
    """010-1234-5678, 02-123-4567, 1588-0000, 0505-1234-5678; what is no number comes back as it is."""
    return "-".join(_parts(str(digits or "")))


def mask_phone(digits: str | None) -> str:
    """010-12••-5678: enough to recognise a person one knows, not enough to call a stranger. Less before a customer."""
    if facing.on.get():
        return hide_phone(digits)
    parts = _parts(str(digits or ""))
    if len(parts) == 1:
        whole = parts[0]
        return whole[: len(whole) // 2] + "•" * (len(whole) - len(whole) // 2)
    keep = max(len(parts[-2]) - 2, 1)
    parts[-2] = parts[-2][:keep] + "•" * (len(parts[-2]) - keep)
    return "-".join(parts)


def hide_phone(digits: str | None) -> str:
    """010-****-5678: what a customer who looks on may see of anybody's number."""
    parts = _parts(str(digits or ""))
    if len(parts) == 1:
        return "*" * max(len(parts[0]) - 4, 0) + parts[0][-4:]
    return "-".join([*parts[:-2], "*" * len(parts[-2]), parts[-1]])


def show_phone(digits: str | None) -> str:
    """A member's whole number, unless a customer looks on."""
    return hide_phone(digits) if facing.on.get() else format_phone(digits)


def mask_name(name: str) -> str:
    """김민준 → 김○준, 김준 → 김○: enough for a person to know oneself."""
    if len(name) < 3:
        return name[:1] + "○" * (len(name) - 1)
    return name[0] + "○" * (len(name) - 2) + name[-1]


def _parts(digits: str) -> list[str]:
    size = len(digits)
    if not (digits.isascii() and digits.isdigit()):
        return [digits]
    if size == 8 and digits[0] == "1":
        return [digits[:4], digits[4:]]
    if not digits.startswith("0") or not 9 <= size <= 12:
        return [digits]
    head = 2 if digits.startswith("02") and digits[2] != "0" else 3
    if digits[1:3] in SERVICE and size >= 11:
        head = 4
    return [digits[:head], digits[head:-4], digits[-4:]] if size - head in (7, 8) else [digits]
