"""What stands above every page of a tenant while it matters: why nothing leaves, and what waits for a person."""

from django.urls import NoReverseMatch
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.permissions import Permission, allows
from accounts.scoping import tenant_url
from messaging.models import AligoAccount
from messaging.selectors import stops
from ui.times import kago

Banner = dict[str, str]
# These say it themselves, in more words.
_OF_UNDECIDED = {"home:today", "messaging:undecided-list"}
_OF_STOP = {"messaging:sending"}


def banners(staff: Staff, account: AligoAccount | None, status: stops.Status, here: str) -> list[Banner]:
    """The bars of the page named `here`, the gravest first."""
    found = [
        _access(staff),
        _stopped(staff, status, here),
        _held(staff, account),
        _silent(account),
        _undecided(staff, status, here),
    ]
    return [banner for banner in found if banner]


def _access(staff: Staff) -> Banner:
    if staff.tenant.may_send:
        return {}
    text = _("이용 기간이 끝나 문자를 보낼 수 없어요. 명단과 내역은 볼 수 있어요.")
    return {"tone": "red", "icon": "calendar-x", "text": text}


def _stopped(staff: Staff, status: stops.Status, here: str) -> Banner:
    """Who stopped all and when, with what waits; for those who may send, the way on."""
    if status.stopped_at is None or here in _OF_STOP:
        return {}
    said = _("{who} 님이 {when} 모든 발송을 멈췄어요.") if status.stopped_by else _("{when} 모든 발송을 멈췄어요.")
    text = said.format(who=status.stopped_by, when=kago(status.stopped_at))
    waiting = stops.waiting(staff.tenant)
    if waiting.held:
        texts = sum(one.texts or 0 for one in waiting.held)
        many = _("문자 {texts:,}통(발송 {dispatches:,}건)이 기다리고 있어요.")
        kept = many if texts else _("발송 {dispatches:,}건이 기다리고 있어요.")  # nobody has counted its people yet
        text += " " + kept.format(texts=texts, dispatches=len(waiting.held))
    action = _("다시 보내기 시작") if allows(staff, Permission.MESSAGE_SEND) else _("자세히 보기")
    return {"tone": "red", "icon": "octagon-pause", "text": text} | _way(staff, "messaging:sending", action)


def _held(staff: Staff, account: AligoAccount | None) -> Banner:
    if account is None or not account.held_reason:
        return {}
    text = _("알리고에 문제가 있어 발송이 멈춰 있어요.")
    return {"tone": "amber", "icon": "circle-pause", "text": text} | _way(staff, "messaging:aligo", _("이유 보기"))


def _silent(account: AligoAccount | None) -> Banner:
    if not stops.is_silent(account):
        return {}
    text = _("알리고가 응답하지 않아 잠시 기다려요. 돌아오면 이어서 보내요. 유효 기한이 지난 문자는 보내지 않아요.")
    return {"tone": "amber", "icon": "hourglass", "text": text}


def _undecided(staff: Staff, status: stops.Status, here: str) -> Banner:
    if here in _OF_UNDECIDED or not status.is_undecided or not allows(staff, Permission.MESSAGE_VIEW):
        return {}
    text = _("보냈는지 직원이 확인해 주셔야 하는 문자가 있어요.")
    way = _way(staff, "messaging:undecided-list", _("확인하기"))
    return {"tone": "amber", "icon": "search-check", "text": text} | way


def _way(staff: Staff, name: str, action: str) -> Banner:
    try:
        return {"url": tenant_url(staff.tenant, name), "action": action}
    except NoReverseMatch:  # an installation without that page
        return {}
