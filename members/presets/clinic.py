"""의원, 치과, 한의원: bookings and check-ups. Nothing here says what somebody is treated for."""

from django.utils.translation import gettext_lazy as _

from members.presets.kinds import BIRTHDAY, Field, Group, Preset, Segment, Text, every

CLINIC = Preset(
    key="clinic",
    title=_("의원·치과·한의원"),
    about=_("예약과 정기 검진을 챙겨요. 병에 관한 말은 문자에 적지 않아요."),
    icon="stethoscope",
    fields=(
        Field("차트 번호"),
        Field("담당 원장"),
        Field("다음 예약일", "date"),
        Field("다음 검진", "date"),
        Field("보호자"),
    ),
    groups=(Group("초진", "green"), Group("재진", "blue"), Group("정기 검진", "violet")),
    segments=(BIRTHDAY, Segment("여섯 달 넘게 안 오신 분", every(("last_visit_on", "ago_or_more", 180)))),
    texts=(
        Text("예약 확인", "#{이름} 님, 진료 예약을 확인해 드려요. 예약일: #{다음 예약일|따로 알려 드려요} 바꾸실 때는 전화 주세요. #{업체}"),
        Text("예약 하루 전", "#{이름} 님, 내일 예약이 있어요. 신분증을 꼭 가져와 주세요. #{업체}"),
        Text("예약 변경 확인", "#{이름} 님, 예약을 바꿔 드렸어요. 바뀐 날에 뵐게요. #{업체}"),
        Text("예약일에 못 오신 분", "#{이름} 님, 오늘 예약 시간에 못 오셨어요. 다시 잡아 드릴 테니 편하실 때 전화 주세요. #{업체}"),
        Text("정기 검진 시기", "#{이름} 님, 정기 검진을 받으실 때가 되었어요. 검진일: #{다음 검진|전화로 정해 드려요} #{업체}"),
        Text("검사 전 준비", "#{이름} 님, 내일 검사 전에 지켜 주세요.\n1. 오늘 밤 9시부터 음식을 드시지 마세요.\n2. 물은 조금 드셔도 돼요.\n3. 드시는 약이 있으면 미리 전화 주세요.\n#{업체}", title="검사 전 안내"),
        Text("결과 나옴", "#{이름} 님, 기다리시던 결과가 나왔어요. 편하신 날 오시거나 전화 주시면 설명해 드릴게요. #{업체}"),
        Text("서류 준비됨", "#{이름} 님, 말씀하신 서류가 준비되었어요. 신분증을 가지고 와 주세요. #{업체}"),
        Text("휴진 안내", "안녕하세요, #{업체}입니다.\n하루 휴진합니다.\n휴진일: 12월 3일(목)\n급하실 때는 가까운 응급실을 이용해 주세요.", title="휴진 안내"),
        Text("진료 시간 변경", "안녕하세요, #{업체}입니다.\n다음 주부터 진료 시간이 바뀝니다.\n평일 09:00~18:30\n토요일 09:00~13:00", title="진료 시간이 바뀌어요"),
        Text("생일 축하", "#{이름} 님, 생일 축하드립니다. 늘 건강하시길 바랍니다. #{업체}"),
        Text("예방접종 시작", "독감 예방접종을 시작했어요. 평일에는 예약 없이 오셔도 돼요.", ad=True),
    ),
)  # fmt: skip
