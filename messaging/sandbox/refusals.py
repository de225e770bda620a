"""A call that Aligo refuses."""

from typing import Any


class Refused(Exception):
    """A negative code with its message."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def reply(self, endpoint: str) -> dict[str, Any]:
        """The answer: the code is a number even where success is a string, and /remain/ adds zeros."""
        zeros = {"SMS_CNT": 0, "LMS_CNT": 0, "MMS_CNT": 0} if endpoint == "remain" else {}
        return {"result_code": self.code, "message": self.message, **zeros}
