"""The address of a new tenant: its name in Latin letters (한빛체육관 → hanbitcheyukgwan), made unique by a number."""

import re
import secrets
import unicodedata

LONGEST = 30


def _letters(text: str) -> list[str]:
    return text.replace("-", "").split(" ")


_FIRST = _letters("g kk n d tt r m b pp s ss - j jj ch k t p h")
_MIDDLE = _letters("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
_LAST = _letters("- k k k n n n t l k m l l l p l m p p t t ng t t k t p t")


def romanised(text: str) -> str:
    """Latin letters and digits of a Korean name, by the plain letter-for-letter table; '' where nothing is left."""
    out = []
    for char in unicodedata.normalize("NFC", text):
        number = ord(char) - 0xAC00
        if 0 <= number < 11172:
            out.append(_FIRST[number // 588] + _MIDDLE[number // 28 % 21] + _LAST[number % 28])
        else:
            out.append(char.lower())
    return re.sub(r"[^a-z0-9]+", "-", "".join(out)).strip("-")[:LONGEST].strip("-")


def candidates(name: str) -> list[str]:
    """Slugs to try in this order; the last is random and can't be taken."""
    base = romanised(name)
    plain = [base, *(f"{base}-{n}" for n in range(2, 6))] if len(base) >= 2 else []
    return [*plain, f"{base or 't'}-{secrets.token_hex(4)}"]
