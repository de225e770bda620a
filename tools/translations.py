"""Translations without GNU gettext: extract, compile and check with Babel.

python tools/translations.py extract    put new Korean strings into locale/en/LC_MESSAGES/django.po
python tools/translations.py compile    make the .mo files
python tools/translations.py check      fail when a string has no English, or the .po knows strings that are gone
"""

import ast
import io
import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS
from babel.messages.extract import extract as babel_extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"
APPS = ["config", "ui", "accounts", "billing", "members", "messaging", "helpdesk", "home"]
# Pages of developers and the pretended Aligo speak Korean only, as do the migrations.
LEFT_OUT = {"migrations", "sandbox"}
BORN = datetime(2026, 11, 22, tzinfo=UTC)  # a date that stands still keeps the diff to the strings
# name -> (position of the context, of the string, of the plural)
FUNCTIONS: dict[str, tuple[int | None, int, int | None]] = {
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)(?::[^{}]*)?\}|(%[sd])|(</?[a-z]+)")
HANGUL = re.compile(r"[가-힣]")
# Korean that stays Korean on an English page: what is written into a text letter by letter, and the names of places on
# Aligo's site, which speaks Korean only.
KEPT = re.compile(r"#\{+[^}]*\}+(?:\|[^}]*\}+)?|광/고|광고|무료수신거부|연동형API|신청/인증|발송 서버 IP|발신번호 관리")

Found = tuple[str | tuple[str, ...], str | None]


def strings() -> Catalog:
    """Every string that the code and the templates ask to be translated, with the files it is in."""
    catalog = _empty()
    for path, found in _files():
        for message, context in found:
            catalog.add(message, locations=[(path, 0)], context=context)
    return catalog


def _empty() -> Catalog:
    head = "# English of Gongji. The source strings are Korean; tools/translations.py keeps this file."
    return Catalog(
        locale="en", charset="utf-8", project="Gongji", version="1", fuzzy=False, header_comment=head,
        creation_date=BORN, revision_date=BORN, last_translator="Gongji", language_team="Gongji",
        msgid_bugs_address="",
    )  # fmt: skip


def _files() -> Iterator[tuple[str, list[Found]]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if not LEFT_OUT & set(path.parts):
                yield path.relative_to(ROOT).as_posix(), of_python(path.read_text("utf-8"))
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            yield path.relative_to(ROOT).as_posix(), of_template(path.read_text("utf-8"))


def of_python(source: str) -> list[Found]:
    """What a module asks to be translated, by the names it imported the functions under."""
    tree = ast.parse(source)
    known: dict[str, tuple[int | None, int, int | None]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            known |= {a.asname or a.name: FUNCTIONS[a.name] for a in node.names if a.name in FUNCTIONS}
    found: list[Found] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            places = known.get(name) or (FUNCTIONS.get(name) if isinstance(node.func, ast.Attribute) else None)
            if places:
                found += _of_call(node, *places)
    return found


def _of_call(node: ast.Call, context: int | None, first: int, plural: int | None) -> list[Found]:
    values = [a.value if isinstance(a, ast.Constant) and isinstance(a.value, str) else "" for a in node.args]
    if isinstance(node.args[first] if len(node.args) > first else None, ast.JoinedStr | ast.BinOp):
        raise SystemExit(f"A string that is put together cannot be translated: {ast.unparse(node)}")
    if len(values) <= first or not values[first]:
        return []
    message = values[first] if plural is None else (values[first], values[plural])
    return [(message, None if context is None else values[context])]


def of_template(source: str) -> list[Found]:
    """What a page or an e-mail asks to be translated."""
    from django.utils.translation.template import templatize

    # In brackets, as the indentation of a page is not that of a program.
    code = f"({templatize(source)}\n)"
    keywords = DEFAULT_KEYWORDS | {"pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}
    found = babel_extract("python", io.BytesIO(code.encode()), keywords=keywords, options={"encoding": "utf-8"})
    return [(message, context) for _line, message, _comments, context in found if message]


def load() -> Catalog:
    """The .po file as it is."""
    if not PO.exists():
        return _empty()
    with PO.open("rb") as file:
        return read_po(file, locale="en", charset="utf-8")


def save(catalog: Catalog) -> None:
    """Write the .po file, sorted, without line numbers: the diff shows strings and nothing else."""
    PO.parent.mkdir(parents=True, exist_ok=True)
    out = io.BytesIO()
    write_po(out, catalog, width=118, sort_output=True, include_lineno=False)
    PO.write_bytes(out.getvalue())


def extract_all() -> None:
    """Put new strings in, take gone ones out, keep the English that is there."""
    old, new = load(), strings()
    for message in new:
        known = old.get(message.id, message.context) if message.id else None
        if known is not None and known.string:
            message.string = _in_form(known.string, message)
    save(new)
    empty = sum(1 for m in new if m.id and not _translated(m))
    print(f"{len(new)} strings, {empty} without English")


def _in_form(text: Any, message: Any) -> Any:
    """The English of a string that has just got a plural, or lost it."""
    if message.pluralizable:
        return text if isinstance(text, tuple | list) else (text, text)
    return text[-1] if isinstance(text, tuple | list) else text


def _translated(message: Any) -> bool:
    text = message.string
    return all(text) if isinstance(text, tuple | list) else bool(text)


def compile_all() -> None:
    """Make the .mo file where it is older than the .po."""
    mo = PO.with_suffix(".mo")
    if PO.exists() and (not mo.exists() or mo.stat().st_mtime < PO.stat().st_mtime):
        half = mo.with_suffix(f".{os.getpid()}.tmp")
        with half.open("wb") as file:
            write_mo(file, load())
        half.replace(mo)  # whole or not at all: a process may be reading it


def problems() -> list[str]:
    """What is wrong with the English, a line each; nothing when every string has its English."""
    have, want = load(), strings()
    found = []
    for message in want:
        if not message.id:
            continue
        known = have.get(message.id, message.context)
        if known is None or not _translated(known) or known.pluralizable != message.pluralizable:
            found.append(f"no English: {message.id!r} ({message.locations[0][0]})")
        else:
            message.string = known.string
            found += [f"{error}: {message.id!r}" for error in _bad(message)]
    return found + [f"gone from the code: {m.id!r}" for m in have if m.id and want.get(m.id, m.context) is None]


def check() -> int:
    """0 when nothing is wrong; says what is, otherwise."""
    found = problems()
    print("\n".join([*found[:60], f"translations: {len(found)} problems in {len(strings())} strings"]))
    return 1 if found else 0


def _bad(message: Any) -> list[str]:
    """Placeholders and tags that only one of the two languages has, and Korean left in the English."""
    ids = message.id if isinstance(message.id, tuple | list) else [message.id]
    texts = message.string if isinstance(message.string, tuple | list) else [message.string]
    wanted = {n for i in ids for n in PLACEHOLDER.findall(i)}
    given = {n for t in texts for n in PLACEHOLDER.findall(t)}
    bad = [] if given <= wanted and (wanted <= given or len(ids) > 1) else ["placeholders differ"]
    if any(HANGUL.search(KEPT.sub("", text)) for text in texts):
        bad.append("Korean in the English")
    return bad


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    command = sys.argv[1] if len(sys.argv) > 1 else "check"
    if command == "compile":
        compile_all()
    elif command == "extract":
        extract_all()
    else:
        sys.exit(check())
