"""Questions about what a member belongs to or carries: phone, birthday, groups, tags, other segments."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from members.models import Membership, MemberTag
from members.segments.columns import NEVER
from members.segments.marks import ALL, ANY, GROUPS, NONE, TAGS, Mark
from members.segments.questions import Ask, BadValue, Op, Question, Takes

NOTHING, PICKS = Takes.NOTHING, Takes.PICKS
AGE_MOST = 150


class PhoneQuestion(Question):
    OPS = {
        "can_receive": Op(_("문자를 받을 수 있음"), NOTHING, _("문자를 받을 수 [있는/있고]")),
        "cannot_receive": Op(_("문자를 받을 수 없음"), NOTHING, _("문자를 받을 수 [없는/없고]")),
        "has": Op(_("번호가 있음"), NOTHING, _("번호가 [있는/있고]")),
        "none": Op(_("번호가 없음"), NOTHING, _("번호가 [없는/없고]")),
        "dead": Op(_("없는 번호로 보임"), NOTHING, _("없는 번호로 [보이는/보이고]")),
        "not_dead": Op(_("없는 번호로 보이지 않음"), NOTHING, _("없는 번호로 보이지 [않는/않고]")),
    }

    def q(self, ask: Ask, op: str, value: Any) -> Q:
        if op in ("cannot_receive", "none", "dead"):
            return ~self.q(ask, {"cannot_receive": "can_receive", "none": "has", "dead": "not_dead"}[op], value)
        if op == "has":
            return ~Q(phone="")
        if op == "not_dead":
            return Q(dead_at=None)
        # Kept phones are numbers that `parse` has read or nothing, and of these only mobiles begin so.
        return Q(phone__gte="01", phone__lt="02", dead_at=None)


class BirthdayQuestion(Question):
    """The next birthday (lunar ones on their solar day), which is rolled on every night."""

    OPS = {
        "within_next": Op(_("앞으로 며칠 안"), Takes.DAYS, _("{subject} 앞으로 {value}일 안에 [있는/있고]")),
        "month": Op(_("몇 월"), Takes.MONTHS, _("{subject} {value}[인/이고]")),
        "this_month": Op(_("이번 달"), NOTHING, _("{subject} 이번 [달인/달이고]")),
        "next_month": Op(_("다음 달"), NOTHING, _("{subject} 다음 [달인/달이고]")),
        "empty": Op(_("모름"), NOTHING, _("{subject} 적혀 있지 [않은/않고]")),
        "not_empty": Op(_("적혀 있음"), NOTHING, _("{subject} 적혀 [있는/있고]")),
    }

    def q(self, ask: Ask, op: str, value: Any) -> Q:
        if op == "empty":
            return Q(next_birthday=None)
        if op == "not_empty":
            return Q(next_birthday__isnull=False)
        today = ask.today
        if op == "within_next":
            return Q(next_birthday__gte=today, next_birthday__lte=today + timedelta(days=value))
        months = value if op == "month" else [(today.month - 1 + (op == "next_month")) % 12 + 1]
        found = NEVER
        for month in months:
            for year in range(today.year - 1, today.year + 3):  # ranges, for the index knows no months
                found |= Q(next_birthday__gte=date(year, month, 1), next_birthday__lt=_month_after(year, month))
        return found


def _month_after(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1)


class AgeQuestion(Question):
    """Age in full years (만 나이) on the day it is asked."""

    OPS = {
        "min": Op(_("이상"), Takes.NUMBER, _("{subject} {value} [이상인/이상이고]")),
        "max": Op(_("이하"), Takes.NUMBER, _("{subject} {value} [이하인/이하이고]")),
        "between": Op(_("사이"), Takes.NUMBERS, _("{subject} {value} [사이인/사이이고]")),
        "empty": Op(_("모름"), NOTHING, _("{subject} 적혀 있지 [않은/않고]")),
    }

    def read(self, ask: Ask, op: str, value: Any) -> Any:
        read = super().read(ask, op, value)
        for age in read if isinstance(read, list) else [read]:
            if age is not None and not (0 <= age <= AGE_MOST and age == int(age)):
                raise BadValue(_t("나이를 0에서 150 사이의 숫자로 적어 주세요."))
        return read

    def q(self, ask: Ask, op: str, value: Any) -> Q:
        if op == "empty":
            return Q(birth_date=None)
        low, high = {"min": (value, None), "max": (None, value)}.get(op) or value
        found = Q()
        if low is not None:
            found &= Q(birth_date__lte=_years_before(ask.today, int(low)))
        if high is not None:
            found &= Q(birth_date__gt=_years_before(ask.today, int(high) + 1))
        return found


def _years_before(day: date, years: int) -> date:
    """The last day of birth with which somebody is that old."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


class GroupQuestion(Question):
    OPS = {
        "in": Op(_("가운데 하나라도 있음"), PICKS, _("{value} 그룹에 [있는/있고]")),
        "all": Op(_("모두에 있음"), PICKS, _("{value} 그룹에 모두 [있는/있고]")),
        "not_in": Op(_("어디에도 없음"), PICKS, _("{value} 그룹에 [없는/없고]")),
        "empty": Op(_("그룹이 하나도 없음"), NOTHING, _("그룹이 하나도 [없는/없고]")),
    }
    model: Any = Membership
    link = "group"
    marked = GROUPS

    def options(self, ask: Ask) -> list[tuple[Any, str]]:
        return [(pk, name) for pk, name in ask.catalog.groups.items()]

    def said(self, ask: Ask, op: str, value: Any) -> str:
        joiner = ", " if op == "all" else str(_(" 또는 "))
        labels = dict(self.options(ask))
        return joiner.join(_t("‘{word}’").format(word=labels.get(pk, pk)) for pk in value or [])

    def q(self, ask: Ask, op: str, value: Any) -> Q:
        if op == "not_in":
            return ~self.q(ask, "in", value)
        if op == "empty":
            return ~Q(Exists(self._carried(ask)))
        if op == "all":
            found = Q()
            for pk in value:
                found &= self.q(ask, "in", [pk])
            return found
        return Q(Exists(self._carried(ask).filter(**{f"{self.link}_id__in": value})))

    def mark(self, ask: Ask, op: str, value: Any) -> Mark | None:
        way = {"in": ANY, "all": ALL, "not_in": NONE}.get(op)
        return Mark(self.marked, way, tuple(value)) if way else None

    def _carried(self, ask: Ask) -> QuerySet[Any]:
        return self.model.objects.filter(tenant=ask.tenant, member_id=OuterRef("pk"))


class TagQuestion(GroupQuestion):
    OPS = {
        "in": Op(_("가운데 하나라도 있음"), PICKS, _("{value} 태그가 [있는/있고]")),
        "all": Op(_("모두 있음"), PICKS, _("{value} 태그가 모두 [있는/있고]")),
        "not_in": Op(_("하나도 없음"), PICKS, _("{value} 태그가 [없는/없고]")),
        "empty": Op(_("태그가 하나도 없음"), NOTHING, _("태그가 하나도 [없는/없고]")),
    }
    model = MemberTag
    link = "tag"
    marked = TAGS

    def options(self, ask: Ask) -> list[tuple[Any, str]]:
        return [(pk, name) for pk, name in ask.catalog.tags.items()]


class SegmentQuestion(Question):
    """Other segments; `reading` sees to it that none contains itself."""

    OPS = {
        "in": Op(_("가운데 하나에 듦"), PICKS, _("조건그룹 {value}에 [드는/들고]")),
        "not_in": Op(_("어디에도 들지 않음"), PICKS, _("조건그룹 {value}에 들지 [않는/않고]")),
    }

    def options(self, ask: Ask) -> list[tuple[Any, str]]:
        return [(pk, segment.name) for pk, segment in ask.catalog.segments.items()]

    def q(self, ask: Ask, op: str, value: Any) -> Q:
        if op == "not_in":
            return ~self.q(ask, "in", value)
        found = NEVER
        for pk in value:
            found |= ask.catalog.q_of_segment(ask, pk)
        return found
