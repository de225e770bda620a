"""Choices and states of members."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ConsentKind(models.TextChoices):
    AD = "ad", _("광고 문자")
    NIGHT = "night", _("밤 광고 문자")


class ImportMode(models.TextChoices):
    CREATE = "create", _("새 회원만 넣기")
    UPDATE = "update", _("있는 회원만 고치기")
    UPSERT = "upsert", _("있으면 고치고 없으면 넣기")


class ImportState(models.TextChoices):
    READING = "reading", _("읽는 중")
    PREVIEW = "preview", _("확인 기다림")
    APPLYING = "applying", _("저장하는 중")
    FINISHED = "finished", _("완료")
    FAILED = "failed", _("실패")
    REVERTING = "reverting", _("되돌리는 중")
    REVERTED = "reverted", _("되돌림")


class BulkEditState(models.TextChoices):
    APPLYING = "applying", _("고치는 중")
    DONE = "done", _("완료")
    UNDOING = "undoing", _("되돌리는 중")
    UNDONE = "undone", _("되돌림")
    FAILED = "failed", _("실패")


class FieldKind(models.TextChoices):
    TEXT = "text", _("글")
    NUMBER = "number", _("숫자")
    DATE = "date", _("날짜")
    CHOICE = "choice", _("고르기")
    YES_NO = "yes_no", _("예/아니오")
    FILE = "file", _("파일")


class UploadPurpose(models.TextChoices):
    """The doors through which files come in; a file that came by one is never shown by another."""

    NOTE = "note", _("메모")
    FIELD = "field", _("항목")
    IMPORT = "import", _("명단 파일")


class Stage(models.TextChoices):
    INQUIRY = "inquiry", _("문의")
    CONSULT = "consult", _("상담")
    TRIAL = "trial", _("체험")
    ACTIVE = "active", _("등록")
    PAUSED = "paused", _("휴회")
    LEFT = "left", _("탈퇴")


class ContactRole(models.TextChoices):
    """Whose number it is beside the member's own (본인), which stays in Member.phone."""

    MOTHER = "mother", _("모")
    FATHER = "father", _("부")
    GUARDIAN = "guardian", _("보호자")
    PAYER = "payer", _("결제자")
    SELF = "self", _("본인")
    OTHER = "other", _("기타")


class PassKind(models.TextChoices):
    PERIOD = "period", _("기간권")
    COUNT = "count", _("횟수권")


class RefundRule(models.TextChoices):
    """Which law proposes what is paid back; members.passes has the numbers."""

    SPORTS = "sports", _("체육시설: 쓴 몫과 위약금을 빼고")
    ACADEMY = "academy", _("학원: 지난 교습 시간에 따라")


class PassEntryKind(models.TextChoices):
    OPENED = "opened", _("시작")
    USED = "used", _("출석")
    RETURNED = "returned", _("출석 취소")
    HELD = "held", _("홀딩")
    RESUMED = "resumed", _("홀딩 끝")
    ADJUSTED = "adjusted", _("조정")
    GIVEN = "given", _("양도")  # to another member: closes this pass
    RECEIVED = "received", _("양도받음")  # the first entry of the other's pass
    REFUNDED = "refunded", _("환불")


class AttendanceWay(models.TextChoices):
    QR = "qr", _("QR")
    DIGITS = "digits", _("뒷자리")
    STAFF = "staff", _("직원")
    API = "api", _("프로그램")


class DueEntryKind(models.TextChoices):
    CHARGED = "charged", _("청구")
    PAID = "paid", _("받음")
    RETURNED = "returned", _("돌려줌")
    WAIVED = "waived", _("감면")
    CORRECTED = "corrected", _("고침")


class DueMethod(models.TextChoices):
    TRANSFER = "transfer", _("계좌이체")
    CARD = "card", _("카드")
    CASH = "cash", _("현금")
    OTHER = "other", _("기타")


class MidMonth(models.TextChoices):
    """What somebody owes for the month in which they joined the group."""

    WHOLE = "whole", _("한 달 치를 모두 내요")
    NONE = "none", _("다음 달부터 내요")


class NoteKind(models.TextChoices):
    NOTE = "note", _("메모")
    CALL = "call", _("통화")
    FILE = "file", _("파일")


class CallDirection(models.TextChoices):
    IN = "in", _("걸려 온 전화")
    OUT = "out", _("건 전화")
    MISSED = "missed", _("못 받은 전화")


class FactKind(models.TextChoices):
    """What members record with accounts.facts, for rules and whoever else listens."""

    PASS_EXPIRING = "pass.expiring", _("이용권 만료가 다가옴")  # at 30, 14, 7, 3, 1 and 0 days before
    PASS_EXPIRED = "pass.expired", _("이용권 만료됨")
    PASS_USED_UP = "pass.used_up", _("횟수를 다 씀")
    VISITED = "member.visited", _("출석함")
    ABSENT = "member.absent", _("오래 안 나옴")  # at 7, 14, 30 and 60 days since the last visit
    DUE_CHARGED = "due.charged", _("회비 청구됨")
    DUE_UNPAID = "due.unpaid", _("회비 미납")  # the day after it was due, then 3, 7, 14 and 30 days after
    DUE_PAID = "due.paid", _("회비 냄")
    ERASED = "member.erased", _("회원 정보가 완전히 지워짐")
    STAGE_CHANGED = "stage.changed", _("단계 바뀜")


class Tone(models.TextChoices):
    BLUE = "blue", _("파랑")
    GREEN = "green", _("초록")
    AMBER = "amber", _("노랑")
    RED = "red", _("빨강")
    VIOLET = "violet", _("보라")
    GRAY = "gray", _("회색")
