"""From a question to a member to one who left: every step is kept, the member carries the present one."""

from datetime import date

from django.db import transaction
from django.db.models import QuerySet

from accounts import audit, facts
from accounts.audit import Actor, user_of
from accounts.models import Tenant
from members.enums import FactKind, Stage
from members.exceptions import InvalidStage
from members.models import Member, StageChange
from members.services import values
from ui import times

CHUNK = 5_000
EARLIEST = date(1900, 1, 1)


@transaction.atomic
def change_stage(
    *,
    tenant: Tenant,
    by: Actor,
    members: QuerySet[Member],
    stage: str,
    on: date | None = None,
    source: str | None = None,
) -> int:
    """Bring all living members of a query to a stage; returns how many were not there yet.

    Who is there already stays as he is: two taps are one step. `source` (how they heard of the shop) is kept where it
    is None.
    """
    stage, day = checked(stage, on)
    heard = None if source is None else values.cleaned({"source": source})["source"]
    rows = Member.objects.filter(tenant=tenant, pk__in=members.order_by().values("id"), deleted_at=None)
    moved = rows.exclude(stage=stage).select_for_update(of=("self",)).order_by("id")
    ids = list(moved.values_list("id", "source"))
    for at in range(0, len(ids), CHUNK):
        _write(tenant, by, ids[at : at + CHUNK], stage, day, heard)
    if ids:
        subject = f"member:{ids[0][0]}" if len(ids) == 1 else ""
        audit.record(tenant=tenant, by=by, kind="member.stage_changed", subject=subject, count=len(ids), stage=stage)
    return len(ids)


def begin(*, tenant: Tenant, by: Actor, member: Member) -> None:
    """The first step of a member who was just made with a stage of its own; in the caller's transaction."""
    _record(tenant, by, [(member.pk, member.source)], member.stage, member.stage_on or times.today(), None)


def checked(stage: str, on: date | None) -> tuple[str, date]:
    """The stage and its day (today where none is given), or InvalidStage."""
    day = on or times.today()
    if stage not in Stage.values:
        raise InvalidStage(fields={"stage": [InvalidStage.message]})
    if not EARLIEST <= day <= times.today():
        raise InvalidStage(InvalidStage.future, fields={"stage_on": [InvalidStage.future]})
    return stage, day


def _write(tenant: Tenant, by: Actor, ids: list[tuple[int, str]], stage: str, day: date, heard: str | None) -> None:
    changes = {"stage": stage, "stage_on": day, "updated_at": times.now()}
    if heard is not None:
        changes["source"] = heard
    Member.objects.filter(tenant=tenant, pk__in=[pk for pk, _source in ids]).update(**changes)
    _record(tenant, by, ids, stage, day, heard)


def _record(tenant: Tenant, by: Actor, ids: list[tuple[int, str]], stage: str, day: date, heard: str | None) -> None:
    user = user_of(by)
    steps = StageChange.objects.bulk_create(
        [
            StageChange(
                tenant=tenant, member_id=pk, stage=stage, on=day, by=user, source=had if heard is None else heard
            )
            for pk, had in ids
        ]
    )
    facts.record_all(
        tenant=tenant,
        kind=FactKind.STAGE_CHANGED,
        facts=[
            facts.What(f"member:{step.member_id}", f"stage:{step.pk}", data={"stage": stage, "on": day.isoformat()})
            for step in steps
        ],
    )
