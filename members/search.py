"""How members are found: what is stored to find them by, and what a person's search means. Pure functions.

Every member carries `name_cho` and `tokens`. Tokens are words that begin with the tenant's id, so that the one search
index of all tenants never shows a search a neighbour's entries: letters and pairs of letters of the name, pairs and
threes of its initials, the ends of the phone, pairs of letters of the memo; of each contact (mother, father …) the
ends of the phone and pairs of letters of the name.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from ui.hangul import CHOSUNG, chosung

WORDS_MOST = 5
QUERY_LONGEST = 100
_DIGITS36 = "0123456789abcdefghijklmnopqrstuvwxyz"
# ASCII only, because that is what SQLite's lower() does, and PostgreSQL's in the collation C.
_LOWER = {ord(c): c.lower() for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"} | {0: None}
_JAMO = re.compile(f"[{CHOSUNG}ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ]")
_PHONE = re.compile(r"[\d\s.\-()]+")
_NOT_DIGITS = re.compile(r"\D+")
_BETWEEN = re.compile(r"\s+|(?<=[^\d\s])[.,](?=\d)")


class Kind(StrEnum):
    TEXT = "text"  # a part of the name, of the memo or of a contact's name
    LETTER = "letter"  # one letter of the name
    INITIALS = "initials"  # ㄱㅁㅅ, or half-typed 김ㅁ
    INITIAL = "initial"  # one initial: how the name begins
    ENDING = "ending"  # last digits of the phone, or of a contact's
    BEGINNING = "beginning"  # 010-1234…: a number being typed


@dataclass(frozen=True)
class Word:
    """One word of a search. `tokens` lack the tenant; `exact` says that having them is enough."""

    kind: Kind
    text: str
    tokens: tuple[str, ...] = ()
    exact: bool = False


def derive(
    tenant_id: int, name: str, phone: str, memo: str = "", contacts: Iterable[tuple[str, str]] = ()
) -> tuple[str, str]:
    """(name_cho, tokens) of a member, to be stored whenever name, phone, memo or contacts change.

    `contacts` are (name, phone) of each. Who writes tokens without knowing them asks `values.contacts_of` first.
    """
    prefix = _prefix(tenant_id)
    cho, tokens = _of_name(prefix, name)
    if phone:
        tokens = f"{tokens} {_of_phone(prefix, phone)}"
    if memo:
        tokens = f"{tokens} {_of_memo(prefix, memo)}"
    for other, number in contacts:
        tokens = f"{tokens} {_of_phone(prefix, number)}"
        if len(other) > 1:
            tokens = f"{tokens} {_of_memo(prefix, other)}"
    return cho, tokens


def with_tenant(tenant_id: int, tokens: tuple[str, ...]) -> list[str]:
    """The tokens as they are stored for that tenant."""
    prefix = _prefix(tenant_id)
    return [prefix + token for token in tokens]


def lower(text: str) -> str:
    """Text as the databases' lower() makes it of what we store: NFC, small Latin letters."""
    return unicodedata.normalize("NFC", text).translate(_LOWER)


def fold(text: str) -> str:
    """Text as it is compared: as `lower`, no spaces."""
    return "".join(lower(text).split())


def parse(query: str) -> list[Word]:
    """The words of a search, each of which must match; nothing to search for gives an empty list."""
    query = unicodedata.normalize("NFC", query[:QUERY_LONGEST]).strip()
    if _PHONE.fullmatch(query):
        return _digits(query)
    parts = [part.strip(".,") for part in _BETWEEN.split(query)]
    return [word for part in parts[:WORDS_MOST] if part for word in _word(part)]


def _word(part: str) -> list[Word]:
    if _PHONE.fullmatch(part):
        return _digits(part)
    text = fold(part)
    if not text:
        return []
    if _JAMO.search(text):
        return [_initials(text)]
    if len(text) == 1:
        return [Word(Kind.LETTER, text, (text,), exact=True)]
    return [Word(Kind.TEXT, text, pairs(text), exact=len(text) == 2)]


def _initials(text: str) -> Word:
    cho = chosung(text)
    if len(cho) == 1:
        return Word(Kind.INITIAL, cho)
    tokens = tuple(dict.fromkeys(cho[i : i + 3] for i in range(len(cho) - 2))) or (cho,)
    pure = not re.search("[가-힣]", text)
    return Word(Kind.INITIALS, text, tokens, exact=pure and len(cho) <= 3)


def _digits(part: str) -> list[Word]:
    digits = _NOT_DIGITS.sub("", part)
    if not digits:
        return []
    if digits[0] == "0" and len(digits) > 4:
        return [Word(Kind.BEGINNING, digits)]
    if len(digits) == 1:
        return [Word(Kind.ENDING, digits)]
    return [Word(Kind.ENDING, digits, (f"p{digits[-4:]}",), exact=len(digits) <= 4)]


@lru_cache(maxsize=512)
def _prefix(tenant_id: int) -> str:
    out = ""
    while tenant_id:
        tenant_id, rest = divmod(tenant_id, 36)
        out = _DIGITS36[rest] + out
    return f"{out or '0'}:"


@lru_cache(maxsize=1 << 16)  # a roster of 100,000 has far fewer names than people
def _of_name(prefix: str, name: str) -> tuple[str, str]:
    text = fold(name)
    cho = chosung(text)
    tokens = [*text, *pairs(text)]
    tokens += [t for size in (2, 3) for i in range(len(cho) - size + 1) if _JAMO.search(t := cho[i : i + size])]
    return cho, " ".join(prefix + token for token in dict.fromkeys(tokens))


def _of_phone(prefix: str, phone: str) -> str:
    return f"{prefix}p{phone[-4:]} {prefix}p{phone[-3:]} {prefix}p{phone[-2:]}"


@lru_cache(maxsize=1 << 12)  # memos of a roster repeat too ("초등부", "미납")
def _of_memo(prefix: str, memo: str) -> str:
    words = lower(memo).split()
    return " ".join(prefix + pair for pair in dict.fromkeys(pair for word in words for pair in pairs(word)))


def pairs(text: str) -> tuple[str, ...]:
    """The pairs of letters that stand side by side, each once."""
    return tuple(dict.fromkeys(text[i : i + 2] for i in range(len(text) - 1)))
