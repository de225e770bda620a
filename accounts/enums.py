"""Choices and states of accounts."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OWNER = "owner", _("대표")
    MANAGER = "manager", _("관리자")
    SENDER = "sender", _("발송 담당")
    VIEWER = "viewer", _("보기 전용")


class Edition(models.TextChoices):
    PORTAL = "portal", _("포털형")
    STANDALONE = "standalone", _("독립형")


class ExportState(models.TextChoices):
    WAITING = "waiting", _("대기")
    WORKING = "working", _("만드는 중")
    READY = "ready", _("완료")
    FAILED = "failed", _("실패")


class NoticeState(models.TextChoices):
    WAITING = "waiting", _("대기")
    SENT = "sent", _("보냄")
    FAILED = "failed", _("실패")


class TermsKind(models.TextChoices):
    TERMS = "terms", _("이용약관")
    PRIVACY = "privacy", _("개인정보 처리방침")


class Scope(models.TextChoices):
    """What an API key may do. Reading and sending are apart, as they are for staff."""

    MEMBERS_READ = "members.read", _("회원 보기")
    MEMBERS_WRITE = "members.write", _("회원 고치기")
    MESSAGES_READ = "messages.read", _("발송 내역 보기")
    MESSAGES_SEND = "messages.send", _("문자 보내기")
    SETTINGS_WRITE = "settings.write", _("발신번호·수신거부 관리")
