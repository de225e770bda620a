"""EUC-KR as carriers see it, Korean numbers as Aligo judges them, Korean time, and JSON as PHP writes it."""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

KST = timezone(timedelta(hours=9))

MOBILE = re.compile(r"01[016789]\d{7,8}")
SENDER = re.compile(r"02\d{7,8}|0[3-6]\d{8,9}|01[016789]\d{7,8}|07\d{8,10}|0[58]0\d{7,9}|1[5-9]\d{6}")


def php_json(value: dict[str, Any]) -> bytes:
    r"""As PHP's json_encode: `\uXXXX` for all but ASCII, and `\/`."""
    return json.dumps(value, separators=(",", ":")).replace("/", "\\/").encode("ascii")


def _euc_kr(text: str) -> bytes | None:
    """The bytes, if every character is in KS X 1001. Python's codec writes other syllables as eight, after a filler."""
    try:
        encoded = text.encode("euc_kr")
    except UnicodeEncodeError:
        return None
    return None if b"\xa4\xd4" in encoded else encoded


def on_handset(text: str) -> str:
    """The text as a handset shows it: what EUC-KR lacks has become `?`."""
    return text if _euc_kr(text) is not None else "".join(char if _width(char) else "?" for char in text)


def byte_count(text: str, *, newline_bytes: int) -> int:
    """Bytes on the carrier side; what is not carried is one `?`."""
    encoded = _euc_kr(text)
    size = len(encoded) if encoded is not None else sum(_width(char) or 1 for char in text)
    return size + text.count("\n") * (newline_bytes - 1)


def cut(text: str, size: int, *, newline_bytes: int) -> str:
    """The beginning that fits into `size` bytes."""
    while byte_count(text, newline_bytes=newline_bytes) > size:
        text = text[:-1]
    return text


def _width(char: str) -> int:
    """1 or 2 bytes, 0 if not carried."""
    try:
        size = len(char.encode("euc_kr"))
    except UnicodeEncodeError:
        return 0
    return size if size <= 2 else 0


def stamp(at: float | None, form: str = "%Y-%m-%d %H:%M:%S") -> str:
    """A moment in Korean time; empty for none."""
    return datetime.fromtimestamp(at, UTC).astimezone(KST).strftime(form) if at else ""


def moment(text: str, form: str) -> float | None:
    """The moment a text in Korean time means; None if it means none."""
    try:
        return datetime.strptime(text, form).replace(tzinfo=KST).timestamp()
    except ValueError:
        return None
