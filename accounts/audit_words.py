"""The audit trail in sentences: what a kind of event means to a person. Other apps' kinds are known by name only."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Role, Scope
from accounts.exports import title_of
from accounts.models import AuditEvent
from ui.times import kdatetime

# The first word of a kind, as the filter shows it.
SUBJECTS = {
    "member": gettext_lazy("회원"),
    "contact": gettext_lazy("연락처"),
    "phone": gettext_lazy("없는 번호"),
    "tag": gettext_lazy("태그"),
    "group": gettext_lazy("그룹"),
    "segment": gettext_lazy("조건그룹"),
    "field": gettext_lazy("회원 항목"),
    "import": gettext_lazy("명단 올리기"),
    "dispatch": gettext_lazy("발송"),
    "optout": gettext_lazy("수신거부"),
    "sender": gettext_lazy("발신번호"),
    "aligo": gettext_lazy("알리고"),
    "consent": gettext_lazy("수신동의"),
    "pass": gettext_lazy("이용권"),
    "passtype": gettext_lazy("이용권 종류"),
    "visit": gettext_lazy("출석"),
    "kiosk": gettext_lazy("출석 태블릿"),
    "due": gettext_lazy("회비"),
    "dueplan": gettext_lazy("회비 정하기"),
    "note": gettext_lazy("회원 메모"),
    "preset": gettext_lazy("업종 꾸러미"),
    "template": gettext_lazy("문구"),
    "view": gettext_lazy("저장한 보기"),
    "batch": gettext_lazy("묶음"),
    "sending": gettext_lazy("발송 설정"),
    "export": gettext_lazy("내보내기"),
    "file": gettext_lazy("파일"),
    "staff": gettext_lazy("직원"),
    "invitation": gettext_lazy("초대"),
    "key": gettext_lazy("API 키"),
    "tenant": gettext_lazy("업체"),
    "help": gettext_lazy("도움말"),
    "access": gettext_lazy("이용 기간"),
}
_SENTENCES = {
    "tenant.created": gettext_lazy("업체를 만들었어요."),
    "tenant.changed": gettext_lazy("업체 정보를 고쳤어요."),
    "access.changed": gettext_lazy("이용 기간이 바뀌었어요."),
    "help.changed": gettext_lazy("도움말 설정을 바꾸었어요."),
    "staff.invited": gettext_lazy("직원을 초대했어요."),
    "staff.role_changed": gettext_lazy("직원의 역할을 바꾸었어요."),
    "staff.rights_changed": gettext_lazy("직원의 권한을 바꾸었어요."),
    "staff.removed": gettext_lazy("직원을 내보냈어요."),
    "invitation.accepted": gettext_lazy("초대를 받아들였어요."),
    "invitation.revoked": gettext_lazy("초대를 거두었어요."),
    "key.created": gettext_lazy("API 키를 만들었어요."),
    "key.revoked": gettext_lazy("API 키를 지웠어요."),
    "export.requested": gettext_lazy("파일 내보내기를 요청했어요."),
    "export.downloaded": gettext_lazy("내보낸 파일을 내려받았어요."),
    "file.uploaded": gettext_lazy("파일을 올렸어요."),
    "file.deleted": gettext_lazy("올린 파일을 지웠어요."),
    "member.created": gettext_lazy("회원을 넣었어요."),
    "member.updated": gettext_lazy("회원 정보를 고쳤어요."),
    "member.trashed": gettext_lazy("회원을 휴지통으로 옮겼어요."),
    "member.restored": gettext_lazy("회원을 되살렸어요."),
    "member.merged": gettext_lazy("두 회원을 합쳤어요."),
    "member.parted": gettext_lazy("합친 회원을 되돌렸어요."),
    "member.bulk_edited": gettext_lazy("여러 회원을 한꺼번에 고쳤어요."),
    "member.bulk_undone": gettext_lazy("한꺼번에 고친 것을 되돌렸어요."),
    "member.trash_emptied": gettext_lazy("휴지통을 비웠어요."),
    "member.erased": gettext_lazy("회원 정보를 완전히 지웠어요."),
    "member.regrouped": gettext_lazy("회원의 그룹을 바꾸었어요."),
    "member.ungrouped": gettext_lazy("회원을 그룹에서 뺐어요."),
    "member.stage_changed": gettext_lazy("회원의 단계를 바꾸었어요."),
    "member.tagged": gettext_lazy("회원의 태그를 바꾸었어요."),
    "contact.added": gettext_lazy("회원의 연락처를 넣었어요."),
    "contact.changed": gettext_lazy("회원의 연락처를 고쳤어요."),
    "contact.removed": gettext_lazy("회원의 연락처를 지웠어요."),
    "phone.believed": gettext_lazy("없는 번호로 본 번호를 다시 쓰기로 했어요."),
    "tag.created": gettext_lazy("태그를 만들었어요."),
    "tag.updated": gettext_lazy("태그를 고쳤어요."),
    "tag.deleted": gettext_lazy("태그를 지웠어요."),
    "tag.merged": gettext_lazy("두 태그를 합쳤어요."),
    "consent.recorded": gettext_lazy("수신동의를 기록했어요."),
    "pass.opened": gettext_lazy("이용권을 등록했어요."),
    "pass.held": gettext_lazy("이용권을 홀딩했어요."),
    "pass.resumed": gettext_lazy("이용권의 홀딩을 끝냈어요."),
    "pass.adjusted": gettext_lazy("이용권의 기간이나 횟수를 고쳤어요."),
    "pass.given": gettext_lazy("이용권을 다른 회원에게 양도했어요."),
    "pass.refunded": gettext_lazy("이용권을 환불했어요."),
    "passtype.created": gettext_lazy("이용권 종류를 만들었어요."),
    "passtype.updated": gettext_lazy("이용권 종류를 고쳤어요."),
    "passtype.retired": gettext_lazy("이용권 종류를 더 팔지 않기로 했어요."),
    "visit.recorded": gettext_lazy("출석을 적었어요."),
    "visit.undone": gettext_lazy("출석을 취소했어요."),
    "kiosk.created": gettext_lazy("출석 태블릿을 만들었어요."),
    "kiosk.revoked": gettext_lazy("출석 태블릿을 거두었어요."),
    "due.added": gettext_lazy("회비를 청구했어요."),
    "due.paid": gettext_lazy("회비를 받았어요."),
    "due.returned": gettext_lazy("회비를 돌려주었어요."),
    "due.waived": gettext_lazy("회비를 감면했어요."),
    "due.unwaived": gettext_lazy("회비 감면을 되돌렸어요."),
    "due.corrected": gettext_lazy("회비 금액을 고쳤어요."),
    "dueplan.created": gettext_lazy("매달 회비를 정했어요."),
    "dueplan.updated": gettext_lazy("매달 회비를 고쳤어요."),
    "dueplan.ended": gettext_lazy("매달 회비를 그만두었어요."),
    "dueplan.charged": gettext_lazy("한 달 회비를 만들었어요."),
    "segment.created": gettext_lazy("조건그룹을 만들었어요."),
    "segment.updated": gettext_lazy("조건그룹을 고쳤어요."),
    "segment.deleted": gettext_lazy("조건그룹을 지웠어요."),
    "segment.reordered": gettext_lazy("조건그룹의 순서를 바꾸었어요."),
    "group.created": gettext_lazy("그룹을 만들었어요."),
    "group.updated": gettext_lazy("그룹을 고쳤어요."),
    "group.deleted": gettext_lazy("그룹을 지웠어요."),
    "group.reordered": gettext_lazy("그룹의 순서를 바꾸었어요."),
    "group.members_added": gettext_lazy("그룹에 회원을 넣었어요."),
    "group.members_removed": gettext_lazy("그룹에서 회원을 뺐어요."),
    "field.created": gettext_lazy("회원 항목을 만들었어요."),
    "field.updated": gettext_lazy("회원 항목을 고쳤어요."),
    "field.reordered": gettext_lazy("회원 항목의 순서를 바꾸었어요."),
    "field.deleted": gettext_lazy("회원 항목을 지웠어요."),
    "field.restored": gettext_lazy("지운 회원 항목을 되살렸어요."),
    "import.created": gettext_lazy("명단 파일을 올렸어요."),
    "import.corrected": gettext_lazy("명단의 열을 다시 골랐어요."),
    "import.repaired": gettext_lazy("명단의 틀린 칸을 고쳤어요."),
    "import.unrepaired": gettext_lazy("명단에서 고친 칸을 모두 되돌렸어요."),
    "import.confirmed": gettext_lazy("명단을 저장하기로 했어요."),
    "import.applied": gettext_lazy("명단을 저장했어요."),
    "import.revert_asked": gettext_lazy("명단 올리기를 되돌리기로 했어요."),
    "import.reverted": gettext_lazy("명단 올리기를 되돌렸어요."),
    "note.added": gettext_lazy("회원에게 메모를 남겼어요."),
    "note.changed": gettext_lazy("회원 메모를 고쳤어요."),
    "note.deleted": gettext_lazy("회원 메모를 지웠어요."),
    "note.pinned": gettext_lazy("회원 메모를 맨 위에 두었어요."),
    "note.unpinned": gettext_lazy("회원 메모를 맨 위에서 내렸어요."),
    "preset.taken": gettext_lazy("업종 꾸러미를 담았어요."),
    "preset.removed": gettext_lazy("업종 꾸러미를 치웠어요."),
    "template.created": gettext_lazy("문구를 만들었어요."),
    "template.changed": gettext_lazy("문구를 고쳤어요."),
    "template.deleted": gettext_lazy("문구를 지웠어요."),
    "view.saved": gettext_lazy("보기를 저장했어요."),
    "view.deleted": gettext_lazy("저장한 보기를 지웠어요."),
    "dispatch.submitted": gettext_lazy("문자를 보냈어요."),
    "dispatch.scheduled": gettext_lazy("문자를 예약했어요."),
    "dispatch.shared": gettext_lazy("번호를 같이 쓰는 사람에게 따로 보냈어요."),
    "dispatch.changed": gettext_lazy("예약한 문자를 고쳤어요."),
    "dispatch.cancelled": gettext_lazy("남은 발송을 멈추었어요."),
    "dispatch.resumed": gettext_lazy("멈춘 발송을 다시 시작했어요."),
    "dispatch.undone": gettext_lazy("보내기 전에 되돌렸어요."),
    "dispatch.hurried": gettext_lazy("되돌리는 시간을 기다리지 않고 보냈어요."),
    "sending.stopped": gettext_lazy("모든 발송을 멈추었어요."),
    "sending.resumed": gettext_lazy("모든 발송을 다시 시작했어요."),
    "sending.changed": gettext_lazy("발송 설정을 고쳤어요."),
    "batch.decided": gettext_lazy("확인되지 않은 묶음을 정리했어요."),
    "optout.recorded": gettext_lazy("수신거부를 넣었어요."),
    "optout.refused": gettext_lazy("받는 사람이 문자 속 주소로 수신을 거부했어요."),
    "optout.withdrawn": gettext_lazy("수신거부를 풀었어요."),
    "optout.imported": gettext_lazy("수신거부 목록을 넣었어요."),
    "sender.added": gettext_lazy("발신번호를 등록했어요."),
    "sender.removed": gettext_lazy("발신번호를 지웠어요."),
    "sender.made_default": gettext_lazy("기본 발신번호를 바꾸었어요."),
    "aligo.connected": gettext_lazy("알리고 계정을 연결했어요."),
    "aligo.disconnected": gettext_lazy("알리고 연결을 끊었어요."),
    "aligo.sandbox_opened": gettext_lazy("연습용 계정을 열었어요."),
    "profile.changed": gettext_lazy("내 정보를 고쳤어요."),
}
# Rows by the name of their model, where it is no key of SUBJECTS.
_ROWS = {
    "aligoaccount": SUBJECTS["aligo"],
    "apikey": SUBJECTS["key"],
    "upload": SUBJECTS["file"],
    "savedview": SUBJECTS["view"],
    "attendance": SUBJECTS["visit"],
    "presetuse": SUBJECTS["preset"],
    "sendingpolicy": SUBJECTS["sending"],
    "user": gettext_lazy("사람"),
}
# What an event's data holds, in the order it is told.
_NAMES = {
    "role": gettext_lazy("역할"),
    "days": gettext_lazy("날수"),
    "sessions": gettext_lazy("횟수"),
    "won": gettext_lazy("금액"),
    "month": gettext_lazy("달"),
    "before": gettext_lazy("전"),
    "after": gettext_lazy("후"),
    "rights": gettext_lazy("더한 권한"),
    "scopes": gettext_lazy("할 수 있는 일"),
    "on": gettext_lazy("켬"),
    "count": gettext_lazy("건수"),
    "removed": gettext_lazy("빠진 회원"),
    "taken": gettext_lazy("뺌"),
    "stage": gettext_lazy("단계"),
    "gone": gettext_lazy("합쳐진 태그"),
    "member": SUBJECTS["member"],
    "note": gettext_lazy("남긴 것"),
    "preset": SUBJECTS["preset"],
    "members": gettext_lazy("회원 수"),
    "people": gettext_lazy("사람 수"),
    "created": gettext_lazy("새로 넣음"),
    "updated": gettext_lazy("고침"),
    "skipped": gettext_lazy("건너뜀"),
    "trashed": gettext_lazy("휴지통으로 옮김"),
    "restored": gettext_lazy("되돌린 회원"),
    "left": gettext_lazy("그대로 둠"),
    "problems": gettext_lazy("고칠 줄"),
    "rows": gettext_lazy("줄"),
    "fields": gettext_lazy("항목"),
    "groups": SUBJECTS["group"],
    "batches": SUBJECTS["batch"],
    "practice_stopped": gettext_lazy("멈춘 연습 발송"),
    "sent": gettext_lazy("보낸 것으로 정함"),
    "export": SUBJECTS["export"],
    "masked": gettext_lazy("번호 가림"),
    "reason": gettext_lazy("까닭"),
    "format": gettext_lazy("형식"),
    "size": gettext_lazy("바이트"),
    "mode": gettext_lazy("방법"),
    "upload": SUBJECTS["file"],
    "shared": gettext_lazy("모두에게 보임"),
    "scope": gettext_lazy("범위"),
    "consent": SUBJECTS["consent"],
    "given": gettext_lazy("동의"),
    "paid_until": gettext_lazy("언제까지"),
    "grace_until": gettext_lazy("미룬 기한"),
    "paused_at": gettext_lazy("멈춘 때"),
}
_ROLES = dict(Role.choices)
_FIELDS = {
    "name": gettext_lazy("이름"),
    "phone": gettext_lazy("전화번호"),
    "memo": gettext_lazy("메모"),
    "birth_date": gettext_lazy("생년월일"),
    "birthday": gettext_lazy("생년월일"),
    "kind": gettext_lazy("종류"),
    "choices": gettext_lazy("고를 말"),
    "language": gettext_lazy("언어"),
    "fields": gettext_lazy("추가 항목"),
    "tone": gettext_lazy("색"),
    "source": gettext_lazy("알게 된 경로"),
    "role": gettext_lazy("누구"),
    "gets_notices": gettext_lazy("안내 문자"),
    "gets_dues": gettext_lazy("회비 문자"),
    "via": gettext_lazy("누구 번호로"),
    "help_on": SUBJECTS["help"],
    "to": gettext_lazy("받는 사람"),
    "text": gettext_lazy("내용"),
    "title": gettext_lazy("제목"),
    "sender": SUBJECTS["sender"],
    "ad": gettext_lazy("광고 여부"),
    "each": gettext_lazy("번호를 같이 쓰는 사람"),
    "each_reason": gettext_lazy("따로 보내는 까닭"),
    "send_at": gettext_lazy("보낼 때"),
    "expires_at": gettext_lazy("보낼 수 있는 기한"),
    "undo_seconds": gettext_lazy("되돌릴 수 있는 시간(초)"),
    "asks_person": gettext_lazy("확인 안 된 문자는 직원이 정하기"),
    "ad_name": gettext_lazy("광고에 적을 이름"),
    "ad_hotline": gettext_lazy("080 수신거부 번호"),
    "is_private": gettext_lazy("나만 보기"),
    "direction": gettext_lazy("통화"),
    "at": gettext_lazy("때"),
    "position": gettext_lazy("순서"),
    "sheet": gettext_lazy("시트"),
    "header_row": gettext_lazy("제목 줄"),
    "mapping": gettext_lazy("열의 뜻"),
    "repairs": gettext_lazy("고친 칸"),
    "mode": gettext_lazy("방법"),
}
# One word means another thing under another name: a role is a `sender`, and so is a field of a dispatch.
_VALUES: dict[str, dict[str, Any]] = {
    "role": _ROLES,
    "before": _ROLES,
    "after": _ROLES,
    "fields": _FIELDS,
    "scopes": dict(Scope.choices),
    "rights": {
        "member.edit": gettext_lazy("명단 고치기"),
        "member.export": gettext_lazy("내보내기"),
        "message.send": gettext_lazy("문자 보내기"),
    },
    "note": {
        "note": gettext_lazy("메모"),
        "call": gettext_lazy("통화"),
        "file": gettext_lazy("파일"),
    },
    "scope": {"all": gettext_lazy("모든 문자"), "ads": gettext_lazy("광고 문자만")},
    "stage": {
        "inquiry": gettext_lazy("문의"),
        "consult": gettext_lazy("상담"),
        "trial": gettext_lazy("체험"),
        "active": gettext_lazy("등록"),
        "paused": gettext_lazy("휴회"),
        "left": gettext_lazy("탈퇴"),
    },
    "consent": {"ad": gettext_lazy("광고"), "night": gettext_lazy("야간 광고")},
    "mode": {
        "create": gettext_lazy("새 회원만 넣기"),
        "update": gettext_lazy("있는 회원만 고치기"),
        "upsert": gettext_lazy("있으면 고치고 없으면 넣기"),
    },
}


def sentence(event: AuditEvent) -> str:
    """What happened, for a person; a kind nobody has described yet is named as it is."""
    known = _SENTENCES.get(event.kind)
    if known:
        return str(known)
    subject = SUBJECTS.get(event.kind.partition(".")[0])
    return _("%(subject)s: %(kind)s") % {"subject": subject, "kind": event.kind} if subject else event.kind


def subject(event: AuditEvent) -> str:
    """ "member:42" as "회원 42"."""
    row, _colon, number = event.subject.partition(":")
    known = _ROWS.get(row) or SUBJECTS.get(row)
    return f"{known} {number}".strip() if known else event.subject


def details(event: AuditEvent) -> list[tuple[str, str]]:
    """The event's data as pairs of words; ids, counts and field names only, so nothing has to be hidden."""
    told = {name: value for name, value in event.data.items() if value not in (None, "", [])}
    order = list(_NAMES)  # PostgreSQL keeps the keys of JSON in an order of its own
    names = sorted(told, key=lambda name: (order.index(name) if name in order else len(order), name))
    return [(str(_NAMES.get(name, name)), _value(event.kind, name, told[name])) for name in names]


def field_words(names: list[str]) -> list[str]:
    """Names of columns as a person calls them."""
    return [str(_FIELDS.get(name, name)) for name in names]


def _value(kind: str, name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_value(kind, name, one) for one in value)
    if isinstance(value, bool):
        return _("예") if value else _("아니요")
    if not isinstance(value, str):
        return str(value)
    if moment := _moment(value):
        return kdatetime(moment)
    if name == "export":
        return title_of(value)
    titles = kind == "export.requested" and name == "fields"  # the file's own, as the tenant has called them
    return value if titles else str(_VALUES.get(name, {}).get(value, value))


def _moment(text: str) -> datetime | None:
    """A stored time; words and numbers are none."""
    try:
        return datetime.fromisoformat(text) if "T" in text else None
    except ValueError:
        return None
