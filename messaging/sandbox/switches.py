"""Choices where nobody has seen what Aligo does, or that are worth varying. The defaults are the strict ones."""

import math
from typing import Any

DEFAULTS: dict[str, Any] = {
    # Accounts named sandbox-... exist from their first call.
    "trust_sandbox_accounts": True,
    # Type of result_code when a send or a cancel succeeds.
    "send_code_type": "string",
    "cancel_code_type": "int",
    # `userid` beside `user_id`.
    "user_id_names": "both",
    # A body over 90 bytes declared SMS; how many bytes a newline takes.
    "long_sms": "reject",
    "newline_bytes": 2,
    # More receivers than allowed; hyphens in a receiver (a failed row, or taken away); the same receiver twice.
    "over_limit": "reject",
    "hyphens": "fail",
    "duplicates": "accept",
    # Lists.
    "page_size": "reject",
    "limit_day_direction": "forward",
    "mass_text_in_list": "first",
    "test_rows": "visible",
    "alimtalk_rows": False,
    "list_lag_seconds": 0,
    # When results are known, and the words for them.
    "result_seconds": 2,
    "word_pending": "전송중",
    "word_delivered": "발송완료",
    "word_bad_number": "발/착신 번호 에러",
    "word_no_subscriber": "가입자없음",
    # Seconds added to the clock.
    "clock_offset": 0,
}

CHOICES: dict[str, tuple[Any, ...]] = {
    "trust_sandbox_accounts": (True, False),
    "send_code_type": ("string", "int"),
    "cancel_code_type": ("string", "int"),
    "user_id_names": ("both", "user_id", "userid"),
    "long_sms": ("reject", "truncate", "upgrade"),
    "newline_bytes": (1, 2),
    "over_limit": ("reject", "truncate"),
    "hyphens": ("fail", "strip", "reject"),
    "duplicates": ("accept", "collapse", "reject"),
    "page_size": ("reject", "clamp"),
    "limit_day_direction": ("forward", "backward"),
    "mass_text_in_list": ("first", "last", "empty"),
    "test_rows": ("visible", "hidden"),
    "alimtalk_rows": (True, False),
}


class Switches:
    """The current choices; `saved` is what a former run left."""

    def __init__(self, saved: dict[str, Any] | None = None) -> None:
        known = {name: value for name, value in (saved or {}).items() if name in DEFAULTS}
        self._values = {**DEFAULTS, **known}

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def all(self) -> dict[str, Any]:
        """Every switch with its value."""
        return dict(self._values)

    def update(self, changes: dict[str, Any]) -> None:
        """Set some; ValueError names the first that is unknown or takes no such value, and then none is set."""
        for name, value in changes.items():
            if name not in DEFAULTS:
                raise ValueError(f"no switch {name}")
            if name in CHOICES and value not in CHOICES[name]:
                raise ValueError(f"{name} is one of {CHOICES[name]}")
            if name not in CHOICES and isinstance(value, str) != isinstance(DEFAULTS[name], str):
                raise ValueError(f"{name} takes another type")
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{name} takes a finite number")
        self._values = {**self._values, **changes}

    def reset(self) -> None:
        """Back to the strict defaults."""
        self._values = dict(DEFAULTS)
