"""The refusals messaging can utter, each with a sentence that says what to do next."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.exceptions import Refusal
from messaging.enums import ExcludedReason


# --- Drafts ---------------------------------------------------------------------------------------------------------
class BadAudience(Refusal):
    code = "bad_recipients"
    message = _("받는 사람을 알아볼 수 없어요. 다시 골라 주세요.")


class GroupGone(Refusal):
    code = "unknown_group"
    message = _("고른 그룹 가운데 없는 그룹이 있어요. 받는 사람을 다시 골라 주세요.")


class SegmentGone(Refusal):
    code = "unknown_segment"
    message = _("고른 조건그룹이나 태그 가운데 없어졌거나 고쳐야 하는 것이 있어요. 받는 사람을 다시 골라 주세요.")


class BadException(Refusal):
    """Who was to be left out would get the text if this were passed over."""

    code = "bad_exception"

    def __init__(self, values: list[str]) -> None:
        sentence = _now("빼고 보낼 번호 가운데 읽을 수 없는 것이 있어요: {values} 고치거나 지워 주세요.").format(
            values=", ".join(values[:3])
        )
        super().__init__(sentence, fields={"to.except": [sentence]})


class StaleSchedule(Refusal):
    code = "changed_meanwhile"
    message = _("그 사이에 다른 화면에서 이 예약을 고쳤어요. 지금 쓴 내용으로 바꾸려면 한 번 더 눌러 주세요.")
    status = 409


class NoRecipients(Refusal):
    code = "no_recipients"
    message = _("문자를 받을 사람이 없어요. 받는 사람을 골라 주세요.")


class NobodyAgreed(NoRecipients):
    message = _(
        "고른 사람 가운데 광고 문자를 받기로 한 사람이 없어요. 동의를 받았다면 회원 정보에 적은 뒤 다시 보내 주세요."
    )


class EmptyText(Refusal):
    code = "empty_text"
    message = _("보낼 내용이 비어 있어요. 내용을 적어 주세요.")


class BadText(Refusal):
    code = "bad_text"
    message = _("문자를 읽을 수 없어요. 내용을 다시 확인해 주세요.")


class UnsendableText(Refusal):
    code = "unsendable_characters"

    def __init__(self, characters: list[str], field: str = "text") -> None:
        self.characters = characters
        if field == "title":
            sentence = _now("제목에 문자로 보낼 수 없는 글자가 있어요: {characters} 지우거나 바꿔 주세요.")
        else:
            sentence = _now("문자로 보낼 수 없는 글자가 있어요: {characters} 지우거나 바꿔 주세요.")
        sentence = sentence.format(characters=" ".join(characters[:10]))
        super().__init__(sentence, fields={field: [sentence]})


class UnknownField(Refusal):
    code = "unknown_field"

    def __init__(self, names: list[str]) -> None:
        self.names = names
        sentence = _now("없는 항목이에요: {names} 항목 이름을 확인해 주세요.").format(
            names=", ".join(f"#{{{name}}}" for name in names[:5])
        )
        super().__init__(sentence, fields={"text": [sentence]})


class FieldInTitle(Refusal):
    code = "field_in_title"
    message = _("제목에는 항목을 넣을 수 없어요. 내용에 넣어 주세요.")


class SenderMissing(Refusal):
    code = "sender_missing"
    message = _("등록된 발신번호가 없어요. 발신번호를 먼저 등록해 주세요.")


class SenderNotRegistered(Refusal):
    code = "sender_not_registered"
    message = _("등록되지 않은 발신번호예요. 발신번호를 먼저 등록하거나 다른 번호를 골라 주세요.")


class AdMarkForbidden(Refusal):
    """AD5: a mark dressed up to slip past filters is itself an offence."""

    code = "ad_mark_forbidden"

    def __init__(self, marks: list[str], field: str = "text") -> None:
        sentence = _now("{marks} 같은 표시는 쓸 수 없어요. 지워 주세요. (광고) 표시는 저절로 들어가요.").format(
            marks=", ".join(marks[:3])
        )
        super().__init__(sentence, fields={field: [sentence]})


class AdNotSwitchedOn(Refusal):
    """It says of itself that it is an ad, and would leave without the way to refuse it."""

    code = "ad_not_switched_on"
    message = _("광고 표시로 시작하는 문자예요. 광고라면 '광고 문자예요'를 켜고 표시는 지워 주세요.")

    def __init__(self, field: str = "text") -> None:
        super().__init__(fields={field: [self.message]})


class AdNameUnsendable(Refusal):
    code = "ad_name_unsendable"
    message = _("광고에 적는 이름에 문자로 보낼 수 없는 글자가 있어요. 발송 설정에서 '광고에 적을 이름'을 바꿔 주세요.")


class EachReasonMissing(Refusal):
    code = "same_phone_reason_missing"
    message = _("같은 번호에 따로 보내는 까닭을 적어 주세요. 예: 자녀별 성적 안내")


class EachNeedsField(Refusal):
    code = "same_phone_same_text"
    message = _(
        "같은 번호로 똑같은 글이 여러 통 가게 돼요."
        " #{이름}처럼 사람마다 바뀌는 항목을 넣거나 번호마다 한 통만 보내 주세요."
    )


class SendAtPast(Refusal):
    code = "send_at_past"
    message = _("보낼 때가 이미 지났어요. 지금보다 뒤로 정해 주세요.")


class SendAtTooFar(Refusal):
    code = "send_at_too_far"
    message = _("예약은 1년 안으로 할 수 있어요. 날짜를 확인해 주세요.")


class ExpiresTooSoon(Refusal):
    code = "expires_too_soon"
    message = _("유효 기한이 보낼 때보다 빨라요. 더 뒤로 정해 주세요.")


class ExpiresBeforeMorning(ExpiresTooSoon):
    message = _("광고는 밤에 보낼 수 없어 아침 8시를 기다려야 하는데, 유효 기한이 그보다 빨라요. 더 뒤로 정해 주세요.")


class AccessExpired(Refusal):
    code = "expired_access"
    message = _("이용 기간이 끝나 문자를 보낼 수 없어요. 이용 기간을 연장해 주세요.")
    status = 403


# --- Dispatches -----------------------------------------------------------------------------------------------------
class NotScheduled(Refusal):
    code = "not_scheduled"
    message = _("예약된 발송만 고칠 수 있어요. 이미 보내기 시작했다면 남은 문자를 멈출 수 있어요.")
    status = 409


class AllSent(Refusal):
    code = "not_open"
    message = _("이미 모두 보내서 멈출 문자가 없어요.")
    status = 409


class NotOpen(Refusal):
    code = "not_open"
    message = _("이미 끝난 발송이라 멈출 문자가 없어요.")
    status = 409


class NotHeld(Refusal):
    code = "not_held"
    message = _("멈춰 있는 발송이 아니에요.")
    status = 409


class NotPrepared(Refusal):
    code = "not_prepared"
    message = _("아직 받을 사람을 정리하고 있어요. 보내기 시작한 뒤에 다시 해 주세요.")
    status = 409


class NothingToResend(Refusal):
    """With the reasons counted, where somebody was asked for and nobody may get it."""

    code = "nothing_to_resend"
    message = _("다시 보낼 문자가 없어요.")

    def __init__(self, reasons: dict[str, int] | None = None) -> None:
        told = [
            _now("{reason} {count:,}명").format(reason=ExcludedReason(reason).label, count=count)
            for reason, count in (reasons or {}).items()
        ]
        super().__init__(f"{self.message} ({', '.join(told)})" if told else None)


class ResendExpired(Refusal):
    code = "resend_expired"
    message = _(
        "이 문자는 정해 둔 유효 기한이 지나 다시 보내지 않아요."
        " 지금도 필요하면 '이 내용으로 새로 쓰기'로 새로 보내 주세요."
    )
    status = 409


class TooLateToUndo(Refusal):
    code = "too_late_to_undo"
    message = _("이미 보내기 시작해서 되돌릴 수 없어요. 아직 나가지 않은 문자가 있으면 멈출 수 있어요.")
    status = 409


class SendingStopped(Refusal):
    code = "sending_stopped"
    message = _("모든 발송을 멈춰 두었어요. 화면 위의 '다시 보내기 시작'을 먼저 눌러 주세요.")
    status = 409


class WasPractice(Refusal):
    code = "was_practice"
    message = _("연습으로 보낸 문자예요. 진짜로 보내려면 '이 내용으로 새로 쓰기'를 눌러 주세요.")
    status = 409


class NotConnected(Refusal):
    code = "not_connected"
    message = _("알리고 연결이 끊겨 있어 다시 보낼 수 없어요. 먼저 알리고를 연결해 주세요.")
    status = 409


class NothingUnknown(Refusal):
    """There is no batch to look for in Aligo's list."""

    code = "nothing_unknown"
    message = _("지금은 확인할 문자가 없어요. 모두 보냈는지 알고 있어요.")
    status = 409


class NotDecidable(Refusal):
    code = "not_unknown"
    message = _("이미 확인이 끝난 묶음이에요.")
    status = 409


class StillLooking(Refusal):
    """Aligo's list may still settle the batch: a person's word would come too early."""

    code = "still_looking"
    message = _("알리고 목록과 아직 맞춰 보고 있어요. 저절로 정해지지 않으면 그때 여쭤볼게요.")
    status = 409


class DecidedMeanwhile(Refusal):
    """The batch has left once more since the person looked: what they said was about the try before."""

    code = "decided_meanwhile"
    message = _("그 사이에 정해져서 한 번 더 보냈어요. 지금 목록을 보고 다시 정해 주세요.")
    status = 409


class NotListed(Refusal):
    """The id that a person named is not among those listed for the batch, or goes with another word than `this`."""

    code = "not_listed"
    message = _("provider_id에는 word가 this일 때만, listed에 있는 id 가운데 하나를 적어 주세요.")


class TakenMeanwhile(Refusal):
    code = "taken_meanwhile"
    message = _("알리고의 그 문자는 그 사이에 다른 묶음의 것으로 정해졌어요. 목록을 다시 봐 주세요.")
    status = 409


class LookedJustNow(Refusal):
    code = "looked_just_now"
    message = _("방금 알리고 목록을 봤어요. 잠시 뒤 다시 눌러 주세요.")
    status = 409


# --- Senders and opt-outs -------------------------------------------------------------------------------------------
class SenderRefused(Refusal):
    code = "bad_sender"


class BadPhone(Refusal):
    code = "bad_phone"


# --- Aligo ----------------------------------------------------------------------------------------------------------
class AligoProblem(Refusal):
    """What Aligo said about the account, turned into what to do there."""

    code = "aligo_problem"
    message = _("알리고가 이 계정을 받아들이지 않았어요. 알리고 홈페이지에서 계정 상태를 확인해 주세요.")


class AligoIpMissing(AligoProblem):
    code = "aligo_ip"

    def __init__(self) -> None:
        ips = ", ".join(settings.EGRESS_IPS)
        where = _now("알리고 홈페이지의 연동형API → 신청/인증에서 발송 서버 IP에 {ips} 주소를 넣고 다시 확인해 주세요.")
        ask = _now("알리고에 등록할 서버 IP를 관리자에게 물어봐 주세요.")
        super().__init__(where.format(ips=ips) if ips else ask)


class AligoAuthFailed(AligoProblem):
    code = "aligo_auth"
    message = _("알리고 아이디나 API 키가 맞지 않아요. 연동형API → 신청/인증에 보이는 값을 그대로 붙여 넣어 주세요.")


class AligoUnusable(AligoProblem):
    code = "aligo_unusable"
    message = _(
        "이 알리고 계정은 아직 문자 API를 쓸 수 없어요."
        " 알리고 홈페이지의 연동형API → 신청/인증에서 API 사용을 신청해 주세요."
    )


class AligoDown(AligoProblem):
    code = "aligo_down"
    message = _("지금 알리고가 응답하지 않아요. 잠시 뒤 다시 해 주세요.")
    status = 503


class AligoNameTaken(AligoProblem):
    code = "aligo_user_id"
    message = _("알리고 아이디를 다시 확인해 주세요. sandbox-로 시작하는 아이디는 연습 계정이에요.")


def of_text(error: Any, field: str = "text") -> BadText:
    """A TextError as a refusal, with its own code and sentence."""
    return BadText(str(error), code=error.code, fields={field: [str(error)]})


class TemplateNotFound(Refusal):
    code = "not_found"
    message = _("찾는 문구가 없어요. 이미 지워졌을 수 있어요.")
    status = 404


class InvalidTemplate(Refusal):
    code = "invalid"
    message = _("문구 이름을 1자에서 40자 사이로 적어 주세요.")


class TemplateNameTaken(Refusal):
    code = "template_name_taken"
    message = _("같은 이름의 문구가 이미 있어요. 다른 이름을 적어 주세요.")


class TooManyTemplates(Refusal):
    code = "too_many_templates"
    message = _("문구는 500개까지 둘 수 있어요. 쓰지 않는 문구를 지워 주세요.")
