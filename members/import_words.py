"""What is wrong with a cell, and why a row was left, in sentences. Forms and the API say the same of a single value."""

from django.utils.translation import gettext_lazy as _

from members import phone

PROBLEMS = {
    "no_name": _("이름이 비어 있어요. 이름을 적어 주세요."),
    "name_too_long": _("이름이 너무 길어요. 40자까지 적을 수 있어요."),
    "no_such_date": _("없는 날짜예요. 달력에 있는 날짜인지 확인해 주세요."),
    "date_unclear": _("날짜를 알아볼 수 없어요. 1990-03-05처럼 적어 주세요."),
    "date_order": _("연·월·일의 순서를 알 수 없어요. 2003-04-05처럼 적어 주세요."),
    "date_in_future": _("아직 오지 않은 날짜예요. 연도를 확인해 주세요."),
    "date_too_old": _("1900년보다 앞선 날짜예요. 연도를 확인해 주세요."),
    "no_month": _("태어난 달을 적어 주세요. 해와 날은 몰라도 돼요."),
    "no_leap_month": _("그해에는 그 윤달이 없어요. 윤달인지, 몇 년인지 확인해 주세요."),
    "calendar_unclear": _("음력인지 양력인지 알 수 없어요. 음력, 양력, 윤달 가운데 하나로 적어 주세요."),
    "group_too_long": _("그룹 이름이 너무 길어요. 40자까지 적을 수 있어요."),
    "tag_too_long": _("태그 이름이 너무 길어요. 20자까지 적을 수 있어요."),
    "stage_unclear": _("어느 단계인지 알 수 없어요. 문의, 상담, 체험, 등록, 휴회, 탈퇴 가운데 하나로 적어 주세요."),
    "source_too_long": _("알게 된 경로가 너무 길어요. 40자까지 적을 수 있어요."),
    "memo_too_long": _("메모가 너무 길어요. 2,000자까지 적을 수 있어요."),
    "field_too_long": _("내용이 너무 길어요. 500자까지 적을 수 있어요."),
    "field_number": _("숫자가 아니에요. 12나 12.5처럼 적어 주세요."),
    "field_date": _("날짜를 알아볼 수 없어요. 2026-11-28처럼 적어 주세요."),
    "field_choice": _("고를 수 있는 말이 아니에요. 적힌 말을 고치거나 설정의 항목에서 고를 말을 더해 주세요."),
    "field_yes_no": _("예나 아니오로 적어 주세요."),
    "field_file": _("파일은 회원 화면에서 올려 주세요."),
    "refusal_unclear": _("수신거부인지 알 수 없어요. 거부하면 Y, 아니면 N으로 적어 주세요."),
    "consent_unclear": _("동의했는지 알 수 없어요. Y나 N으로 적어 주세요."),
}
SKIPS = {
    "unchanged": _("이미 있는 회원이고 바뀐 내용이 없어요."),
    "exists": _("이미 있는 회원이라 그대로 두었어요."),
    "not_found": _("아직 없는 회원이라 건너뛰었어요."),
    "twice_in_file": _("파일에 같은 사람이 또 있어 한 사람으로 합쳤어요."),
}


def problem(code: str) -> str:
    """The sentence for a row's mistake."""
    return str(PROBLEMS.get(code) or _PHONE_PROBLEMS.get(code) or phone.BadPhone.message)


def _phone_problems(kind: type[phone.BadPhone] = phone.BadPhone) -> dict[str, object]:
    found: dict[str, object] = {kind.code: kind.message}
    for child in kind.__subclasses__():
        found |= _phone_problems(child)
    return found


_PHONE_PROBLEMS = _phone_problems()
