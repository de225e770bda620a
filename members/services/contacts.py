"""Numbers beside a member's own: mother, father, guardian, payer. Whoever is found by them is found by search too."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import audit
from accounts.audit import Actor
from accounts.models import Tenant
from members import phone as phones
from members.enums import ContactRole
from members.exceptions import ContactNotFound, InvalidMember, MemberNotFound, TooManyContacts
from members.models import Contact, Member
from members.services import values
from members.services.snapshots import delete_of, rows_of

MOST = 10
CHANGEABLE = ("role", "name", "phone", "gets_notices", "gets_dues")
BATCH = 2_000
Clean = dict[str, Any]


@transaction.atomic
def add(*, tenant: Tenant, by: Actor, member: Member, **given: Any) -> Contact:
    """One more number of a member; the same number in the same role is the one that is there."""
    held = _held(tenant, member.pk)
    clean = cleaned([given])[0]
    rows = Contact.objects.filter(tenant=tenant, member=held)
    if found := rows.filter(role=clean["role"], phone=clean["phone"]).first():
        return found
    if (count := rows.count()) >= MOST:
        raise TooManyContacts
    row = Contact.objects.create(tenant=tenant, member=held, position=count, **clean)
    _found_by(held)
    audit.record(tenant=tenant, by=by, kind="contact.added", subject=held)
    return row


@transaction.atomic
def change(*, tenant: Tenant, by: Actor, contact: Contact, **changes: Any) -> Contact:
    """Change only what is given."""
    held = _held(tenant, contact.member_id)
    row = Contact.objects.select_for_update().filter(tenant=tenant, pk=contact.pk).first()
    if row is None:
        raise ContactNotFound
    now = {name: getattr(row, name) for name in CHANGEABLE}
    clean = cleaned([now | changes])[0]
    changed = sorted(name for name in CHANGEABLE if clean[name] != now[name])
    if not changed:
        return row
    twin = Contact.objects.filter(tenant=tenant, member=held, role=clean["role"], phone=clean["phone"])
    if twin.exclude(pk=row.pk).exists():
        raise _wrong(_("같은 번호가 이미 있어요."))
    for name in changed:
        setattr(row, name, clean[name])
    row.save(update_fields=changed)
    _found_by(held)
    audit.record(tenant=tenant, by=by, kind="contact.changed", subject=held, fields=changed)
    return row


@transaction.atomic
def remove(*, tenant: Tenant, by: Actor, contact: Contact) -> None:
    """Take a number away; twice is once."""
    held = _held(tenant, contact.member_id)
    gone, _kinds = Contact.objects.filter(tenant=tenant, pk=contact.pk).delete()
    if gone:
        _found_by(held)
        audit.record(tenant=tenant, by=by, kind="contact.removed", subject=held)


@transaction.atomic
def replace(*, tenant: Tenant, by: Actor, member: Member, contacts: Iterable[Mapping[str, Any]]) -> bool:
    """All numbers of a member at once, in this order; whether anything changed."""
    held = _held(tenant, member.pk)
    wanted = cleaned(contacts)
    rows = list(Contact.objects.filter(tenant=tenant, member=held).order_by("position", "id"))
    if [{name: getattr(row, name) for name in CHANGEABLE} for row in rows] == wanted:
        return False
    before = {(row.role, row.phone): row for row in rows}
    kept = []
    for position, clean in enumerate(wanted):
        row = before.pop((clean["role"], clean["phone"]), None) or Contact(tenant=tenant, member=held)
        for name, value in clean.items():
            setattr(row, name, value)
        row.position = position
        kept.append(row)
    Contact.objects.filter(tenant=tenant, pk__in=[row.pk for row in before.values()]).delete()
    for row in kept:
        row.save()
    _found_by(held)
    audit.record(tenant=tenant, by=by, kind="contact.changed", subject=held, count=len(kept))
    member.name_cho, member.tokens = held.name_cho, held.tokens
    return True


def insert(*, tenant: Tenant, people: Sequence[tuple[int, Sequence[tuple[str, str, str]]]]) -> list[tuple[int, int]]:
    """The one writer of many: [(member, [(role, digits, name), …])], after their members are written.

    What a member has already is left as it is, and so is what would be more than MOST. Returns (contact, member) of
    each that is new, by which an import takes them back; their tokens are the caller's.
    """
    ids = [member for member, _numbers in people]
    had: dict[int, set[tuple[str, str]]] = {}
    for at in range(0, len(ids), BATCH):
        rows = Contact.objects.filter(tenant=tenant, member_id__in=ids[at : at + BATCH])
        for member, role, phone in rows.values_list("member_id", "role", "phone"):
            had.setdefault(member, set()).add((role, phone))
    fresh = []
    for member, numbers in people:
        known = had.setdefault(member, set())
        for role, phone, name in numbers:
            if (role, phone) not in known and len(known) < MOST:
                place = len(known)
                fresh.append(
                    Contact(tenant=tenant, member_id=member, role=role, phone=phone, name=name, position=place)
                )
                known.add((role, phone))
    Contact.objects.bulk_create(fresh, batch_size=BATCH)
    return [(row.pk, row.member_id) for row in fresh]


PRINTED = ("member_id", "role", "phone", "name", "gets_notices", "gets_dues")


def printed(tenant: Tenant, ids: Collection[int], after: int = 0) -> list[list[Any]]:
    """[contact, member, and all it says] of these members' contacts with a higher id, to be compared with later."""
    columns = ", ".join(f"t.{column}" for column in ("id", *PRINTED))
    rows = rows_of("members_contact", columns, tenant, ids, f"t.id > {int(after)}")
    return [[*row[:5], bool(row[5]), bool(row[6])] for row in rows]


def remove_printed(*, tenant: Tenant, rows: Iterable[Sequence[Any]]) -> set[int]:
    """Delete the contacts that still say what was printed; the members whose contact says something else by now, which
    stays. What they are found by is the caller's."""
    before = {row[0]: tuple(row[1:]) for row in rows}
    wanted, changed, same = sorted(before), set[int](), list[int]()
    for at in range(0, len(wanted), BATCH):
        held = Contact.objects.filter(tenant=tenant, pk__in=wanted[at : at + BATCH])
        for pk, *now in held.values_list("id", *PRINTED):
            if tuple(now) == before[pk]:
                same.append(pk)
            else:
                changed.add(now[0])
    delete_of("members_contact", tenant, same, key="id")
    return changed


def cleaned(contacts: Iterable[Mapping[str, Any]]) -> list[Clean]:
    """The contacts as they are stored, each number once in a role; raises InvalidMember or TooManyContacts."""
    found: dict[tuple[str, str], Clean] = {}
    for given in contacts:
        clean = _clean(given)
        found.setdefault((clean["role"], clean["phone"]), clean)
    if len(found) > MOST:
        raise TooManyContacts
    return list(found.values())


def _clean(given: Mapping[str, Any]) -> Clean:
    role = given.get("role") or ContactRole.GUARDIAN
    if role not in ContactRole.values:
        raise _wrong(_("누구의 번호인지 골라 주세요."))
    try:
        phone = phones.parse(str(given.get("phone") or ""))
    except phones.BadPhone as error:
        raise _wrong(str(error)) from error
    name = str(given.get("name") or "").strip()
    try:
        name = values.name(name) if name else ""
    except ValueError as error:
        raise _wrong(str(error)) from error
    switches = {key: bool(given.get(key, True)) for key in ("gets_notices", "gets_dues")}
    return {"role": str(role), "name": name, "phone": phone, **switches}


def _wrong(sentence: str) -> InvalidMember:
    return InvalidMember(sentence, fields={"contacts": [sentence]})


def _held(tenant: Tenant, pk: int) -> Member:
    held = Member.objects.select_for_update().filter(tenant=tenant, pk=pk).first()
    if held is None:
        raise MemberNotFound
    return held


def _found_by(member: Member) -> None:
    values.store_derived(member)
    member.save(update_fields=["name_cho", "tokens", "updated_at"])
