"""The ledger of consent: every expression of will is kept, the member carries the present state.

A deed on many writes its words under a source of its own ("명단 올리기 12"), by which they are found when it is taken
back. A refusal outlives that: where somebody said something after the deed, theirs is the last word.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from accounts import audit
from accounts.audit import Actor, user_of
from accounts.models import Tenant
from members.enums import ConsentKind, ImportState
from members.exceptions import InvalidMember
from members.models import Consent, Import, Member
from members.services.bulk_rows import fill
from members.services.snapshots import rows_of, stamped
from ui import times
from ui.numbers import wholes

SOURCE_LONGEST = 60
UNDONE = " 되돌림"  # behind the source of a deed, of the word that takes it back
IMPORTED, MERGED = "명단 올리기 ", "회원 합치기 "
COLUMNS: dict[str, str] = {ConsentKind.AD.value: "ad_consent_at", ConsentKind.NIGHT.value: "night_consent_at"}
Whose = tuple[int, str]  # a member and a kind


class Word(NamedTuple):
    """What was said of a kind of consent; `undoes`: nothing is, any more."""

    member: int
    kind: str
    given: bool
    undoes: bool = False
    source: str = ""

    @property
    def refuses(self) -> bool:
        return not (self.given or self.undoes)


class Reach(NamedTuple):
    """How far a deed's words can be taken back: of whom, with the word before it that still counts, and who has said
    something since. `lapsed`: of whom the word right before it was an import's that was taken back meanwhile."""

    before: dict[Whose, Word | None]
    since: set[Whose]
    lapsed: set[Whose]

    def stays(self, member: int) -> set[str]:
        """The member's columns that hold a later word."""
        return {column for kind, column in COLUMNS.items() if (member, kind) in self.since}

    def still(self, member: int, was: dict[str, Any]) -> dict[str, Any]:
        """What was, without a consent that nobody stands for any more."""
        lapsed = {column for kind, column in COLUMNS.items() if (member, kind) in self.lapsed}
        return was | dict.fromkeys(lapsed & set(was))


@transaction.atomic
def record(
    *, tenant: Tenant, by: Actor, member: Member, kind: str, given: bool, source: str, at: datetime | None = None
) -> Consent | None:
    """Append one expression of will and bring the member's present state up to it.

    None where the same is already the last word: saying it twice is saying it once. An `at` in the past is kept in its
    place and does not overrule what was said later.
    """
    if kind not in ConsentKind.values:
        raise InvalidMember(fields={"consents": ["kind"]})
    Member.objects.select_for_update().get(tenant=tenant, pk=member.pk)
    last = _last(tenant, member, kind)
    same = last and (last.given, last.undoes, last.source) == (given, False, source[:SOURCE_LONGEST])
    if last and same and at in (None, last.at):
        return None
    row = Consent.objects.create(
        tenant=tenant,
        member=member,
        kind=kind,
        given=given,
        source=source[:SOURCE_LONGEST],
        at=min(at or times.now(), times.now()),
        recorded_by=user_of(by),
    )
    _bring_up(tenant, member, kind)
    audit.record(tenant=tenant, by=by, kind="consent.recorded", subject=member, consent=kind, given=given)
    return row


def record_all(*, tenant: Tenant, by: Actor, member: Member, consents: list[dict[str, Any]]) -> None:
    """Append several, each `{kind, given, source, at?}`, inside the caller's transaction."""
    for consent in consents:
        record(tenant=tenant, by=by, member=member, **consent)


def said(tenant: Tenant, ids: Collection[int]) -> dict[Whose, list[Word]]:
    """All that was said of these members, the latest last: by when it was said, not by when it was written down."""
    found: dict[Whose, list[Word]] = {}
    columns = "t.at, t.id, t.member_id, t.kind, t.given, t.undoes, t.source"
    for _at, _pk, member, kind, given, undoes, source in sorted(rows_of("members_consent", columns, tenant, ids)):
        found.setdefault((member, kind), []).append(Word(member, kind, bool(given), bool(undoes), source))
    return found


def reach_of(tenant: Tenant, ids: Collection[int], source: str) -> Reach:
    """What a deed with this source said of these members, as far as it still is the last word."""
    reach = Reach({}, set(), set())
    ledger = said(tenant, ids)
    reverted = _reverted(tenant, {word.source for words in ledger.values() for word in words})
    for whose, words in ledger.items():
        own = max((n for n, word in enumerate(words) if word.source == source), default=None)
        if own is None:
            continue
        void = reverted | {word.source.removesuffix(UNDONE) for word in words if _takes_back(word)}
        if any(_stands(word, void) for word in words[own + 1 :]):
            reach.since.add(whose)
            continue
        before = next((word for word in words[:own][::-1] if _stands(word, void)), None)
        reach.before[whose] = before
        if own and not _stands(words[own - 1], void) and not (before and before.given):
            reach.lapsed.add(whose)
    return reach


def _stands(word: Word, void: Collection[str]) -> bool:
    """Whether the word still counts: neither a deed's that was taken back, nor the one that took it back."""
    return word.source not in void and not _takes_back(word)


def _takes_back(word: Word) -> bool:
    """Not asked of the end alone: people write sources too."""
    return word.source.endswith(UNDONE) and word.source.startswith((IMPORTED, MERGED))


def take_back(
    *, tenant: Tenant, by: Actor, reach: Reach, source: str, values: Mapping[int, Mapping[str, Any]], now: datetime
) -> None:
    """Each word of a deed that is still the last is taken back by another: what was said before it is said again, or
    nothing, where nothing was. `values`: the members' columns as they are by now."""
    words = [_back_to(before, whose, values[whose[0]][COLUMNS[whose[1]]]) for whose, before in reach.before.items()]
    write(tenant=tenant, by=by, words=words, source=f"{source}{UNDONE}", now=now)


def _back_to(before: Word | None, whose: Whose, agreed_at: Any) -> Word:
    agrees = agreed_at is not None
    return Word(*whose, given=agrees, undoes=not agrees and not (before is not None and before.refuses))


def write(*, tenant: Tenant, by: Actor, words: Iterable[Word], source: str, now: datetime) -> None:
    """The one writer of many, inside the caller's transaction; the members' columns are the caller's."""
    stamp, user = stamped(now), user_of(by)
    fill(
        Consent,
        ("tenant_id", "member_id", "kind", "given", "undoes", "source", "at", "recorded_by_id", "recorded_at"),
        (
            (tenant.pk, word.member, str(word.kind), word.given, word.undoes, source, stamp, user and user.pk, stamp)
            for word in words
        ),
    )


def import_source(pk: int) -> str:
    """By which the ledger knows what an import said."""
    return f"{IMPORTED}{pk}"


def _reverted(tenant: Tenant, sources: Collection[str]) -> set[str]:
    """Those of the sources that are imports which were taken back."""
    numbers = {source.removeprefix(IMPORTED) for source in sources if source.startswith(IMPORTED)}
    ids = wholes(numbers)
    if not ids:
        return set()
    rows = Import.objects.filter(tenant=tenant, pk__in=ids, state=ImportState.REVERTED)
    return {import_source(pk) for pk in rows.values_list("pk", flat=True)}


def _last(tenant: Tenant, member: Member, kind: str) -> Consent | None:
    return Consent.objects.filter(tenant=tenant, member=member, kind=kind).order_by("-at", "-id").first()


def _bring_up(tenant: Tenant, member: Member, kind: str) -> None:
    last = _last(tenant, member, kind)
    column = COLUMNS[kind]
    value = last.at if last and last.given else None
    Member.objects.filter(tenant=tenant, pk=member.pk).update(**{column: value})
    setattr(member, column, value)
