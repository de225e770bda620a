"""The tenant's one set of tags. Apps to the right say what they tag with them, so that merges move it and a tag that
something carries is not taken away."""

from collections.abc import Callable, Collection, Iterable

from django.db import IntegrityError, transaction

from accounts import audit
from accounts.audit import Actor
from accounts.exceptions import InvalidTag, TagNameTaken, TagNotFound, TooManyTags
from accounts.models import Tag, Tenant

TAGS_MOST = 200
NAME_LONGEST = 20
TONES = ("blue", "green", "amber", "red", "violet", "gray")
Mover = Callable[[Tenant, Tag, Tag], object]
Dropper = Callable[[Tenant, Tag], None]
Carries = Callable[[Tenant, Collection[int]], Collection[int]]

_movers: list[Mover] = []
_carriers: list[Carries] = []
_droppers: list[Dropper] = []


def register(mover: Mover, carries: Carries, dropper: Dropper | None = None) -> None:
    """`mover(tenant, gone, kept)` gives everything an app has tagged with one tag the other, in the transaction;
    `carries(tenant, ids)` says which of these tags anything of it has or asks for; `dropper(tenant, tag)` takes a tag
    off whatever has it, where the database's own cascade would not do."""
    _movers.append(mover)
    _carriers.append(carries)
    if dropper:
        _droppers.append(dropper)


def in_use(tenant: Tenant, ids: Collection[int]) -> set[int]:
    """Those of these tags that anything has, or asks for."""
    return {pk for carries in _carriers for pk in carries(tenant, ids)}


def create(*, tenant: Tenant, by: Actor, name: str, tone: str = "") -> Tag:
    """A new tag; TagNameTaken where the name is in use."""
    name, tone = clean_name(name), _tone(tone)
    try:
        with transaction.atomic():
            count = Tag.objects.filter(tenant=tenant).count()
            if count >= TAGS_MOST:
                raise TooManyTags
            fresh = Tag.objects.create(tenant=tenant, name=name, tone=tone or TONES[count % len(TONES)])
            audit.record(tenant=tenant, by=by, kind="tag.created", subject=fresh)
    except IntegrityError as error:
        raise TagNameTaken from error
    return fresh


def update(*, tenant: Tenant, by: Actor, tag: Tag, name: str | None = None, tone: str | None = None) -> Tag:
    """Rename or recolour; what is None stays."""
    changes = {}
    if name is not None and clean_name(name) != tag.name:
        changes["name"] = clean_name(name)
    if tone and _tone(tone) != tag.tone:
        changes["tone"] = _tone(tone)
    if not changes:
        return tag
    try:
        with transaction.atomic():
            if not Tag.objects.filter(tenant=tenant, pk=tag.pk).update(**changes):
                raise TagNotFound
            audit.record(tenant=tenant, by=by, kind="tag.updated", subject=tag, fields=sorted(changes))
    except IntegrityError as error:
        raise TagNameTaken from error
    for field, value in changes.items():
        setattr(tag, field, value)
    return tag


@transaction.atomic
def delete(*, tenant: Tenant, by: Actor, tag: Tag) -> None:
    """Take the tag away from everything that carries it; twice is once."""
    list(Tag.objects.select_for_update().filter(tenant=tenant, pk=tag.pk))  # as a merge does, before what has it
    for dropper in _droppers:
        dropper(tenant, tag)
    gone, _kinds = Tag.objects.filter(tenant=tenant, pk=tag.pk).delete()
    if gone:
        audit.record(tenant=tenant, by=by, kind="tag.deleted", subject=f"tag:{tag.pk}")


@transaction.atomic
def merge(*, tenant: Tenant, by: Actor, gone: Tag, kept: Tag) -> Tag:
    """Whatever carries `gone` carries `kept` instead, in every app; `gone` is deleted. Twice is TagNotFound."""
    if gone.pk == kept.pk:
        raise InvalidTag(InvalidTag.itself, fields={"into": [InvalidTag.itself]})
    held = Tag.objects.select_for_update().filter(tenant=tenant, pk__in=[gone.pk, kept.pk]).order_by("pk")
    if len(list(held)) != 2:
        raise TagNotFound
    for mover in _movers:
        mover(tenant, gone, kept)
    Tag.objects.filter(tenant=tenant, pk=gone.pk).delete()
    audit.record(tenant=tenant, by=by, kind="tag.merged", subject=kept, gone=gone.pk)
    return kept


def named(*, tenant: Tenant, by: Actor, names: Iterable[str]) -> list[Tag]:
    """Tags by name, made where they are missing; in the order given."""
    return found_or_made(tenant=tenant, by=by, names=names)[0]


def found_or_made(*, tenant: Tenant, by: Actor, names: Iterable[str]) -> tuple[list[Tag], list[Tag]]:
    """The same, and those of them that were made here: a deed that is taken back takes no other's along."""
    wanted = list(dict.fromkeys(clean_name(name) for name in names))
    found = {tag.name: tag for tag in Tag.objects.filter(tenant=tenant, name__in=wanted)}
    made = []
    for name in wanted:
        if name not in found:
            found[name], is_new = _create_or_find(tenant, by, name)
            made += [found[name]] if is_new else []
    return [found[name] for name in wanted], made


def clean_name(value: str) -> str:
    """A tag's name as it is stored; people write #단골 and 단골 and mean the same."""
    text = " ".join(str(value).replace("\x00", "").replace(",", " ").split()).removeprefix("#").strip()
    if not 0 < len(text) <= NAME_LONGEST:
        raise InvalidTag(fields={"name": [InvalidTag.message]})
    return text


def _create_or_find(tenant: Tenant, by: Actor, name: str) -> tuple[Tag, bool]:
    try:
        with transaction.atomic():
            return create(tenant=tenant, by=by, name=name), True
    except TagNameTaken:  # another request was faster
        return Tag.objects.get(tenant=tenant, name=name), False


def _tone(value: str) -> str:
    if value and value not in TONES:
        raise InvalidTag(fields={"tone": [InvalidTag.message]})
    return value
