"""The archive: any text ever sent, newest first, by person, number, words, sender, result and day.

Numbers are found through the whole of it, by an index of reversed numbers. Words and names have no index: one on the
hot table would cost more than a half of what writing a text costs. Batches are walked newest first instead, and only
those are opened that can hold a fit by sender, day, result or their one text. A page looks through LOOK texts at most;
where these did not fill it, it says how far it looked, and its cursor goes on from there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, QuerySet

from accounts.models import Tenant
from messaging.enums import MessageState
from messaging.models import Batch, Message
from messaging.selectors.messages import LENT, at_phone, with_state

SIZE = 30
LOOK = 50_000  # texts: a twentieth of a second, where the machine is slow
LOOK_BATCHES = 10_000  # of one text each, they cost as much
FIRST, GROWTH = 4_000, 8  # texts looked through before the page is asked to be full for the first time
WHOLE, ENDING = 10, 3  # digits of a whole number; of an ending worth looking up
Place = tuple[int, int | None]  # a batch and a message of it; without one, the whole batch lies behind


@dataclass(frozen=True)
class Found:
    """A page of the archive. `looked_to`: the day down to which it looked, where it ended before the archive did."""

    rows: list[Message]
    previous: str = ""
    following: str = ""
    looked_to: datetime | None = None


@dataclass(frozen=True)
class Archive:
    """A search. `phone` may be only its last digits; dates are of the dispatch; all that is given must fit."""

    tenant: Tenant
    person: str = ""
    phone: str = ""
    text: str = ""
    sender: str = ""
    state: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def page(self, cursor: str = "", size: int = SIZE) -> Found:
        """The page after (n…, b…) or before (p…, u…) a message or a batch; what cannot be read is the first."""
        back, place = _read(self.tenant, cursor)
        ids, stopped = self._look(place, back, size + 1)
        ids, more = ids[:size], len(ids) > size
        ahead = f"{'p' if back else 'n'}{ids[-1]}" if more else f"{'u' if back else 'b'}{stopped}" if stopped else ""
        behind = _behind(ids, place, back)
        looked_to = self._day(stopped) if stopped and not back else None
        if back:
            return Found(dressed(self.tenant, ids[::-1]), ahead, behind)
        return Found(dressed(self.tenant, ids), behind, ahead, looked_to)

    def rows(self) -> QuerySet[Message]:
        """All that fits, unordered."""
        return self._texts().filter(batch__in=self._batches())

    # --- The two ways to a page ---------------------------------------------------------------------------------------

    def _look(self, place: Place | None, back: bool, most: int) -> tuple[list[int], int]:
        """(ids of the next that fit, the last batch looked through where the look ended before the archive did)."""
        if len(_digits(self.phone)) >= ENDING:
            # The order by batch keeps PostgreSQL from walking all messages by id for the few of a number.
            return list(_beyond(self.rows(), place, back).values_list("pk", flat=True)[:most]), 0
        ids: list[int] = []
        batches = self._stretch(place, back)
        looked = 0
        for stretch in _stretches(batches):
            texts = _beyond(self._texts().filter(batch__in=[pk for pk, _size in stretch]), place, back)
            ids += texts.values_list("pk", flat=True)[: most - len(ids)]
            looked += len(stretch)
            if len(ids) == most:
                return ids, 0
        ended = looked < LOOK_BATCHES and sum(size for _pk, size in batches) < LOOK
        return ids, 0 if ended or not batches else batches[-1][0]

    def _stretch(self, place: Place | None, back: bool) -> list[tuple[int, int]]:
        """(id, size) of the next batches that may hold a fit, as many as one page may look through."""
        rows = self._batches()
        if place:
            batch, message = place
            side = "gt" if back else "lt"
            rows = rows.filter(**{f"pk__{side}e" if message else f"pk__{side}": batch})
        found, total = [], 0
        for pk, size in rows.order_by("pk" if back else "-pk").values_list("pk", "size")[:LOOK_BATCHES]:
            found.append((pk, size))
            total += size
            if total >= LOOK:
                break
        return found

    # --- What fits ----------------------------------------------------------------------------------------------------

    def _batches(self) -> QuerySet[Batch]:
        """Those that may hold a fitting message; for sender, days and a batch's one text: that do."""
        found = Batch.objects.filter(tenant=self.tenant)
        if sender := _digits(self.sender):
            found = found.filter(sender=sender)
        if self.since:
            found = found.filter(dispatch__created_at__gte=self.since)
        if self.until:
            found = found.filter(dispatch__created_at__lt=self.until)
        if text := self.text.strip():
            found = found.filter(Q(text="") | Q(text__contains=text))
        if self.state:
            found = found.filter(_may_hold(self.state))
        return found

    def _texts(self) -> QuerySet[Message]:
        """Those that fit by what a message itself says; their batches must be of `_batches`."""
        found: QuerySet[Message] = Message.objects.filter(tenant=self.tenant)
        if digits := _digits(self.phone):
            found = at_phone(found, digits, whole=len(digits) >= WHOLE)
        if person := self.person.strip():
            found = found.filter(name__contains=person)
        if text := self.text.strip():
            # Without a text of its own it has its batch's, and those of `_batches` fit.
            found = found.filter(Q(text__contains=text) | Q(text=""))
        if self.state:
            found = found.filter(_in_state(self.state))
        return found

    def _day(self, batch: int) -> datetime | None:
        day = Batch.objects.filter(tenant=self.tenant, pk=batch).values_list("dispatch__created_at", flat=True)
        return day.first()


def search_messages(tenant: Tenant, *, q: str = "", person: str = "", phone: str = "", **asked: Any) -> Archive:
    """The archive as asked for; `q` is a name or a number."""
    if q.strip():
        looks_like_number = not q.strip(" 0123456789-+.()")
        person, phone = (person, q) if looks_like_number else (q, phone)
    return Archive(tenant, person, phone, **asked)


def dressed(tenant: Tenant, ids: list[int]) -> list[Message]:
    """Messages in this order, each with its state, text and the mode of its dispatch."""
    rows = with_state(Message.objects.filter(tenant=tenant)).annotate(mode=F("dispatch__mode")).in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


def _stretches(batches: list[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """The batches in growing portions: what is common is found in the first, what is rare costs few queries."""
    portion: list[tuple[int, int]] = []
    held, wanted = 0, FIRST
    for one in batches:
        portion.append(one)
        held += one[1]
        if held >= wanted:
            yield portion
            portion, held, wanted = [], 0, wanted * GROWTH
    if portion:
        yield portion


def _beyond(found: QuerySet[Message], place: Place | None, back: bool) -> QuerySet[Message]:
    """What lies after a place, or before it, nearest first."""
    if place:
        batch, message = place
        side = "gt" if back else "lt"
        ahead = Q(**{f"batch_id__{side}": batch})
        found = found.filter(ahead | Q(**{"batch_id": batch, f"id__{side}": message}) if message else ahead)
    return found.order_by("batch_id", "id") if back else found.order_by("-batch_id", "-id")


def _behind(ids: list[int], place: Place | None, back: bool) -> str:
    """The cursor of the page that one came from; it may begin with other rows."""
    if not place:
        return ""
    if ids:
        return f"{'n' if back else 'p'}{ids[0]}"
    batch, message = place
    return "" if message else f"b{batch + 1}" if back else f"u{batch - 1}"


def _read(tenant: Tenant, cursor: str) -> tuple[bool, Place | None]:
    kind, digits = cursor[:1], cursor[1:]
    if kind not in tuple("npbu") or not (digits.isascii() and digits.isdigit()) or len(digits) > 18:
        return False, None
    if kind in "bu":
        return kind == "u", (int(digits), None)
    batch = Message.objects.filter(tenant=tenant, pk=int(digits)).values_list("batch_id", flat=True).first()
    return kind == "p", (batch, int(digits)) if batch else None


def _may_hold(state: str) -> Q:
    """Batches with a message of that state, by their own counters."""
    if state in MessageState.values:
        return Q(**{f"{state}_count__gt": 0})
    return Q(state=state) if state in LENT else Q(pk__in=[])


def _in_state(state: str) -> Q:
    """Messages of that state: by their own final word, or by their batch's."""
    own = Q(state=state) if state in MessageState.values else Q(pk__in=[])
    return own | Q(state="", batch__state=state) if state in LENT else own


def _digits(typed: str) -> str:
    return "".join(filter(str.isdigit, typed))
