"""What a text is before it leaves: merge fields, bytes on the carrier's side, its type, and what cannot be sent.

The rule of bytes (Aligo, KS X 1001). A character is sendable iff Python's `euc_kr` encodes it to at most 2 bytes;
Hangul outside KS X 1001 (됬, 똠, 힣) becomes 8 bytes there and is not. ASCII counts 1, anything else 2, a line break 2.
A page that counts while one types does the same in JavaScript: normalise `\\r\\n` to `\\n`, walk *code points*
(`for (const c of text)`), add 1 below U+0080 except `\\n`, else 2; what is not in `sendable_ranges()` is marked.
Nothing here is billed by UTF-8 or by `len`. Bytes of a joined text are the sum of the bytes of its parts.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from django.utils.translation import gettext_lazy as _

from messaging.rules import IMAGES_MAX, LMS_BYTES, SMS_BYTES, TITLE_BYTES

SMS, LMS, MMS = "SMS", "LMS", "MMS"


# --- Refusals -------------------------------------------------------------------------------------------------------
class TextError(ValueError):
    """A text that cannot go out as written; `code` is for programs, `str()` for people."""

    code = "bad_text"
    message = _("문자를 읽을 수 없어요. 내용을 다시 확인해 주세요.")

    def __init__(self, **facts):
        self.facts = facts
        super().__init__(self.code)

    def __str__(self) -> str:
        return str(self.message).format(**self.facts)


class UnclosedField(TextError):
    code = "unclosed_field"
    message = _("'{piece}' 다음에 닫는 괄호가 없어요. #{{이름}}처럼 }}로 닫아 주세요.")


class EmptyField(TextError):
    code = "empty_field"
    message = _("#{{ }} 안이 비어 있어요. #{{이름}}처럼 넣을 항목을 적어 주세요.")


class TooLong(TextError):
    """`facts`: bytes, limit."""

    code = "too_long"
    message = _("내용이 {bytes:,}바이트예요. {limit:,}바이트까지 보낼 수 있으니 조금 줄여 주세요.")


class TitleTooLong(TooLong):
    code = "title_too_long"
    message = _("제목이 {bytes:,}바이트예요. {limit:,}바이트(한글 {letters}자)까지 쓸 수 있으니 조금 줄여 주세요.")


class TooManyImages(TextError):
    code = "too_many_images"
    message = _("사진은 {limit}장까지 붙일 수 있어요. 몇 장을 빼 주세요.")


# --- Bytes ----------------------------------------------------------------------------------------------------------
_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


def normalise(text: str) -> str:
    """The text as it is stored and sent: breaks as `\\n`, NFC, no control characters; spaces stay as typed."""
    # Nearly every name and word: two looks in C instead of two searches and a copy, once for each of 100,000 people.
    if text.isprintable() and unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", _CONTROLS.sub("", _BREAKS.sub("\n", text)))


def byte_length(text: str) -> int:
    """Bytes on the carrier's side; a character that cannot be sent counts as the 2 it would take if it could."""
    if "\r" in text:
        text = _BREAKS.sub("\n", text)
    size = len(text)
    if text.isascii():
        return size + text.count("\n")
    # Every sendable character beyond ASCII is 2 bytes, so counting them is enough; done in C, 0.4 µs a text.
    return 2 * size - len(text.encode("ascii", "ignore")) + text.count("\n")


def cut(text: str, limit: int) -> str:
    """The longest beginning of the text within `limit` bytes, ending on a whole character."""
    if byte_length(text) <= limit:
        return text
    size = 0
    for index, char in enumerate(text):
        size += byte_length(char)
        if size > limit:
            return text[:index]
    return text


def default_title(text: str) -> str:
    """The first line with words in it, cut to a title's 44 bytes."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return cut(first, TITLE_BYTES).rstrip()


def choose_type(text: str, title: str = "", images: Sequence | int = ()) -> str:
    """ "SMS", "LMS" or "MMS" for a merged text; a title makes it long, for a short one cannot show it.

    `images` is the images or their number. Raises TooLong, TitleTooLong or TooManyImages.
    """
    size, count = byte_length(text), images if isinstance(images, int) else len(images)
    check_title(title)
    if count > IMAGES_MAX:
        raise TooManyImages(limit=IMAGES_MAX)
    if size > LMS_BYTES:
        raise TooLong(bytes=size, limit=LMS_BYTES)
    return type_of(size, titled=bool(title), images=count)


def type_of(size: int, *, titled: bool = False, images: int = 0) -> str:
    """The type for a text of so many bytes, where only the sum is known; the limits are the caller's to check."""
    if images:
        return MMS
    return LMS if titled or size > SMS_BYTES else SMS


def check_title(title: str) -> None:
    size = byte_length(title)
    if size > TITLE_BYTES:
        raise TitleTooLong(bytes=size, limit=TITLE_BYTES, letters=TITLE_BYTES // 2)


# --- What cannot be sent --------------------------------------------------------------------------------------------
@lru_cache(maxsize=1)
def sendable_ranges() -> tuple[tuple[int, int], ...]:
    """Every sendable code point as inclusive ranges, ASCII first; the page's counter is built from these."""
    points = [*range(0x80), 0x3164]  # the Hangul filler encodes, though nothing decodes to it
    for lead in range(0xA1, 0xFF):
        # Pair by pair: after a gap in a row the decoder would go on half a character off.
        points += [ord(c) for trail in range(0xA1, 0xFF) if (c := bytes((lead, trail)).decode("euc_kr", "ignore"))]
    ranges: list[tuple[int, int]] = []
    for point in sorted(set(points)):
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1] = (ranges[-1][0], point)
        else:
            ranges.append((point, point))
    return tuple(ranges)


_SENDABLE = "".join(f"\\U{a:08x}-\\U{b:08x}" for a, b in sendable_ranges())
_BAD = re.compile(f"[^{_SENDABLE}]")
# Signs that lean on the one before: accents, variation selectors, keycaps, skin tones, flags of regions.
_LEANING = "\u0300-\u036f\ufe00-\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"
_CLUSTER = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}"
    f"|(?:[^\\s{_LEANING}][{_LEANING}]+|[^{_SENDABLE}])(?:\u200d[^\\s][{_LEANING}]*|[{_LEANING}])*"
)
# ₩5,000, ₩3만, ₩5,000원: the unit goes behind its amount, and stands there once. compose.js does the same.
_WON = re.compile(r"₩ ?(\d+(?:,\d{3})*(?:\.\d+)?[십백천만억]*)원?")
_FIELD = re.compile(r"#\{[^{}\n]*\}")


@dataclass(frozen=True)
class Change:
    """One replacement made: what stood there, what stands there now, how often."""

    old: str
    new: str
    count: int


REPLACEMENTS: Mapping[str, str] = {
    # Syllables that are only ever misspellings.
    "됬": "됐",
    # Signs.
    "₩": "원", "©": "(c)", "•": "·", "‣": "-", "◦": "·", "∙": "·", "⋅": "·", "・": "·", "‧": "·",
    "«": "《", "»": "》", "‹": "〈", "›": "〉", "‚": ",", "„": '"', "‟": '"', "‛": "'", "⁄": "/",
    "✓": "V", "✔": "V", "☑": "V", "✗": "X", "✘": "X", "✕": "X", "✖": "X", "☒": "X", "➜": "→", "➔": "→", "➡": "→",
    "⬅": "←", "⬆": "↑", "⬇": "↓", "➤": "▶", "►": "▶", "▸": "▶", "◄": "◀", "▪": "■", "▫": "□", "◾": "■", "◽": "□",
    "❗": "!", "❕": "!", "❓": "?", "❔": "?", "‼": "!!", "⁉": "!?", "➕": "+", "➖": "-", "✚": "+", "〜": "~",
    "≈": "≒", "✉": "[메일]", "✂": "", "✈": "", "❄": "*", "☀": "", "☁": "", "☂": "",
    # Stars and hearts have sendable sisters.
    "⭐": "★", "🌟": "★", "✨": "☆", "✩": "☆", "✪": "★", "✦": "☆", "✧": "☆",
    "❤": "♥", "❣": "♥", "💕": "♥", "💖": "♥", "💗": "♥", "💙": "♥", "💚": "♥", "💛": "♥", "💜": "♥", "🧡": "♥",
    "🖤": "♥", "🤍": "♥", "💓": "♥", "💘": "♥", "💝": "♥", "💞": "♥",
    # Faces and hands in the words Koreans text with.
    "😀": "^^", "😁": "^^", "😃": "^^", "😄": "^^", "😆": "^^", "😊": "^^", "🙂": "^^", "☺": "^^", "😉": "^^",
    "🥰": "^^", "😍": "♥", "😘": "♥", "😂": "ㅎㅎ", "🤣": "ㅎㅎ", "😅": "^^;", "😭": "ㅠㅠ", "😢": "ㅠㅠ",
    "🥲": "ㅠㅠ", "🙏": "",
    # Things that shops point with.
    "📞": "☎", "📱": "☎", "🎵": "♪", "🎶": "♬", "✅": "V", "❌": "X", "⭕": "○", "🔴": "●", "🔵": "●",
    "👉": "→", "👈": "←", "👆": "↑", "👇": "↓", "🔺": "▲", "🔻": "▼", "🔸": "◆", "🔹": "◆", "🔶": "◆", "🔷": "◆",
    "💯": "100", "🆕": "[신규]", "🆓": "[무료]", "🔥": "", "🎉": "", "👍": "", "💪": "", "🎁": "", "📌": "※", "📢": "※",
}  # fmt: skip


def unsendable(text: str) -> list[str]:
    """What carriers would turn into "?", each once, in order; an emoji with its tones and joints is one."""
    if not _BAD.search(text):
        return []
    return list(dict.fromkeys(match[0] for match in _CLUSTER.finditer(text)))


def replacement(sign: str) -> str | None:
    """What may stand for one thing `unsendable` named; "" drops it, None means that only a person can say."""
    bare = re.sub(f"[{_LEANING}]", "", sign)
    for known in (sign, bare):
        if known in REPLACEMENTS:
            return REPLACEMENTS[known]
    if bare and not _BAD.search(bare):
        return bare
    if plain := _plain(sign):
        return plain
    return _by_kind(bare[:1] or sign[:1])


def replace_unsendable(text: str) -> tuple[str, list[Change]]:
    """The text with every offered replacement made, and the changes.

    Merge fields keep their names; their fallbacks change too. What has no replacement stays, so that
    `unsendable` still names it.
    """
    counts: dict[tuple[str, str], int] = {}

    def note(old: str, new: str) -> str:
        if old != new:
            counts[old, new] = counts.get((old, new), 0) + 1
        return new

    def swap(match: re.Match) -> str:
        new = replacement(match[0])
        return match[0] if new is None else note(match[0], new)

    def outside_fields(piece: str) -> str:
        return _CLUSTER.sub(swap, _WON.sub(lambda m: note(m[0], f"{m[1]}원"), piece))

    text = _around_fields(normalise(text), outside_fields)
    return text, [Change(old, new, count) for (old, new), count in counts.items()]


def _around_fields(text: str, change) -> str:
    done, at = [], 0
    for field in _FIELD.finditer(text):
        name, bar, fallback = field[0][:-1].partition("|")
        done += [change(text[at : field.start()]), name, bar, change(fallback), "}"]
        at = field.end()
    return "".join([*done, change(text[at:])])


def _plain(sign: str) -> str:
    """é → e, ﬁ → fi: what is left when marks and ligatures are taken apart, if that can be sent."""
    apart = unicodedata.normalize("NFKD", sign)
    plain = "".join(char for char in apart if not unicodedata.category(char).startswith(("M", "Cf")))
    return "" if _BAD.search(plain) else plain


def _by_kind(char: str) -> str | None:
    """By Unicode's kinds: spaces, dashes, quotes and what is invisible are safe to change, letters never."""
    kind = unicodedata.category(char)
    if kind == "Pd":
        return "-"
    if kind == "Zs":
        return " "
    if kind in ("Pi", "Pf"):
        return '"'
    return "" if kind in ("Cf", "Mn", "Me", "So", "Sk", "Co", "Cn") else None


# --- Merge fields ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Field:
    """`#{이름}` or `#{이름|회원}`; an empty fallback, `#{이름|}`, says that nothing may stand there."""

    name: str
    fallback: str | None = None


@dataclass(frozen=True)
class Template:
    """A text with its merge fields found once, so that 100,000 people cost little each."""

    parts: tuple[str | Field, ...]
    ad: bool = False  # it carries the blocks of an ad, and goes only to those who agreed to ads
    inner: "Template | None" = None  # what stands between the blocks

    @cached_property
    def fields(self) -> frozenset[str]:
        return frozenset(part.name for part in self._slots)

    @cached_property
    def literal(self) -> str:
        """All that is written and not merged, fallbacks too: what to look through for unsendable characters."""
        return "".join(part if isinstance(part, str) else part.fallback or "" for part in self.parts)

    def render(self, values: Mapping[str, object]) -> str:
        """The text for one person; what is missing or empty gives way to its fallback. Values are never re-read."""
        get = values.get
        return self._format % tuple(
            [alone if (value := get(name)) is None or value == "" else value for name, alone in self.pairs]
        )

    def missing(self, values: Mapping[str, object]) -> list[str]:
        """Fields that would be blank for this person: no value, and no fallback written; each once, in order."""
        blank = [f.name for f in self._slots if f.fallback is None and values.get(f.name) in (None, "")]
        return list(dict.fromkeys(blank))

    def filled(self, texts: Sequence[str]) -> str:
        """The text with these in its fields, in order: what `render` makes of values that were looked at already."""
        return self._format % tuple(texts)

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(name, what stands there without a value) of each field, in order."""
        return tuple((field.name, field.fallback or "") for field in self._slots)

    @cached_property
    def fixed(self) -> int:
        """Bytes of what is written and not merged, fallbacks not counted."""
        return sum(byte_length(part) for part in self.parts if isinstance(part, str))

    @cached_property
    def _slots(self) -> tuple[Field, ...]:
        return tuple(part for part in self.parts if isinstance(part, Field))

    @cached_property
    def _format(self) -> str:
        return "".join("%s" if isinstance(part, Field) else part.replace("%", "%%") for part in self.parts)


def parse(text: str) -> Template:
    """The text, normalised, as a Template. Raises UnclosedField or EmptyField."""
    return Template(tuple(_pieces(normalise(text))))


def _pieces(text: str) -> Iterator[str | Field]:
    at = 0
    while (start := text.find("#{", at)) >= 0:
        if start > at:
            yield text[at:start]
        found = _FIELD.match(text, start)
        if not found:
            raise UnclosedField(piece=text[start : start + 12].splitlines()[0])
        yield _field(found[0][2:-1])
        at = found.end()
    if at < len(text):
        yield text[at:]


def _field(inside: str) -> Field:
    name, bar, fallback = inside.partition("|")
    if not name.strip():
        raise EmptyField
    return Field(name.strip(), fallback.strip() if bar else None)
