"""Choices and states of messaging."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountMode(models.TextChoices):
    SANDBOX = "sandbox", _("연습")
    LIVE = "live", _("실제 발송")


class AccountState(models.TextChoices):
    """What the last look at Aligo said."""

    UNCHECKED = "unchecked", _("확인 전")
    OK = "ok", _("연결됨")
    IP = "ip", _("서버 IP 미등록")
    AUTH = "auth", _("아이디 또는 키 오류")
    UNUSABLE = "unusable", _("API 사용 불가")
    SENDER = "sender", _("발신번호 미등록")
    BALANCE = "balance", _("잔액 부족")
    DOWN = "down", _("알리고 응답 없음")


class Type(models.TextChoices):
    SMS = "SMS", _("단문")
    LMS = "LMS", _("장문")
    MMS = "MMS", _("사진")


class DispatchState(models.TextChoices):
    AWAITING_APPROVAL = "awaiting_approval", _("승인 대기")
    SCHEDULED = "scheduled", _("예약")
    PREPARING = "preparing", _("준비 중")
    SENDING = "sending", _("보내는 중")
    HELD = "held", _("멈춤")
    FINISHED = "finished", _("완료")
    CANCELLED = "cancelled", _("취소")


ENDED = (DispatchState.FINISHED, DispatchState.CANCELLED)


class BatchState(models.TextChoices):
    QUEUED = "queued", _("대기")
    SENDING = "sending", _("보내는 중")
    ACCEPTED = "accepted", _("접수됨")
    UNKNOWN = "unknown", _("확인 중")
    REJECTED = "rejected", _("거절됨")
    CANCELLED = "cancelled", _("취소")
    EXPIRED = "expired", _("시간 지남")
    DONE = "done", _("끝")  # accepted, and every message is final


class MessageState(models.TextChoices):
    """A message's own final word. Empty in the database means: as its batch."""

    DELIVERED = "delivered", _("발송 완료")
    FAILED = "failed", _("실패")
    NO_RESULT = "no_result", _("결과 미수신")
    REJECTED = "rejected", _("거절됨")
    EXPIRED = "expired", _("시간 지남")
    CANCELLED = "cancelled", _("보내지 않음")


class Via(models.TextChoices):
    """Whose number a text for a member goes to. Empty, or `self` outside: the member's own."""

    GUARDIANS = "guardians", _("보호자")
    MOTHER = "mother", _("어머니")
    FATHER = "father", _("아버지")
    BOTH = "both", _("어머니와 아버지")
    PAYER = "payer", _("결제자")


class Source(models.TextChoices):
    PAGE = "page", _("화면")
    API = "api", _("API")
    RESEND = "resend", _("다시 보내기")
    TEST = "test", _("시험 발송")


class ExcludedReason(models.TextChoices):
    DUPLICATE = "duplicate", _("같은 번호 중복")
    OPTED_OUT = "opted_out", _("수신거부")
    NO_CONSENT = "no_consent", _("광고 수신 미동의")
    BAD_NUMBER = "bad_number", _("휴대폰 번호가 아님")
    NO_PHONE = "no_phone", _("번호 없음")
    EXCEPTED = "excepted", _("빼고 보내기")
    TOO_LONG = "too_long", _("내용이 너무 김")
    UNSENDABLE = "unsendable", _("보낼 수 없는 글자")
    EMPTY = "empty", _("내용이 비어 있음")
    GONE = "gone", _("회원 명단에서 지워짐")
    DELIVERED = "delivered", _("이미 받음")
    UNDER_WAY = "under_way", _("보내는 중이거나 확인 중")
    EXPIRED = "expired", _("유효 기한이 지남")
    ALREADY = "already", _("앞서 보냈음")
    PAID = "paid", _("밀린 회비 없음")
    RECENT = "recent", _("최근에 문자를 받음")
    UNPAID = "unpaid", _("미납이라 뺌")
    STAGE = "stage", _("단계로 뺌")
    TAG = "tag", _("태그로 뺌")
    SEGMENT = "segment", _("조건그룹으로 뺌")


# What left out one of a member's numbers, once and for all: what follows the dispatch (texts to others who share a
# phone, resends) leaves it out too.
OF_PHONES = (ExcludedReason.EXCEPTED, ExcludedReason.RECENT, ExcludedReason.ALREADY)


class OptOutScope(models.TextChoices):
    ALL = "all", _("모든 문자")
    ADS = "ads", _("광고 문자만")


class OptOutSource(models.TextChoices):
    STAFF = "staff", _("직원이 입력")
    API = "api", _("API")
    LINK = "link", _("문자 속 주소")
    HOTLINE = "080", _("080 전화")
    IMPORT = "import", _("파일")


class HoldReason(models.TextChoices):
    BALANCE = "balance", _("알리고 잔액이 모자라요.")
    IP = "ip", _("알리고에 우리 서버 IP가 등록되어 있지 않아요.")
    AUTH = "auth", _("알리고 아이디나 API 키가 맞지 않아요.")
    UNUSABLE = "unusable", _("이 알리고 계정은 아직 API를 쓸 수 없어요.")
    SENDER = "sender", _("알리고에 등록되지 않은 발신번호예요.")
    EXPIRED_ACCESS = "expired_access", _("이용 기간이 끝나 문자를 보낼 수 없어요.")
    PERSON = "person", _("직원이 멈췄어요.")
    GROUP_GONE = "group_gone", _("고른 그룹이 지워졌어요.")
    SEGMENT_GONE = "segment_gone", _("조건그룹이나 태그가 지워졌거나 고쳐야 해요.")
    DISCONNECTED = "disconnected", _("알리고 연결이 끊겨 있어요.")
    STOPPED = "stopped", _("모든 발송을 멈춰 두었어요.")
    LATE = "late", _("보내려던 때에서 하루가 지났어요.")
