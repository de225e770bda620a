"""학원, 공부방: pupils and their parents, fees by the month, absences."""

from django.utils.translation import gettext_lazy as _

from members.presets.kinds import ABSENT, BIRTHDAY, UNPAID, Field, Group, Pass, Preset, Segment, Text, every

ACADEMY = Preset(
    key="academy",
    title=_("학원·공부방"),
    about=_("학년과 학교, 수강료와 결석 연락까지 부모님께 바로 알려요."),
    icon="graduation-cap",
    fields=(
        Field("학교"),
        Field("학년", "choice", ("유치부", "초1", "초2", "초3", "초4", "초5", "초6", "중1", "중2", "중3", "고1", "고2", "고3")),
        Field("반"),
        Field("등원 요일", "choice", ("월수금", "화목", "매일", "주말")),
        Field("차량 이용", "yes_no"),
        Field("타는 곳"),
    ),
    groups=(Group("초등부", "green"), Group("중등부", "blue"), Group("고등부", "violet"), Group("차량 이용", "amber")),
    passes=(
        Pass("월 수강", months=1, refund_rule="academy"),
        Pass("3개월 수강", months=3, refund_rule="academy"),
        Pass("특강 8회", months=2, sessions=8, refund_rule="academy"),
    ),
    segments=(UNPAID, BIRTHDAY, ABSENT, Segment("상담 기다리는 분", every(("stage", "in", ["inquiry", "consult"])))),
    texts=(
        Text("등록 환영", "안녕하세요, #{업체}입니다. #{이름} 학생의 등록을 환영해요. 준비물은 필기구와 공책이면 돼요. 궁금한 점은 언제든 연락 주세요."),
        Text("수강료 안내", "#{이름} 학생 이번 달 수강료를 안내드려요. 납부일은 이달 5일까지예요. 고맙습니다. #{업체}"),
        Text("수강료 미납 안내", "안녕하세요, #{업체}입니다. #{이름} 학생의 이번 달 수강료가 아직 확인되지 않았어요. 이미 내셨다면 알려 주세요."),
        Text("수강료 받음", "#{이름} 학생 수강료를 잘 받았어요. 고맙습니다. #{업체}"),
        Text("결석 확인", "#{이름} 학생이 아직 오지 않았어요. 확인 부탁드려요. #{업체}"),
        Text("등원 알림", "#{이름} 학생이 학원에 왔어요. #{업체}"),
        Text("하원 알림", "#{이름} 학생이 수업을 마치고 나갔어요. #{업체}"),
        Text("보강 안내", "#{이름} 학생 보강을 안내드려요.\n날짜: 12월 2일(수) 오후 5시\n어려우시면 다른 날로 바꿔 드릴게요. #{업체}", title="보강 안내"),
        Text("시험 대비 일정", "안녕하세요, #{업체}입니다.\n시험 기간에는 토요일에도 문을 열어요.\n토요일 10:00~17:00\n#{이름} 학생도 자유롭게 와서 공부할 수 있어요.", title="시험 기간 안내"),
        Text("방학 안내", "안녕하세요, #{업체}입니다.\n방학 동안 쉬는 날을 알려 드려요.\n쉬는 날: 12월 28일~12월 31일\n1월 4일에 다시 만나요.", title="방학 안내"),
        Text("차량 시간 변경", "#{이름} 학생 차량 시간이 바뀌어요. 타는 곳: #{타는 곳|그대로예요} 자세한 시각은 따로 전화드릴게요. #{업체}"),
        Text("상담 예약", "학부모님, 상담 예약을 확인해 드려요. 시간이 바뀌면 미리 알려 주세요. #{업체}"),
        Text("생일 축하", "#{이름} 학생, 생일 축하해요! 늘 열심히 하는 모습이 멋져요. #{업체} 선생님 모두"),
        Text("방학 특강 모집", "방학 특강을 시작해요. 하루 2시간, 소수 정예로 지도해요. 이번 주까지 신청하시면 교재를 드려요.", ad=True),
    ),
)  # fmt: skip
