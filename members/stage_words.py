"""What shops call the stages of a member in their lists: 재원, 수강중, 퇴원."""

import re
import unicodedata

from members.enums import Stage

_WORDS = {
    Stage.INQUIRY: "문의 문의중 문의고객 신규문의 가망 가망고객 inquiry lead",
    Stage.CONSULT: "상담 상담중 상담완료 상담예약 상담고객 consult",
    Stage.TRIAL: "체험 체험중 체험수업 체험예약 체험완료 무료체험 trial",
    Stage.ACTIVE: "등록 등록중 등록완료 회원 정회원 재원 재원중 재원생 재학 재학생 수강 수강중 이용 이용중 활동 "
    "활동중 유효 정상 active",
    Stage.PAUSED: "휴회 휴회중 휴원 휴원중 휴원생 휴학 휴학중 일시정지 정지 홀딩 보류 paused hold",
    Stage.LEFT: "탈퇴 탈퇴회원 퇴원 퇴원생 퇴회 탈회 해지 종료 만료 그만둠 중단 졸업 수료 left inactive",
}
_STAGE_OF = {word: stage.value for stage, words in _WORDS.items() for word in words.split()}
_NOISE = re.compile(r"[\s.\-_()]+")


def stage_of(text: str) -> str | None:
    """The stage a word means; None for a word that means none."""
    return _STAGE_OF.get(_NOISE.sub("", unicodedata.normalize("NFKC", text)).lower())
