"""Columns with the number or the name of somebody beside the member: 어머니 연락처, 휴대폰(부), 보호자 성함, 결제자."""

import re

MOTHER, FATHER, GUARDIAN, PAYER = "mother", "father", "guardian", "payer"
ROLES = (MOTHER, FATHER, GUARDIAN, PAYER)  # each is a target itself: the column of that number
NAME_OF = {role: f"{role}_name" for role in ROLES}
NAMES = frozenset(NAME_OF.values())

_WORDS = {  # in this order: 어머니(보호자) is a mother; 학부모 and 부모 hold 부 and 모, and are neither
    MOTHER: ("어머니", "어머님", "엄마", "모친", "mother", "mom"),
    FATHER: ("아버지", "아버님", "아빠", "부친", "father", "dad"),
    GUARDIAN: ("보호자", "학부모", "부모", "parent", "guardian"),
    PAYER: ("결제자", "납부자", "납입자", "입금자", "payer"),
}
_SHORT = {"모": MOTHER, "부": FATHER}
_PHONE = r"(?:연락처|전화번호|전화|휴대폰번호|휴대폰|휴대전화번호|휴대전화|핸드폰번호|핸드폰|폰번호|폰|hp|h\.p|번호)"
_NAME = r"(?:이름|성명|성함|name|(?<![설증서])명)"
_SHORT_TITLE = re.compile(rf"(모|부)(?:{_PHONE}|{_NAME})?|(?:{_PHONE}|{_NAME})[(]?(모|부)[)]?|.*[(](모|부)[)].*")
_NAME_TITLE = re.compile(rf".*{_NAME}(?:[(][^)]*[)])?")
_ALONE = re.compile(r"님|정보|주|[()]")


def role_of(plain: str) -> str | None:
    """Whose column a title speaks of; `plain` is a title without spaces and in lower case."""
    for role, words in _WORDS.items():
        if any(word in plain for word in words):
            return role
    found = _SHORT_TITLE.fullmatch(plain)
    return _SHORT[found[1] or found[2] or found[3]] if found else None


def names_somebody(plain: str) -> str | None:
    """The target of a title like 보호자명; None for any other."""
    role = role_of(plain)
    return NAME_OF[role] if role and _NAME_TITLE.fullmatch(plain) else None


def stands_alone(plain: str) -> str | None:
    """The role of a title that says no more than that: 어머니, 학부모님. Its cells say whether it is a number."""
    role = role_of(plain)
    if role is None or plain in _SHORT:
        return role
    bare = _ALONE.sub("", plain)
    return role if bare in _WORDS[role] or f"{bare}님" in _WORDS[role] else None
