"""교회, 성당, 절: who belongs where, and what happens when."""

from django.utils.translation import gettext_lazy as _

from members.presets.kinds import BIRTHDAY, Field, Group, Preset, Segment, Text, every

CHURCH = Preset(
    key="church",
    title=_("교회·종교 단체"),
    about=_("부서와 구역, 예배와 모임 소식을 알려요."),
    icon="church",
    fields=(
        Field("직분", "choice", ("성도", "집사", "권사", "장로", "교역자")),
        Field("구역"),
        Field("봉사"),
        Field("세례일", "date"),
        Field("심방 메모"),
    ),
    groups=(Group("장년부", "blue"), Group("청년부", "violet"), Group("주일학교", "green"), Group("새가족", "amber"), Group("찬양대", "red")),
    segments=(BIRTHDAY, Segment("등록한 지 한 달 안 된 새가족", every(("created_at", "within_last", 30)))),
    texts=(
        Text("새가족 환영", "#{이름} 님, 함께 예배드려서 기뻤어요. 궁금한 점은 언제든 편하게 물어봐 주세요. #{업체}"),
        Text("주일 예배 안내", "#{업체} 주일 예배를 안내드려요.\n1부 오전 9시\n2부 오전 11시\n청년 오후 2시", title="주일 예배 안내"),
        Text("구역 모임", "#{이름} 님, 이번 주 구역 모임이 있어요. 장소가 바뀌면 다시 알려 드릴게요. #{업체}"),
        Text("봉사 순서", "#{이름} 님, 이번 주일 봉사 순서예요. 어려우시면 미리 알려 주세요. 고맙습니다. #{업체}"),
        Text("심방 약속", "#{이름} 님, 심방 약속을 확인해 드려요. 편한 시간으로 바꿀 수 있으니 말씀해 주세요. #{업체}"),
        Text("못 뵌 분 안부", "#{이름} 님, 한동안 못 뵈어 안부 전해요. 도움이 필요하시면 언제든 연락 주세요. 기도하고 있어요. #{업체}"),
        Text("행사 안내", "안녕하세요, #{업체}입니다.\n온 가족이 함께하는 모임을 알려 드려요.\n날짜: 12월 5일(토) 오전 10시\n장소: 본당", title="모임 안내"),
        Text("주일학교 안내", "학부모님, 이번 주 주일학교는 오전 9시에 시작해요. #{이름} 어린이를 기다릴게요. #{업체}"),
        Text("부고", "삼가 고인의 명복을 빕니다.\n빈소와 발인 일정을 알려 드립니다.\n빈소: \n발인: \n#{업체}", title="부고"),
        Text("생일 축하", "#{이름} 님, 생일을 축하드려요. 은혜가 가득한 하루 되세요. #{업체}"),
    ),
)  # fmt: skip
