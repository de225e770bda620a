"""What people type about a member, checked and brought into its stored form."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from members import fields as kinds
from members import phone as phones
from members.exceptions import InvalidMember
from members.models import Contact, Member
from members.search import derive

NAME_LONGEST = 40
MEMO_LONGEST = 2000
SOURCE_LONGEST = 40
# Spaces of no width, byte order marks and turns of direction; the joiner of emoji (U+200D) stays.
_UNSEEN = dict.fromkeys(
    [0x200B, 0x200C, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


def cleaned(values: dict[str, Any]) -> dict[str, Any]:
    """The values given (name, phone, birth_date, memo, fields) as they are stored; raises InvalidMember with fields."""
    checks = {"name": name, "phone": phone, "memo": memo, "source": source, "fields": custom}
    out, problems = {}, {}
    for key, value in values.items():
        try:
            out[key] = checks[key](value) if key in checks else value
        except ValueError as error:
            problems[key] = [str(error)]
    if problems:
        raise InvalidMember(fields=problems)
    return out


def name(value: Any) -> str:
    text = " ".join(_plain(value).split())
    if not text:
        raise ValueError(_("이름을 적어 주세요."))
    if len(text) > NAME_LONGEST:
        raise ValueError(_("이름은 %(most)s자까지 적을 수 있어요.") % {"most": NAME_LONGEST})
    return text


def phone(value: Any) -> str:
    """Digits; empty stays empty. Landlines are kept as contacts (`phone.can_receive` says who gets texts)."""
    text = _plain(value).strip()
    return phones.parse(text) if text else ""


def source(value: Any) -> str:
    """How somebody heard of the shop."""
    text = " ".join(_plain(value).split())
    if len(text) > SOURCE_LONGEST:
        raise ValueError(_("알게 된 경로는 %(most)s자까지 적을 수 있어요.") % {"most": SOURCE_LONGEST})
    return text


def memo(value: Any) -> str:
    text = _plain(value, lines=True).strip()
    if len(text) > MEMO_LONGEST:
        raise ValueError(_("메모는 %(most)s자까지 적을 수 있어요.") % {"most": f"{MEMO_LONGEST:,}"})
    return text


def custom(values: Any) -> dict[str, str]:
    """{name: text}; an empty text stands for "take it away" and is left to the caller."""
    out = {}
    for key, value in (values or {}).items():
        label = " ".join(_plain(key).split())
        text = _plain("" if value is None else value).strip()
        if not 0 < len(label) <= kinds.NAME_MAX:
            raise ValueError(_("항목 이름은 1자에서 %(most)s자 사이로 적어 주세요.") % {"most": kinds.NAME_MAX})
        if len(text) > kinds.VALUE_MAX:
            raise ValueError(
                _("‘%(name)s’에는 %(most)s자까지 적을 수 있어요.") % {"name": label, "most": kinds.VALUE_MAX}
            )
        out[label] = text
    if len(out) > kinds.FIELDS_MOST:
        raise ValueError(_("추가 항목은 %(most)s개까지 쓸 수 있어요.") % {"most": kinds.FIELDS_MOST})
    return out


def store_derived(member: Member, contacts: Iterable[tuple[str, str]] | None = None) -> None:
    """Fill what the member is found by; call whenever its name, phone, memo or contacts changed.

    `contacts` are (name, phone) of each where the caller knows them; else they are asked for.
    """
    if contacts is None:
        contacts = contacts_of(member.tenant_id, [member.pk]).get(member.pk, ()) if member.pk else ()
    found = derive(member.tenant_id, member.name, member.phone, member.memo, contacts)
    member.name_cho, member.tokens = found
    member.name_cho = member.name_cho[:NAME_LONGEST]


def contacts_of(tenant_id: int, ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """(name, phone) of each contact of these members, for whoever writes their tokens."""
    found: dict[int, list[tuple[str, str]]] = {}
    rows = Contact.objects.filter(tenant_id=tenant_id, member_id__in=ids).order_by("position", "id")
    for member, name, phone in rows.values_list("member_id", "name", "phone"):
        found.setdefault(member, []).append((name, phone))
    return found


def _plain(value: Any, *, lines: bool = False) -> str:
    """NFC text without control characters and without marks that nobody sees but every search stumbles over."""
    text = unicodedata.normalize("NFC", str(value)).replace("\r\n", "\n").translate(_UNSEEN)
    kept = "\n\t" if lines else "\t"
    return "".join(c for c in text if c in kept or unicodedata.category(c) not in ("Cc", "Cs"))
