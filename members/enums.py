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
    REVERTED = "reverted", _("되돌림")


class Tone(models.TextChoices):
    BLUE = "blue", _("파랑")
    GREEN = "green", _("초록")
    AMBER = "amber", _("노랑")
    RED = "red", _("빨강")
    VIOLET = "violet", _("보라")
    GRAY = "gray", _("회색")
