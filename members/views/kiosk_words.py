"""What a tablet says to whoever stands before it: kind, short, and no more of a person than that person knows."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from members.models import Pass
from members.services import attendance
from members.services.attendance import CheckIn
from ui import times
from ui.phones import mask_name

SOON = 7  # days


class Said(NamedTuple):
    say: str
    sub: str = ""
    tone: str = "green"


def welcome(done: CheckIn) -> Said:
    name = mask_name(done.visit.member.name)
    if done.again:
        return Said(_("{name}님, 이미 출석했어요.").format(name=name), _left(done.used) if done.used else "")
    hello = _("{name}님, 반가워요.").format(name=name)
    if done.used is not None:
        tone = "amber" if done.used.sessions_left == 0 else "green"
        return Said(hello, _left(done.used), tone)
    return Said(hello, _without(done.without), "amber")


def once_more() -> str:
    return _("오늘 이미 출석했어요. 한 번 더 쓸까요?")


def _left(used: Pass) -> str:
    if used.sessions_left == 0:
        return _("오늘로 횟수를 다 썼어요. 다음에 오실 때 카운터에 말씀해 주세요.")
    parts = []
    if used.sessions_left is not None:
        parts.append(_("{n}회 남았어요.").format(n=f"{used.sessions_left:,}"))
    days = (used.ends_on - times.today()).days if used.ends_on else None
    if days == 0:
        parts.append(_("이용권은 오늘까지예요."))
    elif days is not None and days <= SOON:
        parts.append(_("이용권은 {n}일 뒤에 끝나요.").format(n=days))
    elif used.ends_on and not parts:
        parts.append(_("{day}까지 쓸 수 있어요.").format(day=times.kday(used.ends_on)))
    return " ".join(parts)


def _without(why: str) -> str:
    return {
        attendance.EXPIRED: _("이용권 기간이 끝났어요. 카운터에 말씀해 주시면 도와드릴게요."),
        attendance.USED_UP: _("이용권 횟수를 다 썼어요. 카운터에 말씀해 주시면 도와드릴게요."),
        attendance.HELD: _("이용권이 홀딩 중이에요. 카운터에 말씀해 주시면 도와드릴게요."),
    }.get(why, _("출석을 적었어요. 이용권은 카운터에 물어봐 주세요."))


def nobody() -> Said:
    return Said(_("찾지 못했어요."), _("번호를 다시 눌러 주세요. 그래도 없으면 카운터에 말씀해 주세요."), "amber")


def unknown(by_ticket: bool) -> Said:
    if by_ticket:
        return Said(_("시간이 지났어요."), _("번호를 처음부터 다시 눌러 주세요."), "amber")
    return Said(_("우리 회원의 QR이 아니에요."), _("번호를 눌러 주시거나 카운터에 말씀해 주세요."), "amber")


def more(digits: int) -> str:
    if digits >= 8:
        return _("같은 번호가 너무 많아요. 카운터에 말씀해 주세요.")
    return _("같은 뒷자리가 많아요. 010 다음 여덟 자리를 모두 눌러 주세요.")


def busy() -> Said:
    return Said(_("잠깐 쉬어 갈게요."), _("여러 번 틀려서 5분쯤 쉬어요. 급하면 카운터에 말씀해 주세요."), "amber")


def gone() -> Said:
    return Said(_("쓸 수 없는 화면이에요."), _("출석 태블릿을 새로 만들어 주세요."), "amber")
