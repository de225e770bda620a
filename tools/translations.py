"""Translations without GNU gettext: extract, compile and check with Babel.

python tools/translations.py extract    put new Korean strings into locale/en/LC_MESSAGES/django.po
python tools/translations.py compile    make the .mo files
python tools/translations.py check      fail when a string has no English, or the .po knows strings that are gone
"""

import io
import os
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PO = ROOT / "locale" / "en" / "LC_MESSAGES" / "django.po"
APPS = ["config", "ui", "accounts", "billing", "members", "messaging", "helpdesk", "home"]
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def strings() -> Catalog:
    """Every string that the code and the templates ask to be translated."""
    catalog = Catalog(locale="en", charset="utf-8")
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts and "sandbox" not in path.parts:
                _add(catalog, path, path.read_text("utf-8"))
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in {".html", ".txt"}:
            _add(catalog, path, _templatize(path))
    return catalog


def _templatize(path: Path) -> str:
    from django.utils.translation.template import templatize

    return templatize(path.read_text("utf-8"), origin=str(path))


def _add(catalog: Catalog, path: Path, source: str) -> None:
    where = path.relative_to(ROOT).as_posix()
    found = extract("python", io.BytesIO(source.encode()), keywords=KEYWORDS, options={"encoding": "utf-8"})
    for _line, message, _comments, context in found:
        if message and (message if isinstance(message, str) else message[0]):
            catalog.add(message, locations=[(where, 0)], context=context)


def load() -> Catalog:
    if not PO.exists():
        return Catalog(locale="en", charset="utf-8")
    with PO.open("rb") as file:
        return read_po(file, locale="en", charset="utf-8")


def save(catalog: Catalog) -> None:
    PO.parent.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, catalog, width=118, sort_output=True, omit_header=False, include_lineno=False, no_location=False)


def extract_all() -> None:
    old, new = load(), strings()
    for message in new:
        if message.id:
            known = old.get(message.id, message.context)
            if known is not None and known.string:
                message.string = known.string
    new.revision_date = old.revision_date if len(old) else new.revision_date
    save(new)
    empty = sum(1 for m in new if m.id and not _translated(m))
    print(f"{len(new)} strings, {empty} without English")


def _translated(message: object) -> bool:
    text = message.string  # type: ignore[attr-defined]
    return all(text) if isinstance(text, tuple | list) else bool(text)


def compile_all() -> None:
    mo = PO.with_suffix(".mo")
    if PO.exists() and (not mo.exists() or mo.stat().st_mtime < PO.stat().st_mtime):
        half = mo.with_suffix(f".{os.getpid()}.tmp")
        with half.open("wb") as file:
            write_mo(file, load())
        half.replace(mo)  # whole or not at all: a process may be reading it


def check() -> int:
    have, want = load(), strings()
    problems = []
    for message in want:
        if not message.id:
            continue
        known = have.get(message.id, message.context)
        if known is None or not _translated(known):
            problems.append(f"no English: {message.id!r} ({message.locations[0][0]})")
        else:
            message.string = known.string
            problems += [f"{error}: {message.id!r}" for error in _bad(message)]
    problems += [f"gone from the code: {m.id!r}" for m in have if m.id and want.get(m.id, m.context) is None]
    print("\n".join(problems[:60]))
    print(f"translations: {len(problems)} problems in {len(want)} strings")
    return 1 if problems else 0


def _bad(message: object) -> list[str]:
    """Placeholders of the English that the Korean does not have, or the other way round."""
    import re

    names = re.compile(r"%\((\w+)\)|\{(\w*)\}")
    ids = message.id if isinstance(message.id, tuple | list) else [message.id]  # type: ignore[attr-defined]
    texts = message.string if isinstance(message.string, tuple | list) else [message.string]  # type: ignore[attr-defined]
    wanted = {n for i in ids for n in names.findall(i)}
    given = {n for t in texts for n in names.findall(t)}
    return [] if given <= wanted and (wanted <= given or len(ids) > 1) else ["placeholders differ"]


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
