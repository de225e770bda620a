"""Which column of a roster is what: guessed from its header, and from the cells where the header says too little."""

import datetime
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from members import contact_columns as others
from members.stage_words import stage_of

NAME, PHONE, PHONE2, BIRTH = "name", "phone", "phone2", "birth_date"
GROUP, MEMO, AD, NIGHT, SKIP = "group", "memo", "ad", "night", "skip"
REFUSAL = "refusal"  # who wants no ads: there may be several of these
CALENDAR = "calendar"  # whether the birthday beside is a lunar one
STAGE, SOURCE, TAGS = "stage", "source", "tags"
FIELD = "field:"
# Beside these a number and a name for each of `contact_columns.ROLES`.
CONTACTS = tuple(target for role in others.ROLES for target in (role, others.NAME_OF[role]))
TARGETS = (
    NAME, PHONE, PHONE2, *CONTACTS, BIRTH, CALENDAR, GROUP, TAGS, STAGE, SOURCE, MEMO, AD, NIGHT, REFUSAL, SKIP,
)  # fmt: skip
NUMBERS = frozenset({PHONE, PHONE2, *others.ROLES})  # one of them, and people can be written

HEADER_WITHIN = 30
SAMPLE_ROWS = 200
TITLE_MAX = 30


class Guess(NamedTuple):
    """`mapping`: column index → target (one of TARGETS or "field:<title>"); `first_row`: index of the first person.

    `doubts` are codes of what a person should look at: no_header, no_name, no_phone, name_guessed, phone_guessed,
    two_phones.
    """

    first_row: int
    titles: list[str]
    mapping: dict[int, str]
    doubts: list[str]


def words(text: str) -> frozenset[str]:
    """The words of a long literal: a list of a hundred quoted strings cannot be read."""
    return frozenset(text.split())


_NAMES = words("""
    이름 성명 성함 name fullname 고객명 고객이름 고객성명 회원명 회원이름 회원성명 학생명 학생이름 학생성명
    원생명 원생이름 수강생 수강생명 수강생이름 환자명 환자이름 이용자명 성도명 교인명 신도명 예약자 예약자명
    수신자 수신자명 받는사람 받는분 수취인 고객 회원 학생 원생 성명이름 이름성명 아동명 아이이름 자녀명
    입주자명 조합원명 참가자 참가자명 신청자 신청자명 membername customer customername client clientname
    studentname contactname displayname
""")
_GROUPS = words("""
    그룹 그룹명 group groups groupname 반 반명 반이름 클래스 클래스명 class classname 수강반 수업 분류 구분
    회원구분 고객구분 회원그룹 고객그룹 고객분류 회원분류 소속 소속반 팀 팀명 team 과정 과정명 category 부서 구역
""")
_TAGS = words("태그 태그명 해시태그 tag tags 라벨 label labels")
_STAGES = words("""
    단계 회원단계 고객단계 진행단계 상태 회원상태 고객상태 등록상태 재원상태 수강상태 이용상태 진행상태 stage status
""")
_SOURCES = words("""
    경로 알게된경로 알게되신경로 유입경로 방문경로 가입경로 등록경로 신청경로 문의경로 인지경로 상담경로 접수경로
    내원경로 소개경로 유입 source referral
""")
_MEMOS = words("""
    메모 비고 memo note notes remark remarks comment comments 특이사항 참고 참고사항 기타 기타사항 상담내용
    고객메모 회원메모 메모내용 설명 description
""")
_BIRTHS = words("생년월일 생일 생년 출생일 출생년월일 birth birthday birthdate dateofbirth dob 생년월일6자리")
_CALENDARS = words("""
    양음력 음양력 음양 양음 음력양력 양력음력 음양구분 양음구분 음력여부 음력구분 양력구분 음력 lunar islunar calendar
    생일구분 생일음양 생일양음 생일음력양력 생일양력음력 생일음력여부
""")
_WORDS_OF = {
    word: target
    for target, titles in ((GROUP, _GROUPS), (MEMO, _MEMOS), (TAGS, _TAGS), (STAGE, _STAGES), (SOURCE, _SOURCES))
    for word in titles
}
_NUMBERS = words("no 번호 순번 연번 순서 # 일련번호 seq index idx 행 행번호 줄")
_OURS = words("문제 problem")  # the last column of the error file, which comes back

_MOBILE_WORDS = ("휴대", "핸드폰", "핸폰", "모바일", "mobile", "cell", "스마트폰", "폰번호")
_PHONE_WORDS = (*_MOBILE_WORDS, "연락처", "전화", "phone", "tel", "문자받", "수신번호")
_PHONE_EXACT = {"hp", "hpno", "폰", "h.p", "ph", "연락", "휴대번호", "contact", "contactno", "contactnumber", "번호hp"}
_OTHERS_PERSON = words("""
    보호자 학부모 부모 어머니 아버지 엄마 아빠 모친 부친 비상 긴급 가족 배우자 추천인 담당 강사 parent
    guardian mother father emergency manager
""")
_SECOND_PLACE = words("집 자택 유선 회사 직장 사무실 home office work landline 추가 보조 2")
_NOT_A_PHONE = ("팩스", "fax", "일시", "날짜", "여부", "동의", "기종", "통신사", "메모", "상담", "횟수", "거부")
_NOT_A_NAME = words("""
    상품 업체 회사 학교 과정 반이름 그룹 아이디 닉네임 은행 예금주 쿠폰 코스 매장 지점 브랜드 user file
    company product school group class team nick
""")

_NOISE = re.compile(
    r"[\s*＊:：._\-/·※\"'\[\]{}<>]+|\((?:필수|선택|필수입력|선택입력|required|optional)\)", re.IGNORECASE
)
_REFUSAL = re.compile(
    r"(?:광고|홍보|마케팅|문자|sms|lms|메시지|전화|휴대폰|핸드폰|무료|080|수신|고객|회원)*(?:거부|거절|차단)(?:여부|자|함|등록|신청|일|일자|일시)?"
    r"|(?:sms|ad|ads|marketing)?(?:optout|optedout|unsubscribed?)"
)
_BESIDE = re.compile(r"[(]?(?:음력|양력|음|양)[)]?")
_PHONE_CELL = re.compile(r"\+?[\d\s().\-]{8,20}")
_MOBILE_CELL = re.compile(r"(?:82|0082)?0?1[016789]\d{7,8}")
_KOREAN_NAME = re.compile(r"[가-힣]{2,4}[A-Za-z0-9]?")
_SURNAMES = frozenset(
    "김이박최정강조윤장임한오서신권황안송전홍유고문양손배백허남심노하곽성차주우구민류나진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
)
_DATE_CELL = re.compile(r"(?:19|20)?\d{2}\s*[.\-/년]\s*\d{1,2}\s*[.\-/월]\s*\d{1,2}\s*일?\.?")


def guess(
    rows: Sequence[Sequence], fields: Iterable[str] | Mapping[str, str] = (), header_row: int | None = None
) -> Guess:
    """What each column of the rows is; `fields` are titles of custom fields the tenant already has, or every name that
    one is known by with its present name (the first that says a word has it); "" for one that no sheet can fill.

    `header_row` is the line of the titles where a person said so, 0 for none; people begin below it.
    """
    names = fields if isinstance(fields, Mapping) else {title: title for title in fields}
    known = {_plain(word): name for word, name in reversed(list(names.items()))}
    first_row, titles = _header(rows) if header_row is None else _header_at(rows, header_row)
    body = [row for row in rows[first_row : first_row + SAMPLE_ROWS] if any(_text(cell) for cell in row)]
    columns = [[row[index] for row in body if _text(row[index])] for index in range(len(titles))]
    doubts = ["no_header"] if header_row is None and not first_row and not any(titles) else []
    mapping = {index: target_of(title, known) for index, title in enumerate(titles)}
    _settle_phones(mapping, titles, columns, doubts)
    _settle_name(mapping, titles, columns, doubts)
    _settle_stage(mapping, titles, columns)
    _settle_once(mapping, titles)
    _settle_untitled(mapping, titles, columns)
    return Guess(first_row, titles, mapping, doubts)


def target_of(title: str, known_fields: dict[str, str] | None = None) -> str:
    """Target that a header's words alone suggest; an unknown title is a custom field of that name."""
    plain = _plain(title)
    if not plain or plain in _NUMBERS or plain in _OURS or "주민" in plain:
        # A resident registration number may not be kept without a law that asks for it.
        return SKIP
    if _phone_rank(plain) is not None and not _is_consent(plain):
        return PHONE  # somebody else's too: `_settle_phones` sees whether the member has one of their own
    if _is_refusal(plain):
        return REFUSAL
    if known_fields and plain in known_fields:
        return FIELD + known_fields[plain] if known_fields[plain] else SKIP
    if _is_consent(plain):
        return NIGHT if "야간" in plain or "night" in plain else AD
    if plain in _CALENDARS:
        return CALENDAR
    if (
        plain in _BIRTHS
        or _BESIDE.sub("", plain) in _BIRTHS
        or "생년월일" in plain
        or (plain.endswith(("생일", "birthday")) and not _of_other(plain))
    ):
        return BIRTH
    if _is_name(plain):
        return NAME
    return others.names_somebody(plain) or _WORDS_OF.get(plain) or FIELD + title[:TITLE_MAX]


def _plain(title: str) -> str:
    return _NOISE.sub("", unicodedata.normalize("NFKC", str(title))).lower()


def _of_other(plain: str) -> bool:
    return others.role_of(plain) is not None or any(word in plain for word in _OTHERS_PERSON)


def _is_consent(plain: str) -> bool:
    if "거부" in plain:
        return False
    if "야간" in plain and ("동의" in plain or "수신" in plain or "광고" in plain):
        return True
    if any(word in plain for word in ("광고", "마케팅", "홍보", "marketing")):
        return any(word in plain for word in ("동의", "수신", "여부", "agree", "consent", "optin")) or len(plain) <= 9
    return plain in (
        "수신동의",
        "수신동의여부",
        "수신여부",
        "문자수신",
        "문자수신동의",
        "문자동의",
        "adconsent",
        "nightconsent",
    ) or (plain.startswith("sms") and ("수신" in plain or "동의" in plain))


def _is_refusal(plain: str) -> bool:
    """수신거부, 080거부, 광고수신거부여부: that somebody wants no ads; not why, and not of the night alone."""
    return _REFUSAL.fullmatch(re.sub(r"\(.*?\)", "", plain)) is not None


def _phone_rank(plain: str) -> int | None:
    """None: no phone. Else the place in line: own mobile 0, own phone 1, someone else's 2, a desk's or second 3."""
    if any(word in plain for word in _NOT_A_PHONE):
        return None
    if plain not in _PHONE_EXACT and not any(word in plain for word in _PHONE_WORDS):
        return 2 if others.role_of(plain) and plain.endswith(("hp", "폰")) else None
    if _of_other(plain):
        return 2
    if any(word in plain for word in _SECOND_PLACE):
        return 3
    return 0 if plain in _PHONE_EXACT or any(word in plain for word in _MOBILE_WORDS) else 1


def _is_name(plain: str) -> bool:
    if plain in _NAMES:
        return True
    bare = re.sub(r"\(.*?\)", "", plain)
    if bare in _NAMES and not _of_other(plain):
        return True
    ends = bare.endswith(("이름", "성명", "성함", "name"))
    return ends and not _of_other(plain) and not any(word in plain for word in _NOT_A_NAME)


# --- the header -------------------------------------------------------------------------------------------------


def _header(rows: Sequence[Sequence]) -> tuple[int, list[str]]:
    """(index of the first data row, titles); titles are empty where there is no header at all."""
    width = _width(rows)
    end = next((i for i, row in enumerate(rows[:HEADER_WITHIN]) if any(map(looks_like_phone, row))), None)
    before = rows[: HEADER_WITHIN if end is None else end]
    scores = [_score(row) for row in before]
    best = max(range(len(before)), key=lambda i: (scores[i], -i), default=None)
    if best is None or not scores[best]:
        return 0, [""] * width
    if best + 1 < len(before) and scores[best + 1] and _wide(before[best + 1]):
        return best + 2, _two_lines(before[best], before[best + 1], width)
    if best and _wide(before[best - 1]) and _needs(before[best - 1], before[best]):
        return best + 1, _two_lines(before[best - 1], before[best], width)
    return best + 1, _padded([_title(cell) for cell in before[best]], width)


def _header_at(rows: Sequence[Sequence], line: int) -> tuple[int, list[str]]:
    """As `_header`, with the line that a person chose; a line above that belongs to it is read with it."""
    width = _width(rows)
    if not 0 < line <= len(rows):
        return 0, [""] * width
    found = _header(rows)
    if found[0] == line and any(found[1]):
        return found
    if line > 1 and _wide(rows[line - 2]) and _needs(rows[line - 2], rows[line - 1]):
        return line, _two_lines(rows[line - 2], rows[line - 1], width)
    return line, _padded([_title(cell) for cell in rows[line - 1]], width)


def _width(rows: Sequence[Sequence]) -> int:
    return max((len(row) for row in rows[: HEADER_WITHIN + SAMPLE_ROWS]), default=0)


def _score(row: Sequence) -> int:
    """How many different known things the cells of this row name."""
    targets = [target_of(cell) for cell in row if isinstance(cell, str) and 0 < len(cell.strip()) <= 30]
    return len({target for target in targets if target != SKIP and not target.startswith(FIELD)})


def _wide(row: Sequence) -> bool:
    return sum(1 for cell in row if _text(cell)) >= 2


def _needs(upper: Sequence, lower: Sequence) -> bool:
    """The line above belongs to the header: the lower one repeats itself (이름 | 이름) or leaves a title to it."""
    titles = [_title(cell) for cell in lower if _text(cell)]
    left = [cell for cell, below in zip(upper, lower, strict=False) if not _text(below)]
    return len(set(titles)) < len(titles) or _score(left) > 0


def _two_lines(upper: Sequence, lower: Sequence, width: int) -> list[str]:
    """One title a column from a header of two lines; a merged upper cell counts for all columns under it."""
    titles, above = [], ""
    for index in range(width):
        top = _title(upper[index]) if index < len(upper) else ""
        bottom = _title(lower[index]) if index < len(lower) else ""
        above = top or above
        titles.append(f"{above} {bottom}".strip() if bottom else top)
    return titles


def _title(cell: object) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in _text(cell))
    return " ".join(printable.split())[:TITLE_MAX].strip()


def _padded(titles: list[str], width: int) -> list[str]:
    return titles + [""] * (width - len(titles))


# --- the cells --------------------------------------------------------------------------------------------------


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def looks_like_phone(cell: object) -> bool:
    text = _text(cell)
    if not _PHONE_CELL.fullmatch(text):
        return False
    digits = re.sub(r"\D", "", text)
    if _MOBILE_CELL.fullmatch(digits):
        return True
    return isinstance(cell, str) and digits.startswith("0") and 9 <= len(digits) <= 12


def _mobile_share(column: Sequence) -> float:
    hits = sum(1 for cell in column if _MOBILE_CELL.fullmatch(re.sub(r"[\s().+\-]", "", _text(cell))))
    return hits / len(column) if column else 0.0


def _name_share(column: Sequence, *, sure: bool = False) -> float:
    """How much of a column reads like names; `sure` counts three syllables only, as 서울 under 주소 is nobody."""
    hits = sum(1 for cell in column if _reads_like_name(_text(cell), sure))
    varied = len({_text(cell) for cell in column})
    return hits / len(column) * min(1.0, 2 * varied / len(column)) if column else 0.0


def _reads_like_name(text: str, sure: bool) -> bool:
    return bool(_KOREAN_NAME.fullmatch(text)) and text[0] in _SURNAMES and (len(text) == 3 or not sure)


def _date_share(column: Sequence) -> float:
    hits = sum(1 for cell in column if isinstance(cell, datetime.date) or _DATE_CELL.fullmatch(_text(cell)))
    return hits / len(column) if column else 0.0


def _settle_phones(mapping: dict[int, str], titles: list[str], columns: list[list], doubts: list[str]) -> None:
    """One phone, one second phone; the header's word holds unless the cells say plainly that it is no mobile.

    A mother's number is hers where there is another that may be the member's own, and the member's where there is none.
    """
    _settle_alone(mapping, titles, columns)
    found = [index for index, target in mapping.items() if target == PHONE]
    if not found:
        likely = [index for index in mapping if _mobile_share(columns[index]) >= 0.5]
        found = [index for index in likely if not titles[index] or mapping[index] in (SKIP, FIELD + titles[index])]
        doubts.append("phone_guessed" if found else "no_phone")
    empty = {index for index in found if columns[index] and _mobile_share(columns[index]) < 0.2}
    best_first = sorted(found, key=lambda index: (index in empty, _phone_rank(_plain(titles[index])) or 0, index))
    for index in best_first[1:]:
        if (role := others.role_of(_plain(titles[index]))) and role not in mapping.values():
            mapping[index] = role
    rest = [index for index in best_first if mapping[index] not in others.ROLES]
    for place, index in enumerate(rest):
        mapping[index] = (PHONE, PHONE2)[place] if place < 2 else _as_field(titles[index])
    if len(rest) > 1:
        doubts.append("two_phones")
    for role, name in others.NAME_OF.items():
        for index in [index for index, target in mapping.items() if target == name and role not in mapping.values()]:
            mapping[index] = _as_field(titles[index])


def _settle_alone(mapping: dict[int, str], titles: list[str], columns: list[list]) -> None:
    """어머니 with nothing behind it is a number or a name, as its cells are; where they are neither, it stays."""
    for index, target in mapping.items():
        if not target.startswith(FIELD) or (role := others.stands_alone(_plain(titles[index]))) is None:
            continue
        if _mobile_share(columns[index]) >= 0.5:
            mapping[index] = PHONE
        elif _name_share(columns[index]) >= 0.4:
            mapping[index] = others.NAME_OF[role]


def _settle_name(mapping: dict[int, str], titles: list[str], columns: list[list], doubts: list[str]) -> None:
    found = [index for index, target in mapping.items() if target == NAME]
    if found:
        # 고객 | 이름: of two that could be it, the one that really holds names.
        best = max(found, key=lambda index: (_name_share(columns[index]), -index))
        for index in found:
            if index != best:
                mapping[index] = _as_field(titles[index])
        return
    free = [index for index, target in mapping.items() if target == SKIP or target.startswith(FIELD)]
    share = {index: _name_share(columns[index], sure=bool(titles[index])) for index in free}
    likely = max(free, key=lambda index: (share[index], -index), default=None)
    if likely is None or share[likely] < 0.4:
        likely = next((index for index in free if not any(titles) and columns[index]), None)
    if likely is None:
        doubts.append("no_name")
        return
    mapping[likely] = NAME
    doubts.append("name_guessed")


def _settle_stage(mapping: dict[int, str], titles: list[str], columns: list[list]) -> None:
    """상태 may be anything, and 단계 a level of English: the cells have to say what our stages are called."""
    for index in [index for index, target in mapping.items() if target == STAGE]:
        said = sum(1 for cell in columns[index] if stage_of(_text(cell)))
        if said < len(columns[index]) * 0.7:
            mapping[index] = _as_field(titles[index])


_ONCE = frozenset(TARGETS) - {NAME, PHONE, PHONE2, REFUSAL, SKIP}


def _settle_once(mapping: dict[int, str], titles: list[str]) -> None:
    """What may be there once is the first column of its kind; the others keep their titles as custom fields."""
    seen: set[str] = set()
    for index in sorted(mapping):
        target = mapping[index]
        if target in _ONCE and target in seen:
            mapping[index] = _as_field(titles[index])
        elif target.startswith(FIELD) and target in seen:
            mapping[index] = f"{target[: len(FIELD) + TITLE_MAX - 4]} {index + 1}"
        seen.add(mapping[index])


def _settle_untitled(mapping: dict[int, str], titles: list[str], columns: list[list]) -> None:
    """Columns without a title: dates are birthdays, the first other words a memo; numbers in order are left out."""
    for index, title in enumerate(titles):
        if title or mapping[index] != SKIP or not columns[index]:
            continue
        if BIRTH not in mapping.values() and _date_share(columns[index]) >= 0.6:
            mapping[index] = BIRTH
        elif MEMO not in mapping.values() and not all(_text(cell).isdigit() for cell in columns[index]):
            mapping[index] = MEMO


def _as_field(title: str) -> str:
    return FIELD + title if title else SKIP
