"""What can be asked of a tenant's members: built-in questions, the tenant's own columns, facts of apps to the right."""

from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Tag, Tenant
from members.enums import FieldKind, Stage
from members.models import Field, Group, Segment
from members.segments.belonging import (
    AgeQuestion,
    BirthdayQuestion,
    GroupQuestion,
    PhoneQuestion,
    SegmentQuestion,
    TagQuestion,
)
from members.segments.columns import ChoiceQuestion, DayQuestion, NumberQuestion, TextQuestion, YesNoQuestion
from members.segments.questions import Ask, Question
from ui import times

OWN = "fields."  # of a tenant's own column: this and the column's key

_BUILT_IN: dict[str, Question] = {
    "group": GroupQuestion(_("그룹")),
    "tag": TagQuestion(_("태그")),
    "stage": ChoiceQuestion(_("단계"), Stage.choices, "stage"),
    "stage_on": DayQuestion(_("단계가 바뀐 날"), "stage_on", ahead=False),
    "expires_on": DayQuestion(_("만료일"), "expires_on"),
    "sessions_left": NumberQuestion(_("남은 횟수"), "sessions_left", unit=_("회")),
    "last_visit_on": DayQuestion(_("마지막 출석"), "last_visit_on", ahead=False),
    "unpaid": YesNoQuestion(
        _("미납"), _("회비를 안 [낸/냈고]"), _("밀린 회비가 [없는/없고]"),
        Q(unpaid_since__isnull=False, unpaid_won__gt=0), (_("있음"), _("없음")),
    ),
    "unpaid_won": NumberQuestion(_("미납 금액"), "unpaid_won", unit=_("원")),
    "unpaid_since": DayQuestion(_("회비 낼 날"), "unpaid_since", ahead=False),
    "ad_consent": YesNoQuestion(
        _("광고 수신동의"), _("광고 문자에 [동의한/동의했고]"), _("광고 문자에 동의하지 [않은/않았고]"),
        Q(ad_consent_at__isnull=False), (_("동의함"), _("동의하지 않음")),
    ),
    "night_consent": YesNoQuestion(
        _("밤 광고 수신동의"), _("밤 광고 문자에 [동의한/동의했고]"), _("밤 광고 문자에 동의하지 [않은/않았고]"),
        Q(night_consent_at__isnull=False), (_("동의함"), _("동의하지 않음")),
    ),
    "birthday": BirthdayQuestion(_("생일")),
    "age": AgeQuestion(_("나이(만)"), _("살")),
    "phone": PhoneQuestion(_("휴대폰")),
    "name": TextQuestion(_("이름"), "name", names=True),
    "memo": TextQuestion(_("메모"), "memo"),
    "source": TextQuestion(_("알게 된 경로"), "source"),
    "created_at": DayQuestion(_("등록한 날"), "created_at", ahead=False, moment=True, blank=False),
    "segment": SegmentQuestion(_("조건그룹")),
}  # fmt: skip
_facts: dict[str, Question] = {}


def register_fact(name: str, title: Any, question: Question) -> None:
    """Let segments ask what only an app to the right knows; `question` builds its own conditions on members."""
    question.title = title
    _facts[name] = question


class Catalog:
    """The questions of one tenant, each list of names read once."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant

    @cached_property
    def questions(self) -> dict[str, Question]:
        """Field of a condition → its question, in the order in which they are offered."""
        own = {OWN + field.key: _of_own(field) for field in self.own if field.kind != FieldKind.FILE}
        return {**_BUILT_IN, **own, **_facts}

    @cached_property
    def own(self) -> list[Field]:
        return list(Field.objects.filter(tenant=self.tenant).order_by("position", "id"))

    @cached_property
    def groups(self) -> dict[int, str]:
        rows = Group.objects.filter(tenant=self.tenant).order_by("position", "id")
        return dict(rows.values_list("pk", "name"))

    @cached_property
    def tags(self) -> dict[int, str]:
        return dict(Tag.objects.filter(tenant=self.tenant).order_by("name", "id").values_list("pk", "name"))

    @cached_property
    def segments(self) -> dict[int, Segment]:
        return {s.pk: s for s in Segment.objects.filter(tenant=self.tenant).order_by("position", "id")}

    def ask(self, today: date | None = None) -> Ask:
        return Ask(self.tenant, self, today or times.today())

    def q_of_segment(self, ask: Ask, pk: int) -> Q:
        """Who is in a saved segment: filled by `reading`, which knows rules."""
        raise NotImplementedError


def _of_own(field: Field) -> Question:
    """The question that fits the kind of a tenant's own column."""
    title = field.name
    if field.kind == FieldKind.NUMBER:
        return NumberQuestion(title, own=field.key)
    if field.kind == FieldKind.DATE:
        return DayQuestion(title, own=field.key)
    if field.kind == FieldKind.CHOICE:
        return ChoiceQuestion(title, [(word, word) for word in field.choices], own=field.key)
    if field.kind == FieldKind.YES_NO:
        return ChoiceQuestion(title, [("예", _("예")), ("아니오", _("아니오"))], own=field.key)
    return TextQuestion(title, own=field.key)
