"""Korean writing: initial consonants for search, and the particle that fits a word. Pure functions."""

import re

CHOSUNG = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"

# A keyboard joins ㄱㅅ into ㄳ while one types initials.
_JOINED = str.maketrans(
    {
        "ㄳ": "ㄱㅅ",
        "ㄵ": "ㄴㅈ",
        "ㄶ": "ㄴㅎ",
        "ㄺ": "ㄹㄱ",
        "ㄻ": "ㄹㅁ",
        "ㄼ": "ㄹㅂ",
        "ㄽ": "ㄹㅅ",
        "ㄾ": "ㄹㅌ",
        "ㄿ": "ㄹㅍ",
        "ㅀ": "ㄹㅎ",
        "ㅄ": "ㅂㅅ",
    }
)
_SYLLABLE = re.compile("[가-힣]")
_ONLY_CHOSUNG = re.compile(f"[{CHOSUNG}ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ]+(?: +[{CHOSUNG}ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ]+)*")
_NOT_SPOKEN = re.compile(r"[\s)\]}>\"'”’」』》〉.,!?~]+$")
# Whether the Korean reading of a digit or the English name of a letter ends in a consonant; ㄹ matters to 으로.
_DIGIT_FINALS = {"0": "ㅇ", "1": "ㄹ", "3": "ㅁ", "6": "ㄱ", "7": "ㄹ", "8": "ㄹ"}
_LETTER_FINALS = {"l": "ㄹ", "m": "ㅁ", "n": "ㄴ", "r": "ㄹ"}
_RIEUL = 8  # place of ㄹ among the 28 finals


def chosung(text: str) -> str:
    """김민수 → ㄱㅁㅅ; joined consonants come apart (ㄳ → ㄱㅅ), everything else stays as it is."""
    return _SYLLABLE.sub(lambda m: CHOSUNG[(ord(m[0]) - 0xAC00) // 588], text).translate(_JOINED)


def is_chosung(query: str) -> bool:
    """Whether someone searches by initials alone: ㄱㅁㅅ, also ㄱ ㅁㅅ."""
    return _ONLY_CHOSUNG.fullmatch(query.strip()) is not None


def josa(word: str, pair: str) -> str:
    """The word with its particle: josa("수정", "은/는") → 수정은. The first of the pair follows a consonant.

    으로/로 goes by its own rule (서울로). Digits are read in Korean, other letters by their English names.
    """
    after_consonant, after_vowel = pair.split("/")
    final = _final(_NOT_SPOKEN.sub("", word))
    if after_consonant.startswith("으로") and final == "ㄹ":
        return word + after_vowel
    return word + (after_consonant if final else after_vowel)


def _final(word: str) -> str:
    """ㄹ, another consonant, or "" where the word ends in a vowel."""
    last = word[-1:].lower()
    if "가" <= last <= "힣":
        place = (ord(last) - 0xAC00) % 28
        return "ㄹ" if place == _RIEUL else "ㅇ" * bool(place)
    return _DIGIT_FINALS.get(last) or _LETTER_FINALS.get(last, "")
