"""The language of segments once more, one member at a time in plain Python: what the database must agree with."""

import random
import re
from datetime import date, timedelta
from typing import Any

from accounts.models import Tag, Tenant
from members.enums import FieldKind, Stage
from members.models import Field, Group, Member, Membership, MemberTag
from members.search import derive
from ui import times

NAMES = ["김민준", "이서연", "박 민준", "Kim Lee", "최도윤", "남궁 민"]
PHONES = ["01012345678", "0237890123", "", "01099998888"]
MEMOS = ["", "미납 상담", "VIP 손님 100%", "차량_이용"]
OWN = {
    "반": (FieldKind.CHOICE, ["", "가", "나", "없는 말"]),
    "키": (FieldKind.NUMBER, ["", "120", "99.5", "-3", "백이십"]),
    "입회": (FieldKind.DATE, ["", "2026-01-05", "2026-11-28", "2027-02-01", "작년"]),
    "차량": (FieldKind.YES_NO, ["", "예", "아니오"]),
    "비고": (FieldKind.TEXT, ["", "abc 50%", "ABC", "[대괄호]", "a_b"]),
}


def world(tenant: Tenant, seed: int, count: int = 80) -> dict[str, Any]:
    """Members of every kind, with groups, tags and own columns."""
    dice = random.Random(seed)
    today = times.today()
    groups = [Group.objects.create(tenant=tenant, name=name) for name in ("월수", "화목", "주말")]
    tags = [Tag.objects.create(tenant=tenant, name=name) for name in ("단골", "형제")]
    for key, (kind, _values) in OWN.items():
        Field.objects.create(tenant=tenant, name=key, kind=kind, choices=["가", "나"] if key == "반" else [])
    for _ in range(count):
        _member(tenant, dice, today, groups, tags)
    return {"groups": [g.pk for g in groups], "tags": [t.pk for t in tags]}


def _member(tenant: Tenant, dice: random.Random, today: date, groups: list[Group], tags: list[Tag]) -> None:
    def day(low: int, high: int) -> date | None:
        return today + timedelta(dice.randint(low, high)) if dice.random() < 0.75 else None

    name, phone, memo = dice.choice(NAMES), dice.choice(PHONES), dice.choice(MEMOS)
    cho, tokens = derive(tenant.pk, name, phone, memo)
    owes = dice.random() < 0.4
    moment = times.day_start(today)
    member = Member.objects.create(
        tenant=tenant, name=name, phone=phone, memo=memo, name_cho=cho, tokens=tokens,
        birth_date=day(-20_000, -300), next_birthday=day(0, 364), stage=dice.choice(Stage.values), stage_on=day(-60, 0),
        source=dice.choice(["", "간판", "Naver"]), expires_on=day(-20, 20), sessions_left=dice.choice([None, 0, 3, 10]),
        last_visit_on=day(-60, 0), unpaid_won=50_000 if owes else 0,
        unpaid_since=day(-40, 0) or today if owes else None,
        ad_consent_at=dice.choice([None, moment]), night_consent_at=dice.choice([None, moment]),
        dead_at=dice.choice([None, None, moment]),
        fields={key: value for key, (_kind, values) in OWN.items() if (value := dice.choice(values))},
        deleted_at=moment if dice.random() < 0.1 else None,
    )  # fmt: skip
    at = times.day_start(today - timedelta(dice.randint(0, 40))) + timedelta(hours=dice.choice([0, 8, 10, 23]))
    Member.objects.filter(pk=member.pk).update(created_at=at)
    for group in groups:
        if dice.random() < 0.4:
            Membership.objects.create(tenant=tenant, member=member, group=group)
    for tag in tags:
        if dice.random() < 0.3:
            MemberTag.objects.create(tenant=tenant, member=member, tag=tag)


def holds(rule: dict[str, Any], member: Member, today: date) -> bool:
    """Whether the rule means this member."""
    if "all" in rule:
        return all(holds(part, member, today) for part in rule["all"])
    if "any" in rule:
        return any(holds(part, member, today) for part in rule["any"])
    if "not" in rule:
        return not holds(rule["not"], member, today)
    field, op, value = rule["field"], rule["op"], rule.get("value")
    return ASKED[field](member, op, value, today) if field in ASKED else _own(member, field[7:], op, value, today)


def _day(have: date | None, op: str, value: Any, today: date) -> bool:
    if op in ("empty", "not_empty"):
        return (have is None) == (op == "empty")
    if have is None:
        return False
    gap = (have - today).days
    relative = {
        "within_next": lambda: 0 <= gap <= value,
        "left_or_more": lambda: gap >= value,
        "past": lambda: gap < 0,
        "not_past": lambda: gap >= 0,
        "within_last": lambda: -value <= gap <= 0,
        "ago_or_more": lambda: gap <= -value,
        "on": lambda: have.isoformat() == value,
        "since": lambda: have.isoformat() >= value,
        "until": lambda: have.isoformat() <= value,
        "between": lambda: value[0] <= have.isoformat() <= value[1],
    }
    return relative[op]()


def _number(have: float | None, op: str, value: Any) -> bool:
    if op in ("empty", "not_empty"):
        return (have is None) == (op == "empty")
    if have is None:
        return False
    return {
        "min": lambda: have >= value,
        "max": lambda: have <= value,
        "is": lambda: have == value,
        "between": lambda: value[0] <= have <= value[1],
    }[op]()


def _text(have: str, op: str, value: Any, squeeze: bool = False) -> bool:
    have, wanted = have.lower(), (value or "").lower()
    if squeeze:
        have, wanted = have.replace(" ", ""), wanted.replace(" ", "")
    return {
        "contains": wanted in have,
        "not_contains": wanted not in have,
        "is": have == wanted,
        "is_not": have != wanted,
        "empty": have == "",
        "not_empty": have != "",
    }[op]


def _picks(have: set[Any], op: str, value: Any) -> bool:
    return {
        "in": lambda: bool(have & set(value)),
        "all": lambda: set(value) <= have,
        "not_in": lambda: not have & set(value),
        "empty": lambda: not have,
        "not_empty": lambda: bool(have),
    }[op]()


def _flag(have: Any, op: str) -> bool:
    return bool(have) == (op == "yes")


def _phone(m: Member, op: str) -> bool:
    can = m.phone.startswith("01") and m.dead_at is None
    return {
        "can_receive": can, "cannot_receive": not can, "has": bool(m.phone), "none": not m.phone,
        "dead": m.dead_at is not None, "not_dead": m.dead_at is None,
    }[op]  # fmt: skip


def _birthday(have: date | None, op: str, value: Any, today: date) -> bool:
    if op in ("empty", "not_empty"):
        return (have is None) == (op == "empty")
    if have is None:
        return False
    if op == "within_next":
        return 0 <= (have - today).days <= value
    months = {"month": lambda: value, "this_month": lambda: [today.month], "next_month": lambda: [today.month % 12 + 1]}
    return have.month in months[op]()


def _age(born: date | None, op: str, value: Any, today: date) -> bool:
    if op == "empty" or born is None:
        return op == "empty" and born is None
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return _number(age, op, value)


def _own(m: Member, key: str, op: str, value: Any, today: date) -> bool:
    have, kind = m.fields.get(key, ""), OWN[key][0]
    if kind == FieldKind.NUMBER:
        return _number(float(have) if re.fullmatch(r"-?\d+(\.\d+)?", have) else None, op, value)
    if kind == FieldKind.DATE:
        return _day(date.fromisoformat(have) if re.fullmatch(r"\d{4}-\d\d-\d\d", have) else None, op, value, today)
    if kind == FieldKind.TEXT:
        return _text(have, op, value)
    return _picks({have} - {""}, op, value)


ASKED: dict[str, Any] = {
    "group": lambda m, op, v, t: _picks({x.group_id for x in m.memberships.all()}, op, v),
    "tag": lambda m, op, v, t: _picks({x.tag_id for x in m.member_tags.all()}, op, v),
    "stage": lambda m, op, v, t: _picks({m.stage}, op, v),
    "stage_on": lambda m, op, v, t: _day(m.stage_on, op, v, t),
    "expires_on": lambda m, op, v, t: _day(m.expires_on, op, v, t),
    "sessions_left": lambda m, op, v, t: _number(m.sessions_left, op, v),
    "last_visit_on": lambda m, op, v, t: _day(m.last_visit_on, op, v, t),
    "unpaid": lambda m, op, v, t: _flag(m.unpaid_won, op),
    "unpaid_won": lambda m, op, v, t: _number(m.unpaid_won, op, v),
    "unpaid_since": lambda m, op, v, t: _day(m.unpaid_since, op, v, t),
    "ad_consent": lambda m, op, v, t: _flag(m.ad_consent_at, op),
    "night_consent": lambda m, op, v, t: _flag(m.night_consent_at, op),
    "birthday": lambda m, op, v, t: _birthday(m.next_birthday, op, v, t),
    "age": lambda m, op, v, t: _age(m.birth_date, op, v, t),
    "phone": lambda m, op, v, t: _phone(m, op),
    "name": lambda m, op, v, t: _text(m.name, op, v, squeeze=True),
    "memo": lambda m, op, v, t: _text(m.memo, op, v),
    "source": lambda m, op, v, t: _text(m.source, op, v),
    "created_at": lambda m, op, v, t: _day(times.seoul(m.created_at).date(), op, v, t),
}
