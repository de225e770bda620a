"""Members are added, changed, put into the trash and taken out again."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from accounts import audit
from accounts.audit import Actor
from accounts.models import Tenant
from members.exceptions import InvalidMember, MemberNotFound
from members.models import Contact, Group, Member, Membership
from members.services import birthdays, marks, phones, stages, values
from members.services import consents as consent_ledger
from members.services import contacts as contacting
from members.services import fields as own
from members.services import groups as grouping
from members.services import tags as tagging
from members.services import trash as trashing
from ui import times

PLAIN = ("name", "phone", "birth_date", "birthday", "memo", "source")
FOUND_BY = {"name", "phone", "memo"}
_TOLD = {"birthday": "birth_date", "next_birthday": "birth_date"}  # three columns of one thing


@transaction.atomic
def create(
    *,
    tenant: Tenant,
    by: Actor,
    name: str,
    phone: str = "",
    groups: Iterable[str] = (),
    consents: Iterable[dict[str, Any]] = (),
    contacts: Iterable[dict[str, Any]] = (),
    tags: Iterable[str] = (),
    stage: str = "",
    stage_on: date | None = None,
    **more: Any,
) -> Member:
    """A new member; `more` may hold birth_date, birthday, memo, source and fields (by name). Groups and tags are named
    and made where they are missing. Without a `stage` it is a member from the start, and no step of a prospect is
    recorded.

    A phone may belong to several members: a duplicate is a hint for the form, never a refusal.
    """
    clean = values.cleaned({"name": name, "phone": phone, **_known(more)})
    held = own.stored(tenant=tenant, values=clean.get("fields", {}))
    clean["fields"] = {key: text for key, text in held.items() if text}
    clean |= birthdays.settled(clean)
    others = contacting.cleaned(contacts)
    member = Member(tenant=tenant, dead_at=phones.flagged_at(tenant=tenant, phone=clean["phone"]), **clean)
    if stage:
        member.stage, member.stage_on = stages.checked(stage, stage_on)
    values.store_derived(member, [(other["name"], other["phone"]) for other in others])
    member.save(force_insert=True)
    own.claim_files(tenant=tenant, member=member, values=clean["fields"], before={})
    rows = [Contact(tenant=tenant, member=member, position=n, **other) for n, other in enumerate(others)]
    Contact.objects.bulk_create(rows)
    _join(tenant, member, grouping.named(tenant=tenant, by=by, names=groups))
    audit.record(tenant=tenant, by=by, kind="member.created", subject=member)
    if stage:
        stages.begin(tenant=tenant, by=by, member=member)
    if tags := list(tags):
        tagging.set_tags(tenant=tenant, by=by, member=member, names=tags)
    consent_ledger.record_all(tenant=tenant, by=by, member=member, consents=list(consents))
    return member


@transaction.atomic
def update(
    *,
    tenant: Tenant,
    by: Actor,
    member: Member,
    groups: Iterable[str] | None = None,
    consents: Iterable[dict[str, Any]] = (),
    contacts: Iterable[dict[str, Any]] | None = None,
    tags: Iterable[str] | None = None,
    stage: str = "",
    stage_on: date | None = None,
    **changes: Any,
) -> Member:
    """Change only what is given. `fields` (by name) are merged, an empty text takes one away; `groups`, `tags` and
    `contacts` replace them all."""
    clean = values.cleaned(_known(changes))
    held = Member.objects.select_for_update(no_key=True).get(tenant=tenant, pk=member.pk)
    if "fields" in clean or groups is not None or tags is not None:
        marks.hold([held.pk])
    if "fields" in clean:
        merged = held.fields | own.stored(tenant=tenant, values=clean["fields"], member=held)
        own.claim_files(tenant=tenant, member=held, values=merged, before=held.fields)
        clean["fields"] = {key: text for key, text in merged.items() if text != ""}
    clean |= birthdays.settled(clean, held)
    changed = [key for key, value in clean.items() if getattr(held, key) != value]
    for key in changed:
        setattr(held, key, clean[key])
    if "phone" in changed:
        held.dead_at = phones.flagged_at(tenant=tenant, phone=held.phone)
    if changed:
        _save(held, [*changed, *(["dead_at"] if "phone" in changed else [])])
        told = sorted({_TOLD.get(key, key) for key in changed})
        audit.record(tenant=tenant, by=by, kind="member.updated", subject=held, fields=told)
    if stage:
        one = Member.objects.filter(pk=held.pk)
        stages.change_stage(tenant=tenant, by=by, members=one, stage=stage, on=stage_on)
    if contacts is not None:
        contacting.replace(tenant=tenant, by=by, member=held, contacts=contacts)
    if tags is not None:
        tagging.set_tags(tenant=tenant, by=by, member=held, names=tags)
    if groups is not None:
        _set_groups(tenant, by, held, grouping.named(tenant=tenant, by=by, names=groups))
    consent_ledger.record_all(tenant=tenant, by=by, member=held, consents=list(consents))
    return held


def trash(*, tenant: Tenant, by: Actor, members: QuerySet[Member]) -> int:
    """Put all living members of a query into the trash; returns how many. Their groups are remembered."""
    with transaction.atomic():
        ids = members.filter(tenant=tenant, deleted_at=None).order_by().values("id")
        living = Member.objects.filter(tenant=tenant, deleted_at=None)
        count = living.filter(id__in=ids).update(deleted_at=times.now())
        if count:
            # Members first and groups after, as in every deed here: two deeds may wait for each other, never in a ring.
            grouping.lock(tenant=tenant)
            grouping.recount(tenant=tenant)
            audit.record(tenant=tenant, by=by, kind="member.trashed", count=count)
        return count


def trash_one(*, tenant: Tenant, by: Actor, member: Member) -> None:
    """Put one member into the trash; twice is once."""
    with transaction.atomic():
        gone = Member.objects.filter(tenant=tenant, pk=member.pk, deleted_at=None).update(deleted_at=times.now())
        if gone:
            _count_groups(tenant, member, -1)
            audit.record(tenant=tenant, by=by, kind="member.trashed", subject=member, count=1)


def restore(*, tenant: Tenant, by: Actor, member: Member) -> Member:
    """Take a member out of the trash, back into its groups; twice is once. MemberNotFound where nobody is left to take
    back: erased, or part of another."""
    if member.erased_at or member.merged_into_id:
        raise MemberNotFound
    with transaction.atomic():
        if trashing.take_back(tenant=tenant, ids=[member.pk]):
            _count_groups(tenant, member, 1)
            audit.record(tenant=tenant, by=by, kind="member.restored", subject=member)
    member.deleted_at = None
    return member


def _known(given: dict[str, Any]) -> dict[str, Any]:
    stray = set(given) - {*PLAIN, "fields"}
    if stray:
        raise InvalidMember(fields={name: [InvalidMember.message] for name in stray})
    return given


def _save(member: Member, changed: list[str]) -> None:
    columns = [*changed, "updated_at"]
    if FOUND_BY & set(changed):
        values.store_derived(member)
        columns += ["name_cho", "tokens"]
    member.save(update_fields=columns)


def _join(tenant: Tenant, member: Member, groups: list[Group]) -> None:
    Membership.objects.bulk_create([Membership(tenant=tenant, member=member, group=group) for group in groups])
    Group.objects.filter(tenant=tenant, pk__in=[g.pk for g in groups]).update(member_count=F("member_count") + 1)


def _set_groups(tenant: Tenant, by: Actor, member: Member, groups: list[Group]) -> None:
    before = set(Membership.objects.filter(tenant=tenant, member=member).values_list("group_id", flat=True))
    after = {group.pk for group in groups}
    if before == after:
        return
    grouping.lock(tenant=tenant, ids=before | after)
    gone = before - after
    Membership.objects.filter(tenant=tenant, member=member, group_id__in=gone).delete()
    if member.deleted_at is None:
        Group.objects.filter(tenant=tenant, pk__in=gone).update(member_count=F("member_count") - 1)
    _join(tenant, member, [group for group in groups if group.pk not in before])
    audit.record(tenant=tenant, by=by, kind="member.regrouped", subject=member, groups=sorted(after))


def _count_groups(tenant: Tenant, member: Member, change: int) -> None:
    mine = Membership.objects.filter(tenant=tenant, member=member).values("group")
    Group.objects.filter(tenant=tenant, pk__in=mine).update(member_count=F("member_count") + change)
