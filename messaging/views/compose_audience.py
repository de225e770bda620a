"""What the compose page offers besides people and groups: segments to send to, and whom to leave out for what is true
of them."""

from collections.abc import Iterable
from typing import Any

from accounts import selectors as accounts
from accounts.models import Tenant
from members.enums import Stage
from members.models import Segment
from members.selectors.segments import segment_list
from messaging.drafting import Audience
from ui.numbers import wholes

RECENT_CHOICES = (1, 3, 7, 14, 30)


def offered(tenant: Tenant, data: dict[str, Any]) -> dict[str, Any]:
    """Segments, tags and stages with what of them is chosen, as the template draws them."""
    segments: list[Any] = list(segment_list(tenant))
    picked, left = _words(data, "segments"), _words(data, "except_segments")
    for segment in segments:
        segment.chosen, segment.excepted = str(segment.pk) in picked, str(segment.pk) in left
    tagged, staged = _words(data, "except_tags"), _words(data, "except_stages")
    tags = [(tag.pk, tag.name, str(tag.pk) in tagged) for tag in accounts.tags(tenant)]
    recent = str(data.get("except_recent") or "")
    days = sorted({*RECENT_CHOICES, *wholes([recent])})
    return {
        "segments": segments,
        "gone_segments": _gone(data, segments),
        "except_tags": tags,
        "gone_tags": sorted(pk for pk in wholes(data.get("except_tags") or ()) if pk not in {tag[0] for tag in tags}),
        "except_stages": [(value, label, value in staged) for value, label in Stage.choices],
        "recent_choices": [(n, str(n) == recent) for n in days if n],
        "except_by_condition": bool(
            left or tagged or staged or recent.strip("0") or data.get("except_unpaid") or data.get("except_staff")
        ),
    }


def typed(to: Audience) -> dict[str, Any]:
    """The same of a stored audience, as its page was typed."""
    left = to.except_
    return {
        "segments": [str(pk) for pk in to.segments],
        "except_segments": [str(pk) for pk in left.segments],
        "except_tags": [str(pk) for pk in left.tags],
        "except_stages": list(left.stages),
        "except_recent": str(left.recent_days or ""),
        "except_unpaid": left.unpaid,
        "except_staff": left.staff,
        "as_of": to.as_of,
    }


def _words(data: dict[str, Any], name: str) -> set[str]:
    found: Iterable[Any] = data.get(name) or ()
    return {str(word) for word in found}


def _gone(data: dict[str, Any], known: list[Segment]) -> list[tuple[str, int]]:
    """Chosen segments that are no more: a person takes them off, or sending says so."""
    there = {segment.pk for segment in known}
    return [
        (name, pk) for name in ("segments", "except_segments") for pk in wholes(data.get(name) or ()) if pk not in there
    ]
