"""동호회, 협회, 동창회: dues, meetings, who holds which office."""

from django.utils.translation import gettext_lazy as _

from members.presets.kinds import BIRTHDAY, UNPAID, Field, Group, Pass, Preset, Segment, Text, every

ASSOCIATION = Preset(
    key="association",
    title=_("협회·동호회·동창회"),
    about=_("회비와 총회, 모임 참석을 챙겨요."),
    icon="handshake",
    fields=(
        Field("회원 번호"),
        Field("직책", "choice", ("회원", "총무", "감사", "부회장", "회장", "고문")),
        Field("소속"),
        Field("기수"),
        Field("입회일", "date"),
    ),
    groups=(Group("정회원", "blue"), Group("준회원", "green"), Group("임원", "violet"), Group("명예회원", "amber")),
    passes=(Pass("연회원", months=12),),
    segments=(UNPAID, BIRTHDAY, Segment("올해 들어온 회원", every(("created_at", "within_last", 365)))),
    texts=(
        Text("가입 환영", "#{이름} 님, #{업체}의 회원이 되신 것을 환영합니다. 앞으로 소식을 문자로 알려 드릴게요."),
        Text("회비 안내", "#{이름} 님, 올해 회비를 안내드려요. 이달 말까지 부탁드립니다. 고맙습니다. #{업체} 총무"),
        Text("회비 미납 안내", "#{이름} 님, 회비가 아직 확인되지 않아 연락드려요. 이미 내셨다면 알려 주세요. #{업체} 총무"),
        Text("회비 받음", "#{이름} 님, 회비를 잘 받았습니다. 고맙습니다. #{업체} 총무"),
        Text("정기 총회", "#{업체} 정기 총회를 알려 드립니다.\n날짜: 12월 12일(토) 오후 3시\n장소: 회관 2층\n참석 여부를 답장으로 알려 주세요.", title="정기 총회 안내"),
        Text("월례 모임", "#{이름} 님, 이번 달 모임은 둘째 토요일 오후 5시예요. 참석하시면 답장 부탁드려요. #{업체}"),
        Text("모임 하루 전", "#{이름} 님, 내일 모임에서 뵙겠습니다. 장소가 어려우시면 전화 주세요. #{업체}"),
        Text("모임 취소", "#{이름} 님, 내일 모임은 사정이 있어 쉬어 갑니다. 다음 모임에서 뵐게요. #{업체}"),
        Text("경조사", "#{업체} 회원의 소식을 전합니다.\n모시는 글과 장소는 아래와 같습니다.\n날짜: \n장소: ", title="회원 소식"),
        Text("회원 명부 확인", "#{이름} 님, 회원 명부를 새로 만들고 있어요. 소속과 연락처가 바뀌셨으면 답장으로 알려 주세요. #{업체}"),
        Text("생일 축하", "#{이름} 님, 생일을 진심으로 축하드립니다. #{업체} 회원 모두"),
        Text("행사 참가 모집", "#{업체} 가을 걷기 행사에 함께해요. 회원 가족은 참가비를 깎아 드려요.", ad=True),
    ),
)  # fmt: skip
