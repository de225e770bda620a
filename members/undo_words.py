"""What a deed on many could not take back, in words: the columns and the reasons."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

COLUMNS = {
    "name": _("이름"),
    "phone": _("휴대폰"),
    "birth_date": _("생년월일"),
    "birthday": _("생년월일"),
    "stage": _("단계"),
    "stage_on": _("단계가 바뀐 날"),
    "source": _("알게 된 경로"),
    "memo": _("메모"),
    "ad_consent_at": _("광고 수신동의"),
    "night_consent_at": _("야간 광고 수신동의"),
    "groups": _("그룹"),
    "tags": _("태그"),
    "contact": _("연락처"),
}
REASONS = {
    "edited": _("그 뒤에 고침"),
    "membership": _("그 뒤에 그룹에 넣음"),
    "membertag": _("그 뒤에 태그를 붙임"),
    "contact": _("그 뒤에 연락처를 넣거나 고침"),
    "consent": _("그 뒤에 수신동의를 기록함"),
    "stagechange": _("그 뒤에 단계를 바꿈"),
    "pass": _("이용권이 있음"),
    "due": _("회비가 있음"),
    "visit": _("출석이 있음"),
    "note": _("메모나 통화가 있음"),
    "imported": _("그 뒤에 올린 명단에도 있음"),
    "merged": _("다른 회원과 합침"),
    "text": _("문자를 보냄"),
}


def column(name: str, own: Mapping[str, str]) -> str:
    """A column's name for a person; `own` is what the tenant's fields are called, by key."""
    if name.startswith("fields."):
        key = name.removeprefix("fields.")
        return own.get(key, key)
    return str(COLUMNS.get(name, name))


def reason(code: str, own: Mapping[str, str]) -> str:
    """Why somebody stays: a column that was edited since, or what hangs on them."""
    return str(REASONS[code]) if code in REASONS else column(code, own)
