"""Whom a resend goes to and whom it must not reach, each with the reason: nobody is left out in silence.

Never one whose fate is unknown, never one who has it, never one whom another resend has in hand.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Tenant
from members.models import Member
from messaging import exceptions as no
from messaging.drafting import DUE, Audience, Draft
from messaging.enums import OF_PHONES, AccountMode, BatchState, ExcludedReason, MessageState
from messaging.merging import Kept, Left
from messaging.models import Dispatch, Excluded, Joined, Message
from messaging.selectors import audience as people
from messaging.selectors.leaving import LOST, STOPPED
from messaging.selectors.messages import messages as texts_of
from messaging.services import accounts
from messaging.services.checking import Checked, check
from messaging.services.quoting import draft_of
from ui import times

NAMES = 5  # of each reason, as a person is shown them before it is sent
_OPEN = {BatchState.QUEUED, BatchState.SENDING, BatchState.UNKNOWN, BatchState.ACCEPTED}


@dataclass(frozen=True)
class Plan:
    """What a resend would be: its draft, and those who were asked for and don't get it."""

    draft: Draft
    checked: Checked
    blocked: list[Left]


@dataclass(frozen=True)
class Preview:
    """How many a resend would go to, of which types, and who is left out: (reason, count, names of some)."""

    recipients: int
    types: dict[str, int]
    blocked: list[tuple[str, int, list[str]]]

    @property
    def blocked_count(self) -> int:
        return sum(count for _reason, count, _names in self.blocked)


def plan(tenant: Tenant, dispatch: Dispatch, only: str, messages: Iterable[int] = ()) -> Plan:
    """The resend of a dispatch to the failed, the selected or the newcomers; refuses what can't be sent again."""
    mode = accounts.of(tenant).mode
    if dispatch.mode != mode:
        raise no.WasPractice if dispatch.mode == AccountMode.SANDBOX else no.NotConnected
    if dispatch.expires_at and dispatch.expires_at <= times.now():
        raise no.ResendExpired
    to, blocked = _newcomers(tenant, dispatch) if only == "newcomers" else _asked(tenant, dispatch, only, messages)
    draft = replace(draft_of(dispatch), to=to, send_at=None)
    checked = check(tenant=tenant, draft=draft)
    checked.must_be_fine()
    return Plan(draft, checked, blocked)


def preview(*, tenant: Tenant, dispatch: Dispatch, only: str, messages: Iterable[int] = ()) -> Preview:
    """What `compose.resend` would do, nothing stored; raises what it would refuse."""
    planned = plan(tenant, dispatch, only, messages)
    kept, left = _sorted(tenant, planned)
    if not kept:
        raise no.NothingToResend(_counted(left))
    names: dict[str, list[str]] = defaultdict(list)
    for one in left:
        if len(names[one.reason]) < NAMES:
            names[one.reason].append(one.name)
    blocked = [(reason, count, names[reason]) for reason, count in _counted(left).most_common()]
    return Preview(len(kept), dict(Counter(one.type for one in kept)), blocked)


def nobody(tenant: Tenant, planned: Plan) -> no.NothingToResend:
    """The refusal for a plan that reaches nobody, with the reasons counted."""
    return no.NothingToResend(_counted(_sorted(tenant, planned)[1]))


def unreached(*, tenant: Tenant, dispatch: Dispatch, failed: int) -> int:
    """How many of those it failed for, `failed` in all, no resend has reached or has in hand."""
    resends = _resends(tenant, dispatch) if failed else []
    if not resends:
        return failed
    sent = Message.objects.filter(tenant=tenant, dispatch__in=resends).exclude(LOST | STOPPED)
    reached = Exists(sent.filter(phone=OuterRef("phone"))) | Exists(sent.filter(member_id=OuterRef("member_id")))
    return sum(texts_of(dispatch, state).exclude(reached).count() for state in ("failed", "rejected"))


# --- Who is asked for -------------------------------------------------------------------------------------------------
def _newcomers(tenant: Tenant, dispatch: Dispatch) -> tuple[Audience, list[Left]]:
    """Who has come into the audience since; preparing lists who had it."""
    before = Audience.from_json(dispatch.audience)
    # Newcomers of newcomers: who got the first one is no newcomer to the third.
    earlier = [dispatch.pk, *_resends(tenant, dispatch, and_others=True)]
    return replace(before, as_of=DUE, not_in=[*before.not_in, *_prepared(tenant, earlier)]), []


def _asked(tenant: Tenant, dispatch: Dispatch, only: str, messages: Iterable[int]) -> tuple[Audience, list[Left]]:
    """The failed or the selected, sorted into those who may get it once more and those who may not."""
    if only not in {"failed", "selected"}:
        raise no.BadAudience(_("다시 보낼 대상을 골라 주세요."), fields={"only": [_("다시 보낼 대상을 골라 주세요.")]})
    found: QuerySet[Message] = Message.objects.filter(tenant=tenant, dispatch=dispatch)
    found = found.filter(LOST) if only == "failed" else found.filter(pk__in=list(messages))
    columns = ("member_id", "phone", "name", "state", "batch__state")
    rows = list(found.order_by("pk").values_list(*columns))
    by_phone, by_member = _had(tenant, dispatch)
    children = _children(tenant, dispatch, rows)
    living = _living(tenant, [pk for row in rows for pk in (row[0], *children.get(row[1], ())) if pk])
    to, blocked, phones = Audience(via=dispatch.via, unpaid=dispatch.unpaid), [], set()
    for member, phone, name, state, lent in rows:
        again = by_phone.get(phone) or by_member.get(member) or ""
        there = [pk for pk in (member, *children.get(phone, ())) if pk in living]
        reason = _barred(state or lent) or _barred_again(again, only) or ("" if there else _gone(member, living))
        if reason:
            blocked.append(Left(member, name, phone, str(reason)))
        elif member:
            to.members += there
            phones.add(phone)
        else:
            to.phones.append((phone, name))
    to.members = list(dict.fromkeys(to.members))
    if dispatch.via:
        to.except_.phones = [(phone, "") for phone in _other_guardians(tenant, dispatch, to.members, phones)]
    return to, blocked


def _children(tenant: Tenant, dispatch: Dispatch, rows: list[Any]) -> dict[str, list[int]]:
    """The further members of each text to a guardian, by phone."""
    found: dict[str, list[int]] = {}
    if dispatch.via:
        joined = Joined.objects.filter(tenant=tenant, dispatch=dispatch).order_by("pk")
        for phone, member in joined.values_list("phone", "member_id"):
            found.setdefault(phone, []).append(member)
    return found


def _other_guardians(tenant: Tenant, dispatch: Dispatch, members: list[int], asked: set[str]) -> list[str]:
    """Phones that got theirs, where the mother's text failed, the father's is not sent again; and those left out."""
    found: set[str] = set()
    for at in range(0, len(members), people.CHUNK):
        part = members[at : at + people.CHUNK]
        for model in (Message, Joined):
            rows = model._default_manager.filter(tenant=tenant, dispatch=dispatch, member_id__in=part)
            found.update(rows.values_list("phone", flat=True))
        left = Excluded.objects.filter(tenant=tenant, dispatch=dispatch, member_id__in=part, reason__in=OF_PHONES)
        found.update(left.exclude(phone="").values_list("phone", flat=True))
    return sorted(found - asked)


def _barred(state: str) -> str:
    """Why one whose own text is in this state gets no other."""
    if state in _OPEN:
        return ExcludedReason.UNDER_WAY
    return {
        MessageState.DELIVERED.value: ExcludedReason.DELIVERED,
        MessageState.EXPIRED.value: ExcludedReason.EXPIRED,
    }.get(state, "")


def _barred_again(state: str, only: str) -> str:
    """Why one whom an earlier resend reached gets no other; without a result only a person may name that one again."""
    if state == MessageState.NO_RESULT:
        return ExcludedReason.ALREADY if only == "failed" else ""
    return _barred(state)


def _gone(member: int | None, living: set[int]) -> str:
    return ExcludedReason.GONE if member and member not in living else ""


def _living(tenant: Tenant, ids: list[int]) -> set[int]:
    """Those of the members who are still on the roster."""
    rows = Member.objects.filter(tenant=tenant, deleted_at=None)
    found: set[int] = set()
    for at in range(0, len(ids), people.CHUNK):
        found.update(rows.filter(pk__in=ids[at : at + people.CHUNK]).values_list("pk", flat=True))
    return found


def _had(tenant: Tenant, dispatch: Dispatch) -> tuple[dict[str, str], dict[int | None, str]]:
    """Whom earlier resends reached or may yet reach, by phone and as members: two people who press send once."""
    resends = _prepared(tenant, _resends(tenant, dispatch))
    sent = Message.objects.filter(tenant=tenant, dispatch__in=resends).exclude(LOST | STOPPED)
    by_phone: dict[str, str] = {}
    by_member: dict[int | None, str] = {}
    for member, phone, state, lent in sent.order_by("pk").values_list("member_id", "phone", "state", "batch__state"):
        by_phone[phone] = state or lent
        if member:
            by_member[member] = state or lent
    return by_phone, by_member


def _resends(tenant: Tenant, dispatch: Dispatch, *, and_others: bool = False) -> list[int]:
    """Ids of its resends, of their resends, and so on; with those to others who share a phone, if asked."""
    found: list[int] = []
    level = [dispatch.pk]
    while level:
        after = Q(resend_of__in=level) | Q(first__in=level) if and_others else Q(resend_of__in=level)
        rows = Dispatch.objects.filter(after, tenant=tenant)
        level = list(rows.values_list("pk", flat=True))
        found += level
    return found


def _prepared(tenant: Tenant, ids: list[int]) -> list[int]:
    """The ids; NotPrepared if it isn't known yet whom one of them will reach, who would then get it twice."""
    if Dispatch.objects.filter(tenant=tenant, pk__in=ids, total=None).exists():
        raise no.NotPrepared
    return ids


# --- Counting ---------------------------------------------------------------------------------------------------------
def _sorted(tenant: Tenant, planned: Plan) -> tuple[list[Kept], list[Left]]:
    """As preparing will sort it, with those who were blocked before."""
    to, checked = planned.draft.to, planned.checked
    sieve = people.sieve(tenant, to, checked.template, titled=bool(checked.title))
    taken: set[str] = set()
    kept: list[Kept] = []
    left = list(planned.blocked)
    for rows, _after in people.chunks(tenant, to, checked.template):
        people.bar(tenant, to, sieve, rows)
        some, others = sieve.sort(rows, taken, render=False)
        kept += some
        left += others
    return kept, left


def _counted(left: list[Left]) -> Counter[str]:
    return Counter(one.reason for one in left)
