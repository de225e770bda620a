"""Presets of a trade: taken in one step, removed again as far as nobody uses or has changed what they made."""

from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.audit import Actor, user_of
from accounts.models import Tenant
from members import presets
from members.exceptions import PresetNotFound
from members.models import PresetUse
from ui import times


@dataclass
class Removed:
    """What a removal left: [(title of the part, name)]."""

    kept: list[tuple[Any, str]] = field(default_factory=list)


def take(*, tenant: Tenant, by: Actor, preset: str) -> PresetUse:
    """Make what the preset holds and the tenant has not by that name. Taken already: nothing is made twice."""
    items = presets.PRESETS.get(preset)
    if items is None:
        raise PresetNotFound
    try:
        with transaction.atomic():
            # First, so that a second click waits here for the first one's end and then fails on the unique key.
            use = PresetUse.objects.create(tenant=tenant, preset=preset, by=user_of(by))
            for name, part in presets.parts().items():
                if wanted := items.items(name):
                    use.made[name] = part.take(tenant=tenant, by=by, items=wanted)
            use.save(update_fields=["made"])
            audit.record(tenant=tenant, by=by, kind="preset.taken", subject=use, preset=preset, count=made_count(use))
    except IntegrityError:
        found = PresetUse.objects.filter(tenant=tenant, preset=preset, removed_at=None).first()
        if found is None:
            raise
        return found
    return use


@transaction.atomic
def remove(*, tenant: Tenant, by: Actor, preset: str) -> Removed:
    """Take away what the preset made and nobody uses or has changed; the rest stays and is named. Twice is once."""
    rows = PresetUse.objects.select_for_update().filter(tenant=tenant, preset=preset, removed_at=None)
    use = rows.first()
    if use is None:
        if preset not in presets.PRESETS:
            raise PresetNotFound
        return Removed()
    removed = Removed()
    for name, part in reversed(presets.parts().items()):
        stays = part.remove(tenant=tenant, by=by, made=use.made.get(name, []))
        removed.kept = [(part.title, one) for one in stays] + removed.kept
    use.removed_at = times.now()
    use.save(update_fields=["removed_at"])
    audit.record(tenant=tenant, by=by, kind="preset.removed", subject=use, preset=preset, count=len(removed.kept))
    return removed


def made_count(use: PresetUse) -> int:
    """How many things it made."""
    return sum(len(made) for made in use.made.values())
