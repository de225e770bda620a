"""AD4 at the moment of asking: an ad that nobody may get at night waits for the morning, and the person is told.

Where some agreed to ads at night, those get it at the asked time and the others in the morning; claiming sees to that.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from accounts.models import Tenant
from messaging import exceptions as no
from messaging import rules
from messaging.drafting import Draft
from messaging.selectors import audience as people
from messaging.services.checking import Checked
from ui import times

MOVED, SPLIT = "night_moved", "night_split"


@dataclass(frozen=True)
class Night:
    """An ad asked for at night: how many agreed to get it then, and how many it reaches at `morning`."""

    asked_at: datetime
    morning: datetime
    agreed: int
    waiting: int
    expires_at: datetime | None

    @property
    def moves(self) -> bool:
        """Whether the whole ad waits."""
        return not self.agreed

    @property
    def problem(self) -> no.ExpiresBeforeMorning | None:
        """Why those who wait would never get it."""
        if self.waiting and self.expires_at and self.expires_at <= self.morning:
            return no.ExpiresBeforeMorning(fields={"expires_at": [no.ExpiresBeforeMorning.message]})
        return None

    @property
    def notices(self) -> list[tuple[str, str]]:
        """(code, sentence) where somebody waits."""
        if not self.waiting:
            return []
        when = times.kdatetime(self.morning)
        if self.moves:
            sentence = _("밤(20:50~08:00)에는 광고를 보내지 않아요. {when}에 보내요.")
            return [(MOVED, sentence.format(when=when))]
        sentence = _("밤에도 받기로 한 {agreed:,}명에게는 정한 때에, 나머지 {waiting:,}명에게는 {when}에 보내요.")
        return [(SPLIT, sentence.format(agreed=self.agreed, waiting=self.waiting, when=when))]


def asked(draft: Draft, wait: timedelta = timedelta(0)) -> tuple[datetime, datetime] | None:
    """(asked, morning) of an ad that would leave at night; None of everything else.

    `wait`: the seconds for second thoughts, in which the last minute of the day may pass.
    """
    if not draft.ad:
        return None
    now = times.now()
    at = max(draft.send_at or now, now + wait)
    morning = rules.next_allowed(at)
    return (at, morning) if morning > at else None


def of_count(draft: Draft, *, agreed: int, recipients: int) -> Night | None:
    """The night of a draft whose people are counted already."""
    found = asked(draft)
    return Night(*found, agreed, recipients - agreed, draft.expires_at) if found else None


def of(*, tenant: Tenant, draft: Draft, checked: Checked, wait: timedelta = timedelta(0)) -> Night | None:
    """The night of a draft, its people counted for it: as dear as a quote, and only for ads asked for at night."""
    when = asked(draft, wait)
    if when is None:
        return None
    sieve = people.sieve(tenant, draft.to, checked.template, titled=bool(checked.title))
    taken: set[str] = set()
    agreed = recipients = 0
    for rows, _after in people.chunks(tenant, draft.to, checked.template):
        people.bar(tenant, draft.to, sieve, rows)
        found = sieve.measure(rows, taken).rows
        recipients += len(found)
        agreed += sum(row[6] is not None for row in found)
    return Night(*when, agreed, recipients - agreed, draft.expires_at)
