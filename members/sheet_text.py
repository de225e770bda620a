"""Rows from text: CSV in the encodings Korean machines write, and lines pasted from anywhere."""

import csv
import io
import re
from itertools import islice

from members.sheet_problems import BrokenFile, EmptyFile, UnknownKind, WrongEncoding

SAMPLE = 64 * 1024
DELIMITERS = "\t,;|"
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_FOREIGN = re.compile(r"[^\x00-\x7f가-힣ㄱ-ㆎ\u2000-\u303f\uff00-\uffef]")
_HANGUL = re.compile(r"[가-힣ㄱ-ㆎ]")
_PHONE = re.compile(r"(?<![\d-])(?:\+?\s?82[\s.)-]*\(?0?\)?|0)\d{1,3}[\s.)-]*\d{3,4}[\s.-]*\d{4}(?!\d)")
_BARE_MOBILE = re.compile(r"(?<![\d-])1[016789][\s.-]?\d{3,4}[\s.-]?\d{4}(?!\d)")
_NUMBERING = re.compile(r"^\s*(?:\d{1,4}\s*[.)]|[-*•·])\s+")
_EDGES = " \t,;:/|-()[]"


def decode(data: bytes) -> str:
    """Text of a CSV in UTF-8, UTF-16 or CP949; raises WrongEncoding or UnknownKind."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strict(data, "utf-16")
    head = data[:SAMPLE]
    if b"\x00" in head:
        return _without_bom(data, head)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = _strict(data, "cp949")
        _refuse_other_languages(text[:SAMPLE])
    sample = text[:SAMPLE]
    # One stray bell in a name is cleaned later; a file full of them is no text.
    if len(_CONTROL.findall(sample)) * 100 > len(sample) + 100:
        raise UnknownKind
    return text


def _without_bom(data: bytes, head: bytes) -> str:
    odd, even = head[1::2].count(0), head[::2].count(0)
    if max(odd, even) * 10 < len(head) // 2 or min(odd, even) * 4 > max(odd, even):
        raise UnknownKind
    return _strict(data, "utf-16-le" if odd > even else "utf-16-be")


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise WrongEncoding from error


def _refuse_other_languages(text: str) -> None:
    """Japanese or Chinese bytes often decode as CP949 too, into hanja or into syllables outside KS X 1001 (똠, 뷁)."""
    hangul = _HANGUL.findall(text)
    common = sum(1 for syllable in hangul if len(syllable.encode("euc_kr", "ignore")) == 2)
    if len(_FOREIGN.findall(text)) + len(hangul) - common > common:
        raise WrongEncoding


def rows_of(text: str, limit: int) -> list[list]:
    """At most `limit` rows of a delimited text, all of one width; text without delimiters is read as loose lines."""
    delimiter = _delimiter(text[:SAMPLE])
    if delimiter is None:
        return loose_lines(text, limit)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = list(islice(reader, limit))
    except csv.Error as error:
        raise BrokenFile from error
    return _squared(rows)


def _squared(rows: list[list]) -> list[list]:
    width = max(map(len, rows), default=0)
    return [row if len(row) == width else row + [""] * (width - len(row)) for row in rows]


def _delimiter(sample: str) -> str | None:
    """The sign that most lines hold, the most often; commas inside a list of groups lose to tabs between cells."""
    lines = [line for line in sample.splitlines()[:50] if line.strip()]
    if not lines:
        raise EmptyFile
    scores = {sign: sum(1 for line in lines if sign in line) for sign in DELIMITERS}
    best = max(DELIMITERS, key=lambda sign: scores[sign])
    return best if scores[best] * 2 >= len(lines) else None


def loose_lines(text: str, limit: int) -> list[list]:
    """[name, phone, rest] a line, from "김민수 010-1234-5678", either way round, with or without numbering."""
    return [_loose_line(line) for line in text.splitlines()[:limit]]


def _loose_line(line: str) -> list:
    line = _NUMBERING.sub("", line.replace("\u00a0", " "))
    found = _PHONE.search(line) or _BARE_MOBILE.search(line)
    if found is None:
        return [line.strip(_EDGES), "", ""]
    before, after = line[: found.start()].strip(_EDGES), line[found.end() :].strip(_EDGES)
    if before:
        return [before, found.group().strip(), after]
    name, _space, rest = after.partition(" ")
    return [name.strip(_EDGES), found.group().strip(), rest.strip(_EDGES)]
