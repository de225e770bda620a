"""The member's card: what the person at the counter needs to know, in a constant number of queries."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from accounts.models import Tenant, User
from members import phone
from members.models import Consent, Contact, Member, Note
from members.selectors import contacts, lists, notes
from members.selectors import dues as dues_of
from members.selectors import passes as passes_of
from members.selectors.merged import ids_with
from members.selectors.own_fields import OwnValue, own_values
from ui import times
from ui.numbers import comma

CONSENTS_SHOWN = 10
SOON = 7  # days before the end from which it is said in amber


@dataclass(frozen=True)
class Part:
    """One piece of the answer: 11회 남음, in green."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Card:
    """What the card shows at once; the stream and the texts follow by themselves."""

    member: Member
    ids: list[int]
    answer: list[Part]
    own: list[OwnValue]
    pinned: list[Note]
    consents: list[Consent]
    family: list[Member]
    contacts: list[Contact]
    passes: passes_of.Passes
    dues: dues_of.Dues
    unreachable: bool


def card(tenant: Tenant, pk: int, viewer: User) -> Card:
    """A living member's card for this viewer; MemberNotFound for anything else."""
    member = lists.member(tenant, pk)
    ids = ids_with(tenant, member)
    return Card(
        member=member,
        ids=ids,
        answer=answer(member, times.today()),
        own=own_values(tenant, member),
        pinned=list(notes.pinned(tenant, ids, viewer)),
        consents=list(lists.consents(tenant, member)[:CONSENTS_SHOWN]),
        family=lists.duplicates(tenant, member.phone, member.name, but=member.pk),
        contacts=contacts.member_contacts(tenant, member),
        passes=passes_of.member_passes(tenant, member),
        dues=dues_of.member_dues(tenant, member),
        unreachable=bool(member.phone) and not phone.can_receive(member.phone),
    )


def answer(member: Member, today: date) -> list[Part]:
    """몇 회 남았나요? "11회 남음 · 3월 14일까지 · 회비 30,000원 미납", the first part in large letters."""
    parts = []
    left, ends = member.sessions_left, member.expires_on
    if left is not None:
        said = _("%(n)s회 남음") % {"n": comma(left)} if left > 0 else _("남은 횟수 없음")
        parts.append(Part(said, "green" if left > 2 else "amber" if left > 0 else "red"))
    if ends is not None:
        parts.append(_until(ends, today))
    if not parts:
        parts.append(Part(_("쓰고 있는 이용권이 없어요")))
    if member.unpaid_won:
        parts.append(Part(_("회비 %(won)s원 미납") % {"won": comma(member.unpaid_won)}, "red"))
    return parts


def _until(ends: date, today: date) -> Part:
    days = (ends - today).days
    day = times.kdate(ends) if ends.year == today.year else times.ymd(ends)
    if days < 0:
        return Part(_("%(day)s에 끝났어요") % {"day": day}, "red")
    if days == 0:
        return Part(_("오늘까지"), "amber")
    return Part(_("%(day)s까지") % {"day": day}, "amber" if days <= SOON else "green")
