"""헬스장, 필라테스, 도장: passes, lockers, and who has not come for a while."""

from django.utils.translation import gettext_lazy as _

from members.presets.kinds import (
    ABSENT,
    BIRTHDAY,
    EXPIRED,
    EXPIRING,
    FEW_LEFT,
    Field,
    Group,
    Pass,
    Preset,
    Segment,
    Text,
    every,
)  # fmt: skip

GYM = Preset(
    key="gym",
    title=_("체육관·필라테스"),
    about=_("이용권 기간과 횟수, 락커, 오래 안 나오는 회원까지 챙겨요."),
    icon="dumbbell",
    fields=(
        Field("락커 번호"),
        Field("담당 강사"),
        Field("운동 목적", "choice", ("체중 감량", "근력", "체형 교정", "재활", "취미")),
        Field("주의할 점"),
        Field("차량 번호"),
    ),
    groups=(Group("새벽반", "blue"), Group("오전반", "green"), Group("저녁반", "violet"), Group("PT 회원", "amber")),
    passes=(
        Pass("1개월권", months=1),
        Pass("3개월권", months=3),
        Pass("6개월권", months=6),
        Pass("PT 10회", months=3, sessions=10),
        Pass("PT 20회", months=6, sessions=20),
    ),
    segments=(EXPIRING, EXPIRED, FEW_LEFT, ABSENT, BIRTHDAY, Segment("체험만 하고 간 분", every(("stage", "in", ["trial"])))),
    texts=(
        Text("등록 환영", "#{이름} 님, #{업체}에 등록해 주셔서 고맙습니다. 첫날은 10분만 일찍 와 주시면 기구 쓰는 법을 알려 드릴게요."),
        Text("이용권 만료 안내", "#{이름} 님, 이용권이 곧 끝나요. 남은 기간이 궁금하시면 이 번호로 편하게 물어봐 주세요. #{업체}"),
        Text("이용권이 끝난 날", "#{이름} 님, 오늘로 이용권이 끝났어요. 그동안 함께해 주셔서 고맙습니다. 락커 안의 짐은 일주일 안에 찾아가 주세요. #{업체}"),
        Text("오래 못 뵌 분", "#{이름} 님, 요즘 운동은 어떠세요? 몸이 불편하시거나 일정이 바뀌셨으면 알려 주세요. 기간 연장도 의논해 드릴게요. #{업체}"),
        Text("수업 예약 확인", "#{이름} 님, 내일 수업이 예약되어 있어요. 못 오시면 오늘 저녁까지 알려 주세요. #{업체}"),
        Text("휴관 안내", "안녕하세요, #{업체}입니다.\n시설 점검으로 하루 쉬어 갑니다.\n쉬는 날: 11월 30일(월)\n이용 기간은 쉬는 날만큼 늘려 드려요.", title="휴관 안내"),
        Text("운영 시간 변경", "안녕하세요, #{업체}입니다.\n다음 주부터 운영 시간이 바뀝니다.\n평일 06:00~23:00\n주말 09:00~18:00", title="운영 시간이 바뀌어요"),
        Text("락커 사용 안내", "#{이름} 님, 락커는 #{락커 번호|안내 데스크에서 알려 드리는} 번이에요. 귀중품은 넣어 두지 말아 주세요. #{업체}"),
        Text("홀딩 확인", "#{이름} 님, 말씀하신 대로 이용을 잠시 멈춰 두었어요. 다시 오시는 날부터 이어서 쓰실 수 있어요. #{업체}"),
        Text("생일 축하", "#{이름} 님, 생일 축하드려요. 건강하고 즐거운 한 해 보내세요. #{업체} 드림"),
        Text("재등록 할인", "#{이름} 님, 이번 달 안에 재등록하시면 한 달을 더 드려요. 자세한 내용은 전화로 물어봐 주세요.", ad=True),
        Text("친구 소개 행사", "#{이름} 님, 친구와 함께 등록하시면 두 분 모두 PT 1회를 드려요. 이달 말까지예요.", ad=True),
    ),
)  # fmt: skip
