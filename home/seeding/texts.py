"""What the demo has sent: dispatches of every state that lasts, with batches, texts and people left out."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from accounts.models import Tenant, User
from members.models import Member
from messaging.enums import (
    BatchState,
    DispatchState,
    ExcludedReason,
    HoldReason,
    MessageState,
    OptOutScope,
    OptOutSource,
    Source,
    Type,
)
from messaging.models import Attempt, Batch, Dispatch, Excluded, Message, OptOut, Sender
from messaging.services import optouts
from messaging.services.prepare import receivers_hash, template_of
from ui import times

PACK = 500
SENDER = "0237890123"
REASONS = [("bad_number", "잘못된 번호"), ("no_subscriber", "결번"), ("other", "전송 실패")]


@dataclass(frozen=True)
class Story:
    """One past act of sending: how long ago, to how many, and how it went."""

    name: str
    text: str
    hours: float
    people: int
    state: str = DispatchState.FINISHED
    type: str = Type.SMS
    batch: str = BatchState.DONE
    last: str = ""  # the state of its last batch, where that differs
    held: str = ""
    source: str = Source.PAGE
    title: str = ""
    is_test: bool = False
    ad: bool = False


STORIES = [
    Story("개강 안내", "#{이름}님, 새 학기 수업이 3월 4일에 시작해요. 한빛체육관", 24 * 13, 800),
    Story("2월 회비 안내", "이번 달 회비는 25일까지 부탁드려요. 한빛체육관", 24 * 11, 620),
    Story("설 연휴 휴관", "설 연휴에는 쉬어요. 복 많이 받으세요. 한빛체육관", 24 * 9, 900),
    Story(
        "승급 심사 일정",
        "#{이름}님, 승급 심사가 토요일 오전 10시에 있어요. 도복과 띠를 꼭 챙겨 주시고 10분 먼저 와 주세요. "
        "부모님도 함께 오셔서 응원해 주세요. 주차는 건물 뒤편에 할 수 있어요. 한빛체육관",
        24 * 7,
        240,
        type=Type.LMS,
        title="승급 심사 안내",
    ),
    Story(
        "겨울 등록 할인",
        "#{이름}님, 12월에 3개월을 등록하면 한 달을 더 드려요. 안내 데스크에 말씀해 주세요.",
        24 * 6,
        300,
        type=Type.LMS,
        title="겨울 등록 할인",
        ad=True,
    ),
    Story("셔틀 시간 변경", "내일부터 2호차가 10분 일찍 출발해요. 한빛체육관", 24 * 5, 130),
    Story("정전 안내", "오늘 저녁 8시부터 정전이라 수업을 쉬어요. 한빛체육관", 24 * 4, 410, source=Source.API),
    Story("체험 수업 초대", "토요일 체험 수업에 오세요. 한빛체육관", 24 * 3, 90, last=BatchState.REJECTED),
    Story("시험 발송", "김민준님, 내일 뵈어요. 한빛체육관", 50, 1, is_test=True, source=Source.TEST),
    Story(
        "주말 특강 안내",
        "이번 주말 특강 자리가 났어요. 한빛체육관",
        30,
        350,
        DispatchState.CANCELLED,
        last=BatchState.CANCELLED,
    ),
    Story("대회 신청 마감", "#{이름}님, 대회 신청은 오늘까지예요. 한빛체육관", 20, 260, last=BatchState.EXPIRED),
    Story(
        "사물함 정리",
        "사물함을 금요일까지 비워 주세요. 한빛체육관",
        3,
        180,
        DispatchState.HELD,
        batch=BatchState.QUEUED,
        held=HoldReason.PERSON,
    ),
    Story(
        "오늘 수업 안내",
        "오늘 저녁 수업은 7시에 시작해요. 한빛체육관",
        1,
        520,
        DispatchState.SENDING,
        last=BatchState.ACCEPTED,
    ),
    Story(
        "내일 휴관 안내", "내일은 방역으로 쉬어요. 한빛체육관", 0.1, 60, DispatchState.SENDING, batch=BatchState.UNKNOWN
    ),
]


def make(tenant: Tenant, user: User, members: list[Member], die: Random) -> None:
    """The sender, the opt-outs and every story; then what is scheduled."""
    Sender.objects.create(tenant=tenant, number=SENDER, label="대표 번호", is_default=True, confirmed_at=times.now())
    Sender.objects.create(tenant=tenant, number="01037890123", label="원장님 휴대폰")
    living = [m for m in members if m.phone and m.deleted_at is None]
    refused = _opt_outs(tenant, user, living, die)
    # Oldest first: the lists of texts are in the order of their ids.
    first, *rest = STORIES
    _again(tenant, user, _tell(tenant, user, first, living, refused, die), living, die)
    for story in rest:
        _tell(tenant, user, story, living, refused, die)
    _scheduled(tenant, user)


def _opt_outs(tenant: Tenant, user: User, living: list[Member], die: Random) -> dict[str, str]:
    """What each phone that refused has refused."""
    phones = list(dict.fromkeys(m.phone for m in living))
    picked = die.sample(phones, k=max(len(phones) // 60, 1)) if phones else []
    kinds = [(OptOutScope.ALL, OptOutSource.STAFF), (OptOutScope.ADS, OptOutSource.HOTLINE)]
    rows = []
    for n, phone in enumerate(picked):
        scope, source = kinds[n % 2]
        at = times.now() - timedelta(days=n % 300)
        rows.append(OptOut(tenant=tenant, phone=phone, scope=scope, source=source, at=at, by=user))
    OptOut.objects.bulk_create(rows)
    return {row.phone: row.scope for row in rows}


def _tell(
    tenant: Tenant, user: User, story: Story, living: list[Member], refused: dict[str, str], die: Random
) -> Dispatch | None:
    audience, left, seen = [], [], set()
    for member in die.sample(living, k=min(story.people, len(living))):
        if refused.get(member.phone) == OptOutScope.ALL or (story.ad and member.phone in refused):
            left.append((member, ExcludedReason.OPTED_OUT))
        elif story.ad and not member.ad_consent_at:
            left.append((member, ExcludedReason.NO_CONSENT))
        elif member.phone in seen:
            left.append((member, ExcludedReason.DUPLICATE))
        else:
            seen.add(member.phone)
            audience.append(member)
    if not audience:
        return None
    at = times.now() - timedelta(hours=story.hours)
    if story.ad:  # never at night
        at = times.day_start(times.seoul(at).date()) + timedelta(hours=11)
    story = replace(story, text=story.text.replace("한빛체육관", tenant.name))
    dispatch = _dispatch(tenant, user, story, at, len(audience), len(left))
    Excluded.objects.bulk_create(
        Excluded(tenant=tenant, dispatch=dispatch, member_id=m.pk, name=m.name, phone=m.phone, reason=reason)
        for m, reason in left
    )
    packs = [audience[n : n + PACK] for n in range(0, len(audience), PACK)]
    if story.last and len(packs) == 1 and len(audience) > 1:
        packs = [audience[: len(audience) // 2], audience[len(audience) // 2 :]]
    for number, pack in enumerate(packs, 1):
        state = story.last if story.last and number == len(packs) else story.batch
        _batch(dispatch, story, number, pack, state, at, die)
    return dispatch


def _dispatch(tenant: Tenant, user: User, story: Story, at: datetime, total: int, left: int) -> Dispatch:
    began = None if story.batch == BatchState.QUEUED else at + timedelta(seconds=4)
    dispatch = Dispatch.objects.create(
        tenant=tenant,
        name=story.name,
        text=story.text,
        title=story.title,
        sender=SENDER,
        ad=story.ad,
        audience={"all": True},
        state=story.state,
        held_reason=story.held,
        source=story.source,
        is_test=story.is_test,
        is_small=total <= 10,
        total=total,
        excluded_count=left,
        by=user,
        by_label=str(user),
        prepared_at=at,
        first_sent_at=began,
        finished_at=at + timedelta(minutes=7) if story.state in {"finished", "cancelled"} else None,
    )
    Dispatch.objects.filter(pk=dispatch.pk).update(created_at=at)
    return dispatch


def _batch(
    dispatch: Dispatch, story: Story, number: int, pack: list[Member], state: str, at: datetime, die: Random
) -> None:
    fates = [_fate(die) if state == BatchState.DONE else ("", "", "") for _m in pack]
    counts = Counter(fate[0] for fate in fates)
    sent = state in {BatchState.DONE, BatchState.ACCEPTED, BatchState.UNKNOWN}
    heard = sent and state != BatchState.UNKNOWN
    whole = {"rejected": BatchState.REJECTED, "expired": BatchState.EXPIRED, "cancelled": BatchState.CANCELLED}
    batch = Batch.objects.create(
        tenant=dispatch.tenant,
        dispatch=dispatch,
        number=number,
        type=story.type,
        title=f"(광고){story.title}" if story.ad else story.title,
        text="" if "#{" in story.text else story.text,
        sender=SENDER,
        size=len(pack),
        is_small=len(pack) <= 10,
        state=state,
        receivers_hash=receivers_hash(m.phone for m in pack),
        attempts=1 if sent else 0,
        attempt_started_at=at if sent else None,
        provider_id=f"{700000000 + dispatch.pk * 100 + number}" if heard else "",
        account=f"sandbox-{dispatch.tenant_id}" if sent else "",
        accepted_at=at + timedelta(seconds=5) if heard else None,
        unknown_at=None if heard or not sent else at,
        poll_at=times.now() + timedelta(hours=6) if state == BatchState.ACCEPTED else None,
        refusal=state if state in whole else "",
        delivered_count=counts[MessageState.DELIVERED],
        failed_count=counts[MessageState.FAILED],
        no_result_count=counts[MessageState.NO_RESULT],
        **{f"{name}_count": len(pack) for name, word in whole.items() if state == word},
    )
    if sent:
        Attempt.objects.create(
            tenant=dispatch.tenant,
            batch=batch,
            number=1,
            started_at=at,
            ended_at=at,
            outcome="accepted" if heard else "",
        )
    Message.objects.bulk_create(_messages(batch, dispatch, pack, fates, at), batch_size=PACK)


def _messages(
    batch: Batch, dispatch: Dispatch, pack: list[Member], fates: list[tuple[str, str, str]], at: datetime
) -> Iterable[Message]:
    words = _words(dispatch, pack)
    for member, (state, reason, said) in zip(pack, fates, strict=True):
        yield Message(
            tenant=dispatch.tenant,
            dispatch=dispatch,
            batch=batch,
            member_id=member.pk,
            name=member.name,
            phone=member.phone,
            text="" if batch.text else words(member),
            state=state,
            reason=reason,
            provider_state=said,
            result_at=at + timedelta(minutes=3) if state else None,
        )


def _words(dispatch: Dispatch, pack: list[Member]) -> Callable[[Member], str]:
    """Each one's text; an ad's with its blocks, which end in a code of the phone's own."""
    template = template_of(dispatch)
    coded = template.fields - {"이름"}
    codes = optouts.codes_for(tenant=dispatch.tenant, phones=[member.phone for member in pack]) if coded else {}
    return lambda member: template.render({"이름": member.name, **dict.fromkeys(coded, codes.get(member.phone, ""))})


def _fate(die: Random) -> tuple[str, str, str]:
    roll = die.random()
    if roll < 0.975:
        return MessageState.DELIVERED, "", "발송완료"
    if roll < 0.998:
        reason, said = die.choice(REASONS)
        return MessageState.FAILED, reason, said
    return MessageState.NO_RESULT, "no_result", ""


def _again(tenant: Tenant, user: User, first: Dispatch | None, living: list[Member], die: Random) -> None:
    """The failed of the first dispatch, sent once more."""
    if first is None:
        return
    story = Story(first.name, first.text, 24 * 12, 12, source=Source.RESEND)
    dispatch = _tell(tenant, user, story, living, {}, die)
    if dispatch is not None:
        Dispatch.objects.filter(pk=dispatch.pk).update(resend_of=first)


def _scheduled(tenant: Tenant, user: User) -> None:
    tomorrow = times.day_start(times.today() + timedelta(days=1))
    plans = [
        ("주간 수업 안내", "#{이름}님, 이번 주 수업 시간을 알려 드려요. 한빛체육관", tomorrow + timedelta(hours=10)),
        ("다음 달 회비 안내", "다음 달 회비는 25일까지 부탁드려요. 한빛체육관", tomorrow + timedelta(days=5, hours=14)),
    ]
    for name, text, at in plans:
        Dispatch.objects.create(
            tenant=tenant,
            name=name,
            text=text.replace("한빛체육관", tenant.name),
            sender=SENDER,
            audience={"all": True},
            state=DispatchState.SCHEDULED,
            send_at=at,
            plan_at=times.now(),
            by=user,
            by_label=str(user),
        )
