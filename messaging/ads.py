"""An ad as it leaves: the person's text between the blocks that the law asks for, which no door can leave away.

The head is the mark and the sender's name (AD5, AD7), the tail the free way to refuse (AD8): a tenant's 080 number, or
the address of the one-tap page, which ends in a code of its own for each phone. Both count as bytes like any text.
"""

from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from members.phone import format as formatted
from messaging.rules import AD_MARK, OPT_OUT_WORDS
from messaging.text import Field, Template, normalise

CODE = "}"  # the field of the phone's own code: a name that nobody can type between #{ and }
CODE_LENGTH = 8
SAMPLE_CODE = "x" * CODE_LENGTH  # stands for a code where nothing is sent: quotes and previews


class AdPolicy(Protocol):
    """What the blocks need to know of a tenant's SendingPolicy."""

    ad_name: str  # empty: the tenant's own
    ad_hotline: str  # empty: the one-tap page


@dataclass(frozen=True)
class Blocks:
    """What stands before and after the text; with `coded`, the phone's own code ends the tail."""

    head: str
    tail: str
    coded: bool


def blocks(policy: AdPolicy, shop: str) -> Blocks:
    """The locked blocks of a tenant's ads. The contact is the sender number itself (AD7)."""
    head = f"{AD_MARK}{normalise(policy.ad_name or shop).strip()}\n"
    if policy.ad_hotline:
        return Blocks(head, f"\n{OPT_OUT_WORDS} {formatted(policy.ad_hotline)}", coded=False)
    return Blocks(head, f"\n{OPT_OUT_WORDS} {settings.SITE_URL.rstrip('/')}/u/", coded=True)


def shown(text: str, around: Blocks) -> str:
    """A text with its fields unfilled, as it stands between the blocks: for pages, not for sending."""
    parts = wrapped(Template((text,)), around).parts
    return "".join(part if isinstance(part, str) else SAMPLE_CODE for part in parts)


def wrapped(template: Template, around: Blocks) -> Template:
    """The text as an ad; a plain mark that was typed in front of it is not written twice."""
    parts = list(template.parts)
    if parts and isinstance(parts[0], str):
        parts[0] = parts[0].lstrip().removeprefix(AD_MARK).lstrip("\n ")
    if parts and isinstance(parts[-1], str):
        parts[-1] = parts[-1].rstrip()
    inner = tuple(part for part in parts if part != "")
    tail: list[str | Field] = [around.tail, Field(CODE)] if around.coded else [around.tail]
    return Template((around.head, *inner, *tail), ad=True, inner=Template(inner))
