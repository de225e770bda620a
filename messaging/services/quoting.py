"""Who would get a draft, how long it is for each, what it needs: the same sieve as preparing, nothing stored."""

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Tenant
from messaging.drafting import Audience, Draft
from messaging.enums import AccountState, ExcludedReason
from messaging.merging import OWN_NUMBER, Kept, Measured, Row, Sieve
from messaging.models import AligoAccount, Dispatch
from messaging.selectors import audience as people
from messaging.selectors import forecasts
from messaging.services import accounts, families, nights, policies, snapshots
from messaging.services.checking import Checked, check
from messaging.text import type_of

LONGEST, NAMES, SAMPLES = 5, 5, 5
OWN_NUMBERS, DEAD_NUMBERS = "own_number", "dead_number"  # notices that stop nothing
ASK_SECONDS = 3  # a person is waiting: an old balance with its time is better than none


@dataclass
class Missing:
    """People for whom a field without a fallback is blank: how many, and the names of some."""

    count: int = 0
    names: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Remaining:
    """How many texts of each type the account can still send (alternatives), and since when we know."""

    sms: int | None
    lms: int | None
    mms: int | None
    checked_at: datetime | None
    state: str


@dataclass(frozen=True)
class Sample:
    """The text as one recipient gets it."""

    name: str
    phone: str
    text: str
    type: str
    bytes: int


@dataclass
class Quote:
    """What `submit` would do; see the contract for the words."""

    recipients: int = 0
    excluded: dict[str, int] = field(default_factory=dict)
    types: dict[str, int] = field(default_factory=dict)
    longest_bytes: int = 0
    longest: list[tuple[str, int]] = field(default_factory=list)
    missing: dict[str, Missing] = field(default_factory=dict)
    unsendable: list[str] = field(default_factory=list)
    balance: Remaining = field(default_factory=lambda: Remaining(None, None, None, None, AccountState.UNCHECKED))
    enough: bool = True
    planned: dict[str, int] = field(default_factory=dict)  # promised by others: scheduled, or waiting to leave
    forecast: dict[str, int | None] = field(default_factory=dict)  # what remains of each after those and this
    notices: list[tuple[str, str]] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    own_number: int = 0  # members without such a contact, whose text goes to their own number
    dead_number: int = 0  # of the recipients, those whose number came back three times
    agreed_count: int = 0  # of an ad's recipients those who agreed to ads at night
    night: nights.Night | None = None  # an ad asked for at night


def quote(*, tenant: Tenant, draft: Draft, instead_of: int | None = None) -> Quote:
    """Exact for the whole audience. Never refuses: what is wrong stands in `notices` with the refusal's code.

    `instead_of`: the scheduled dispatch that the draft would change, so that it is not planned for twice.
    """
    changed = Dispatch.objects.filter(tenant=tenant, pk=instead_of).first() if instead_of else None
    draft = snapshots.changed(changed, draft) if changed else draft
    checked = check(tenant=tenant, draft=draft)
    found = Quote(unsendable=checked.unsendable)
    _count(tenant, draft, checked, found)
    account = accounts.refresh_balance(tenant=tenant, timeout=ASK_SECONDS)
    found.balance = balance_of(account)
    left = forecasts.counts(account)
    found.enough = not forecasts.is_short(forecasts.after(left, found.types))
    found.planned = forecasts.planned(account, besides=instead_of)
    both = Counter(found.planned) + Counter(found.types)
    found.forecast = forecasts.after(left, both)
    found.samples = preview(tenant=tenant, draft=draft, checked=checked)
    _note(tenant, found, checked, account)
    return found


def preview(
    *, tenant: Tenant, draft: Draft, at: int = 0, count: int = SAMPLES, checked: Checked | None = None
) -> list[Sample]:
    """The texts of up to `count` recipients, from the one numbered `at`."""
    checked = checked or check(tenant=tenant, draft=draft)
    sieve = people.sieve(tenant, draft.to, checked.template, titled=bool(checked.title))
    taken: set[str] = set()

    def kept() -> Any:
        for rows, _after in people.chunks(tenant, draft.to, checked.template, size=max(50, at + count)):
            people.bar(tenant, draft.to, sieve, rows)
            yield from sieve.sort(rows, taken, render=True)[0]

    return [Sample(k.name, k.phone, k.text, k.type, k.size) for k in islice(kept(), at, at + count)]


def balance_of(account: AligoAccount) -> Remaining:
    """The numbers we last heard, with their time."""
    return Remaining(account.sms_count, account.lms_count, account.mms_count, account.balance_at, account.state)


def draft_of(dispatch: Dispatch) -> Draft:
    """A stored dispatch as it was asked for."""
    return Draft(
        to=Audience.from_json(dispatch.audience),
        text=dispatch.text,
        title=dispatch.title,
        sender=dispatch.sender,
        ad=dispatch.ad,
        each=bool(dispatch.each_reason),
        each_reason=dispatch.each_reason,
        send_at=dispatch.send_at,
        expires_at=dispatch.expires_at,
        name=dispatch.name,
    )


def tally(*, tenant: Tenant, draft: Draft) -> dict[str, int]:
    """How many texts of each type a draft would be, if it went out now."""
    found = Quote()
    _count(tenant, draft, check(tenant=tenant, draft=draft), found)
    return found.types


def _count(tenant: Tenant, draft: Draft, checked: Checked, found: Quote) -> None:
    sieve = people.sieve(tenant, draft.to, checked.template, titled=bool(checked.title))
    wanted = sorted({part.name for part in checked.typed.parts if not isinstance(part, str) and part.fallback is None})
    dead = set() if draft.to.except_.dead else people.dead_phones(tenant)
    taken: set[str] = set()
    excluded: Counter[str] = Counter()
    sizes: Counter[int] = Counter()
    shared: set[str] = set()
    for rows, _after in people.chunks(tenant, draft.to, checked.template):
        people.bar(tenant, draft.to, sieve, rows)
        got = sieve.measure(rows, taken)
        if draft.to.via:
            own = [row for row in rows if len(row) > OWN_NUMBER and row[OWN_NUMBER] and sieve.is_wanted(row)]
            found.own_number += len(own)
        if dead:
            found.dead_number += sum([row[2] in dead for row in got.rows])
        excluded.update(got.left)
        sizes.update(got.sizes)
        if draft.each:
            shared.update(got.shared)
        found.recipients += len(got.rows)
        if draft.ad:
            found.agreed_count += sum([row[6] is not None for row in got.rows])
        _longest(got, found)
        if wanted:
            _missing(got.rows, sieve, wanted, found)
    types: Counter[str] = Counter()
    for size, count in sizes.items():
        types[type_of(size, titled=sieve.titled)] += count
    if shared:
        for one in _further(tenant, draft, checked, sieve, shared):
            types[one.type] += 1
            found.recipients += 1
            found.agreed_count += one.night
            excluded[ExcludedReason.DUPLICATE.value] -= 1
            _longer([(one.size, one.name)], found)
    found.excluded, found.types = dict(+excluded), dict(types)
    found.night = nights.of_count(draft, agreed=found.agreed_count, recipients=found.recipients)


def _further(tenant: Tenant, draft: Draft, checked: Checked, sieve: Sieve, shared: set[str]) -> Iterator[Kept]:
    """The texts beyond the first one of each shared phone, as `families` will send them."""
    had: dict[str, set[str]] = defaultdict(set)
    members: set[families.Whom] = set()
    taken: set[str] = set()
    for rows, _after in people.chunks(tenant, draft.to, checked.template):
        rows = [row for row in rows if row[2] in shared]
        for one in sieve.sort(rows, taken, render=True)[0]:
            had[one.phone].add(one.text)
            if one.member:
                members.add(families.whom(one.member, one.phone, guardians=bool(draft.to.via)))
        yield from families.further(sieve, rows, had, members)


def _longest(got: Measured, found: Quote) -> None:
    # Most chunks have nobody who is longer than the five found before: no look at each of them.
    if len(found.longest) < LONGEST or max(got.sizes, default=0) > found.longest[-1][1]:
        top = heapq.nlargest(LONGEST, range(len(got.sizes)), key=got.sizes.__getitem__)
        _longer([(got.sizes[n], got.rows[n][1]) for n in top], found)


def _longer(more: list[tuple[int, str]], found: Quote) -> None:
    both = [*found.longest, *((name, size) for size, name in more)]
    found.longest = heapq.nlargest(LONGEST, both, key=lambda pair: pair[1])
    found.longest_bytes = found.longest[0][1] if found.longest else 0


def _missing(rows: list[Row], sieve: Sieve, wanted: list[str], found: Quote) -> None:
    for name in wanted:
        blank = sieve.blank(rows, name)
        if blank:
            lack = found.missing.setdefault(name, Missing())
            lack.count += len(blank)
            lack.names += [row[1] for row in blank[: NAMES - len(lack.names)]]


def _note(tenant: Tenant, found: Quote, checked: Checked, account: AligoAccount) -> None:
    found.notices += [(problem.code, str(problem)) for problem in checked.problems]
    found.notices += policies.notices(tenant)
    if found.night and found.recipients:
        problem = found.night.problem
        found.notices += [(problem.code, str(problem))] if problem else found.night.notices
    for name, lack in found.missing.items():
        sentence = _("{count:,}명은 {field} 값이 비어 있어요. #{{{field}|회원}}처럼 대신할 말을 적을 수 있어요.")
        found.notices.append(("missing_field", sentence.format(count=lack.count, field=name)))
    if found.excluded.get("too_long"):
        sentence = _("{count:,}명은 내용이 너무 길어서 보낼 수 없어요. 내용을 줄여 주세요.")
        found.notices.append(("too_long_for_some", sentence.format(count=found.excluded["too_long"])))
    if found.own_number:
        sentence = ngettext(
            "{count:,}명은 그런 연락처가 없어서 본인 번호로 보내요.",
            "{count:,}명은 그런 연락처가 없어서 본인 번호로 보내요.",
            found.own_number,
        )
        found.notices.append((OWN_NUMBERS, sentence.format(count=found.own_number)))
    if found.dead_number:
        sentence = ngettext(
            "{count:,}명의 번호는 세 번 잇달아 없는 번호로 돌아왔어요. 새 번호를 물어보거나 빼고 보내 주세요.",
            "{count:,}명의 번호는 세 번 잇달아 없는 번호로 돌아왔어요. 새 번호를 물어보거나 빼고 보내 주세요.",
            found.dead_number,
        )
        found.notices.append((DEAD_NUMBERS, sentence.format(count=found.dead_number)))
    if not found.enough:
        found.notices.append(("balance", _("알리고 잔액이 모자라요. 알리고에서 충전한 뒤 보내 주세요.")))
    elif forecasts.is_short(found.forecast):
        found.notices.append(
            ("forecast", _("예약해 둔 문자까지 보내기에는 알리고 잔액이 모자라요. 예약 시각 전에 충전해 주세요."))
        )
    if not account.is_live:
        found.notices.append(("sandbox", _("연습 계정이라 실제로 보내지 않아요. 알리고를 연결하면 실제로 보내요.")))
