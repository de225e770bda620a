"""A member's own code, as it stands in a QR: digits only, signed, saying nothing to whoever reads it.

Digits, because a scanner types what it reads, and a keyboard set to Hangul would turn letters into other letters. The
number of the member is hidden by a mask that follows from its signature, so a code is worth nothing without our key.
"""

import hmac
from hashlib import sha256

from django.conf import settings

SIGN, BODY = 14, 12
LENGTH = 1 + SIGN + BODY
_FIRST = "7"  # the kind of code: another kind may come


def code_of(tenant_id: int, member_id: int) -> str:
    """The code of a member, always the same."""
    sign = _digits(f"sign:{tenant_id}:{member_id}", SIGN)
    return f"{_FIRST}{sign}{(member_id + _mask(tenant_id, sign)) % 10**BODY:0{BODY}d}"


def member_of(tenant_id: int, code: str) -> int | None:
    """Whose code of this tenant it is; None for anything else."""
    if len(code) != LENGTH or not (code.isascii() and code.isdigit()) or code[0] != _FIRST:
        return None
    sign = code[1 : 1 + SIGN]
    member_id = (int(code[1 + SIGN :]) - _mask(tenant_id, sign)) % 10**BODY
    return member_id if hmac.compare_digest(code, code_of(tenant_id, member_id)) else None


def _mask(tenant_id: int, sign: str) -> int:
    return int(_digits(f"mask:{tenant_id}:{sign}", BODY))


def _digits(text: str, count: int) -> str:
    made = hmac.new(settings.SECRET_KEY.encode(), f"member code:{text}".encode(), sha256).digest()
    return f"{int.from_bytes(made[:16], 'big') % 10**count:0{count}d}"
