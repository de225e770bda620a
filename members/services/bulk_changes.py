"""What can be changed of many members at once, checked, and what it makes of one of them. Consent never is: nobody
agrees for another."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Tenant
from accounts.services.tags import clean_name
from members import fields as kinds
from members.enums import FieldKind, Stage
from members.exceptions import InvalidMember, InvalidStage, NothingToChange
from members.models import Field, Group
from members.services import fields as own
from members.services import values
from members.services.snapshots import Values

LISTS = ("groups_add", "groups_remove", "tags_add", "tags_remove")
WORDS = (*LISTS, "stage", "source", "fields", "memo_append")


def checked(tenant: Tenant, change: Mapping[str, Any]) -> dict[str, Any]:
    """The change as it is kept: groups by id, tags by name, fields by key. NothingToChange where it says nothing."""
    if stray := set(change) - set(WORDS):
        raise InvalidMember(fields={name: [InvalidMember.message] for name in stray})
    clean: dict[str, Any] = {}
    for name in LISTS:
        given = change.get(name) or ()
        if name.startswith("tags"):  # as they are kept, or the undo would look for a tag that nobody has
            given = [clean_name(str(tag)) for tag in given]
        if given := list(dict.fromkeys(given)):
            clean[name] = _groups(tenant, name, given) if name.startswith("groups") else given
    if stage := change.get("stage"):
        if stage not in Stage.values:
            raise InvalidStage(fields={"stage": [InvalidStage.message]})
        clean["stage"] = str(stage)
    if change.get("source") is not None:
        clean["source"] = values.cleaned({"source": change["source"]})["source"]
    if own_values := change.get("fields"):
        _no_files(tenant, own_values)
        clean["fields"] = own.stored(tenant=tenant, values=own_values)
    if memo := values.cleaned({"memo": change.get("memo_append") or ""})["memo"]:
        clean["memo_append"] = memo
    if not clean:
        raise NothingToChange
    return clean


def _no_files(tenant: Tenant, given: Mapping[str, str]) -> None:
    """A file is one member's alone."""
    known = kinds.known_names(Field.objects.filter(tenant=tenant))
    names = [name for name in given if name in known and known[name].kind == FieldKind.FILE]
    if names:
        said = _("‘%(name)s’에는 파일이 들어 있어 한꺼번에 바꿀 수 없어요. 한 사람씩 회원 카드에서 바꿔 주세요.")
        raise InvalidMember(fields={"fields": [said % {"name": name} for name in names]})


def columns_of(change: Mapping[str, Any], held: Values) -> Values:
    """The columns that differ for one member, stage apart (its ledger has a service of its own).

    A memo that would grow too long is left as it is; so is one that ends in these very words.
    """
    found: Values = {}
    if "source" in change and held["source"] != change["source"]:
        found["source"] = change["source"]
    if "fields" in change:
        merged = {key: text for key, text in (held["fields"] | change["fields"]).items() if text != ""}
        if merged != held["fields"]:
            found["fields"] = merged
    if "memo_append" in change:
        memo = f"{held['memo']}\n{change['memo_append']}".strip()
        if len(memo) <= values.MEMO_LONGEST and not f"\n{held['memo']}".endswith(f"\n{change['memo_append']}"):
            found["memo"] = memo
    return found


def _groups(tenant: Tenant, name: str, given: list[Any]) -> list[int]:
    known = set(Group.objects.filter(tenant=tenant, pk__in=given).values_list("pk", flat=True))
    if missing := [pk for pk in given if pk not in known]:
        raise InvalidMember(fields={name: [_("없는 그룹이에요: %(ids)s") % {"ids": ", ".join(map(str, missing))}]})
    return given
