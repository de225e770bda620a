"""The ledger of dues: what is owed, paid, returned, waived, corrected. Monthly creation is in `due_plans`.

Every deed holds the row of its member, so that deeds of one member come one after the other; each carries a reference
and is done once. Nothing else writes Due, DueEntry, Member.unpaid_won or unpaid_since.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Min, Sum

from accounts import audit, facts
from accounts.audit import Actor, user_of
from accounts.models import Tenant
from members.enums import DueEntryKind as Kind
from members.enums import DueMethod, FactKind
from members.exceptions import (
    CorrectedTooLow,
    DayToCome,
    DueNotFound,
    InvalidDue,
    Overpaid,
    ReturnedTooMuch,
    UnwaivedTooMuch,
)
from members.models import Due, DueEntry, Member
from members.passes import WON_MOST
from members.selectors.merged import ids_with, kept_of, parts_of, whole
from members.services.pass_ledger import locked, locked_whole
from ui import times

BACK_MOST = 3_660  # days


@transaction.atomic
def add(
    *,
    tenant: Tenant,
    by: Actor,
    member: Member,
    name: str,
    amount_won: int,
    reference: str,
    due_on: date | None = None,
    month: date | None = None,
    note: str = "",
) -> Due:
    """A due of one member, once: 교재비, 대회 참가비. Of the month it is due in, unless another is said."""
    locked(tenant, member.pk, living=True)
    if before := _done_before(tenant, Kind.CHARGED, reference):
        return before.due
    day = due_on or times.today()
    name = " ".join(name.replace("\x00", "").split())
    _check(name, amount_won, day)
    due = Due.objects.create(
        tenant=tenant, member=member, name=name, month=(month or day).replace(day=1), amount_won=amount_won,
        open_won=amount_won, due_on=day,
    )  # fmt: skip
    _write(due, Kind.CHARGED, amount_won, by=by, reference=reference, on=times.today(), note=note)
    audit.record(tenant=tenant, by=by, kind="due.added", subject=due, won=amount_won)
    facts.record(
        tenant=tenant, kind=FactKind.DUE_CHARGED, subject=f"member:{member.pk}", key=f"due:{due.pk}", due=due.pk
    )
    return due


@transaction.atomic
def pay(
    *,
    tenant: Tenant,
    by: Actor,
    due: Due,
    won: int,
    method: str,
    reference: str,
    on: date | None = None,
    note: str = "",
) -> Due:
    """Money came in for it, all or a part; never more than is open."""
    due, day = _held(tenant, due), on or times.today()
    if before := _done_before(tenant, Kind.PAID, reference):
        return before.due
    if method not in DueMethod.values:
        raise InvalidDue(InvalidDue.method, fields={"method": [InvalidDue.method]})
    _must_be_past(day)
    _must_be_some(won, due.open_won)
    entry = _write(due, Kind.PAID, -won, by=by, reference=reference, on=day, method=method, note=note)
    audit.record(tenant=tenant, by=by, kind="due.paid", subject=due, won=won)
    facts.record(
        tenant=tenant, kind=FactKind.DUE_PAID, subject=f"member:{due.member_id}", key=f"entry:{entry.pk}",
        due=due.pk, won=won, open_won=due.open_won,
    )  # fmt: skip
    return due


@transaction.atomic
def pay_all(
    *, tenant: Tenant, by: Actor, member: Member, won: int, method: str, reference: str, on: date | None = None
) -> list[Due]:
    """Money came in from a member, who may owe several dues: the oldest is paid first. The dues that it went to."""
    locked(tenant, member.pk)
    ids = ids_with(tenant, member)  # also the index by which lines of an earlier tap are found
    paid = DueEntry.objects.filter(tenant=tenant, kind=Kind.PAID, due__member_id__in=ids)
    paid = paid.filter(reference__startswith=f"{reference}:")
    if before := list(paid.select_related("due")):
        return [entry.due for entry in before]
    still = list(Due.objects.filter(tenant=tenant, member_id__in=ids, open_won__gt=0).order_by("due_on", "pk"))
    _must_be_some(won, sum(due.open_won for due in still))
    done = []
    for due in still:
        part = min(won, due.open_won)
        if not part:
            break
        more: dict[str, Any] = {"won": part, "method": method, "reference": f"{reference}:{due.pk}", "on": on}
        done.append(pay(tenant=tenant, by=by, due=due, **more))
        won -= part
    return done


@transaction.atomic
def give_back(*, tenant: Tenant, by: Actor, due: Due, won: int, reference: str, note: str = "") -> Due:
    """Money that was paid went back, or had been written by mistake: it is owed again."""
    due = _held(tenant, due)
    if before := _done_before(tenant, Kind.RETURNED, reference):
        return before.due
    if not 0 < won <= due.paid_won:
        raise ReturnedTooMuch(due.paid_won)
    _write(due, Kind.RETURNED, won, by=by, reference=reference, on=times.today(), note=note)
    audit.record(tenant=tenant, by=by, kind="due.returned", subject=due, won=won)
    return due


@transaction.atomic
def waive(*, tenant: Tenant, by: Actor, due: Due, won: int, reference: str, note: str) -> Due:
    """All or a part of what is open need not be paid, with the reason."""
    due = _held(tenant, due)
    if before := _done_before(tenant, Kind.WAIVED, reference):
        return before.due
    _must_be_explained(note)
    _must_be_some(won, due.open_won)
    _write(due, Kind.WAIVED, -won, by=by, reference=reference, on=times.today(), note=note)
    audit.record(tenant=tenant, by=by, kind="due.waived", subject=due, won=won)
    return due


@transaction.atomic
def unwaive(*, tenant: Tenant, by: Actor, due: Due, won: int, reference: str, note: str = "") -> Due:
    """All or a part of what was waived has to be paid after all."""
    due = _held(tenant, due)
    if before := _done_before(tenant, Kind.WAIVED, reference):
        return before.due
    if not 0 < won <= due.waived_won:
        raise UnwaivedTooMuch(due.waived_won)
    _write(due, Kind.WAIVED, won, by=by, reference=reference, on=times.today(), note=note)
    audit.record(tenant=tenant, by=by, kind="due.unwaived", subject=due, won=won)
    return due


@transaction.atomic
def correct(*, tenant: Tenant, by: Actor, due: Due, amount_won: int, reference: str, note: str) -> Due:
    """Another amount from the beginning, with the reason; no lower than what was paid and waived already."""
    due = _held(tenant, due)
    if before := _done_before(tenant, Kind.CORRECTED, reference):
        return before.due
    _must_be_explained(note)
    if not 0 <= amount_won <= WON_MOST or amount_won == due.amount_won:
        raise InvalidDue(InvalidDue.amount, fields={"amount_won": [InvalidDue.amount]})
    done = due.paid_won + due.waived_won
    if amount_won < done:
        raise CorrectedTooLow(done)
    change = amount_won - due.amount_won
    _write(due, Kind.CORRECTED, change, by=by, reference=reference, on=times.today(), note=note)
    audit.record(tenant=tenant, by=by, kind="due.corrected", subject=due, won=change)
    return due


def mark_reminded(*, tenant: Tenant, members: Collection[int]) -> int:
    """Note on the late dues of these members, or of whose part they are today, that a reminder went out; how many.

    Not on those of who is in the trash: a text to brothers and sisters names them no more.
    """
    kept = kept_of(tenant, members)
    living = Member.objects.filter(tenant=tenant, pk__in={kept.get(pk, pk) for pk in members}, deleted_at=None)
    parts = parts_of(tenant, living.values_list("pk", flat=True))
    late = Due.objects.filter(tenant=tenant, member_id__in=parts, open_won__gt=0, due_on__lt=times.today())
    return late.update(reminded_at=times.now())


def bring_up(tenant: Tenant, due: Due) -> None:
    """Make the columns of a due, and its member's, equal the sums."""
    rows = DueEntry.objects.filter(tenant=tenant, due=due).values_list("kind").annotate(won=Sum("won"))
    sums: dict[str, int] = dict(rows.order_by())
    due.amount_won = sums.get(Kind.CHARGED, 0) + sums.get(Kind.CORRECTED, 0)
    due.paid_won = -(sums.get(Kind.PAID, 0) + sums.get(Kind.RETURNED, 0))
    due.waived_won = -sums.get(Kind.WAIVED, 0)
    due.open_won = sum(sums.values())
    due.save(update_fields=["amount_won", "paid_won", "waived_won", "open_won"])
    bring_up_member(tenant, due.member_id)


def bring_up_member(tenant: Tenant, member_id: int) -> None:
    """What a member is behind with: open dues whose day has passed. The daily watch adds those of yesterday."""
    kept, ids = whole(tenant, member_id)
    late = Due.objects.filter(tenant=tenant, member_id__in=ids, open_won__gt=0, due_on__lt=times.today())
    sums = late.aggregate(won=Sum("open_won"), since=Min("due_on"))
    Member.objects.filter(tenant=tenant, pk=kept).update(unpaid_won=sums["won"] or 0, unpaid_since=sums["since"])


def _held(tenant: Tenant, due: Due) -> Due:
    """The due as it is now, under its member's lock."""
    locked_whole(tenant, due.member_id)
    fresh = Due.objects.filter(tenant=tenant, pk=due.pk).select_related("member").first()
    if fresh is None:
        raise DueNotFound
    return fresh


def _done_before(tenant: Tenant, kind: str, reference: str) -> DueEntry | None:
    return DueEntry.objects.filter(tenant=tenant, kind=kind, reference=reference).select_related("due").first()


def _write(due: Due, kind: str, won: int, *, by: Actor, note: str = "", **more: Any) -> DueEntry:
    entry = DueEntry.objects.create(
        tenant_id=due.tenant_id, due=due, kind=kind, won=won, by=user_of(by), note=note.strip()[:200], **more
    )
    bring_up(due.tenant, due)
    return entry


def _check(name: str, amount_won: int, day: date) -> None:
    wrong: dict[str, list[Any]] = {}
    if not 0 < len(name) <= 40:
        wrong["name"] = [InvalidDue.name]
    if not 0 < amount_won <= WON_MOST:
        wrong["amount_won"] = [InvalidDue.amount]
    if abs((day - times.today()).days) > BACK_MOST:
        wrong["due_on"] = [InvalidDue.month]
    if wrong:
        raise InvalidDue(next(iter(wrong.values()))[0], fields=wrong)


def _must_be_some(won: int, open_won: int) -> None:
    if won < 1:
        raise InvalidDue(InvalidDue.amount, fields={"won": [InvalidDue.amount]})
    if won > open_won:
        refusal = Overpaid(open_won)
        refusal.fields = {"won": [str(refusal)]}
        raise refusal


def _must_be_past(day: date) -> None:
    if day > times.today():
        raise DayToCome(fields={"on": [DayToCome.message]})
    if (times.today() - day).days > BACK_MOST:
        raise InvalidDue(InvalidDue.paid_on, fields={"on": [InvalidDue.paid_on]})


def _must_be_explained(note: str) -> None:
    if not note.strip():
        raise InvalidDue(InvalidDue.reason, fields={"note": [InvalidDue.reason]})
