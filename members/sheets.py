"""From the bytes of a file, or a pasted text, to rows of cells; knows nothing of members."""

import io
import re
from itertools import islice
from typing import NamedTuple

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError, SheetVisibleEnum

from members import sheet_guards, sheet_text, vcards
from members.sheet_problems import (
    BrokenFile,
    EmptyFile,
    FileTooLarge,
    LockedFile,
    NoSuchSheet,
    SheetProblem,
    StrayCell,
    TooManyRows,
    TooWide,
    UnknownKind,
    WebPageFile,
)

MAX_BYTES = 20 * 1024 * 1024
MAX_ROWS = sheet_guards.MAX_ROWS
MAX_COLUMNS = 500  # each is a question on the page of an import
MAX_SHEETS = 50

_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# With the 1.01E+10 that a phone looks like after Excel: a roster of them is a roster still.
_PHONE_LIKE = re.compile(r"\s*(?:\+?82|0)?1\d[\d\s.-]{7,11}|\s*1(?:\.\d+)?[eE]\+(?:0?9|1[01])\s*")


class Sheet(NamedTuple):
    """One sheet of a book as offered for choosing; `rows` counts up to its last cell (read: its last that counts)."""

    name: str
    rows: int


class Book(NamedTuple):
    """What was read: `rows[i]` is line i+1 of `sheets[sheet]`, cells are str, float, bool, date, datetime or time."""

    kind: str
    sheets: tuple[Sheet, ...]
    sheet: int
    rows: list[list]


def check(data: bytes, *, max_bytes: int = MAX_BYTES) -> str:
    """Kind of a file that is worth reading; what is plainly wrong raises its SheetProblem before anything is stored."""
    if len(data) > max_bytes:
        raise FileTooLarge(limit_mb=max_bytes // (1024 * 1024))
    if not data.strip(b" \t\r\n\x00\xef\xbb\xbf"):
        raise EmptyFile
    kind = sniff(data)
    if kind == "text" and not vcards.is_vcard(data):
        sheet_text.decode(data)
    return kind


def read(data: bytes, kind: str = "", *, sheet: int | None = None, max_rows: int = MAX_ROWS) -> Book:
    """Rows of the sheet asked for, or of the one that looks most like a roster; raises a SheetProblem.

    `kind` is what `check` answered for these bytes before; without it they are checked here.
    """
    kind = kind or check(data)
    if kind == "text" and vcards.is_vcard(data):
        return _text_book(vcards.rows_of(data, max_rows + 1), max_rows)
    if kind == "text":
        return _text_book(sheet_text.rows_of(sheet_text.decode(data), max_rows + 1), max_rows)
    return _read_book(data, kind, sheet, max_rows)


def sniff(data: bytes) -> str:
    """Kind by content, never by name: "xlsx", "ods", "xls" or "text"; raises UnknownKind, LockedFile, WebPageFile."""
    if data.startswith(_ZIP):
        return sheet_guards.check_package(io.BytesIO(data))
    if data.startswith(_OLE):
        return _old_kind(data)
    if data.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf")):
        raise UnknownKind
    head = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<meta", b"<?xml", b"<head", b"<style")):
        raise WebPageFile
    return "text"


def _old_kind(data: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise LockedFile
    if "Workbook".encode("utf-16-le") in data or "Book".encode("utf-16-le") in data:
        return "xls"
    raise UnknownKind


def _text_book(rows: list[list], max_rows: int) -> Book:
    rows = _narrowed(trimmed(rows))
    _check_count(len(rows), max_rows)
    return Book("text", (Sheet("", len(rows)),), 0, rows)


def _read_book(data: bytes, kind: str, wanted: int | None, max_rows: int) -> Book:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
            return _choose(workbook, kind, wanted, max_rows)
    except SheetProblem:
        raise
    except PasswordError as error:
        raise LockedFile from error
    # Calamine's Rust panics arrive as BaseException's child PanicException, which has no importable name.
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise BrokenFile from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise BrokenFile from error


def _choose(workbook: CalamineWorkbook, kind: str, wanted: int | None, max_rows: int) -> Book:
    names = workbook.sheet_names[:MAX_SHEETS]
    if wanted is not None and not 0 <= wanted < len(names):
        raise NoSuchSheet
    hidden = [meta.visible != SheetVisibleEnum.Visible for meta in workbook.sheets_metadata]
    sheets, best, kept = [], None, []
    for index, name in enumerate(names):
        sheet = workbook.get_sheet_by_name(name)
        sheets.append(Sheet(name, _height(sheet)))
        rank = (index == wanted, not hidden[index], *_looks_like_roster(sheet))
        if best is None or rank > best[0]:
            best, kept = (rank, index, sheet), [sheet]
    if best is None:
        raise EmptyFile
    rows = _rows(kept[0], max_rows)
    if not rows:
        raise EmptyFile
    sheets[best[1]] = Sheet(names[best[1]], len(rows))
    return Book(kind, tuple(sheets), best[1], rows)


def _height(sheet: CalamineSheet) -> int:
    return sheet.end[0] + 1 if sheet.end else 0


def _looks_like_roster(sheet: CalamineSheet) -> tuple[bool, int]:
    """Whether phones are among the first lines, then the height: a list of codes never wins from a list of people."""
    head = sheet.to_python(nrows=40)
    phones = sum(1 for row in head if any(_PHONE_LIKE.fullmatch(_plain(cell)) for cell in row))
    return phones * 4 >= max(len(head) - 4, 1), _height(sheet)


def _plain(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _rows(sheet: CalamineSheet, max_rows: int) -> list[list]:
    """All rows from line 1 to the last one that holds something; lines past the limit may only be empty."""
    rows = trimmed(sheet.to_python(skip_empty_area=False, nrows=max_rows))
    if _height(sheet) > max_rows and sheet.start:
        _check_beyond(sheet, max_rows, sum(not is_blank(row) for row in rows))
    return _narrowed(rows)


def _check_beyond(sheet: CalamineSheet, max_rows: int, held: int) -> None:
    """`held` lines within the limit hold something. With those below they are too many, or these are strays."""
    top, left = sheet.start or (0, 0)
    stray = ""
    first = max(max_rows, top)
    for line, row in enumerate(islice(sheet.iter_rows(), first - top, None), first + 1):
        if is_blank(row):
            continue
        held += 1
        if held > max_rows:
            raise TooManyRows(limit=f"{max_rows:,}")
        stray = stray or _ref(line, left + next(i for i, cell in enumerate(row) if not is_blank([cell])))
    if stray:
        raise StrayCell(cell=stray)


def _narrowed(rows: list[list]) -> list[list]:
    """Without the empty columns at the right end; a table that is too wide even so was never a roster."""
    if not rows or len(rows[0]) <= MAX_COLUMNS:
        return rows
    used: dict[int, int] = {}  # with the first line of each
    for line, row in enumerate(rows, 1):
        for index, cell in enumerate(row):
            if cell != "" and index not in used and not is_blank([cell]):
                used[index] = line
    last = max(used)
    if last >= MAX_COLUMNS:
        raise StrayCell(cell=_ref(used[last], last)) if len(used) < MAX_COLUMNS else TooWide
    return [row[: last + 1] for row in rows]


def _ref(line: int, index: int) -> str:
    return f"{sheet_guards.column_letters(index + 1)}{line}"


def _check_count(count: int, max_rows: int) -> None:
    if count > max_rows:
        raise TooManyRows(limit=f"{max_rows:,}")


def trimmed(rows: list[list]) -> list[list]:
    """Without the empty rows at the end; those between stay, so that line numbers are those of the file."""
    last = len(rows)
    while last and is_blank(rows[last - 1]):
        last -= 1
    return rows[:last]


def is_blank(row: list) -> bool:
    return not any(cell.strip() if type(cell) is str else cell is not None for cell in row)
