"""What segments may ask of texts: when somebody was texted last, and what became of it."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils.translation import gettext_lazy as _

from members.models import Member
from members.segments import Ask, Op, Question, Takes
from messaging.enums import MessageState
from messaging.models import Joined, Message
from messaging.selectors.leaving import reaching, recently_texted, sent


class TextedQuestion(Question):
    """Whether a member had a text, tests, practice and what reached nobody left out; by the member, whatever number it
    went to, a guardian's too."""

    OPS = {
        "within_last": Op(_("지난 며칠 안에 받음"), Takes.DAYS, _("지난 {value}일 안에 문자를 [받은/받았고]")),
        "not_within": Op(_("며칠 동안 받지 않음"), Takes.DAYS, _("{value}일 동안 문자를 받지 [않은/않았고]")),
        "never": Op(_("한 번도 받지 않음"), Takes.NOTHING, _("문자를 한 번도 받지 [않은/않았고]")),
    }

    def q(self, ask: Ask, op: str, value: Any) -> Q:
        if op == "not_within":
            return ~self.q(ask, "within_last", value)
        texts = reaching(ask.tenant) if op == "never" else recently_texted(ask.tenant, value)
        theirs = texts.filter(dispatch_id=OuterRef("dispatch_id"), phone=OuterRef("phone"))
        joined = Joined.objects.filter(Exists(theirs), tenant=ask.tenant, member_id=OuterRef("pk"))
        parts = Member.objects.filter(Exists(texts.filter(member_id=OuterRef("pk"))), merged_into=OuterRef("pk"))
        had = Q(Exists(texts.filter(member_id=OuterRef("pk")))) | Q(Exists(joined)) | Q(Exists(parts))
        return ~had if op == "never" else had


class LastTextQuestion(Question):
    """What became of the last text; tests, practice and what was stopped are none."""

    OPS = {
        "failed": Op(_("실패함"), Takes.NOTHING, _("마지막 문자가 [실패한/실패했고]")),
        "delivered": Op(_("도착함"), Takes.NOTHING, _("마지막 문자가 [도착한/도착했고]")),
    }

    def q(self, ask: Ask, op: str, value: Any) -> Q:
        state = MessageState.FAILED if op == "failed" else MessageState.DELIVERED
        texts, member = sent(ask.tenant), OuterRef(OuterRef("pk"))
        own = texts.filter(member_id=member).order_by("-pk").values("pk")[:1]
        # A text to a guardian of several hangs on one child; the rows of Joined lead to it from the others.
        theirs = texts.filter(dispatch_id=OuterRef("dispatch_id"), phone=OuterRef("phone")).values("pk")[:1]
        joined = Joined.objects.filter(tenant=ask.tenant, member_id=member).annotate(text=Subquery(theirs))
        other = joined.exclude(text=None).order_by("-pk").values("text")[:1]
        last = Greatest(Coalesce(Subquery(own), 0), Coalesce(Subquery(other), 0))
        return Q(Exists(Message.objects.filter(tenant=ask.tenant, state=state, pk=last)))
