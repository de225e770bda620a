"""Reads of single texts: of a dispatch, of a person; and failures in plain words."""

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, NullIf, Reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Tenant
from members.models import Member
from members.selectors.merged import ids_with
from messaging.enums import BatchState, MessageState
from messaging.models import Batch, Dispatch, Joined, Message

JOINED_MOST = 500  # the latest texts to a child's guardian that its history looks for
OFTEN = 200  # of so many one: walking a dispatch by phone soon finds a page of them
# A batch that is done has no open messages; the others lend theirs their own word.
LENT = [state for state in BatchState.values if state != BatchState.DONE]


def messages(dispatch: Dispatch, state: str | None = None) -> QuerySet[Message]:
    """Texts of a dispatch by phone, each with `effective_state`, `effective_reason`, `full_text`, `type`, `sent_at`."""
    found = Message.objects.filter(dispatch=dispatch)
    if state:
        found = found.filter(_in_state(state, dispatch))
    return with_state(found).order_by("phone", "id")


def history(tenant: Tenant, member: Member) -> QuerySet[Message]:
    """What this member was sent, newest first."""
    return of_member(tenant, ids_with(tenant, member), member.phone).order_by("-id")


def of_member(tenant: Tenant, ids: list[int], phone: str) -> QuerySet[Message]:
    """Texts to a member, who is all of these ids, also before the member was one: by id and by phone.

    Texts to a guardian of several children are each child's.
    """
    mine = Q(member_id__in=ids)
    joined = Joined.objects.filter(tenant=tenant, member_id__in=ids).order_by("-id")
    theirs: dict[str, list[int]] = {}
    for dispatch, guardians in joined.values_list("dispatch_id", "phone")[:JOINED_MOST]:
        theirs.setdefault(guardians, []).append(dispatch)
    for guardians, dispatches in theirs.items():
        mine |= Q(dispatch_id__in=dispatches, phone=guardians)
    if phone:
        mine |= Q(turned=phone[::-1])
    found = Message.objects.filter(tenant=tenant).alias(turned=Reverse("phone")).filter(mine)
    return _with_mode(with_state(found))


def at_phone(found: QuerySet[Message], digits: str, *, whole: bool = True) -> QuerySet[Message]:
    """Those to this number, or to numbers that end so; by the index of reversed numbers."""
    turned = digits[::-1]
    found = found.alias(turned=Reverse("phone"))
    return found.filter(turned=turned) if whole else found.filter(turned__gte=turned, turned__lt=f"{turned}:")


def _with_mode(found: QuerySet[Message]) -> QuerySet[Message]:
    """Where texts of many dispatches stand together, `mode` tells those written to practise."""
    return found.annotate(mode=F("dispatch__mode"))


def with_state(found: QuerySet[Message]) -> QuerySet[Message]:
    """A message's own final word, or else its batch's."""
    word = CharField()
    lent = Coalesce(NullIf("state", Value("")), F("batch__state"), output_field=word)
    why = Case(When(state="", then=F("batch__refusal")), default=F("reason"), output_field=word)
    text = Coalesce(NullIf("text", Value("")), F("batch__text"), output_field=word)
    return found.select_related("batch").annotate(
        effective_state=lent,
        effective_reason=why,
        full_text=text,
        type=F("batch__type"),
        sent_at=F("batch__accepted_at"),
    )


def _in_state(state: str, dispatch: Dispatch) -> Q:
    """Messages of that effective state, by the batches that hold or lend it.

    Those are read first: named, they tell PostgreSQL when walking a million texts for a rare state is the longer way;
    unnamed, that walking is the shorter one.
    """
    batches, condition = Batch.objects.filter(dispatch=dispatch), Q(pk__in=[])
    if state in MessageState.values:
        name = f"{state}_count"
        held = dict(batches.filter(**{f"{name}__gt": 0}).values_list("pk", name))
        often = sum(held.values()) * OFTEN > (dispatch.total or 0)
        condition |= Q(state=state) if often else Q(state=state, batch__in=list(held))
    if state in LENT:
        condition |= Q(state="", batch__in=list(batches.filter(state=state).values_list("pk", flat=True)))
    return condition


_FAILURES = {
    "bad_number": (_("없는 번호이거나 문자를 받을 수 없는 번호예요."), _("회원의 번호를 확인해 고쳐 주세요.")),
    "no_subscriber": (_("지금은 쓰이지 않는 번호예요."), _("회원에게 새 번호를 물어봐 주세요.")),
    "other": (_("통신사가 전하지 못했어요."), _("잠시 뒤 다시 보내 보세요.")),
    "no_result": (
        _("80시간 동안 결과를 받지 못했어요. 도착했을 수도 있어요."),
        _("꼭 전해야 하면 전화로 확인해 주세요."),
    ),
    "said_sent": (
        _("직원이 보낸 것으로 정했어요. 도착했는지는 알 수 없어요."),
        _("꼭 전해야 하면 전화로 확인해 주세요."),
    ),
    "rejected": (_("알리고가 이 문자를 받지 않았어요."), _("내용과 제목을 고쳐서 다시 보내 주세요.")),
    "expired": (_("유효 기한이 지나 보내지 않았어요."), _("지금도 필요하면 이 내용으로 새로 보내 주세요.")),
    "cancelled": (_("보내기 전에 멈췄어요."), _("보내려면 새로 보내 주세요.")),
    "opted_out": (_("수신을 거부한 번호라 보내지 않았어요."), _("다시 받겠다고 하면 수신거부에서 지워 주세요.")),
    "no_consent": (
        _("그 사이에 광고 수신 동의를 거둬서 보내지 않았어요."),
        _("다시 받겠다고 하면 회원 화면에 동의를 적어 주세요."),
    ),
    "paid": (_("그 사이에 밀린 회비를 내서 보내지 않았어요."), _("더 하실 일은 없어요.")),
    "gone": (_("그 사이에 회원 명단에서 지워져 보내지 않았어요."), _("잘못 지웠다면 휴지통에서 되살려 주세요.")),
}
_UNSAID = (_("보내지 못했어요."), _("잠시 뒤 다시 보내 보세요."))


def failure_words(reason: str) -> tuple[str, str]:
    """What happened to a text, and what to do next, for somebody who knows nothing of carriers."""
    what, then = _FAILURES.get(reason, _UNSAID)
    return str(what), str(then)
