"""업종 꾸러미: what a trade usually needs, to be taken in one step and removed again. Data; no database here.

A preset holds items for several parts (fields, groups, passes, segments, texts). Each part is registered with how its
items are taken and removed; apps to the right register theirs: texts are messaging's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from members.presets.academy import ACADEMY
from members.presets.association import ASSOCIATION
from members.presets.church import CHURCH
from members.presets.clinic import CLINIC
from members.presets.gym import GYM
from members.presets.kinds import Field, Group, Pass, Preset, Segment, Text
from members.presets.salon import SALON

PRESETS: dict[str, Preset] = {one.key: one for one in (GYM, ACADEMY, SALON, CLINIC, CHURCH, ASSOCIATION)}
Made = list[dict[str, Any]]  # {"id": of the row, "mark": what it was made as}


@dataclass(frozen=True)
class Part:
    """`take(tenant=, by=, items=)` makes what is not there by name and says what it made, each with its mark;
    `remove(tenant=, by=, made=)` takes away what is unused and unchanged and names what stays."""

    title: Any
    take: Callable[..., Made]
    remove: Callable[..., list[str]]


_parts: dict[str, Part] = {}


def register_part(name: str, *, title: Any, take: Callable[..., Made], remove: Callable[..., list[str]]) -> None:
    """Make a part known; the same name again replaces it. Parts are taken in this order and removed backwards."""
    _parts[name] = Part(title, take, remove)


def parts() -> dict[str, Part]:
    """All parts in the order of the apps."""
    return dict(_parts)


__all__ = [
    "PRESETS",
    "Field",
    "Group",
    "Made",
    "Part",
    "Pass",
    "Preset",
    "Segment",
    "Text",
    "parts",
    "register_part",
]
