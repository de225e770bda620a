"""States and problems in a person's words, each with what to do next. Sentences only: nothing is decided here."""

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from messaging.enums import AccountState, DispatchState, HoldReason, MessageState, Source, Type
from messaging.models import AligoAccount, Dispatch
from messaging.selectors import forecasts
from messaging.selectors.stops import Waiting
from ui.times import kago, kdatetime

_FIELD = re.compile(r"#\{([^{}|\n]+)(?:\|[^{}\n]*)?\}")


@dataclass(frozen=True)
class Fix:
    """A problem, how to mend it, and where: `page` is a page of ours, `aligo` says that the place is Aligo's site."""

    title: str
    text: str
    action: str = ""
    page: str = ""
    aligo: bool = False
    ips: bool = False
    everybody: bool = False  # may open `page`, not only who may change settings
    resume: str | None = None  # on the button that goes on; None: the usual words, empty: no such button


def account_fix(code: str) -> Fix | None:
    """What to do about an Aligo account that refuses; None where all is well or nothing was tried yet."""
    ips = ", ".join(settings.EGRESS_IPS) or _("고객센터에 물어봐 주세요")
    fixes: dict[str, Fix] = {
        HoldReason.IP: Fix(
            _("알리고에 우리 서버 IP가 등록되어 있지 않아요."),
            _("알리고 사이트의 연동형API → 신청/인증에서 발송 서버 IP에 {ips} 주소를 넣고 다시 확인해 주세요.").format(
                ips=ips
            ),
            _("알리고 IP 등록 열기"),
            aligo=True,
            ips=True,
        ),
        HoldReason.AUTH: Fix(
            _("알리고 아이디나 API 키가 맞지 않아요."),
            _("알리고 사이트에서 키를 다시 복사해 넣어 주세요. 앞뒤에 빈칸이 있으면 안 돼요."),
            _("키 다시 넣기"),
            page="messaging:aligo",
        ),
        HoldReason.UNUSABLE: Fix(
            _("이 알리고 계정은 아직 API를 쓸 수 없어요."),
            _("알리고 사이트의 연동형API → 신청/인증에서 사용 신청을 먼저 해 주세요."),
            _("알리고 신청 화면 열기"),
            aligo=True,
        ),
        HoldReason.SENDER: Fix(
            _("알리고에 등록되지 않은 발신번호예요."),
            _("알리고 사이트에서 이 번호를 발신번호로 등록해 주세요. 통신사 서류 확인에 하루쯤 걸려요."),
            _("발신번호 보기"),
            page="messaging:sender-list",
        ),
        HoldReason.BALANCE: Fix(
            _("알리고 잔액이 모자라요."),
            _("알리고 사이트에서 충전한 뒤 이어서 보내 주세요."),
            _("알리고에서 충전하기"),
            aligo=True,
        ),
        AccountState.DOWN: Fix(
            _("알리고가 대답하지 않아요."), _("알리고 쪽 문제일 수 있어요. 몇 분 뒤 다시 확인해 주세요.")
        ),
    }
    return (fixes | _hold_fixes()).get(code.removeprefix("aligo_"))


def _hold_fixes() -> dict[str, Fix]:
    """What holds a dispatch without any fault of the Aligo account."""
    return {
        HoldReason.EXPIRED_ACCESS: Fix(
            _("이용 기간이 끝나 문자를 보낼 수 없어요."), _("이용 기간을 늘리면 남은 문자를 이어서 보낼 수 있어요.")
        ),
        HoldReason.PERSON: Fix(
            _("직원이 잠시 멈췄어요."), _("이어서 보내기를 누르면 남은 문자를 보내요."), resume=_("이어서 보내기")
        ),
        HoldReason.STOPPED: Fix(
            _("모든 발송을 멈춰 두었어요."),
            _("다시 보내기 시작하면 이 발송도 이어서 나가요. 그때까지 남은 문자는 그대로 있어요."),
            _("멈춘 발송 보기"),
            page="messaging:sending",
            everybody=True,
            resume="",
        ),
        HoldReason.LATE: Fix(
            _("보내려던 때에서 하루가 넘게 지났어요."),
            _("지금 보내도 맞는 내용인지 봐 주세요. 맞으면 이어서 보내고, 아니면 남은 문자를 보내지 않기로 해 주세요."),
            resume=_("지금 보내도 괜찮아요, 이어서 보내기"),
        ),
        HoldReason.DISCONNECTED: Fix(
            _("알리고 연결이 끊겨 있어요."),
            _("다시 연결하면 남은 문자를 이어서 보내요. 보내지 않으려면 취소해 주세요."),
            _("알리고 연결하기"),
            page="messaging:aligo",
        ),
        HoldReason.GROUP_GONE: Fix(
            _("고른 그룹이 지워졌어요."),
            _(
                "지워진 그룹은 빼고 이어서 보내요. 빼기로 했던 그룹이면 거기 있던 분들께도 가요. "
                "아니면 취소하고 받는 사람을 다시 골라 주세요."
            ),
            resume=_("이어서 보내기"),
        ),
        HoldReason.SEGMENT_GONE: Fix(
            _("조건그룹이나 태그가 지워졌거나 고쳐야 해요."),
            _(
                "지워진 것은 빼고 이어서 보내요. 빼기로 했던 것이면 거기 있던 분들께도 가요. "
                "고쳐야 할 조건그룹은 고친 뒤 이어서 보내 주세요."
            ),
            resume=_("이어서 보내기"),
        ),
    }


def dispatch_state(dispatch: Dispatch) -> str:
    """What is happening to a dispatch, as one would tell a colleague."""
    if dispatch.state == DispatchState.HELD:
        return _("보내기를 멈췄어요. 아직 나가지 않은 문자는 그대로 있어요.")
    if waits(dispatch):
        return _("아직 아무에게도 보내지 않았어요.")
    if dispatch.state == DispatchState.SCHEDULED:
        return _("{when}에 보낼 거예요.").format(when=kdatetime(dispatch.send_at))
    if is_undone(dispatch):
        return _("보내기 전에 되돌렸어요. 아무에게도 보내지 않았어요.")
    if dispatch.state == DispatchState.FINISHED and dispatch.total == 0:
        return _("받을 수 있는 사람이 없어 아무에게도 보내지 않았어요.")
    known: dict[str, str] = {
        DispatchState.AWAITING_APPROVAL: _("책임자의 승인을 기다리고 있어요."),
        DispatchState.PREPARING: _("받는 사람을 정리하고 있어요."),
        DispatchState.SENDING: _("보내고 결과를 확인하고 있어요."),
        DispatchState.FINISHED: _("모두 끝났어요."),
        DispatchState.CANCELLED: _("보내지 않은 문자를 취소했어요."),
    }
    return known.get(dispatch.state, "")


def waits(dispatch: Dispatch) -> bool:
    """Whether it was sent to many a moment ago and can still be taken back."""
    return dispatch.state == DispatchState.SCHEDULED and dispatch.undo_until is not None


def is_undone(dispatch: Dispatch) -> bool:
    """Whether it was taken back in its seconds of second thoughts."""
    return dispatch.state == DispatchState.CANCELLED and dispatch.undo_until is not None and not dispatch.total


def state_label(dispatch: Dispatch) -> str:
    """Its state in a word or two, as the badge shows it."""
    return _("곧 보내요") if waits(dispatch) else dispatch.get_state_display()


def go_on_question(waiting: Waiting) -> str:
    """What happens on going on after a stop, said before it does."""
    said = [_("다시 보내기 시작할까요?")]
    if waiting.leaving:
        is_counted = waiting.texts or not waiting.uncounted
        leaving = (
            _("발송 {dispatches:,}건의 문자 {texts:,}통이 바로 나가요.")
            if is_counted
            else _("발송 {dispatches:,}건이 바로 나가요.")
        )
        said.append(leaving.format(dispatches=waiting.leaving, texts=waiting.texts))
    if waiting.uncounted:
        uncounted = _("이 가운데 {count:,}건은 받는 사람을 아직 세지 않았어요.")
        said.append(uncounted.format(count=waiting.uncounted))
    if waiting.nightly:
        nightly = _("광고 {count:,}건은 밤이라 08:00부터 나가요. 밤에도 받기로 한 분에게는 바로 나가요.")
        said.append(nightly.format(count=waiting.nightly))
    if waiting.late:
        late = _("하루 넘게 늦은 {count:,}건은 나가기 전에 먼저 물어봐요.")
        said.append(late.format(count=waiting.late))
    if waiting.expired:
        expired = _("유효 기한이 지난 {count:,}건은 보내지 않아요.")
        said.append(expired.format(count=waiting.expired))
    return "\n".join(said)


def edit_gone(dispatch: Dispatch) -> str:
    """Why a schedule that somebody was changing can't be changed any more; empty while it can."""
    if dispatch.state == DispatchState.SCHEDULED:
        return ""
    if dispatch.state == DispatchState.CANCELLED and not dispatch.first_sent_at:
        return _("이 예약은 그 사이에 취소됐어요. 아무에게도 보내지 않아요.")
    return _("이 예약은 그 사이에 예약된 내용 그대로 보내기 시작했어요.")


def title(dispatch: Dispatch) -> str:
    """Its name, or the line its text begins with; merge fields read as 〈이름〉."""
    if dispatch.name:
        return dispatch.name
    first = next((line.strip() for line in dispatch.text.splitlines() if line.strip()), "")
    plain = _FIELD.sub(r"〈\1〉", first)
    return (plain[:60] + "…" if len(plain) > 60 else plain) or _("이름 없는 발송")


def plan(dispatch: Dispatch) -> str:
    """단문 320 + 장문 20: what a scheduled dispatch would be if it went out now; empty until counted."""
    if dispatch.state != DispatchState.SCHEDULED:
        return ""
    counts = {kind: getattr(dispatch, f"planned_{kind.value.lower()}") for kind in Type}
    return " + ".join(f"{kind.label} {count:,}" for kind, count in counts.items() if count)


def source(dispatch: Dispatch) -> str:
    return str(Source(dispatch.source).label) if dispatch.source in Source else dispatch.source


def message_state(state: str) -> str:
    """A message's shown state: its own final word, or its batch's."""
    known: dict[str, str] = {
        "queued": _("대기"),
        "sending": _("보내는 중"),
        "accepted": _("결과 기다림"),
        "unknown": _("확인 중"),
        MessageState.DELIVERED: _("발송 완료"),
        MessageState.FAILED: _("실패"),
        MessageState.NO_RESULT: _("결과 미수신"),
        MessageState.REJECTED: _("알리고가 거절"),
        MessageState.EXPIRED: _("기한이 지남"),
        MessageState.CANCELLED: _("보내지 않음"),
    }
    return known.get(state, state)


def trouble(account: AligoAccount | None) -> str:
    """The account's problem as a code for account_fix(); empty where there is none."""
    return (account.held_reason or account.state) if account else ""


def balance(account: AligoAccount | None) -> dict[str, Any]:
    """The balance as components/balance.html reads it; counts that are not known are None."""
    if account is None:
        nothing = dict.fromkeys(("SMS", "LMS", "MMS", "checked_at", "ahead"))
        return {**nothing, "problem": "", "freshness": ""}
    fix, at = account_fix(trouble(account)), account.balance_at
    return {
        "SMS": account.sms_count,
        "LMS": account.lms_count,
        "MMS": account.mms_count,
        "checked_at": at,
        "ahead": forecasts.ahead(account),
        "problem": fix.title if fix else "",
        "freshness": _("{when} 기준").format(when=kago(at)) if at else "",
    }
