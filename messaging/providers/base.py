"""What any SMS provider promises: plain values in, one of five outcomes out. No provider's own words appear here."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol


class Outcome(StrEnum):
    """What became of one text at the carrier, in our words."""

    DELIVERED = "delivered"
    FAILED = "failed"
    PENDING = "pending"
    UNKNOWN = "unknown"  # a word the provider never used before: keep asking, show the raw word, tell the operators


class FailureReason(StrEnum):
    """Why a text failed, as far as the provider tells."""

    BAD_NUMBER = "bad_number"
    NO_SUBSCRIBER = "no_subscriber"
    OTHER = "other"


class RefusalReason(StrEnum):
    """Why the provider refuses the whole account: a person has to mend it, the texts are fine."""

    IP = "ip"
    AUTH = "auth"
    SENDER = "sender"
    BALANCE = "balance"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class Account:
    """Whose account to use and where; `timeout` is the read time-out in seconds. Its repr never shows the key."""

    base_url: str
    user_id: str
    api_key: str = field(repr=False)
    timeout: float = 30


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One batch: `type` is SMS, LMS or MMS for all its (phone, text) items; its repr never shows phones or texts."""

    sender: str = field(repr=False)
    type: str
    items: Sequence[tuple[str, str]] = field(repr=False)
    title: str = field(default="", repr=False)
    test: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The batch was taken: `msg_id` is the only handle for its results; the counts are not of deliveries."""

    msg_id: str
    success_count: int
    error_count: int
    type: str


@dataclass(frozen=True, slots=True)
class Balance:
    """How many texts of each type the money would buy: alternatives, not three stocks."""

    sms: int
    lms: int
    mms: int


@dataclass(frozen=True, slots=True)
class SentRow:
    """One batch as the provider lists it; `text` is its text, of many different ones probably the first."""

    msg_id: str
    type: str
    sender: str = field(repr=False)
    count: int
    text: str = field(repr=False)
    created_at: datetime | None


class Fate(NamedTuple):
    """What became of a text as the provider reports it. `raw` is the provider's word, which alone decides the two
    beside it; `reason` is set only for failures."""

    outcome: Outcome
    raw: str
    reason: FailureReason | None


class ProviderError(Exception):
    """Anything but an acceptance. `code` is the provider's (or none), `detail` is raw and not meant for users."""

    def __init__(self, detail: str = "", *, code: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code


class Rejected(ProviderError):
    """The content was refused and nothing was sent; the same content will be refused again."""


class AccountRefused(ProviderError):
    """The account was refused and nothing was sent; `reason` says what a person must mend."""

    def __init__(self, reason: RefusalReason, detail: str = "", *, code: int | None = None) -> None:
        super().__init__(detail, code=code)
        self.reason = reason


class Unavailable(ProviderError):
    """The provider was not reached: surely nothing was sent, trying again is safe."""


class Unclear(ProviderError):
    """No usable answer: it may have been sent. Never send again on a guess; `msg_id` is given if the answer had one."""

    def __init__(self, detail: str = "", *, code: int | None = None, msg_id: str = "") -> None:
        super().__init__(detail, code=code)
        self.msg_id = msg_id


class Provider(Protocol):
    """The four calls. Each is one or more HTTP calls: never make them inside a database transaction."""

    def send(self, account: Account, outgoing: Outgoing) -> Accepted:
        """Send one batch, once; raises Rejected, AccountRefused, Unavailable or Unclear, and never tries twice."""
        ...

    def balance(self, account: Account) -> Balance:
        """What the account can still send; also the cheapest proof that key and address list are right."""
        ...

    def recent(self, account: Account, since: datetime, until: datetime | None = None) -> list[SentRow]:
        """Every batch taken since `since` (aware), all pages or an error: a missing row is a fact, not a short page."""
        ...

    def results(self, account: Account, msg_id: str) -> dict[Fate, list[str]]:
        """The receivers of the batch by what became of them, all pages or an error; a phone stands in it once for each
        of its texts."""
        ...
