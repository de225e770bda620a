"""Segments: kept, changed, copied, deleted, and counted once a day."""

import logging
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Max
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import Actor
from accounts.models import Tenant
from members import segments as language
from members.enums import Tone
from members.exceptions import (
    InvalidRule,
    InvalidSegment,
    SegmentInUse,
    SegmentNameTaken,
    SegmentNotFound,
    TooManySegments,
)
from members.models import Segment, SegmentCount
from members.segments import catalog as catalogs
from ui import times

log = logging.getLogger(__name__)
SEGMENTS_MOST = 50
NAME_LONGEST = 40


def create(*, tenant: Tenant, by: Actor, name: str, rule: Any, tone: str = "") -> Segment:
    """A new segment at the end of the list, counted at once."""
    name, tone = _name(name), _tone(tone)
    read = language.parse(tenant, rule)
    try:
        with transaction.atomic():
            rows = Segment.objects.select_for_update().filter(tenant=tenant)
            list(rows.values_list("pk"))
            count, last = Segment.objects.filter(tenant=tenant).aggregate(n=Count("id"), last=Max("position")).values()
            if count >= SEGMENTS_MOST:
                raise TooManySegments
            fresh = Segment.objects.create(
                tenant=tenant, name=name, tone=tone or Tone.VIOLET, rule=read.to_json(), position=(last or 0) + 1
            )
            audit.record(tenant=tenant, by=by, kind="segment.created", subject=fresh)
            _count(tenant, fresh, read, times.today())
    except IntegrityError as error:
        raise SegmentNameTaken from error
    return fresh


def update(
    *, tenant: Tenant, by: Actor, segment: Segment, name: str | None = None, rule: Any = None, tone: str | None = None
) -> Segment:
    """Rename, recolour or ask differently; what is None stays. Another rule is counted at once."""
    changes: dict[str, Any] = {}
    if name is not None and _name(name) != segment.name:
        changes["name"] = _name(name)
    if tone and _tone(tone) != segment.tone:
        changes["tone"] = _tone(tone)
    read = None if rule is None else language.parse(tenant, rule, own=segment.pk)
    if read is not None and read.to_json() != segment.rule:
        changes["rule"] = read.to_json()
        if broken := language.broken_by(tenant, segment.pk, changes["rule"]):
            said = _("이렇게 바꾸면 이 조건그룹을 쓰는 ‘{name}’의 조건이 모두 60개를 넘어요. 조건을 줄여 주세요.")
            raise InvalidRule({"": said.format(name=broken[0].name)})
    if not changes:
        return segment
    try:
        with transaction.atomic():
            if not Segment.objects.filter(tenant=tenant, pk=segment.pk).update(**changes):
                raise SegmentNotFound
            audit.record(tenant=tenant, by=by, kind="segment.updated", subject=segment, fields=sorted(changes))
            for field, value in changes.items():
                setattr(segment, field, value)
            if read is not None and "rule" in changes:
                _count(tenant, segment, read, times.today())
    except IntegrityError as error:
        raise SegmentNameTaken from error
    return segment


def duplicate(*, tenant: Tenant, by: Actor, segment: Segment) -> Segment:
    """The same rule once more under a name of its own."""
    taken = set(Segment.objects.filter(tenant=tenant).values_list("name", flat=True))
    stem = segment.name[: NAME_LONGEST - 4]
    name = next(n for k in range(2, SEGMENTS_MOST + 3) if (n := f"{stem} {k}") not in taken)
    return create(tenant=tenant, by=by, name=name, rule=segment.rule, tone=segment.tone)


@transaction.atomic
def delete(*, tenant: Tenant, by: Actor, segment: Segment) -> None:
    """Forget it with its counts; SegmentInUse where another's rule names it. Twice is once."""
    users = language.using(tenant, segment=segment.pk, but=segment.pk)
    if users:
        raise SegmentInUse([one.name for one in users])
    gone, _rows = Segment.objects.filter(tenant=tenant, pk=segment.pk).delete()
    if gone:
        audit.record(tenant=tenant, by=by, kind="segment.deleted", subject=f"segment:{segment.pk}")


def retag(tenant: Tenant, gone: int, kept: int) -> None:
    """Rules that ask about one tag ask about the other; called when two tags are merged."""
    for segment in language.using(tenant, tag=gone):
        _ask_for_others(segment, "tag", {gone: kept})


def reword(*, tenant: Tenant, key: str, words: Mapping[str, str]) -> None:
    """Have rules about a field of the tenant's own ask for its choices as they are worded now."""
    for segment in language.using(tenant, field=key) if words else ():
        _ask_for_others(segment, f"{catalogs.OWN}{key}", words)


def _ask_for_others(segment: Segment, field: str, others: Mapping[Any, Any]) -> None:
    segment.rule = language.with_other(segment.rule, field, others)
    segment.save(update_fields=["rule"])


def count_all(*, tenant: Tenant, today: date) -> int:
    """Count every segment for this day; a rule that can't be asked any more is left out. Twice is once."""
    catalog = language.Catalog(tenant)
    done = 0
    for segment in Segment.objects.filter(tenant=tenant).order_by("position", "id")[:SEGMENTS_MOST]:
        read = catalog.read_segment(segment.pk)
        if read.rule is None:
            log.info("segment not counted: its rule can't be asked", extra={"segment": segment.pk})
            continue
        _count(tenant, segment, read.rule, today)
        done += 1
    return done


def _count(tenant: Tenant, segment: Segment, rule: language.Rule, on: date) -> None:
    count = language.rows(tenant, rule, on).count()
    row = SegmentCount(tenant=tenant, segment=segment, on=on, count=count)
    SegmentCount.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["segment", "on"], update_fields=["count"]
    )
    segment.member_count, segment.counted_at = count, times.now()
    Segment.objects.filter(pk=segment.pk).update(member_count=count, counted_at=segment.counted_at)


def reorder(*, tenant: Tenant, by: Actor, ids: Iterable[int]) -> None:
    """Put the segments in the order given; those not named follow in their present order."""
    with transaction.atomic():
        rows = list(Segment.objects.select_for_update().filter(tenant=tenant).order_by("position", "id"))
        place = {pk: n for n, pk in enumerate(ids)}
        rows.sort(key=lambda one: place.get(one.pk, len(place)))
        moved = [one for n, one in enumerate(rows, 1) if one.position != n]
        for position, one in enumerate(rows, 1):
            one.position = position
        if moved:
            Segment.objects.bulk_update(moved, ["position"])
            audit.record(tenant=tenant, by=by, kind="segment.reordered", count=len(moved))


def _name(value: str) -> str:
    text = " ".join(str(value).replace("\x00", "").split())
    if not 0 < len(text) <= NAME_LONGEST:
        raise InvalidSegment(fields={"name": [InvalidSegment.message]})
    return text


def _tone(value: str) -> str:
    if value and value not in Tone.values:
        raise InvalidSegment(fields={"tone": [InvalidSegment.message]})
    return value
