"""손님 앞 화면: whether this request's screen is turned to a customer. Then numbers are hidden wherever they are shown.

Set for a request by accounts.middleware.FacingMiddleware; tasks, programs and the operators' desk are never facing one.
"""

from contextvars import ContextVar

COOKIE = "facing"
on: ContextVar[bool] = ContextVar("facing", default=False)
