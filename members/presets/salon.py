"""미용실, 네일, 피부관리: bookings, prepaid sessions, and when somebody was here last."""

from django.utils.translation import gettext_lazy as _

from members.presets.kinds import BIRTHDAY, FEW_LEFT, Field, Group, Pass, Preset, Segment, Text, every

SALON = Preset(
    key="salon",
    title=_("미용실·뷰티"),
    about=_("시술 취향과 정액권, 다시 오실 때가 된 손님을 챙겨요."),
    icon="scissors",
    fields=(
        Field("담당 디자이너"),
        Field("시술 메모"),
        Field("알레르기"),
        Field("모발 상태", "choice", ("건강모", "손상모", "극손상모", "새치")),
        Field("마지막 염색", "date"),
    ),
    groups=(Group("단골", "amber"), Group("신규", "green"), Group("정액권 손님", "violet")),
    passes=(Pass("커트 5회권", months=6, sessions=5), Pass("클리닉 10회권", months=12, sessions=10), Pass("관리 10회권", months=6, sessions=10)),
    segments=(FEW_LEFT, BIRTHDAY, Segment("두 달 넘게 안 오신 분", every(("last_visit_on", "ago_or_more", 60)))),
    texts=(
        Text("예약 확인", "#{이름} 님, 내일 예약을 확인해 드려요. 늦으시거나 바꾸실 때는 이 번호로 알려 주세요. #{업체}"),
        Text("예약 당일", "#{이름} 님, 오늘 예약 잊지 않으셨죠? 주차는 건물 뒤편에 하시면 돼요. #{업체}"),
        Text("시술 뒤 관리", "#{이름} 님, 오늘 와 주셔서 고맙습니다. 이틀 동안은 머리를 감지 않으시면 더 오래가요. #{업체}"),
        Text("첫 방문 감사", "#{이름} 님, 처음 와 주셔서 고맙습니다. 불편한 점이 있으셨으면 편하게 말씀해 주세요. #{업체}"),
        Text("정액권 남은 횟수", "#{이름} 님, 오늘 쓰신 뒤 남은 횟수는 다음에 오실 때 알려 드릴게요. 궁금하시면 언제든 물어봐 주세요. #{업체}"),
        Text("예약 취소 확인", "#{이름} 님, 예약을 취소해 드렸어요. 편하실 때 다시 연락 주세요. #{업체}"),
        Text("휴무 안내", "안녕하세요, #{업체}입니다.\n이번 주는 하루 쉬어요.\n쉬는 날: 12월 1일(화)\n예약은 문자로 남겨 주세요.", title="휴무 안내"),
        Text("담당자 변경", "#{이름} 님, 담당이 바뀌어 먼저 알려 드려요. 그동안의 기록은 그대로 이어서 살펴 드릴게요. #{업체}"),
        Text("생일 축하", "#{이름} 님, 생일 축하드려요. 오늘 하루 가장 반짝이시길 바라요. #{업체}"),
        Text("염색 할인", "#{이름} 님, 이번 주 평일에 염색하시면 30% 할인해 드려요. 예약하고 와 주세요.", ad=True),
        Text("새 시술 소식", "#{이름} 님, 두피 관리를 새로 시작했어요. 첫 달에는 반값으로 받아 보실 수 있어요.", ad=True),
    ),
)  # fmt: skip
